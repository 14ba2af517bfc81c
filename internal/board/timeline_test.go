package board

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/downstatus/downstatus_exporter/internal/status"
)

// moments writes transitions as "minute combined/official/reports".
func moments(all []status.Transition) string {
	var out []string
	for _, t := range all {
		out = append(out, fmt.Sprintf("%g %s/%s/%s", t.Since.Sub(noon).Minutes(), t.Status, t.Official, t.Reports))
	}
	return strings.Join(out, ", ")
}

// wantMoments checks what is shown, and that the store has the same.
func (w *world) wantMoments(slug, want string) {
	w.t.Helper()
	shown := w.service(slug).History.Transitions
	if diff := cmp.Diff(want, moments(shown)); diff != "" {
		w.t.Errorf("transitions (-want +got):\n%s", diff)
	}
	var stored []status.Transition
	for _, t := range w.store.state().Transitions {
		if t.Slug == slug {
			stored = append(stored, t)
		}
	}
	if diff := cmp.Diff(shown, stored); diff != "" {
		w.t.Errorf("transitions (-shown +stored):\n%s", diff)
	}
}

func TestTransitions(t *testing.T) {
	w := newWorld(t, plan(acme("feed/main")))
	w.now = minute(1)
	w.page("page/acme", page(status.None))
	w.now = minute(2)
	w.feed("feed/main", feedAt(w.now, row("acme", status.Operational)))
	w.now = minute(3)
	w.feed("feed/main", feedAt(w.now, row("acme", status.Degraded)))
	w.now = minute(4)
	w.page("page/acme", page(status.None)) // nothing new
	w.now = minute(5)
	w.feed("feed/main", feedAt(w.now, row("acme", status.Operational)))
	w.wantMoments("acme", "0 unknown/unknown/unknown, 1 operational/operational/unknown, 2 operational/operational/operational, "+
		"3 degraded/operational/degraded, 5 operational/operational/operational")
	if got := w.service("acme").History.WatchedSince(); !got.Equal(noon) {
		t.Errorf("watched since %s", got)
	}
	a := w.service("acme").History.Availability(status.UserReports, noon, minute(6))
	if a.Known() != 4*time.Minute || a.Degraded != 2*time.Minute {
		t.Errorf("%+v", a)
	}
}

// What nobody knew of, because no run was there, is unknown: from when the last
// readings grew stale, or from the last sign of a run that held a status.
func TestTransitionsOverARestart(t *testing.T) {
	for _, tc := range []struct {
		name string
		word status.Indicator
		end  func(*world)
		down time.Duration // after the poll in minute 10
		want string
	}{
		{"short", status.None, func(*world) {}, 14 * time.Minute, "0 operational/operational/unknown"},
		{"long", status.None, func(*world) {}, time.Hour, "0 operational/operational/unknown, 25 unknown/unknown/unknown"},
		{"clean end", status.None, func(w *world) { w.Flush(w.now) }, time.Hour, "0 operational/operational/unknown, 25 unknown/unknown/unknown"},
		{"long, down", status.Major, func(*world) {}, time.Hour, "0 down/down/unknown, 25 unknown/unknown/unknown, 70 down/unknown/unknown"},
		{
			"crash of a held status", status.Major, func(w *world) { w.pass(30 * time.Minute) }, time.Hour,
			"0 down/down/unknown, 25 down/unknown/unknown, 40 unknown/unknown/unknown, 70 down/unknown/unknown",
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
			w.wantMoments("acme", tc.want)
			w.restart(p)
			w.wantMoments("acme", tc.want)
		})
	}
}

// A service taken out is not known from then on; that it comes back is no new
// beginning. Where it was taken out while no run was there, its last sign of
// life is that of the whole run.
func TestTransitionsOfAServiceTakenOut(t *testing.T) {
	p, other := plan(acme()), plan(onlyFeeds("other", "feed/main"))
	w := newWorld(t, p)
	w.page("page/acme", page(status.None))
	w.now = minute(10)
	w.Configure(other, w.now)
	w.now = minute(20)
	w.Configure(p, w.now)
	w.page("page/acme", page(status.None))
	w.wantMoments("acme", "0 operational/operational/unknown, 10 unknown/unknown/unknown, 20 operational/operational/unknown")
	w.now = minute(300)
	w.page("page/acme", page(status.None))
	w.now = minute(400)
	w.restart(other)
	w.now = minute(500)
	w.Configure(p, w.now)
	w.wantMoments("acme", "0 operational/operational/unknown, 10 unknown/unknown/unknown, 20 operational/operational/unknown, 315 unknown/unknown/unknown")
}

func TestTransitionsWhenTheClockGoesBack(t *testing.T) {
	w := newWorld(t, plan(acme()))
	w.page("page/acme", page(status.None))
	w.now = minute(10)
	w.page("page/acme", page(status.Minor))
	w.now = minute(5)
	w.page("page/acme", page(status.None))
	w.wantMoments("acme", "0 operational/operational/unknown, 10 operational/operational/unknown")
	w.now = minute(20)
	w.page("page/acme", page(status.Major))
	w.wantMoments("acme", "0 operational/operational/unknown, 10 operational/operational/unknown, 20 down/down/unknown")
}

func TestHistoryWithinTheRetention(t *testing.T) {
	w := newWorld(t, plan(acme()))
	for i, word := range []status.Indicator{status.None, status.Major, status.None} {
		w.now = minute(i)
		w.page("page/acme", page(word))
	}
	before := w.service("acme")
	if n := len(before.History.Outages); n != 1 {
		t.Fatalf("%d records", n)
	}
	w.now = minute(3).Add(w.Snapshot().Retention)
	w.Prune(w.now)
	w.page("page/acme", page(status.None))
	after := w.service("acme").History
	if len(after.Outages) != 0 || !strings.HasPrefix(moments(after.Transitions), "2 operational") {
		t.Errorf("%d records; %s", len(after.Outages), moments(after.Transitions))
	}
	if len(before.History.Transitions) != 3 || len(before.History.Outages) != 1 {
		t.Error("the snapshot before it has changed")
	}
}
