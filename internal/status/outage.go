package status

import (
	"slices"
	"time"
)

const (
	// ReopenWithin is how soon after its end a fresh start continues an outage.
	ReopenWithin = 15 * time.Minute
	// BackdateWithin is how long after its detection a start may still move
	// back, because vendors date their incidents late.
	BackdateWithin = 15 * time.Minute
)

// Outage is a contiguous time in which a service was degraded or down.
type Outage struct {
	ID     string
	Slug   string
	Signal Signal // what opened it; never changed

	StartedAt  time.Time // earliest evidence
	DetectedAt time.Time // when we saw it
	ResolvedAt time.Time // zero while open
	NotBefore  time.Time // end of the record before it: records of one service do not overlap

	ReportsStartedAt  time.Time // each signal's own start; zero if it never took part
	OfficialStartedAt time.Time
	ReportsEndedAt    time.Time // each signal's own end; zero while it is in trouble
	OfficialEndedAt   time.Time

	Worst       Status
	PeakReports int
	Description string // title of the most severe incident, or the feed's words
	IncidentURL string
	Evidence    []string // ids of the official incidents that counted
	Reopened    int      // how often it was continued
	Imported    bool     // taken from a page's or feed's history: counts nowhere, never alerts
	Unwatched   bool     // ended because the service left the configuration: no recovery
}

// Open reports whether the outage is under way.
func (o *Outage) Open() bool { return o != nil && o.ResolvedAt.IsZero() }

// Duration is the outage's length so far, or in all; never negative.
func (o *Outage) Duration(now time.Time) time.Duration {
	if !o.ResolvedAt.IsZero() {
		now = o.ResolvedAt
	}
	return max(0, now.Sub(o.StartedAt))
}

// OfficialDelay is how much later the page was than its users; negative if the
// page was first. False unless both signals took part.
func (o *Outage) OfficialDelay() (time.Duration, bool) {
	if o.OfficialStartedAt.IsZero() || o.ReportsStartedAt.IsZero() {
		return 0, false
	}
	return o.OfficialStartedAt.Sub(o.ReportsStartedAt), true
}

// Side is one signal of one service at one moment.
type Side struct {
	Severity Status    // unknown if it is not fresh and nothing is held
	Since    time.Time // start that the source itself gives for its trouble; zero if none
	Ended    time.Time // end that the source gives for trouble that is over; zero if none
}

// Verdict is everything that one evaluation says about one service.
type Verdict struct {
	Now         time.Time
	Status      Status // combined
	Official    Side
	Reports     Side
	Reports1h   int
	Description string
	IncidentURL string
	Evidence    []string
}

// Step moves a service's newest record by one verdict. It returns the record
// as it is now (nil if there is none) and whether it is a new one; last is not
// modified. A verdict of unknown changes nothing: missing data clears nothing.
func Step(last *Outage, v Verdict) (next *Outage, opened bool) {
	switch {
	case last.Open():
		return follow(last, v), false
	case !v.Status.Trouble():
		return last, false
	case last != nil && !last.Imported && !v.freshStart(last.ResolvedAt).After(last.ResolvedAt.Add(ReopenWithin)):
		o := clone(last)
		o.ResolvedAt, o.Unwatched = time.Time{}, false
		o.Reopened++
		return follow(o, v), false
	default:
		return open(last, v), true
	}
}

func clone(o *Outage) *Outage {
	c := *o
	c.Evidence = slices.Clone(o.Evidence)
	return &c
}

// start is when the trouble of a verdict began, by the earliest evidence.
func (v Verdict) start() time.Time {
	return Earliest(v.Official.start(v.Now), v.Reports.start(v.Now))
}

// freshStart is the start, or now where the start lies before the end of the
// record that it might continue.
func (v Verdict) freshStart(end time.Time) time.Time {
	if s := v.start(); s.After(end) {
		return s
	}
	return v.Now
}

// start is zero for a side that is not in trouble, and never in the future.
func (s Side) start(now time.Time) time.Time {
	switch {
	case !s.Severity.Trouble():
		return time.Time{}
	case s.Since.IsZero() || s.Since.After(now):
		return now
	default:
		return s.Since
	}
}

