package cstate

import (
	"slices"
	"strings"
	"time"

	"github.com/downstatus/downstatus_exporter/internal/status"
	"github.com/downstatus/downstatus_exporter/sources"
	"github.com/downstatus/downstatus_exporter/sources/fetch"
	"github.com/downstatus/downstatus_exporter/sources/internal/pages"
)

// ranks are the words of the page and of a system.
var ranks = map[sources.Str]status.Indicator{
	"ok":        status.None,
	notice:      status.None,
	"disrupted": status.Minor,
	"down":      status.Major,
}

// notice is planned work, unless it is marked as informational.
const notice sources.Str = "notice"

// severities are the words of an issue that is more than a notice.
var severities = map[sources.Str]status.Indicator{
	"disrupted": status.Minor,
	"down":      status.Major,
}

type document struct {
	Version sources.Str          `json:"cStateVersion"`
	Title   sources.Str          `json:"title"`
	Summary sources.Str          `json:"summaryStatus"`
	Systems sources.List[system] `json:"systems"`
}

type system struct {
	Name     sources.Str         `json:"name"`
	Category sources.Str         `json:"category"`
	Status   sources.Str         `json:"status"`
	Issues   sources.List[issue] `json:"unresolvedIssues"`
}

type issue struct {
	Title         sources.Str               `json:"title"`
	Created       sources.Str               `json:"createdAt"`
	Permalink     sources.Str               `json:"permalink"`
	Filename      sources.Str               `json:"filename"`
	Severity      sources.Str               `json:"severity"`
	Resolved      sources.Bool              `json:"resolved"`
	ResolvedAt    sources.Str               `json:"resolvedAt"`
	Informational sources.Bool              `json:"informational"`
	Affected      sources.List[sources.Str] `json:"affected"`
}

// decode checks the shape. Titles are not escaped when the file is built: one
// with a quote spoils the JSON, and then the page says nothing.
func decode(body []byte) (*document, error) {
	var d document
	if err := sources.Unmarshal(body, &d); err != nil {
		return nil, err
	}
	if d.Version == "" {
		return nil, fetch.Shapef("no cStateVersion: not an index of cState")
	}
	return pages.Accept(&d, derive(&d, "", time.Time{}), d.lack())
}

// lack is what an index has besides its version, as far as it is missing.
func (d *document) lack() error {
	switch {
	case d.Summary == "":
		return fetch.Shapef("no summaryStatus: not an index of cState")
	case d.Systems == nil:
		return fetch.Shapef("no list of systems: not an index of cState")
	}
	return nil
}

// derive makes the page as it stands now: an issue may be dated ahead.
func derive(d *document, home string, now time.Time) *status.Page {
	p := &status.Page{Name: d.Title.Text(), URL: home, MaintenanceWord: true, Doubtful: d.lack() != nil}
	b := builder{page: p, now: now, seen: map[string]bool{}, taken: pages.IDs{}}
	var all []issue
	for _, s := range d.Systems {
		b.system(s)
		all = append(all, s.Issues...)
	}
	p.Word = status.Word{
		Published: true, Rank: b.rank("summary_status", d.Summary),
		Maintenance: d.Summary == notice && b.plannedWork(all),
	}
	p.UnknownWords = b.Unknown
	return p
}

type builder struct {
	pages.Reader
	page  *status.Page
	now   time.Time
	seen  map[string]bool // issues, which stand under every system that they affect
	taken pages.IDs       // by systems
}

func (b *builder) rank(field string, word sources.Str) status.Indicator {
	return pages.Look(&b.Reader, field, ranks, word, status.IndicatorUnknown)
}

// system takes over a system with its issues. Its name is its id: it has no
// other, and issues go by it.
func (b *builder) system(s system) {
	name, group := s.Name.Text(), s.Category.Text()
	id := b.Key("system", s.Name, "", b.taken)
	b.page.Components = append(b.page.Components, status.Component{
		ID: id, Name: pages.Named(s.Name, id), Group: group, GroupID: group,
		Rank:        b.rank("system_status", s.Status),
		Maintenance: s.Status == notice && b.plannedWork(s.Issues),
	})
	for _, i := range s.Issues {
		if id := i.id(); !bool(i.Resolved) && !b.seen[id] {
			b.seen[id] = true
			b.issue(id, name, i)
		}
	}
}

func (b *builder) issue(id, system string, i issue) {
	created, ok := instant(i.Created)
	if !ok {
		b.Missed("created_at")
	}
	title, link, refs := i.Title.Text(), sources.Link(string(i.Permalink)), i.refs(system)
	if i.Severity == notice {
		if !i.Informational {
			b.page.Windows = append(b.page.Windows, status.Window{
				ID: id, Title: title, URL: link, State: stateAt(created, b.now), Components: refs, Start: created,
			})
		}
		return
	}
	// It is listed as unresolved, so it is trouble whatever its word.
	impact := pages.Look(&b.Reader, "severity", severities, i.Severity, status.Minor)
	b.page.Incidents = append(b.page.Incidents, status.Incident{
		ID: id, Title: title, URL: link, Impact: impact, Components: refs, Started: created,
	})
}

// plannedWork reports whether a notice means work under way: not if all that
// is listed for it is informational, or dated ahead.
func (b *builder) plannedWork(issues []issue) bool {
	notices := slices.DeleteFunc(slices.Clone(issues), func(i issue) bool {
		return i.Severity != notice || bool(i.Resolved)
	})
	return len(notices) == 0 || slices.ContainsFunc(notices, func(i issue) bool {
		t, _ := instant(i.Created)
		return !bool(i.Informational) && stateAt(t, b.now) == status.InProgress
	})
}

// stateAt is where a notice stands: it is in force from its date until it is
// resolved, which takes it off the list.
func stateAt(created, now time.Time) status.WindowState {
	if created.After(now) {
		return status.Scheduled
	}
	return status.InProgress
}

func (i issue) id() string {
	for _, s := range [...]sources.Str{i.Permalink, i.Filename, i.Title} {
		if id := s.Text(); id != "" {
			return id
		}
	}
	return "issue"
}

// refs are the systems that an issue names, else the one it stands under.
func (i issue) refs(system string) []status.ComponentRef {
	var refs []status.ComponentRef
	for _, name := range i.Affected {
		if n := name.Text(); n != "" {
			refs = append(refs, status.ComponentRef{ID: n, Name: n, Rank: status.IndicatorUnknown})
		}
	}
	if refs == nil && system != "" {
		refs = []status.ComponentRef{{ID: system, Name: system, Rank: status.IndicatorUnknown}}
	}
	return refs
}

// instant reads a time as Go prints it, such as "2026-01-05 08:00:00 +0000
// UTC". The offset counts, the abbreviation behind it does not; without an
// offset it is no time.
func instant(raw sources.Str) (t time.Time, ok bool) {
	if raw == "" || raw == "<no value>" {
		return time.Time{}, true
	}
	fields := strings.Fields(string(raw))
	t, err := time.Parse("2006-01-02 15:04:05 -0700", strings.Join(fields[:min(3, len(fields))], " "))
	if err != nil {
		return time.Time{}, false
	}
	return t.UTC().Truncate(time.Millisecond), true
}
