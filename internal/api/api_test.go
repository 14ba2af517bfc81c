package api

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/downstatus/downstatus_exporter/internal/board"
	"github.com/downstatus/downstatus_exporter/internal/status"
	"github.com/google/go-cmp/cmp"
)

var now = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

func ago(d time.Duration) time.Time { return now.Add(-d) }

func taken(d time.Duration) *board.Moving {
	return &board.Moving{TakenAt: ago(d), LastSuccess: ago(d)}
}

// fixture has a service of every kind: both signals, users alone, a page alone,
// a page that cannot be read, a held status, and nothing known.
func fixture() *board.Snapshot {
	unread := status.Official{Indicator: status.IndicatorUnknown, Severity: status.Unknown}
	return &board.Snapshot{
		At: now,
		Services: []*board.Service{
			{
				Slug: "acme", Name: "Acme", Category: "cloud", LogoURL: "https://acme.test/logo.png?a=1&b=2", Status: status.Degraded,
				HasOfficial: true, OfficialUp: true, Official: status.Official{Indicator: status.Minor, Severity: status.Degraded},
				Reports: []board.FeedReports{{Feed: "a", Reports1h: 7, Reports24h: 40}, {Feed: "b", Reports1h: 12, Reports24h: 30}},
				Moving:  taken(20*time.Second + 123456*time.Microsecond),
			},
			{
				Slug: "globex", Name: "Globex & <Sons>", Category: "social", Status: status.Down,
				Reports: []board.FeedReports{{Feed: "a", Reports1h: 30, Reports24h: 90}}, Moving: taken(30 * time.Second),
			},
			{
				Slug: "hooli", Name: "Hooli", Category: "cloud", Status: status.Operational,
				HasOfficial: true, OfficialUp: true, Official: status.Official{Indicator: status.None}, Moving: taken(40 * time.Second),
			},
			{
				Slug: "initech", Name: "Initech", Category: "email", Status: status.Operational, HasOfficial: true, Official: unread,
				Reports: []board.FeedReports{{Feed: "a", Reports1h: 12, Reports24h: 12}}, Moving: taken(50 * time.Second),
			},
			{Slug: "umbrella", Name: "Umbrella", Category: "weather", Status: status.Unknown, HasOfficial: true, Official: unread, Moving: taken(time.Hour)},
			{
				Slug: "wonka", Name: "Wonka", Category: "finance", Status: status.Down, Stale: true, HasOfficial: true, Official: unread,
				Moving: &board.Moving{LastSuccess: ago(2 * time.Hour)}, // restored from the store
			},
		},
		Outages: []*status.Outage{
			{
				ID: "01", Slug: "globex", Signal: status.UserReports, StartedAt: ago(10 * time.Minute), DetectedAt: ago(9 * time.Minute),
				ReportsStartedAt: ago(10 * time.Minute), PeakReports: 31,
			},
			{
				ID: "02", Slug: "acme", Signal: status.OfficialStatusPage, StartedAt: ago(3 * time.Hour), DetectedAt: ago(170 * time.Minute),
				ReportsStartedAt: ago(170 * time.Minute), OfficialStartedAt: ago(3 * time.Hour), ResolvedAt: ago(2*time.Hour + 30*time.Second),
				PeakReports: 12, Description: "Errors in <eu>", IncidentURL: "https://status.acme.test/incidents/1",
			},
			{
				ID: "03", Slug: "gone", Signal: status.OfficialStatusPage, StartedAt: ago(8 * 24 * time.Hour), DetectedAt: ago(8 * 24 * time.Hour),
				OfficialStartedAt: ago(8 * 24 * time.Hour), ResolvedAt: ago(board.OutageWindow), Unwatched: true,
			},
			{
				ID: "04", Slug: "acme", Signal: status.UserReports, StartedAt: ago(9 * 24 * time.Hour), DetectedAt: ago(9 * 24 * time.Hour),
				ReportsStartedAt: ago(9 * 24 * time.Hour), ResolvedAt: ago(board.OutageWindow + time.Millisecond),
			},
			{
				ID: "05", Slug: "wonka", Signal: status.OfficialStatusPage, StartedAt: ago(30 * 24 * time.Hour), DetectedAt: ago(30 * 24 * time.Hour),
				OfficialStartedAt: ago(30 * 24 * time.Hour),
			},
		},
	}
}

func handler(s *board.Snapshot) http.Handler {
	return New(board.Fixed(s), Options{
		PageURL:    func(slug string) string { return "http://board.test/status/" + slug },
		Now:        func() time.Time { return now },
		RetryAfter: 59500 * time.Millisecond,
	})
}

