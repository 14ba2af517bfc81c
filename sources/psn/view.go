package psn

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/downstatus/downstatus_exporter/internal/status"
	"github.com/downstatus/downstatus_exporter/sources"
	"github.com/downstatus/downstatus_exporter/sources/fetch"
	"github.com/downstatus/downstatus_exporter/sources/internal/pages"
	"github.com/downstatus/downstatus_exporter/sources/internal/vendors"
)

// leftover is when an entry without an end is one that was forgotten.
const leftover = 7 * 24 * time.Hour

// stage is where an entry stands at the time of a poll.
type stage int8

const (
	live stage = iota
	over
	ahead
	forgotten
)

func (e entry) stage(now time.Time) stage {
	start, end := e.started(), instant(e.End)
	switch {
	case e.check() != nil:
		return forgotten // the document is doubtful
	case !end.IsZero() && !end.After(now):
		return over
	case start.After(now):
		return ahead
	case !start.IsZero() && now.Sub(start) >= leftover:
		return forgotten
	default:
		return live
	}
}

// viewer tells what a document means.
type viewer struct {
	page      string // address for people
	countries vendors.List
	services  vendors.List
}

// read puts the countries that count together: a component is a service in all
// of them.
func (v viewer) read(d *document, now time.Time) (sources.Reading, error) {
	b := &board{now: now, parts: map[string]*part{}, events: map[string]*event{}}
	var parts []entry
	for _, c := range d.Countries.All {
		if v.countries.Covers(c.code()) {
			b.country(c)
		}
		parts = slices.Concat(parts, c.Status.All, c.entries())
	}
	if len(b.order) == 0 {
		return sources.Reading{}, fetch.Shapef("regions: no country %s in the document of %.40s: another document may have it", v.countries, d.Region)
	}
	for _, e := range b.unexplained(d.Status.All, parts) {
		b.event(e)
	}
	r := b.reading(v.page)
	r.Page.Scoped = v.countries.Active()
	if err := vendors.Narrow(&r, "services", v.services); err != nil {
		return r, err
	}
	return pages.Doubted(r, d.doubt())
}

// board is a page being put together.
type board struct {
	now     time.Time
	order   []*part
	parts   map[string]*part // by name
	told    []*event
	events  map[string]*event // by stage and key
	unknown []string
}

// part is a service, with the number of countries that list it, in which it is
// in trouble, in trouble of rank major, and under maintenance.
type part struct {
	id, name                       string
	countries, hurt, down, working int
}

// event is an entry with the number of countries in which it strikes each
// part.
type event struct {
	entry
	kind
	stage stage
	parts []*part
	at    map[*part]int
}

// country adds the services of a country. Entries of its own strike all of
// them.
func (b *board) country(c territory) {
	above := b.unexplained(c.Status.All, c.entries())
	for _, s := range c.Services.All {
		if s.name() == "" {
			continue
		}
		b.service(b.part(s), slices.Concat(s.entries(), above))
	}
}

func (b *board) part(s service) *part {
	key := strings.ToLower(s.name())
	p, known := b.parts[key]
	if !known {
		p = &part{id: cmp.Or(s.ID, s.Label).Text(), name: s.name()}
		b.parts[key] = p
		b.order = append(b.order, p)
	}
	p.countries++
	return p
}

// service counts what strikes a service in one country, the same entry once.
func (b *board) service(p *part, entries []entry) {
	worst, working := status.None, false
	counted := map[*event]bool{}
	for _, e := range entries {
		ev := b.event(e)
		if counted[ev] {
			continue
		}
		counted[ev] = true
		if ev.at[p]++; ev.at[p] == 1 {
			ev.parts = append(ev.parts, p)
		}
		if ev.stage == live {
			worst, working = max(worst, ev.rank), working || ev.maintenance
		}
	}
	p.hurt += count(worst >= status.Minor)
	p.down += count(worst >= status.Major)
	p.working += count(working)
}

func count(is bool) int {
	if is {
		return 1
	}
	return 0
}

