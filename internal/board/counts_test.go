package board

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/downstatus/downstatus_exporter/internal/config"
	"github.com/downstatus/downstatus_exporter/internal/status"
)

// counted is a row of a feed that counts and has no verdict of its own.
func counted(slug string, r1h, r24h int) status.FeedService {
	return status.FeedService{
		Slug: slug, Name: slug, Status: status.Unknown, Official: status.IndicatorUnknown,
		Reports1h: r1h, Reports24h: r24h, Has1h: true, Has24h: true,
	}
}

// verdictOf is a row whose feed has a verdict beside the counts.
func verdictOf(r status.FeedService, s status.Status) status.FeedService {
	r.HasStatus, r.Status = true, s
	return r
}

// count lets minutes pass in which a feed says the same.
func (w *world) count(minutes int, rows ...status.FeedService) {
	w.t.Helper()
	for range minutes {
		w.feed("feed/main", feedAt(w.now, rows...))
		w.pass(time.Minute)
	}
}

func TestCountsAloneMakeAStatus(t *testing.T) {
	w := newWorld(t, plan(onlyFeeds("acme", "feed/main")))
	w.count(60, counted("acme", 2, 18))
	w.want("acme", status.Operational, false)
	began := w.now
	w.count(1, counted("acme", 60, 78))
	w.want("acme", status.Operational, false) // one poll is no outage
	w.count(2, counted("acme", 90, 108))
	w.want("acme", status.Down, false)
	o := w.service("acme").Outage
	if o.Signal != status.UserReports || o.PeakReports != 90 || !o.DetectedAt.Equal(began.Add(time.Minute)) {
		t.Errorf("record: %+v", o)
	}
	if late := began.Sub(o.StartedAt); late < 0 || late > 2*time.Minute {
		t.Errorf("started at %s, want within two minutes before %s", o.StartedAt, began)
	}
	for _, n := range []int{200, 240, 90, 30, 8} {
		w.count(1, counted("acme", n, n+18))
	}
	w.count(60, counted("acme", 2, 258))
	w.want("acme", status.Operational, false)
	o = w.service("acme").LastOutage
	if o == nil || o.PeakReports != 240 || o.ReportsEndedAt.Before(began) || o.Duration(w.now) > 40*time.Minute {
		t.Fatalf("record: %+v", o)
	}
	if n := len(w.store.of("acme")); n != 1 {
		t.Errorf("%d records", n)
	}
}

// The worse of both verdicts counts, and calm counts clear nothing.
func TestVerdictAndCounts(t *testing.T) {
	busy, calm := counted("acme", 90, 100), counted("acme", 2, 18)
	for name, tc := range map[string]struct {
		row  status.FeedService
		want status.Status
	}{
		"calm":                         {verdictOf(calm, status.Operational), status.Operational},
		"the feed alone":               {verdictOf(calm, status.Degraded), status.Degraded},
		"the counts alone":             {verdictOf(busy, status.Operational), status.Down},
		"a word nobody knows":          {verdictOf(calm, status.Unknown), status.Unknown},
		"a word nobody knows, surging": {verdictOf(busy, status.Unknown), status.Down},
		"no verdict":                   {calm, status.Operational},
		"neither":                      {status.FeedService{Slug: "acme", Status: status.Unknown, Official: status.IndicatorUnknown}, status.Unknown},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, plan(onlyFeeds("acme", "feed/main")))
			w.count(3, tc.row)
			w.want("acme", tc.want, false)
		})
	}
}

// A disagreement counts once, when it begins, also over a restart.
func TestDisagreements(t *testing.T) {
	p := plan(onlyFeeds("acme", "feed/main"))
	w := newWorld(t, p)
	want := func(n uint64) {
		t.Helper()
		if got := w.service("acme").Disagreements; got != n {
			t.Fatalf("%d disagreements, want %d", got, n)
		}
	}
	agree, apart := verdictOf(counted("acme", 2, 18), status.Operational), verdictOf(counted("acme", 2, 18), status.Degraded)
	w.count(3, agree)
	want(0)
	w.count(3, apart)
	want(1)
	w.restart(p)
	w.count(3, apart)
	want(1)
	w.count(1, agree)
	w.count(1, apart)
	want(2)
}

