package board

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/downstatus/downstatus_exporter/internal/status"
)

func past(id string, from, to int) status.Incident {
	return over(incident(id, status.Major, minute(from)), minute(to))
}

func wantRecords(t *testing.T, w *world, opened uint64, want ...span) {
	t.Helper()
	if diff := cmp.Diff(want, spans(w.store.of("acme"))); diff != "" {
		t.Errorf("records (-want +got):\n%s", diff)
	}
	for _, n := range []uint64{w.service("acme").OutageCount[status.OfficialStatusPage], w.store.services["acme"].OutageCount[status.OfficialStatusPage]} {
		if n != opened {
			t.Errorf("%d outages counted, want %d", n, opened)
		}
	}
}

// What ended and began again while nobody could read the page is two outages
// if the page tells so.
func TestAnotherOutageAfterAGap(t *testing.T) {
	for _, tc := range []struct {
		name   string
		began  int // the second incident
		opened uint64
		want   []span
	}{
		{"long after", 100, 2, []span{{From: -10, To: 60}, {From: 100}}},
		{"at once", 70, 1, []span{{From: -10}}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			p := plan(acme())
			w := newWorld(t, p)
			w.page("page/acme", page(status.Major, incident("one", status.Major, minute(-10))))
			w.now = minute(180)
			w.restart(p)
			w.page("page/acme", page(status.Major, incident("two", status.Major, minute(tc.began))), past("one", -10, 60))
			wantRecords(t, w, tc.opened, tc.want...)
		})
	}
}

func TestUsersKeepAnOutageWhole(t *testing.T) {
	p := plan(acme("feed/main"))
	w := newWorld(t, p)
	w.feed("feed/main", feedAt(w.now, row("acme", status.Down)))
	w.page("page/acme", page(status.Major, incident("one", status.Major, minute(-10))))
	w.now = minute(180)
	w.feed("feed/main", feedAt(w.now, row("acme", status.Down)))
	w.page("page/acme", page(status.Major, incident("two", status.Major, minute(100))), past("one", -10, 60))
	if all := w.store.of("acme"); len(all) != 1 || !all[0].Open() {
		t.Errorf("%+v", all)
	}
}

// Trouble that outlasts its incidents ends when it is seen to.
func TestTroubleOutlastsItsIncident(t *testing.T) {
	for _, restarted := range []bool{false, true} {
		p := plan(acme())
		w := newWorld(t, p)
		one := incident("one", status.Major, noon)
		w.page("page/acme", page(status.Major, one))
		w.now = minute(10)
		w.page("page/acme", page(status.Minor), over(one, minute(9)))
		w.now = minute(20)
		if restarted {
			w.restart(p)
		}
		w.page("page/acme", page(status.None), over(one, minute(9)))
		wantRecords(t, w, 1, span{From: 0, To: 20})
	}
}

// An incident that the vendor opens again has no end, whatever was told.
func TestIncidentOpenedAgain(t *testing.T) {
	w := newWorld(t, plan(acme()))
	one := incident("one", status.Major, noon)
	w.page("page/acme", page(status.Major, one))
	w.now = minute(10)
	w.page("page/acme", page(status.None), over(one, minute(9)))
	w.now = minute(12)
	w.page("page/acme", page(status.Major, one))
	w.now = minute(60)
	w.page("page/acme", page(status.None)) // where it ended is not told
	wantRecords(t, w, 1, span{From: 0, To: 60})
}

// A page tells of an incident only when it is over.
func TestToldWhenOver(t *testing.T) {
	const hour = 60
	for _, tc := range []struct {
		name string
		told []status.Incident
		want []span
	}{
		{"apart", []status.Incident{past("x", -3*hour, -2*hour)}, []span{{-3 * hour, -2 * hour, true}, {From: 0, To: 10}}},
		{"just after", []status.Incident{past("x", 20, 30)}, []span{{From: 0, To: 30}}},
		{"long after", []status.Incident{past("x", 26, 30)}, []span{{From: 0, To: 10}, {26, 30, true}}},
		{"just before: the start is fixed", []status.Incident{past("x", -30, -5)}, []span{{From: 0, To: 10}}},
		{"around: the start is fixed", []status.Incident{past("x", -30, 15)}, []span{{From: 0, To: 15}}},
		{"in a chain", []status.Incident{past("x", 20, 30), past("y", 40, 50)}, []span{{From: 0, To: 50}}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			p := plan(acme())
			w := newWorld(t, p)
			one := incident("one", status.Major, noon)
			w.page("page/acme", page(status.Major, one))
			w.now = minute(12)
			w.page("page/acme", page(status.None), over(one, minute(10)))
			w.now = minute(2 * hour)
			for range 2 {
				w.page("page/acme", page(status.None), append(tc.told, over(one, minute(10)))...)
				wantRecords(t, w, 1, tc.want...)
				w.restart(p)
			}
		})
	}
}

// An imported outage that goes on counts from then on, once.
func TestImportedOutageGoesOn(t *testing.T) {
	p := plan(acme())
	w := newWorld(t, p)
	w.page("page/acme", page(status.None), past("one", -60, -5))
	wantRecords(t, w, 0, span{-60, -5, true})
	w.now = minute(8)
	two := incident("two", status.Minor, minute(7))
	w.page("page/acme", page(status.Minor, two))
	wantRecords(t, w, 1, span{From: -60})
	w.now = minute(20)
	w.page("page/acme", page(status.None), over(two, minute(15)))
	w.restart(p)
	w.page("page/acme", page(status.None), past("one", -60, -5), over(two, minute(15)))
	wantRecords(t, w, 1, span{From: -60, To: 15})
}

// A young record is not back-dated into what was imported beside it.
func TestYoungRecordBesideAnImportedOne(t *testing.T) {
	w := newWorld(t, plan(acme()))
	w.page("page/acme", page(status.Major, incident("now", status.Major, minute(-10))), past("before", -60, -30))
	w.now = noon.Add(5 * time.Minute)
	w.page("page/acme", page(status.Major, incident("now", status.Major, minute(-40))))
	wantRecords(t, w, 1, span{-60, -30, true}, span{From: -30})
}
