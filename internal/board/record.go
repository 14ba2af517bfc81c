package board

import (
	"maps"
	"reflect"
	"slices"
	"time"

	"github.com/downstatus/downstatus_exporter/internal/status"
)

// importPast turns what the sources of a service tell of the past into
// records, after its current record has found its place. They count nowhere
// and never alert.
func (b *Board) importPast(v *service, now time.Time) {
	oldest := b.oldest(now)
	if s := b.sources[v.def.Official]; s != nil && s.page != nil && (s.told || !v.judged) {
		ended := slices.Collect(maps.Values(s.ended))
		b.addPast(v, status.Past(s.page, v.def.Scope, ended, oldest))
	}
	for key, slug := range v.def.Feeds {
		if s := b.sources[key]; s != nil && s.feed != nil && (s.told || !v.judged) {
			b.addPast(v, pastOf(s.feed, slug, oldest))
		}
	}
}

// oldest is the end of the oldest record that is kept.
func (b *Board) oldest(now time.Time) time.Time {
	if b.plan.Retention <= 0 {
		return time.Time{}
	}
	return now.Add(-b.plan.Retention)
}

// pastOf are the records that a feed closed for one of its slugs.
func pastOf(f *status.Feed, slug string, oldest time.Time) []status.Outage {
	var out []status.Outage
	for _, o := range f.Ended {
		if o.Slug == slug && o.Resolved.After(oldest) {
			out = append(out, fromFeed(o))
		}
	}
	return out
}

func fromFeed(o status.FeedOutage) status.Outage {
	r := status.Outage{
		Signal: o.Signal, Imported: true, Worst: status.Degraded, StartedAt: o.Started, DetectedAt: o.Started,
		ResolvedAt: status.Latest(o.Resolved, o.Started), PeakReports: o.PeakReports, Description: o.Description,
	}
	if o.Signal == status.OfficialStatusPage {
		r.OfficialStartedAt, r.OfficialEndedAt = r.StartedAt, r.ResolvedAt
	} else {
		r.ReportsStartedAt, r.ReportsEndedAt = r.StartedAt, r.ResolvedAt
	}
	return r
}

// addPast adds past records that no known one already covers.
func (b *Board) addPast(v *service, past []status.Outage) {
	for _, o := range past {
		if v.covers(o) {
			continue
		}
		o.Slug = v.def.Slug
		o.ID = outageID(o.Slug, "imported", o.StartedAt)
		v.put(&o)
		b.pending.outage(&o)
	}
}

// covers reports whether a past record overlaps one that is known, or speaks
// of the same incident.
func (v *service) covers(past status.Outage) bool {
	for _, o := range v.outages {
		before := past.ResolvedAt.Before(o.StartedAt)
		after := !o.Open() && past.StartedAt.After(o.ResolvedAt.Add(status.ReopenWithin))
		known := func(id string) bool { return slices.Contains(o.Evidence, id) }
		if !before && !after || slices.ContainsFunc(past.Evidence, known) {
			return true
		}
	}
	return false
}

// Prune forgets records that ended before the retention. Counters stay.
func (b *Board) Prune(now time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	oldest := b.oldest(cut(now))
	old := func(o *status.Outage) bool { return !o.Open() && o.ResolvedAt.Before(oldest) }
	for _, pool := range [...]map[string]*service{b.services, b.parked} {
		for _, v := range pool {
			v.outages = slices.DeleteFunc(slices.Clone(v.outages), old)
			v.transitions = status.Forget(v.transitions, oldest)
		}
	}
}

func equalOutage(a, b *status.Outage) bool {
	return a == b || a != nil && b != nil && reflect.DeepEqual(*a, *b)
}

// newestOutages finds what the gauges about past outages show. Records that
// ended because the service left the configuration are no recoveries.
func (v *service) newestOutages() (last *status.Outage, delay time.Duration, seen bool) {
	for _, o := range slices.Backward(v.outages) {
		if last == nil && !o.Open() && !o.Unwatched {
			last = o
		}
		if d, both := o.OfficialDelay(); both && !seen {
			delay, seen = d, true
		}
	}
	return last, delay, seen
}
