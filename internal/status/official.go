package status

import "time"

// Official is what an official page says about one service, after the scope
// of that service has been applied.
type Official struct {
	Indicator   Indicator // the page's own word, else derived from what is in scope
	Severity    Status
	Maintenance bool    // a window that touches the scope is under way
	Window      *Window // the current window, else the next; nil if none
	Components  []Component
	Incidents   []Incident // open ones that touch the scope, most severe first
	ScopeMissed bool       // the scope names nothing that the page lists: unreadable
	Unmatched   []string   // include patterns that match nothing

	// Evidence are the ids of the incidents that count as trouble, and Since
	// is the earliest start among them: zero if none gives one.
	Evidence []string
	Since    time.Time
}

// Judge applies the rules of the official signal to one page reading.
func Judge(p *Page, s Scope, now time.Time) Official {
	j := judge{page: p, scope: s, now: now, known: make(map[string]Component, len(p.Components))}
	for _, c := range p.Components {
		j.known[c.ID] = c
		if !c.IsGroup && s.covers(c) {
			j.leaves = append(j.leaves, c)
		}
	}
	o := Official{Unmatched: j.unmatched()}
	if len(j.leaves) == 0 && s.Active() && !p.OnlyTroubles {
		o.Indicator, o.Severity, o.ScopeMissed = IndicatorUnknown, Unknown, true
		return o
	}
	ranks := j.incidents(&o)
	incidents := worst(ranks)
	components := j.components(incidents)
	o.Severity = j.severity(max(incidents, components))
	o.Indicator = j.indicator(max(incidents, components), o.Severity)
	o.Components = visible(j.leaves)
	o.Maintenance, o.Window = j.maintenance()
	return o
}

type judge struct {
	page   *Page
	scope  Scope
	now    time.Time
	known  map[string]Component // by id
	leaves []Component          // in scope
}

// scoped reports whether only a part of the page counts.
func (j *judge) scoped() bool { return j.scope.Active() || j.page.Scoped }

func (j *judge) unmatched() []string {
	if j.page.OnlyTroubles {
		return nil
	}
	return j.scope.Missing(j.page.Components)
}

// severity is the worst of everything that enters. Trouble counts even when
// another part was not understood; calm needs everything understood.
func (j *judge) severity(derived Indicator) Status {
	word := j.page.Word
	enters := word.Published && !j.scoped()
	if enters {
		derived = max(derived, word.Rank)
	}
	if derived.Severity().Trouble() {
		return derived.Severity()
	}
	if enters && word.Rank == IndicatorUnknown || j.page.Doubtful || j.nothingUnderstood() {
		return Unknown
	}
	return Operational
}

// nothingUnderstood is true where calm would rest on components alone, and
// there are none, or the state of one that matters is not known.
func (j *judge) nothingUnderstood() bool {
	if j.page.Word.Published && !j.scoped() {
		return false
	}
	if len(j.leaves) == 0 {
		return !j.page.OnlyTroubles
	}
	unknown := 0
	for _, c := range j.leaves {
		if c.Rank == IndicatorUnknown {
			unknown++
		}
	}
	return unknown > 0 && (j.scoped() || unknown == len(j.leaves))
}

func (j *judge) indicator(derived Indicator, severity Status) Indicator {
	switch {
	case j.page.Word.Published:
		return j.page.Word.Rank
	case severity == Unknown:
		return IndicatorUnknown
	default:
		return derived
	}
}

// components ranks the leaves in scope. With a scope each one counts in full.
// Without, a rank that at least half of the leaves reach counts in full, any
// other at most one step above the page's word: one bad leaf among seventy
// does not take a vendor down.
func (j *judge) components(incidents Indicator) Indicator {
	var reach [Critical + 1]int
	counted := 0
	for _, c := range j.leaves {
		if c.Maintenance || c.Hidden || c.Rank == IndicatorUnknown {
			continue
		}
		counted++
		for r := None; r <= c.Rank; r++ {
			reach[r]++
		}
	}
	limit := j.page.Word.Rank + 1
	if !j.page.Word.Published || j.page.Word.Rank == IndicatorUnknown {
		limit = incidents + 1 // no word to go by: what the open incidents say stands in
	}
	worst := Critical
	for worst > None && reach[worst] == 0 {
		worst--
	}
	if j.scoped() || worst <= limit {
		return worst
	}
	return max(limit, halfReach(reach, counted))
}

