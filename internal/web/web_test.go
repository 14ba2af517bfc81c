package web

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/downstatus/downstatus_exporter/internal/board"
	"github.com/downstatus/downstatus_exporter/internal/status"
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// hostile is text as an upstream may send it.
const hostile = "Acme <script>alert(1)</script> \u202eesrever\""

func snapshot() *board.Snapshot {
	down := &board.Service{
		Slug: "acme", Name: hostile, Category: "cloud", Status: status.Down, Since: noon.Add(-time.Hour), Configured: true, HasOfficial: true, OfficialUp: true,
		OfficialURL: "javascript:alert(2)", // no web address
		Labels:      map[string]string{"team": "platform"}, Scope: status.Scope{Include: []string{"API", "Web*"}}, Engine: "statuspage",
		Official: status.Official{
			Indicator: status.Major, Severity: status.Down,
			Incidents: []status.Incident{{Title: hostile, URL: "javascript:alert(3)", Impact: status.Major, Started: noon.Add(-74 * time.Hour)}},
			Window:    &status.Window{Title: "Upgrade", Start: noon},
		},
		Components: []status.Component{{Name: "API", Group: "Europe", Rank: status.Major}, {Name: "Web", Group: "Europe", Maintenance: true}},
		HasReports: true, ReportsUp: true, ReportsSev: status.Degraded,
		Reports: []board.FeedReports{{Feed: "downstatus", Reports1h: 31, Reports24h: 78, Has1h: true, Has24h: true}},
		Outage: &status.Outage{
			Slug: "acme", Signal: status.UserReports, StartedAt: noon.Add(-90 * time.Minute), Description: hostile, IncidentURL: "https://status.acme.test/1",
			ReportsStartedAt: noon.Add(-90 * time.Minute), OfficialStartedAt: noon.Add(-60 * time.Minute), PeakReports: 99, Worst: status.Down,
		},
		History: status.History{Transitions: []status.Transition{
			{Slug: "acme", Since: noon.Add(-10 * time.Hour)},
			{Slug: "acme", Since: noon.Add(-time.Hour), Status: status.Down, Official: status.Down, Reports: status.Degraded},
		}},
		Moving: &board.Moving{LastSuccess: noon.Add(-30 * time.Second), OfficialAt: noon.Add(-30 * time.Second), ReportsAt: noon.Add(-2 * time.Minute), Counts: counts()},
	}
	unread := &board.Service{Slug: "mute", Name: "Mute", Category: "telecom", Configured: true, Status: status.Unknown, HasOfficial: true, Moving: &board.Moving{}}
	closed := &board.Service{Slug: "works", Name: "Works", Category: "cloud", Configured: true, Official: status.Official{Maintenance: true}, Moving: &board.Moving{}}
	well := &board.Service{Slug: "well", Name: "Well", Category: "cloud", Configured: true, Moving: &board.Moving{}}
	listed := &board.Service{Slug: "listed", Name: "Listed", Category: "gaming", Status: status.Degraded, HasReports: true, Moving: &board.Moving{}}
	return &board.Snapshot{
		Services: []*board.Service{down, listed, unread, well, closed},
		Sources: []*board.Source{
			{Name: "page/mute.test", Polled: true, Reason: "timeout", Moving: &board.SourceMoving{LastSuccess: noon.Add(-3 * time.Hour)}},
			{Name: "page/acme.test", Polled: true, Up: true, Moving: &board.SourceMoving{LastSuccess: noon}},
		},
		Outages: []*status.Outage{down.Outage},
	}
}

func counts() *board.Counts {
	c := &board.Counts{Last: noon.Unix() / 600}
	for back, n := range []int32{32, 21, 0, 5} {
		c.Slots[(c.Last-int64(back))%int64(len(c.Slots))] = n
	}
	return c
}

func pages(prefix string) http.Handler {
	return New(board.Fixed(snapshot()), Options{
		Prefix: prefix, Version: "1.2.3", Now: func() time.Time { return noon }, Store: func() Store { return Store{} },
	})
}

func get(t *testing.T, h http.Handler, path string) (int, http.Header, string) {
	t.Helper()
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
	return w.Code, w.Header(), w.Body.String()
}

