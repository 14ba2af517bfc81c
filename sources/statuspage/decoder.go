package statuspage

import (
	"strings"

	"github.com/downstatus/downstatus_exporter/internal/status"
	"github.com/downstatus/downstatus_exporter/sources"
	"github.com/downstatus/downstatus_exporter/sources/fetch"
	"github.com/downstatus/downstatus_exporter/sources/internal/pages"
)

// Summary is a decoded summary.json.
type Summary struct {
	Page *status.Page
	Over []status.Incident // listed, though they have ended
}

// History is a decoded incidents.json.
type History struct {
	Incidents    []status.Incident // newest first, as listed; open ones too
	UnknownWords []string          // as in status.Page
}

// Summary decodes a summary.json. A body that is not positively one is an
// error, never a calm page. One that lacks its verdict or its components counts
// for the trouble that the rest of it tells.
func (d Dialect) Summary(body []byte) (Summary, error) {
	var doc wireDocument
	if err := sources.Unmarshal(body, &doc); err != nil {
		return Summary{}, err
	}
	if !doc.Page.named() {
		return Summary{}, fetch.Shapef("no page with an id or a name: not a summary.json of this API")
	}
	r := reader{dialect: d, base: sources.Link(string(doc.Page.URL))}
	page := &status.Page{
		Name:            doc.Page.Name.Text(),
		URL:             strings.TrimRight(r.base, "/"),
		Word:            r.word(doc.indicator()),
		Components:      r.components(doc.Components),
		MaintenanceWord: true,
	}
	s := Summary{Page: page}
	incidents, windows := r.split(doc.Incidents)
	for _, in := range incidents {
		if in.Over {
			s.Over = append(s.Over, in)
		} else {
			page.Incidents = append(page.Incidents, in)
		}
	}
	page.Windows = r.windows(append(doc.Maintenances, windows...))
	page.UnknownWords = r.Unknown
	return pages.Accept(s, page, doc.lack())
}

// History decodes an incidents.json.
func (d Dialect) History(body []byte) (History, error) {
	var doc wireDocument
	if err := sources.Unmarshal(body, &doc); err != nil {
		return History{}, err
	}
	switch {
	case !doc.Page.named():
		return History{}, fetch.Shapef("no page with an id or a name: not an incidents.json")
	case doc.Incidents == nil:
		return History{}, fetch.Shapef("no list of incidents: not an incidents.json")
	}
	r := reader{dialect: d, base: sources.Link(string(doc.Page.URL))}
	incidents, _ := r.split(doc.Incidents)
	return History{Incidents: incidents, UnknownWords: r.Unknown}, nil
}

// wireDocument is what summary.json and incidents.json have between them.
type wireDocument struct {
	Page         *wirePage                   `json:"page"`
	Status       *wireStatus                 `json:"status"`
	Components   sources.List[wireComponent] `json:"components"`
	Incidents    sources.List[wireIncident]  `json:"incidents"`
	Maintenances sources.List[wireIncident]  `json:"scheduled_maintenances"`
}

type wirePage struct {
	ID   sources.Str `json:"id"`
	Name sources.Str `json:"name"`
	URL  sources.Str `json:"url"`
}

type wireStatus struct {
	Indicator sources.Str `json:"indicator"`
}

type wireComponent struct {
	ID        sources.Str  `json:"id"`
	Name      sources.Str  `json:"name"`
	Status    sources.Str  `json:"status"`
	Group     sources.Bool `json:"group"`
	GroupID   sources.Str  `json:"group_id"`
	OnlyIfBad sources.Bool `json:"only_show_if_degraded"`
}

func (p *wirePage) named() bool { return p != nil && (p.ID != "" || p.Name != "") }

// lack is what tells a summary from other documents of the same page, as far
// as it is missing.
func (doc *wireDocument) lack() error {
	switch {
	case doc.indicator() == "":
		return fetch.Shapef("no status.indicator: not a summary.json of this API")
	case doc.Components == nil:
		return fetch.Shapef("no list of components: not a summary.json of this API (a status.json has none)")
	}
	return nil
}

func (doc *wireDocument) indicator() sources.Str {
	if doc.Status == nil {
		return ""
	}
	return doc.Status.Indicator
}

// reader reads one document in a dialect.
type reader struct {
	pages.Reader
	dialect Dialect
	base    string // the page's own address, or empty
}

func (r *reader) word(indicator sources.Str) status.Word {
	return pages.Look(&r.Reader, "indicator", r.dialect.Indicators, indicator, pages.UnknownWord)
}

// components reads the flat list of groups and leaves. Names repeat (a group
// and its leaf may share one), ids do not.
func (r *reader) components(list []wireComponent) []status.Component {
	out := make([]status.Component, 0, len(list))
	groups, taken := make(map[string]string), pages.IDs{}
	for _, c := range list {
		id := r.Key("component", c.ID, c.Name, taken)
		name := pages.Named(c.Name, id)
		if c.Group {
			groups[id] = name
		}
		means := r.Condition(r.dialect.Components, c.Status)
		out = append(out, status.Component{
			ID: id, Name: name, GroupID: c.GroupID.Text(), IsGroup: bool(c.Group),
			Rank: means.Rank, Maintenance: means.Maintenance, OnlyIfBad: bool(c.OnlyIfBad),
		})
	}
	for i := range out {
		out[i].Group = groups[out[i].GroupID]
	}
	return out
}
