// Package vendortest is for the tests of the vendors' engines and of the
// generic ones: an upstream on loopback, the faults that every engine must tell
// from calm, golden readings, and what holds for every reading.
package vendortest

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/downstatus/downstatus_exporter/sources"
	"github.com/downstatus/downstatus_exporter/sources/fetch"
)

// Answer is what a site says to a question. The zero Code is 200, the empty
// Media that of JSON.
type Answer struct {
	Code   int
	Media  string
	Body   string
	Header http.Header
}

// Site is a fake upstream. Its own Answer is for paths that Answers lacks;
// without a body and a code it is 404.
type Site struct {
	Answer
	URL     string
	Answers map[string]Answer // by path with query, else by path alone
	Asked   []string          // paths with queries, in order
	Last    *http.Request     // the last one
}

// Start serves a body as JSON at every path.
func Start(t testing.TB, body string) *Site {
	t.Helper()
	s := &Site{Answer: Answer{Body: body}, Answers: map[string]Answer{}}
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	s.URL = server.URL
	return s
}

// ServeHTTP implements http.Handler.
func (s *Site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.Asked, s.Last = append(s.Asked, r.URL.RequestURI()), r
	a, ok := s.Answers[r.URL.RequestURI()]
	if !ok {
		a, ok = s.Answers[r.URL.Path]
	}
	if !ok {
		a = s.Answer
		if a.Body == "" && a.Code == 0 && a.Media == "" {
			a.Code = http.StatusNotFound
		}
	}
	for name, values := range a.Header {
		w.Header()[name] = values
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

// Open opens a source of an engine at the site.
func (s *Site) Open(t testing.TB, engine string, options map[string]string) sources.Source {
	t.Helper()
	e, ok := sources.Lookup(engine)
	if !ok {
		t.Fatalf("engine %s is not registered", engine)
	}
	target, err := e.Target(sources.Config{URL: s.URL, Options: options})
	if err != nil {
		t.Fatal(err)
	}
	guard := fetch.NewGuard()
	guard.Allow("127.0.0.1")
	client, err := fetch.NewClient(fetch.Settings{Timeout: 30 * time.Second, Guard: guard, Budgets: fetch.NewBudgets()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	return e.Open(target, client)
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

// PollFails wants a poll that fails for a reason and gives nothing.
func PollFails(t testing.TB, src sources.Source, now time.Time, want fetch.Reason) error {
	t.Helper()
	r, err := src.Poll(t.Context(), now)
	if err == nil || fetch.ReasonOf(err) != want || r.Page != nil || r.Feed != nil {
		t.Errorf("page %+v with error %v, want none and reason %s", r.Page, err, want)
	}
	return err
}

// Shapeless are bodies that are JSON and no document of anybody.
var Shapeless = []string{
	`{}`, `null`, `7`, `"ok"`, `[null]`, `[{}]`, `[7]`, `[[]]`, `[null,{}]`, `{"status":400,"title":"Bad Request","errors":[],"message":"no"}`,
}

// Survives puts faults in the place of the document at a path, or of all if it
// is empty: the common ones, bodies of another shape, and broken ones. The
// source must tell the reason, and the page must be the same one after them.
func (s *Site) Survives(t *testing.T, src sources.Source, path string, now time.Time, shapes, broken []string) {
	t.Helper()
	at := func(a Answer) { s.Answers[path] = a }
	good := s.Answers[path]
	if path == "" {
		at, good = func(a Answer) { s.Answer = a }, s.Answer
	}
	before := Poll(t, src, now).Page
	if again := Poll(t, src, now); again.Page != before || again.Ended != nil {
		t.Errorf("an unchanged body reads anew: same page %t, ended %v", again.Page == before, again.Ended)
	}
	fault := func(name string, a Answer, want fetch.Reason, wait time.Duration) {
		t.Run(name, func(t *testing.T) {
			at(a)
			if err := PollFails(t, src, now, want); fetch.RetryAfter(err) != wait {
				t.Errorf("retry after %s, want %s", fetch.RetryAfter(err), wait)
			}
		})
	}
	for _, body := range shapes {
		fault("shape "+body, Answer{Media: good.Media, Body: body}, fetch.Shape, 0)
	}
	for _, body := range append(broken, good.Body[:len(good.Body)/2]) {
		fault("broken "+body, Answer{Media: good.Media, Body: body}, fetch.Decode, 0)
	}
	fault("empty", Answer{Media: good.Media, Body: "", Code: 200}, fetch.Decode, 0)
	fault("a page by its type", Answer{Media: "text/html", Body: "<!doctype html><html></html>"}, fetch.ContentType, 0)
	plain, _, _ := strings.Cut(good.Media, ";")
	fault("a page by its first bytes", Answer{Media: plain, Body: "\n<!DOCTYPE html><html></html>"}, fetch.ContentType, 0)
	fault("unavailable", Answer{Code: 503, Body: "down", Header: http.Header{"Retry-After": {"30"}}}, fetch.HTTP5xx, 30*time.Second)
	fault("too many", Answer{Code: 429, Header: http.Header{"Retry-After": {"60"}}}, fetch.RateLimited, time.Minute)
	fault("not found", Answer{Code: 404}, fetch.HTTP4xx, 0)
	at(good)
	if after := Poll(t, src, now); after.Page != before || after.Ended != nil {
		t.Errorf("after the faults: same page %t, ended %v", after.Page == before, after.Ended)
	}
}

// SurvivesJSON is Survives for a document that is a JSON object, or a list that
// is never empty: beyond the given shapes those of nobody.
func (s *Site) SurvivesJSON(t *testing.T, src sources.Source, path string, now time.Time, shapes ...string) {
	t.Helper()
	s.Survives(t, src, path, now, slices.Concat(shapes, Shapeless, []string{`[]`}), nil)
}

// Targets holds which document an address leads to: rows of address, name of
// the source and document.
func Targets(t *testing.T, engine string, rows [][3]string) {
	t.Helper()
	e, ok := sources.Lookup(engine)
	if !ok {
		t.Fatalf("engine %s is not registered", engine)
	}
	for _, row := range rows {
		got, err := e.Target(sources.Config{URL: row[0], Options: map[string]string{"services": "x"}})
		if err != nil {
			t.Errorf("%q: %v", row[0], err)
			continue
		}
		if got.Name() != row[1] || got.Document.String() != row[2] || got.Options["services"] != "x" {
			t.Errorf("%q: name %s, document %s, options %v", row[0], got.Name(), got.Document, got.Options)
		}
	}
	if _, err := e.Target(sources.Config{URL: "ftp://x"}); err == nil {
		t.Error("an address that is none: no error")
	}
	for _, o := range e.Options {
		if !o.List || o.Help == "" {
			t.Errorf("option %+v", o)
		}
	}
}

// Refused wants an engine to read none of these bodies.
func Refused(t *testing.T, engine string, options map[string]string, now time.Time, want fetch.Reason, bodies ...string) {
	t.Helper()
	site := Start(t, "")
	for _, body := range bodies {
		site.Body, site.Code = body, http.StatusOK
		t.Run(body, func(t *testing.T) { PollFails(t, site.Open(t, engine, options), now, want) })
	}
}
