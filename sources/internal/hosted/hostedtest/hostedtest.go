// Package hostedtest holds what the tests of engines for hosted status pages
// have in common: a fake page, golden readings and what is true of every
// reading.
package hostedtest

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"hash/crc32"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/downstatus/downstatus_exporter/internal/status"
	"github.com/downstatus/downstatus_exporter/sources"
	"github.com/downstatus/downstatus_exporter/sources/fetch"
)

var rewrite = flag.Bool("update", false, "write the golden readings anew")

// Now is the time at which tests judge readings.
var Now = time.Date(2026, 8, 2, 17, 0, 0, 0, time.UTC)

// Answer is what a fake page says at one path.
type Answer struct {
	Code     int    // 200 if zero
	Media    string // JSON if empty
	Location string // of a redirect
	Body     string
}

// JSON is an answer that is as it should be.
func JSON(body string) Answer { return Answer{Body: body} }

// HTML is the shell that many hosts answer any path with.
var HTML = Answer{Media: "text/html; charset=utf-8", Body: "<!doctype html><title>Acme</title>"}

// Site is a fake page. It answers 404 where it has no answer, and 304 to who
// has the answer already.
type Site struct {
	Answers map[string]Answer // by path
	Asked   []string          // paths, in order
	Unmoved int               // 304s

	engine sources.Engine
	url    string
	source sources.Source
	now    time.Time
}

// Open starts a fake page and a source of an engine for it.
func Open(t *testing.T, engine string, answers map[string]Answer) *Site {
	t.Helper()
	s := &Site{Answers: answers, now: Now}
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	e, ok := sources.Lookup(engine)
	if !ok {
		t.Fatalf("engine %s is not registered", engine)
	}
	s.engine, s.url = e, server.URL
	s.source = s.Source(t)
	return s
}

// Source is one more source of the page.
func (s *Site) Source(t *testing.T) sources.Source {
	t.Helper()
	guard := fetch.NewGuard()
	guard.Allow("127.0.0.1")
	client, err := fetch.NewClient(fetch.Settings{Timeout: 5 * time.Second, Guard: guard})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	target, err := s.engine.Target(sources.Config{URL: s.url})
	if err != nil {
		t.Fatal(err)
	}
	return s.engine.Open(target, client)
}

// URL is the page's address.
func (s *Site) URL() string { return s.url }

// At sets the time of the polls to come.
func (s *Site) At(now time.Time) { s.now = now }

// ServeHTTP answers.
func (s *Site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.Asked = append(s.Asked, r.URL.Path)
	a, ok := s.Answers[r.URL.Path]
	if !ok {
		http.NotFound(w, r)
		return
	}
	if a.Code == 0 {
		a.Code = http.StatusOK
	}
	if a.Media == "" {
		a.Media = "application/json; charset=utf-8"
	}
	if a.Code == http.StatusOK {
		etag := fmt.Sprintf(`W/"%08x"`, crc32.ChecksumIEEE([]byte(a.Body)))
		w.Header().Set("ETag", etag)
		if r.Header.Get("If-None-Match") == etag {
			s.Unmoved++
			w.WriteHeader(http.StatusNotModified)
			return
		}
	}
	if a.Location != "" {
		w.Header().Set("Location", a.Location)
	}
	w.Header().Set("Content-Type", a.Media)
	w.WriteHeader(a.Code)
	fmt.Fprint(w, a.Body)
}

// Poll asks once and returns the outcome, and the paths asked for.
func (s *Site) Poll(t *testing.T) (sources.Reading, []string, error) {
	t.Helper()
	s.Asked = nil
	r, err := s.source.Poll(t.Context(), s.now)
	return r, s.Asked, err
}

