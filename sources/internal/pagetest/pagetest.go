// Package pagetest holds what the tests of engines of self-hosted pages have
// in common.
package pagetest

import (
	"cmp"
	"encoding/json"
	"flag"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"
	"unicode/utf8"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/downstatus/downstatus_exporter/internal/status"
	"github.com/downstatus/downstatus_exporter/sources"
	"github.com/downstatus/downstatus_exporter/sources/fetch"
)

var update = flag.Bool("update", false, "write the golden readings anew")

// Now is when the tests happen.
var Now = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// Read returns a file.
func Read(t testing.TB, name string) []byte {
	t.Helper()
	body, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return body
}

// Golden compares a page with the file that holds what a person checked.
func Golden(t *testing.T, file string, page *status.Page) {
	t.Helper()
	got, err := json.MarshalIndent(page, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	got = append(got, '\n')
	if *update {
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if diff := gocmp.Diff(string(Read(t, file)), string(got)); diff != "" {
		t.Errorf("%s (-want +got):\n%s", file, diff)
	}
}

// Verdict is what becomes of a page under the rules of the whole program.
type Verdict struct {
	Indicator   status.Indicator
	Severity    status.Status
	Maintenance bool
}

// Judge judges a page as it stands at Now, without a scope.
func Judge(p *status.Page) Verdict { return Scoped(p) }

// Scoped judges the part of a page that the patterns include.
func Scoped(p *status.Page, include ...string) Verdict {
	o := status.Judge(p, status.Scope{Include: include}, Now)
	return Verdict{o.Indicator, o.Severity, o.Maintenance}
}

// Recorded returns the directory of recorded answers of an engine, or skips
// the test where there is none.
func Recorded(t *testing.T, engine string) string {
	t.Helper()
	dir := filepath.Join("../../../shared/payloads", engine)
	if _, err := os.Stat(dir); err != nil {
		t.Skip("no recorded answers here")
	}
	return dir
}

// Answer is what a Server says.
type Answer struct {
	Code int    // 200 if left out
	Type string // application/json if left out
	Body string
}

// Server is a fake page on loopback.
type Server struct {
	URL     string
	Answers map[string]Answer // by path with query, else by path; others are not found
	Asked   []string          // paths with queries, in order
}

// Serve starts a server with JSON bodies by path.
func Serve(t testing.TB, bodies map[string]string) *Server {
	s := &Server{Answers: map[string]Answer{}}
	for path, body := range bodies {
		s.Answers[path] = Answer{Body: body}
	}
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	s.URL = server.URL
	return s
}

func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.Asked = append(s.Asked, r.URL.RequestURI())
	a, ok := s.Answers[r.URL.RequestURI()]
	if !ok {
		a, ok = s.Answers[r.URL.Path]
	}
	if !ok {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", cmp.Or(a.Type, "application/json; charset=utf-8"))
	w.WriteHeader(cmp.Or(a.Code, http.StatusOK))
	fmt.Fprint(w, a.Body)
}

// Set changes the body of a path.
func (s *Server) Set(path, body string) { s.Answers[path] = Answer{Body: body} }

// Open opens a registered engine on an address.
func Open(t testing.TB, engine string, c sources.Config) sources.Source {
	t.Helper()
	e, ok := sources.Lookup(engine)
	if !ok {
		t.Fatalf("engine %s is not registered", engine)
	}
	target, err := e.Target(c)
	if err != nil {
		t.Fatal(err)
	}
	guard := fetch.NewGuard()
	guard.Allow("127.0.0.1")
	client, err := fetch.NewClient(fetch.Settings{Timeout: 5 * time.Second, Guard: guard})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	return e.Open(target, client)
}

// Poll polls at Now and fails the test where that fails.
func Poll(t testing.TB, s sources.Source) *status.Page {
	t.Helper()
	r, err := s.Poll(t.Context(), Now)
	if err != nil {
		t.Fatal(err)
	}
	return r.Page
}

// bad is what no engine may take for a page.
var bad = []struct {
	name   string
	answer Answer
	reason fetch.Reason
}{
	{"a page for people", Answer{Type: "text/html", Body: "<!doctype html><p>All good"}, fetch.ContentType},
	{"a page for people in disguise", Answer{Body: "<!doctype html><p>All good"}, fetch.ContentType},
	{"empty", Answer{}, fetch.Decode},
	{"null", Answer{Body: `null`}, fetch.Shape},
	{"empty object", Answer{Body: `{}`}, fetch.Shape},
	{"empty list", Answer{Body: `[]`}, fetch.Shape},
	{"number", Answer{Body: `1`}, fetch.Shape},
	{"another object", Answer{Body: `{"ok":true,"status":"ok","data":"none"}`}, fetch.Shape},
	{"another list", Answer{Body: `[{"hello":"world"}]`}, fetch.Shape},
	{"not found", Answer{Code: http.StatusNotFound, Body: `{"msg":"not found"}`}, fetch.HTTP4xx},
	{"unavailable", Answer{Code: http.StatusServiceUnavailable, Body: `{}`}, fetch.HTTP5xx},
}

// Refuses checks that bad answers on a path fail the poll with the right
// reason, and that the good one is the same page again afterwards.
func Refuses(t *testing.T, server *Server, path string, s sources.Source) {
	t.Helper()
	good := server.Answers[path]
	before := Poll(t, s)
	for _, b := range bad {
		t.Run(b.name, func(t *testing.T) { refuses(t, server, path, s, b.answer, b.reason) })
	}
	t.Run("truncated", func(t *testing.T) {
		refuses(t, server, path, s, Answer{Body: good.Body[:len(good.Body)/2]}, fetch.Decode)
	})
	server.Answers[path] = good
	if Poll(t, s) != before {
		t.Error("the good answer again gives another page")
	}
}

func refuses(t *testing.T, server *Server, path string, s sources.Source, a Answer, want fetch.Reason) {
	t.Helper()
	good := server.Answers[path]
	server.Answers[path] = a
	r, err := s.Poll(t.Context(), Now)
	server.Answers[path] = good
	if err == nil || fetch.ReasonOf(err) != want || r.Page != nil {
		t.Errorf("page %+v, error %v; want none and reason %s", r.Page, err, want)
	}
	Poll(t, s)
}

// Check holds what is true of every page, whatever the body.
func Check(t *testing.T, p *status.Page) {
	t.Helper()
	seen := map[string]bool{}
	for _, c := range p.Components {
		if c.ID == "" || seen[c.ID] || c.Rank < status.IndicatorUnknown || c.Rank > status.Critical ||
			c.Maintenance && c.Rank != status.None {
			t.Errorf("component %+v", c)
		}
		seen[c.ID] = true
		checkText(t, c.Name, c.Group)
	}
	for _, in := range p.Incidents {
		if in.ID == "" || in.Over || in.Impact < status.None || in.Impact > status.Critical {
			t.Errorf("incident %+v", in)
		}
		checkText(t, in.ID, in.Title)
	}
	for _, w := range p.Windows {
		if w.ID == "" {
			t.Errorf("window %+v", w)
		}
		checkText(t, w.ID, w.Title)
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
