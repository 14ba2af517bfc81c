package uptimekuma

import (
	"encoding/json"
	"slices"
	"time"

	"github.com/downstatus/downstatus_exporter/internal/status"
	"github.com/downstatus/downstatus_exporter/sources"
	"github.com/downstatus/downstatus_exporter/sources/fetch"
	"github.com/downstatus/downstatus_exporter/sources/internal/pages"
)

// conditions are the values of a heartbeat's status.
var conditions = map[sources.Str]pages.Condition{
	"0": {Rank: status.Major},
	"1": {Rank: status.None},
	"3": {Rank: status.None, Maintenance: true},
}

// pending is a failed check that will be repeated before it counts.
const pending sources.Str = "2"

// styles are the colours of a post. They are no measure of an outage, the
// monitors are: a colour of alarm is trouble of a kind not stated.
var styles = map[sources.Str]status.Indicator{
	"info":    status.None,
	"primary": status.None,
	"light":   status.None,
	"dark":    status.None,
	"warning": status.Minor,
	"danger":  status.Minor,
}

// states are the words of a maintenance.
var states = map[sources.Str]status.WindowState{
	"under-maintenance": status.InProgress,
	"scheduled":         status.Scheduled,
	"inactive":          status.Completed,
	"ended":             status.Completed,
	"unknown":           status.Scheduled, // recurring, and its time has not come
}

// document is a status page without the state of its monitors.
type document struct {
	Config *struct {
		Slug  sources.Str `json:"slug"`
		Title sources.Str `json:"title"`
	} `json:"config"`
	Groups      sources.List[group]       `json:"publicGroupList"`
	Incident    *post                     `json:"incident"`  // version 1
	Incidents   sources.List[post]        `json:"incidents"` // version 2
	Maintenance sources.List[maintenance] `json:"maintenanceList"`
}

type group struct {
	ID       sources.Str           `json:"id"`
	Name     sources.Str           `json:"name"`
	Monitors sources.List[monitor] `json:"monitorList"`
}

type monitor struct {
	ID   sources.Str `json:"id"`
	Name sources.Str `json:"name"`
}

// post is what Uptime Kuma calls an incident: a text that somebody pinned.
type post struct {
	ID      sources.Str `json:"id"`
	Style   sources.Str `json:"style"`
	Title   sources.Str `json:"title"`
	Pin     sources.Str `json:"pin"`
	Active  sources.Str `json:"active"`
	Created sources.Str `json:"createdDate"`
}

type maintenance struct {
	ID     sources.Str        `json:"id"`
	Title  sources.Str        `json:"title"`
	Status sources.Str        `json:"status"`
	Offset sources.Str        `json:"timezoneOffset"`
	Slots  sources.List[slot] `json:"timeslotList"`
}

type slot struct {
	Start sources.Str `json:"startDate"`
	End   sources.Str `json:"endDate"`
}

// heartbeats are the latest ones of each monitor, by its id.
type heartbeats map[string]sources.List[beat]

type beat struct {
	Status sources.Str `json:"status"`
	Time   sources.Str `json:"time"`
}

// UnmarshalJSON reads what is no object, such as the 0 that pads a bar of
// heartbeats, as no heartbeat.
func (b *beat) UnmarshalJSON(raw []byte) error {
	if raw[0] != '{' {
		*b = beat{Status: pending}
		return nil
	}
	type plain beat
	return json.Unmarshal(raw, (*plain)(b))
}

// decodePage refuses a page without monitors: who watches nothing knows
// nothing.
func decodePage(body []byte) (*document, error) {
	var d document
	if err := sources.Unmarshal(body, &d); err != nil {
		return nil, err
	}
	if d.Config == nil || d.Config.Slug == "" || d.Groups == nil {
		return nil, fetch.Shapef("no config.slug and publicGroupList: not a status page of Uptime Kuma")
	}
	for _, g := range d.Groups {
		if slices.ContainsFunc(g.Monitors, func(m monitor) bool { return m.ID.Text() != "" }) {
			return &d, nil
		}
	}
	return nil, fetch.Shapef("the status page shows no monitors")
}

