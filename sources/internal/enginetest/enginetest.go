// Package enginetest is what the tests of engines have in common: a fake site,
// a client that may ask it, golden readings, and what holds for every reading.
package enginetest

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/downstatus/downstatus_exporter/internal/status"
	"github.com/downstatus/downstatus_exporter/sources"
	"github.com/downstatus/downstatus_exporter/sources/fetch"
)

var rewrite = flag.Bool("update", false, "write the golden readings anew")

// Answer is what a site says. The zero Code is 200, the empty Media that of
// JSON.
type Answer struct {
	Code  int
	Media string
	Body  string
}

// Site is a fake upstream.
type Site struct {
	URL     string
	Answers map[string]Answer // by path with query, else by path alone; others are 404
	Asked   []string          // paths with queries, in order
}

// NewSite starts a site that ends with the test.
func NewSite(t *testing.T) *Site {
	s := &Site{Answers: map[string]Answer{}}
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	s.URL = server.URL
	return s
}

// ServeHTTP implements http.Handler.
func (s *Site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.Asked = append(s.Asked, r.URL.RequestURI())
	a, ok := s.Answers[r.URL.RequestURI()]
	if !ok {
		a, ok = s.Answers[r.URL.Path]
	}
	if !ok {
		a = Answer{Code: http.StatusNotFound}
	}
	if a.Media == "" {
		a.Media = "application/json; charset=utf-8"
	}
	w.Header().Set("Content-Type", a.Media)
	if a.Code != 0 {
		w.WriteHeader(a.Code)
	}
	fmt.Fprint(w, a.Body)
}

// Say sets the body of a document.
func (s *Site) Say(path, body string) { s.Answers[path] = Answer{Body: body} }

// Open makes a source of a registered engine. A configuration without URL
// gets that of the site.
func (s *Site) Open(t *testing.T, engine string, c sources.Config) sources.Source {
	t.Helper()
	e, ok := sources.Lookup(engine)
	if !ok {
		t.Fatalf("engine %s is not registered", engine)
	}
	if c.URL == "" {
		c.URL = s.URL
	}
	target, err := e.Target(c)
	if err != nil {
		t.Fatal(err)
	}
	return e.Open(target, client(t))
}

