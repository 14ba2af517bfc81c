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

	"github.com/downstatus/downstatus_exporter/internal/config"
	"github.com/downstatus/downstatus_exporter/internal/history"
	"github.com/downstatus/downstatus_exporter/internal/status"
)

// service is what the board knows of one service.
type service struct {
	def        config.Service
	configured bool
	listed     map[string]bool // by feed key: the feed listed it once

	status   status.Status // shown
	since    time.Time
	official status.Status // last known of each signal, for the hold across a restart
	reports  status.Status
	judged   bool                        // evaluated at least once in this run
	spoken   bool                        // known at least once in this run
	missing  []string                    // patterns of the scope that match nothing
	read     map[status.Signal]time.Time // newest moment at which each signal was fresh

	seconds   [4]time.Duration
	accounted time.Time
	lastGood  time.Time
	count     map[status.Signal]uint64
	disagreed uint64

	outages []*status.Outage // within the retention, oldest start first
	due     time.Time        // when time alone may change the verdict
	view    *Service
	moving  *Moving
}

// restored is a service as the store left it.
func restored(slug string, s history.ServiceState) *service {
	v := &service{
		def: config.Service{Slug: slug}, listed: map[string]bool{},
		status: s.Status, since: s.Since, official: s.Official, reports: s.Reports,
		seconds: s.Seconds, accounted: s.Accounted, lastGood: s.LastGood,
		count: map[status.Signal]uint64{}, disagreed: s.Disagreements,
		read: map[status.Signal]time.Time{status.OfficialStatusPage: s.LastGood, status.UserReports: s.LastGood},
	}
	maps.Copy(v.count, s.OutageCount)
	return v
}

func (v *service) state() history.ServiceState {
	return history.ServiceState{
		Slug: v.def.Slug, Status: v.status, Since: v.since, Official: v.official, Reports: v.reports,
		LastGood: v.lastGood, Accounted: v.accounted, Seconds: v.seconds,
		OutageCount: maps.Clone(v.count), Disagreements: v.disagreed,
	}
}

// watch puts a service under watch, or gives a watched one a new definition.
func (b *Board) watch(def config.Service, configured bool, now time.Time) {
	v := b.services[def.Slug]
	if v == nil {
		v = b.parked[def.Slug]
		delete(b.parked, def.Slug)
		if v == nil {
			v = restored(def.Slug, history.ServiceState{Status: status.Unknown, Official: status.Unknown, Reports: status.Unknown})
			v.since = now
		}
		b.services[def.Slug] = v
	}
	v.def, v.configured, v.due = def, configured, now
}

// adoptOrphans keeps services that an unlimited feed once listed and that have
// an open record: that the feed stopped listing them clears nothing.
func (b *Board) adoptOrphans(keep map[string]bool, now time.Time) {
	all := false
	for _, s := range b.sources {
		all = all || s.def.All
	}
	if !all {
		return
	}
	for _, pool := range [...]map[string]*service{b.services, b.parked} {
		for slug, v := range pool {
			if !keep[slug] && !v.configured && v.last().Open() {
				name, category := v.def.Name, v.def.Category
				if name == "" {
					name, category = slug, "other"
				}
				b.watch(b.listedDef(status.FeedService{Slug: slug, Name: name, Category: category}), false, now)
				keep[slug] = true
			}
		}
	}
}

// park takes a service out of the watch, with its counters.
func (b *Board) park(v *service, now time.Time) {
	v.account(now)
	v.endWatch(b, now)
	v.status, v.judged, v.view, v.configured = status.Unknown, false, nil, false
	b.changes.Services = append(b.changes.Services, v.state())
	b.parked[v.def.Slug] = v
	delete(b.services, v.def.Slug)
}

// unwatchParked ends records that were open when an earlier run stopped and
// whose service is not configured any more.
func (b *Board) unwatchParked(now time.Time) {
	for _, v := range b.parked {
		v.endWatch(b, now)
	}
}

func (v *service) endWatch(b *Board, now time.Time) {
	if last := v.last(); last.Open() {
		v.replaceLast(status.Unwatch(last, now))
		b.changes.Outages = append(b.changes.Outages, *v.last())
	}
}

func (v *service) last() *status.Outage {
	if len(v.outages) == 0 {
		return nil
	}
	return v.outages[len(v.outages)-1]
}

func (v *service) replaceLast(o *status.Outage) {
	v.outages = append(slices.Clone(v.outages[:len(v.outages)-1]), o)
}

