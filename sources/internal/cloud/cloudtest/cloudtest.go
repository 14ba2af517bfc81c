// Package cloudtest has the tests that every cloud's engine must pass, and the
// fake upstream that they need.
package cloudtest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/downstatus/downstatus_exporter/internal/status"
	"github.com/downstatus/downstatus_exporter/sources"
	"github.com/downstatus/downstatus_exporter/sources/fetch"
)

// Fake is an upstream of one document.
type Fake struct {
	Body   string
	Type   string // media type
	Code   int    // 200 if zero
	Header http.Header
	Asked  []string // paths

	URL string
}

// ServeHTTP answers every path alike, as many status pages do.
func (f *Fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.Asked = append(f.Asked, r.URL.Path)
	for name, values := range f.Header {
		w.Header()[name] = values
	}
	w.Header().Set("Content-Type", f.Type)
	if f.Code != 0 {
		w.WriteHeader(f.Code)
	}
	fmt.Fprint(w, f.Body)
}

// Start serves a document and opens a source of the engine there.
func Start(t testing.TB, engine, mediaType, body string, options map[string]string) (*Fake, sources.Source) {
	t.Helper()
	f := &Fake{Body: body, Type: mediaType}
	server := httptest.NewServer(f)
	t.Cleanup(server.Close)
	f.URL = server.URL
	guard := fetch.NewGuard()
	guard.Allow("127.0.0.1")
	client, err := fetch.NewClient(fetch.Settings{Timeout: 30 * time.Second, Guard: guard})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	e, ok := sources.Lookup(engine)
	if !ok {
		t.Fatalf("engine %s is not registered", engine)
	}
	target, err := e.Target(sources.Config{URL: server.URL, Options: options})
	if err != nil {
		t.Fatal(err)
	}
	return f, e.Open(target, client)
}

// Poll is a poll that must be good.
func Poll(t testing.TB, s sources.Source, now time.Time) sources.Reading {
	t.Helper()
	r, err := s.Poll(t.Context(), now)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// Failures holds that a source reads none of the answers that prove nothing,
// and that the page of the good poll before them stands.
func Failures(t *testing.T, f *Fake, s sources.Source, now time.Time, shapes, broken []string) {
	t.Helper()
	good := *f
	before := Poll(t, s, now)
	fails := func(name string, change func(), want fetch.Reason, retry time.Duration) {
		change()
		r, err := s.Poll(t.Context(), now)
		if err == nil || fetch.ReasonOf(err) != want || fetch.RetryAfter(err) != retry || r.Page != nil {
			t.Errorf("%s: page %+v, error %v, retry after %s; want reason %s, %s", name, r.Page, err, fetch.RetryAfter(err), want, retry)
		}
		f.Body, f.Type, f.Code, f.Header = good.Body, good.Type, good.Code, good.Header
	}
	for _, body := range shapes {
		fails("shape "+body, func() { f.Body = body }, fetch.Shape, 0)
	}
	for _, body := range append(broken, "", good.Body[:len(good.Body)/2]) {
		fails("broken "+body, func() { f.Body = body }, fetch.Decode, 0)
	}
	fails("a page by its type", func() { f.Type, f.Body = "text/html", "<!doctype html><html></html>" }, fetch.ContentType, 0)
	fails("a page by its first bytes", func() { f.Body = "<!DOCTYPE html><html></html>" }, fetch.ContentType, 0)
	fails("unavailable", func() { f.Code, f.Header = 503, http.Header{"Retry-After": {"30"}} }, fetch.HTTP5xx, 30*time.Second)
	fails("too many", func() { f.Code, f.Header = 429, http.Header{"Retry-After": {"60"}} }, fetch.RateLimited, time.Minute)
	fails("not found", func() { f.Code = 404 }, fetch.HTTP4xx, 0)
	if after := Poll(t, s, now); after.Page != before.Page || after.Ended != nil {
		t.Errorf("after faults: same page %t, ended %v", after.Page == before.Page, after.Ended)
	}
}

// Targets holds which document an address leads to: rows of address, name of
// the source and document.
func Targets(t *testing.T, engine string, rows [][3]string) {
	t.Helper()
	e, ok := sources.Lookup(engine)
	if !ok {
		t.Fatalf("engine %s is not registered", engine)
	}
	options := map[string]string{"regions": "x"}
	for _, row := range rows {
		got, err := e.Target(sources.Config{URL: row[0], Options: options})
		if err != nil {
			t.Errorf("%q: %v", row[0], err)
			continue
		}
		if got.Name() != row[1] || got.Document.String() != row[2] || got.Options["regions"] != "x" {
			t.Errorf("%q: name %s, document %s, options %v", row[0], got.Name(), got.Document, got.Options)
		}
	}
	if _, err := e.Target(sources.Config{URL: "ftp://x"}); err == nil {
		t.Error("an address that is none: no error")
	}
	for _, name := range []string{"regions", "services"} {
		if o, ok := e.Option(name); !ok || !o.List || o.Help == "" {
			t.Errorf("option %s: %+v, %t", name, o, ok)
		}
	}
}

// Verdict is what the rules make of a reading.
type Verdict struct {
	Indicator status.Indicator
	Severity  status.Status
	Open      int // incidents
}

// Judge applies the rules for a service without a scope of its own.
func Judge(p *status.Page, now time.Time) Verdict {
	o := status.Judge(p, status.Scope{}, now)
	return Verdict{o.Indicator, o.Severity, len(o.Incidents)}
}

// Golden compares the incidents and unknown words of a first reading with what
// a file in testdata spells out.
func Golden(t *testing.T, file string, r sources.Reading, home string) {
	t.Helper()
	type golden struct {
		Open, Ended  []status.Incident
		UnknownWords []string
	}
	var want golden
	if err := json.Unmarshal([]byte(Read(t, file)), &want); err != nil {
		t.Fatal(err)
	}
	got := golden{here(r.Page.Incidents, home), here(r.Ended, home), r.Page.UnknownWords}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the reading differs from %s (-want +got):\n%s", file, diff)
	}
}

// here makes links relative to the fake upstream, whose port varies.
func here(list []status.Incident, home string) []status.Incident {
	var out []status.Incident
	for _, in := range list {
		in.URL = strings.TrimPrefix(in.URL, home)
		out = append(out, in)
	}
	return out
}

// Read returns a file in testdata.
func Read(t testing.TB, name string) string {
	t.Helper()
	body, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

// Recorded returns a recorded answer, or skips the test where there is none.
func Recorded(t *testing.T, name string) string {
	t.Helper()
	body, err := os.ReadFile(filepath.Join("../../../shared/payloads", name))
	if err != nil {
		t.Skip("no recorded answers here")
	}
	return string(body)
}
