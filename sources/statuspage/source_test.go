package statuspage

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/downstatus/downstatus_exporter/internal/status"
	"github.com/downstatus/downstatus_exporter/sources"
	"github.com/downstatus/downstatus_exporter/sources/fetch"
)

// site is a fake page: it answers what its fields say and counts what it was
// asked for.
type site struct {
	url       string
	summary   string
	incidents string
	code      int    // of summary.json
	media     string // of summary.json
	histCode  int    // of incidents.json

	summaries, notModified, histories int
}

func newSite(t *testing.T) *site {
	s := &site{summary: summaryOf(), incidents: historyOf(), code: 200, media: "application/json; charset=utf-8", histCode: 200}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /eu/api/v2/summary.json", func(w http.ResponseWriter, r *http.Request) {
		s.summaries++
		etag := fmt.Sprintf(`W/"%x"`, s.summary)
		if s.code == 200 && r.Header.Get("If-None-Match") == etag {
			s.notModified++
			w.WriteHeader(http.StatusNotModified)
			return
		}
		w.Header().Set("ETag", etag)
		w.Header().Set("Content-Type", s.media)
		w.WriteHeader(s.code)
		fmt.Fprint(w, s.summary)
	})
	mux.HandleFunc("GET /eu/api/v2/incidents.json", func(w http.ResponseWriter, _ *http.Request) {
		s.histories++
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(s.histCode)
		fmt.Fprint(w, s.incidents)
	})
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	s.url = server.URL + "/eu"
	return s
}

// open makes a source of the site, and a function that polls it.
func (s *site) open(t *testing.T) (*source, func() (sources.Reading, error)) {
	t.Helper()
	guard := fetch.NewGuard()
	guard.Allow("127.0.0.1")
	client, err := fetch.NewClient(fetch.Settings{Timeout: 5 * time.Second, BodyLimit: 1 << 20, Guard: guard, Budgets: fetch.NewBudgets()})
	if err != nil {
		t.Fatal(err)
	}
	engine, ok := sources.Lookup("statuspage")
	if !ok {
		t.Fatal("not registered")
	}
	to, err := engine.Target(sources.Config{URL: s.url})
	if err != nil {
		t.Fatal(err)
	}
	src := engine.Open(to, client).(*source)
	return src, func() (sources.Reading, error) { return src.Poll(context.Background(), time.Now()) }
}

func summaryOf(incidents ...string) string {
	return `{"page":{"id":"acme","name":"Acme"},"status":{"indicator":"none"},
		"components":[{"id":"a","name":"A","status":"operational"}],"incidents":[` + strings.Join(incidents, ",") + `]}`
}

func historyOf(incidents ...string) string {
	return `{"page":{"id":"acme","name":"Acme"},"incidents":[` + strings.Join(incidents, ",") + `]}`
}

func open(id string) string {
	return fmt.Sprintf(`{"id":%q,"name":"Trouble","status":"identified","impact":"minor","created_at":"2026-08-01T10:00:00Z"}`, id)
}

func resolved(id string) string {
	return fmt.Sprintf(`{"id":%q,"name":"Trouble","status":"resolved","impact":"minor","created_at":"2026-08-01T10:00:00Z","resolved_at":"2026-08-01T11:00:00Z"}`, id)
}

