package salesforce

import (
	"strings"
	"time"
	"unicode"

	"github.com/downstatus/downstatus_exporter/internal/status"
	"github.com/downstatus/downstatus_exporter/sources"
	"github.com/downstatus/downstatus_exporter/sources/fetch"
)

type wireInstance struct {
	Key          sources.Str                   `json:"key"`
	Location     sources.Str                   `json:"location"`
	Status       sources.Str                   `json:"status"`
	Active       *sources.Bool                 `json:"isActive"`
	Products     sources.List[wireProduct]     `json:"Products"`
	Incidents    sources.List[wireIncident]    `json:"Incidents"`
	Maintenances sources.List[wireMaintenance] `json:"Maintenances"`
}

type wireProduct struct {
	Key sources.Str `json:"key"`
}

type wireIncident struct {
	ID      sources.Str              `json:"id"`
	Status  sources.Str              `json:"status"`
	Core    *sources.Bool            `json:"isCore"`
	Created sources.Str              `json:"createdAt"`
	Updated sources.Str              `json:"updatedAt"`
	Impacts sources.List[wireImpact] `json:"IncidentImpacts"`
	Events  sources.List[wireEvent]  `json:"IncidentEvents"`
}

type wireImpact struct {
	Start    sources.Str `json:"startTime"`
	End      sources.Str `json:"endTime"`
	Type     sources.Str `json:"type"`
	Severity sources.Str `json:"severity"`
}

type wireEvent struct {
	Created sources.Str `json:"createdAt"`
}

type wireMaintenance struct {
	ID      sources.Str `json:"id"`
	Name    sources.Str `json:"name"`
	Start   sources.Str `json:"plannedStartTime"`
	End     sources.Str `json:"plannedEndTime"`
	Message struct {
		Status sources.Str `json:"eventStatus"`
	} `json:"message"`
}

// instance is one as its document tells, whatever the time.
type instance struct {
	component status.Component
	products  []string
	incidents []incident
	windows   []status.Window
	unknown   []string
}

// incident is one with its impacts, whose times decide whether it is open.
type incident struct {
	id       string
	started  time.Time
	updated  time.Time
	resolved bool // the vendor says so
	impacts  []impact
}

type impact struct {
	title string
	rank  status.Indicator
	end   time.Time // zero: none yet
}

// decodeList reads a list of instances, which is never empty. Those that are
// out of use are left out.
func decodeList(body []byte) ([]instance, error) {
	var doc *sources.List[wireInstance]
	if err := sources.Unmarshal(body, &doc); err != nil {
		return nil, err
	}
	if doc == nil || len(*doc) == 0 {
		return nil, fetch.Shapef("no instance is listed")
	}
	var out []instance
	for _, w := range *doc {
		if text(w.Key) == "" || w.Status == "" {
			return nil, fetch.Shapef("an instance has no key or no status")
		}
		if w.active() {
			out = append(out, w.read())
		}
	}
	return out, nil
}

// decodeOne reads the document of one instance.
func decodeOne(body []byte) ([]instance, error) {
	var w wireInstance
	if err := sources.Unmarshal(body, &w); err != nil {
		return nil, err
	}
	switch {
	case text(w.Key) == "" || w.Status == "":
		return nil, fetch.Shapef("no key or no status: not an instance")
	case !w.active():
		return nil, fetch.Shapef("instance %.40q is out of use", w.Key)
	}
	return []instance{w.read()}, nil
}

// decodeEnd reads the end out of the document of one incident; zero while it
// has none.
func decodeEnd(body []byte, now time.Time) (time.Time, error) {
	var w wireIncident
	if err := sources.Unmarshal(body, &w); err != nil {
		return time.Time{}, err
	}
	if w.ID == "" || w.Impacts == nil {
		return time.Time{}, fetch.Shapef("no id or no IncidentImpacts: not an incident")
	}
	var i instance
	return i.incident(w).end(now), nil
}

// active is true where the document does not say: only what is out of use is
// marked.
func (w wireInstance) active() bool { return w.Active == nil || bool(*w.Active) }

