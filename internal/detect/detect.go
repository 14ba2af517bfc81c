// Package detect finds outages in counts of user reports. It is arithmetic on
// the values passed in: no clock, no I/O, no allocation for an observation.
//
// The method is a scan of several windows with a negative-binomial likelihood
// ratio, after Höhle and Paul (2008), on counts freed from the rolling hour in
// which feeds publish them. What is not known yet about a service enters the
// same formula as extra variance, so that a cold start needs no mode of its own.
// bench/detect measures what it catches, how late, and what it gets wrong.
package detect

import (
	"fmt"
	"time"

	"github.com/downstatus/downstatus_exporter/internal/status"
)

// Config are the knobs of a detector. They are no part of its saved state: a
// changed knob holds from the next observation on.
type Config struct {
	Threshold  float64 // evidence that opens an outage, in nats
	MinReports float64 // fewest reports in a window that open one
	MinRatio   float64 // least ratio of a window to what is expected of it; above 1
	Multiplier float64 // pins the multiplier of the threshold; 0 lets it adapt
}

// ForSensitivity returns the knobs that go with a word: sensitive, default,
// quiet or bursty.
func ForSensitivity(word string) (Config, error) {
	thresholds := map[string]float64{"sensitive": 7, "default": 9, "quiet": 12, "bursty": 15}
	h, ok := thresholds[word]
	if !ok {
		return Config{}, fmt.Errorf("sensitivity %q is not known: want sensitive, default, quiet or bursty", word)
	}
	return Config{Threshold: h, MinReports: 6, MinRatio: 2.5}, nil
}

// Context is what is known of a service besides its reports.
type Context struct {
	Maintenance bool // a scheduled window touches it: the threshold doubles
	Official    bool // an official incident is active that is no maintenance
}

// Verdict is what a detector makes of the newest observation.
type Verdict struct {
	Severity   status.Status // Operational, Degraded or Down
	Opened     bool          // an outage opened with this observation
	Closed     bool          // an outage closed with this observation
	Start      time.Time     // likely start of the open outage, or of the one just closed; else zero
	End        time.Time     // likely end of the outage just closed; else zero
	Score      float64       // strongest evidence among the windows, in nats
	Multiplier float64       // of the threshold: 1, more after weak alarms
}

// Detector watches one service. It is made by New, and may be copied.
type Detector struct {
	Config  Config
	model   Model
	episode episode
}

// New returns a detector that knows nothing yet of its service.
func New(c Config) *Detector {
	return &Detector{Config: c, model: NewModel(), episode: newEpisode()}
}

// Verdict is the state after the newest observation, without its transitions:
// what a restored detector stands at before its first poll.
func (d *Detector) Verdict() Verdict { return d.verdict(false, false) }

// Observe takes the reports of the last hour and of the last 24 hours, as they
// were at a time, and returns the verdict on them. Of the 24 hours only the
// first observation makes use; less than in the last hour, such as -1, means
// that they are not known.
//
// The time is that of the counts and not of the poll: pass the updated_at of
// the body where it has one, cut to now if it lies in the future, because a
// cached body taken for a new one repeats the past. It counts in whole minutes,
// and an observation that is not newer than the last changes nothing. Pass
// nothing for a poll that failed: missed ones need no care, and after a gap of
// an hour or more, or a clock set back as far, the windows start anew.
func (d *Detector) Observe(at time.Time, r1h, r24h int, ctx Context) Verdict {
	now := Minute(at)
	if d.model.Repeats(now) {
		return d.Verdict()
	}
	e := &d.episode
	e.rewind(now)
	day := Reports(r24h)
	if r24h < r1h {
		day = -1
	}
	step := d.model.Take(now, Reports(r1h), day, e.learnFrom())
	e.relax(step)
	best := d.scan(now, ctx)
	e.Score = best.score
	if e.Open {
		return d.verdict(false, d.follow(now, step, best, ctx))
	}
	return d.verdict(d.consider(now, best, ctx), false)
}

// Minute is the number of a minute since 1970, the unit of time in this package.
// Times before the second week of 1970 are clocks that were never set: they
// count as its first minute, so that no look back is negative.
func Minute(at time.Time) int64 { return min(max(week, at.Unix()/60), latest) }

// Reports makes a count usable whatever a feed says: never negative, and small
// enough that no sum or square of counts overflows.
func Reports(n int) float64 { return float64(min(max(n, 0), 1_000_000_000)) }
