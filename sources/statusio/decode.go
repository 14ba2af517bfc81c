package statusio

import (
	"strings"
	"time"

	"github.com/downstatus/downstatus_exporter/internal/status"
	"github.com/downstatus/downstatus_exporter/sources"
	"github.com/downstatus/downstatus_exporter/sources/fetch"
	"github.com/downstatus/downstatus_exporter/sources/internal/pages"
)

type body struct {
	Result *struct {
		Overall struct {
			Code code `json:"status_code"`
		} `json:"status_overall"`
		Components  []component         `json:"status"`
		Incidents   sources.List[event] `json:"incidents"`
		Maintenance struct {
			Active   sources.List[event] `json:"active"`
			Upcoming sources.List[event] `json:"upcoming"`
		} `json:"maintenance"`
	} `json:"result"`
}

type component struct {
	named
	Code       code                    `json:"status_code"`
	Containers sources.List[container] `json:"containers"`
}

type container struct {
	named
	Code code `json:"status_code"`
}

// event is an incident or a maintenance.
type event struct {
	named
	Messages   sources.List[message] `json:"messages"`
	Components sources.List[named]   `json:"components_affected"`
	Containers sources.List[named]   `json:"containers_affected"`
	Opened     sources.Str           `json:"datetime_open"`
	Resolved   sources.Str           `json:"datetime_resolved"`
	Start      sources.Str           `json:"datetime_planned_start"`
	End        sources.Str           `json:"datetime_planned_end"`
}

type message struct {
	State  code        `json:"state"`
	Status code        `json:"status"`
	At     sources.Str `json:"datetime"`
}

// named is anything with an id, which stands under one of two keys, and a
// name.
type named struct {
	ID    sources.Str `json:"id"`
	OldID sources.Str `json:"_id"`
	Label sources.Str `json:"name"`
}

func (n named) id() string {
	for _, s := range [...]sources.Str{n.ID, n.OldID, n.Label} {
		if s != "" {
			return s.Text()
		}
	}
	return ""
}

func (n named) name() string { return n.Label.Text() }

// UnmarshalJSON reads a number, also one in quotes.
func (c *code) UnmarshalJSON(b []byte) error { return (*sources.Str)(c).UnmarshalJSON(b) }

func decode(raw []byte, links linker) (*answer, error) {
	var b body
	if err := sources.Unmarshal(raw, &b); err != nil {
		return nil, err
	}
	if b.Result == nil {
		return nil, fetch.Shapef("not a Status.io document: no result")
	}
	r := newReader(links)
	r.word(b.Result.Overall.Code)
	r.components(b.Result.Components)
	for _, e := range b.Result.Incidents {
		r.incident(e)
	}
	for _, e := range b.Result.Maintenance.Active {
		r.window(e, status.InProgress)
	}
	for _, e := range b.Result.Maintenance.Upcoming {
		r.window(e, status.Scheduled)
	}
	r.page.UnknownWords = r.Unknown
	return pages.Accept(&answer{page: r.page, ended: r.ended}, r.page, b.lack())
}

// lack is what a document has besides a result, as far as it is missing.
func (b *body) lack() error {
	switch {
	case strings.Trim(string(b.Result.Overall.Code), "0123456789") != "" || b.Result.Overall.Code == "":
		return fetch.Shapef("not a Status.io document: result.status_overall.status_code is not a number")
	case b.Result.Components == nil:
		return fetch.Shapef("not a Status.io document: result.status is not a list")
	}
	return nil
}

// reader turns one document into a page.
type reader struct {
	pages.Reader
	page   *status.Page
	links  linker
	listed map[string]component             // by id
	leaves map[string][]status.ComponentRef // by the container's id
	ended  []status.Incident

	parts, incidents, windows pages.IDs
}

func newReader(links linker) *reader {
	return &reader{
		page:   &status.Page{URL: links.origin, MaintenanceWord: true},
		links:  links,
		listed: map[string]component{},
		leaves: map[string][]status.ComponentRef{},

		parts: pages.IDs{}, incidents: pages.IDs{}, windows: pages.IDs{},
	}
}

func (r *reader) condition(field string, c code) pages.Condition {
	return pages.Look(&r.Reader, field, conditions, c, pages.Condition{Rank: status.IndicatorUnknown})
}

func (r *reader) word(c code) {
	means := r.condition("status_code", c)
	r.page.Word = status.Word{Published: true, Rank: means.Rank, Maintenance: means.Maintenance}
}

