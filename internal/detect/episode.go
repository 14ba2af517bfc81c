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
	OpenedAt   int64
	OfficialAt int64 // last time that an official incident was active
	ClosedAt   int64
	Closing
}

func newEpisode() episode {
	return episode{Multiplier: 1, OpenedAt: never, OfficialAt: never, ClosedAt: never}
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
	for _, t := range []*int64{&e.Start, &e.End, &e.OpenedAt, &e.OfficialAt, &e.ClosedAt, &e.Quiet} {
		*t = min(*t, now)
	}
}

// relax lets the multiplier fall back to 1.
func (e *episode) relax(minutes int64) {
	if e.Multiplier > 1 {
		e.Multiplier = 1 + (e.Multiplier-1)*math.Exp2(-float64(minutes)/halfLife)
	}
}

// bar is the evidence asked for at the moment, in nats.
func (d *Detector) bar(ctx Context) float64 {
	h := d.Config.Threshold * d.multiplier()
	if ctx.Maintenance {
		h *= 2
	}
	return h
}

func (d *Detector) multiplier() float64 {
	if d.Config.Multiplier > 0 {
		return d.Config.Multiplier
	}
	return d.episode.Multiplier
}

// consider opens an outage on the second observation in a row that is enough.
func (d *Detector) consider(now int64, best evidence, ctx Context) {
	e := &d.episode
	enough := best.score >= d.bar(ctx)
	if !enough || !e.Pending {
		e.Pending = enough
		return
	}
	*e = episode{
		Multiplier: e.Multiplier, Score: e.Score, Best: best.score,
		Open: true, Down: best.surge, Confirmed: ctx.Official,
		OpenedAt: now, OfficialAt: never, ClosedAt: e.ClosedAt,
	}
}
