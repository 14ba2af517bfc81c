package web

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/downstatus/downstatus_exporter/internal/board"
	"github.com/downstatus/downstatus_exporter/internal/status"
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

func pages(prefix string) http.Handler {
	down := &board.Service{
		Slug: "acme", Name: `Acme <script>alert(1)</script>`, Status: status.Down, Since: noon.Add(-time.Hour), HasOfficial: true, OfficialUp: true,
		OfficialURL: "javascript:alert(2)",
		Official: status.Official{
			Indicator: status.Major, Severity: status.Down,
			Components: []status.Component{{Name: "API", Group: "Europe", Rank: status.Major}},
			Incidents:  []status.Incident{{Title: "Broken", URL: "javascript:alert(3)", Impact: status.Major, Started: noon.Add(-72 * time.Hour)}},
			Window:     &status.Window{Title: "Upgrade", Start: noon},
		},
		HasReports: true, ReportsUp: true, ReportsSev: status.Degraded, Reports: []board.FeedReports{{Feed: "downstatus", Reports1h: 31, Reports24h: 78}},
		Outage: &status.Outage{Slug: "acme", StartedAt: noon.Add(-90 * time.Minute), Description: "Broken", IncidentURL: "https://status.acme.test/1"},
		Moving: &board.Moving{LastSuccess: noon.Add(-30 * time.Second)},
	}
	unread := &board.Service{Slug: "mute", Name: "Mute", Status: status.Unknown, HasOfficial: true, Moving: &board.Moving{}}
	well := &board.Service{Slug: "well", Name: "Well", Status: status.Operational, Moving: &board.Moving{}}
	return New(board.Fixed(&board.Snapshot{
		Services: []*board.Service{down, unread, well},
		Sources: []*board.Source{
			{Name: "page/mute.test", Polled: true, Reason: "timeout", Moving: &board.SourceMoving{}},
			{Name: "page/acme.test", Polled: true, Up: true, Moving: &board.SourceMoving{}},
		},
		Outages: []*status.Outage{down.Outage},
	}), Options{Prefix: prefix, Now: func() time.Time { return noon }})
}

func get(t *testing.T, h http.Handler, path string) (int, http.Header, string) {
	t.Helper()
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
	return w.Code, w.Header(), w.Body.String()
}

func TestIndex(t *testing.T) {
	code, header, body := get(t, pages("/x"), "/")
	if code != http.StatusOK || !strings.Contains(header.Get("Content-Security-Policy"), "default-src 'none'") {
		t.Errorf("%d, %v", code, header)
	}
	for _, want := range []string{
		"1 down, 0 degraded, 1 unknown, 1 operational of 3", `href="/x/status/acme"`, "31 in 1 h", "1h30m", "page/mute.test", "timeout",
		`href="https://status.acme.test/1"`, "unreadable",
	} {
		if !strings.Contains(body, want) {
			t.Errorf("no %q in\n%s", want, body)
		}
	}
	if a, b, c := strings.Index(body, "/status/acme"), strings.Index(body, "/status/mute"), strings.Index(body, "/status/well"); a > b || b > c {
		t.Error("not in order of urgency: down, unknown, operational")
	}
	if strings.Contains(body, "page/acme.test") {
		t.Error("a source that is read is listed among those that are not")
	}
}

func TestUpstreamTextIsEscaped(t *testing.T) {
	for _, path := range []string{"/", "/status/acme"} {
		_, _, body := get(t, pages(""), path)
		if strings.Contains(body, "<script>") || strings.Contains(body, "javascript:") {
			t.Errorf("%s:\n%s", path, body)
		}
	}
}

func TestServicePage(t *testing.T) {
	code, _, body := get(t, pages(""), "/status/acme")
	for _, want := range []string{"Europe / API: down", "Upgrade", "open end", "3 days", "78 in 24 h", "30s", "under way"} {
		if code != http.StatusOK || !strings.Contains(body, want) {
			t.Errorf("%d, no %q in\n%s", code, want, body)
		}
	}
}

func TestOtherPaths(t *testing.T) {
	for path, want := range map[string]int{"/status/nobody": 404, "/nothing": 404, "/style.css": 200, "/status/mute": 200} {
		if code, _, _ := get(t, pages(""), path); code != want {
			t.Errorf("%s: %d, want %d", path, code, want)
		}
	}
}