// Good polls and fails on an error.
func (s *Site) Good(t *testing.T) sources.Reading {
	t.Helper()
	r, _, err := s.Poll(t)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// BadAnswers checks that whatever is not positively the document at path is an
// error of a known reason and gives no page, and that the next good answer
// leads back to the reading of before.
func BadAnswers(t *testing.T, engine, path string, good map[string]Answer) {
	tests := map[string]struct {
		answer Answer
		want   fetch.Reason
	}{
		"HTML":              {HTML, fetch.ContentType},
		"HTML said JSON":    {JSON(HTML.Body), fetch.ContentType},
		"empty":             {JSON(""), fetch.Decode},
		"empty object":      {JSON("{}"), fetch.Shape},
		"null":              {JSON("null"), fetch.Shape},
		"empty list":        {JSON("[]"), fetch.Shape},
		"a string":          {JSON(`"operational"`), fetch.Shape},
		"truncated":         {JSON(good[path].Body[:len(good[path].Body)/2]), fetch.Decode},
		"unavailable":       {Answer{Code: 503, Media: "text/html", Body: "down"}, fetch.HTTP5xx},
		"not found":         {Answer{Code: 404}, fetch.HTTP4xx},
		"too many requests": {Answer{Code: 429}, fetch.RateLimited},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			s := Open(t, engine, good)
			first, before := s.Good(t).Page, s.Answers[path]
			s.Answers[path] = tt.answer
			r, _, err := s.Poll(t)
			s.Answers[path] = before
			if err == nil || fetch.ReasonOf(err) != tt.want || r.Page != nil {
				t.Fatalf("page %+v, error %v, want %s", r.Page, err, tt.want)
			}
			if again := s.Good(t).Page; again != first {
				t.Error("another page after the fault than before")
			}
		})
	}
}

// Verdict is what the rules of the program make of a page.
type Verdict struct {
	Indicator   status.Indicator
	Severity    status.Status
	Maintenance bool
}

// Judge applies the rules to a page at Now; include is the scope.
func Judge(p *status.Page, include ...string) Verdict {
	o := status.Judge(p, status.Scope{Include: include}, Now)
	return Verdict{o.Indicator, o.Severity, o.Maintenance}
}

// Read is a file of the package under test.
func Read(t testing.TB, path string) []byte {
	t.Helper()
	body, err := os.ReadFile(filepath.FromSlash(path))
	if err != nil {
		t.Fatal(err)
	}
	return body
}

// Golden compares a reading with the one in a file.
func Golden(t *testing.T, path string, reading any) {
	t.Helper()
	got, err := json.MarshalIndent(reading, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	if *rewrite {
		if err := os.WriteFile(filepath.FromSlash(path), append(got, '\n'), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, now := bytes.Split(bytes.TrimSpace(Read(t, path)), []byte("\n")), bytes.Split(got, []byte("\n"))
	for i := range min(len(want), len(now)) {
		if !bytes.Equal(want[i], now[i]) {
			t.Fatalf("%s, line %d: want %s, got %s", path, i+1, want[i], now[i])
		}
	}
	if len(want) != len(now) {
		t.Errorf("%s: want %d lines, got %d", path, len(want), len(now))
	}
}

// Complete fails where a table has a row that no case covers.
func Complete[T, C any](t *testing.T, table map[string]T, cases map[string]C) {
	t.Helper()
	for word := range table {
		if _, ok := cases[word]; !ok {
			t.Errorf("no case for %q", word)
		}
	}
}

// CheckPage holds what is true of every page, whatever the body.
func CheckPage(t *testing.T, p *status.Page) {
	if p.Word.Maintenance && p.Word.Rank != status.None || !p.Word.Published && p.Word != (status.Word{}) {
		t.Errorf("word %+v", p.Word)
	}
	seen := make(map[string]bool)
	for _, c := range p.Components {
		if c.ID == "" || seen[c.ID] || c.Rank < status.IndicatorUnknown || c.Rank > status.Critical || c.Maintenance && c.Rank != status.None {
			t.Errorf("component %+v", c)
		}
		seen[c.ID] = true
		checkText(t, c.ID, c.Name, c.Group, c.GroupID)
	}
	for _, w := range p.Windows {
		if w.ID == "" {
			t.Errorf("window %+v", w)
		}
		checkText(t, w.ID, w.Title)
	}
	CheckIncidents(t, p.Incidents, false)
}

// CheckIncidents holds what is true of all open or all ended incidents.
func CheckIncidents(t *testing.T, list []status.Incident, over bool) {
	for _, in := range list {
		if in.ID == "" || in.Over != over || !over && !in.Resolved.IsZero() {
			t.Errorf("incident %+v, want over %t", in, over)
		}
		if !in.Resolved.IsZero() && in.Resolved.Before(in.Started) {
			t.Errorf("incident ends before it starts: %+v", in)
		}
		checkText(t, in.ID, in.Title)
	}
}

func checkText(t *testing.T, texts ...string) {
	for _, s := range texts {
		if len(s) > sources.TextLimit || !utf8.ValidString(s) {
			t.Errorf("text %q", s)
		}
	}
}
