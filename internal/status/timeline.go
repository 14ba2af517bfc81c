package status

import (
	"slices"
	"time"
)

// BothSignals stands for the combined status where one signal could be asked
// for as well.
const BothSignals Signal = ""

// Transition is a moment at which the condition of a service became another,
// as it was shown. It holds until the next one of the same service. The first
// one says since when the service is watched.
type Transition struct {
	Slug     string
	Since    time.Time
	Status   Status // combined, held ones included
	Official Status // of fresh readings alone, as Reports
	Reports  Status
}

// Same reports whether both show the same, at whatever time.
func (t Transition) Same(o Transition) bool {
	return t.Status == o.Status && t.Official == o.Official && t.Reports == o.Reports
}

// of is what was shown of one signal, or of both combined.
func (t Transition) of(signal Signal) Status {
	switch signal {
	case OfficialStatusPage:
		return t.Official
	case UserReports:
		return t.Reports
	default:
		return t.Status
	}
}

// Forget drops the transitions before a time, but for the one that holds then.
func Forget(all []Transition, before time.Time) []Transition {
	for len(all) > 1 && !all[1].Since.After(before) {
		all = all[1:]
	}
	return all
}

// History is what is remembered of one service. Both lists are oldest first.
type History struct {
	Transitions []Transition
	Outages     []*Outage
}

// WatchedSince is when the service was first watched; zero if it never was.
func (h History) WatchedSince() time.Time {
	if len(h.Transitions) == 0 {
		return time.Time{}
	}
	return h.Transitions[0].Since
}

// Span is a time in which the condition was one; To is no part of it.
type Span struct {
	From, To time.Time
	Status   Status
}

// Timeline is the condition from one time to another: spans without a gap, in
// which time that nobody knows of is unknown. What was shown is corrected by
// the records: an outage begins where its evidence does, and ends where its
// source says, both of which are known only later.
func (h History) Timeline(signal Signal, from, to time.Time) []Span {
	if !from.Before(to) {
		return nil
	}
	t := timeline{shown: h.Transitions, signal: signal}
	cuts := []time.Time{from}
	for _, s := range h.Transitions {
		cuts = append(cuts, s.Since)
	}
	for _, o := range h.Outages {
		if r, ok := t.record(o, to); ok {
			t.records = append(t.records, r)
			cuts = append(cuts, r.From, r.To)
		}
	}
	slices.SortFunc(cuts, time.Time.Compare)
	var out []Span
	for _, at := range cuts {
		if !at.Before(from) && at.Before(to) {
			out = grow(out, at, t.at(at))
		}
	}
	out[len(out)-1].To = to
	return out
}

// grow ends the last span where another condition begins.
func grow(all []Span, at time.Time, s Status) []Span {
	if n := len(all); n > 0 {
		if all[n-1].Status == s {
			return all
		}
		all[n-1].To = at
	}
	return append(all, Span{From: at, Status: s})
}

// timeline finds the condition at one moment.
type timeline struct {
	signal  Signal
	shown   []Transition
	records []record
}

// record is one signal's part in an outage, while it was in trouble.
type record struct {
	Span           // Status: what was first shown of it
	seen time.Time // when that was; To if it was never shown
}

// record is false if the signal took no part.
func (t timeline) record(o *Outage, now time.Time) (record, bool) {
	r := record{Span: o.part(t.signal, now)}
	if r.From.IsZero() || !r.From.Before(r.To) {
		return r, false
	}
	r.Status, r.seen = o.least(t.signal), r.To
	last := Latest(r.To, o.DetectedAt) // what is over when it is seen has been shown after its end
	for i, s := range t.shown {
		over := i+1 < len(t.shown) && !t.shown[i+1].Since.After(r.From)
		if !over && !s.Since.After(last) && s.of(t.signal).Trouble() {
			r.Status, r.seen = s.of(t.signal), s.Since
			break
		}
	}
	return r, true
}

// part is when the signal was in trouble during the outage; zero if never. It
// is in trouble until the outage ends, where its own end is not known.
func (o *Outage) part(signal Signal, now time.Time) Span {
	end := now
	if !o.Open() {
		end = o.ResolvedAt
	}
	s := Span{From: o.StartedAt, To: end}
	switch signal {
	case OfficialStatusPage:
		s = Span{From: o.OfficialStartedAt, To: Earliest(o.OfficialEndedAt, end)}
	case UserReports:
		s = Span{From: o.ReportsStartedAt, To: Earliest(o.ReportsEndedAt, end)}
	}
	return s
}

// least is what the record alone proves of a signal: which of two signals was
// the worst it does not say.
func (o *Outage) least(signal Signal) Status {
	both := !o.OfficialStartedAt.IsZero() && !o.ReportsStartedAt.IsZero()
	if signal != BothSignals && both {
		return Degraded
	}
	return max(o.Worst, Degraded)
}

// at is the condition at one moment: what was shown, unless a record tells of
// trouble that nobody had seen yet, or that what was shown was over.
func (t timeline) at(at time.Time) Status {
	s, since := t.shownAt(at)
	before := false
	for _, r := range t.records {
		switch {
		case at.Before(r.From):
		case at.Before(r.To) && at.Before(r.seen):
			return r.Status
		case at.Before(r.To):
			return s
		default:
			before = before || !since.After(Latest(r.To, r.seen))
		}
	}
	if before && s.Trouble() {
		return Operational
	}
	return s
}

// shownAt is what was shown at a moment, and since when without a calm in
// between.
func (t timeline) shownAt(at time.Time) (Status, time.Time) {
	n, _ := slices.BinarySearchFunc(t.shown, at, func(s Transition, at time.Time) int {
		if s.Since.After(at) {
			return 1
		}
		return -1
	})
	if n == 0 {
		return Unknown, time.Time{}
	}
	s, first := t.shown[n-1].of(t.signal), n-1
	for first > 0 && s.Trouble() && t.shown[first-1].of(t.signal).Trouble() {
		first--
	}
	return s, t.shown[first].Since
}

// Availability is how the time from one moment to another was spent, as far as
// that is known.
type Availability struct {
	From, To                    time.Time
	Operational, Degraded, Down time.Duration
}

// Known is the time of which the condition is known.
func (a Availability) Known() time.Duration { return a.Operational + a.Degraded + a.Down }

// Trouble is the time in which the service was degraded or down.
func (a Availability) Trouble() time.Duration { return a.Degraded + a.Down }

// Ratio is the part of the known time that was operational; false if nothing is
// known.
func (a Availability) Ratio() (float64, bool) {
	if a.Known() <= 0 {
		return 0, false
	}
	return float64(a.Operational) / float64(a.Known()), true
}

// Availability adds up a timeline.
func (h History) Availability(signal Signal, from, to time.Time) Availability {
	a := Availability{From: from, To: to}
	for _, s := range h.Timeline(signal, from, to) {
		d := s.To.Sub(s.From)
		switch s.Status {
		case Operational:
			a.Operational += d
		case Degraded:
			a.Degraded += d
		case Down:
			a.Down += d
		}
	}
	return a
}
