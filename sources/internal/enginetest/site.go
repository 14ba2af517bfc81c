// Package enginetest is what the tests of engines have in common: a fake site,
// a client that may ask it, the faults that every engine must tell from calm,
// golden readings, and what holds for every reading.
package enginetest

import (
	"cmp"
	"fmt"
	"hash/crc32"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/downstatus/downstatus_exporter/sources"
	"github.com/downstatus/downstatus_exporter/sources/fetch"
)

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

// Site is a fake upstream. Its own Answer is for paths that Answers lacks;
// without a body and a code it is 404.
type Site struct {
	Answer
	URL     string
	Answers map[string]Answer // by path with query, else by path alone
	Asked   []string          // paths with queries, in order
	Last    *http.Request     // the last one
	Unmoved int               // answers 304, to who has the body already
}

// Start serves a body as JSON at every path, until the test ends.
func Start(t testing.TB, body string) *Site {
	s := &Site{Answer: JSON(body), Answers: map[string]Answer{}}
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	s.URL = server.URL
	return s
}

// Serve starts a site with bodies by path.
func Serve(t testing.TB, bodies map[string]string) *Site {
	s := Start(t, "")
	for path, body := range bodies {
		s.Say(path, body)
	}
	return s
}

// ServeHTTP implements http.Handler.
func (s *Site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.Asked, s.Last = append(s.Asked, r.URL.RequestURI()), r
	a := s.answer(r)
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

func (s *Site) answer(r *http.Request) Answer {
	for _, path := range [...]string{r.URL.RequestURI(), r.URL.Path} {
		if a, ok := s.Answers[path]; ok {
			return a
		}
	}
	if s.Body == "" && s.Code == 0 && s.Media == "" {
		return Answer{Code: http.StatusNotFound}
	}
	return s.Answer
}

// unmoved gives a good answer an ETag, and says so where the asker has it. One
// with an ETag of its own, or an empty one, is sent as it is.
func (s *Site) unmoved(w http.ResponseWriter, r *http.Request, a Answer) bool {
	if _, own := a.Header["ETag"]; own {
		return false
	}
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
func (s *Site) Say(path, body string) { s.Answers[path] = JSON(body) }

// Open makes a source of a registered engine for the root of the site.
func (s *Site) Open(t testing.TB, engine string, options map[string]string) sources.Source {
	t.Helper()
	return s.OpenAt(t, engine, "", options)
}

// OpenAt makes a source of a registered engine for a path of the site.
func (s *Site) OpenAt(t testing.TB, engine, path string, options map[string]string) sources.Source {
	t.Helper()
	e := lookup(t, engine)
	target, err := e.Target(sources.Config{URL: s.URL + path, Options: options})
	if err != nil {
		t.Fatal(err)
	}
	return e.Open(target, Client(t))
}

func lookup(t testing.TB, engine string) sources.Engine {
	t.Helper()
	e, ok := sources.Lookup(engine)
	if !ok {
		t.Fatalf("engine %s is not registered", engine)
	}
	return e
}

// Client is a client that may ask sites of tests.
func Client(t testing.TB) *fetch.Client {
	t.Helper()
	guard := fetch.NewGuard()
	guard.Allow("127.0.0.1")
	c, err := fetch.NewClient(fetch.Settings{Timeout: 30 * time.Second, Guard: guard, Budgets: fetch.NewBudgets()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

// Poll wants a good poll.
func Poll(t testing.TB, src sources.Source, now time.Time) sources.Reading {
	t.Helper()
	r, err := src.Poll(t.Context(), now)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// Poll wants a good poll, and returns what the site was asked.
func (s *Site) Poll(t testing.TB, src sources.Source, now time.Time) (sources.Reading, []string) {
	t.Helper()
	s.Asked = nil
	return Poll(t, src, now), s.Asked
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
	s := Start(t, "")
	s.Answers = answers
	return &Watched{Site: s, Now: now, source: s.Open(t, engine, nil)}
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

// BadAnswers is SurvivesJSON of the site.
func (w *Watched) BadAnswers(t *testing.T, path string) {
	t.Helper()
	w.SurvivesJSON(t, w.source, path, w.Now)
}
