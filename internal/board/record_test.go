package board

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/downstatus/downstatus_exporter/internal/status"
	"github.com/downstatus/downstatus_exporter/sources"
)

func counts(page, users uint64) map[status.Signal]uint64 {
	return map[status.Signal]uint64{status.OfficialStatusPage: page, status.UserReports: users}
}

func TestWhatOpensAnOutage(t *testing.T) {
	bad := page(status.Major, incident("i1", status.Major, minute(-20)))
	for _, tc := range []struct {
		name    string
		page    *status.Page
		users   status.Status
		ongoing time.Time
		signal  status.Signal
		started time.Time
		counts  map[status.Signal]uint64
	}{
		{"users", page(status.None), status.Degraded, time.Time{}, status.UserReports, noon, counts(0, 1)},
		{"users, by the feed's own start", page(status.None), status.Degraded, minute(-9), status.UserReports, minute(-9), counts(0, 1)},
		{"the page, by its incident", bad, status.Operational, time.Time{}, status.OfficialStatusPage, minute(-20), counts(1, 0)},
		{"the page, without an incident", page(status.Minor), status.Operational, time.Time{}, status.OfficialStatusPage, noon, counts(1, 0)},
		{"both at once: the earlier", bad, status.Down, minute(-30), status.UserReports, minute(-30), counts(0, 1)},
		{"both at once: the page was first", bad, status.Down, minute(-10), status.OfficialStatusPage, minute(-20), counts(1, 0)},
	} {
		t.Run(tc.name, func(t *testing.T) {
			w := newWorld(t, plan(acme("feed/main")))
			f := feedAt(w.now, row("acme", tc.users))
			if !tc.ongoing.IsZero() {
				f.Ongoing["acme"] = status.FeedOutage{ID: "7", Slug: "acme", Signal: status.UserReports, Started: tc.ongoing}
			}
			w.Apply(
				Result{Key: "feed/main", At: w.now, Reading: sources.Reading{Feed: f}},
				Result{Key: "page/acme", At: w.now, Reading: sources.Reading{Page: tc.page}},
			)
			s := w.service("acme")
			if s.Outage == nil || s.Outage.Signal != tc.signal || !s.Outage.StartedAt.Equal(tc.started) || !s.Outage.DetectedAt.Equal(noon) {
				t.Errorf("%+v", s.Outage)
			}
			if diff := cmp.Diff(tc.counts, s.OutageCount); diff != "" {
				t.Errorf("counters (-want +got):\n%s", diff)
			}
			if got := w.Snapshot().Outages; len(got) != 1 || got[0] != s.Outage {
				t.Errorf("listed: %+v", got)
			}
		})
	}
}

func TestPageBackdatesAYoungRecord(t *testing.T) {
	w := newWorld(t, plan(acme("feed/main")))
	w.page("page/acme", page(status.None))
	w.feed("feed/main", feedAt(w.now, row("acme", status.Degraded)))
	w.pass(14 * time.Minute)
	w.page("page/acme", page(status.Major, incident("i1", status.Major, minute(-30))))
	s := w.service("acme")
	if !s.Outage.StartedAt.Equal(minute(-30)) || s.Outage.Signal != status.UserReports || s.Outage.Worst != status.Down {
		t.Errorf("young: %+v", s.Outage)
	}
	if !s.HasDelay || s.LastDelay != -30*time.Minute {
		t.Errorf("official delay %s, %v", s.LastDelay, s.HasDelay)
	}
	w.pass(2 * time.Minute)
	w.page("page/acme", page(status.Major, incident("i1", status.Major, minute(-60))))
	if o := w.service("acme").Outage; !o.StartedAt.Equal(minute(-30)) {
		t.Errorf("older: %+v", o)
	}
}

