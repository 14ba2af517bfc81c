package instatus

import (
	"bytes"
	"encoding/json"
	"maps"
	"net/url"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/downstatus/downstatus_exporter/internal/status"
	"github.com/downstatus/downstatus_exporter/sources"
	"github.com/downstatus/downstatus_exporter/sources/fetch"
	"github.com/downstatus/downstatus_exporter/sources/internal/pages"
)

// summary is what one version of summary.json says.
type summary struct {
	name, url string
	word      status.Word
	incidents []status.Incident // not over
	windows   []status.Window
	unknown   []string
}

type wireSummary struct {
	Page *struct {
		Name   label       `json:"name"`
		URL    sources.Str `json:"url"`
		Status sources.Str `json:"status"`
	} `json:"page"`
	Incidents    sources.List[wireEvent] `json:"activeIncidents"`    // absent if there are none
	Maintenances sources.List[wireEvent] `json:"activeMaintenances"` // likewise
}

// wireEvent is an incident or a maintenance.
type wireEvent struct {
	ID       sources.Str `json:"id"` // only in newer ones
	Name     label       `json:"name"`
	URL      sources.Str `json:"url"`
	Status   sources.Str `json:"status"`
	Impact   sources.Str `json:"impact"`
	Started  sources.Str `json:"started"`  // of an incident
	Start    sources.Str `json:"start"`    // of a maintenance
	Duration sources.Str `json:"duration"` // of a maintenance, in minutes
}

// id is the event's own, else what its address ends with.
func (e wireEvent) id() sources.Str {
	u, err := url.Parse(string(e.URL))
	if e.ID != "" || err != nil || strings.Trim(u.Path, "/") == "" {
		return e.ID
	}
	return sources.Str(path.Base(u.Path))
}

// decodeSummary reads a summary.json. Its lists may be absent; its word only
// where they tell of trouble.
func decodeSummary(body []byte) (*summary, error) {
	var doc wireSummary
	if err := sources.Unmarshal(body, &doc); err != nil {
		return nil, err
	}
	if doc.Page == nil {
		return nil, fetch.Shapef("no page: not a summary.json of Instatus")
	}
	var r reader
	out := &summary{
		name:      sources.Str(doc.Page.Name).Text(),
		url:       strings.TrimRight(sources.Link(string(doc.Page.URL)), "/"),
		word:      pages.Look(&r.Reader, "page_status", verdicts, doc.Page.Status, pages.UnknownWord),
		incidents: r.incidents(doc.Incidents),
		windows:   r.windows(doc.Maintenances),
	}
	out.unknown = r.Unknown
	if doc.Page.Status != "" {
		return out, nil
	}
	return pages.Accept(out, makePage(out, &noList, ""), fetch.Shapef("no page.status: not a summary.json of Instatus"))
}

type reader struct{ pages.Reader }

func (r *reader) incidents(events []wireEvent) []status.Incident {
	taken := pages.IDs{}
	var out []status.Incident
	for _, e := range events {
		stage := pages.Look(&r.Reader, "incident_status", stages, e.Status, pages.Stage{})
		impact := pages.Look(&r.Reader, "incident_impact", conditions, e.Impact, pages.Condition{Rank: status.IndicatorUnknown})
		if stage.Over {
			continue
		}
		out = append(out, status.Incident{
			ID: r.Key("incident", e.id(), sources.Str(e.Name), taken), Title: sources.Str(e.Name).Text(), URL: sources.Link(string(e.URL)),
			Impact: impact.Rank, Monitoring: stage.Monitoring, Started: r.instant(e.Started),
		})
	}
	return out
}

func (r *reader) windows(events []wireEvent) []status.Window {
	taken := pages.IDs{}
	var out []status.Window
	for _, e := range events {
		w := status.Window{
			ID: r.Key("maintenance", e.id(), sources.Str(e.Name), taken), Title: sources.Str(e.Name).Text(), URL: sources.Link(string(e.URL)),
			State: pages.Look(&r.Reader, "maintenance_status", states, e.Status, status.NoState),
			Start: r.instant(e.Start),
		}
		if length := minutes(e.Duration); length > 0 && !w.Start.IsZero() {
			w.End = w.Start.Add(length)
		}
		out = append(out, w)
	}
	return out
}

// minutes is zero for what is no number of them. A hundred years are enough.
func minutes(raw sources.Str) time.Duration {
	n, err := strconv.ParseFloat(string(raw), 64)
	if err != nil || !(n > 0 && n < 100*365*24*60) {
		return 0
	}
	return time.Duration(n * float64(time.Minute)).Truncate(time.Millisecond)
}

// scripted is how a browser's script writes a time, without the name of the
// zone in brackets.
const scripted = "Mon Jan 2 2006 15:04:05 GMT-0700"

// instant reads a time in either of the forms that pages have.
func (r *reader) instant(raw sources.Str) time.Time {
	plain, _, _ := strings.Cut(string(raw), " (")
	if t, err := time.Parse(scripted, plain); err == nil {
		return t.UTC()
	}
	return r.Time(raw)
}

// list is what one version of the list of components says.
type list struct {
	components []status.Component
	unknown    []string
}

