package betterstack

import (
	"time"

	"github.com/downstatus/downstatus_exporter/internal/status"
	"github.com/downstatus/downstatus_exporter/sources"
	"github.com/downstatus/downstatus_exporter/sources/fetch"
	"github.com/downstatus/downstatus_exporter/sources/internal/pages"
)

// document is what one version of index.json says. Its page has no incidents:
// which reports are open depends on the time.
type document struct {
	page    status.Page
	reports []report
}

// report is an incident as far as it does not depend on the time.
type report struct {
	status.Incident           // Over: the page says so
	ends            time.Time // as planned or as written down; zero if not given
	lastUpdate      time.Time
}

// at is the page at a time, and the incidents that are over by then.
func (d *document) at(now time.Time) (*status.Page, []status.Incident) {
	page := d.page
	open, over := d.split(now)
	page.Incidents = open
	return &page, over
}

// split tells the incidents open at a time from those that are over by then.
func (d *document) split(now time.Time) (open, over []status.Incident) {
	for _, r := range d.reports {
		in := r.Incident
		ended := !r.ends.IsZero() && !r.ends.After(now)
		in.Over = in.Over || ended
		if !in.Over {
			open = append(open, in)
			continue
		}
		// ends_at often stays null, also on what is resolved.
		in.Resolved = r.lastUpdate
		if ended {
			in.Resolved = r.ends
		}
		if !in.Resolved.IsZero() {
			in.Resolved = status.Latest(in.Resolved, in.Started)
		}
		over = append(over, in)
	}
	return open, over
}

// wireDocument is a JSON:API document.
type wireDocument struct {
	Data     *wireObject              `json:"data"`
	Included sources.List[wireObject] `json:"included"`
}

// wireObject is the page or anything included. Ids are strings here and
// numbers in attributes.
type wireObject struct {
	ID            sources.Str    `json:"id"`
	Type          sources.Str    `json:"type"`
	Attributes    wireAttributes `json:"attributes"`
	Relationships struct {
		Updates struct {
			Data sources.List[struct {
				ID sources.Str `json:"id"`
			}] `json:"data"`
		} `json:"status_updates"`
	} `json:"relationships"`
}

// wireAttributes are those of all types together.
type wireAttributes struct {
	State sources.Str `json:"aggregate_state"` // of the page or a report

	Company sources.Str `json:"company_name"`

	Name sources.Str `json:"name"` // of a section

	Section    sources.Str `json:"status_page_section_id"`
	PublicName sources.Str `json:"public_name"`
	Status     sources.Str `json:"status"`

	Title  sources.Str `json:"title"`
	Kind   sources.Str `json:"report_type"`
	Starts sources.Str `json:"starts_at"`
	Ends   sources.Str `json:"ends_at"`

	Published sources.Str `json:"published_at"` // of an update

	Affected sources.List[wireAffected] `json:"affected_resources"` // by a report or an update
}

type wireAffected struct {
	ID     sources.Str `json:"status_page_resource_id"`
	Status sources.Str `json:"status"`
}

// lack is what an index.json has besides a page, as far as it is missing.
func (doc *wireDocument) lack() error {
	switch {
	case doc.Data.Attributes.State == "":
		return fetch.Shapef("no aggregate_state: not an index.json of Better Stack")
	case doc.Included == nil:
		return fetch.Shapef("nothing is included: neither resources nor reports can be read")
	}
	return nil
}

// decode reads an index.json.
func decode(body []byte, home string) (*document, error) {
	var doc wireDocument
	if err := sources.Unmarshal(body, &doc); err != nil {
		return nil, err
	}
	if doc.Data == nil || doc.Data.Type != "status_page" {
		return nil, fetch.Shapef("data is no status_page: not an index.json of Better Stack")
	}
	r := &reader{home: home, byType: make(map[sources.Str][]wireObject)}
	for _, o := range doc.Included {
		r.byType[o.Type] = append(r.byType[o.Type], o)
	}
	out := &document{page: status.Page{
		Name:            doc.Data.Attributes.Company.Text(),
		URL:             home,
		Word:            pages.Look(&r.Reader, "aggregate_state", aggregates, doc.Data.Attributes.State, pages.UnknownWord),
		MaintenanceWord: true,
		Components:      r.components(),
		Doubtful:        doc.lack() != nil,
	}}
	if out.page.Word.Rank == status.Major && pages.NothingStands(out.page.Components) {
		out.page.Word.Rank = status.Critical
	}
	out.reports, out.page.Windows = r.reports(out.page.Components)
	out.page.UnknownWords = r.Unknown
	all, _ := out.at(time.Time{})
	return pages.Accept(out, all, doc.lack())
}

