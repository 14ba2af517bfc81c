package openstatus

import (
	"net/url"
	"strings"

	"github.com/downstatus/downstatus_exporter/internal/status"
	"github.com/downstatus/downstatus_exporter/sources"
	"github.com/downstatus/downstatus_exporter/sources/fetch"
	"github.com/downstatus/downstatus_exporter/sources/internal/pages"
	"github.com/downstatus/downstatus_exporter/sources/statuspage"
)

// words are Statuspage's, by the vendor's own intent.
var words = statuspage.Standard

// impacts are Statuspage's and none at all: the vendor's incidents have no
// impact. Open, they are trouble of a kind not told.
var impacts = func() map[string]status.Indicator {
	table := map[string]status.Indicator{"": status.IndicatorUnknown}
	for word, rank := range words.Impacts {
		table[word] = rank
	}
	return table
}()

type wireSummary struct {
	Page *struct {
		Name sources.Str `json:"name"`
		URL  sources.Str `json:"url"`
	} `json:"page"`
	Status struct {
		Indicator sources.Str `json:"indicator"`
	} `json:"status"`
	Components   sources.List[wireComponent] `json:"components"`
	Incidents    sources.List[wireEvent]     `json:"incidents"`
	Maintenances sources.List[wireEvent]     `json:"scheduled_maintenances"`
}

type wireComponent struct {
	ID     sources.Str `json:"id"` // none so far
	Name   sources.Str `json:"name"`
	Status sources.Str `json:"status"`
}

// wireEvent is an incident or a maintenance.
type wireEvent struct {
	ID        sources.Str `json:"id"`
	Name      sources.Str `json:"name"`
	Status    sources.Str `json:"status"`
	Impact    sources.Str `json:"impact"` // none so far
	UpdatedAt sources.Str `json:"updated_at"`
	Start     sources.Str `json:"scheduled_for"`
	End       sources.Str `json:"scheduled_until"`
	Updates   sources.List[struct {
		CreatedAt sources.Str `json:"created_at"`
	}] `json:"incident_updates"`
}

func (doc *wireSummary) named() bool {
	return doc.Page != nil && (doc.Page.Name != "" || doc.Page.URL != "")
}

// lack is what tells this summary.json from those of other engines, as far as
// it is missing.
func (doc *wireSummary) lack() error {
	switch {
	case doc.Status.Indicator == "":
		return fetch.Shapef("no status.indicator: not a summary.json of openstatus")
	case doc.Components == nil:
		return fetch.Shapef("no list of components: not a summary.json of openstatus (a current.json has none)")
	}
	return nil
}

// decode reads a summary.json; home is the page's address where it names none.
func decode(body []byte, home string) (*status.Page, error) {
	var doc wireSummary
	if err := sources.Unmarshal(body, &doc); err != nil {
		return nil, err
	}
	if !doc.named() {
		return nil, fetch.Shapef("no page with a name or an address: not a summary.json of openstatus")
	}
	if link := sources.Link(string(doc.Page.URL)); link != "" {
		home = strings.TrimRight(link, "/")
	}
	r := &reader{home: home}
	page := &status.Page{
		Name:            doc.Page.Name.Text(),
		URL:             home,
		Word:            pages.Look(&r.Reader, "indicator", words.Indicators, doc.Status.Indicator, pages.UnknownWord),
		MaintenanceWord: true,
		Components:      r.components(doc.Components),
		Incidents:       r.incidents(doc.Incidents),
		Windows:         r.windows(doc.Maintenances),
	}
	page.UnknownWords = r.Unknown
	return pages.Accept(page, page, doc.lack())
}

type reader struct {
	pages.Reader
	home string
}

// components come without ids and groups, so that a name may stand for several
// of them: none is dropped.
func (r *reader) components(list []wireComponent) []status.Component {
	taken, out := pages.IDs{}, make([]status.Component, 0, len(list))
	for _, c := range list {
		id := r.Key("component", c.ID, c.Name, taken)
		means := r.Condition(words.Components, c.Status)
		out = append(out, status.Component{ID: id, Name: pages.Named(c.Name, id), Rank: means.Rank, Maintenance: means.Maintenance})
	}
	return out
}

func (r *reader) incidents(list []wireEvent) []status.Incident {
	taken := pages.IDs{}
	var out []status.Incident
	for _, e := range list {
		stage := pages.Look(&r.Reader, "incident_status", words.Incidents, e.Status, pages.Stage{})
		if stage.Over {
			continue
		}
		id := r.Key("incident", e.ID, e.Name, taken)
		in := status.Incident{
			ID:         id,
			Title:      e.Name.Text(),
			URL:        r.link("report", id),
			Impact:     pages.Look(&r.Reader, "incident_impact", impacts, e.Impact, status.IndicatorUnknown),
			Monitoring: stage.Monitoring,
			Started:    r.Time(e.UpdatedAt), // of the newest update, or of the report if it has none
		}
		for _, u := range e.Updates {
			in.Started = status.Earliest(in.Started, r.Time(u.CreatedAt))
		}
		out = append(out, in)
	}
	return out
}

func (r *reader) windows(list []wireEvent) []status.Window {
	taken := pages.IDs{}
	var out []status.Window
	for _, e := range list {
		id := r.Key("maintenance", e.ID, e.Name, taken)
		out = append(out, status.Window{
			ID:    id,
			Title: e.Name.Text(),
			URL:   r.link("maintenance", id),
			State: pages.Look(&r.Reader, "maintenance_status", words.Maintenances, e.Status, status.NoState),
			Start: r.Time(e.Start),
			End:   r.Time(e.End),
		})
	}
	return out
}

// link is where people read about an event.
func (r *reader) link(kind, id string) string {
	return sources.Link(r.home + "/events/" + kind + "/" + url.PathEscape(id))
}
