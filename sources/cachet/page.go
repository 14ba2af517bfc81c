package cachet

import (
	"net/url"

	"github.com/downstatus/downstatus_exporter/internal/status"
	"github.com/downstatus/downstatus_exporter/sources"
	"github.com/downstatus/downstatus_exporter/sources/internal/pages"
)

// answers are what a page is made of.
type answers struct {
	system                                   *system
	components, incidents, schedules, groups []record
	unread                                   bool // the components are those of before
}

func derive(a answers, e *edition, home string) *status.Page {
	b := builder{
		page:    &status.Page{Name: a.system.Name.Text(), URL: home, MaintenanceWord: e.maintenanceWord},
		edition: e,
		names:   map[string]string{},

		incidents: pages.IDs{},
		windows:   pages.IDs{},
	}
	b.components(a.components, groupsOf(a.groups))
	if a.unread {
		b.page.Components = pages.Unread(b.page.Components)
	}
	b.word(a.system.Word)
	for _, r := range distinct(a.incidents) {
		b.incident(r)
	}
	for _, r := range distinct(a.schedules) {
		b.schedule(r)
	}
	b.page.UnknownWords = b.Unknown
	return b.page
}

type builder struct {
	pages.Reader
	page    *status.Page
	edition *edition
	names   map[string]string // of components, by id

	incidents, windows pages.IDs
}

// word is the page's own verdict. Version 3 has one word for all between
// operational and a major outage, slow components included: it is major only
// where a component is that badly off.
func (b *builder) word(w code) {
	word := pages.Look(&b.Reader, "indicator", b.edition.words, w, pages.UnknownWord)
	if w == partialOutage && word != pages.UnknownWord {
		worst := status.Minor
		for _, c := range b.page.Components {
			worst = max(worst, c.Rank)
		}
		word.Rank = min(word.Rank, worst)
	}
	b.page.Word = word
}

// groups are the groups of a page, by their own ids and by those of their
// members: version 2 gives a component its group, version 3 the reverse.
type groups struct{ byID, byMember map[string]record }

func groupsOf(records []record) groups {
	g := groups{map[string]record{}, map[string]record{}}
	for _, r := range records {
		g.byID[r.ID.Text()] = r
		for _, c := range r.Components {
			g.byMember[c.ID.Text()] = r
		}
	}
	return g
}

func (b *builder) components(records []record, groups groups) {
	taken := pages.IDs{}
	for _, r := range distinct(records) {
		if r.Enabled == "false" || r.Enabled == "0" {
			continue
		}
		id := b.Key("component", r.ID, r.Name, taken)
		c := status.Component{ID: id, Name: pages.Named(r.Name, id), GroupID: r.GroupID.Text()}
		group, member := groups.byMember[c.ID]
		if member {
			c.GroupID = group.ID.Text()
		} else {
			group = groups.byID[c.GroupID]
		}
		c.Group = group.Name.Text()
		if c.GroupID == "0" {
			c.GroupID = ""
		}
		means := pages.Look(&b.Reader, "component_status", b.edition.components, r.state(), pages.Condition{Rank: status.IndicatorUnknown})
		c.Rank, c.Maintenance = means.Rank, means.Maintenance
		b.names[c.ID] = c.Name
		b.page.Components = append(b.page.Components, c)
	}
}

// incident has no impact of its own, nor a time in a known zone: it is trouble,
// and the components tell how much.
func (b *builder) incident(r record) {
	at := pages.Look(&b.Reader, "incident_status", b.edition.incidents, r.state(), stage{})
	switch {
	case at.Over || bool(r.IsResolved):
	case at.planned:
		b.window(r, status.Scheduled)
	default:
		b.page.Incidents = append(b.page.Incidents, status.Incident{
			ID: b.Key("incident", r.ID, r.Name, b.incidents), Title: r.Name.Text(), URL: b.link(r),
			Impact: status.Minor, Monitoring: at.Monitoring, Components: b.refs(r),
		})
	}
}

func (b *builder) schedule(r record) {
	state := pages.Look(&b.Reader, "maintenance_status", schedules, r.state(), status.NoState)
	if state != status.Completed {
		b.window(r, state)
	}
}

// window is one that is not over. Where it names no components while it is
// under way, those in maintenance are meant.
func (b *builder) window(r record, state status.WindowState) {
	w := status.Window{ID: b.Key("maintenance", r.ID, r.Name, b.windows), Title: r.Name.Text(), URL: b.link(r), State: state, Components: b.refs(r)}
	if w.Components == nil && state == status.InProgress {
		w.Components = pages.InMaintenance(b.page.Components)
	}
	b.page.Windows = append(b.page.Windows, w)
}

func (b *builder) refs(r record) []status.ComponentRef {
	var refs []status.ComponentRef
	for _, c := range append([]component{{r.Component}}, r.Components...) {
		if id := c.ID.Text(); id != "" && id != "0" {
			refs = append(refs, status.ComponentRef{ID: id, Name: b.names[id], Rank: status.IndicatorUnknown})
		}
	}
	return refs
}

// link is where people read about an entry: at its own address, else at that
// which version 3 makes of its guid.
func (b *builder) link(r record) string {
	if r.Permalink != "" {
		return sources.Link(string(r.Permalink))
	}
	if r.GUID == "" {
		return b.page.URL
	}
	return sources.Link(b.page.URL + "/incidents/" + url.PathEscape(string(r.GUID)))
}

// distinct leaves out what stands twice in the same state: a list may shift
// while its sheets are asked for.
func distinct(records []record) []record {
	type key struct {
		id, name sources.Str
		state    code
	}
	seen := make(map[key]bool, len(records))
	var out []record
	for _, r := range records {
		if k := (key{r.ID, r.Name, r.state()}); !seen[k] {
			seen[k] = true
			out = append(out, r)
		}
	}
	return out
}
