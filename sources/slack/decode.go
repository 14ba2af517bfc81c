package slack

import (
	"cmp"
	"time"

	"github.com/downstatus/downstatus_exporter/internal/status"
	"github.com/downstatus/downstatus_exporter/sources"
	"github.com/downstatus/downstatus_exporter/sources/fetch"
	"github.com/downstatus/downstatus_exporter/sources/internal/vendors"
)

type wireCurrent struct {
	Status sources.Str                `json:"status"`
	Active vendors.Each[wireIncident] `json:"active_incidents"`
}

type wireIncident struct {
	ID       sources.Str               `json:"id"`
	Created  sources.Str               `json:"date_created"`
	Updated  sources.Str               `json:"date_updated"`
	Title    sources.Str               `json:"title"`
	Type     sources.Str               `json:"type"`
	Status   sources.Str               `json:"status"`
	URL      sources.Str               `json:"url"`
	Services vendors.Each[sources.Str] `json:"services"`
	Notes    vendors.Each[wireNote]    `json:"notes"`
}

type wireNote struct {
	Created sources.Str `json:"date_created"`
}

// listing is what a document lists.
type listing struct {
	open    []status.Incident
	over    []status.Incident
	windows []status.Window
	unknown []string
	doubt   error // a part was not understood
}

// reader reads documents for the services that count.
type reader struct {
	services vendors.List
	home     string // the page, for incidents that give no address of their own
}

// current reads what is going on. Calm is only the word for it together with a
// list that is there.
func (r reader) current(body []byte) (*listing, error) {
	var doc wireCurrent
	if err := sources.Unmarshal(body, &doc); err != nil {
		return nil, err
	}
	if !doc.Active.Listed {
		return nil, fetch.Shapef("no active_incidents: not a current of this API")
	}
	l := &listing{}
	r.read(doc.Active, l)
	switch word := vendors.Fold(doc.Status); {
	case word == allWell || len(doc.Active.All) > 0 && word == active:
	case len(doc.Active.All) == 0 || word == "":
		l.doubt = fetch.Shapef("the status is %.40q, and %d incidents are listed", doc.Status, len(doc.Active.All))
	default:
		l.unknown = append(l.unknown, "status")
	}
	return l, nil
}

// history reads past incidents, and those open among them.
func (r reader) history(body []byte) (*listing, error) {
	var doc vendors.Each[wireIncident]
	if err := sources.Unmarshal(body, &doc); err != nil {
		return nil, err
	}
	if !doc.Listed {
		return nil, fetch.Shapef("no list of incidents: not a history of this API")
	}
	l := &listing{}
	r.read(doc, l)
	return l, nil
}

func (r reader) read(list vendors.Each[wireIncident], l *listing) {
	l.doubt = list.Doubt
	for _, w := range list.All {
		id := cmp.Or(w.ID, w.Title).Text()
		if id == "" {
			l.doubt = fetch.Shapef("an incident has neither id nor title")
			continue
		}
		stage, known := stages[vendors.Fold(w.Status)]
		if !known {
			l.unknown = append(l.unknown, "incident_status")
		}
		if vendors.Fold(w.Type) == maintenance || stage == status.Scheduled {
			r.addWindow(l, id, w, stage)
			continue
		}
		r.addIncident(l, id, w, stage == status.Completed)
	}
}

// addWindow lists planned work. The API gives no times for it: its dates are
// those of the post.
func (r reader) addWindow(l *listing, id string, w wireIncident, stage status.WindowState) {
	refs, touched := r.affected(w, status.IndicatorUnknown)
	if !touched {
		return
	}
	for i := range refs {
		refs[i].Impact, refs[i].HasImpact = status.IndicatorUnknown, false
	}
	l.windows = append(l.windows, status.Window{
		ID: id, Title: w.Title.Text(), URL: r.link(w.URL), State: stage, Components: refs,
	})
}

func (r reader) addIncident(l *listing, id string, w wireIncident, over bool) {
	rank, known := ranks[vendors.Fold(w.Type)]
	if !known {
		rank = status.Minor // it is listed, so it is trouble, of a kind not understood
		l.unknown = append(l.unknown, "incident_type")
	}
	refs, touched := r.affected(w, rank)
	if !touched {
		return
	}
	in := status.Incident{
		ID: id, Title: w.Title.Text(), URL: r.link(w.URL), Impact: rank, Over: over, Components: refs,
		Started: w.started(l),
	}
	for _, ref := range refs {
		in.Impact = max(in.Impact, ref.Impact)
	}
	if !over {
		l.open = append(l.open, in)
		return
	}
	in.Resolved = w.resolved(in.Started, l)
	l.over = append(l.over, in)
}

// affected are the services that count among those of an incident. One that
// names none touches everything.
func (r reader) affected(w wireIncident, rank status.Indicator) (refs []status.ComponentRef, touched bool) {
	seen, named := map[string]bool{}, false
	for _, s := range w.Services.All {
		name := s.Text()
		if name == "" || seen[name] {
			continue
		}
		seen[name], named = true, true
		if !r.services.Covers(name) {
			continue
		}
		ref := status.ComponentRef{ID: name, Name: name, Rank: status.IndicatorUnknown, Impact: rank, HasImpact: true}
		if rank == status.Minor && core[vendors.Fold(s)] {
			ref.Impact = status.Major
		}
		refs = append(refs, ref)
	}
	return refs, !named || len(refs) > 0
}

func (w wireIncident) started(l *listing) time.Time {
	t := l.time(w.Created)
	for _, n := range w.Notes.All {
		t = status.Earliest(t, l.time(n.Created))
	}
	return t
}

// resolved is when the last word was said: the API has no field for the end.
func (w wireIncident) resolved(started time.Time, l *listing) time.Time {
	t := l.time(w.Updated)
	if t.IsZero() {
		for _, n := range w.Notes.All {
			t = status.Latest(t, l.time(n.Created))
		}
	}
	if t.IsZero() {
		return t
	}
	return status.Latest(t, started)
}

func (r reader) link(raw sources.Str) string { return cmp.Or(sources.Link(string(raw)), r.home) }

func (l *listing) time(raw sources.Str) time.Time {
	t, ok := sources.Time(string(raw))
	if !ok {
		l.unknown = append(l.unknown, "time")
	}
	return t
}