// good polls and fails on an error.
func good(t *testing.T, poll func() (sources.Reading, error)) sources.Reading {
	t.Helper()
	r, err := poll()
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func ids(list []status.Incident) []string {
	var out []string
	for _, in := range list {
		out = append(out, in.ID)
	}
	return out
}

func wantIDs(t *testing.T, r sources.Reading, want ...string) {
	t.Helper()
	if diff := cmp.Diff(want, ids(r.Ended)); diff != "" {
		t.Errorf("ended: %s", diff)
	}
}

func TestFirstPollAsksHistory(t *testing.T) {
	s := newSite(t)
	s.summary = summaryOf(open("now"))
	s.incidents = historyOf(open("now"), resolved("before"), resolved("earlier"))
	_, poll := s.open(t)
	r := good(t, poll)
	wantIDs(t, r, "before", "earlier")
	if got := r.Ended[0].Resolved; got != at(t, "2026-08-01T11:00:00Z") {
		t.Errorf("resolved %v", got)
	}
	if diff := cmp.Diff([]string{"now"}, ids(r.Page.Incidents)); diff != "" {
		t.Error(diff)
	}
	if want := s.url; r.Page.URL != want {
		t.Errorf("page %s, want the configured %s, as it names none", r.Page.URL, want)
	}
	wantIDs(t, good(t, poll))
	if s.histories != 1 {
		t.Errorf("history asked %d times, want once", s.histories)
	}
}

func TestUnchangedIsNotDecoded(t *testing.T) {
	s := newSite(t)
	src, poll := s.open(t)
	decoded := 0
	inner := src.summary.Decode
	src.summary.Decode = func(b []byte) (Summary, error) { decoded++; return inner(b) }
	first := good(t, poll).Page
	if again := good(t, poll).Page; again != first {
		t.Error("another page for an unchanged body")
	}
	if decoded != 1 || s.notModified != 1 || s.summaries != 2 {
		t.Errorf("decoded %d, 304s %d, requests %d; want 1, 1, 2", decoded, s.notModified, s.summaries)
	}
	s.summary = summaryOf(open("new"))
	if again := good(t, poll).Page; again == first || decoded != 2 {
		t.Errorf("a changed body is not a new page (decoded %d)", decoded)
	}
}

func TestDepartureAsksOnce(t *testing.T) {
	s := newSite(t)
	s.summary = summaryOf(open("one"), open("two"), open("three"))
	_, poll := s.open(t)
	good(t, poll)

	s.summary = summaryOf(open("three"))
	s.incidents = historyOf(open("three"), resolved("two"), resolved("one"), resolved("old"))
	wantIDs(t, good(t, poll), "two", "one", "old") // all that are over: some are told of only then
	wantIDs(t, good(t, poll))
	if s.histories != 2 {
		t.Errorf("history asked %d times, want 2", s.histories)
	}
}

func TestDepartureToldBySummary(t *testing.T) {
	s := newSite(t)
	s.summary = summaryOf(open("one"))
	_, poll := s.open(t)
	good(t, poll)
	s.summary = summaryOf(resolved("one"), resolved("other"))
	r := good(t, poll)
	wantIDs(t, r, "one")
	if len(r.Page.Incidents) != 0 || s.histories != 1 {
		t.Errorf("open %v, history asked %d times", ids(r.Page.Incidents), s.histories)
	}
}

// Caches may serve an incidents.json older than the summary, and pages lose
// incidents: the former is asked again, the latter not.
func TestDepartureUnconfirmed(t *testing.T) {
	s := newSite(t)
	s.summary = summaryOf(open("late"), open("deleted"))
	_, poll := s.open(t)
	good(t, poll)

	s.summary, s.incidents = summaryOf(), historyOf(open("late"))
	wantIDs(t, good(t, poll))
	s.incidents = historyOf(resolved("late"))
	wantIDs(t, good(t, poll), "late")
	wantIDs(t, good(t, poll))
	if s.histories != 3 {
		t.Errorf("history asked %d times, want 3", s.histories)
	}
}

func TestReturnIsNoDeparture(t *testing.T) {
	s := newSite(t)
	s.summary = summaryOf(open("one"))
	_, poll := s.open(t)
	good(t, poll)
	s.summary, s.histCode = summaryOf(), 500
	good(t, poll)
	s.summary, s.histCode, s.incidents = summaryOf(open("one")), 200, historyOf(resolved("one"))
	wantIDs(t, good(t, poll))
	if s.histories != 2 {
		t.Errorf("history asked %d times, want 2", s.histories)
	}
}

func TestHistoryFails(t *testing.T) {
	bodies := map[string]struct {
		code int
		body string
		note string
	}{
		"missing":    {404, "", "http_4xx"},
		"server":     {503, "", "http_5xx"},
		"HTML":       {200, "<!doctype html>", "content_type"},
		"other JSON": {200, `{"ok":true}`, "shape"},
		"truncated":  {200, `{"page":{"id":"a"},"incidents":[`, "not JSON"},
	}
	for name, tt := range bodies {
		t.Run(name, func(t *testing.T) {
			s := newSite(t)
			s.histCode, s.incidents = tt.code, tt.body
			_, poll := s.open(t)
			for range askAtMost {
				r := good(t, poll)
				if r.Page == nil || len(r.Notes) != 1 || !strings.Contains(r.Notes[0], "incidents.json: "+tt.note) {
					t.Errorf("notes %q, want one about %s", r.Notes, tt.note)
				}
			}
			if r := good(t, poll); r.Notes != nil || s.histories != askAtMost {
				t.Errorf("asked %d times, want to give up after %d; notes %q", s.histories, askAtMost, r.Notes)
			}
		})
	}
}

func TestHistoryRecovers(t *testing.T) {
	s := newSite(t)
	s.histCode = 500
	_, poll := s.open(t)
	good(t, poll)
	s.histCode, s.incidents = 200, historyOf(resolved("old"), `{"id":"odd","status":"pondering","impact":"minor"}`)
	r := good(t, poll)
	wantIDs(t, r, "old")
	if len(r.Notes) != 1 || !strings.Contains(r.Notes[0], "incident_status") {
		t.Errorf("notes %q, want one about incident_status", r.Notes)
	}
}

func TestHiddenIsCarried(t *testing.T) {
	with := `{"page":{"id":"acme"},"status":{"indicator":"minor"},"components":[{"id":"a","name":"A","status":"degraded_performance","only_show_if_degraded":true}]}`
	s := newSite(t)
	s.summary = with
	_, poll := s.open(t)
	good(t, poll)
	s.summary = `{"page":{"id":"acme"},"status":{"indicator":"none"},"components":[]}`
	want := []status.Component{{ID: "a", Name: "A", Rank: status.None, OnlyIfBad: true, Hidden: true}}
	if diff := cmp.Diff(want, good(t, poll).Page.Components); diff != "" {
		t.Error(diff)
	}
}

// TestBadAnswers: whatever is not positively a summary is an error of a known
// reason, asks for nothing more, and the next good answer is read again.
func TestBadAnswers(t *testing.T) {
	tests := map[string]struct {
		code        int
		media, body string
		want        fetch.Reason
	}{
		"HTML 200":          {200, "text/html", "<!doctype html><title>Acme</title>", fetch.ContentType},
		"HTML said JSON":    {200, "application/json", "<!doctype html>", fetch.ContentType},
		"empty":             {200, "application/json", "", fetch.Decode},
		"empty object":      {200, "application/json", "{}", fetch.Shape},
		"null":              {200, "application/json", "null", fetch.Shape},
		"empty list":        {200, "application/json", "[]", fetch.Shape},
		"truncated":         {200, "application/json", `{"page":{"id":"acme"},"status":{"indi`, fetch.Decode},
		"unavailable":       {503, "text/html", "down", fetch.HTTP5xx},
		"not found":         {404, "", "", fetch.HTTP4xx},
		"too many requests": {429, "", "", fetch.RateLimited},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			s := newSite(t)
			_, poll := s.open(t)
			first := good(t, poll).Page
			before := s.summary
			s.code, s.media, s.summary = tt.code, tt.media, tt.body
			r, err := poll()
			if err == nil {
				t.Fatalf("read as %+v", r.Page)
			}
			if got := fetch.ReasonOf(err); got != tt.want || r.Page != nil {
				t.Errorf("%s (%v), want %s", got, err, tt.want)
			}
			s.code, s.media, s.summary = 200, "application/json", before
			if again := good(t, poll).Page; again != first || s.histories != 1 {
				t.Errorf("not as before the fault (history asked %d times)", s.histories)
			}
		})
	}
}
