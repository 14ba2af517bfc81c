package board

import (
	"reflect"
	"slices"
	"time"

	"github.com/downstatus/downstatus_exporter/internal/status"
)

// importHistory turns what a source tells of the past into records. They
// count nowhere and never alert.
func (b *Board) importHistory(s *source, r Result) {
	switch {
	case s.page != nil && len(r.Reading.Ended) > 0:
		since := r.At.Add(-b.plan.Retention)
		for _, v := range b.services {
			if v.def.Official == s.def.Key {
				b.importRecords(v, status.Past(s.page, v.def.Scope, r.Reading.Ended, since))
			}
		}
	case s.feed != nil && len(s.feed.Ended) > 0:
		b.importFeed(s, r.At.Add(-OutageWindow))
	}
}

func (b *Board) importFeed(s *source, since time.Time) {
	past := map[string][]status.Outage{}
	for _, o := range s.feed.Ended {
		if o.Resolved.After(since) {
			past[o.Slug] = append(past[o.Slug], fromFeed(o))
		}
	}
	for _, v := range b.services {
		if records := past[v.def.Feeds[s.def.Key]]; len(records) > 0 {
			b.importRecords(v, records)
		}
	}
}

func fromFeed(o status.FeedOutage) status.Outage {
	r := status.Outage{
		Signal: o.Signal, Imported: true, Worst: status.Degraded, StartedAt: o.Started, DetectedAt: o.Started,
		ResolvedAt: status.Latest(o.Resolved, o.Started), PeakReports: o.PeakReports, Description: o.Description, Evidence: []string{o.ID},
	}
	if o.Signal == status.OfficialStatusPage {
		r.OfficialStartedAt, r.OfficialEndedAt = r.StartedAt, r.ResolvedAt
	} else {
		r.ReportsStartedAt, r.ReportsEndedAt = r.StartedAt, r.ResolvedAt
	}
	return r
}

// importRecords adds past records that no known one already covers.
func (b *Board) importRecords(v *service, past []status.Outage) {
	for _, o := range past {
		if v.covers(o) {
			continue
		}
		o.Slug = v.def.Slug
		o.ID = outageID(o.Slug, "imported", o.Evidence[0])
		v.outages = append(slices.Clone(v.outages), &o)
		b.changes.Outages = append(b.changes.Outages, o)
	}
	v.outages = slices.SortedStableFunc(slices.Values(v.outages), func(x, y *status.Outage) int {
		return x.StartedAt.Compare(y.StartedAt)
	})
}

// covers reports whether a past record overlaps one that is known, or speaks
// of the same incident.
func (v *service) covers(past status.Outage) bool {
	for _, o := range v.outages {
		overlaps := !past.StartedAt.After(o.ResolvedAt.Add(status.ReopenWithin)) && !past.ResolvedAt.Before(o.StartedAt)
		if o.Open() {
			overlaps = !past.ResolvedAt.Before(o.StartedAt)
		}
		if overlaps || slices.ContainsFunc(past.Evidence, func(id string) bool { return slices.Contains(o.Evidence, id) }) {
			return true
		}
	}
	return false
}

// Prune forgets records that ended before the retention. Counters stay.
func (b *Board) Prune(now time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	oldest := now.Add(-b.plan.Retention)
	for _, pool := range [...]map[string]*service{b.services, b.parked} {
		for _, v := range pool {
			v.outages = slices.DeleteFunc(slices.Clone(v.outages), func(o *status.Outage) bool {
				return !o.Open() && o.ResolvedAt.Before(oldest)
			})
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
