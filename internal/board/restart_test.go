package board

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/downstatus/downstatus_exporter/internal/status"
)

func TestRestartsKeepTheOutage(t *testing.T) {
	p := plan(acme("feed/main"))
	w := newWorld(t, p)
	w.now = noon.Add(123456789 * time.Nanosecond) // the store keeps milliseconds
	poll := func() {
		w.page("page/acme", page(status.Major, incident("i1", status.Major, minute(-20))), over(incident("i0", status.Major, minute(-30)), minute(-10)))
		w.feed("feed/main", feedAt(w.now, row("acme", status.Degraded)))
	}
	poll()
	before := w.service("acme")
	if at := before.Outage.DetectedAt; !at.Equal(noon.Add(123 * time.Millisecond)) {
		t.Errorf("detected at %s", at)
	}
	for range 5 {
		w.pass(3 * time.Minute)
		w.restart(p)
		w.want("acme", status.Down, false)
		after := w.service("acme")
		if diff := cmp.Diff(before.Outage, after.Outage); diff != "" {
			t.Errorf("open record (-before +after):\n%s", diff)
		}
		if diff := cmp.Diff(before.OutageCount, after.OutageCount); diff != "" || !after.Since.Equal(before.Since) {
			t.Errorf("down since %s, was %s; counters (-before +after):\n%s", after.Since, before.Since, diff)
		}
		poll()
	}
	if all := w.store.of("acme"); len(all) != 1 || !all[0].StartedAt.Equal(minute(-30)) {
		t.Errorf("records: %+v", all)
	}
}

func TestStatusAtOnceAfterARestart(t *testing.T) {
	for _, tc := range []struct {
		name  string
		word  status.Indicator
		down  time.Duration
		want  status.Status
		stale bool
	}{
		{"fresh calm", status.None, staleAfter - time.Second, status.Operational, false},
		{"stale calm", status.None, staleAfter, status.Unknown, false},
		{"fresh trouble", status.Major, staleAfter - time.Second, status.Down, false},
		{"stale trouble is held", status.Major, staleAfter, status.Down, true},
		{"as long as in one run", status.Major, holdOpenFor, status.Down, true},
		{"and no longer", status.Major, holdOpenFor + time.Second, status.Unknown, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			p := plan(acme())
			w := newWorld(t, p)
			w.page("page/acme", page(tc.word))
			w.now = w.now.Add(tc.down)
			w.restart(p)
			w.want("acme", tc.want, tc.stale)
			if s := w.service("acme"); (s.Outage != nil) != (tc.word == status.Major) {
				t.Errorf("open record: %+v", s.Outage)
			}
			if s := w.source("page/acme"); s.Up || s.Polled || !s.Moving.LastSuccess.Equal(noon) {
				t.Errorf("source: %+v, last success %s", s, s.Moving.LastSuccess)
			}
		})
	}
}

// A hold does not begin anew with each restart, also where the last good
// reading is not the kept one.
func TestHoldRunsOnAcrossRestarts(t *testing.T) {
	p := plan(onlyFeeds("acme", "feed/main"))
	w := newWorld(t, p)
	w.feed("feed/main", feedAt(w.now, row("acme", status.Down)))
	gone := row("other", status.Operational)
	for range 7 {
		for range 4 {
			w.pass(time.Hour)
			w.feed("feed/main", feedAt(w.now, gone))
		}
		w.restart(p)
		if w.now.Sub(noon) <= holdOpenFor {
			w.want("acme", status.Down, true)
		} else {
			w.want("acme", status.Unknown, false)
		}
	}
	w.feed("feed/main", feedAt(w.now, row("acme", status.Operational)))
	w.want("acme", status.Operational, false)
	if all := w.store.of("acme"); len(all) != 1 || !all[0].ResolvedAt.Equal(w.now) {
		t.Errorf("records: %+v", all)
	}
}

func TestUnusableReadingIsNoReading(t *testing.T) {
	p := plan(acme())
	w := newWorld(t, p)
	w.page("page/acme", page(status.None))
	r := w.store.readings["page/acme"]
	r.Body = []byte(`{"Page":{`)
	w.store.readings["page/acme"] = r
	w.restart(p)
	w.want("acme", status.Unknown, false)
	if w.lines("stored reading cannot be used; waiting for a new one") != 1 {
		t.Errorf("log:\n%s", w.log.String())
	}
}

// With new HTTP settings a source has another key, and nothing read yet.
func TestOutageOutlivesItsSource(t *testing.T) {
	w := newWorld(t, plan(acme("feed/main")))
	w.page("page/acme", page(status.Major))
	moved := acme("feed/main")
	moved.Official = "page/acme-2"
	for w.now = minute(30); w.now.Before(noon.Add(holdOpenFor)); w.now = w.now.Add(time.Hour) {
		w.restart(plan(moved))
		w.feed("feed/main", feedAt(w.now, row("acme", status.Operational)))
		w.want("acme", status.Down, true)
	}
	w.Tick(w.now)
	w.want("acme", status.Unknown, false)
	w.page("page/acme-2", page(status.None))
	w.want("acme", status.Operational, false)
}

func TestRecordWithoutAServiceIsKept(t *testing.T) {
	w := newWorld(t, plan(acme()))
	w.page("page/acme", page(status.Major))
	delete(w.store.services, "acme")
	w.restart(plan(acme()))
	if s := w.service("acme"); s.Outage == nil || s.Status != status.Down {
		t.Errorf("%s, %+v", s.Status, s.Outage)
	}
}
