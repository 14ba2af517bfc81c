package poll

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/downstatus/downstatus_exporter/sources"
	"github.com/downstatus/downstatus_exporter/sources/fetch"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// upstream is a source whose answers a test scripts.
type upstream struct {
	mu     sync.Mutex
	starts []time.Time
	answer func(n int) error // of the n-th poll, from 0
	takes  time.Duration
	busy   bool
	opened int
	twice  bool // asked while it was still answering
}

func (u *upstream) Poll(ctx context.Context, now time.Time) (sources.Reading, error) {
	u.mu.Lock()
	u.twice = u.twice || u.busy
	u.busy = true
	n := len(u.starts)
	u.starts = append(u.starts, now)
	u.mu.Unlock()
	defer func() {
		u.mu.Lock()
		u.busy = false
		u.mu.Unlock()
	}()
	if u.takes > 0 {
		select {
		case <-time.After(u.takes):
		case <-ctx.Done():
			return sources.Reading{}, ctx.Err()
		}
	}
	if u.answer == nil {
		return sources.Reading{}, nil
	}
	return sources.Reading{}, u.answer(n)
}

func (u *upstream) polls() []time.Time {
	u.mu.Lock()
	defer u.mu.Unlock()
	return append([]time.Time(nil), u.starts...)
}

func (u *upstream) job(key string, interval time.Duration) Job {
	return Job{Key: key, Engine: "test", Interval: interval, Floor: 30 * time.Second, Open: func() sources.Source { u.opened++; return u }}
}

// running gives a test a poller in a bubble of its own time.
func running(t *testing.T, test func(t *testing.T, p *Poller, ctx context.Context, outcomes func() []Outcome)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		var all []Outcome
		p := New(func(o Outcome) { mu.Lock(); all = append(all, o); mu.Unlock() })
		ctx, stop := context.WithCancel(t.Context())
		test(t, p, ctx, func() []Outcome { mu.Lock(); defer mu.Unlock(); return append([]Outcome(nil), all...) })
		stop()
		p.Wait()
	})
}

func TestFirstRoundIsAtOnceAndSpread(t *testing.T) {
	running(t, func(t *testing.T, p *Poller, ctx context.Context, outcomes func() []Outcome) {
		var jobs []Job
		began := time.Now()
		for i := range 300 {
			jobs = append(jobs, (&upstream{}).job(string(rune('a'+i)), time.Minute))
		}
		p.Configure(ctx, jobs)
		select {
		case <-p.FirstRound():
			t.Fatal("the first round cannot have ended yet")
		default:
		}
		time.Sleep(spreadMax)
		synctest.Wait()
		<-p.FirstRound()
		distinct := map[time.Time]bool{}
		for _, o := range outcomes() {
			distinct[o.Start] = true
			if o.Start.Sub(began) > spreadMax {
				t.Errorf("%s started after %s", o.Key, o.Start.Sub(began))
			}
		}
		if len(distinct) < 250 {
			t.Errorf("300 first polls at only %d different moments", len(distinct))
		}
	})
}

func TestPhaseIsFixedAndSurvivesARestart(t *testing.T) {
	phases := map[time.Duration]bool{}
	for range 2 {
		running(t, func(t *testing.T, p *Poller, ctx context.Context, _ func() []Outcome) {
			time.Sleep(time.Duration(len(phases)) * 17 * time.Second) // a second start at another moment
			u := &upstream{}
			p.Configure(ctx, []Job{u.job("page/x", time.Minute)})
			time.Sleep(10 * time.Minute)
			synctest.Wait()
			starts := u.polls()
			for i, s := range starts[1:] {
				phases[time.Duration(s.UnixNano())%time.Minute] = true
				if gap := s.Sub(starts[i]); gap < 30*time.Second || gap > 90*time.Second {
					t.Errorf("gap %d is %s", i, gap)
				}
			}
		})
	}
	if len(phases) != 1 {
		t.Errorf("phases %v, want one", phases)
	}
}

func TestFloorAsInterval(t *testing.T) {
	running(t, func(t *testing.T, p *Poller, ctx context.Context, _ func() []Outcome) {
		u := &upstream{takes: 50 * time.Millisecond}
		p.Configure(ctx, []Job{u.job("page/x", 30*time.Second)})
		time.Sleep(10*time.Minute + time.Second)
		synctest.Wait()
		if n := len(u.polls()); n < 20 || n > 21 {
			t.Errorf("%d polls in ten minutes at an interval of 30 s", n)
		}
	})
}

