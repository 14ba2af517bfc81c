// Package enginetest is what the tests of engines have in common: a fake site,
// a client that may ask it, golden readings, and what holds for every reading.
package enginetest

import (
	"bytes"
	"cmp"
	"encoding/json"
	"flag"
	"fmt"
	"hash/crc32"
	"maps"
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

// Answer is what a site says. The zero Code is 200, the empty Media that of
// JSON.
type Answer struct {
	Code   int
	Media  string
	Header map[string]string // besides the media type
	Body   string
}

// JSON is an answer that is as it should be.
func JSON(body string) Answer { return Answer{Body: body} }

// HTML is the shell that many hosts answer any path with.
var HTML = Answer{Media: "text/html; charset=utf-8", Body: "<!doctype html><title>Acme</title><p>All good"}

// Site is a fake upstream.
type Site struct {
	URL     string
	Answers map[string]Answer // by path with query, else by path alone; others are 404
	Asked   []string          // paths with queries, in order
	Unmoved int               // answers 304, to who has the body already
}

// NewSite starts a site that ends with the test.
func NewSite(t testing.TB) *Site { return Serve(t, nil) }

// Serve starts a site with bodies by path.
func Serve(t testing.TB, bodies map[string]string) *Site {
	s := &Site{Answers: map[string]Answer{}}
	for path, body := range bodies {
		s.Say(path, body)
	}
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
	if a.Code == 0 && s.unmoved(w, r, a) {
		return
	}
	for name, value := range a.Header {
		w.Header().Set(name, value)
	}
	w.Header().Set("Content-Type", cmp.Or(a.Media, "application/json; charset=utf-8"))
	w.WriteHeader(cmp.Or(a.Code, http.StatusOK))
	fmt.Fprint(w, a.Body)
}

// unmoved gives a good answer an ETag, and says so where the asker has it.
func (s *Site) unmoved(w http.ResponseWriter, r *http.Request, a Answer) bool {
	etag := fmt.Sprintf(`W/"%08x"`, crc32.ChecksumIEEE([]byte(a.Body)))
	w.Header().Set("ETag", etag)
	if r.Header.Get("If-None-Match") != etag {
		return false
	}
	s.Unmoved++
	w.WriteHeader(http.StatusNotModified)
	return true
}

// Say sets the body of a document.
func (s *Site) Say(path, body string) { s.Answers[path] = Answer{Body: body} }

// Open makes a source of a registered engine. A configuration without URL
// gets that of the site.
func (s *Site) Open(t testing.TB, engine string, c sources.Config) sources.Source {
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
	return e.Open(target, Client(t))
}

// Client is a client that may ask sites of tests.
func Client(t testing.TB) *fetch.Client {
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

// Page is the page of a source that has to answer.
func Page(t testing.TB, src sources.Source, now time.Time) *status.Page {
	t.Helper()
	r, err := src.Poll(t.Context(), now)
	if err != nil {
		t.Fatal(err)
	}
	return r.Page
}

// Watched is a site with a source of it.
type Watched struct {
	*Site
	Now    time.Time // of the polls to come
	source sources.Source
}

// Watch starts a site, and a source of a registered engine for its root.
func Watch(t testing.TB, engine string, answers map[string]Answer, now time.Time) *Watched {
	t.Helper()
	s := NewSite(t)
	s.Answers = answers
	return &Watched{Site: s, Now: now, source: s.Open(t, engine, sources.Config{})}
}

// Poll asks once; Asked is what that asked for.
func (w *Watched) Poll(t testing.TB) (sources.Reading, error) {
	t.Helper()
	w.Asked = nil
	return w.source.Poll(t.Context(), w.Now)
}

// Good polls and fails on an error.
func (w *Watched) Good(t testing.TB) sources.Reading {
	t.Helper()
	r, err := w.Poll(t)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// BadAnswers is that of the site.
func (w *Watched) BadAnswers(t *testing.T, path string) {
	t.Helper()
	w.Site.BadAnswers(t, w.source, path, w.Now)
}

// BadAnswers runs a test for every answer that is none, in the place of the
// document at path. The source must tell the reason, and read the page as
// before once the fault is over.
func (s *Site) BadAnswers(t *testing.T, src sources.Source, path string, now time.Time) {
	t.Helper()
	before, _ := s.Poll(t, src, now)
	good := s.Answers[path]
	bad := maps.Clone(badAnswers)
	bad["truncated"] = badAnswer{JSON(good.Body[:len(good.Body)/2]), fetch.Decode}
	for name, tt := range bad {
		t.Run(name, func(t *testing.T) {
			s.Answers[path] = tt.answer
			r, err := src.Poll(t.Context(), now)
			if err == nil || fetch.ReasonOf(err) != tt.reason || r.Page != nil {
				t.Errorf("page %v, error %v; want one of reason %s", r.Page, err, tt.reason)
			}
			s.Answers[path] = good
			if after, _ := s.Poll(t, src, now); after.Page != before.Page {
				t.Error("the page after a fault is another one")
			}
		})
	}
}

type badAnswer struct {
	answer Answer
	reason fetch.Reason
}

var badAnswers = map[string]badAnswer{
	"a page with 200":   {HTML, fetch.ContentType},
	"a page said JSON":  {JSON(HTML.Body), fetch.ContentType},
	"empty":             {JSON(""), fetch.Decode},
	"empty object":      {JSON("{}"), fetch.Shape},
	"null":              {JSON("null"), fetch.Shape},
	"a string":          {JSON(`"operational"`), fetch.Shape},
	"a number":          {JSON("1"), fetch.Shape},
	"empty list":        {JSON("[]"), fetch.Shape},
	"list of nothing":   {JSON("[null,{}]"), fetch.Shape},
	"another list":      {JSON(`[{"hello":"world"}]`), fetch.Shape},
	"another object":    {JSON(`{"ok":true,"status":"ok","data":"none"}`), fetch.Shape},
	"error as JSON":     {JSON(`{"status":400,"title":"Bad Request","errors":[],"message":"no"}`), fetch.Shape},
	"unavailable":       {Answer{Code: 503, Media: "text/html", Body: "down"}, fetch.HTTP5xx},
	"not found":         {Answer{Code: 404, Body: `{"msg":"not found"}`}, fetch.HTTP4xx},
	"too many requests": {Answer{Code: 429}, fetch.RateLimited},
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

// Complete fails where a table has a row that no case covers.
func Complete[W ~string, T, C any](t *testing.T, table map[W]T, cases map[W]C) {
	t.Helper()
	for word := range table {
		if _, ok := cases[word]; !ok {
			t.Errorf("no case for %q", word)
		}
	}
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
	if p.Word.Maintenance && p.Word.Rank != status.None || !p.Word.Published && p.Word != (status.Word{}) {
		t.Errorf("word %+v", p.Word)
	}
	for _, w := range p.Windows {
		if w.ID == "" {
			t.Errorf("window %+v", w)
		}
		checkText(t, w.ID, w.Title)
	}
	CheckIncidents(t, p.Incidents)
	for _, in := range p.Incidents {
		if in.Over || !in.Resolved.IsZero() {
			t.Errorf("open and over: %+v", in)
		}
	}
	if Judge(p, time.Now()).Severity == status.Operational && !p.OnlyTroubles && !p.Word.Published && len(p.Components) == 0 {
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
