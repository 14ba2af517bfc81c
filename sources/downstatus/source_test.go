package downstatus

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/downstatus/downstatus_exporter/internal/status"
	"github.com/downstatus/downstatus_exporter/sources"
	"github.com/downstatus/downstatus_exporter/sources/fetch"
)

// fake serves a feed of numbered services, and counts what it is asked.
type fake struct {
	services map[string]string // JSON of a row, by slug; in the order of slugs
	ongoing  string            // rows
	resolved string
	updated  string
	faults   map[string]func(http.ResponseWriter) // by the start of path and query
	asked    []string
}

const (
	allPath      = "/api/v1/services?limit=500"
	ongoingPath  = "/api/v1/outages?status=ongoing&limit=100"
	resolvedPath = "/api/v1/outages?status=resolved&limit=100"
)

func (f *fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.asked = append(f.asked, r.URL.RequestURI())
	for start, fault := range f.faults {
		if strings.HasPrefix(r.URL.RequestURI(), start) {
			fault(w)
			return
		}
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	fmt.Fprintf(w, `{"ok":true,"data":[%s],"meta":{"updated_at":%q}}`, f.rows(r.URL), f.updated)
}

func (f *fake) rows(u *url.URL) string {
	switch u.Query().Get("status") {
	case "ongoing":
		return f.ongoing
	case "resolved":
		return f.resolved
	}
	var rows []string
	category := u.Query().Get("category")
	for _, slug := range slices.Sorted(maps.Keys(f.services)) {
		if row := f.services[slug]; len(rows) < 500 && (category == "" || strings.Contains(row, fmt.Sprintf("%q", category))) {
			rows = append(rows, row)
		}
	}
	return strings.Join(rows, ",")
}

func (f *fake) set(slug, category, state string) {
	f.services[slug] = fmt.Sprintf(`{"slug":%q,"category":%q,"status":%q}`, slug, category, state)
}

// poll asks the source once and returns what the fake was asked meanwhile.
func (f *fake) poll(t *testing.T, s sources.Source) (sources.Reading, []string) {
	t.Helper()
	f.asked = nil
	r, err := s.Poll(t.Context(), time.Now())
	if err != nil {
		t.Fatal(err)
	}
	return r, f.asked
}

func start(t *testing.T) (*fake, sources.Source) {
	t.Helper()
	f := &fake{services: map[string]string{}, faults: map[string]func(http.ResponseWriter){}, updated: "2026-11-22T10:00:00.000Z"}
	f.set("acme", "cloud", "operational")
	return f, opened(t, f)
}

// opened is a source of a server behind a path, as a reverse proxy has it.
func opened(t *testing.T, h http.Handler) sources.Source {
	t.Helper()
	server := httptest.NewServer(http.StripPrefix("/feed", h))
	t.Cleanup(server.Close)
	guard := fetch.NewGuard()
	guard.Allow("127.0.0.1")
	client, err := fetch.NewClient(fetch.Settings{Timeout: 5 * time.Second, Guard: guard})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	engine, ok := sources.Lookup("downstatus")
	if !ok {
		t.Fatal("the engine is not registered")
	}
	target, err := engine.Target(sources.Config{URL: server.URL + "/feed/"})
	if err != nil {
		t.Fatal(err)
	}
	return engine.Open(target, client)
}

func TestTarget(t *testing.T) {
	tests := []struct{ url, page, name string }{
		{"https://isitdownstatus.com", "https://isitdownstatus.com", "isitdownstatus.com"},
		{"isitdownstatus.com/", "https://isitdownstatus.com", "isitdownstatus.com"},
		{"https://isitdownstatus.com/api/v1", "https://isitdownstatus.com", "isitdownstatus.com"},
		{"https://isitdownstatus.com/api/v1/services?limit=500", "https://isitdownstatus.com", "isitdownstatus.com"},
		{"http://127.0.0.1:8080/feed/api/v1/outages", "http://127.0.0.1:8080/feed", "127.0.0.1:8080/feed"},
		{"https://acme.test/api/v10", "https://acme.test/api/v10", "acme.test/api/v10"},
	}
	for _, tt := range tests {
		got, err := target(sources.Config{URL: tt.url})
		if err != nil {
			t.Errorf("%s: %v", tt.url, err)
			continue
		}
		want := []string{tt.page, tt.page + "/api/v1/services?limit=500", tt.name}
		if diff := cmp.Diff(want, []string{got.Page.String(), got.Document.String(), got.Name()}); diff != "" {
			t.Errorf("%s: page, document and name (-want +got):\n%s", tt.url, diff)
		}
	}
	if _, err := target(sources.Config{}); err == nil {
		t.Error("no error without a url")
	}
}

func TestFeedGolden(t *testing.T) {
	s := opened(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		name := "services.json"
		if strings.HasSuffix(r.URL.Path, "/outages") {
			name = "outages.json"
		}
		w.Write(load(t, name))
	}))
	r, err := s.Poll(t.Context(), time.Now())
	if err != nil {
		t.Fatal(err)
	}
	var want status.Feed
	golden(t, "feed.golden.json", &want)
	if diff := cmp.Diff(&want, r.Feed); diff != "" {
		t.Errorf("reading differs from the golden one (-want +got):\n%s", diff)
	}
}

