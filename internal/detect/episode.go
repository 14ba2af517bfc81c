package detect

import (
	"math"
	"time"

	"github.com/downstatus/downstatus_exporter/internal/status"
)

// never is a minute before all others.
const never = -1 << 40

// Rules of an open outage, in nats and minutes.
const (
	overNats      = 5
	overNatsAfter = 2.5 // where the official incident of the outage has ended
	absorbAfter   = day
	calmAfter     = 150 // from the end of an outage until learning goes on
)

// Rules of the multiplier that follows weak alarms.
const (
	weakBelow      = 2.5 // best score over threshold
	weakFactor     = 1.25
	mostMultiplier = 6
	halfLife       = 21 * day
)

// episode is the open outage, or what the last one left behind.
type episode struct {
	Multiplier float64
	Score      float64 // of the newest observation
	Best       float64 // score of the outage
	Pending    bool    // the last observation was enough to open; the next confirms
	Open, Down bool
	Confirmed  bool  // by an official incident
	Start      int64 // likely start
	End        int64 // likely end of a closed one
	ClosedAt   int64
	// Unexplained is how many minutes it was seen open since the last official
	// incident. Time in a gap does not count: it shows no new level.
	Unexplained int64
	Closing
}

func newEpisode() episode {
	return episode{Multiplier: 1, ClosedAt: never}
}

// learnFrom is the first minute that may be learned at: none while an outage
// is open.
func (e *episode) learnFrom() int64 {
	if e.Open {
		return math.MaxInt64
	}
	return e.ClosedAt + calmAfter + 1
}

// rewind moves what a clock set back has left in the future to now.
func (e *episode) rewind(now int64) {
	for _, t := range []*int64{&e.Start, &e.End, &e.ClosedAt, &e.Quiet} {
		*t = min(*t, now)
	}
}

// relax lets time pass: the multiplier falls back to 1, and after a gap the
// observation before it confirms nothing.
func (e *episode) relax(s Step) {
	if e.Multiplier > 1 {
		e.Multiplier = 1 + (e.Multiplier-1)*math.Exp2(-float64(s.Minutes)/halfLife)
	}
	e.Pending = e.Pending && !s.Anew
}

// threshold is the evidence asked for, in nats, before the multiplier.
func (d *Detector) threshold(ctx Context) float64 {
	if ctx.Maintenance {
		return 2 * d.Config.Threshold
	}
	return d.Config.Threshold
}

func (d *Detector) multiplier() float64 {
	if d.Config.Multiplier > 0 {
		return d.Config.Multiplier
	}
	return d.episode.Multiplier
}

// consider opens an outage on the second observation in a row that is enough.
func (d *Detector) consider(now int64, best evidence, ctx Context) (opened bool) {
	e := &d.episode
	enough := best.score >= d.threshold(ctx)*d.multiplier()
	opened = enough && e.Pending
	e.Pending = enough && !opened
	if !opened {
		return false
	}
	e.Open, e.Down, e.Confirmed = true, best.surge, ctx.Official
	e.Start, e.Best, e.Unexplained = d.likelyStart(best.minutes), best.score, 0
	e.Closing = Closing{Quiet: now, Peak: d.model.Sum(15) / 15}
	return true
}

// likelyStart is the minute from which on the reports of the last hours fit the
// rate of the window that opened better than the normal one: the mirror image
// of Closing, which finds the end so. Beyond an hour it goes by whole hours.
func (d *Detector) likelyStart(w int64) int64 {
	m := &d.model
	mu := m.Expected(m.Last, w) / float64(w)
	raised := max(m.sum(w)/float64(w), 2*mu)
	perReport, perMinute := math.Log(raised/mu), raised-mu
	start, best, gain := m.Last, 0.0, 0.0
	note := func(t int64) {
		if gain >= best {
			start, best = t, gain
		}
	}
	for t := m.Last; t > m.Last-hour; t-- {
		gain += m.Minutes[(t+hour)%hour]*perReport - perMinute
		note(t - 1)
	}
	for back := int64(1); back*hour < w; back++ {
		count, _ := m.hourAt(m.Last - back*hour)
		gain += count*perReport - hour*perMinute
		note(m.Last - (back+1)*hour)
	}
	return max(start, d.episode.ClosedAt)
}

// follow takes one observation of an open outage.
func (d *Detector) follow(now int64, s Step, best evidence, ctx Context) (closed bool) {
	e := &d.episode
	e.Best, e.Down = max(e.Best, best.score), e.Down || best.surge
	e.Unexplained += s.Minutes
	if ctx.Official {
		e.Confirmed, e.Unexplained = true, 0
	}
	if s.Anew { // what was gathered before the gap says nothing about now
		e.Reset(now - hour)
	}
	e.Add(&d.model, s)
	switch needed := e.needed(ctx); {
	case e.Over(now, needed):
		e.End = e.Quiet
	case e.Unexplained >= absorbAfter:
		e.End = now
		d.absorb()
	default:
		return false
	}
	d.close(now)
	return true
}

// needed is the evidence that closes the outage, in nats.
func (e *episode) needed(ctx Context) float64 {
	if e.Confirmed && !ctx.Official {
		return overNatsAfter
	}
	return overNats
}

// absorb takes what no official incident explains after a day as the new level.
func (d *Detector) absorb() {
	w := int64(hour)
	if d.model.Last-d.model.Since >= 2*hour {
		w = 3 * hour
	}
	d.model.scale((d.model.sum(w) + 0.5) / (d.model.Expected(d.model.Last, w) + 0.5))
}

// close ends the outage. One that stayed weak, and that no page confirmed, makes
// the next one harder to open.
func (d *Detector) close(now int64) {
	e := &d.episode
	if !e.Confirmed && e.Best < weakBelow*d.Config.Threshold*d.multiplier() {
		e.Multiplier = min(e.Multiplier*weakFactor, mostMultiplier)
	}
	e.Open, e.Down, e.ClosedAt = false, false, now
}

// verdict describes the state after an observation.
func (d *Detector) verdict(opened, closed bool) Verdict {
	e := &d.episode
	v := Verdict{Opened: opened, Closed: closed, Score: e.Score, Multiplier: d.multiplier()}
	switch {
	case e.Down:
		v.Severity = status.Down
	case e.Open:
		v.Severity = status.Degraded
	}
	if e.Open || closed {
		v.Start = time.Unix(e.Start*60, 0).UTC()
	}
	if closed {
		v.End = time.Unix(max(e.Start, e.End)*60, 0).UTC()
	}
	return v
}
