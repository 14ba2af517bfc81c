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
// as it is now (nil if there is none) and whether it is one to count; last is
// not modified. An imported record that goes on counts from then on. A verdict
// of unknown changes nothing: missing data clears nothing.
func Step(last *Outage, v Verdict) (next *Outage, opened bool) {
	switch {
	case last.Open():
		return follow(last, v), false
	case !v.Status.Trouble():
		return last, false
	case last != nil && !v.start().After(last.ResolvedAt.Add(ReopenWithin)):
		o := clone(last)
		o.ResolvedAt, o.Unwatched = time.Time{}, false
		o.Reopened++
		if o.Imported { // it is only now that it concerns anybody
			o.Imported, o.DetectedAt, opened = false, v.Now, true
		}
		return follow(o, v), opened
	default:
		return open(last, v), true
	}
}

// Parts reports whether a verdict speaks of trouble that is none of an open
// record's: all that the record rests on ended, as its page tells, and what is
// there now began too late to continue it. Nobody saw the calm between: the
// page tells of it.
func (v Verdict) Parts(last *Outage) bool {
	if !last.Open() {
		return false
	}
	users := v.Reports.Severity.Trouble() || !last.ReportsStartedAt.IsZero() && last.ReportsEndedAt.IsZero()
	return !users && v.Official.Severity.Trouble() && !v.Official.Ended.IsZero() &&
		v.Official.Since.After(v.Official.Ended.Add(ReopenWithin))
}

// Calm is a verdict as it would have been when the trouble before it ended.
func (v Verdict) Calm() Verdict {
	v.Status, v.Official.Severity = Operational, Operational
	return v
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
	age := v.Now.Sub(o.DetectedAt) // negative where the clock went back
	young := 0 <= age && age <= BackdateWithin
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
