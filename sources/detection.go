package sources

import (
	"encoding/json"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/downstatus/downstatus_exporter/internal/status"
)

// Detection is how the pages of an engine are told from others.
type Detection struct {
	// Hosts are the operator's domains: a host, or with a leading dot all
	// hosts below it. A page there is taken for one of the engine until its
	// documents say otherwise.
	Hosts []string

	// Address tells by an address alone, without a request, and how to read
	// what is there; nil: no address does.
	Address func(page *url.URL) (Config, bool)

	// Ends is what addresses of its documents have behind that of the page, as
	// people copy them from documentation; nil: no more than paths of Probes.
	Ends *regexp.Regexp

	// Probes are documents that give the engine away.
	Probes []Probe

	// Updated is where the document of a page holds the time of the last change
	// to it, such as page.updated_at; empty: nowhere.
	Updated string

	// Marks tells the engine by the HTML of a page, where no document answers
	// or to ask for the right one first; nil: no HTML does.
	Marks func(HTML) bool

	// Wrote tells by a reading whether the engine wrote the page, where another
	// one reads it as well; nil: none does.
	Wrote func(*status.Page) bool

	// Inside finds in the HTML of a page all that it takes to read it; nil: it
	// takes a document.
	Inside func(HTML) (Config, bool)
}

// Probe is a document that gives an engine away. Engines may have one in
// common: it is asked for once.
type Probe struct {
	Path  string // below the page, or at the root of its host
	Order int    // the lowest is asked for first: what many pages have, and says most
	Root  bool   // only at the root of a host
	Own   bool   // only for pages that Hosts or Marks take for the engine's

	// At is the document of a page where Path alone does not lead to it. One
	// on another host is asked for before all others.
	At func(page *url.URL) *url.URL

	// Match tells by the body, which is JSON by media type, whether this is
	// the engine's document. It must not be fooled by documents of others.
	Match func(body []byte) bool
}

// Document is the address of the document that belongs to a page.
func (p Probe) Document(page *url.URL) *url.URL {
	u := page.JoinPath(p.Path)
	if p.At != nil {
		u = p.At(page)
	}
	u.Path = "/" + strings.TrimLeft(u.Path, "/") // JoinPath leaves it out where page has no path
	return u
}

// LastChange is when a page was last changed by what its document says; zero if
// it does not say.
func (d Detection) LastChange(body []byte) time.Time {
	var at any
	if d.Updated == "" || json.Unmarshal(body, &at) != nil {
		return time.Time{}
	}
	for name := range strings.SplitSeq(d.Updated, ".") {
		object, _ := at.(map[string]any)
		at = object[name]
	}
	text, _ := at.(string)
	t, _ := Time(text)
	return t
}

// Resumer is a Source that can start from what an earlier run of the program
// found out: the Engine of its last Reading. To be called before the first
// poll.
type Resumer interface {
	Resume(engine string)
}

var detections = map[string]Detection{}

// RegisterDetection says how the pages of an engine are recognised; it is
// called from the init function of the engine's folder.
func RegisterDetection(engine string, d Detection) {
	if _, taken := detections[engine]; taken {
		panic(fmt.Sprintf("sources: detection of engine %q registered twice", engine))
	}
	detections[engine] = d
}

// DetectionOf is how the pages of an engine are recognised; false if they are
// not.
func DetectionOf(engine string) (Detection, bool) {
	d, ok := detections[engine]
	return d, ok
}

// AtHost reports whether an address is at one of some hosts: a host itself,
// or with a leading dot any host below it.
func AtHost(u *url.URL, hosts ...string) bool {
	host := strings.ToLower(strings.TrimSuffix(u.Hostname(), "."))
	return slices.ContainsFunc(hosts, func(h string) bool {
		return host == h || strings.HasPrefix(h, ".") && strings.HasSuffix(host, h)
	})
}

// OnHosts is an Address of Detection for vendors with hosts of their own,
// which every address there leads to.
func OnHosts(hosts ...string) func(*url.URL) (Config, bool) {
	return func(page *url.URL) (Config, bool) {
		return Config{URL: page.String()}, AtHost(page, hosts...)
	}
}

// Decodes is a Match of Probe for decoders that refuse documents of others.
func Decodes[T any](decode func(body []byte) (T, error)) func([]byte) bool {
	return func(body []byte) bool {
		_, err := decode(body)
		return err == nil
	}
}

// HTML is a page for people, as it was fetched from Page.
type HTML struct {
	Body []byte
	Page *url.URL
}

var (
	// asset finds what a page loads or says of itself. Links in its text do
	// not count: an incident may well speak of another vendor's page.
	asset = regexp.MustCompile(`(?i)<(?:script|link|img|meta)\b[^>]*?\s(?:src|href|content)\s*=\s*["']?([^"'\s>]+)`)
	// quoted finds addresses in attributes and scripts.
	quoted = regexp.MustCompile(`(?i)["'](?:https?:)?//([a-z0-9.-]+)[^"'<>\s]*["']`)
)

var (
	anchor = regexp.MustCompile(`(?i)<a\b[^>]*>`)
	href   = regexp.MustCompile(`(?i)\shref\s*=\s*["']?([^"'\s>]+)`)
)

// Own is the page without its links to other hosts: an incident may well quote
// another vendor's page.
func (h HTML) Own() HTML {
	body := anchor.ReplaceAllFunc(h.Body, func(tag []byte) []byte {
		if m := href.FindSubmatch(tag); m != nil {
			if u, err := h.Page.Parse(string(m[1])); err != nil || u.Host != h.Page.Host {
				return nil
			}
		}
		return tag
	})
	return HTML{Body: body, Page: h.Page}
}

// Assets are the addresses of what the page loads or says of itself.
func (h HTML) Assets() []*url.URL {
	var out []*url.URL
	for _, m := range asset.FindAllSubmatch(h.Body, -1) {
		if u, err := h.Page.Parse(string(m[1])); err == nil {
			out = append(out, u)
		}
	}
	return out
}

// Loads reports whether the page loads something from one of some hosts, given
// as in Detection.Hosts.
func (h HTML) Loads(hosts ...string) bool {
	return slices.ContainsFunc(h.Assets(), func(u *url.URL) bool { return AtHost(u, hosts...) })
}

// Quotes reports whether an attribute or script of the page holds an address
// at one of some hosts. That is weaker than Loads: it may be an ordinary link.
func (h HTML) Quotes(hosts ...string) bool {
	for _, m := range quoted.FindAllSubmatch(h.Body, -1) {
		if AtHost(&url.URL{Host: string(m[1])}, hosts...) {
			return true
		}
	}
	return false
}
