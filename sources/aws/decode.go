package aws

import (
	"cmp"
	"encoding/json"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/downstatus/downstatus_exporter/internal/status"
	"github.com/downstatus/downstatus_exporter/sources"
	"github.com/downstatus/downstatus_exporter/sources/fetch"
	"github.com/downstatus/downstatus_exporter/sources/internal/cloud"
	"github.com/downstatus/downstatus_exporter/sources/internal/vendors"
)

// ranks are the status codes of events, of services in them and of updates.
var ranks = map[sources.Str]status.Indicator{
	"0": status.None,  // resolved, operating normally
	"1": status.Minor, // informational
	"2": status.Minor, // degraded
	"3": status.Major, // disrupted; there is no worse code
}

const (
	// commercial is the number of regions that customers can use without a
	// partition of their own, as of the end of 2025. The document does not
	// tell it.
	commercial = 34

	global   = "global"
	several  = "multipleservices" // in place of a service
	resolved = "[RESOLVED]"       // begins the summary of an event that is over
)

// document is one good answer.
type document struct {
	events  []cloud.Event
	unknown []string
	doubt   error // something in the list is no event
}

type event struct {
	ARN         sources.Str         `json:"arn"`
	Date        sources.Str         `json:"date"`
	End         sources.Str         `json:"end_time"`
	Status      sources.Str         `json:"status"`
	Service     sources.Str         `json:"service"`
	ServiceName sources.Str         `json:"service_name"`
	RegionName  sources.Str         `json:"region_name"`
	Summary     sources.Str         `json:"summary"`
	Log         vendors.Each[entry] `json:"event_log"`
	Impacted    impacted            `json:"impacted_services"`
	Changes     vendors.Each[entry] `json:"impacted_service_status_changes"`

	past bool // of the history, where Status is that of the height
}

// impacted are the services of an event by their id.
type impacted map[string]vendors.Maybe[impactedService]

// UnmarshalJSON accepts any value.
func (m *impacted) UnmarshalJSON(b []byte) error {
	if json.Unmarshal(b, (*map[string]vendors.Maybe[impactedService])(m)) != nil {
		*m = nil
	}
	return nil
}

type impactedService struct {
	Name    sources.Str `json:"service_name"`
	Current sources.Str `json:"current"`
	Max     sources.Str `json:"max"`
}

type entry struct {
	Status    sources.Str `json:"status"` // a change of a service has none
	Timestamp sources.Str `json:"timestamp"`
}

// decode reads the list of events. Calm is only a list that is there and holds
// no open event.
func decode(body []byte, page string) (*document, error) {
	var list vendors.Each[*event]
	if err := sources.Unmarshal(body, &list); err != nil {
		return nil, err
	}
	if !list.Listed {
		return nil, fetch.Shapef("not a list of events")
	}
	d := &document{doubt: list.Doubt}
	for _, e := range list.All {
		if !e.understood() {
			d.doubt = fetch.Shapef("the list holds something that is no event: want a status, and an arn or a service")
			continue
		}
		d.add(e, page)
	}
	return d, nil
}

// understood demands what tells an event from any other object. Where its
// services are in trouble, its own status is not needed.
func (e *event) understood() bool {
	return (e.Status != "" || e.past || e.troubled() > status.None) && e.id() != "" && (e.ARN != "" || e.Service != "")
}

// troubled is the worst state of its services.
func (e *event) troubled() (worst status.Indicator) {
	for _, s := range e.Impacted {
		worst = max(worst, ranks[s.Value.Current])
	}
	return worst
}

// decodeHistory reads the events of the last months, by service. The same event
// may stand under several. One that does not say that it is over is not.
func decodeHistory(body []byte, page string) ([]cloud.Event, error) {
	var all map[string]vendors.Each[*event]
	if err := sources.Unmarshal(body, &all); err != nil {
		return nil, err
	}
	d, seen := &document{}, map[string]bool{}
	for _, service := range slices.Sorted(maps.Keys(all)) {
		for _, e := range all[service].All {
			e.Service, e.past = cmp.Or(e.Service, sources.Str(service)), true
			if id := e.id(); e.understood() && !seen[id] {
				seen[id] = true
				d.add(e, page)
			}
		}
	}
	if len(d.events) == 0 && len(all) > 0 {
		return nil, fetch.Shapef("none of %d services has a list of events", len(all))
	}
	return d.events, nil
}

func (d *document) rank(field string, code sources.Str) status.Indicator {
	rank, known := ranks[code]
	if !known {
		d.unknown = append(d.unknown, field)
		return status.Minor // it is listed, so it is trouble
	}
	return rank
}

func (d *document) add(e *event, page string) {
	impact, end := d.rank("status", e.Status), vendors.Instant(e.End)
	if e.Status == "" {
		impact = max(impact, e.troubled())
	}
	if e.End != "" && e.End != "0" && end.IsZero() {
		d.unknown = append(d.unknown, "end_time") // not understood, so the status decides alone
	}
	over := e.Status == "0" || e.past && e.settled()
	if over && end.IsZero() {
		end = e.newest()
	}
	parts := d.parts(e, impact)
	d.events = append(d.events, cloud.Event{
		Incident: status.Incident{
			ID: e.id(), Title: e.title(), URL: e.link(page),
			Impact: impact, Over: over, Monitoring: e.recovered(parts), Broad: e.broad(parts, over),
			Started: e.started(),
		},
		Parts: parts, Peak: e.peak(impact), End: end,
	})
}

// settled reports whether the newest update says that it is over.
func (e *event) settled() bool {
	var last entry
	for _, u := range e.Log.All {
		if !vendors.Instant(u.Timestamp).Before(vendors.Instant(last.Timestamp)) {
			last = u
		}
	}
	return last.Status == "0" || strings.HasPrefix(strings.TrimSpace(string(e.Summary)), resolved)
}