func (b *board) event(e entry) *event {
	s := e.stage(b.now)
	key := string(rune('0'+s)) + e.key()
	ev, known := b.events[key]
	if !known {
		k, word := kindOf(e.Type)
		if !word {
			b.unknown = append(b.unknown, "status_type")
		}
		ev = &event{entry: e, kind: k, stage: s, at: map[*part]int{}}
		b.events[key] = ev
		b.told = append(b.told, ev)
	}
	return ev
}

// below is what the parts of a whole tell themselves.
type below struct {
	keys    map[string]bool
	worst   status.Indicator // of what is live
	working bool             // maintenance is live
}

func (b *board) below(entries []entry) below {
	l := below{keys: map[string]bool{}}
	for _, e := range entries {
		l.keys[e.key()] = true
		if e.stage(b.now) == live {
			k, _ := kindOf(e.Type)
			l.worst, l.working = max(l.worst, k.rank), l.working || k.maintenance
		}
	}
	return l
}

// unexplained are the entries of a whole that are more than a roll-up of what
// is below: nothing there is the same, or as bad.
func (b *board) unexplained(above, parts []entry) []entry {
	l := b.below(parts)
	return slices.DeleteFunc(slices.Clone(above), func(e entry) bool {
		k, _ := kindOf(e.Type)
		asBad := k.maintenance && l.working || !k.maintenance && l.worst >= k.rank
		return l.keys[e.key()] || asBad && e.stage(b.now) == live
	})
}

// reading is the page that came together, and what is over.
func (b *board) reading(page string) sources.Reading {
	r := sources.Reading{Page: &status.Page{Name: "PlayStation Network", URL: page, UnknownWords: b.unknown}}
	for _, p := range b.order {
		r.Page.Components = append(r.Page.Components, p.component())
	}
	for _, ev := range b.told {
		switch {
		case ev.nothing || ev.stage == forgotten:
		case ev.maintenance && ev.stage != over:
			r.Page.Windows = append(r.Page.Windows, ev.window(page))
		case ev.maintenance || ev.stage == ahead:
		case ev.stage == live:
			r.Page.Incidents = append(r.Page.Incidents, ev.incident(page))
		case b.events["0"+ev.key()] == nil: // not still live elsewhere
			r.Ended = append(r.Ended, ev.incident(page))
		}
	}
	return r
}

// component ranks a service: what is out in less than half of the countries is
// not out.
func (p *part) component() status.Component {
	c := status.Component{ID: p.id, Name: p.name}
	switch {
	case p.down > 0 && 2*p.down >= p.countries:
		c.Rank = status.Major
	case p.hurt > 0:
		c.Rank = status.Minor
	default:
		c.Maintenance = p.working > 0 && 2*p.working >= p.countries
	}
	return c
}

// refs ranks an event for each service by the share of countries it strikes.
func (ev *event) refs() (refs []status.ComponentRef, worst status.Indicator) {
	if len(ev.parts) == 0 {
		return nil, ev.rank
	}
	for _, p := range ev.parts {
		rank := ev.rank
		if 2*ev.at[p] < p.countries {
			rank = min(rank, status.Minor)
		}
		worst = max(worst, rank)
		refs = append(refs, status.ComponentRef{ID: p.id, Name: p.name, Rank: status.IndicatorUnknown, Impact: rank, HasImpact: true})
	}
	return refs, worst
}

func (ev *event) incident(page string) status.Incident {
	refs, impact := ev.refs()
	in := status.Incident{
		ID: ev.key(), Title: ev.title(), URL: sources.Link(page), Impact: impact,
		Components: refs, Started: ev.started(),
	}
	if ev.stage == over {
		in.Over, in.Resolved = true, status.Latest(instant(ev.End), in.Started)
	}
	return in
}

// window has no state: the entry gives none, so the clock decides.
func (ev *event) window(page string) status.Window {
	refs, _ := ev.refs()
	return status.Window{
		ID: ev.key(), Title: ev.title(), URL: sources.Link(page),
		Components: refs, Start: ev.started(), End: instant(ev.End),
	}
}

// title is the message, else what strikes which services.
func (ev *event) title() string {
	var names []string
	for _, p := range ev.parts {
		names = append(names, p.name)
	}
	title := cmp.Or(string(ev.Message), strings.TrimSuffix(string(ev.Type)+": "+strings.Join(names, ", "), ": "))
	return sources.Text(title, sources.TextLimit)
}
