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
}

func derive(a answers, e *edition, home string) *status.Page {
	b := builder{
		page:    &status.Page{Name: pages.Text(a.system.Name), URL: home, MaintenanceWord: e.maintenanceWord},
		edition: e,
		names:   map[string]string{},
	}
	b.components(a.components, groupsOf(a.groups))
	b.word(a.system.Word)
	for _, r := range distinct(a.incidents) {
		b.incident(r)
	}
	for _, r := range distinct(a.schedules) {
		b.schedule(r)
	}
	return b.page
}

type builder struct {
	page    *status.Page
	edition *edition
	names   map[string]string // of components, by id
}

func (b *builder) missed(field string) { b.page.UnknownWords = append(b.page.UnknownWords, field) }

// word is the page's own verdict. Version 3 has one word for all between
// operational and a major outage, slow components included: it is major only
// where a component is that badly off.
func (b *builder) word(w code) {
	word, known := b.edition.words[w]
	if !known {
		b.missed("indicator")
		word = status.Word{Published: true, Rank: status.IndicatorUnknown}
	}
	if w == partialOutage && known {
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
		g.byID[pages.Text(r.ID)] = r
		for _, c := range r.Components {
			g.byMember[pages.Text(c.ID)] = r
		}
	}
	return g
}

func (b *builder) components(records []record, groups groups) {
	for _, r := range distinct(records) {
		if r.Enabled == "false" || r.Enabled == "0" {
			continue
		}
		c := status.Component{ID: pages.Text(r.ID), Name: pages.Text(r.Name), GroupID: pages.Text(r.GroupID)}
		if c.Name == "" {
			c.Name = c.ID
		}
		group, member := groups.byMember[c.ID]
		if member {
			c.GroupID = pages.Text(group.ID)
		} else {
			group = groups.byID[c.GroupID]
		}
		c.Group = pages.Text(group.Name)
		if c.GroupID == "0" {
			c.GroupID = ""
		}
		means, known := b.edition.components[r.state()]
		if !known {
			b.missed("component_status")
			means.rank = status.IndicatorUnknown
		}
		c.Rank, c.Maintenance = means.rank, means.maintenance
		b.names[c.ID] = c.Name
		b.page.Components = append(b.page.Components, c)
	}
}

// incident has no impact of its own, nor a time in a known zone: it is trouble,
// and the components tell how much.
func (b *builder) incident(r record) {
	at, known := b.edition.incidents[r.state()]
	if !known {
		b.missed("incident_status")
	}
	switch {
	case at.over || bool(r.IsResolved):
	case at.planned:
		b.window(r, status.Scheduled)
	default:
		b.page.Incidents = append(b.page.Incidents, status.Incident{
			ID: pages.Text(r.ID), Title: pages.Text(r.Name), URL: b.link(r),
			Impact: status.Minor, Monitoring: at.monitoring, Components: b.refs(r),
		})
	}
}

func (b *builder) schedule(r record) {
	state, known := schedules[r.state()]
	if !known {
		b.missed("maintenance_status")
	}
	if state != status.Completed {
		b.window(r, state)
	}
}

// window is one that is not over. Where it names no components while it is
// under way, those in maintenance are meant.
func (b *builder) window(r record, state status.WindowState) {
	w := status.Window{ID: pages.Text(r.ID), Title: pages.Text(r.Name), URL: b.link(r), State: state, Components: b.refs(r)}
	if w.Components == nil && state == status.InProgress {
		w.Components = pages.InMaintenance(b.page.Components)
	}
	b.page.Windows = append(b.page.Windows, w)
}

func (b *builder) refs(r record) []status.ComponentRef {
	var refs []status.ComponentRef
	for _, c := range append([]component{{r.Component}}, r.Components...) {
		if id := pages.Text(c.ID); id != "" && id != "0" {
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

// distinct leaves out what stands twice: a list may shift while its sheets are
// asked for.
func distinct(records []record) []record {
	seen := make(map[string]bool, len(records))
	var out []record
	for _, r := range records {
		if id := pages.Text(r.ID); !seen[id] {
			seen[id] = true
			out = append(out, r)
		}
	}
	return out
}
