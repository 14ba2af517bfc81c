package heroku

import (
	"cmp"
	"slices"
	"time"

	"github.com/downstatus/downstatus_exporter/internal/status"
	"github.com/downstatus/downstatus_exporter/sources"
	"github.com/downstatus/downstatus_exporter/sources/fetch"
	"github.com/downstatus/downstatus_exporter/sources/internal/vendors"
)

// color is what the colour of a system means.
type color struct {
	rank        status.Indicator
	maintenance bool
}

// byColor is what each colour means.
var byColor = map[string]color{
	"green":  {rank: status.None},
	"yellow": {rank: status.Minor},
	"red":    {rank: status.Major},
	"blue":   {rank: status.None, maintenance: true},
}

// stage is how far an incident has come.
type stage int8

const (
	open stage = iota
	monitoring
	over
	planned // no incident
)

// stages are the states of incidents, and the types of their updates.
var stages = map[string]stage{
	"issue":         open,
	"investigating": open,
	"identified":    open,
	"update":        open,
	"monitoring":    monitoring,
	"resolved":      over,
	"upcoming":      planned,
	"scheduled":     planned,
	"maintenance":   planned,
}

type wireCurrent struct {
	Status    vendors.Each[wireSystem]   `json:"status"`
	Incidents vendors.Each[wireIncident] `json:"incidents"`
}

type wireSystem struct {
	System sources.Str `json:"system"`
	Name   sources.Str `json:"name"` // inside an incident
	Status sources.Str `json:"status"`
}

type wireIncident struct {
	ID         sources.Str              `json:"id"`
	Title      sources.Str              `json:"title"`
	State      sources.Str              `json:"state"`
	Resolved   sources.Bool             `json:"resolved"`
	Created    sources.Str              `json:"created_at"`
	Updated    sources.Str              `json:"updated_at"`
	URL        sources.Str              `json:"full_url"`
	Systems    vendors.Each[wireSystem] `json:"systems"`
	Production sources.Str              `json:"status_prod"` // in the place of systems, formerly
	Develop    sources.Str              `json:"status_dev"`
	Updates    vendors.Each[wireUpdate] `json:"updates"`
}

type wireUpdate struct {
	Type    sources.Str `json:"update_type"`
	Created sources.Str `json:"created_at"`
}

// current is what the document says.
type current struct {
	components []status.Component
	open       []status.Incident
	over       []status.Incident
	unknown    []string
	doubt      error // a part was not understood
}

// decode reads the systems with their colours, and the list of incidents. What
// is scheduled is left alone: its windows are told in prose, and it stays
// listed, as upcoming, months after it was done.
func decode(body []byte) (*current, error) {
	var doc wireCurrent
	if err := sources.Unmarshal(body, &doc); err != nil {
		return nil, err
	}
	c := &current{}
	c.read(doc.Incidents)
	c.doubt = cmp.Or(c.doubt, doc.Status.Doubt)
	if len(doc.Status.All) == 0 || !doc.Incidents.Listed {
		c.doubt = fetch.Shapef("no systems or no incidents: not a current-status of this API")
	}
	for _, w := range doc.Status.All {
		name := w.System.Text()
		if name == "" || w.Status == "" {
			c.doubt = fetch.Shapef("a system has no name or no status")
			continue
		}
		means := c.color(w.Status)
		c.components = append(c.components, status.Component{ID: name, Name: name, Rank: means.rank, Maintenance: means.maintenance})
	}
	if len(c.components) == 0 {
		return nil, c.doubt
	}
	return c, nil
}

// decodeHistory reads past incidents, and those open among them.
func decodeHistory(body []byte) ([]status.Incident, error) {
	var doc vendors.Each[wireIncident]
	if err := sources.Unmarshal(body, &doc); err != nil {
		return nil, err
	}
	if !doc.Listed {
		return nil, fetch.Shapef("no list of incidents")
	}
	c := &current{}
	c.read(doc)
	return append(c.over, c.open...), nil
}

