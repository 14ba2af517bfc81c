package board

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/downstatus/downstatus_exporter/internal/status"
)

func TestUnchangedDateIsNoNewObservation(t *testing.T) {
	w := newWorld(t, plan(onlyFeeds("acme", "feed/main")))
	taken := minute(-2)
	for w.now.Before(noon.Add(staleAfter)) {
		w.feed("feed/main", feedAt(taken, row("acme", status.Operational)))
		w.want("acme", status.Operational, false)
		w.pass(time.Minute)
	}
	w.feed("feed/main", feedAt(taken, row("acme", status.Operational)))
	w.want("acme", status.Unknown, false)
	s := w.service("acme")
	if !w.source("feed/main").Up || s.ReportsUp || s.Reports != nil || !s.Moving.TakenAt.Equal(taken) || !s.Moving.LastSuccess.Equal(w.now) {
		t.Errorf("%+v, %+v", s, s.Moving)
	}
	w.restart(plan(onlyFeeds("acme", "feed/main")))
	w.feed("feed/main", feedAt(taken, row("acme", status.Operational)))
	w.want("acme", status.Unknown, false)
	w.feed("feed/main", feedAt(w.now, row("acme", status.Operational)))
	w.want("acme", status.Operational, false)
}

func TestFeedWithoutADate(t *testing.T) {
	w := newWorld(t, plan(onlyFeeds("acme", "feed/main")))
	for range 30 {
		w.feed("feed/main", feedAt(time.Time{}, row("acme", status.Operational)))
		w.want("acme", status.Operational, false)
		w.pass(time.Minute)
	}
	if at := w.service("acme").Moving.TakenAt; !at.Equal(w.now.Add(-time.Minute)) {
		t.Errorf("taken at %s", at)
	}
}

// A feed that repeats itself is held from its last observation, not for ever.
func TestHoldOfADryFeed(t *testing.T) {
	w := newWorld(t, plan(onlyFeeds("acme", "feed/main")))
	dry := feedAt(noon, row("acme", status.Down))
	for w.now.Before(noon.Add(holdOpenFor)) {
		w.feed("feed/main", dry)
		w.want("acme", status.Down, w.now.Sub(noon) >= staleAfter)
		w.pass(15 * time.Minute)
	}
	w.pass(time.Minute)
	w.want("acme", status.Unknown, false)
}

func TestFeedStopsListing(t *testing.T) {
	p := showAll(plan(acme("feed/main")), "feed/main")
	w := newWorld(t, p)
	w.page("page/acme", page(status.None))
	w.feed("feed/main", feedAt(w.now, row("acme", status.Operational), row("calm", status.Operational), row("down", status.Down),
		relayed("relay", status.Operational, status.Major)))
	w.pass(time.Minute)
	w.feed("feed/main", feedAt(w.now, row("other", status.Operational)))
	w.want("acme", status.Operational, false) // the page speaks
	w.want("calm", status.Unknown, false)
	w.want("down", status.Down, true)
	w.want("relay", status.Down, true)
	for _, slug := range []string{"acme", "calm", "down"} {
		if s := w.service(slug); !s.HasReports || s.ReportsUp {
			t.Errorf("%s: has reports %v, up %v", slug, s.HasReports, s.ReportsUp)
		}
	}
	if s := w.service("relay"); !s.HasOfficial || s.OfficialUp || s.Official.Indicator != status.IndicatorUnknown {
		t.Errorf("relay: %+v", s)
	}

	w.pass(time.Minute)
	w.restart(p)
	w.want("down", status.Down, true)
	w.want("relay", status.Down, true)
	if w.Snapshot().Service("calm") != nil {
		t.Error("calm is shown although nothing names it")
	}
	w.Configure(p, w.now)
	w.want("down", status.Down, true)
	w.feed("feed/main", feedAt(w.now, row("down", status.Operational), relayed("relay", status.Operational, status.None)))
	w.want("down", status.Operational, false)
	w.want("relay", status.Operational, false)
	if open := w.store.records(func(o status.Outage) bool { return o.Open() }); len(open) > 0 {
		t.Errorf("still open: %+v", open)
	}
}