// components makes a component with containers (regions, mostly) a group of
// them: the same container stands under several components, so a leaf is the
// pair.
func (r *reader) components(all []component) {
	for _, c := range all {
		r.listed[c.id()] = c
		r.component(c.Code, status.Component{ID: c.id(), Name: c.name(), IsGroup: len(c.Containers) > 0})
		for _, k := range c.Containers {
			r.leaves[k.id()] = append(r.leaves[k.id()], ref(c, k))
			r.component(k.Code, status.Component{ID: pair(c, k), Name: k.name(), Group: c.name(), GroupID: c.id()})
		}
	}
}

func (r *reader) component(c code, p status.Component) {
	means := r.condition("component_status", c)
	p.ID = r.Key("component", sources.Str(p.ID), sources.Str(p.Name), r.parts)
	p.Name = pages.Named(sources.Str(p.Name), p.ID)
	p.Rank, p.Maintenance = means.Rank, means.Maintenance
	r.page.Components = append(r.page.Components, p)
}

func pair(c component, k container) string { return c.id() + "/" + k.id() }

func (r *reader) incident(e event) {
	in := status.Incident{
		ID: r.Key("incident", sources.Str(e.id()), "", r.incidents), Title: e.name(), URL: r.links.to("incident", e.id()),
		Impact: status.IndicatorUnknown, Components: r.refs(e), Started: e.started(),
	}
	end := instant(e.Resolved)
	in.Over = !end.IsZero()
	if m, ok := e.newest(); ok { // what was said last leads
		in.Impact = r.condition("incident_status", m.Status).Rank
		stage := pages.Look(&r.Reader, "incident_state", stages, m.State, pages.Stage{Over: in.Over})
		in.Monitoring, in.Over = stage.Monitoring, stage.Over
		if end.IsZero() {
			end = instant(m.At)
		}
	}
	if !in.Over {
		r.page.Incidents = append(r.page.Incidents, in)
		return
	}
	in.Resolved, in.Impact = end, r.worst(e)
	r.ended = append(r.ended, in)
}

// worst is what an incident that is over came to at its height: its last
// message speaks of the recovery.
func (r *reader) worst(e event) status.Indicator {
	worst := status.IndicatorUnknown
	for _, m := range e.Messages {
		if means, ok := conditions[m.Status]; ok {
			worst = max(worst, means.Rank)
		}
	}
	return worst
}

// window takes a maintenance from the list it stands in; only a message that
// calls it finished outweighs that.
func (r *reader) window(e event, state status.WindowState) {
	if m, ok := e.newest(); ok && m.State == resolved {
		state = status.Completed
	}
	r.page.Windows = append(r.page.Windows, status.Window{
		ID: r.Key("maintenance", sources.Str(e.id()), "", r.windows), Title: e.name(), URL: r.links.to("maintenance", e.id()), State: state,
		Components: r.refs(e), Start: instant(e.Start), End: instant(e.End),
	})
}

// refs pairs the components that an event names with the containers it names,
// as far as the page lists the pair. An event names them in two lists, so that
// of two components in two regions all four pairs are meant.
func (r *reader) refs(e event) []status.ComponentRef {
	var out []status.ComponentRef
	if len(e.Components) == 0 {
		for _, k := range e.Containers {
			out = append(out, r.leaves[k.id()]...)
		}
		return out
	}
	named := make(map[string]bool, len(e.Containers))
	for _, k := range e.Containers {
		named[k.id()] = true
	}
	for _, c := range e.Components {
		n := len(out)
		for _, k := range r.listed[c.id()].Containers {
			if len(named) == 0 || named[k.id()] {
				out = append(out, ref(r.listed[c.id()], k))
			}
		}
		if len(out) == n {
			out = append(out, status.ComponentRef{ID: c.id(), Name: c.name(), Rank: status.IndicatorUnknown})
		}
	}
	return out
}

func ref(c component, k container) status.ComponentRef {
	return status.ComponentRef{ID: pair(c, k), Name: c.name() + " - " + k.name(), Rank: status.IndicatorUnknown}
}

// newest is the message of the latest time; of equals the later in the list,
// which is in the order of writing.
func (e event) newest() (message, bool) {
	var newest message
	for _, m := range e.Messages {
		if !instant(m.At).Before(instant(newest.At)) {
			newest = m
		}
	}
	return newest, len(e.Messages) > 0
}

func (e event) started() time.Time {
	start := instant(e.Opened)
	for _, m := range e.Messages {
		start = status.Earliest(start, instant(m.At))
	}
	return start
}

// instant is zero for what is not a time.
func instant(s sources.Str) time.Time {
	t, _ := sources.Time(string(s))
	return t
}