func (w wireInstance) read() instance {
	var i instance
	means, known := conditions[strings.ToUpper(string(w.Status))]
	if !known {
		means.rank = status.IndicatorUnknown
		i.unknown = append(i.unknown, "component_status")
	}
	i.component = status.Component{
		ID: text(w.Key), Name: text(w.Key), Group: text(w.Location), GroupID: text(w.Location),
		Rank: means.rank, Maintenance: means.maintenance,
	}
	for _, p := range w.Products {
		i.products = append(i.products, text(p.Key))
	}
	for _, in := range w.Incidents {
		if text(in.ID) == "" {
			i.unknown = append(i.unknown, "incident_id")
			continue
		}
		i.incidents = append(i.incidents, i.incident(in))
	}
	for _, m := range w.Maintenances {
		i.addWindow(m)
	}
	return i
}

func (i *instance) incident(w wireIncident) incident {
	in := incident{
		id: text(w.ID), started: i.time(w.Created), updated: i.time(w.Updated), resolved: fold(w.Status) == over,
	}
	for _, e := range w.Events {
		in.started = status.Earliest(in.started, i.time(e.Created))
	}
	for _, p := range w.Impacts {
		rank, known := severities[fold(p.Severity)]
		if !known {
			rank = status.Minor // it is listed, so it is trouble, of a kind not understood
			i.unknown = append(i.unknown, "incident_impact")
		}
		if w.Core != nil && !bool(*w.Core) {
			rank = min(rank, status.Minor)
		}
		in.started = status.Earliest(in.started, i.time(p.Start))
		in.impacts = append(in.impacts, impact{title: words(text(p.Type)), rank: rank, end: i.time(p.End)})
	}
	if in.impacts == nil { // the state of the instance is all that is known
		rank := i.component.Rank
		if rank == status.IndicatorUnknown {
			rank = status.Minor
		}
		in.impacts = []impact{{rank: rank}}
	}
	return in
}

func (i *instance) addWindow(w wireMaintenance) {
	state, known := windowStates[fold(w.Message.Status)]
	if !known && w.Message.Status != "" {
		i.unknown = append(i.unknown, "maintenance_status")
	}
	if text(w.ID) == "" {
		i.unknown = append(i.unknown, "maintenance_id")
		return
	}
	i.windows = append(i.windows, status.Window{
		ID: text(w.ID), Title: text(w.Name), State: state, Start: i.time(w.Start), End: i.time(w.End),
	})
}

func (i *instance) time(raw sources.Str) time.Time {
	t, ok := sources.Time(string(raw))
	if !ok {
		i.unknown = append(i.unknown, "time")
	}
	return t
}

// at is the instance as a component: in the worse of its own state and what its
// open incidents do to it.
func (i instance) at(now time.Time) status.Component {
	c := i.component
	for _, in := range i.incidents {
		if worst, open := in.open(now); open && !c.Maintenance {
			c.Rank = max(c.Rank, worst.rank)
		}
	}
	return c
}

// open is the worst impact that has not ended.
func (in incident) open(now time.Time) (worst impact, open bool) {
	worst.rank = status.IndicatorUnknown
	for _, p := range in.impacts {
		if !in.resolved && (p.end.IsZero() || now.Before(p.end)) && p.rank > worst.rank {
			worst, open = p, true
		}
	}
	return worst, open
}

// end is when the last impact ended; zero while one is open, and where nothing
// tells.
func (in incident) end(now time.Time) (end time.Time) {
	if _, open := in.open(now); open {
		return end
	}
	for _, p := range in.impacts {
		end = status.Latest(end, p.end)
	}
	if end.IsZero() {
		end = in.updated
	}
	if !end.IsZero() {
		end = status.Latest(end, in.started)
	}
	return end
}

// words spells a name such as serviceDisruption for people.
func words(camel string) string {
	var b strings.Builder
	for i, r := range camel {
		switch {
		case i == 0:
			r = unicode.ToUpper(r)
		case unicode.IsUpper(r):
			b.WriteByte(' ')
			r = unicode.ToLower(r)
		}
		b.WriteRune(r)
	}
	return sources.Text(b.String(), sources.TextLimit)
}

func text(s sources.Str) string { return sources.Text(string(s), sources.TextLimit) }
