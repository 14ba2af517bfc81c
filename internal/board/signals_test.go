package board

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/downstatus/downstatus_exporter/internal/status"
)

func TestNeverReadIsNeverOperational(t *testing.T) {
	w := newWorld(t, plan(acme("feed/main")))
	for range 30 {
		w.want("acme", status.Unknown, false)
		s := w.service("acme")
		if s.OfficialUp || s.ReportsUp || !s.HasOfficial || !s.HasReports || s.Official.Indicator != status.IndicatorUnknown ||
			s.Official.Severity != status.Unknown || s.ReportsSev != status.Unknown || !s.Moving.LastSuccess.IsZero() {
			t.Fatalf("%+v", s)
		}
		w.pass(time.Minute)
		w.fail("page/acme")
		w.fail("feed/main")
	}
	if s := w.source("page/acme"); s.Up || !s.Polled || s.Reason != "timeout" || s.Moving.Failures != 30 || s.Moving.Polls != 30 {
		t.Errorf("%+v, %+v", s, s.Moving)
	}
}

func TestEmptyReadingIsNoEvidence(t *testing.T) {
	w := newWorld(t, plan(acme("feed/main")))
	w.page("page/acme", nil)
	w.feed("feed/main", nil)
	w.want("acme", status.Unknown, false)
}

func TestLastGoodReadingStands(t *testing.T) {
	for _, tc := range []struct {
		name     string
		interval time.Duration
		limit    time.Duration
	}{
		{"until stale_after", time.Minute, staleAfter},
		{"or three intervals", 10 * time.Minute, 30 * time.Minute},
	} {
		t.Run(tc.name, func(t *testing.T) {
			p := plan(acme())
			withSource(p, "page/acme").Interval = tc.interval
			w := newWorld(t, p)
			w.page("page/acme", page(status.None))
			w.pass(time.Minute)
			w.fail("page/acme")
			if w.source("page/acme").Up {
				t.Error("up after a failed poll")
			}
			w.pass(tc.limit - time.Minute - time.Second)
			w.want("acme", status.Operational, false)
			if !w.service("acme").OfficialUp {
				t.Error("signal is not up while its reading stands")
			}
			w.pass(time.Second)
			w.want("acme", status.Unknown, false)
			s := w.service("acme")
			if s.OfficialUp || s.Official.Indicator != status.IndicatorUnknown || s.Official.Severity != status.Unknown {
				t.Errorf("signal: %+v", s)
			}
			if len(s.Components) != 2 || s.Components[0].Rank != status.IndicatorUnknown || s.Components[1].Rank != status.IndicatorUnknown {
				t.Errorf("components: %+v", s.Components)
			}
			w.page("page/acme", page(status.None))
			w.want("acme", status.Operational, false)
		})
	}
}

func TestHold(t *testing.T) {
	w := newWorld(t, plan(acme("feed/main")))
	w.page("page/acme", page(status.Major, incident("i1", status.Major, minute(-5))))
	w.pass(staleAfter)
	w.want("acme", status.Down, true)
	if s := w.service("acme"); s.OfficialUp || s.Official.Severity != status.Unknown || s.Outage == nil {
		t.Errorf("%+v", s)
	}
	for w.now.Before(noon.Add(holdOpenFor)) {
		w.pass(15 * time.Minute)
		w.feed("feed/main", feedAt(w.now, row("acme", status.Operational)))
		w.want("acme", status.Down, true)
		if at := w.service("acme").Moving.LastSuccess; !at.Equal(w.now) {
			t.Errorf("last success %s", at)
		}
	}
	w.pass(5 * time.Second)
	w.want("acme", status.Unknown, false)
	w.feed("feed/main", feedAt(w.now, row("acme", status.Operational)))
	w.want("acme", status.Unknown, false)
	if s := w.service("acme"); s.Outage == nil {
		t.Error("the record ended without a good reading")
	}
	w.feed("feed/main", feedAt(w.now.Add(time.Second), row("acme", status.Degraded)))
	w.want("acme", status.Degraded, false)
	w.page("page/acme", page(status.None))
	w.feed("feed/main", feedAt(w.now.Add(2*time.Second), row("acme", status.Operational)))
	w.want("acme", status.Operational, false)
	if all := w.store.of("acme"); len(all) != 1 || !all[0].StartedAt.Equal(minute(-5)) || !all[0].ResolvedAt.Equal(w.now) {
		t.Errorf("records: %+v", all)
	}
}

