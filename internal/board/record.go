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
		b.addOfficial(v, status.Past(s.page, v.def.Scope, v.unrecorded(s), oldest))
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

// reachBack takes the past into account that open incidents continue: what the
// page told as over, but belongs to one outage with them.
func (v *service) reachBack(s *source, o *status.Official) {
	if o.Since.IsZero() || len(s.ended) == 0 {
		return
	}
	past := status.Past(s.page, v.def.Scope, slices.Collect(maps.Values(s.ended)), time.Time{})
	since, ids := status.Back(past, o.Since)
	o.Since, o.Evidence = since, slices.Concat(o.Evidence, ids)
}

// unrecorded are the incidents that are over and in none of the records.
func (v *service) unrecorded(s *source) []status.Incident {
	recorded := map[string]bool{}
	for _, o := range v.outages {
		for _, id := range o.Evidence {
			recorded[id] = true
		}
	}
	var out []status.Incident
	for id, in := range s.ended {
		if !recorded[id] {
			out = append(out, in)
		}
	}
	return out
}

// addOfficial adds past records of a page. One that belongs to a known record
// becomes part of it, as it would have when it was seen.
func (b *Board) addOfficial(v *service, past []status.Outage) {
	for _, o := range past {
		i := slices.IndexFunc(v.outages, func(known *status.Outage) bool { return known.Near(o) })
		switch {
		case i < 0:
			b.insert(v, o)
		case !v.outages[i].Open() && !v.outages[i].Unwatched:
			b.stretch(v, i, o)
		}
	}
}

func (b *Board) stretch(v *service, i int, by status.Outage) {
	var before, after time.Time
	if i > 0 {
		before = v.outages[i-1].ResolvedAt
	}
	if i+1 < len(v.outages) {
		after = v.outages[i+1].StartedAt
	}
	longer := v.outages[i].Stretch(by, before, after)
	v.outages = slices.Clone(v.outages)
	v.outages[i] = longer
	b.pending.outage(longer)
	b.fence(v)
}

// fence keeps an open record, which may still be back-dated, from reaching into
// the one before it.
func (b *Board) fence(v *service) {
	n := len(v.outages)
	if n < 2 || !v.last().Open() || !v.last().NotBefore.Before(v.outages[n-2].ResolvedAt) {
		return
	}
	fenced := *v.last()
	fenced.NotBefore = v.outages[n-2].ResolvedAt
	v.replaceLast(&fenced)
	b.pending.outage(&fenced)
}

// addPast adds past records of a feed that no known one already covers.
func (b *Board) addPast(v *service, past []status.Outage) {
	for _, o := range past {
		if !v.covers(o) {
			b.insert(v, o)
		}
	}
}

func (b *Board) insert(v *service, o status.Outage) {
	o.Slug = v.def.Slug
	o.ID = outageID(o.Slug, "imported", o.StartedAt)
	v.put(&o)
	b.pending.outage(&o)
	b.fence(v)
}

// covers reports whether a past record overlaps one that is known.
func (v *service) covers(past status.Outage) bool {
	for _, o := range v.outages {
		before := past.ResolvedAt.Before(o.StartedAt)
		after := !o.Open() && past.StartedAt.After(o.ResolvedAt.Add(status.ReopenWithin))
		if !before && !after {
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