func TestServicesOfAFeed(t *testing.T) {
	renamed := onlyFeeds("acme", "feed/main")
	renamed.Feeds["feed/main"] = "acme-inc"
	kept := onlyFeeds("solo")
	p := showAll(plan(renamed, kept), "feed/main")
	p.Labels = []string{"team"}
	w := newWorld(t, p)
	listing := feedAt(w.now, row("acme-inc", status.Degraded), row("extra", status.Operational), row("solo", status.Operational))
	w.feed("feed/main", listing)
	var got []string
	for _, s := range w.Snapshot().Services {
		got = append(got, s.Slug)
	}
	if diff := cmp.Diff([]string{"acme", "extra", "solo"}, got); diff != "" {
		t.Fatalf("services (-want +got):\n%s", diff)
	}
	w.want("acme", status.Degraded, false)
	w.want("solo", status.Unknown, false) // the configuration keeps it out of the feed
	extra := w.service("extra")
	if extra.Configured || extra.Name != "EXTRA" || extra.Category != "cloud" || extra.HasOfficial || len(extra.Components) > 0 {
		t.Errorf("%+v", extra)
	}
	if diff := cmp.Diff(map[string]string{"team": ""}, extra.Labels); diff != "" {
		t.Errorf("labels (-want +got):\n%s", diff)
	}
	if s := w.service("acme"); !s.Configured || s.Name != "acme" {
		t.Errorf("%+v", s)
	}
	if s := w.service("solo"); s.HasReports {
		t.Errorf("%+v", s)
	}

	again := row("extra", status.Operational)
	again.Name, again.LogoURL = "Extra Ltd", "https://logo.test/extra.png"
	w.feed("feed/main", feedAt(minute(1), again))
	if s := w.service("extra"); s.Name != "Extra Ltd" || s.LogoURL != again.LogoURL {
		t.Errorf("renamed by its feed: %+v", s)
	}
}

// An alias in one feed must not come back through another.
func TestAliasWithTwoFeeds(t *testing.T) {
	s := onlyFeeds("acme", "feed/a", "feed/b")
	s.Feeds["feed/a"] = "acme-inc"
	w := newWorld(t, showAll(showAll(plan(s), "feed/a"), "feed/b"))
	w.feed("feed/a", feedAt(w.now, row("acme-inc", status.Down)))
	w.feed("feed/b", feedAt(w.now, row("acme-inc", status.Operational)))
	w.want("acme", status.Down, false)
	w.want("acme-inc", status.Operational, false) // another service, which feed/b alone knows
}

func TestFeedThatNeverListedAService(t *testing.T) {
	w := newWorld(t, plan(acme("feed/main")))
	w.feed("feed/main", feedAt(w.now, row("other", status.Operational)))
	w.page("page/acme", page(status.Major))
	if s := w.service("acme"); s.HasReports || s.ReportsUp || s.Reports != nil {
		t.Errorf("%+v", s)
	}
	w.page("page/acme", page(status.None))
	w.want("acme", status.Operational, false)
}

func TestOfficialIndicatorOfAFeed(t *testing.T) {
	for _, tc := range []struct {
		name      string
		row       status.FeedService
		page      *status.Page // of our own; nil: not configured
		want      status.Status
		reports   status.Status
		indicator status.Indicator
		signal    status.Signal // of the record
	}{
		{"relayed where no page is polled", relayed("acme", status.Operational, status.Major), nil, status.Down, status.Operational, status.Major, status.OfficialStatusPage},
		{"explains the feed's own verdict", relayed("acme", status.Down, status.Major), nil, status.Down, status.Operational, status.Major, status.OfficialStatusPage},
		{"does not explain more than it says", relayed("acme", status.Down, status.Minor), nil, status.Down, status.Down, status.Minor, status.OfficialStatusPage},
		{"null is no source", row("acme", status.Degraded), nil, status.Degraded, status.Degraded, status.IndicatorUnknown, status.UserReports},
		{"our own page leads", relayed("acme", status.Down, status.Major), page(status.None), status.Operational, status.Operational, status.None, ""},
		{"and is worth more than nothing", relayed("acme", status.Operational, status.Major), page(status.None), status.Operational, status.Operational, status.None, ""},
		{
			"evidence must count while our page is not understood", relayed("acme", status.Down, status.Major), page(status.IndicatorUnknown),
			status.Down, status.Down, status.IndicatorUnknown, status.UserReports,
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s := onlyFeeds("acme", "feed/main")
			if tc.page != nil {
				s = acme("feed/main")
			}
			w := newWorld(t, plan(s))
			if tc.page != nil {
				w.page("page/acme", tc.page)
			}
			w.feed("feed/main", feedAt(w.now, tc.row))
			got := w.service("acme")
			if got.Status != tc.want || got.ReportsSev != tc.reports || got.Official.Indicator != tc.indicator {
				t.Errorf("%s, reports %s, indicator %s", got.Status, got.ReportsSev, got.Official.Indicator)
			}
			if has := tc.page != nil || tc.row.HasOfficial; got.HasOfficial != has {
				t.Errorf("has official: %v", got.HasOfficial)
			}
			if got.Outage != nil && got.Outage.Signal != tc.signal {
				t.Errorf("opened by %s", got.Outage.Signal)
			}
		})
	}
}

