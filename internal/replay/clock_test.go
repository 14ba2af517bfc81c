package replay

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/downstatus/downstatus_exporter/internal/board"
	"github.com/downstatus/downstatus_exporter/internal/status"
	"github.com/downstatus/downstatus_exporter/sources"
)

// wrong is a world whose clock jumps, with one page and one feed. Time as it
// really passes is told from time as the clock shows it.
type wrong struct {
	*program
	rng    *rand.Rand
	passed time.Duration // really
	ahead  time.Duration // of the clock
	jumped time.Duration // when it did so last

	page, feed, broken bool
	since              time.Duration // when the page went into trouble
	calm               time.Duration // when anything was last read to be calm
	starts             map[string]record
}

// record is when an outage was first seen, and the start that it had once
// that was fixed.
type record struct {
	seen  time.Duration
	start time.Time
}

var dawn = time.Date(2026, 11, 22, 6, 0, 0, 0, time.UTC)

func (w *wrong) clock() time.Time { return dawn.Add(w.passed + w.ahead) }

// step lets a minute pass in which something may happen.
func (w *wrong) step() {
	w.passed += time.Minute
	if w.rng.IntN(60) == 0 && w.passed-w.jumped > 2*time.Hour {
		w.ahead += within(w.rng, 12*time.Hour) - 6*time.Hour
		w.jumped = w.passed
	}
	switch w.rng.IntN(60) {
	case 0:
		w.page, w.since = !w.page, w.passed
	case 1:
		w.feed = !w.feed
	case 2, 3:
		w.broken = !w.broken
	case 4:
		if w.broken && w.jumped == w.passed {
			break // the store does not know how far time had come
		}
		w.now = cut(w.clock())
		w.restart()
	}
	w.now = cut(w.clock())
	w.board.Tick(w.now)
	w.read()
}

// read polls both sources, or fails to.
func (w *wrong) read() {
	page := board.Result{Key: w.plan.Services[0].Official, At: w.now, Err: errors.New("no answer")}
	feed := board.Result{At: w.now, Err: errors.New("no answer")}
	for key := range w.plan.Services[0].Feeds {
		feed.Key = key
	}
	if !w.broken {
		page.Err, page.Reading = nil, sources.Reading{Page: w.pageNow()}
		feed.Err, feed.Reading = nil, sources.Reading{Feed: w.feedNow()}
		if !w.page || !w.feed {
			w.calm = w.passed
		}
	}
	w.board.Apply(page, feed)
}

func (w *wrong) pageNow() *status.Page {
	p := &status.Page{Word: status.Word{Published: true}, Components: []status.Component{{ID: "whole", Name: "The whole"}}}
	if w.page {
		p.Word.Rank = status.Major
		p.Incidents = []status.Incident{{ID: w.since.String(), Impact: status.Major, Started: dawn.Add(w.since - 20*time.Minute)}}
	}
	return p
}

func (w *wrong) feedNow() *status.Feed {
	row := status.FeedService{Slug: "vendor", HasStatus: true, Official: status.IndicatorUnknown}
	if w.feed {
		row.Status = status.Degraded
	}
	return &status.Feed{UpdatedAt: dawn.Add(w.passed), Services: map[string]status.FeedService{"vendor": row}}
}

// check holds what is shown against what really happened.
func (w *wrong) check() {
	w.t.Helper()
	w.look()
	if s := w.service().Status; s == status.Operational && w.passed-w.calm > 30*time.Minute {
		w.t.Fatalf("operational %s after anything was last read to be so", w.passed-w.calm)
	}
	for _, o := range w.records() {
		r, known := w.starts[o.ID]
		switch {
		case !known:
			w.starts[o.ID] = record{seen: w.passed}
		case r.start.IsZero() && w.passed-r.seen > 15*time.Minute:
			w.starts[o.ID] = record{r.seen, o.StartedAt}
		case !r.start.IsZero() && !r.start.Equal(o.StartedAt):
			w.t.Fatalf("%s started %s, was %s", o.ID, o.StartedAt, r.start)
		}
	}
	if w.t.Failed() {
		w.t.FailNow()
	}
}

// A clock that is set forward or back by hours makes no negative time, moves no
// start, and no old reading look new.
func TestClockJumps(t *testing.T) {
	seeds, steps := uint64(6), 600
	if testing.Short() {
		seeds, steps = 2, 300
	}
	for seed := range seeds {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			w := &wrong{rng: rand.New(rand.NewPCG(seed, 3)), starts: map[string]record{}}
			w.program = begin(t, dawn, `
feeds: [{name: users, type: downstatus, url: "http://localhost", services: configured}]
services: [{slug: vendor, name: Vendor, category: cloud, official: {engine: statuspage, url: "http://localhost"}}]
`)
			for range steps {
				w.step()
				w.check()
			}
		})
	}
}
