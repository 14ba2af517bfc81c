// Package sources knows the upstreams: one folder per engine holds all that is
// particular to it, and this package holds what they have in common. An engine
// registers itself when its folder is imported (see sources/all).
package sources

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/downstatus/downstatus_exporter/internal/status"
	"github.com/downstatus/downstatus_exporter/sources/fetch"
)

// Source is one upstream that is polled again and again. It is used by one
// goroutine at a time and may keep what it learnt from poll to poll.
type Source interface {
	// Poll asks the upstream once. An error is a *fetch.Error whose reason
	// says what failed; a body that is not positively understood is an error.
	// now is the time of the poll.
	Poll(ctx context.Context, now time.Time) (Reading, error)
}

// Reading is the outcome of one good poll: a page or a feed.
type Reading struct {
	Page *status.Page // nil for a feed. Immutable; the same pointer while nothing changed
	Feed *status.Feed // nil for a page. Immutable; the same pointer while nothing changed

	// Ended are incidents of a page that are over, as far as this poll learnt of
	// them: those that its document lists, each once, and all that its history
	// tells, at the first poll and whenever incidents left the open ones.
	Ended []status.Incident

	// Engine is the engine that answered, where the source found it out by
	// itself; empty otherwise.
	Engine string

	// Others are what other options make of the same document, where sources
	// share their polls. It is given beside an error too.
	Others []Other

	// Notes are faults that did not spoil the reading, for the log.
	Notes []string
}

// Other is the outcome of a source that shares another's polls.
type Other struct {
	Key     string // of the source
	Reading Reading
	Err     error
}

// Config is what the configuration says about one upstream.
type Config struct {
	URL     string            // as a person would paste it; empty if the engine needs none
	Options map[string]string // by option name; lists are joined by commas
}

// Target is a checked Config: where to go and what to call it.
type Target struct {
	Page     *url.URL // the page as a person reads it, without trailing slash: host and path name the source
	Document *url.URL // the document that every poll asks for: sources with equal documents are one
	Value    string   // value of the option that chooses the document (page_id, subdomain), or empty
	Options  map[string]string
}

// Name is the part of a source's name that its target gives:
// HOST[/PATH][#VALUE].
func (t Target) Name() string {
	name := t.Page.Host + strings.TrimSuffix(t.Page.EscapedPath(), "/")
	if t.Value != "" {
		name += "#" + t.Value
	}
	return name
}

// Option is a setting under official.options.
type Option struct {
	Name string // as written in the configuration
	Help string // what it does, for error messages and documentation
	List bool   // takes a list
}

// Engine is a kind of upstream.
type Engine struct {
	Name    string
	Title   string   // the product's name, for people
	Reads   string   // which documents it asks for, for the table of engines
	Options []Option // settings it takes
	Feed    bool     // a user-report feed, not an official page

	// Target checks a configuration. Its error says what is wrong and what
	// would be right; it does no I/O.
	Target func(Config) (Target, error)
	// Elsewhere are addresses on other hosts than the document's that a source
	// may ask too; nil: there are none.
	Elsewhere func(Target) []*url.URL
	// Open makes a source; it does no I/O.
	Open func(Target, *fetch.Client) Source

	MinInterval time.Duration // shortest sensible poll interval; zero: the general floor
	Budget      fetch.Budget  // what the operator allows; zero: no limit beyond the interval
}

// Option finds a setting by its name.
func (e Engine) Option(name string) (Option, bool) {
	i := slices.IndexFunc(e.Options, func(o Option) bool { return o.Name == name })
	if i < 0 {
		return Option{}, false
	}
	return e.Options[i], true
}

var registry = map[string]Engine{}

// Register adds an engine; it is called from the init function of the engine's
// folder and panics on a name taken twice.
func Register(e Engine) {
	if _, taken := registry[e.Name]; taken {
		panic(fmt.Sprintf("sources: engine %q registered twice", e.Name))
	}
	registry[e.Name] = e
}

// Lookup finds a registered engine.
func Lookup(name string) (Engine, bool) {
	e, ok := registry[name]
	return e, ok
}

// Engines lists the registered engines by name.
func Engines() []Engine {
	out := make([]Engine, 0, len(registry))
	for _, e := range registry {
		out = append(out, e)
	}
	slices.SortFunc(out, func(a, b Engine) int { return strings.Compare(a.Name, b.Name) })
	return out
}

// ParseURL reads an address as a person would paste it: http or https with a
// host; a bare host means https. Query and fragment are dropped, trailing
// slashes too.
func ParseURL(raw string) (*url.URL, error) {
	raw = strings.TrimSpace(raw)
	if raw == "" {
		return nil, fmt.Errorf("url is empty: want the page's address, such as https://www.githubstatus.com")
	}
	if !strings.Contains(raw, "://") {
		raw = "https://" + raw
	}
	u, err := url.Parse(raw)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return nil, fmt.Errorf("url %q is not a web address: want something like https://www.githubstatus.com", raw)
	}
	u.RawQuery, u.Fragment = "", ""
	u.Host = strings.ToLower(u.Host)
	u.Path = strings.TrimRight(u.Path, "/")
	u.RawPath = ""
	return u, nil
}

// PageTarget is the target of an engine that serves one JSON document under
// the page's own address: suffix is that document's path, such as
// /api/v2/summary.json. The document's own address is understood too.
func PageTarget(c Config, suffix string) (Target, error) {
	page, err := ParseURL(c.URL)
	if err != nil {
		return Target{}, err
	}
	page.Path = strings.TrimRight(strings.TrimSuffix(page.Path, suffix), "/")
	return Target{Page: page, Document: page.JoinPath(suffix), Options: c.Options}, nil
}