func TestTwoFeeds(t *testing.T) {
	p := plan(onlyFeeds("acme", "feed/a", "feed/b"))
	w := newWorld(t, p)
	w.feed("feed/a", feedAt(w.now, row("acme", status.Operational)))
	w.feed("feed/b", feedAt(w.now, relayed("acme", status.Operational, status.Minor)))
	w.want("acme", status.Degraded, false)
	if s := w.service("acme"); len(s.Reports) != 2 || s.Reports[0].Feed != "a" || s.Official.Indicator != status.Minor {
		t.Errorf("%+v", s)
	}
	for range 20 { // feed/b dries up; feed/a is calm and clears nothing
		w.pass(time.Minute)
		w.feed("feed/a", feedAt(w.now, row("acme", status.Operational)))
		w.fail("feed/b")
	}
	w.want("acme", status.Degraded, true)
	w.pass(time.Minute)
	w.feed("feed/b", feedAt(w.now, row("acme", status.Operational))) // reachable, but its page is not
	w.want("acme", status.Degraded, true)
	w.feed("feed/b", feedAt(w.now.Add(time.Second), relayed("acme", status.Operational, status.None)))
	w.want("acme", status.Operational, false)
}

// What a silent feed said last is held over a restart too, whatever another
// one says.
func TestSilentFeedOverARestart(t *testing.T) {
	p := plan(onlyFeeds("acme", "feed/a", "feed/b"))
	w := newWorld(t, p)
	w.feed("feed/a", feedAt(w.now, row("acme", status.Down)))
	w.now = minute(1)
	w.feed("feed/a", feedAt(w.now, row("other", status.Operational)))
	for w.now.Before(noon.Add(holdOpenFor)) {
		w.feed("feed/b", feedAt(w.now, row("acme", status.Operational)))
		w.want("acme", status.Down, true)
		w.restart(p)
		w.want("acme", status.Down, true)
		w.now = w.now.Add(13 * time.Minute)
	}
	w.Tick(w.now)
	w.want("acme", status.Unknown, false)
}

// A feed that is added while an outage is open must not be credited with it.
func TestFeedAddedDuringAnOutage(t *testing.T) {
	w := newWorld(t, plan(onlyFeeds("acme", "feed/a")))
	w.feed("feed/a", feedAt(w.now, row("acme", status.Down)))
	w.Configure(plan(onlyFeeds("acme", "feed/a", "feed/b")), w.now)
	w.pass(time.Minute)
	w.fail("feed/b")
	w.feed("feed/a", feedAt(w.now, row("acme", status.Operational)))
	w.want("acme", status.Operational, false)
}

// The feed's record dates what it relays only if the page opened it.
func TestStartOfWhatAFeedRelays(t *testing.T) {
	for signal, want := range map[status.Signal]time.Time{status.OfficialStatusPage: minute(-40), status.UserReports: noon} {
		w := newWorld(t, plan(onlyFeeds("acme", "feed/main")))
		f := feedAt(w.now, relayed("acme", status.Operational, status.Major))
		f.Ongoing["acme"] = status.FeedOutage{ID: "7", Slug: "acme", Signal: signal, Started: minute(-40)}
		w.feed("feed/main", f)
		if o := w.service("acme").Outage; !o.StartedAt.Equal(want) || !o.OfficialStartedAt.Equal(want) || !o.ReportsStartedAt.IsZero() {
			t.Errorf("%s: %+v", signal, o)
		}
	}
}

func TestFeedsRecords(t *testing.T) {
	w := newWorld(t, plan(onlyFeeds("acme", "feed/main")))
	f := feedAt(w.now, row("acme", status.Down))
	f.Ongoing["acme"] = status.FeedOutage{ID: "7", Slug: "acme", Signal: status.UserReports, Started: minute(-40), PeakReports: 55, Description: "Logins fail"}
	w.feed("feed/main", f)
	o := w.service("acme").Outage
	if !o.StartedAt.Equal(minute(-40)) || o.PeakReports != 55 || o.Description != "Logins fail" || o.Signal != status.UserReports || !o.DetectedAt.Equal(noon) {
		t.Errorf("%+v", o)
	}
	w.pass(30 * time.Minute)
	f = feedAt(w.now, row("acme", status.Operational))
	f.Ended = []status.FeedOutage{{ID: "7", Slug: "acme", Signal: status.UserReports, Started: minute(-40), Resolved: minute(21)}}
	w.feed("feed/main", f)
	if all := w.store.of("acme"); len(all) != 1 || !all[0].ResolvedAt.Equal(minute(21)) {
		t.Errorf("%+v", all)
	}
}