func TestHowAnOutageEnds(t *testing.T) {
	first, second := incident("i1", status.Major, minute(-20)), incident("i2", status.Minor, minute(-10))
	for _, tc := range []struct {
		name  string
		ended []status.Incident
		want  time.Time
	}{
		{"with the first good reading", nil, minute(30)},
		{"when the page says", []status.Incident{over(first, minute(21)), over(second, minute(25))}, minute(25)},
		{"not before all of its incidents are told", []status.Incident{over(first, minute(21))}, minute(30)},
		{"never before its start", []status.Incident{over(first, minute(-80)), over(second, minute(-90))}, minute(-20)},
	} {
		t.Run(tc.name, func(t *testing.T) {
			w := newWorld(t, plan(acme()))
			w.page("page/acme", page(status.Major, first, second))
			w.pass(30 * time.Minute)
			w.page("page/acme", page(status.None), tc.ended...)
			s := w.service("acme")
			if s.Outage != nil || s.LastOutage == nil || !s.LastOutage.ResolvedAt.Equal(tc.want) {
				t.Errorf("open %+v, last %+v", s.Outage, s.LastOutage)
			}
			if all := w.store.of("acme"); len(all) != 1 {
				t.Errorf("records: %+v", all)
			}
			if diff := cmp.Diff(counts(1, 0), s.OutageCount); diff != "" {
				t.Errorf("counters (-want +got):\n%s", diff)
			}
		})
	}
}

func TestFreshStartReopens(t *testing.T) {
	w := newWorld(t, plan(acme()))
	w.page("page/acme", page(status.Major))
	w.pass(5 * time.Minute)
	w.page("page/acme", page(status.None))
	w.pass(15 * time.Minute)
	w.page("page/acme", page(status.Minor))
	if o := w.service("acme").Outage; o == nil || o.Reopened != 1 || !o.StartedAt.Equal(noon) {
		t.Fatalf("%+v", o)
	}
	w.page("page/acme", page(status.None))
	w.pass(15*time.Minute + time.Second)
	w.page("page/acme", page(status.Minor))
	s := w.service("acme")
	if s.Outage == nil || s.Outage.Reopened != 0 || s.LastOutage == nil {
		t.Fatalf("%+v after %+v", s.Outage, s.LastOutage)
	}
	if diff := cmp.Diff(counts(2, 0), s.OutageCount); diff != "" {
		t.Errorf("counters (-want +got):\n%s", diff)
	}
}

// span is a record as tests compare it.
type span struct {
	From, To int // minutes after noon; 0: open
	Imported bool
}

func spans(all []status.Outage) []span {
	var out []span
	for _, o := range all {
		s := span{From: int(o.StartedAt.Sub(noon) / time.Minute), Imported: o.Imported}
		if !o.Open() {
			s.To = int(o.ResolvedAt.Sub(noon) / time.Minute)
		}
		out = append(out, s)
	}
	return out
}

func TestHistoryOfAPage(t *testing.T) {
	const day = 24 * 60
	past := func(id string, from, to int, component string) status.Incident {
		in := over(incident(id, status.Major, minute(from)), minute(to))
		in.Components = []status.ComponentRef{{ID: component, Rank: status.IndicatorUnknown}}
		return in
	}
	history := []status.Incident{
		past("current", -300, -290, "a"), // in the open record by its id, whatever its times
		past("overlaps", -90, -10, "a"),  // one outage with the open record, whose start it is
		past("first", -10*day, -10*day+30, "a"),
		past("second", -9*day, -9*day+30, "a"),
		past("elsewhere", -8*day, -8*day+30, "b"),
		past("too-old", -91*day, -91*day+30, "a"),
	}
	p := plan(scoped(acme(), "API"))
	w := newWorld(t, p)
	w.page("page/acme", page(status.Major, incident("current", status.Major, minute(-30))), history...)
	want := []span{{-10 * day, -10*day + 30, true}, {-9 * day, -9*day + 30, true}, {From: -90}}
	check := func(when string) {
		t.Helper()
		if diff := cmp.Diff(want, spans(w.store.of("acme"))); diff != "" {
			t.Fatalf("%s (-want +got):\n%s", when, diff)
		}
		if diff := cmp.Diff(counts(1, 0), w.service("acme").OutageCount); diff != "" {
			t.Errorf("%s: counters (-want +got):\n%s", when, diff)
		}
	}
	check("first poll")
	for range 3 {
		w.restart(p)
		w.page("page/acme", page(status.Major, incident("current", status.Major, minute(-30))), history...)
		check("after a restart")
	}
	w.now = minute(10)
	w.page("page/acme", page(status.None), over(incident("current", status.Major, minute(-30)), minute(5)))
	want[2] = span{From: -90, To: 5}
	check("ended")
	w.restart(p)
	w.page("page/acme", page(status.None), append(history, over(incident("current", status.Major, minute(-30)), minute(5)))...)
	check("after its end")
	if s := w.service("acme"); s.LastOutage.Imported || s.Outage != nil {
		t.Errorf("last: %+v", s.LastOutage)
	}
	if got := len(w.Snapshot().Outages); got != 1 {
		t.Errorf("%d listed, want the one of the last 7 days", got)
	}
}

