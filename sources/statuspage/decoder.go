package statuspage

import (
	"strings"

	"github.com/downstatus/downstatus_exporter/internal/status"
	"github.com/downstatus/downstatus_exporter/sources"
	"github.com/downstatus/downstatus_exporter/sources/fetch"
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
// error, never a calm page.
func (d Dialect) Summary(body []byte) (Summary, error) {
	var doc wireDocument
	if err := sources.Unmarshal(body, &doc); err != nil {
		return Summary{}, err
	}
	if err := doc.checkSummary(); err != nil {
		return Summary{}, err
	}
	r := reader{dialect: d, base: sources.Link(string(doc.Page.URL))}
	page := &status.Page{
		Name:            text(doc.Page.Name),
		URL:             strings.TrimRight(r.base, "/"),
		Word:            r.word(doc.Status.Indicator),
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
	page.UnknownWords = r.unknown
	return s, nil
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
	return History{Incidents: incidents, UnknownWords: r.unknown}, nil
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

// checkSummary demands what tells a summary from any other JSON that a host
// may answer with.
func (doc *wireDocument) checkSummary() error {
	switch {
	case !doc.Page.named():
		return fetch.Shapef("no page with an id or a name: not a summary.json of this API")
	case doc.Status == nil || doc.Status.Indicator == "":
		return fetch.Shapef("no status.indicator: not a summary.json of this API")
	case doc.Components == nil:
		return fetch.Shapef("no list of components: not a summary.json of this API (a status.json has none)")
	}
	return nil
}

// reader reads one document and notes the words that its dialect lacks.
type reader struct {
	dialect Dialect
	base    string // the page's own address, or empty
	unknown []string
}

// look finds a word in a table; a miss is noted under the field's name.
func look[T any](r *reader, field string, table map[string]T, word sources.Str, miss T) T {
	if v, ok := table[string(word)]; ok {
		return v
	}
	r.unknown = append(r.unknown, field)
	return miss
}

func (r *reader) word(indicator sources.Str) status.Word {
	miss := status.Word{Published: true, Rank: status.IndicatorUnknown}
	return look(r, "indicator", r.dialect.Indicators, indicator, miss)
}

func (r *reader) component(word sources.Str) Condition {
	miss := Condition{Rank: status.IndicatorUnknown}
	return look(r, "component_status", r.dialect.Components, word, miss)
}

// components reads the flat list of groups and leaves. Names repeat (a group
// and its leaf may share one), ids do not: of two alike the first counts.
func (r *reader) components(list []wireComponent) []status.Component {
	out := make([]status.Component, 0, len(list))
	groups := make(map[string]string)
	seen := make(map[string]bool, len(list))
	for _, c := range list {
		id := r.identity("component_id", c.ID, c.Name, seen)
		if id == "" {
			continue
		}
		if c.Group {
			groups[id] = text(c.Name)
		}
		means := r.component(c.Status)
		out = append(out, status.Component{
			ID: id, Name: text(c.Name), GroupID: text(c.GroupID), IsGroup: bool(c.Group),
			Rank: means.Rank, Maintenance: means.Maintenance, OnlyIfBad: bool(c.OnlyIfBad),
		})
	}
	for i := range out {
		out[i].Group = groups[out[i].GroupID]
	}
	return out
}

// identity is the id of a listed thing, or its name where it has none. It is
// empty for one already seen, and for one with neither, which is noted.
func (r *reader) identity(field string, id, name sources.Str, seen map[string]bool) string {
	key := text(id)
	if key == "" {
		key = text(name)
	}
	if key == "" {
		r.unknown = append(r.unknown, field)
	}
	if seen[key] {
		return ""
	}
	seen[key] = true
	return key
}

func text(s sources.Str) string { return sources.Text(string(s), sources.TextLimit) }