func client(t *testing.T) *fetch.Client {
	t.Helper()
	guard := fetch.NewGuard()
	guard.Allow("127.0.0.1")
	c, err := fetch.NewClient(fetch.Settings{Timeout: 5 * time.Second, Guard: guard, Budgets: fetch.NewBudgets()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

// Poll polls a source that has to answer, and returns what the site was asked.
func (s *Site) Poll(t *testing.T, src sources.Source, now time.Time) (sources.Reading, []string) {
	t.Helper()
	s.Asked = nil
	r, err := src.Poll(t.Context(), now)
	if err != nil {
		t.Fatal(err)
	}
	return r, s.Asked
}

// BadAnswers runs a test for every answer that is none, in the place of the
// document at path. The source must tell the reason, and read the page as
// before once the fault is over.
func (s *Site) BadAnswers(t *testing.T, src sources.Source, path string, now time.Time) {
	t.Helper()
	before, _ := s.Poll(t, src, now)
	good := s.Answers[path]
	for name, tt := range badAnswers {
		t.Run(name, func(t *testing.T) {
			s.Answers[path] = tt.answer
			r, err := src.Poll(t.Context(), now)
			if err == nil || !slices.Contains(tt.reasons, fetch.ReasonOf(err)) || r.Page != nil {
				t.Errorf("page %v, error %v; want one of reason %s", r.Page, err, tt.reasons)
			}
			s.Answers[path] = good
			if after, _ := s.Poll(t, src, now); after.Page != before.Page {
				t.Error("the page after a fault is another one")
			}
		})
	}
}

var badAnswers = map[string]struct {
	answer  Answer
	reasons []fetch.Reason
}{
	"a page with 200":   {Answer{Media: "text/html", Body: "<!doctype html><title>Acme</title>"}, []fetch.Reason{fetch.ContentType}},
	"a page said JSON":  {Answer{Body: "<!doctype html>"}, []fetch.Reason{fetch.ContentType}},
	"empty":             {Answer{}, []fetch.Reason{fetch.Decode}},
	"empty object":      {Answer{Body: "{}"}, []fetch.Reason{fetch.Shape}},
	"null":              {Answer{Body: "null"}, []fetch.Reason{fetch.Shape}},
	"empty list":        {Answer{Body: "[]"}, []fetch.Reason{fetch.Shape}},
	"list of nothing":   {Answer{Body: "[null,{}]"}, []fetch.Reason{fetch.Shape}},
	"error as JSON":     {Answer{Body: `{"status":400,"title":"Bad Request","errors":[],"message":"no"}`}, []fetch.Reason{fetch.Shape}},
	"truncated":         {Answer{Body: `{"status":"ok","Id":"1","key":[{"na`}, []fetch.Reason{fetch.Decode}},
	"unavailable":       {Answer{Code: 503, Media: "text/html", Body: "down"}, []fetch.Reason{fetch.HTTP5xx}},
	"not found":         {Answer{Code: 404}, []fetch.Reason{fetch.HTTP4xx}},
	"too many requests": {Answer{Code: 429}, []fetch.Reason{fetch.RateLimited}},
}

// Read is a file of the package under test, such as testdata/calm.json.
func Read(t testing.TB, path string) []byte {
	t.Helper()
	body, err := os.ReadFile(filepath.FromSlash(path))
	if err != nil {
		t.Fatal(err)
	}
	return body
}

// Golden holds v against testdata/NAME.golden.json.
func Golden(t *testing.T, name string, v any) {
	t.Helper()
	got, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	got = append(got, '\n')
	path := filepath.Join("testdata", name+".golden.json")
	if *rewrite {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if want := Read(t, path); !bytes.Equal(want, got) {
		t.Errorf("the reading differs from %s (-update writes it anew):\n%s", path, got)
	}
}

// Recorded is the folder of a vendor's recorded answers. It skips the test
// where there are none.
func Recorded(t *testing.T, vendor string) string {
	t.Helper()
	dir := filepath.Join("..", "..", "..", "shared", "payloads", vendor)
	if _, err := os.Stat(dir); err != nil {
		t.Skip("no recorded answers here")
	}
	return dir
}

// Verdict is what becomes of a page under the rules of the whole program.
type Verdict struct {
	Indicator   status.Indicator
	Severity    status.Status
	Maintenance bool
}

// Judge judges a page; patterns are the components of a service.
func Judge(p *status.Page, now time.Time, patterns ...string) Verdict {
	o := status.Judge(p, status.Scope{Include: patterns}, now)
	return Verdict{o.Indicator, o.Severity, o.Maintenance}
}

// CheckPage holds what is true of every reading, whatever the body.
func CheckPage(t *testing.T, p *status.Page) {
	t.Helper()
	seen := map[string]bool{}
	for _, c := range p.Components {
		if c.ID == "" || c.Name == "" || seen[c.ID] || c.Rank < status.IndicatorUnknown || c.Rank > status.Critical ||
			c.Maintenance && c.Rank != status.None {
			t.Errorf("component %+v", c)
		}
		seen[c.ID] = true
		checkText(t, c.ID, c.Name, c.Group, c.GroupID)
	}
	for _, w := range p.Windows {
		checkText(t, w.ID, w.Title)
	}
	CheckIncidents(t, p.Incidents)
	for _, in := range p.Incidents {
		if in.Over || !in.Resolved.IsZero() {
			t.Errorf("open and over: %+v", in)
		}
	}
	if Judge(p, time.Now()).Severity == status.Operational && !p.OnlyTroubles && len(p.Components) == 0 {
		t.Error("calm without a component")
	}
}

// CheckIncidents holds what is true of every incident.
func CheckIncidents(t *testing.T, list []status.Incident) {
	t.Helper()
	for _, in := range list {
		if in.ID == "" || in.Impact < status.IndicatorUnknown || in.Impact > status.Critical || !in.Over && !in.Resolved.IsZero() {
			t.Errorf("incident %+v", in)
		}
		if !in.Resolved.IsZero() && in.Resolved.Before(in.Started) {
			t.Errorf("incident ends before it starts: %+v", in)
		}
		checkText(t, in.ID, in.Title)
	}
}

func checkText(t *testing.T, texts ...string) {
	t.Helper()
	for _, s := range texts {
		if len(s) > sources.TextLimit || !utf8.ValidString(s) {
			t.Errorf("text %q", s)
		}
	}
}
