package board

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/downstatus/downstatus_exporter/internal/status"
)

// spent is the time in each status, in whole seconds.
func (w *world) spent(slug string) map[status.Status]int {
	out := map[status.Status]int{}
	for _, s := range status.Statuses {
		if d := w.service(slug).Moving.Seconds(s, w.now); d != 0 {
			out[s] = int(d / time.Second)
		}
	}
	return out
}

func (w *world) wantSpent(slug string, want map[status.Status]int) {
	w.t.Helper()
	if diff := cmp.Diff(want, w.spent(slug)); diff != "" {
		w.t.Fatalf("seconds (-want +got):\n%s", diff)
	}
}

func TestTimeInEachStatus(t *testing.T) {
	w := newWorld(t, plan(acme()))
	w.now = minute(1)
	w.page("page/acme", page(status.None))
	w.now = minute(11)
	w.wantSpent("acme", map[status.Status]int{status.Unknown: 60, status.Operational: 600})
	w.page("page/acme", page(status.Minor))
	w.now = minute(12)
	w.page("page/acme", page(status.Major))
	w.now = minute(13)
	w.page("page/acme", page(status.None))
	w.now = minute(20)
	w.wantSpent("acme", map[status.Status]int{
		status.Unknown: 60, status.Operational: 600 + 420, status.Degraded: 60, status.Down: 60,
	})
}

func TestTimeOverARestart(t *testing.T) {
	for _, tc := range []struct {
		name string
		word status.Indicator
		end  func(*world)
		down time.Duration // after the last good poll
		want map[status.Status]int
	}{
		{"short", status.None, func(*world) {}, 10 * time.Minute, map[status.Status]int{status.Operational: 600 + 600}},
		{"long", status.None, func(*world) {}, time.Hour, map[status.Status]int{status.Operational: 600 + 900, status.Unknown: 2700}},
		{"long, down", status.Major, func(*world) {}, time.Hour, map[status.Status]int{status.Down: 600 + 900, status.Unknown: 2700}},
		{"clean end", status.None, func(w *world) { w.Flush(w.now) }, time.Hour, map[status.Status]int{status.Operational: 600 + 900, status.Unknown: 2700}},
		{
			"crash of a held status", status.Major, func(w *world) { w.pass(30 * time.Minute) }, time.Hour,
			map[status.Status]int{status.Down: 600 + 1800, status.Unknown: 1800},
		},
		{
			"crash of an unknown one", status.None, func(w *world) { w.pass(30 * time.Minute) }, time.Hour,
			map[status.Status]int{status.Operational: 600 + 900, status.Unknown: 2700},
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			p := plan(acme())
			w := newWorld(t, p)
			w.page("page/acme", page(tc.word))
			w.now = minute(10)
			w.page("page/acme", page(tc.word))
			tc.end(w)
			w.now = minute(10).Add(tc.down)
			w.restart(p)
			w.wantSpent("acme", tc.want)
			w.restart(p)
			w.wantSpent("acme", tc.want)
		})
	}
}

// A source that the service shares, or meets only later, must not tell of time
// in which nobody watched.
func TestTimeOfAServiceFoundLater(t *testing.T) {
	p := showAll(plan(acme()), "feed/main")
	w := newWorld(t, p)
	w.feed("feed/main", feedAt(w.now, row("late", status.Operational)))
	w.page("page/acme", page(status.None))
	delete(w.store.readings, "feed/main")
	w.now = noon.Add(10 * time.Hour)
	w.restart(p)
	w.feed("feed/main", feedAt(w.now, row("late", status.Operational)))
	w.wantSpent("late", map[status.Status]int{status.Operational: 15 * 60, status.Unknown: 10*3600 - 15*60})
}

func TestTimeNeverRunsBackwards(t *testing.T) {
	p := plan(acme())
	w := newWorld(t, p)
	w.page("page/acme", page(status.Major))
	before := map[status.Status]time.Duration{}
	check := func() {
		t.Helper()
		var sum time.Duration
		for _, s := range status.Statuses {
			d := w.service("acme").Moving.Seconds(s, w.now)
			if d < before[s] {
				t.Fatalf("%s at %s: %s, was %s", s, w.now.Sub(noon), d, before[s])
			}
			before[s] = d
			sum += d
		}
		if lag := w.now.Sub(noon) - sum; lag < 0 || lag > 0 && !w.service("acme").Stale || lag >= heldStep {
			t.Fatalf("%s passed, %s counted", w.now.Sub(noon), sum)
		}
	}
	for range 3000 { // fresh, held, then beyond the hold; a crash now and then
		w.pass(time.Duration(w.now.Unix()%61) * time.Second)
		check()
		if w.now.Unix()%7 == 0 {
			w.restart(p)
			check()
		}
	}
}

// Polls end in any order, and clocks are set back.
func TestClockGoesBack(t *testing.T) {
	w := newWorld(t, plan(acme()))
	w.page("page/acme", page(status.None))
	w.now = minute(10)
	w.page("page/acme", page(status.Minor))
	w.now = minute(5)
	w.page("page/acme", page(status.None))
	w.page("page/acme", page(status.Minor))
	w.now = minute(20)
	w.wantSpent("acme", map[status.Status]int{status.Operational: 600, status.Degraded: 600})
}
