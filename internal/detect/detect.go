// Package detect finds outages in counts of user reports. It is arithmetic on
// the values passed in: no clock, no I/O, no allocation for an observation.
//
// The method is a scan of several windows with a negative-binomial likelihood
// ratio, after Höhle and Paul (2008), on counts freed from the rolling hour in
// which feeds publish them. What is not known yet about a service enters the
// same formula as extra variance, so that a cold start needs no mode of its own.
package detect

import (
	"fmt"
	"math"
	"time"

	"github.com/downstatus/downstatus_exporter/internal/status"
)

// Config are the knobs of a detector. They are not part of its saved state, so
// that a changed knob holds from the next observation on.
type Config struct {
	Threshold  float64 // evidence that opens an outage, in nats
	MinReports float64 // fewest reports in a window that open one
	MinRatio   float64 // least ratio of a window to what is expected of it
	Multiplier float64 // pins the multiplier of the threshold; 0 lets it adapt
}

// sensitivities are the thresholds that have a word, in nats.
var sensitivities = map[string]float64{"sensitive": 7, "default": 9, "quiet": 12, "bursty": 15}

// ForSensitivity returns the knobs that go with a word: sensitive, default,
// quiet or bursty.
func ForSensitivity(word string) (Config, error) {
	h, ok := sensitivities[word]
	if !ok {
		return Config{}, fmt.Errorf("sensitivity %q is not known: want sensitive, default, quiet or bursty", word)
	}
	return Config{Threshold: h, MinReports: 6, MinRatio: 2.5}, nil
}

// DefaultConfig are the knobs of the word default.
func DefaultConfig() Config {
	return Config{Threshold: sensitivities["default"], MinReports: 6, MinRatio: 2.5}
}

// Context is what is known of a service besides its reports.
type Context struct {
	Maintenance bool // a scheduled window touches the service: the threshold doubles
	Official    bool // an official incident is active, and it is no maintenance
}

// Verdict is what a detector makes of the newest observation.
type Verdict struct {
	Severity   status.Status // Operational, Degraded or Down
	Opened     bool          // an outage opened with this observation
	Closed     bool          // an outage closed with this observation
	Start      time.Time     // likely start of the open outage, or of the one just closed; else zero
	End        time.Time     // likely end of the outage just closed; else zero
	Score      float64       // strongest evidence among the windows, in nats
	Multiplier float64       // of the threshold, 1 or more
}

// Detector watches one service. Its zero value is of no use: see New.
type Detector struct {
	Config Config
	state
}

// state is what is saved of a detector.
type state struct {
	Model
	Episode
}

// New returns a detector that knows nothing yet.
func New(c Config) *Detector {
	return &Detector{Config: c, state: state{Model: NewModel(), Episode: Episode{Multiplier: 1, ClosedAt: never}}}
}

// never is a minute before all others.
const never = math.MinInt64 / 2

// Observe takes the reports of the last hour and of the last 24 hours, as they
// were at a time, and returns the verdict on them.
//
// The time is that of the counts, not of the poll: pass the updated_at of the
// body, where it has one, because a cached body taken as new repeats the past.
// It counts in whole minutes, and an observation that is not newer than the
// last changes nothing. A caller whose clock is ahead of a feed's may pass the
// times as they are; one in the future should be cut to now. Skip the polls that
// failed: missed ones need no care, and after a gap of an hour or more the
// windows start anew. A clock set back by an hour or more is such a gap too.
func (d *Detector) Observe(at time.Time, r1h, r24h int, ctx Context) Verdict {
	now := minuteOf(at)
	if d.Model.Repeats(now) {
		return d.verdict(d.Score)
	}
	elapsed, fresh := d.Take(now, Reports(r1h), Reports(r24h), d.learnFrom())
	d.forget(now, elapsed)
	best := d.scan(now, d.threshold(ctx))
	v := Verdict{}
	if d.Open {
		v.Closed = d.follow(now, elapsed, fresh, best, ctx)
	} else {
		v.Opened = d.consider(now, best, ctx)
	}
	return d.report(v, best.score)
}

// threshold is the evidence asked for at the moment, in nats, before the
// multiplier.
func (d *Detector) threshold(ctx Context) float64 {
	if ctx.Maintenance {
		return 2 * d.Config.Threshold
	}
	return d.Config.Threshold
}