func (c *current) read(list vendors.Each[wireIncident]) {
	c.doubt = list.Doubt
	for _, w := range list.All {
		id := cmp.Or(w.ID, w.Title).Text()
		if id == "" {
			c.doubt = fetch.Shapef("an incident has neither id nor title")
			continue
		}
		switch in, at := c.incident(id, w); at {
		case planned:
		case over:
			c.over = append(c.over, in)
		default:
			c.open = append(c.open, in)
		}
	}
}

func (c *current) incident(id string, w wireIncident) (status.Incident, stage) {
	at := c.stage(w)
	impact, refs := c.affected(w)
	in := status.Incident{
		ID: id, Title: w.Title.Text(), URL: sources.Link(string(w.URL)), Impact: impact, Components: refs,
		Monitoring: at == monitoring, Over: at == over, Started: c.time(w.Created),
	}
	end := c.time(w.Updated)
	for _, u := range w.Updates.All {
		when := c.time(u.Created)
		in.Started = status.Earliest(in.Started, when)
		if stages[vendors.Fold(u.Type)] == over && !when.IsZero() {
			end = when // and not a remark that came later
		}
	}
	if at == over && !end.IsZero() {
		in.Resolved = status.Latest(end, in.Started)
	}
	return in, at
}

// stage is the state of an incident, else the type of its newest update. That
// it is not resolved is said of resolved ones too.
func (c *current) stage(w wireIncident) stage {
	if bool(w.Resolved) {
		return over
	}
	word := w.State
	if word == "" && len(w.Updates.All) > 0 {
		newest := slices.MaxFunc(w.Updates.All, func(a, b wireUpdate) int { return vendors.Instant(a.Created).Compare(vendors.Instant(b.Created)) })
		word = newest.Type
	}
	at, known := stages[vendors.Fold(word)]
	if !known && word != "" {
		c.unknown = append(c.unknown, "incident_status")
	}
	return at
}

// affected are the systems that an incident names, and the worst of their
// colours. It is open, so that without a colour, or with one that is not
// understood, it is minor at least.
func (c *current) affected(w wireIncident) (worst status.Indicator, refs []status.ComponentRef) {
	told, understood := false, true
	rank := func(word sources.Str) status.Indicator {
		if word == "" {
			return status.IndicatorUnknown
		}
		r := c.color(word).rank
		told, understood, worst = true, understood && r != status.IndicatorUnknown, max(worst, r)
		return r
	}
	for _, s := range w.Systems.All {
		r, name := rank(s.Status), cmp.Or(s.Name, s.System).Text()
		if name != "" {
			refs = append(refs, status.ComponentRef{ID: name, Name: name, Rank: r, Impact: r, HasImpact: r != status.IndicatorUnknown})
		}
	}
	if !w.Systems.Listed {
		rank(w.Production)
		rank(w.Develop)
	}
	if !told || !understood {
		worst = max(worst, status.Minor)
	}
	return worst, refs
}

func (c *current) color(word sources.Str) color {
	means, known := byColor[vendors.Fold(word)]
	if !known {
		c.unknown = append(c.unknown, "component_status")
		means.rank = status.IndicatorUnknown
	}
	return means
}

func (c *current) time(raw sources.Str) time.Time {
	t, ok := sources.Time(string(raw))
	if !ok {
		c.unknown = append(c.unknown, "time")
	}
	return t
}

// page makes the page. A blue system is all that is told of maintenance under
// way.
func (c *current) page(home string) *status.Page {
	p := &status.Page{Name: "Heroku", URL: home, Components: c.components, Incidents: c.open, UnknownWords: c.unknown}
	for i := range p.Incidents {
		if p.Incidents[i].URL == "" {
			p.Incidents[i].URL = home
		}
	}
	for _, s := range c.components {
		if s.Maintenance {
			p.Windows = append(p.Windows, status.Window{
				ID: "maintenance/" + s.ID, Title: sources.Text("Maintenance of "+s.Name, sources.TextLimit), URL: home, State: status.InProgress,
				Components: []status.ComponentRef{{ID: s.ID, Name: s.Name, Rank: status.IndicatorUnknown, Impact: status.IndicatorUnknown}},
			})
		}
	}
	return p
}