// A service that a reload adds to a page learns of its past too.
func TestHistoryForAServiceAddedLater(t *testing.T) {
	w := newWorld(t, plan(acme()))
	w.page("page/acme", page(status.None), over(incident("i1", status.Major, minute(-90)), minute(-60)))
	second := acme()
	second.Slug = "acme-2"
	w.Configure(plan(acme(), second), w.now)
	if diff := cmp.Diff([]span{{-90, -60, true}}, spans(w.store.of("acme-2"))); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestHistoryOfAFeed(t *testing.T) {
	p := plan(onlyFeeds("acme", "feed/a", "feed/b"))
	w := newWorld(t, p)
	ended := func(signal status.Signal, from, to int) status.FeedOutage {
		return status.FeedOutage{ID: "1", Slug: "acme", Signal: signal, Started: minute(from), Resolved: minute(to), PeakReports: 9}
	}
	a, b := feedAt(w.now, row("acme", status.Operational)), feedAt(w.now, row("acme", status.Operational))
	a.Ended = []status.FeedOutage{ended(status.UserReports, -300, -280), {ID: "2", Slug: "other", Started: minute(-50), Resolved: minute(-40)}}
	b.Ended = []status.FeedOutage{ended(status.OfficialStatusPage, -295, -270), ended(status.OfficialStatusPage, -100, -90), ended(status.UserReports, -80, -70)}
	for range 3 {
		w.feed("feed/a", a)
		w.feed("feed/b", b)
		if diff := cmp.Diff([]span{{-300, -280, true}, {-100, -90, true}}, spans(w.store.of("acme"))); diff != "" {
			t.Fatalf("(-want +got):\n%s", diff)
		}
		w.restart(p)
	}
	s := w.service("acme")
	if diff := cmp.Diff(counts(0, 0), s.OutageCount); diff != "" {
		t.Errorf("counters (-want +got):\n%s", diff)
	}
	if s.LastOutage == nil || s.LastOutage.Signal != status.OfficialStatusPage || s.LastOutage.OfficialStartedAt.IsZero() || s.Outage != nil {
		t.Errorf("last: %+v", s.LastOutage)
	}
	w.feed("feed/a", feedAt(w.now, row("acme", status.Down)))
	if o := w.service("acme").Outage; o == nil || o.Reopened != 0 {
		t.Errorf("%+v", o)
	}
}

func TestTakenOutOfTheConfiguration(t *testing.T) {
	p := plan(acme())
	w := newWorld(t, p)
	w.page("page/acme", page(status.Major))
	w.pass(10 * time.Minute)
	w.Configure(plan(), w.now)
	if w.Snapshot().Service("acme") != nil || len(w.Snapshot().Outages) > 0 {
		t.Error("still shown")
	}
	all := w.store.of("acme")
	if len(all) != 1 || !all[0].Unwatched || !all[0].ResolvedAt.Equal(w.now) {
		t.Fatalf("%+v", all)
	}
	w.page("page/acme", page(status.None)) // a poll that was under way
	w.pass(time.Hour)
	w.Configure(p, w.now)
	w.want("acme", status.Unknown, false)
	w.wantSpent("acme", map[status.Status]int{status.Down: 600, status.Unknown: 3600})
	s := w.service("acme")
	if diff := cmp.Diff(counts(1, 0), s.OutageCount); diff != "" || s.LastOutage != nil || s.Outage != nil {
		t.Errorf("last %+v, open %+v, counters (-want +got):\n%s", s.LastOutage, s.Outage, diff)
	}
	w.page("page/acme", page(status.Major))
	if diff := cmp.Diff(counts(2, 0), w.service("acme").OutageCount); diff != "" {
		t.Errorf("counters (-want +got):\n%s", diff)
	}

	w.restart(plan()) // taken out while nothing ran
	if open := w.store.records(func(o status.Outage) bool { return o.Open() || !o.Unwatched }); len(open) > 0 {
		t.Errorf("%+v", open)
	}
	w.restart(p)
	if diff := cmp.Diff(counts(2, 0), w.service("acme").OutageCount); diff != "" {
		t.Errorf("counters (-want +got):\n%s", diff)
	}
}

// Whatever a feed shows of all its services, one that the configuration named
// and a page reported on is not of the feed's making.
func TestTakenOutBesideAFeedThatShowsAll(t *testing.T) {
	p := showAll(plan(acme("feed/main"), onlyFeeds("users", "feed/main")), "feed/main")
	w := newWorld(t, p)
	w.page("page/acme", page(status.Major, incident("i1", status.Major, noon)))
	w.feed("feed/main", feedAt(w.now, row("listed", status.Down), row("users", status.Down)))
	w.feed("feed/main", feedAt(minute(1), row("other", status.Operational)))
	w.Configure(showAll(plan(), "feed/main"), w.now)
	for slug, unwatched := range map[string]bool{"acme": true, "users": true, "listed": false} {
		if all := w.store.of(slug); len(all) != 1 || all[0].Unwatched != unwatched || all[0].Open() == unwatched {
			t.Errorf("%s: %+v", slug, all)
		}
	}
	w.want("listed", status.Down, true)
}

func TestTakenOutOverARestart(t *testing.T) {
	w := newWorld(t, showAll(plan(acme("feed/main")), "feed/main"))
	w.page("page/acme", page(status.Major, incident("i1", status.Major, noon)))
	w.feed("feed/main", feedAt(w.now, row("listed", status.Down)))
	w.feed("feed/main", feedAt(minute(1), row("other", status.Operational)))
	w.restart(showAll(plan(), "feed/main"))
	if all := w.store.of("acme"); len(all) != 1 || !all[0].Unwatched {
		t.Errorf("%+v", all)
	}
	w.want("listed", status.Down, true)
	w.Configure(plan(), w.now)
	if all := w.store.of("listed"); len(all) != 1 || !all[0].Unwatched {
		t.Errorf("%+v", all)
	}
}

func TestPruneLowersNoCounter(t *testing.T) {
	p := plan(acme("feed/main"))
	w := newWorld(t, p)
	w.page("page/acme", page(status.Major))
	w.pass(time.Hour)
	w.page("page/acme", page(status.None))
	w.now = w.now.Add(80 * 24 * time.Hour)
	w.page("page/acme", page(status.Major))
	w.now = w.now.Add(20 * 24 * time.Hour)
	before := w.service("acme").Moving
	w.Prune(w.now)
	w.page("page/acme", page(status.Major))
	s := w.service("acme")
	if s.LastOutage != nil || s.Outage == nil {
		t.Errorf("last %+v, open %+v", s.LastOutage, s.Outage)
	}
	if diff := cmp.Diff(counts(2, 0), s.OutageCount); diff != "" {
		t.Errorf("counters (-want +got):\n%s", diff)
	}
	for _, word := range status.Statuses {
		if was, is := before.Seconds(word, w.now), s.Moving.Seconds(word, w.now); is < was {
			t.Errorf("%s: %s, was %s", word, is, was)
		}
	}
	p.Retention = 0
	w.page("page/acme", page(status.None))
	w.now = w.now.Add(1000 * 24 * time.Hour)
	w.Prune(w.now)
	w.page("page/acme", page(status.None))
	if w.service("acme").LastOutage == nil {
		t.Error("without a retention all records are kept")
	}
}
