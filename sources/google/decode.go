package google

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/downstatus/downstatus_exporter/internal/status"
	"github.com/downstatus/downstatus_exporter/sources"
	"github.com/downstatus/downstatus_exporter/sources/fetch"
	"github.com/downstatus/downstatus_exporter/sources/internal/cloud"
)

// impacts are the words of status_impact. An outage that is global or in half
// of the regions, of high severity, is critical.
var impacts = map[sources.Str]status.Indicator{
	"SERVICE_INFORMATION": status.None,
	"SERVICE_DISRUPTION":  status.Minor,
	"SERVICE_OUTAGE":      status.Major,
}

// available is the word of an update, besides those of impacts, that says the
// products work again.
const available sources.Str = "AVAILABLE"

// severities are the words of severity. They go with those of status_impact,
// which leads.
var severities = []sources.Str{"low", "medium", high}

const high sources.Str = "high"

// document is one good answer.
type document struct {
	events  []cloud.Event
	unknown []string
}

type incident struct {
	ID       sources.Str          `json:"id"`
	Begin    sources.Str          `json:"begin"`
	Created  sources.Str          `json:"created"`
	End      sources.Str          `json:"end"`
	Title    sources.Str          `json:"external_desc"`
	URI      sources.Str          `json:"uri"`
	Impact   sources.Str          `json:"status_impact"`
	Severity sources.Str          `json:"severity"`
	Key      sources.Str          `json:"service_key"`
	Service  sources.Str          `json:"service_name"`
	Updates  sources.List[update] `json:"updates"`
	Latest   *update              `json:"most_recent_update"`
	Products sources.List[named]  `json:"affected_products"`
	Now      sources.List[named]  `json:"currently_affected_locations"`
	Before   sources.List[named]  `json:"previously_affected_locations"`
}

type update struct {
	Created sources.Str `json:"created"`
	When    sources.Str `json:"when"`
	Status  sources.Str `json:"status"`
}

// named is a product or a location. A product that was renamed has its name of
// today apart.
type named struct {
	ID      sources.Str `json:"id"`
	Title   sources.Str `json:"title"`
	Current sources.Str `json:"current_title"`
}

// decode reads the list of incidents, past ones included. Calm is only a list
// that is there and holds no open one.
func decode(body []byte, page string) (*document, error) {
	var list []*incident
	if err := sources.Unmarshal(body, &list); err != nil {
		return nil, err
	}
	if list == nil {
		return nil, fetch.Shapef("not a list of incidents")
	}
	d := &document{}
	for _, in := range list {
		if in == nil || in.id() == "" || in.started().IsZero() {
			return nil, fetch.Shapef("the list holds something that is no incident: want an id and a begin")
		}
		d.add(in, page)
	}
	return d, nil
}

// add reads one incident. Its end decides alone: a finished one may keep its
// locations, and gets a post-mortem days later.
func (d *document) add(in *incident, page string) {
	end, understood := sources.Time(string(in.End))
	if !understood {
		d.unknown = append(d.unknown, "end")
	}
	locations := in.locations(!end.IsZero())
	wide := broad(locations)
	impact := in.impact(wide)
	if end.IsZero() {
		d.note(in)
	}
	d.events = append(d.events, cloud.Event{
		Incident: status.Incident{
			ID: in.id(), Title: in.title(), URL: in.link(page),
			Impact: impact, Monitoring: in.recovering(), Broad: wide, Started: in.started(),
		},
		Parts: cloud.Cross(in.products(), locations, func(l cloud.Label) bool { return l.ID == global }),
		Peak:  impact, End: end,
	})
}

// note counts the words of an open incident that the tables miss.
func (d *document) note(in *incident) {
	if _, known := impacts[in.Impact]; !known {
		d.unknown = append(d.unknown, "status_impact")
	}
	if !slices.Contains(severities, in.Severity) && in.Severity != "" {
		d.unknown = append(d.unknown, "severity")
	}
	if _, known := impacts[in.latest()]; !known && in.latest() != available && in.latest() != "" {
		d.unknown = append(d.unknown, "update_status")
	}
}

func (in *incident) id() string { return sources.Text(string(in.ID), sources.TextLimit) }

func (in *incident) impact(wide bool) status.Indicator {
	impact, known := impacts[in.Impact]
	switch {
	case !known:
		return status.Minor // it is open, so it is trouble
	case impact == status.Major && in.Severity == high && wide:
		return status.Critical
	default:
		return impact
	}
}

// latest is the status of the newest update.
func (in *incident) latest() sources.Str {
	if in.Latest != nil {
		return in.Latest.Status
	}
	var newest update
	for _, u := range in.Updates {
		if newest.at().Before(u.at()) {
			newest = u
		}
	}
	return newest.Status
}

func (u update) at() time.Time { return status.Earliest(instant(u.When), instant(u.Created)) }

// recovering is true once the newest update, or the move of all locations to
// those affected before, says that the products work again.
func (in *incident) recovering() bool {
	return in.latest() == available || len(in.Now) == 0 && len(in.Before) > 0
}

func (in *incident) started() time.Time {
	t := status.Earliest(instant(in.Begin), instant(in.Created))
	for _, u := range in.Updates {
		t = status.Earliest(t, u.at())
	}
	return t
}

func (in *incident) title() string {
	return sources.Text(cmp.Or(string(in.Title), string(in.Service)), sources.TextLimit)
}

// link is relative to the page.
func (in *incident) link(page string) string {
	if in.URI == "" {
		return page
	}
	return cmp.Or(sources.Link(string(in.URI)), sources.Link(page+"/"+strings.TrimLeft(string(in.URI), "/")), page)
}

// products are the affected ones. Without any the deprecated service name
// stands in, unless it says that there are several.
func (in *incident) products() []cloud.Label {
	var out []cloud.Label
	for _, p := range in.Products {
		l := p.label()
		if l.Also = []string{l.Name}; p.Current != "" {
			l.Name = sources.Text(string(p.Current), sources.TextLimit)
		}
		out = append(out, l)
	}
	if out == nil && in.Service != "" && in.Key != "zall" {
		out = append(out, named{ID: in.Key, Title: in.Service}.label())
	}
	return out
}

func (n named) label() cloud.Label {
	return cloud.Label{ID: sources.Text(string(n.ID), sources.TextLimit), Name: sources.Text(string(n.Title), sources.TextLimit)}
}

// instant is zero for what is not a time.
func instant(raw sources.Str) time.Time {
	t, _ := sources.Time(string(raw))
	return t
}