// halfReach is the worst rank that at least half of the leaves reach.
func halfReach(reach [Critical + 1]int, counted int) Indicator {
	for r := Critical; r > None; r-- {
		if reach[r] > 0 && 2*reach[r] >= counted {
			return r
		}
	}
	return None
}

// incidents fills in the open incidents that touch the scope and returns
// their ranks in the same order.
func (j *judge) incidents(o *Official) []Indicator {
	var ranks []Indicator
	for _, in := range j.page.Incidents {
		if in.Over || !j.scope.touches(in.Components, j.known) {
			continue
		}
		rank := j.rank(in)
		at := len(ranks)
		for at > 0 && ranks[at-1] < rank {
			at--
		}
		ranks = insert(ranks, at, rank)
		o.Incidents = insert(o.Incidents, at, in)
		if rank >= Minor || j.hurts(in) {
			o.Evidence = append(o.Evidence, in.ID)
			o.Since = Earliest(o.Since, in.Started)
		}
	}
	return ranks
}

// rank is what one open incident counts for this service.
func (j *judge) rank(in Incident) Indicator {
	rank := in.Impact
	if rank == IndicatorUnknown {
		rank = Minor // it is open, so it is trouble, of a kind not understood
	}
	switch {
	case j.scoped():
		rank = j.scopedRank(in, rank)
	case j.page.Cloud && !in.Broad:
		rank = min(rank, Minor)
	}
	if in.Monitoring && !j.hurts(in) {
		rank = min(rank, Minor)
	}
	return rank
}

// scopedRank lets an engine's own rank per component win, and keeps an
// incident that names no component at minor.
func (j *judge) scopedRank(in Incident, rank Indicator) Indicator {
	if len(in.Components) == 0 {
		return min(rank, Minor)
	}
	own, has := None, false
	for _, r := range in.Components {
		if r.HasImpact && j.scope.covers(r.component(j.known)) {
			own, has = max(own, r.Impact), true
		}
	}
	if has {
		return own
	}
	return rank
}

// hurts reports whether an affected component is in trouble now.
func (j *judge) hurts(in Incident) bool {
	for _, r := range in.Components {
		if max(r.component(j.known).Rank, r.Impact) >= Minor {
			return true
		}
	}
	return false
}

// maintenance decides the gauge, and finds the current or next window.
func (j *judge) maintenance() (bool, *Window) {
	var current, next *Window
	for i := range j.page.Windows {
		w := &j.page.Windows[i]
		if !j.scope.touches(w.Components, j.known) {
			continue
		}
		switch {
		case w.UnderWay(j.now):
			current = sooner(current, w)
		case w.State != Completed && (w.End.IsZero() && w.Start.After(j.now) || w.End.After(j.now)):
			next = sooner(next, w)
		}
	}
	under := current != nil
	if !j.scoped() && j.page.MaintenanceWord {
		under = j.page.Word.Maintenance
	}
	if current == nil {
		current = next
	}
	return under || j.halfInMaintenance(), current
}

func (j *judge) halfInMaintenance() bool {
	n, leaves := 0, 0
	for _, c := range j.leaves {
		if c.Hidden {
			continue
		}
		leaves++
		if c.Maintenance {
			n++
		}
	}
	return n > 0 && 2*n >= leaves
}

func sooner(a, b *Window) *Window {
	if a == nil || b.Start.Before(a.Start) {
		return b
	}
	return a
}

func worst(ranks []Indicator) Indicator {
	w := None
	for _, r := range ranks {
		w = max(w, r)
	}
	return w
}

func visible(leaves []Component) []Component {
	out := make([]Component, 0, len(leaves))
	for _, c := range leaves {
		if !c.Hidden {
			out = append(out, c)
		}
	}
	return out
}

func insert[T any](s []T, at int, v T) []T {
	s = append(s, v)
	copy(s[at+1:], s[at:])
	s[at] = v
	return s
}

// Earliest returns the earlier of two times; a zero time gives way.
func Earliest(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

// Latest returns the later of two times.
func Latest(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