type reader struct {
	pages.Reader
	home   string
	byType map[sources.Str][]wireObject
}

func (r *reader) components() []status.Component {
	sections := make(map[string]string)
	for _, o := range r.byType["status_page_section"] {
		sections[o.ID.Text()] = o.Attributes.Name.Text()
	}
	list := r.byType["status_page_resource"]
	taken, out := pages.IDs{}, make([]status.Component, 0, len(list))
	for _, o := range list {
		id := r.Key("component", o.ID, o.Attributes.PublicName, taken)
		means := r.Condition(conditions, o.Attributes.Status)
		section := o.Attributes.Section.Text()
		out = append(out, status.Component{
			ID: id, Name: pages.Named(o.Attributes.PublicName, id), Group: sections[section], GroupID: section,
			Rank: means.Rank, Maintenance: means.Maintenance,
		})
	}
	return out
}

// reports tells maintenance from incidents: it is planned, or in no other
// state. Its word does not say whether it has begun, so the clock decides; what
// is resolved is left out.
func (r *reader) reports(components []status.Component) (reports []report, windows []status.Window) {
	x := r.directory(components)
	taken := pages.IDs{}
	for _, o := range r.byType["status_report"] {
		a := o.Attributes
		id := r.Key("report", o.ID, a.Title, taken)
		means := pages.Look(&r.Reader, "report_state", verdicts, a.State, verdict{rank: status.IndicatorUnknown})
		maintenance := pages.Look(&r.Reader, "report_type", planned, a.Kind, false) || means.maintenance
		switch {
		case maintenance && means.over:
		case maintenance:
			windows = append(windows, status.Window{
				ID: id, Title: a.Title.Text(), URL: r.home, Components: x.touched(a.Affected),
				Start: r.Time(a.Starts), End: r.Time(a.Ends),
			})
		default:
			reports = append(reports, r.report(id, o, means, x))
		}
	}
	return reports, windows
}

// report reads an incident. One that is over, or whose word is not understood,
// is ranked by what it does to its resources: its own word does not tell.
func (r *reader) report(id string, o wireObject, means verdict, x directory) report {
	a := o.Attributes
	out := report{ends: r.Time(a.Ends)}
	out.Incident = status.Incident{
		ID: id, Title: a.Title.Text(), URL: r.home, Impact: means.rank, Over: means.over, Started: r.Time(a.Starts),
	}
	told := a.Affected
	for _, ref := range o.Relationships.Updates.Data {
		u := x.updates[ref.ID.Text()]
		at := r.Time(u.Published)
		out.Started = status.Earliest(out.Started, at)
		out.lastUpdate = status.Latest(out.lastUpdate, at)
		if means.over {
			told = append(told, u.Affected...)
		}
	}
	out.Components = r.refs(told, x)
	if means.rank == status.IndicatorUnknown {
		for _, ref := range out.Components {
			out.Impact = max(out.Impact, ref.Rank)
		}
	}
	return out
}

// directory finds resources and updates by id.
type directory struct {
	names   map[string]string // of resources
	updates map[string]wireAttributes
}

func (r *reader) directory(components []status.Component) directory {
	x := directory{names: make(map[string]string), updates: make(map[string]wireAttributes)}
	for _, c := range components {
		x.names[c.ID] = c.Name
	}
	for _, o := range r.byType["status_update"] {
		x.updates[o.ID.Text()] = o.Attributes
	}
	return x
}

// refs names each resource once, at its worst. Some have left the page: they
// keep their id, so that the report does not seem to touch everything.
func (r *reader) refs(told []wireAffected, x directory) []status.ComponentRef {
	var out []status.ComponentRef
	at := make(map[string]int, len(told))
	for _, a := range told {
		id := a.ID.Text()
		if id == "" {
			continue
		}
		i, twice := at[id]
		if !twice {
			i, at[id] = len(out), len(out)
			out = append(out, status.ComponentRef{ID: id, Name: x.names[id], Rank: status.IndicatorUnknown})
		}
		rank := max(out[i].Rank, pages.Look(&r.Reader, "affected_status", affected, a.Status, status.IndicatorUnknown))
		out[i].Rank, out[i].Impact, out[i].HasImpact = rank, rank, rank != status.IndicatorUnknown
	}
	return out
}

// touched names the resources of a maintenance.
func (x directory) touched(told []wireAffected) []status.ComponentRef {
	var out []status.ComponentRef
	for _, a := range told {
		if id := a.ID.Text(); id != "" {
			out = append(out, status.ComponentRef{ID: id, Name: x.names[id], Rank: status.IndicatorUnknown, Impact: status.IndicatorUnknown})
		}
	}
	return out
}
