package board

import (
	"testing"
	"time"

	"github.com/downstatus/downstatus_exporter/internal/history"
	"github.com/downstatus/downstatus_exporter/internal/status"
)

// A clock that was hours ahead is set right while the page cannot be read.
func TestReadingFromTheFutureIsNotFresh(t *testing.T) {
	for _, restarted := range []bool{false, true} {
		p := plan(acme())
		w := newWorld(t, p)
		w.page("page/acme", page(status.None))
		w.now = minute(-300)
		if restarted {
			w.restart(p)
		}
		w.Tick(w.now)
		w.want("acme", status.Unknown, false)
		w.fail("page/acme")
		w.want("acme", status.Unknown, false)
		if at := w.service("acme").Moving.LastSuccess; at.After(w.now) {
			t.Errorf("restarted %v: last success in the future: %s", restarted, at)
		}
		if at := w.source("page/acme").Moving.LastSuccess; at.After(w.now) {
			t.Errorf("restarted %v: the source's last success in the future: %s", restarted, at)
		}
		w.page("page/acme", page(status.None))
		w.want("acme", status.Operational, false)
	}
}

func TestOutageWhileTheClockGoesBack(t *testing.T) {
	w := newWorld(t, plan(acme()))
	w.page("page/acme", page(status.Major))
	w.pass(20 * time.Minute)
	w.now = minute(-120)
	w.Tick(w.now)
	w.want("acme", status.Down, true)
	w.page("page/acme", page(status.Major))
	w.want("acme", status.Down, false)
	if o := w.service("acme").Outage; !o.StartedAt.Equal(noon) || o.Duration(w.now) != 0 {
		t.Errorf("since %s for %s", o.StartedAt, o.Duration(w.now))
	}
	w.now = minute(-119)
	w.page("page/acme", page(status.None))
	if o := w.service("acme").LastOutage; o == nil || !o.ResolvedAt.Equal(o.StartedAt) {
		t.Errorf("%+v", o)
	}
}

func TestCountersWhileTheClockGoesBack(t *testing.T) {
	p := plan(acme())
	w := newWorld(t, p)
	w.page("page/acme", page(status.None))
	w.pass(10 * time.Minute)
	w.page("page/acme", page(status.None))
	for _, restarted := range []bool{false, true} {
		w.now = minute(-60)
		if restarted {
			w.restart(p)
		}
		w.Tick(w.now)
		w.page("page/acme", page(status.None))
		w.wantSpent("acme", map[status.Status]int{status.Operational: 600})
	}
	for range 71 { // time that was counted once is not counted again
		w.pass(time.Minute)
		w.page("page/acme", page(status.None))
	}
	w.wantSpent("acme", map[status.Status]int{status.Operational: 660})
}

// A poll that ended just before the newest tick is no clock that went back.
func TestPollOlderThanATick(t *testing.T) {
	w := newWorld(t, plan(acme(), onlyFeeds("other", "feed/main")))
	calm := page(status.None)
	w.page("page/acme", calm)
	w.Tick(minute(1))
	w.store.saving = func(c history.Changes) {
		if len(c.Services) > 0 {
			t.Errorf("services are written: %+v", c.Services)
		}
	}
	w.now = minute(1).Add(-time.Second)
	w.page("page/acme", calm)
	w.want("acme", status.Operational, false)
}