// ask sends one request; headers are name, value, name, value.
func ask(t *testing.T, h http.Handler, method, target string, headers ...string) *http.Response {
	t.Helper()
	r := httptest.NewRequest(method, target, nil)
	for pair := range slices.Chunk(headers, 2) {
		r.Header.Add(pair[0], pair[1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Result()
}

func body(t *testing.T, r *http.Response) string {
	t.Helper()
	return string(readAll(t, r.Body))
}

// golden is a file of testdata without its line breaks: the exact bytes.
func golden(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return strings.ReplaceAll(string(b), "\n", "")
}

func TestGolden(t *testing.T) {
	for name, target := range map[string]string{
		"status.json":           "/api/v1/status/acme",
		"status_null.json":      "/api/v1/status/initech",
		"status_held.json":      "/api/v1/status/wonka",
		"services.json":         "/api/v1/services",
		"services_cloud.json":   "/api/v1/services?category=cloud&status=degraded&limit=5",
		"services_unknown.json": "/api/v1/services?status=unknown",
		"outages.json":          "/api/v1/outages",
		"outages_acme.json":     "/api/v1/outages?status=resolved&slug=acme&limit=3",
	} {
		t.Run(name, func(t *testing.T) {
			r := ask(t, handler(fixture()), "GET", target)
			if diff := cmp.Diff(golden(t, name), body(t, r)); diff != "" || r.StatusCode != http.StatusOK {
				t.Errorf("%s: %d, (-want +got):\n%s", target, r.StatusCode, diff)
			}
		})
	}
}

func TestFailures(t *testing.T) {
	for _, tc := range []struct {
		method, target string
		code           int
		text           string
	}{
		{"GET", "/api/v1/status/nobody", 404, "Service not found"},
		{"GET", "/api/v1/status/", 404, "Service not found"},
		{"GET", "/api/v1/status/acme/", 404, "Service not found"},
		{"GET", "/api/v1/status/umbrella", 503, "Status unknown: none of the service's sources has been read recently enough"},
		{"GET", "/api/v1/status", 404, "Not found: see /api/v1/openapi.json"},
		{"GET", "/api/v2/services", 404, "Not found: see /api/v1/openapi.json"},
		{"GET", "/api/", 404, "Not found: see /api/v1/openapi.json"},
		{"GET", "/api/x/services/nobody/availability", 404, "Service not found"},
		{"GET", "/api/x/services//availability", 404, "Service not found"},
		{"GET", "/api/x/services/acme", 404, "Not found: see /api/v1/openapi.json"},
		{"GET", "/api/x/availability", 404, "Not found: see /api/v1/openapi.json"},
		{"POST", "/api/v1/services", 405, "Method not allowed: use GET, HEAD or OPTIONS"},
		{"DELETE", "/api/v1/status/acme", 405, "Method not allowed: use GET, HEAD or OPTIONS"},
	} {
		t.Run(tc.method+" "+tc.target, func(t *testing.T) {
			r := ask(t, handler(fixture()), tc.method, tc.target, "If-None-Match", "*")
			want := fmt.Sprintf(`{"ok":false,"error":%q}`, tc.text)
			if got := body(t, r); got != want || r.StatusCode != tc.code {
				t.Errorf("%d %s, want %d %s", r.StatusCode, got, tc.code, want)
			}
			for name, want := range map[string]string{
				"Cache-Control": "no-store", "ETag": "", "Content-Type": "application/json; charset=utf-8", "Access-Control-Allow-Origin": "*",
				"Retry-After": map[int]string{503: "60"}[tc.code], "Allow": map[int]string{405: "GET, HEAD, OPTIONS"}[tc.code],
			} {
				if got := r.Header.Get(name); got != want {
					t.Errorf("%s: %q, want %q", name, got, want)
				}
			}
		})
	}
}

func TestRetryAfterIsAtLeastASecond(t *testing.T) {
	h := New(board.Fixed(fixture()), Options{})
	if got := ask(t, h, "GET", "/api/v1/status/umbrella").Header.Get("Retry-After"); got != "1" {
		t.Errorf("Retry-After: %q, want 1", got)
	}
}

func TestParameters(t *testing.T) {
	const (
		limit500 = "limit must be a whole number from 1 to 500"
		limit100 = "limit must be a whole number from 1 to 100"
		offset   = "offset must be a whole number from 0 to 2147483647"
		word     = "status must be one of operational, degraded, down, unknown"
		state    = "status must be one of ongoing, resolved"
		category = "category must be one of telecom, cloud, gaming, social, finance, streaming, other, email, internet, weather"
	)
	for target, want := range map[string]string{ // the error, or none
		"services?limit=1":                    "",
		"services?limit=500":                  "",
		"services?limit=0":                    limit500,
		"services?limit=501":                  limit500,
		"services?limit=-1":                   limit500,
		"services?limit=abc":                  limit500,
		"services?limit=1.5":                  limit500,
		"services?limit=+5":                   limit500, // a space once decoded
		"services?limit=%zz":                  limit500,
		"services?limit=99999999999999999999": limit500,
		"services?limit":                      "",
		"services?limit=":                     "",
		"services?limit=5&limit=abc":          "",
		"services?offset=0":                   "",
		"services?offset=2147483647":          "",
		"services?offset=2147483648":          offset,
		"services?offset=-1":                  offset,
		"services?offset=x":                   offset,
		"services?status=":                    "",
		"services?status=down":                "",
		"services?status=unknown":             "",
		"services?status=foo":                 word,
		"services?status=Down":                word,
		"services?status=ongoing":             word,
		"services?status=down;limit=3":        word,
		"services?category=":                  "",
		"services?category=internet":          "",
		"services?category=weather":           "",
		"services?category=foo":               category,
		"services?category=Cloud":             category,
		"services?category=foo&limit=0":       category,
		"services?slug=acme&foo=%zz":          "",
		"services?%zz=1&&=&limits=0":          "",
		"outages?limit=100":                   "",
		"outages?limit=101":                   limit100,
		"outages?limit=0":                     limit100,
		"outages?limit=x":                     limit100,
		"outages?status=ongoing":              "",
		"outages?status=resolved":             "",
		"outages?status=down":                 state,
		"outages?slug=":                       "",
		"outages?slug=nobody":                 "",
		"outages?slug=%zz":                    "slug must be the slug of a service",
		"outages?category=foo&offset=-1":      "",
		"status/acme?limit=0":                 "",
		"openapi.json?limit=0":                "",
	} {
		t.Run(target, func(t *testing.T) {
			r := ask(t, handler(fixture()), "GET", "/api/v1/"+target)
			code := http.StatusOK
			if want != "" {
				code = http.StatusBadRequest
			}
			if got := parse(t, r); got.Error != want || got.OK != (want == "") && !strings.HasPrefix(target, "openapi") || r.StatusCode != code {
				t.Errorf("%d %q, want %d %q", r.StatusCode, got.Error, code, want)
			}
		})
	}
}

// answer is what the tests read of any answer.
type answer struct {
	OK    bool
	Error string
	Meta  struct {
		Total     int
		Filters   map[string]any
		UpdatedAt time.Time `json:"updated_at"`
	}
	Data json.RawMessage
}

func parse(t *testing.T, r *http.Response) (a answer) {
	t.Helper()
	if err := json.Unmarshal(readAll(t, r.Body), &a); err != nil {
		t.Fatal(err)
	}
	return a
}

// rows are the slugs or ids of a list.
func rows(t *testing.T, a answer) string {
	t.Helper()
	var items []struct{ Slug, ID string }
	if err := json.Unmarshal(a.Data, &items); err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, i := range items {
		out = append(out, i.Slug+i.ID)
	}
	return strings.Join(out, " ")
}

func TestRows(t *testing.T) {
	for target, want := range map[string]string{
		"services":                            "globex acme initech hooli wonka",
		"services?limit=2":                    "globex acme",
		"services?limit=2&offset=1":           "acme initech",
		"services?offset=4":                   "wonka",
		"services?offset=5":                   "",
		"services?offset=1000000":             "",
		"services?status=operational":         "initech hooli",
		"services?status=degraded":            "acme",
		"services?status=down":                "globex wonka",
		"services?status=unknown":             "umbrella",
		"services?category=cloud":             "acme hooli",
		"services?category=weather":           "",
		"services?category=gaming":            "",
		"outages":                             "01 02 03 05",
		"outages?limit=1":                     "01",
		"outages?status=ongoing":              "01 05",
		"outages?status=resolved":             "02 03",
		"outages?slug=acme":                   "02",
		"outages?slug=nobody":                 "",
		"outages?slug=gone":                   "03",
		"outages?status=ongoing&slug=acme":    "",
		"outages?status=%6fngoing&slug=wonka": "05",
	} {
		t.Run(target, func(t *testing.T) {
			a := parse(t, ask(t, handler(fixture()), "GET", "/api/v1/"+target))
			if got := rows(t, a); got != want || a.Meta.Total != len(strings.Fields(want)) || string(a.Data) == "null" {
				t.Errorf("rows %q, total %d, want %q", got, a.Meta.Total, want)
			}
		})
	}
}

func TestUpdatedAt(t *testing.T) {
	for target, want := range map[string]time.Duration{
		"services":                          20124 * time.Millisecond, // cut, not rounded
		"services?limit=1":                  20124 * time.Millisecond, // all that match, not only the first
		"services?status=down":              30 * time.Second,
		"services?status=unknown":           time.Hour,
		"services?category=finance":         2 * time.Hour,
		"services?category=gaming":          20124 * time.Millisecond, // none match: all
		"outages":                           20124 * time.Millisecond,
		"outages?slug=globex":               30 * time.Second,
		"outages?slug=hooli&status=ongoing": 40 * time.Second,
		"outages?slug=nobody":               20124 * time.Millisecond,
	} {
		a := parse(t, ask(t, handler(fixture()), "GET", "/api/v1/"+target))
		if got := now.Sub(a.Meta.UpdatedAt); got != want {
			t.Errorf("%s: taken %s ago, want %s", target, got, want)
		}
	}
}

func TestNothingEverRead(t *testing.T) {
	empty := board.Snapshot{At: now}
	unread := board.Snapshot{At: now, Services: []*board.Service{{Slug: "acme", Status: status.Unknown, Moving: &board.Moving{}}}}
	for _, s := range []*board.Snapshot{&empty, &unread} {
		for _, target := range []string{"/api/v1/services", "/api/v1/outages"} {
			a := parse(t, ask(t, handler(s), "GET", target))
			if !a.OK || string(a.Data) != "[]" || a.Meta.UpdatedAt.Unix() != 0 {
				t.Errorf("%s: %+v, want an empty list of the epoch", target, a)
			}
		}
	}
}

func TestMinutesAreRounded(t *testing.T) {
	for length, want := range map[time.Duration]string{
		0: "0", 29 * time.Second: "0", 30 * time.Second: "1", 90 * time.Second: "2", 26 * time.Hour: "1560", -time.Minute: "0",
	} {
		s := &board.Snapshot{Outages: []*status.Outage{{Slug: "a", StartedAt: ago(48 * time.Hour), ResolvedAt: ago(48*time.Hour - length)}}}
		if got := body(t, ask(t, handler(s), "GET", "/api/v1/outages")); !strings.Contains(got, `"duration_minutes":`+want+`,`) {
			t.Errorf("%s: %s, want %s", length, got, want)
		}
	}
}

func TestIndicatorIsNullUnlessRead(t *testing.T) {
	for _, tc := range []struct {
		has, up bool
		rank    status.Indicator
		want    string
	}{
		{true, true, status.None, `"none"`},
		{true, true, status.Critical, `"critical"`},
		{true, true, status.IndicatorUnknown, "null"},
		{true, false, status.None, "null"},
		{false, true, status.None, "null"},
	} {
		s := fixture()
		acme := s.Services[0]
		acme.HasOfficial, acme.OfficialUp, acme.Official.Indicator = tc.has, tc.up, tc.rank
		if got := body(t, ask(t, handler(s), "GET", "/api/v1/status/acme")); !strings.Contains(got, `"official_indicator":`+tc.want+`,`) {
			t.Errorf("%+v: %s", tc, got)
		}
	}
}

// TestKeysOfARealAnswer compares the order of fields with an answer that the
// public API once gave.
func TestKeysOfARealAnswer(t *testing.T) {
	files, err := filepath.Glob("../../../shared/payloads/downstatus/status-*.json")
	if err != nil || len(files) == 0 {
		t.Skip("no recorded answers here")
	}
	recorded, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	key := regexp.MustCompile(`"[a-z0-9_]+":`)
	want := key.FindAllString(string(recorded), -1)
	if diff := cmp.Diff(want, key.FindAllString(golden(t, "status.json"), -1)); diff != "" {
		t.Errorf("(-recorded +ours):\n%s", diff)
	}
}

// FuzzQuery: whatever is asked, the answer is JSON that agrees with itself, and
// a fault is the client's.
func FuzzQuery(f *testing.F) {
	for _, q := range []string{"", "limit=5&offset=2", "status=down", "status=%zz", "category=cloud&category=", "slug=a%00b\xff", "&&=;limit=0"} {
		f.Add("services", q)
		f.Add("outages", q)
		f.Add("status/acme", q)
		f.Add("status/umbrella", q)
	}
	h := handler(fixture())
	f.Fuzz(func(t *testing.T, path, query string) {
		r := httptest.NewRequest("GET", "/", nil)
		r.URL.Path, r.URL.RawQuery = "/api/v1/"+path, query
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		a := parse(t, w.Result())
		switch w.Code {
		case http.StatusOK:
			if limit, is := a.Meta.Filters["limit"].(float64); is && (limit < 1 || limit > 500 || a.Meta.Total > int(limit)) {
				t.Errorf("limit %v, total %d", limit, a.Meta.Total)
			}
		case http.StatusBadRequest, http.StatusNotFound, http.StatusServiceUnavailable:
			if a.OK || a.Error == "" {
				t.Errorf("%d without an error: %+v", w.Code, a)
			}
		default:
			t.Errorf("answered %d", w.Code)
		}
	})
}