const (
	running = `{"id":"1","service":{"slug":"acme"},"started_at":"2026-11-22T09:00:00.000Z","resolved_at":null,"source":"user_reports","peak_reports":40}`
	done    = `{"id":"1","service":{"slug":"acme"},"started_at":"2026-11-22T09:00:00.000Z","resolved_at":"2026-11-22T09:50:00.000Z","source":"user_reports","peak_reports":40}`
)

// TestRequests follows a feed through an outage: one request a poll, and the
// records only when they can have changed.
func TestRequests(t *testing.T) {
	f, s := start(t)
	var last *status.Feed
	tests := []struct {
		name           string
		change         func()
		asked          []string
		ongoing, ended int
		same           bool // the reading of the poll before
	}{
		{"first poll", func() {}, []string{allPath, ongoingPath, resolvedPath}, 0, 0, false},
		{"nothing new", func() {}, []string{allPath}, 0, 0, true},
		{"a newer observation", func() { f.updated = "2026-11-22T10:01:00.000Z" }, []string{allPath}, 0, 0, false},
		{"trouble", func() { f.set("acme", "cloud", "down"); f.ongoing = running }, []string{allPath, ongoingPath}, 1, 0, false},
		{"the same trouble", func() {}, []string{allPath, ongoingPath}, 1, 0, true},
		{"less trouble", func() { f.set("acme", "cloud", "degraded") }, []string{allPath, ongoingPath}, 1, 0, false},
		{"calm", func() { f.set("acme", "cloud", "operational"); f.ongoing, f.resolved = "", done }, []string{allPath, resolvedPath}, 0, 1, false},
		{"still calm", func() {}, []string{allPath}, 0, 1, true},
		{"trouble again", func() { f.set("acme", "cloud", "down") }, []string{allPath, ongoingPath}, 0, 1, false},
		{"no longer listed", func() { delete(f.services, "acme") }, []string{allPath, resolvedPath}, 0, 1, false},
	}
	for _, tt := range tests {
		tt.change()
		r, asked := f.poll(t, s)
		if diff := cmp.Diff(tt.asked, asked); diff != "" {
			t.Errorf("%s: requests (-want +got):\n%s", tt.name, diff)
		}
		if len(r.Feed.Ongoing) != tt.ongoing || len(r.Feed.Ended) != tt.ended || len(r.Notes) > 0 {
			t.Errorf("%s: %d ongoing, %d ended, notes %q; want %d, %d and none", tt.name, len(r.Feed.Ongoing), len(r.Feed.Ended), r.Notes, tt.ongoing, tt.ended)
		}
		if (r.Feed == last) != tt.same {
			t.Errorf("%s: same feed %t, want %t", tt.name, r.Feed == last, tt.same)
		}
		last = r.Feed
	}
}