func TestNeverTwiceAtOnce(t *testing.T) {
	running(t, func(t *testing.T, p *Poller, ctx context.Context, _ func() []Outcome) {
		u := &upstream{takes: 100 * time.Second}
		p.Configure(ctx, []Job{u.job("page/slow", 30*time.Second)})
		time.Sleep(20 * time.Minute)
		synctest.Wait()
		if u.twice || len(u.polls()) < 5 {
			t.Errorf("asked while still answering: %v; %d polls", u.twice, len(u.polls()))
		}
	})
}

func TestWorkersAreBounded(t *testing.T) {
	running(t, func(t *testing.T, p *Poller, ctx context.Context, outcomes func() []Outcome) {
		var jobs []Job
		for i := range 3 * Workers {
			jobs = append(jobs, (&upstream{takes: 10 * time.Second}).job(string(rune('a'+i)), time.Hour))
		}
		p.Configure(ctx, jobs)
		time.Sleep(time.Minute)
		synctest.Wait()
		all := outcomes()
		if len(all) != len(jobs) {
			t.Fatalf("%d of %d polled", len(all), len(jobs))
		}
		for _, o := range all {
			together := 0
			for _, other := range all {
				if !other.Start.After(o.Start) && other.End.After(o.Start) {
					together++
				}
			}
			if together > Workers {
				t.Fatalf("%d polls at once, want at most %d", together, Workers)
			}
		}
	})
}

// TestRecoveryWithinTwoIntervals: whatever the number of failures before, a
// poll starts within two intervals of the last.
func TestRecoveryWithinTwoIntervals(t *testing.T) {
	running(t, func(t *testing.T, p *Poller, ctx context.Context, _ func() []Outcome) {
		u := &upstream{answer: func(int) error { return errors.New("broken") }}
		p.Configure(ctx, []Job{u.job("page/x", time.Minute)})
		time.Sleep(10 * time.Hour)
		synctest.Wait()
		starts := u.polls()
		long := 0
		for i, s := range starts[1:] {
			gap := s.Sub(starts[i])
			if gap < 30*time.Second || gap > 2*time.Minute {
				t.Errorf("gap %d is %s", i, gap)
			}
			if gap > time.Minute {
				long++
			}
		}
		if first := starts[1].Sub(starts[0]); first > time.Minute {
			t.Errorf("after the first failure %s, want at most one interval", first)
		}
		if long == 0 {
			t.Error("failures never doubled the wait")
		}
	})
}

// TestFloorAfterALatePoll: its last request may have been its end.
func TestFloorAfterALatePoll(t *testing.T) {
	running(t, func(t *testing.T, p *Poller, ctx context.Context, _ func() []Outcome) {
		const takes = 9 * time.Second
		u := &upstream{takes: takes, answer: func(int) error { return errors.New("broken") }}
		p.Configure(ctx, []Job{u.job("page/x", time.Minute)})
		time.Sleep(time.Hour)
		synctest.Wait()
		starts := u.polls()
		for i, s := range starts[1:] {
			if rest := s.Sub(starts[i]) - takes; rest < 30*time.Second {
				t.Errorf("asked again %s after the end of poll %d", rest, i)
			}
		}
	})
}

func TestRetryAfterIsHonoured(t *testing.T) {
	running(t, func(t *testing.T, p *Poller, ctx context.Context, _ func() []Outcome) {
		u := &upstream{answer: func(n int) error {
			if n > 0 {
				return nil
			}
			return &fetch.Error{Reason: fetch.RateLimited, RetryAfter: 2 * time.Hour, Err: errors.New("429")}
		}}
		p.Configure(ctx, []Job{u.job("page/x", time.Minute)})
		time.Sleep(2*time.Hour - time.Second)
		synctest.Wait()
		if n := len(u.polls()); n != 1 {
			t.Fatalf("%d polls within two hours of being asked for silence", n)
		}
		time.Sleep(2 * time.Minute)
		synctest.Wait()
		if n := len(u.polls()); n < 2 {
			t.Error("not polled again after the silence")
		}
	})
}