// What was learned of a busy service is not lost by a restart: to one that
// knows nothing the same counts are an outage.
func TestLearnedOutlivesARestart(t *testing.T) {
	p := plan(onlyFeeds("acme", "feed/main"))
	busy := counted("acme", 500, 500) // as after a gap: the day before was silent
	w := newWorld(t, p)
	w.count(3*60, counted("acme", 500, 12000))
	w.restart(p)
	w.count(5, busy)
	w.want("acme", status.Operational, false)
	fresh := newWorld(t, p)
	fresh.count(5, busy)
	fresh.want("acme", status.Down, false)
}

func TestSensitivityIsReloaded(t *testing.T) {
	p := plan(onlyFeeds("acme", "feed/main"))
	w := newWorld(t, p)
	p.Detection.Threshold = 1e6
	w.Configure(p, w.now)
	w.count(5, counted("acme", 90, 100))
	w.want("acme", status.Operational, false)
	p.Detection.Threshold = 9
	w.Configure(p, w.now)
	w.count(2, counted("acme", 90, 100))
	w.want("acme", status.Down, false)
}

// During a window that touches the service the threshold doubles.
func TestCountsDuringMaintenance(t *testing.T) {
	for _, under := range []bool{true, false} {
		w := newWorld(t, plan(acme("feed/main")))
		p := page(status.None)
		if under {
			p.Windows = []status.Window{{ID: "m", State: status.InProgress, Start: noon}}
		}
		w.page("page/acme", p)
		w.count(5, counted("acme", 17, 35)) // 11 nats
		want := status.Degraded
		if under {
			want = status.Operational
		}
		w.want("acme", want, false)
	}
}

// Missing counts neither open nor close.
func TestMissingCountsHold(t *testing.T) {
	p := plan(onlyFeeds("acme", "feed/main"))
	w := newWorld(t, p)
	w.count(30, counted("acme", 2, 18))
	w.count(5, counted("acme", 90, 108))
	w.want("acme", status.Down, false)
	before := *w.service("acme").Outage
	for range 30 {
		w.fail("feed/main")
		w.pass(time.Minute)
	}
	w.want("acme", status.Down, true)
	w.restart(p)
	w.fail("feed/main")
	w.want("acme", status.Down, true)
	if diff := cmp.Diff(before, *w.service("acme").Outage); diff != "" {
		t.Errorf("record:\n%s", diff)
	}
	w.count(2, counted("acme", 400, 480))
	w.want("acme", status.Down, false)
}

// replica is a board that follows the store of a world.
func (w *world) replica(p *config.Plan) *world {
	r := &world{t: w.t, store: w.store, now: w.now}
	r.Board = New(w.store.state(), Options{Store: r.store, Log: w.opts.Log, Saved: func(error) {}, Follows: true})
	r.Configure(p, r.now)
	return r
}

// same checks that a follower shows what the leader shows.
func (w *world) same(r *world) {
	w.t.Helper()
	a, b := w.Snapshot(), r.Snapshot()
	for i := range a.Services {
		x, y := *a.Services[i], *b.Services[i]
		x.Moving, y.Moving = nil, nil
		if diff := cmp.Diff(x, y); diff != "" {
			w.t.Fatalf("leader (-), follower (+) at %s:\n%s", w.now.Sub(noon), diff)
		}
	}
	for i := range a.Sources {
		if diff := cmp.Diff(a.Sources[i], b.Sources[i]); diff != "" {
			w.t.Fatalf("leader (-), follower (+) at %s:\n%s", w.now.Sub(noon), diff)
		}
	}
	if diff := cmp.Diff(a.Outages, b.Outages); diff != "" {
		w.t.Fatalf("leader (-), follower (+) at %s:\n%s", w.now.Sub(noon), diff)
	}
}

