package board

import (
	"encoding/binary"
	"hash/fnv"
	"math"
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
	recent    Counts
	disagrees bool // with the feed's own verdict
	written   time.Time
}

// Counts are the reports of an hour over the last day, in slots of ten minutes:
// the highest of each. The zero value holds none.
type Counts struct {
	Last  int64 // number of the newest slot since 1970
	Slots [24 * 6]int32
}

// CountsSlot is the length of a slot of Counts.
const CountsSlot = 10 * time.Minute

// At is the count of the slot some slots back, the newest being 0; false for one
// in which nothing was counted.
func (c *Counts) At(back int) (count int, known bool) {
	n := c.Slots[(c.Last-int64(back)+int64(len(c.Slots)))%int64(len(c.Slots))]
	return int(n) - 1, n > 0 && back < len(c.Slots)
}

// note adds a count. It is kept as one more, so that 0 is none.
func (c *Counts) note(at time.Time, count int) {
	slot := at.Unix() / int64(CountsSlot/time.Second)
	size := int64(len(c.Slots))
	if slot < c.Last-size || slot > c.Last+size { // long ago, or a clock set back
		*c = Counts{Last: slot}
	}
	for c.Last < slot {
		c.Last++
		c.Slots[c.Last%size] = 0
	}
	here := &c.Slots[slot%size]
	*here = max(*here, int32(min(count, math.MaxInt32-1))+1)
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
	w.recent.note(s.takenAt, row.Reports1h)
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
		now = cut(now.Add(-time.Duration(h.Sum64() % uint64(learnedEvery))))
	}
	w.written = now
	body, err := w.MarshalBinary()
	if err != nil {
		level.Error(b.opts.Log).Log("msg", "what was learned of report counts cannot be written", "slug", v.def.Slug, "err", err)
		return
	}
	b.pending.detector(history.DetectorState{
		Slug: v.def.Slug, Source: at.feed, Row: at.slug, Written: now, Disagrees: w.disagrees, Body: body, Recent: w.recent.encode(),
	})
}

// learned takes up a detector where the store left it.
func (b *Board) learned(v *service, s history.DetectorState) {
	w := &watcher{Detector: detect.New(v.knobs), disagrees: s.Disagrees, written: s.Written}
	if err := w.UnmarshalBinary(s.Body); err != nil {
		level.Warn(b.opts.Log).Log("msg", "what was learned of report counts cannot be used; learning anew", "slug", s.Slug, "err", err)
	}
	w.recent.decode(s.Recent)
	v.watchers[countRow{s.Source, s.Row}] = w
}

func (c *Counts) encode() []byte {
	b, _ := binary.Append(nil, binary.LittleEndian, c) // of fixed size: cannot fail
	return b
}

// decode leaves counts that cannot be read as none: they are for people to
// look at, and nothing is decided by them.
func (c *Counts) decode(b []byte) {
	var read Counts
	if _, err := binary.Decode(b, binary.LittleEndian, &read); err == nil && read.Last >= int64(len(read.Slots)) {
		*c = read
	}
}

// recent are the counts of the feed that counts most.
func (v *service) recent() *Counts {
	var most *Counts
	sum := int64(-1)
	for _, w := range v.watchers {
		n := int64(0)
		for _, count := range &w.recent.Slots {
			n += int64(count)
		}
		if n > sum {
			most, sum = &w.recent, n
		}
	}
	if most == nil {
		return nil
	}
	c := *most
	return &c
}