// TestOutagesFail: the services stand, what was known is kept and the records
// are asked for again.
func TestOutagesFail(t *testing.T) {
	f, s := start(t)
	f.set("acme", "cloud", "down")
	f.ongoing = running
	f.poll(t, s)

	f.set("acme", "cloud", "degraded")
	f.set("bolt", "email", "operational")
	f.faults["/api/v1/outages"] = answer(http.StatusInternalServerError, "")
	r, _ := f.poll(t, s)
	if len(r.Notes) != 1 || len(r.Feed.Ongoing) != 1 || len(r.Feed.Services) != 2 {
		t.Errorf("notes %q, ongoing %v, services %v; want one, one and two", r.Notes, r.Feed.Ongoing, r.Feed.Services)
	}

	f.set("acme", "cloud", "operational")
	r, asked := f.poll(t, s)
	if want := []string{allPath, ongoingPath, resolvedPath}; !slices.Equal(asked, want) || len(r.Notes) != 2 || len(r.Feed.Ongoing) != 0 {
		t.Errorf("requests %q, notes %q, ongoing %v; want %q, two and none", asked, r.Notes, r.Feed.Ongoing, want)
	}

	clear(f.faults)
	f.ongoing, f.resolved = "", done
	r, asked = f.poll(t, s)
	if want := []string{allPath, ongoingPath, resolvedPath}; !slices.Equal(asked, want) || len(r.Notes) != 0 || len(r.Feed.Ended) != 1 {
		t.Errorf("requests %q, notes %q, ended %v; want %q, none and one", asked, r.Notes, r.Feed.Ended, want)
	}
}

// fill gives a feed more services than one answer holds.
func (f *fake) fill(categories ...string) {
	for i := range 600 {
		f.set(fmt.Sprintf("s%04d", i), categories[i%len(categories)], "operational")
	}
}

func TestByCategory(t *testing.T) {
	f, s := start(t)
	f.fill("cloud", "gaming", "weather & tides")
	f.set("zz", "weather & tides", "down") // beyond the first 500
	r, asked := f.poll(t, s)
	if len(r.Feed.Services) != 602 || r.Feed.Services["zz"].Status != status.Down || len(r.Notes) > 0 {
		t.Errorf("%d services, notes %q; want all 602", len(r.Feed.Services), r.Notes)
	}
	want := []string{allPath}
	for _, c := range []string{"cloud", "email", "finance", "gaming", "internet", "other", "social", "streaming", "telecom", "weather+%26+tides"} {
		want = append(want, "/api/v1/services?category="+c+"&limit=500")
	}
	if diff := cmp.Diff(append(want, ongoingPath, resolvedPath), asked); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
	if again, _ := f.poll(t, s); again.Feed != r.Feed {
		t.Error("unchanged answers gave another feed")
	}
}

func TestCategoryFull(t *testing.T) {
	f, s := start(t)
	f.fill("cloud")
	r, _ := f.poll(t, s)
	if want := []string{`category "cloud" fills a whole answer: services beyond the first 500 cannot be seen`}; !slices.Equal(r.Notes, want) {
		t.Errorf("notes %q, want %q", r.Notes, want)
	}
}

func TestTooManyCategories(t *testing.T) {
	f, s := start(t)
	names := make([]string, 100)
	for i := range names {
		names[i] = fmt.Sprintf("c%02d", i)
	}
	f.fill(names...)
	r, asked := f.poll(t, s)
	if len(asked) != 1+maxCategories+2 || len(r.Notes) != 1 {
		t.Errorf("%d requests, notes %q; want %d and one", len(asked), r.Notes, 1+maxCategories+2)
	}
}