// has checks that a page holds some texts, in their order.
func has(t *testing.T, body string, wants ...string) {
	t.Helper()
	rest := body
	for _, want := range wants {
		_, after, found := strings.Cut(rest, want)
		if !found {
			t.Fatalf("no %q (in this place) in\n%s", want, body)
		}
		rest = after
	}
}

func hasNot(t *testing.T, body string, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if strings.Contains(body, text) {
			t.Errorf("%q in\n%s", text, body)
		}
	}
}

func TestIndex(t *testing.T) {
	code, header, body := get(t, pages("/x"), "/")
	if code != http.StatusOK || header.Get("Content-Security-Policy") != policy || header.Get("ETag") == "" {
		t.Errorf("%d, %v", code, header)
	}
	has(t, body, "<h1 id=\"headline\">1 down, 0 degraded, 1 unreadable of 4</h1>",
		"1 of 2 sources cannot be read: probably our own network",
		`<h2 id="down">Down (1)`, `href="/x/status/acme"`, "API, Web*", "for 1 h 30 min", "first said by users",
		"Page: major, read 30 s ago", "Users: degraded, 31 reports in 1 h, read 2 min ago", `href="https://status.acme.test/1"`, "team=platform",
		`<h2 id="unknown">Unreadable (1)`, "unreadable, last read never",
		`<h2 id="maintenance">Maintenance (1)`, "/status/works",
		`<details id="fold-operational">`, "/status/well",
		"1 more services that only feeds list</a>, 1 of them in trouble",
		"page/mute.test</code>: timeout, last read 3 h 0 min ago",
		"1.2.3", "oldest poll 3 h 0 min ago", "<strong>store fails")
	hasNot(t, body, "page/acme.test", "/status/listed")
}

func TestFilters(t *testing.T) {
	all := []string{"acme", "listed", "mute", "well", "works"}
	for query, want := range map[string][]string{
		"":                      {"acme", "mute", "well", "works"},
		"all=1":                 all,
		"category=telecom":      {"mute"},
		"status=maintenance":    {"works"},
		"status=operational":    {"well"},
		"label=team%3Dplatform": {"acme"},
		"label=team%3Dother":    {},
		"q=WEL":                 {"well"},
		"q=platform":            {"acme"},
		"q=list":                {},
		"q=list&all=1":          {"listed"},
	} {
		_, _, body := get(t, pages(""), "/?"+query)
		for _, slug := range all {
			wanted := false
			for _, w := range want {
				wanted = wanted || w == slug
			}
			if shown := strings.Contains(body, `"/status/`+slug+`"`); shown != wanted {
				t.Errorf("%q: %s shown: %v", query, slug, shown)
			}
		}
		if len(want) == 0 {
			has(t, body, "No service fits this filter.")
		}
	}
}

// Where the configuration names no service, what the feeds list is shown.
func TestFeedsAlone(t *testing.T) {
	snap := &board.Snapshot{Services: []*board.Service{{Slug: "listed", Name: "Listed", Moving: &board.Moving{}}}}
	h := New(board.Fixed(snap), Options{Now: func() time.Time { return noon }, Store: func() Store { return Store{Kept: true, Up: true} }})
	_, _, body := get(t, h, "/")
	has(t, body, "0 unreadable of 1", "/status/listed")
	hasNot(t, body, "class=\"banner\"", "store fails")
	has(t, body, "store ok")
	h = New(board.Fixed(&board.Snapshot{}), Options{Now: func() time.Time { return noon }, Store: func() Store { return Store{Kept: true, Up: true} }})
	_, _, body = get(t, h, "/")
	has(t, body, "0 down, 0 degraded, 0 unreadable of 0", "No service is watched.")
}

func TestUpstreamTextIsEscaped(t *testing.T) {
	for _, path := range []string{"/", "/status/acme"} {
		_, _, body := get(t, pages(""), path)
		hasNot(t, body, "<script>", "javascript:")
		has(t, body, "<bdi>Acme &lt;script&gt;alert(1)&lt;/script&gt;")
	}
}

