package enginetest

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/downstatus/downstatus_exporter/sources"
	"github.com/downstatus/downstatus_exporter/sources/fetch"
)

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
	`{}`, `null`, `7`, `"operational"`, `[null]`, `[{}]`, `[7]`, `[[]]`, `[null,{}]`, `[{"hello":"world"}]`,
	`{"ok":true,"status":"ok","data":"none"}`, `{"status":400,"title":"Bad Request","errors":[],"message":"no"}`,
}

// Survives puts faults in the place of the document at a path, or of all if it
// is empty: the common ones, bodies of another shape, and broken ones. The
// source must tell the reason, and the page must be the same one after each.
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
			at(good)
			if after := Poll(t, src, now); after.Page != before || after.Ended != nil {
				t.Errorf("after the fault: same page %t, ended %v", after.Page == before, after.Ended)
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
	fault("a page by its type", HTML, fetch.ContentType, 0)
	plain, _, _ := strings.Cut(good.Media, ";")
	fault("a page by its first bytes", Answer{Media: plain, Body: "\n<!DOCTYPE html><html></html>"}, fetch.ContentType, 0)
	fault("unavailable", Answer{Code: 503, Body: "down", Header: map[string]string{"Retry-After": "30"}}, fetch.HTTP5xx, 30*time.Second)
	fault("too many", Answer{Code: 429, Header: map[string]string{"Retry-After": "60"}}, fetch.RateLimited, time.Minute)
	fault("not found", Answer{Code: 404, Body: `{"msg":"not found"}`}, fetch.HTTP4xx, 0)
}

// SurvivesJSON is Survives for a document that is a JSON object, or a list that
// is never empty: beyond the given shapes those of nobody.
func (s *Site) SurvivesJSON(t *testing.T, src sources.Source, path string, now time.Time, shapes ...string) {
	t.Helper()
	s.Survives(t, src, path, now, slices.Concat(shapes, Shapeless, []string{`[]`}), nil)
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

// Targets holds which document an address leads to: rows of address, name of
// the source and document.
func Targets(t *testing.T, engine string, rows [][3]string) {
	t.Helper()
	e := lookup(t, engine)
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