// TestCategoryFails: without one part the whole is not known.
func TestCategoryFails(t *testing.T) {
	f, s := start(t)
	f.fill("cloud", "gaming")
	f.faults["/api/v1/services?category=gaming"] = answer(http.StatusBadGateway, "")
	if r, err := s.Poll(t.Context(), time.Now()); fetch.ReasonOf(err) != fetch.HTTP5xx || err == nil || r.Feed != nil {
		t.Errorf("reading %v with error %v, want an error of reason http_5xx", r.Feed, err)
	}
}

func answer(code int, body string, header ...string) func(http.ResponseWriter) {
	return func(w http.ResponseWriter) {
		w.Header().Set("Content-Type", "application/json")
		for i := 0; i+1 < len(header); i += 2 {
			w.Header().Set(header[i], header[i+1])
		}
		w.WriteHeader(code)
		fmt.Fprint(w, body)
	}
}

func TestPollFails(t *testing.T) {
	tests := map[string]struct {
		fault  func(http.ResponseWriter)
		reason fetch.Reason
		retry  time.Duration
	}{
		"page":        {answer(200, "<html></html>", "Content-Type", "text/html"), fetch.ContentType, 0},
		"empty":       {answer(200, ""), fetch.Decode, 0},
		"object":      {answer(200, "{}"), fetch.Shape, 0},
		"null":        {answer(200, "null"), fetch.Shape, 0},
		"array":       {answer(200, "[]"), fetch.Shape, 0},
		"not ok":      {answer(200, `{"ok":false,"error":"maintenance"}`), fetch.Shape, 0},
		"too many":    {answer(429, "", "Retry-After", "120"), fetch.RateLimited, 2 * time.Minute},
		"unavailable": {answer(503, `{"ok":false,"error":"unknown"}`, "Retry-After", "30"), fetch.HTTP5xx, 30 * time.Second},
		"gone":        {answer(404, `{"ok":false,"error":"Not found"}`), fetch.HTTP4xx, 0},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			f, s := start(t)
			before, _ := f.poll(t, s)
			f.faults["/"] = tt.fault
			r, err := s.Poll(t.Context(), time.Now())
			if err == nil || fetch.ReasonOf(err) != tt.reason || fetch.RetryAfter(err) != tt.retry || r.Feed != nil {
				t.Errorf("reading %v with error %v, retry after %v; want reason %s, %v", r.Feed, err, fetch.RetryAfter(err), tt.reason, tt.retry)
			}
			clear(f.faults)
			if after, _ := f.poll(t, s); after.Feed != before.Feed {
				t.Error("the reading after a fault is another one")
			}
		})
	}
}

func TestCanceled(t *testing.T) {
	_, s := start(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.Poll(ctx, time.Now()); err == nil || fetch.ReasonOf(err) != fetch.Canceled {
		t.Errorf("error %v, want one of reason canceled", err)
	}
}

// TestTwoOngoing: the earlier of two open records for one service counts, and
// one that has ended is not open whatever list it is in.
func TestTwoOngoing(t *testing.T) {
	f, s := start(t)
	f.ongoing = strings.Join([]string{strings.ReplaceAll(running, "09:00", "09:30"), running, strings.ReplaceAll(done, "acme", "bolt")}, ",")
	f.resolved = strings.ReplaceAll(running, "acme", "cobalt")
	r, _ := f.poll(t, s)
	want := map[string]status.FeedOutage{"acme": {
		ID: "1", Slug: "acme", Signal: status.UserReports, Started: time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC), PeakReports: 40,
	}}
	if diff := cmp.Diff(want, r.Feed.Ongoing); diff != "" || len(r.Feed.Ended) > 0 {
		t.Errorf("ended %v, ongoing (-want +got):\n%s", r.Feed.Ended, diff)
	}
}