func open(last *Outage, v Verdict) *Outage {
	o := &Outage{Signal: OfficialStatusPage, DetectedAt: v.Now}
	official, reports := v.Official.start(v.Now), v.Reports.start(v.Now)
	if !reports.IsZero() && (official.IsZero() || reports.Before(official)) {
		o.Signal = UserReports
	}
	if last != nil {
		o.NotBefore = last.ResolvedAt
	}
	return follow(o, v)
}

// follow brings an open record up to date and ends it when nothing of it is
// left.
func follow(last *Outage, v Verdict) *Outage {
	o := clone(last)
	young := v.Now.Sub(o.DetectedAt) <= BackdateWithin
	followSide(v, v.Official, young, &o.OfficialStartedAt, &o.OfficialEndedAt)
	followSide(v, v.Reports, young, &o.ReportsStartedAt, &o.ReportsEndedAt)
	if v.Status.Trouble() {
		if young && o.Reopened == 0 {
			o.StartedAt = Latest(Earliest(o.StartedAt, v.start()), o.NotBefore)
		}
		o.Worst = max(o.Worst, v.Status)
		o.PeakReports = max(o.PeakReports, v.Reports1h)
		o.describe(v)
	}
	if v.Status == Operational {
		end := Latest(o.OfficialEndedAt, o.ReportsEndedAt)
		if end.IsZero() || end.After(v.Now) {
			end = v.Now
		}
		o.ResolvedAt = Latest(end, o.StartedAt)
	}
	return o
}

func followSide(v Verdict, s Side, young bool, started, ended *time.Time) {
	switch {
	case s.Severity.Trouble():
		*ended = time.Time{}
		if started.IsZero() || young {
			*started = Earliest(*started, s.start(v.Now))
		}
	case s.Severity == Operational && !started.IsZero() && ended.IsZero():
		*ended = v.Now
		if !s.Ended.IsZero() && s.Ended.Before(v.Now) {
			*ended = Latest(s.Ended, *started)
		}
	}
}

func (o *Outage) describe(v Verdict) {
	if v.Description != "" {
		o.Description = v.Description
	}
	if v.IncidentURL != "" {
		o.IncidentURL = v.IncidentURL
	}
	for _, id := range v.Evidence {
		if !slices.Contains(o.Evidence, id) {
			o.Evidence = append(o.Evidence, id)
		}
	}
}

// Unwatch ends an open record because its service is no longer configured.
func Unwatch(last *Outage, now time.Time) *Outage {
	o := clone(last)
	o.ResolvedAt, o.Unwatched = Latest(now, o.StartedAt), true
	return o
}

// Past turns ended incidents of a page into records for one service: those
// that touch the scope with at least minor impact and give both times, with
// overlaps and gaps below ReopenWithin joined, oldest first.
func Past(p *Page, s Scope, ended []Incident, since time.Time) []Outage {
	j := judge{page: p, scope: s, known: make(map[string]Component, len(p.Components))}
	for _, c := range p.Components {
		j.known[c.ID] = c
	}
	var out []Outage
	for _, in := range ended {
		in.Monitoring = false
		rank := j.rank(in)
		if in.Started.IsZero() || in.Resolved.Before(since) || in.Resolved.IsZero() || rank < Minor || !s.touches(in.Components, j.known) {
			continue
		}
		end := Latest(in.Resolved, in.Started) // back-filled incidents may start after their end
		out = append(out, Outage{
			Signal: OfficialStatusPage, Imported: true, Worst: rank.Severity(),
			StartedAt: in.Started, DetectedAt: in.Started, ResolvedAt: end,
			OfficialStartedAt: in.Started, OfficialEndedAt: end,
			Description: in.Title, IncidentURL: in.URL, Evidence: []string{in.ID},
		})
	}
	return join(out)
}

func join(all []Outage) []Outage {
	slices.SortStableFunc(all, func(a, b Outage) int { return a.StartedAt.Compare(b.StartedAt) })
	var out []Outage
	for _, o := range all {
		if n := len(out); n > 0 && !o.StartedAt.After(out[n-1].ResolvedAt.Add(ReopenWithin)) {
			last := &out[n-1]
			last.ResolvedAt = Latest(last.ResolvedAt, o.ResolvedAt)
			last.OfficialEndedAt = last.ResolvedAt
			if o.Worst > last.Worst {
				last.Worst, last.Description, last.IncidentURL = o.Worst, o.Description, o.IncidentURL
			}
			last.Evidence = append(last.Evidence, o.Evidence...)
			continue
		}
		out = append(out, o)
	}
	return out
}
