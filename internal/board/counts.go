package board

import (
	"hash/fnv"
	"time"

	"github.com/go-kit/log/level"

	"github.com/downstatus/downstatus_exporter/internal/detect"
	"github.com/downstatus/downstatus_exporter/internal/history"
	"github.com/downstatus/downstatus_exporter/internal/status"
)

// learnedEvery is how often what a detector has learned is written while
// nothing happens. After a crash it is as one that missed that many polls.
const learnedEvery = 15 * time.Minute

// countRow is a row of a feed, as the counts in it are watched for one service.
type countRow struct {
	feed string // key of the source
	slug string // in that feed
}

// watcher watches the counts of one row.
type watcher struct {
	*detect.Detector
	disagrees bool // with the feed's own verdict
	written   time.Time
}

// watcher is the one of a row; made anew, it knows nothing yet.
func (v *service) watcher(at countRow) *watcher {
	w := v.watchers[at]
	if w == nil {
		w = &watcher{Detector: detect.New(v.knobs)}
		v.watchers[at] = w
	}
	w.Config = v.knobs
	return w
}

// watchCounts has the counts of a row watched, and returns what they say by
// themselves; unknown if the feed does not count.
func (b *Board) watchCounts(v *service, s *source, row status.FeedService, ctx detect.Context, now time.Time) detect.Verdict {
	at := countRow{s.def.Key, row.Slug}
	if !row.Has1h {
		return detect.Verdict{Severity: status.Unknown}
	}
	w := v.watcher(at)
	if !b.leads || !s.fresh(now) {
		return w.Verdict()
	}
	before := w.Verdict().Severity
	verdict := w.Observe(s.takenAt, row.Reports1h, day(row), ctx)
	if verdict.Severity != before || now.Sub(w.written) >= learnedEvery {
		b.writeLearned(v, at, now)
	}
	return verdict
}

// day is the count of 24 hours as a detector takes it.
func day(row status.FeedService) int {
	if !row.Has24h {
		return -1
	}
	return row.Reports24h
}

// compare counts when a feed's own verdict and that of its counts part ways.
func (b *Board) compare(v *service, s *source, row status.FeedService, own, counted status.Status, now time.Time) {
	if !b.leads || !s.fresh(now) || own == status.Unknown || counted == status.Unknown {
		return
	}
	at := countRow{s.def.Key, row.Slug}
	w := v.watcher(at)
	if w.disagrees == (own != counted) {
		return
	}
	w.disagrees = own != counted
	if w.disagrees {
		v.disagreed++
		b.pending.service(v)
	}
	b.writeLearned(v, at, now)
}

// writeLearned has a detector written. Those made at once are written at times
// of their own from then on.
func (b *Board) writeLearned(v *service, at countRow, now time.Time) {
	w := v.watchers[at]
	if w.written.IsZero() {
		h := fnv.New64a()
		h.Write([]byte(v.def.Slug))
		now = now.Add(-time.Duration(h.Sum64() % uint64(learnedEvery)))
	}
	w.written = now
	body, err := w.MarshalBinary()
	if err != nil {
		level.Error(b.opts.Log).Log("msg", "what was learned of report counts cannot be written", "slug", v.def.Slug, "err", err)
		return
	}
	b.pending.detector(history.DetectorState{
		Slug: v.def.Slug, Source: at.feed, Row: at.slug, Written: now, Disagrees: w.disagrees, Body: body,
	})
}

// learned takes up a detector where the store left it.
func (b *Board) learned(v *service, s history.DetectorState) {
	w := &watcher{Detector: detect.New(v.knobs), disagrees: s.Disagrees, written: s.Written}
	if err := w.UnmarshalBinary(s.Body); err != nil {
		level.Warn(b.opts.Log).Log("msg", "what was learned of report counts cannot be used; learning anew", "slug", s.Slug, "err", err)
	}
	v.watchers[countRow{s.Source, s.Row}] = w
}
