package datadog

import (
	"strings"
	"time"

	"github.com/downstatus/downstatus_exporter/internal/status"
	"github.com/downstatus/downstatus_exporter/sources"
	"github.com/downstatus/downstatus_exporter/sources/fetch"
	"github.com/downstatus/downstatus_exporter/sources/internal/pages"
)

// reading is what one version of the document says.
type reading struct {
	page *status.Page
	over []status.Incident
}

// at is the same at any time.
func (r *reading) at(time.Time) (sources.Reading, error) {
	return sources.Reading{Page: r.page, Ended: r.over}, nil
}

type wireConfig struct {
	Name         sources.Str                 `json:"name"`
	DomainPrefix sources.Str                 `json:"domainPrefix"`
	Enabled      *sources.Bool               `json:"enabled"`
	Components   sources.List[wireComponent] `json:"components"`
	Incidents    sources.List[wireEvent]     `json:"incidents"`
	Maintenances sources.List[wireEvent]     `json:"maintenances"`
}

// wireComponent is a component, a group, or what an event names.
type wireComponent struct {
	ID         sources.Str                 `json:"id"`
	Name       sources.Str                 `json:"name"`
	Type       sources.Str                 `json:"type"`
	Status     sources.Str                 `json:"status"` // groups have none
	Components sources.List[wireComponent] `json:"components"`
}

func (c wireComponent) isGroup() bool {
	return len(c.Components) > 0 || strings.Contains(strings.ToLower(string(c.Type)), "group")
}

// wireEvent is an incident or a maintenance.
type wireEvent struct {
	ID        sources.Str                 `json:"id"`
	Title     sources.Str                 `json:"title"`
	Status    sources.Str                 `json:"currentStatus"`
	Resolved  sources.Bool                `json:"resolved"`
	Published sources.Str                 `json:"publishedDate"`
	Ended     sources.Str                 `json:"resolvedDate"`
	Start     sources.Str                 `json:"startDate"`     // of a maintenance
	End       sources.Str                 `json:"completedDate"` // of a maintenance, also a planned one
	Affected  sources.List[wireComponent] `json:"componentsAffected"`
	Timeline  sources.List[wireUpdate]    `json:"timeline"`
}

type wireUpdate struct {
	Status   sources.Str                 `json:"status"`
	Created  sources.Str                 `json:"createdAt"`
	Started  sources.Str                 `json:"startedAt"` // earlier than createdAt where it was written later
	Affected sources.List[wireComponent] `json:"componentsAffected"`
}

// check demands what tells this config.json from the many others.
func (doc *wireConfig) check() error {
	switch {
	case doc.DomainPrefix == "":
		return fetch.Shapef("no domainPrefix: not a config.json of a Datadog status page")
	case doc.Enabled != nil && !bool(*doc.Enabled):
		return fetch.Shapef("the page is switched off (enabled is false)")
	}
	return nil
}

// decode reads a config.json. The page has no word on the whole, so that calm
// rests on its components: without any it is not read.
func decode(body []byte, home string) (*reading, error) {
	var doc wireConfig
	if err := sources.Unmarshal(body, &doc); err != nil {
		return nil, err
	}
	if err := doc.check(); err != nil {
		return nil, err
	}
	r := &reader{home: home, taken: pages.IDs{}}
	r.components(doc.Components, wireComponent{})
	out := &reading{page: &status.Page{Name: doc.Name.Text(), URL: home, Components: r.leaves}}
	out.page.Incidents, out.over = r.incidents(doc.Incidents)
	out.page.Windows = r.windows(doc.Maintenances)
	out.page.UnknownWords = r.Unknown
	if len(r.leaves) > 0 {
		return out, nil
	}
	return pages.Accept(out, out.page, fetch.Shapef("the page lists no component: nothing tells how it is"))
}

type reader struct {
	pages.Reader
	home   string
	leaves []status.Component
	taken  pages.IDs // theirs
}