// noList stands for a list that no path has.
var noList list

type wireComponent struct {
	ID       sources.Str                 `json:"id"`
	Name     label                       `json:"name"`
	Status   sources.Str                 `json:"status"`
	Group    group                       `json:"group"`
	IsParent sources.Bool                `json:"isParent"`
	Children sources.List[wireComponent] `json:"children"`
}

// told is true for what cannot but be a component.
func (w wireComponent) told() bool { return w.Name != "" && w.Status != "" }

// decodeList reads a components.json of any version: an object with a list, or
// the list alone.
func decodeList(body []byte) (*list, error) {
	var doc struct {
		Components sources.List[wireComponent] `json:"components"`
	}
	var into any = &doc
	bare := bytes.HasPrefix(bytes.TrimSpace(body), []byte("["))
	if bare {
		into = &doc.Components
	}
	if err := sources.Unmarshal(body, into); err != nil {
		return nil, err
	}
	if doc.Components == nil || bare && !slices.ContainsFunc(doc.Components, wireComponent.told) {
		return nil, fetch.Shapef("no list of components: not a components.json of Instatus")
	}
	c := collector{taken: pages.IDs{}}
	c.add(doc.Components, group{})
	c.nameGroups()
	return &list{components: c.out, unknown: c.Unknown}, nil
}

// collector makes one list of components, whether groups hold their members or
// members name their group.
type collector struct {
	pages.Reader
	taken pages.IDs
	out   []status.Component
}

func (c *collector) add(components []wireComponent, within group) {
	for _, w := range components {
		id := c.Key("component", w.ID, sources.Str(w.Name), c.taken)
		if w.Group == (group{}) {
			w.Group = within
		}
		p := status.Component{
			ID: id, Name: pages.Named(sources.Str(w.Name), id),
			GroupID: w.Group.ID.Text(), Group: sources.Str(w.Group.Name).Text(),
			IsGroup: bool(w.IsParent) || len(w.Children) > 0, Rank: status.IndicatorUnknown,
		}
		if !p.IsGroup || w.Status != "" {
			means := c.Condition(conditions, w.Status)
			p.Rank, p.Maintenance = means.Rank, means.Maintenance
		}
		c.out = append(c.out, p)
		c.add(w.Children, group{ID: sources.Str(id), Name: label(p.Name)})
	}
}

// nameGroups finds the components that others name as their group.
func (c *collector) nameGroups() {
	at := make(map[string]int, len(c.out))
	for i, p := range c.out {
		at[p.ID] = i
	}
	for i := range c.out {
		p := &c.out[i]
		if g, ok := at[p.GroupID]; ok && g != i && p.GroupID != "" {
			c.out[g].IsGroup = true
			p.Group = c.out[g].Name
		}
	}
}

// makePage puts both documents together; home is the page's address where it
// names none.
func makePage(from *summary, with *list, home string) *status.Page {
	p := &status.Page{
		Name: from.name, URL: from.url, Word: from.word, MaintenanceWord: true,
		Components: with.components, Incidents: from.incidents, Windows: from.windows,
		UnknownWords: slices.Concat(from.unknown, with.unknown),
	}
	if p.URL == "" {
		p.URL = home
	}
	if p.Word.Rank >= status.Minor {
		p.Word.Rank = severity(p)
	}
	return p
}

// severity is what a word of trouble that has none comes to: at least minor,
// the worst that an incident says, and the components by the rule of the whole
// program: a rank counts in full if half of the leaves reach it, else at most
// one step above minor.
func severity(p *status.Page) status.Indicator {
	rank := status.Minor
	for _, in := range p.Incidents {
		if !in.Monitoring {
			rank = max(rank, in.Impact)
		}
	}
	leaves, critical := 0, 0
	for _, c := range p.Components {
		if c.IsGroup || c.Maintenance || c.Rank == status.IndicatorUnknown {
			continue
		}
		leaves++
		if c.Rank == status.Critical {
			critical++
		}
		rank = max(rank, min(c.Rank, status.Major))
	}
	if critical > 0 && 2*critical >= leaves {
		rank = status.Critical
	}
	return rank
}

// label is a name that may come in several languages.
type label sources.Str

// UnmarshalJSON takes the default language, else English, else the first.
func (l *label) UnmarshalJSON(b []byte) error {
	if b[0] != '{' {
		return (*sources.Str)(l).UnmarshalJSON(b)
	}
	var languages map[string]sources.Str
	if err := json.Unmarshal(b, &languages); err != nil {
		return err
	}
	for _, language := range append([]string{"default", "en"}, slices.Sorted(maps.Keys(languages))...) {
		if *l = label(languages[language]); *l != "" {
			break
		}
	}
	return nil
}

// group is what a component belongs to: null, an id or a name, or an object
// with both.
type group struct {
	ID   sources.Str `json:"id"`
	Name label       `json:"name"`
}

// UnmarshalJSON accepts any value.
func (g *group) UnmarshalJSON(b []byte) error {
	if b[0] == '{' {
		type plain group
		return json.Unmarshal(b, (*plain)(g))
	}
	err := g.ID.UnmarshalJSON(b)
	g.Name = label(g.ID)
	return err
}
