package zendesk

import (
	"cmp"
	"slices"
	"time"

	"github.com/downstatus/downstatus_exporter/internal/status"
	"github.com/downstatus/downstatus_exporter/sources"
	"github.com/downstatus/downstatus_exporter/sources/fetch"
	"github.com/downstatus/downstatus_exporter/sources/internal/pages"
)

// impacts are the words of an incident's impact.
var impacts = map[string]status.Indicator{
	"none":     status.None,
	"minor":    status.Minor,
	"major":    status.Major,
	"critical": status.Critical,
}

// stage is how far an incident has come.
type stage int8

const (
	open stage = iota
	monitoring
	over
)

// stages are the words of an incident's status. The vendor lets the word go
// stale after the end: a resolved_at outweighs it.
var stages = map[string]stage{
	"investigating": open,
	"identified":    open,
	"monitoring":    monitoring,
	"resolved":      over,
	"postmortem":    over,
}

// incidents is what the list of active incidents says.
type incidents struct {
	open    []status.Incident
	over    []status.Incident // still listed, but ended
	windows []status.Window   // maintenance that the list holds too
	unknown []string
	strange bool // it holds what is no incident too
}

// schedule is what the list of maintenance says.
type schedule struct{ windows []status.Window }

// decodeActive reads the list of active incidents. Calm is only a list that is
// there and empty.
func decodeActive(body []byte) (*incidents, error) {
	doc, err := decodeList(body)
	if err != nil {
		return nil, err
	}
	out, x := &incidents{strange: doc.strange != nil}, newIndex(doc.Included)
	for _, r := range *doc.Data {
		if r.isMaintenance() {
			out.windows = append(out.windows, x.window(r))
		} else if in := x.incident(r, &out.unknown); in.Over {
			out.over = append(out.over, in)
		} else {
			out.open = append(out.open, in)
		}
	}
	return pages.Accept(out, out.page(), doc.strange)
}

// page is what the list alone says of trouble.
func (l *incidents) page() *status.Page {
	return &status.Page{OnlyTroubles: true, Incidents: l.open, Doubtful: l.strange}
}

// decodeMaintenance makes windows of everything in the list, whatever flags it
// carries: an outage that is planned is none.
func decodeMaintenance(body []byte) (*schedule, error) {
	doc, err := decodeList(body)
	if err != nil {
		return nil, err
	}
	out, x := &schedule{}, newIndex(doc.Included)
	for _, r := range *doc.Data {
		out.windows = append(out.windows, x.window(r))
	}
	if doc.strange != nil {
		return nil, doc.strange
	}
	return out, nil
}

// decodeEnd reads the end out of one incident; zero while it has none.
func decodeEnd(body []byte) (time.Time, error) {
	var doc struct {
		Data *resource `json:"data"`
	}
	if err := sources.Unmarshal(body, &doc); err != nil {
		return time.Time{}, err
	}
	if doc.Data == nil {
		return time.Time{}, fetch.Shapef("no incident under data")
	}
	if err := doc.Data.check(); err != nil {
		return time.Time{}, err
	}
	return instant(doc.Data.Attributes.ResolvedAt), nil
}

// decodeList reads either list, and sets aside what is no incident.
func decodeList(body []byte) (*document, error) {
	var doc document
	if err := sources.Unmarshal(body, &doc); err != nil {
		return nil, err
	}
	if doc.Data == nil {
		return nil, fetch.Shapef("no list of incidents under data")
	}
	*doc.Data = slices.DeleteFunc(*doc.Data, func(r resource) bool {
		err := r.check()
		doc.strange = cmp.Or(doc.strange, err)
		return err != nil
	})
	return &doc, nil
}

