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
	"github.com/downstatus/downstatus_exporter/sources/internal/vendors"
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
	doubt   error // something in the list is no incident
}

type incident struct {
	ID       sources.Str           `json:"id"`
	Number   sources.Str           `json:"number"`
	Begin    sources.Str           `json:"begin"`
	Created  sources.Str           `json:"created"`
	End      sources.Str           `json:"end"`
	Title    sources.Str           `json:"external_desc"`
	URI      sources.Str           `json:"uri"`
	Impact   sources.Str           `json:"status_impact"`
	Severity sources.Str           `json:"severity"`
	Key      sources.Str           `json:"service_key"`
	Service  sources.Str           `json:"service_name"`
	Updates  vendors.Each[update]  `json:"updates"`
	Latest   vendors.Maybe[update] `json:"most_recent_update"`
	Former   vendors.Maybe[update] `json:"most-recent-update"` // until 2021, when there was no id and no status_impact
	Products vendors.Each[named]   `json:"affected_products"`
	Now      vendors.Each[named]   `json:"currently_affected_locations"`
	Before   vendors.Each[named]   `json:"previously_affected_locations"`
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
	var list vendors.Each[*incident]
	if err := sources.Unmarshal(body, &list); err != nil {
		return nil, err
	}
	if !list.Listed {
		return nil, fetch.Shapef("not a list of incidents")
	}
	d := &document{doubt: list.Doubt}
	for _, in := range list.All {
		if !in.understood() {
			d.doubt = fetch.Shapef("the list holds something that is no incident: want an id and a begin")
			continue
		}
		d.add(in, page)
	}
	return d, nil
}

// understood demands what tells an incident from any other object. When one
// that is in trouble began is not needed.
func (in *incident) understood() bool {
	return in.id() != "" && (!in.started().IsZero() || impacts[in.Impact] > status.None)
}

// add reads one incident. Its end decides alone: a finished one may keep its
// locations, and gets a post-mortem days later.
func (d *document) add(in *incident, page string) {
	end, known := sources.Time(string(in.End))
	d.miss("end", !known)
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
	_, known := impacts[in.Impact]
	d.miss("status_impact", !known && (in.Impact != "" || in.Severity == ""))
	d.miss("severity", in.Severity != "" && !slices.Contains(severities, in.Severity))
	_, known = impacts[in.latest()]
	d.miss("update_status", !known && in.latest() != available && in.latest() != "")
	d.miss("products", in.Products.Doubt != nil)
	d.miss("locations", in.Now.Doubt != nil || in.Before.Doubt != nil)
	d.miss("updates", in.Updates.Doubt != nil)
}

func (d *document) miss(field string, missed bool) {
	if missed {
		d.unknown = append(d.unknown, field)
	}
}

func (in *incident) id() string { return cmp.Or(in.ID, in.Number).Text() }

func (in *incident) impact(wide bool) status.Indicator {
	impact, known := impacts[in.Impact]
	if !known {
		impact = status.Minor // it is open, so it is trouble
	}
	if in.Impact == "" && in.Severity == high {
		impact = status.Major
	}
	if impact == status.Major && in.Severity == high && wide {
		return status.Critical
	}
	return impact
}

// latest is the status of the newest update.
func (in *incident) latest() sources.Str {
	newest := cmp.Or(in.Latest.Value, in.Former.Value)
	for i, u := range in.Updates.All {
		if newest.at().Before(u.at()) || i == 0 && newest == (update{}) {
			newest = u
		}
	}
	return newest.Status
}

func (u update) at() time.Time {
	return status.Earliest(vendors.Instant(u.When), vendors.Instant(u.Created))
}

// recovering is true once the newest update, or the move of all locations to
// those affected before, says that the products work again.
func (in *incident) recovering() bool {
	return in.latest() == available || in.Now.Listed && in.Now.Doubt == nil && len(in.Now.All) == 0 && len(in.Before.All) > 0
}

func (in *incident) started() time.Time {
	t := status.Earliest(vendors.Instant(in.Begin), vendors.Instant(in.Created))
	for _, u := range in.Updates.All {
		t = status.Earliest(t, u.at())
	}
	return t
}

func (in *incident) title() string {
	return cmp.Or(in.Title, in.Service).Text()
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
	for _, p := range in.Products.All {
		l := p.label()
		if l.Also = []string{l.Name}; p.Current != "" {
			l.Name = p.Current.Text()
		}
		out = append(out, l)
	}
	if out == nil && in.Service != "" && in.Key != "zall" {
		out = append(out, named{ID: in.Key, Title: in.Service}.label())
	}
	return out
}

func (n named) label() cloud.Label {
	return cloud.Label{ID: n.ID.Text(), Name: n.Title.Text()}
}