func TestPanicIsAFailedPoll(t *testing.T) {
	running(t, func(t *testing.T, p *Poller, ctx context.Context, outcomes func() []Outcome) {
		u := &upstream{answer: func(n int) error {
			if n == 0 {
				panic("nil map")
			}
			return nil
		}}
		p.Configure(ctx, []Job{u.job("page/x", time.Minute)})
		time.Sleep(5 * time.Minute)
		synctest.Wait()
		all := outcomes()
		if len(all) < 2 || fetch.ReasonOf(all[0].Err) != fetch.Decode || all[1].Err != nil {
			t.Errorf("outcomes %+v", all)
		}
	})
}

func TestReconfigure(t *testing.T) {
	running(t, func(t *testing.T, p *Poller, ctx context.Context, outcomes func() []Outcome) {
		stays, goes, comes := &upstream{}, &upstream{}, &upstream{}
		p.Configure(ctx, []Job{stays.job("stays", time.Minute), goes.job("goes", time.Minute)})
		time.Sleep(10 * time.Second)
		synctest.Wait()
		p.Configure(ctx, []Job{stays.job("stays", time.Minute), comes.job("comes", time.Minute)})
		time.Sleep(10 * time.Second)
		synctest.Wait()
		if n := len(comes.polls()); n != 1 {
			t.Errorf("the new source was polled %d times, want at once", n)
		}
		left := len(goes.polls())
		renewed := stays.job("stays", 2*time.Minute)
		renewed.Version = "other settings"
		p.Configure(ctx, []Job{renewed})
		time.Sleep(20 * time.Minute)
		synctest.Wait()
		if len(goes.polls()) != left {
			t.Error("a source taken out was polled on")
		}
		if stays.opened != 2 {
			t.Errorf("opened %d times, want once, and once more for its new settings", stays.opened)
		}
		if n := len(stays.polls()); n > 13 {
			t.Errorf("%d polls: the new interval did not take hold", n)
		}
		for _, o := range outcomes() {
			if o.Engine != "test" || o.End.Before(o.Start) {
				t.Errorf("%+v", o)
			}
		}
	})
}

func TestStopDeliversNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var got []Outcome
		p := New(func(o Outcome) { got = append(got, o) })
		ctx, stop := context.WithCancel(t.Context())
		p.Configure(ctx, []Job{(&upstream{takes: time.Minute}).job("page/x", time.Minute)})
		time.Sleep(10 * time.Second)
		stop()
		p.Wait()
		if len(got) != 0 {
			t.Errorf("a poll cut short says nothing about its upstream: %+v", got)
		}
	})
}

// TestGoesOnWhereAnotherLeftOff: a source asked a moment ago by another
// replica is not asked again within its floor, and keeps its phase; the first
// round does not wait for it.
func TestGoesOnWhereAnotherLeftOff(t *testing.T) {
	const interval = time.Minute
	for ago, want := range map[time.Duration]struct {
		waits bool
		least time.Duration // after the start
	}{
		0: {true, 30 * time.Second}, 5 * time.Second: {true, 25 * time.Second}, 29 * time.Second: {true, time.Second},
		3 * time.Minute:   {false, 0},
		-10 * time.Minute: {true, 30 * time.Second}, // a clock was wrong
	} {
		running(t, func(t *testing.T, p *Poller, ctx context.Context, _ func() []Outcome) {
			var u upstream
			start := time.Now()
			job := u.job("a", interval)
			job.Asked = start.Add(-ago)
			p.Configure(ctx, []Job{job})
			synctest.Wait()
			select {
			case <-p.FirstRound():
				if !want.waits {
					t.Errorf("asked %v ago: the first round ended before a poll", ago)
				}
			default:
				if want.waits {
					t.Errorf("asked %v ago: the first round waits for a source that was asked", ago)
				}
			}
			time.Sleep(3 * interval)
			synctest.Wait()
			polls := u.polls()
			first := polls[0].Sub(start)
			if first < want.least || first > want.least+interval {
				t.Errorf("asked %v ago: asked again after %v, want %v at least, and an interval more at most", ago, first, want.least)
			}
			if want.waits && polls[1].Sub(polls[0]) != interval {
				t.Errorf("asked %v ago: the phase moved: %v", ago, polls)
			}
		})
	}
}