// incident reads one incident and notes the words it does not know.
func (x index) incident(r resource, unknown *[]string) status.Incident {
	a := r.Attributes
	impact, ok := impacts[string(a.Impact)]
	if !ok {
		impact = status.Minor // it is listed as active, so it is trouble
		note(unknown, "impact", a.Impact)
	}
	at, ok := stages[string(a.Status)]
	if !ok {
		note(unknown, "incident_status", a.Status)
	}
	resolved := instant(a.ResolvedAt)
	affected := x.affected(r)
	in := status.Incident{
		ID: string(r.ID), Title: a.Title.Text(),
		Impact: rankOf(r, affected, impact), Monitoring: at == monitoring, Over: at == over || !resolved.IsZero(),
		Components: x.refs(affected, impact), Started: x.started(r, affected),
	}
	if !resolved.IsZero() {
		in.Resolved = status.Latest(resolved, in.Started)
	}
	if in.Over {
		in.Components = x.past(affected, impact)
	}
	return in
}

// note counts a word; an empty one is none.
func note(unknown *[]string, field string, word sources.Str) {
	if word != "" {
		*unknown = append(*unknown, field)
	}
}

// rankOf is the worst of the services still in trouble: their flags win over
// the incident's own, which count only without them.
func rankOf(r resource, affected []resource, impact status.Indicator) status.Indicator {
	worst, found := status.None, false
	for _, s := range affected {
		if s.unresolved() {
			worst, found = max(worst, s.Attributes.rank(impact)), true
		}
	}
	if found {
		return worst
	}
	return r.Attributes.rank(impact)
}

// rank turns the two flags into a rank; without either the impact speaks.
func (a *attributes) rank(impact status.Indicator) status.Indicator {
	switch {
	case bool(a.Outage):
		return max(status.Major, impact)
	case bool(a.Degradation):
		return status.Minor
	default:
		return impact
	}
}

// refs names the services still in trouble. Where all of them are well again
// they are named as such, lest an incident that names none seem to touch
// everything.
func (x index) refs(affected []resource, impact status.Indicator) []status.ComponentRef {
	var troubled, well []status.ComponentRef
	for _, s := range affected {
		ref, ok := x.ref(s)
		ref.HasImpact = true
		switch {
		case !ok:
		case s.unresolved():
			ref.Rank = s.Attributes.rank(impact)
			ref.Impact = ref.Rank
			troubled = append(troubled, ref)
		default:
			well = append(well, ref)
		}
	}
	if troubled == nil {
		return well
	}
	return troubled
}

// past names all services of an incident that is over, by what it did to them.
func (x index) past(affected []resource, impact status.Indicator) (refs []status.ComponentRef) {
	for _, s := range affected {
		if ref, ok := x.ref(s); ok {
			ref.Impact, ref.HasImpact = s.Attributes.rank(impact), true
			refs = append(refs, ref)
		}
	}
	return refs
}

// started is the earliest of the incident's own times and its updates', else of
// its services'.
func (x index) started(r resource, affected []resource) time.Time {
	t := instant(r.Attributes.StartedAt)
	for _, id := range r.Relationships["incident_updates"].Data {
		if u, ok := x.updates[id]; ok {
			t = status.Earliest(t, instant(u.Attributes.CreatedAt))
		}
	}
	if !t.IsZero() {
		return t
	}
	for _, s := range affected {
		t = status.Earliest(t, instant(s.Attributes.StartedAt))
	}
	return t
}

// window has no state: the API gives none, so the clock decides.
func (x index) window(r resource) status.Window {
	w := status.Window{
		ID: string(r.ID), Title: r.Attributes.Title.Text(),
		Start: instant(r.Attributes.MaintenanceStart), End: instant(r.Attributes.MaintenanceEnd),
	}
	for _, s := range x.affected(r) {
		if ref, ok := x.ref(s); ok {
			ref.Rank, ref.Impact = status.IndicatorUnknown, status.IndicatorUnknown
			w.Components = append(w.Components, ref)
		}
	}
	return w
}

// instant is zero for what is not a time.
func instant(raw sources.Str) time.Time {
	t, _ := sources.Time(string(raw))
	return t
}