func (e *event) id() string {
	return cmp.Or(e.ARN, e.Service+"@"+e.Date).Text()
}

func (e *event) title() string {
	summary := strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(string(e.Summary)), resolved))
	return sources.Text(cmp.Or(summary, string(e.ServiceName)), sources.TextLimit)
}

func (e *event) link(page string) string {
	if e.ARN == "" {
		return page
	}
	return cmp.Or(sources.Link(page+"?eventID="+url.QueryEscape(string(e.ARN))), page)
}

// suffix takes the region off the end of a service's id; those of global
// services have none.
var suffix = regexp.MustCompile(`^(.+?)-((?:us-gov|us-isob?|eusc-de|[a-z]{2})-(?:north|south|east|west|central)+-\d+)$`)

func split(id string) (service, region string) {
	if m := suffix.FindStringSubmatch(id); m != nil {
		return m[1], m[2]
	}
	return id, global
}

// region is where the event is, by its ARN or else by the suffix of its
// service; for one of several without either, by those of what it lists. Empty
// if nothing tells, or it is in several.
func (e *event) region() string {
	if fields := strings.SplitN(string(e.ARN), ":", 5); len(fields) == 5 && fields[3] != "" {
		return sources.Text(fields[3], sources.TextLimit)
	}
	if e.Service == "" {
		return ""
	}
	own, region := split(string(e.Service))
	if region != global || own != several {
		return region
	}
	regions := map[string]bool{}
	for id := range e.Impacted {
		_, region := split(id)
		regions[region] = true
	}
	switch {
	case len(regions) == 0 || regions[global]:
		return global
	case len(regions) > 1:
		return ""
	}
	return sources.Text(slices.Collect(maps.Keys(regions))[0], sources.TextLimit)
}

// parts are the services of an event in their regions, by their state now.
func (d *document) parts(e *event, impact status.Indicator) []cloud.Part {
	var out []cloud.Part
	for _, id := range slices.Sorted(maps.Keys(e.Impacted)) {
		s := e.Impacted[id].Value
		p := e.part(id, s.Name)
		p.Rank, p.Peak = d.rank("current", s.Current), status.Minor
		if rank, known := ranks[s.Max]; known {
			p.Peak = rank
		}
		if id == string(e.Service) {
			p.Rank = max(p.Rank, impact)
		}
		p.Peak = max(p.Peak, p.Rank)
		out = append(out, p)
	}
	own, _ := split(string(e.Service))
	_, listed := e.Impacted[string(e.Service)]
	switch {
	case own != several && own != "" && !listed:
		p := e.part(string(e.Service), e.ServiceName)
		p.Rank, p.Peak = impact, e.peak(impact)
		out = append(out, p)
	case len(out) == 0 && e.region() != "":
		out = cloud.Cross(nil, []cloud.Label{e.label(e.region())}, func(l cloud.Label) bool { return l.ID == global })
	}
	return out
}

func (e *event) part(id string, name sources.Str) cloud.Part {
	service, region := split(id)
	label := cloud.Label{
		ID: sources.Text(service, sources.TextLimit), Name: name.Text(),
		Also: []string{id},
	}
	if bare, _, cut := strings.Cut(label.Name, " ("); cut { // the dashboard adds the region
		label.Also = append(label.Also, bare)
	}
	if whole, _ := split(string(e.Service)); whole == several {
		label.Also = append(label.Also, whole, string(e.Service))
	}
	return cloud.Part{
		ID: sources.Text(id, sources.TextLimit), Service: label, Region: e.label(region), Global: region == global, Ranked: true,
	}
}

// label names a region; the document has a name only for the event's own.
func (e *event) label(region string) cloud.Label {
	l := cloud.Label{ID: region}
	switch {
	case region == global:
		l.Name = "Global"
	case region == e.region():
		l.Name = e.RegionName.Text()
	}
	return l
}

// recovered is true for an event that is still open although its summary or
// all of its services say that it is over.
func (e *event) recovered(parts []cloud.Part) bool {
	troubled := slices.ContainsFunc(parts, func(p cloud.Part) bool { return !p.Ranked || p.Rank > status.None })
	return strings.HasPrefix(strings.TrimSpace(string(e.Summary)), resolved) || !troubled
}

// broad is true for a global event and for one with trouble in half of the
// regions.
func (e *event) broad(parts []cloud.Part, over bool) bool {
	regions := map[string]bool{}
	for _, p := range parts {
		if !p.Global && (over || p.Rank > status.None) {
			regions[p.Region.ID] = true
		}
	}
	return e.region() == global || cloud.Half(len(regions), commercial)
}

// peak is the worst code of the event itself, its services and its updates. It
// was published, so it was at least minor.
func (e *event) peak(impact status.Indicator) status.Indicator {
	worst := max(impact, status.Minor)
	for _, s := range e.Impacted {
		worst = max(worst, ranks[s.Value.Current], ranks[s.Value.Max])
	}
	for _, u := range e.Log.All {
		worst = max(worst, ranks[u.Status])
	}
	return worst
}

func (e *event) started() time.Time {
	t := vendors.Instant(e.Date)
	for _, u := range slices.Concat(e.Log.All, e.Changes.All) {
		t = status.Earliest(t, vendors.Instant(u.Timestamp))
	}
	return t
}

func (e *event) newest() time.Time {
	var t time.Time
	for _, u := range slices.Concat(e.Log.All, e.Changes.All) {
		t = status.Latest(t, vendors.Instant(u.Timestamp))
	}
	return t
}