func TestServicePage(t *testing.T) {
	code, _, body := get(t, pages("/x"), "/status/acme")
	if code != http.StatusOK {
		t.Errorf("%d", code)
	}
	has(t, body, "For 1 h 30 min, since 2026-11-22 10:30 UTC; first said by users", "API, Web*",
		"major: ", "for 3 d 2 h", "Upgrade", "2026-11-22 12:00 UTC to open end",
		"Combined in the last 24 hours: ", `<rect class="unknown" x="0.00"`, `class="down"`, "Users in the last 24 hours",
		"at most 31", `d="M140 34.8h0.5M142 14.2h0.5L143 0.0"`,
		"Europe", "API", "down", "Web", "maintenance",
		"Outages of the last 7 days", "under way", "1 h 30 min", "30 min after users", "99",
		"7 d", "% of ", "slug: acme", "category: cloud", "include: [API, Web*]", "team: platform",
		`href="/x/api/v1/status/acme"`)
}

func TestOtherPaths(t *testing.T) {
	for path, want := range map[string]int{
		"/status/nobody": 404, "/nothing": 404, "/static/style.css": 200, "/static/renew.js": 200, "/static/icon.svg": 200,
		"/static/nothing.css": 404, "/static/..%2Ftemplates%2Findex.html": 404, "/status/mute": 200, "/status/listed": 200,
	} {
		if code, header, _ := get(t, pages(""), path); code != want || header.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s: %d, want %d; %v", path, code, want, header)
		}
	}
	_, _, body := get(t, pages(""), "/status/%3Cb%3E")
	hasNot(t, body, "<b>")
}

// TestReady: a page stands for some seconds while nothing changes.
func TestReady(t *testing.T) {
	var r ready
	made := 0
	ask := func(generation uint64, key string, now time.Time) {
		t.Helper()
		_, err := r.page(&board.Snapshot{Generation: generation}, key, now, func(*board.Snapshot) ([]byte, error) { made++; return nil, nil })
		if err != nil {
			t.Error(err)
		}
	}
	for i, step := range []struct {
		generation uint64
		key        string
		after      time.Duration
		want       int
	}{
		{1, "/", 0, 1}, {1, "/", 4 * time.Second, 1}, {1, "/?q=a", 4 * time.Second, 2}, {2, "/", 4 * time.Second, 3},
		{2, "/", 10 * time.Second, 4}, {2, "/", 0, 5},
	} {
		ask(step.generation, step.key, noon.Add(step.after))
		if made != step.want {
			t.Errorf("step %d: made %d times, want %d", i, made, step.want)
		}
	}
	for i := range 10 * readyMost {
		ask(2, fmt.Sprint(i), noon)
	}
	if n := len(r.pages); n > readyMost {
		t.Errorf("%d pages are kept", n)
	}
}

func TestLength(t *testing.T) {
	for d, want := range map[time.Duration]string{
		-time.Hour: "0 s", 59 * time.Second: "59 s", time.Minute: "1 min", 59*time.Minute + 59*time.Second: "59 min",
		25 * time.Hour: "1 d 1 h", 100 * 24 * time.Hour: "100 d 0 h", 61 * time.Minute: "1 h 1 min",
	} {
		if got := length(d); got != want {
			t.Errorf("%s: %q, want %q", d, got, want)
		}
	}
}

// BenchmarkIndex renders 2,500 services, of which the compressed page must stay
// small enough for a phone.
func BenchmarkIndex(b *testing.B) {
	snap := &board.Snapshot{}
	one := snapshot().Services[0]
	for i := range 2500 {
		v := *one
		v.Slug = fmt.Sprintf("service-%d", i)
		v.Status = status.Status(i % 3)
		snap.Services = append(snap.Services, &v)
	}
	now := noon
	h := New(board.Fixed(snap), Options{Now: func() time.Time { now = now.Add(readyFor); return now }, Store: func() Store { return Store{} }})
	size := 0
	for b.Loop() {
		w := httptest.NewRecorder()
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.Header.Set("Accept-Encoding", "gzip")
		h.ServeHTTP(w, r)
		size = w.Body.Len()
	}
	b.ReportMetric(float64(size), "bytes")
}
