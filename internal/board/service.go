package board

import (
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-kit/log/level"

	"github.com/downstatus/downstatus_exporter/internal/detect"
	"github.com/downstatus/downstatus_exporter/internal/history"
	"github.com/downstatus/downstatus_exporter/internal/status"
)

// service is what the board knows of one service.
type service struct {
	def definition

	status  status.Status // shown
	since   time.Time
	judged  bool                            // evaluated at least once under this watch
	spoken  bool                            // known at least once in this run
	known   map[status.Signal]status.Status // last known of each signal, for the hold across a restart
	heard   map[voice]said                  // in this run
	missing []string                        // patterns of the scope that match nothing
	verdict verdict                         // on the page, as long as it holds

	watchers map[countRow]*watcher
	knobs    detect.Config

	seconds   [4]time.Duration // by status+1
	accounted time.Time        // up to when they are counted
	lastGood  time.Time        // newest good poll, but for those during a hold
	count     map[status.Signal]uint64
	disagreed uint64

	outages     []*status.Outage    // within the retention, oldest start first
	transitions []status.Transition // within the retention, oldest first
	due         time.Time           // when time alone may change the verdict
	view        *Service
}

func (v *service) state() history.ServiceState {
	return history.ServiceState{
		Slug: v.def.Slug, Status: v.status, Since: v.since,
		Official: v.known[status.OfficialStatusPage], Reports: v.known[status.UserReports],
		LastGood: v.lastGood, Accounted: v.accounted, Seconds: v.seconds,
		OutageCount: maps.Clone(v.count), Disagreements: v.disagreed,
	}
}

// last is the record that is open or ended last; nil if there is none.
func (v *service) last() *status.Outage {
	if len(v.outages) == 0 {
		return nil
	}
	return v.outages[len(v.outages)-1]
}

func (v *service) replaceLast(o *status.Outage) {
	v.outages = append(slices.Clone(v.outages[:len(v.outages)-1]), o)
}

// account adds the time since the last account to a status. A clock that goes
// back makes no time.
func (v *service) account(s status.Status, until time.Time) {
	if d := until.Sub(v.accounted); d > 0 {
		v.seconds[s+1] += d
		v.accounted = until
	}
}

// accountRestart divides the time in which nobody watched: it goes to the last
// status until its readings grew stale, the rest is unknown.
func (v *service) accountRestart(stale, now time.Time) {
	if v.accounted.IsZero() {
		v.accounted = now
	}
	if stale.Before(now) {
		v.account(v.status, stale)
		v.account(status.Unknown, now)
	}
	v.account(v.status, now)
}

// evaluate judges a service anew from what its sources last said.
func (b *Board) evaluate(v *service, now time.Time) {
	e := b.evidence(v, now)
	if !b.leads {
		b.mirror(v, e, now)
		return
	}
	if !v.judged {
		stale := status.Latest(e.stoodUntil, v.lastGood.Add(b.plan.StaleAfter))
		b.noteLapse(v, status.Latest(stale, v.accounted), now)
		v.accountRestart(stale, status.Latest(now, b.before))
	}
	open := v.last().Open()
	if !open || !e.missing { // a hold runs from the poll before it, also across restarts
		v.lastGood = status.Latest(notAfter(v.lastGood, now), e.lastGood)
	}
	c := status.Combine(e.inputs, open, b.plan.HoldOpenFor, now)
	b.warnScope(v, e)
	b.step(v, e, c, now)
	b.importPast(v, now)
	b.showStatus(v, e, c, now)
	b.noteShown(v, c, now)
	v.due = e.nextDue(c.Held, now)
	b.renew(v, e, c)
}

// step moves the outage record; trouble that is another than before ends it
// first.
func (b *Board) step(v *service, e evidence, c status.Combined, now time.Time) {
	verdict := status.Verdict{
		Now: now, Status: c.Status, Official: c.Official, Reports: c.Reports, Reports1h: e.reports1h,
		Description: e.description, IncidentURL: e.incidentURL, Evidence: e.official.Evidence,
	}
	if verdict.Parts(v.last()) {
		b.move(v, verdict.Calm())
	}
	b.move(v, verdict)
}

func (b *Board) move(v *service, verdict status.Verdict) {
	last := v.last()
	next, opened := status.Step(last, verdict)
	if opened {
		v.count[next.Signal]++
		b.pending.service(v) // the shown status may stay as it is
	}
	switch {
	case opened && next.ID == "":
		next.Slug = v.def.Slug
		next.ID = outageID(next.Slug, "", next.DetectedAt)
		v.outages = append(slices.Clone(v.outages), next)
	case next == nil || equalOutage(next, last):
		return
	default:
		v.replaceLast(next)
	}
	b.pending.outage(next)
}

// outageID is short, and the same for the same beginning.
func outageID(slug, kind string, at time.Time) string {
	h := sha256.Sum256([]byte(strconv.Quote(slug) + kind + strconv.FormatInt(at.UnixMilli(), 10)))
	return hex.EncodeToString(h[:8])
}

// showStatus changes the shown status, and has it written and logged. While a
// status is held its time is written as it passes: after a restart it could
// not be told from time in which nobody watched.
func (b *Board) showStatus(v *service, e evidence, c status.Combined, now time.Time) {
	was, known := v.status, e.known(v.known)
	if was == c.Status && maps.Equal(known, v.known) && v.judged && !c.Held {
		return
	}
	v.account(was, now)
	if was != c.Status {
		v.since = now
	}
	v.status, v.known, v.judged = c.Status, known, true
	b.pending.service(v)
	if was != c.Status && (v.spoken || was.Trouble() || c.Status.Trouble()) {
		b.logChange(v, was, c)
	}
	v.spoken = v.spoken || c.Status != status.Unknown
}

func (b *Board) logChange(v *service, was status.Status, c status.Combined) {
	kv := []any{
		"msg", "service changed", "slug", v.def.Slug, "from", was, "to", c.Status,
		"official", c.OfficialIs, "reports", c.ReportsIs,
	}
	if o := v.last(); o.Open() {
		kv = append(kv, "since", stamp(o.StartedAt), "description", o.Description)
	}
	level.Info(b.opts.Log).Log(kv...)
}

// warnScope says once which patterns of a scope match nothing.
func (b *Board) warnScope(v *service, e evidence) {
	if !e.pageRead || slices.Equal(v.missing, e.unmatched) {
		return
	}
	v.missing = e.unmatched
	if len(v.missing) > 0 {
		level.Warn(b.opts.Log).Log("msg", "scope names components that the page does not have", "slug", v.def.Slug,
			"missing", strings.Join(v.missing, ", "), "unreadable", e.official.ScopeMissed)
	}
}
