// Package onedoctest is for the tests of engines that read one document: an
// upstream on loopback, the faults that every engine must tell from calm, and
// golden readings.
package onedoctest

import (
	"encoding/json"
	"flag"
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

var update = flag.Bool("update", false, "write the golden readings anew")

// Upstream serves one body at every path.
type Upstream struct {
	URL   string
	Body  string
	Type  string // media type
	Code  int
	Asked *http.Request // the last one
}

// Start serves a body as JSON.
func Start(t *testing.T, body string) *Upstream {
	t.Helper()
	u := &Upstream{Body: body, Type: "application/json; charset=utf-8", Code: http.StatusOK}
	server := httptest.NewServer(u)
	t.Cleanup(server.Close)
	u.URL = server.URL
	return u
}

// ServeHTTP answers as the fields say.
func (u *Upstream) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	u.Asked = r
	w.Header().Set("Content-Type", u.Type)
	w.WriteHeader(u.Code)
	w.Write([]byte(u.Body))
}

// Open opens a source of an engine at the upstream.
func (u *Upstream) Open(t *testing.T, engine string, options map[string]string) sources.Source {
	t.Helper()
	e, ok := sources.Lookup(engine)
	if !ok {
		t.Fatalf("engine %s is not registered", engine)
	}
	target, err := e.Target(sources.Config{URL: u.URL, Options: options})
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

// Poll wants a good poll.
func Poll(t *testing.T, s sources.Source, now time.Time) sources.Reading {
	t.Helper()
	r, err := s.Poll(t.Context(), now)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// PollFails wants a poll that fails for a reason and gives nothing.
func PollFails(t *testing.T, s sources.Source, now time.Time, want fetch.Reason) error {
	t.Helper()
	r, err := s.Poll(t.Context(), now)
	if err == nil || fetch.ReasonOf(err) != want || r.Page != nil {
		t.Errorf("page %v with error %v, want none and reason %s", r.Page, err, want)
	}
	return err
}

// Survives puts faults in the place of a good body, and beyond the common ones
// those bodies that lack the engine's shape. All must fail, and the page must
// be the same one after them.
func (u *Upstream) Survives(t *testing.T, s sources.Source, now time.Time, shapeless ...string) {
	t.Helper()
	good := *u
	before := Poll(t, s, now).Page
	if again := Poll(t, s, now); again.Page != before || again.Ended != nil || again.Notes != nil {
		t.Errorf("an unchanged body reads anew: same page %t, ended %v, notes %v", again.Page == before, again.Ended, again.Notes)
	}
	faults := map[string]struct {
		body, media string
		code        int
		want        fetch.Reason
	}{
		"page":        {"<!doctype html><title>Status</title>", "text/html; charset=utf-8", 200, fetch.ContentType},
		"page as ok":  {"\n<html>", good.Type, 200, fetch.ContentType},
		"empty":       {"", good.Type, 200, fetch.Decode},
		"truncated":   {good.Body[:len(good.Body)/2], good.Type, 200, fetch.Decode},
		"gone":        {good.Body, good.Type, 404, fetch.HTTP4xx},
		"unavailable": {good.Body, good.Type, 503, fetch.HTTP5xx},
		"too many":    {good.Body, good.Type, 429, fetch.RateLimited},
	}
	for _, body := range append(shapeless, `{}`, `null`, `[]`, `[null]`, `"ok"`, `7`) {
		faults[body] = struct {
			body, media string
			code        int
			want        fetch.Reason
		}{body, good.Type, 200, fetch.Shape}
	}
	for name, f := range faults {
		t.Run(name, func(t *testing.T) {
			u.Body, u.Type, u.Code = f.body, f.media, f.code
			PollFails(t, s, now, f.want)
		})
	}
	u.Body, u.Type, u.Code = good.Body, good.Type, good.Code
	if after := Poll(t, s, now).Page; after != before {
		t.Error("the page after the faults is another one")
	}
}

// Load reads a file of testdata.
func Load(t testing.TB, name string) string {
	t.Helper()
	body, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

// Golden compares a reading with the file that holds what a person checked.
func Golden(t *testing.T, name string, r sources.Reading) {
	t.Helper()
	got, err := json.MarshalIndent(struct {
		Page  *status.Page
		Ended []status.Incident
		Notes []string
	}{r.Page, r.Ended, r.Notes}, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	got = append(got, '\n')
	if *update {
		if err := os.WriteFile(filepath.Join("testdata", name), got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(Load(t, name), string(got)); diff != "" {
		t.Errorf("%s (-want +got):\n%s", name, diff)
	}
}

// Judged wants a page to come to an indicator, a status and maintenance,
// written as "major down calm".
func Judged(t *testing.T, p *status.Page, now time.Time, want string, include ...string) {
	t.Helper()
	o := status.Judge(p, status.Scope{Include: include}, now)
	got := []string{o.Indicator.String(), o.Severity.String(), "calm"}
	if o.Maintenance {
		got[2] = "maintenance"
	}
	if strings.Join(got, " ") != want {
		t.Errorf("judged %q, want %q (scope %q)", strings.Join(got, " "), want, include)
	}
}

// Recorded is a recorded answer, kept outside of the project. The test is
// skipped where there is none.
func Recorded(t *testing.T, name string) string {
	t.Helper()
	body, err := os.ReadFile(filepath.Join("../../../shared/payloads", name))
	if err != nil {
		t.Skip("no recorded answers here")
	}
	return string(body)
}

// FuzzBodies gives a fuzz target its first bodies: the odd ones and files of
// testdata.
func FuzzBodies(f *testing.F, names ...string) {
	for _, body := range []string{``, `{}`, `[]`, `null`, `[null]`, `<html>`, `{"a":`} {
		f.Add([]byte(body))
	}
	for _, name := range names {
		f.Add([]byte(Load(f, name)))
	}
}

// Sound wants what holds for every page: ranks within bounds, names for all
// parts, nothing open that is over, nothing ended that is not.
func Sound(t *testing.T, r sources.Reading) {
	t.Helper()
	for _, c := range r.Page.Components {
		if c.ID == "" || c.Rank < status.IndicatorUnknown || c.Rank > status.Critical || c.Maintenance && c.Rank > status.None {
			t.Errorf("component %+v", c)
		}
	}
	for _, in := range r.Page.Incidents {
		if in.ID == "" || in.Over || !in.Resolved.IsZero() || in.Impact < status.None || in.Impact > status.Critical {
			t.Errorf("open incident %+v", in)
		}
	}
	for _, in := range r.Ended {
		if in.ID == "" || !in.Over || in.Resolved.IsZero() || in.Resolved.Before(in.Started) {
			t.Errorf("ended incident %+v", in)
		}
	}
}
