package salesforce

import (
	"cmp"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/downstatus/downstatus_exporter/internal/status"
	"github.com/downstatus/downstatus_exporter/sources"
	"github.com/downstatus/downstatus_exporter/sources/fetch"
	"github.com/downstatus/downstatus_exporter/sources/internal/vendors"
)

type wireInstance struct {
	Key          sources.Str                   `json:"key"`
	Location     sources.Str                   `json:"location"`
	Status       sources.Str                   `json:"status"`
	Active       *sources.Bool                 `json:"isActive"`
	Products     vendors.Each[wireProduct]     `json:"Products"`
	Incidents    vendors.Each[wireIncident]    `json:"Incidents"`
	Maintenances vendors.Each[wireMaintenance] `json:"Maintenances"`
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
	Impacts vendors.Each[wireImpact] `json:"IncidentImpacts"`
	Events  vendors.Each[wireEvent]  `json:"IncidentEvents"`

	Instances vendors.Each[sources.Str] `json:"instanceKeys"`
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
	Message vendors.Maybe[struct {
		Status sources.Str `json:"eventStatus"`
	}] `json:"message"`
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

// list is what one document says of instances.
type list struct {
	instances []instance
	doubt     error // a part was not understood
}

// decodeList reads a list of instances, which is never empty. Those that are
// out of use are left out.
func decodeList(body []byte) (list, error) {
	var doc vendors.Each[wireInstance]
	if err := sources.Unmarshal(body, &doc); err != nil {
		return list{}, err
	}
	l := list{doubt: doc.Doubt}
	for _, w := range doc.All {
		if !w.understood() {
			l.doubt = fetch.Shapef("an instance has no key or no status")
		} else if w.active() {
			l.instances = append(l.instances, w.read())
		}
	}
	if len(l.instances) == 0 && (l.doubt != nil || len(doc.All) == 0) {
		return list{}, cmp.Or(l.doubt, fetch.Shapef("no instance is listed"))
	}
	return l, nil
}

// decodeOne reads the document of one instance.
func decodeOne(body []byte) (list, error) {
	var w wireInstance
	if err := sources.Unmarshal(body, &w); err != nil {
		return list{}, err
	}
	switch {
	case !w.understood():
		return list{}, fetch.Shapef("no key or no status: not an instance")
	case !w.active():
		return list{}, fetch.Shapef("instance %.40q is out of use", w.Key)
	}
	return list{instances: []instance{w.read()}}, nil
}

// understood demands what tells an instance from any other object. Without a
// status it is unknown, but its incidents count.
func (w wireInstance) understood() bool {
	return w.Key.Text() != "" && (w.Status != "" || len(w.Incidents.All) > 0)
}

// decodeHistory reads incidents of all instances, open ones among them.
func decodeHistory(body []byte, now time.Time) ([]status.Incident, error) {
	var doc vendors.Each[wireIncident]
	if err := sources.Unmarshal(body, &doc); err != nil {
		return nil, err
	}
	if !doc.Listed {
		return nil, fetch.Shapef("no list of incidents")
	}
	var out []status.Incident
	for _, w := range doc.All {
		if w.ID.Text() != "" && w.Impacts.Listed {
			out = append(out, w.past(now))
		}
	}
	return out, nil
}

// past is an incident of the history: it ranks as at its height.
func (w wireIncident) past(now time.Time) status.Incident {
	var i instance
	in := i.incident(w)
	worst := in.worst()
	out := status.Incident{
		ID: in.id, Title: cmp.Or(worst.title, "Incident "+in.id), Impact: worst.rank, Started: in.started, Resolved: in.end(now),
	}
	out.Over = !out.Resolved.IsZero()
	for _, key := range w.Instances.All {
		out.Components = append(out.Components, status.ComponentRef{
			ID: key.Text(), Name: key.Text(), Rank: status.IndicatorUnknown, Impact: out.Impact, HasImpact: true,
		})
	}
	return out
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
		ID: w.Key.Text(), Name: w.Key.Text(), Group: w.Location.Text(), GroupID: w.Location.Text(),
		Rank: means.rank, Maintenance: means.maintenance,
	}
	for _, p := range w.Products.All {
		i.products = append(i.products, p.Key.Text())
	}
	if w.Incidents.Doubt != nil {
		i.unknown = append(i.unknown, "incidents")
	}
	for _, in := range w.Incidents.All {
		if in.ID.Text() == "" {
			i.unknown = append(i.unknown, "incident_id")
			continue
		}
		i.incidents = append(i.incidents, i.incident(in))
	}
	for _, m := range w.Maintenances.All {
		i.addWindow(m)
	}
	return i
}

func (i *instance) incident(w wireIncident) incident {
	in := incident{
		id: w.ID.Text(), started: i.time(w.Created), updated: i.time(w.Updated), resolved: vendors.Fold(w.Status) == over,
	}
	for _, e := range w.Events.All {
		in.started = status.Earliest(in.started, i.time(e.Created))
	}
	for _, p := range w.Impacts.All {
		rank, known := severities[vendors.Fold(p.Severity)]
		if !known {
			rank = status.Minor // it is listed, so it is trouble, of a kind not understood
			i.unknown = append(i.unknown, "incident_impact")
		}
		if w.Core != nil && !bool(*w.Core) {
			rank = min(rank, status.Minor)
		}
		in.started = status.Earliest(in.started, i.time(p.Start))
		in.impacts = append(in.impacts, impact{title: words(p.Type.Text()), rank: rank, end: i.time(p.End)})
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
	state, known := windowStates[vendors.Fold(w.Message.Value.Status)]
	if !known && w.Message.Value.Status != "" {
		i.unknown = append(i.unknown, "maintenance_status")
	}
	if w.ID.Text() == "" {
		i.unknown = append(i.unknown, "maintenance_id")
		return
	}
	i.windows = append(i.windows, status.Window{
		ID: w.ID.Text(), Title: w.Name.Text(), State: state, Start: i.time(w.Start), End: i.time(w.End),
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

// worst is its worst impact.
func (in incident) worst() impact {
	return slices.MaxFunc(in.impacts, func(a, b impact) int { return int(a.rank) - int(b.rank) })
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