// A follower shows what the leader stored, writes nothing, and takes over in
// the middle of an outage without a new record.
func TestFollowAndLead(t *testing.T) {
	p := showAll(plan(acme("feed/main")), "feed/main")
	w := newWorld(t, p)
	r := w.replica(p)
	step := func(minutes int, rows ...status.FeedService) {
		t.Helper()
		for range minutes {
			w.page("page/acme", page(status.None))
			w.count(1, rows...)
			saves := w.store.saves
			r.now = w.now
			r.Follow(w.store.state(), r.now)
			r.Tick(r.now)
			if w.store.saves != saves {
				t.Fatal("a follower has written")
			}
			w.same(r)
		}
	}
	step(5, counted("acme", 2, 18), counted("listed", 3, 30))
	step(4, counted("acme", 90, 108), counted("listed", 3, 30), counted("new", 1, 1))
	w.fail("page/acme")
	step(1, counted("acme", 95, 120), counted("listed", 3, 30))
	before := w.service("acme").Outage
	polls := r.source("feed/main").Moving.Polls

	r.Apply(Result{Key: "feed/main", At: r.now, Err: nil}) // not its turn
	r.Lead(r.now)
	r.want("acme", status.Down, false)
	r.count(3, counted("acme", 99, 130), counted("listed", 3, 30))
	after := r.service("acme").Outage
	if after == nil || after.ID != before.ID || !after.StartedAt.Equal(before.StartedAt) || len(r.store.of("acme")) != 1 {
		t.Errorf("record after the take-over: %+v", after)
	}
	if got := r.source("feed/main").Moving.Polls; got != polls+3 {
		t.Errorf("%d polls, want %d", got, polls+3)
	}
	if got := r.service("acme").OutageCount[status.UserReports]; got != 1 {
		t.Errorf("%d outages counted", got)
	}

	w.StepDown() // and follows what the other one decides
	r.count(60, counted("acme", 2, 130), counted("listed", 3, 30))
	w.now = r.now
	w.Follow(r.store.state(), w.now)
	r.same(w)
	w.want("acme", status.Operational, false)
}

// A follower whose leader is gone holds nothing for ever.
func TestFollowerGrowsStale(t *testing.T) {
	p := plan(acme())
	w := newWorld(t, p)
	w.page("page/acme", page(status.None))
	r := w.replica(p)
	r.Follow(w.store.state(), r.now)
	r.want("acme", status.Operational, false)
	r.pass(staleAfter)
	r.want("acme", status.Unknown, false)
}

// The counts of the last day are shown to people, and outlive a stop.
func TestCountsOfTheDay(t *testing.T) {
	p := plan(onlyFeeds("acme", "feed/main"))
	w := newWorld(t, p)
	w.count(15, counted("acme", 3, 30))
	w.count(10, counted("acme", 5, 30))
	want := func(counts ...int) {
		t.Helper()
		c := w.service("acme").Moving.Counts
		for back, want := range counts {
			got, known := c.At(back)
			if known != (want >= 0) || known && got != want {
				t.Errorf("%d slots back: %d, %v; want %d", back, got, known, want)
			}
		}
	}
	want(5, 5, 3, -1)
	w.Flush(w.now)
	w.pass(60 * time.Minute)
	w.restart(p)
	w.count(1, counted("acme", 0, 30))
	want(0, -1, -1, -1, -1, -1, 5, 5, 3, -1)
}

// A count after a day in which nothing was heard starts anew, as does a clock
// set back.
func TestCountsAcrossGaps(t *testing.T) {
	for _, far := range []time.Duration{25 * time.Hour, -25 * time.Hour, 300 * time.Hour} {
		var c Counts
		c.note(noon, 7)
		c.note(noon.Add(far), 9)
		for back := range len(c.Slots) {
			if got, known := c.At(back); known != (back == 0) || known && got != 9 {
				t.Errorf("%s: %d slots back: %d, %v", far, back, got, known)
			}
		}
	}
	var c Counts
	c.note(noon, 7)
	c.note(noon.Add(-30*time.Minute), 9) // a little back is a late answer
	if got, known := c.At(3); !known || got != 9 || c.Last != noon.Unix()/600 {
		t.Errorf("%d, %v", got, known)
	}
}