// components collects the leaves. Groups have no status of their own: they are
// but the name that stands for their members.
func (r *reader) components(list []wireComponent, group wireComponent) {
	for _, c := range list {
		if c.isGroup() {
			r.components(c.Components, c)
			continue
		}
		id := r.Key("component", c.ID, c.Name, r.taken)
		means := r.Condition(conditions, c.Status)
		r.leaves = append(r.leaves, status.Component{
			ID: id, Name: pages.Named(c.Name, id), Group: group.Name.Text(), GroupID: group.ID.Text(),
			Rank: means.Rank, Maintenance: means.Maintenance,
		})
	}
}

// incidents reads the list, which holds those of the past too, written down
// long after in part.
func (r *reader) incidents(list []wireEvent) (open, over []status.Incident) {
	taken := pages.IDs{}
	for _, e := range list {
		id := r.Key("incident", e.ID, e.Title, taken)
		if in := r.incident(id, e); in.Over {
			over = append(over, in)
		} else {
			open = append(open, in)
		}
	}
	return open, over
}

// incident has no severity of its own: it is what its components came to, now
// if it is open, at the worst if it is over.
func (r *reader) incident(id string, e wireEvent) status.Incident {
	stage := pages.Look(&r.Reader, "incident_status", stages, e.Status, pages.Stage{})
	in := status.Incident{
		ID: id, Title: e.Title.Text(), URL: r.home,
		Over:    stage.Over || bool(e.Resolved),
		Started: r.Time(e.Published),
	}
	in.Monitoring = stage.Monitoring && !in.Over
	end := r.Time(e.Ended)
	named := e.Affected
	for _, u := range e.Timeline {
		started, created := r.Time(u.Started), r.Time(u.Created)
		in.Started = status.Earliest(in.Started, status.Earliest(started, created))
		if end.IsZero() && stages[string(u.Status)].Over {
			end = status.Earliest(started, created)
		}
		if in.Over {
			named = append(named, u.Affected...)
		}
	}
	in.Components = r.refs(named)
	in.Impact = worst(in.Components)
	if in.Over && !end.IsZero() {
		in.Resolved = status.Latest(end, in.Started)
	}
	return in
}

// refs names each component once, at its worst.
func (r *reader) refs(named []wireComponent) []status.ComponentRef {
	var out []status.ComponentRef
	at := make(map[string]int, len(named))
	for _, c := range named {
		id := c.ID.Text()
		if id == "" {
			id = c.Name.Text()
		}
		if id == "" {
			continue
		}
		rank := r.Condition(conditions, c.Status).Rank
		i, twice := at[id]
		if !twice {
			i, at[id] = len(out), len(out)
			out = append(out, status.ComponentRef{ID: id, Name: c.Name.Text(), Rank: status.IndicatorUnknown})
		}
		rank = max(out[i].Rank, rank)
		out[i].Rank, out[i].Impact, out[i].HasImpact = rank, rank, rank != status.IndicatorUnknown
	}
	return out
}

// worst is unknown where nothing is named, and where what was not understood
// may be worse than the rest.
func worst(refs []status.ComponentRef) status.Indicator {
	rank, all := status.IndicatorUnknown, true
	for _, ref := range refs {
		rank = max(rank, ref.Rank)
		all = all && ref.Rank != status.IndicatorUnknown
	}
	if rank == status.None && !all {
		return status.IndicatorUnknown
	}
	return rank
}

// windows reads the maintenances, which never count as incidents.
func (r *reader) windows(list []wireEvent) []status.Window {
	taken := pages.IDs{}
	var out []status.Window
	for _, e := range list {
		id := r.Key("maintenance", e.ID, e.Title, taken)
		out = append(out, status.Window{
			ID: id, Title: e.Title.Text(), URL: r.home,
			State:      pages.Look(&r.Reader, "maintenance_status", states, e.Status, status.NoState),
			Components: r.touched(e.Affected),
			Start:      r.Time(e.Start), End: r.Time(e.End),
		})
	}
	return out
}

// touched names components without what a maintenance does to them.
func (r *reader) touched(named []wireComponent) []status.ComponentRef {
	refs := r.refs(named)
	for i := range refs {
		refs[i].Rank, refs[i].Impact, refs[i].HasImpact = status.IndicatorUnknown, status.IndicatorUnknown, false
	}
	return refs
}