// A word that is not understood is no all-clear.
func TestUnknownWordClearsNothing(t *testing.T) {
	p := plan(acme("feed/main"))
	w := newWorld(t, p)
	calm := row("acme", status.Operational)
	w.page("page/acme", page(status.Major))
	w.feed("feed/main", feedAt(w.now, calm))
	strange := page(status.IndicatorUnknown)
	for i := range 24 * 4 {
		w.pass(15 * time.Minute)
		w.page("page/acme", strange)
		w.feed("feed/main", feedAt(w.now, calm))
		w.want("acme", status.Down, true)
		if s := w.service("acme"); !s.OfficialUp || s.Official.Severity != status.Unknown || s.Official.Indicator != status.IndicatorUnknown {
			t.Fatalf("%+v", s)
		}
		if i%10 == 9 {
			w.restart(p)
			w.want("acme", status.Down, true)
		}
	}
	w.pass(time.Minute)
	w.want("acme", status.Unknown, false)
	w.restart(p)
	w.want("acme", status.Unknown, false)
	w.page("page/acme", page(status.None))
	w.want("acme", status.Operational, false)
}

func TestUnknownStatusOfAFeedClearsNothing(t *testing.T) {
	w := newWorld(t, plan(acme("feed/main")))
	w.page("page/acme", page(status.None))
	w.feed("feed/main", feedAt(w.now, row("acme", status.Down)))
	w.pass(time.Minute)
	w.feed("feed/main", feedAt(w.now, row("acme", status.Unknown)))
	w.want("acme", status.Down, true)
	if s := w.service("acme"); s.ReportsUp || s.ReportsSev != status.Unknown {
		t.Errorf("%+v", s)
	}
}

func TestScopeThatMatchesNothing(t *testing.T) {
	w := newWorld(t, plan(scoped(acme(), "API", "Nowhere")))
	w.page("page/acme", page(status.None))
	w.want("acme", status.Operational, false)
	for range 20 {
		w.pass(time.Minute)
		w.page("page/acme", page(status.None))
	}
	w.pass(staleAfter)
	w.page("page/acme", page(status.None))
	if n := w.lines("scope names components that the page does not have"); n != 1 {
		t.Errorf("%d warnings", n)
	}

	w.Configure(plan(scoped(acme(), "Nowhere")), w.now)
	w.want("acme", status.Unknown, false)
	if s := w.service("acme"); s.OfficialUp || !s.HasOfficial || !s.Official.ScopeMissed || s.Official.Indicator != status.IndicatorUnknown {
		t.Errorf("%+v", s)
	}
}

func TestComponentsThatAreExported(t *testing.T) {
	many := page(status.None)
	many.Components = nil
	for _, id := range []string{"a", "b", "c", "d", "e"} {
		many.Components = append(many.Components, status.Component{ID: id, Name: "Part " + id})
	}
	hiding := page(status.None)
	hiding.Components = []status.Component{{ID: "a", Name: "API"}, {ID: "b", Name: "Part b", OnlyIfBad: true, Hidden: true}}
	for _, tc := range []struct {
		name    string
		page    *status.Page
		include []string
		want    []string
		dropped int
	}{
		{"all within the cap", page(status.None), nil, []string{"a", "b"}, 0},
		{"the cap cuts", many, nil, []string{"a", "b", "c"}, 2},
		{"a scope is never cut", many, []string{"Part ?"}, []string{"a", "b", "c", "d", "e"}, 0},
		{"hidden ones are well, and not listed", hiding, nil, []string{"a"}, 0},
		{"a scope of hidden ones is met", hiding, []string{"Part b"}, nil, 0},
	} {
		t.Run(tc.name, func(t *testing.T) {
			p := plan(scoped(acme(), tc.include...))
			p.MaxComponents = 3
			w := newWorld(t, p)
			w.page("page/acme", tc.page)
			w.want("acme", status.Operational, false)
			var got []string
			for _, c := range w.service("acme").Components {
				got = append(got, c.ID)
			}
			if diff := cmp.Diff(tc.want, got); diff != "" || w.service("acme").Dropped != tc.dropped {
				t.Errorf("dropped %d, want %d; components (-want +got):\n%s", w.service("acme").Dropped, tc.dropped, diff)
			}
		})
	}
}

func TestMaintenanceWindowOpensAndCloses(t *testing.T) {
	p := page(status.None)
	p.Windows = []status.Window{{ID: "w1", Start: minute(5), End: minute(8)}}
	for at, want := range map[int]bool{4: false, 5: true, 7: true, 8: false} {
		w := newWorld(t, plan(acme()))
		w.page("page/acme", p)
		w.pass(time.Duration(at) * time.Minute)
		if got := w.service("acme").Official.Maintenance; got != want {
			t.Errorf("minute %d: maintenance %v, want %v", at, got, want)
		}
	}
}