func decodeBeats(body []byte) (heartbeats, error) {
	var b struct {
		List heartbeats `json:"heartbeatList"`
	}
	if err := sources.Unmarshal(body, &b); err != nil {
		return nil, err
	}
	if b.List == nil {
		return nil, fetch.Shapef("no heartbeatList: not the heartbeats of Uptime Kuma")
	}
	return b.List, nil
}

// derive puts both documents together.
func derive(d *document, beats heartbeats, home string) *status.Page {
	b := builder{page: &status.Page{Name: d.Config.Title.Text(), URL: home}}
	taken := pages.IDs{}
	for _, g := range d.Groups {
		for _, m := range g.Monitors {
			id := b.Key("monitor", m.ID, m.Name, taken)
			means := b.condition(beats[string(m.ID)])
			b.page.Components = append(b.page.Components, status.Component{
				ID: id, Name: pages.Named(m.Name, id), Group: g.Name.Text(), GroupID: g.ID.Text(),
				Rank: means.Rank, Maintenance: means.Maintenance,
			})
		}
	}
	pages.Escalate(b.page.Components)
	posts := d.Incidents
	if d.Incident != nil {
		posts = append(posts[:len(posts):len(posts)], *d.Incident)
	}
	b.posts(posts)
	b.windows(d.Maintenance)
	b.page.UnknownWords = b.Unknown
	return b.page
}

type builder struct {
	pages.Reader
	page *status.Page
}

// condition is that of the newest heartbeat which is not pending; unknown
// before there is one.
func (b *builder) condition(beats []beat) pages.Condition {
	last, ok := newest(beats)
	if !ok {
		return pages.Condition{Rank: status.IndicatorUnknown}
	}
	return pages.Look(&b.Reader, "heartbeat_status", conditions, last.Status, pages.Condition{Rank: status.IndicatorUnknown})
}

// newest is the heartbeat of the latest time, where times are missing or equal
// the later in the list. Pending ones do not count.
func newest(beats []beat) (last beat, ok bool) {
	var at time.Time
	for _, b := range beats {
		if b.Status == pending {
			continue
		}
		t := instant(b.Time)
		if t.IsZero() {
			t = at
		}
		if !t.Before(at) {
			last, at, ok = b, t, true
		}
	}
	return last, ok
}

// posts takes over what was not taken off the page.
func (b *builder) posts(list []post) {
	taken := pages.IDs{}
	for _, i := range list {
		if off(i.Pin) || off(i.Active) {
			continue
		}
		b.page.Incidents = append(b.page.Incidents, status.Incident{
			ID: b.Key("incident", i.ID, i.Title, taken), Title: i.Title.Text(), URL: b.page.URL,
			Impact: pages.Look(&b.Reader, "incident_style", styles, i.Style, status.Minor), Started: instant(i.Created),
		})
	}
}

// off is false for a switch that is not there.
func off(s sources.Str) bool { return s == "false" || s == "0" }

// windows takes over maintenances that are not over. The page does not say what
// one touches; while it is under way, the monitors do.
func (b *builder) windows(list []maintenance) {
	taken := pages.IDs{}
	for _, m := range list {
		state := pages.Look(&b.Reader, "maintenance_status", states, m.Status, status.NoState)
		if state == status.Completed {
			continue
		}
		w := status.Window{ID: b.Key("maintenance", m.ID, m.Title, taken), Title: m.Title.Text(), URL: b.page.URL, State: state}
		if len(m.Slots) > 0 {
			w.Start, w.End = local(m.Slots[0].Start, m.Offset), local(m.Slots[0].End, m.Offset)
		}
		if state == status.InProgress {
			w.Components = pages.InMaintenance(b.page.Components)
		}
		b.page.Windows = append(b.page.Windows, w)
	}
}

const layout = "2006-01-02 15:04:05"

// instant reads a time of the server's records, which are in UTC and mostly do
// not say so. It is zero for anything else.
func instant(raw sources.Str) time.Time {
	if t, ok := sources.Time(string(raw)); ok {
		return t
	}
	t, err := time.Parse(layout, string(raw))
	if err != nil {
		return time.Time{}
	}
	return t.Truncate(time.Millisecond)
}

// local reads a time of a maintenance, which is in a zone of its own. It is
// zero where the offset is not given.
func local(raw, offset sources.Str) time.Time {
	t, err := time.Parse(layout+"-07:00", string(raw+offset))
	if err != nil {
		return time.Time{}
	}
	return t.UTC()
}