// account adds the time since the last account to the status shown.
func (v *service) account(now time.Time) {
	if d := now.Sub(v.accounted); d > 0 && !v.accounted.IsZero() {
		v.seconds[v.status+1] += d
	}
	v.accounted = now
}

// accountRestart divides the time in which nobody watched: it goes to the last
// status until its readings grew stale, the rest is unknown.
func (v *service) accountRestart(limit time.Duration, now time.Time) {
	until := v.lastGood.Add(limit)
	if until.After(now) {
		until = now
	}
	if until.After(v.accounted) && !v.accounted.IsZero() {
		v.account(until)
	}
	if !v.accounted.IsZero() && now.After(v.accounted) {
		v.seconds[status.Unknown+1] += now.Sub(v.accounted)
	}
	v.accounted = now
}

// evaluate judges a service anew from what its sources last said.
func (b *Board) evaluate(v *service, now time.Time) {
	e := b.inputs(v, now)
	v.lastGood = status.Latest(v.lastGood, e.lastGood)
	if !v.judged {
		v.accountRestart(max(b.plan.StaleAfter, e.limit), now)
	}
	c := status.Combine(e.inputs, v.last().Open(), b.plan.HoldOpenFor, now)
	v.noteRead(c, now)
	b.warnScope(v, e)
	b.step(v, e, c, now)
	b.showStatus(v, c, now)
	v.due = e.nextDue(c.Held, now)
	b.renew(v, e, c)
}

// step moves the outage record.
func (b *Board) step(v *service, e evidence, c status.Combined, now time.Time) {
	last := v.last()
	next, opened := status.Step(last, status.Verdict{
		Now: now, Status: c.Status, Official: c.Official, Reports: c.Reports, Reports1h: e.reports1h,
		Description: e.description, IncidentURL: e.incidentURL, Evidence: e.official.Evidence,
	})
	switch {
	case opened:
		next.Slug = v.def.Slug
		next.ID = outageID(next.Slug, next.DetectedAt.Format(time.RFC3339Nano))
		v.outages = append(slices.Clone(v.outages), next)
		v.count[next.Signal]++
	case next == nil || equalOutage(next, last):
		return
	default:
		v.replaceLast(next)
	}
	b.changes.Outages = append(b.changes.Outages, *next)
}

// outageID is short, and the same for the same beginning.
func outageID(parts ...string) string {
	h := sha256.New()
	for _, p := range parts {
		h.Write([]byte(strconv.Quote(p)))
	}
	return hex.EncodeToString(h.Sum(nil)[:8])
}

// showStatus changes the shown status, and has it written and logged. While a
// status is held its time is written as it passes: after a restart it could
// not be told from time in which nobody watched.
func (b *Board) showStatus(v *service, c status.Combined, now time.Time) {
	was := v.status
	v.judged = true
	official, reports := lastKnown(v.official, c.Official), lastKnown(v.reports, c.Reports)
	if was == c.Status && official == v.official && reports == v.reports && !c.Held && !v.accounted.IsZero() && v.view != nil {
		return
	}
	v.account(now)
	if was != c.Status {
		v.since = now
	}
	v.status, v.official, v.reports = c.Status, official, reports
	b.changes.Services = append(b.changes.Services, v.state())
	if was != c.Status && (v.spoken || was.Trouble() || c.Status.Trouble()) {
		b.logChange(v, was, c)
	}
	v.spoken = v.spoken || c.Status != status.Unknown
}

// noteRead remembers when each signal was last fresh, for the hold.
func (v *service) noteRead(c status.Combined, now time.Time) {
	if c.OfficialUp {
		v.read[status.OfficialStatusPage] = now
	}
	if c.ReportsUp {
		v.read[status.UserReports] = now
	}
}

// warnScope says once which patterns of a scope match nothing.
func (b *Board) warnScope(v *service, e evidence) {
	if !e.officialRead || slices.Equal(v.missing, e.official.Unmatched) {
		return
	}
	v.missing = e.official.Unmatched
	if len(v.missing) > 0 {
		level.Warn(b.opts.Log).Log("msg", "scope names components that the page does not have", "slug", v.def.Slug,
			"missing", strings.Join(v.missing, ", "), "unreadable", e.official.ScopeMissed)
	}
}

func lastKnown(was status.Status, s status.Side) status.Status {
	if s.Severity == status.Unknown {
		return was
	}
	return s.Severity
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
