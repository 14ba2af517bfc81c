package vendortest

import (
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/downstatus/downstatus_exporter/internal/status"
	"github.com/downstatus/downstatus_exporter/sources"
	"github.com/downstatus/downstatus_exporter/sources/internal/keep"
)

var update = flag.Bool("update", false, "write the golden readings anew")

// Load reads a file of testdata.
func Load(t testing.TB, name string) string {
	t.Helper()
	body, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

// Recorded is a recorded answer, kept outside of the project. The test is
// skipped where there is none.
func Recorded(t testing.TB, name string) string {
	t.Helper()
	body, err := os.ReadFile(filepath.Join("..", "..", "..", "shared", "payloads", name))
	if err != nil {
		t.Skip("no recorded answers here")
	}
	return string(body)
}

// Golden compares v with the file that holds what a person checked.
func Golden(t *testing.T, name string, v any) {
	t.Helper()
	if r, ok := v.(sources.Reading); ok {
		v = struct {
			Page  *status.Page
			Ended []status.Incident
			Notes []string
		}{r.Page, r.Ended, r.Notes}
	}
	got, err := json.MarshalIndent(v, "", "  ")
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
		t.Errorf("%s (-want +got, -update writes it anew):\n%s", name, diff)
	}
}

// Judge is what the rules of the whole program make of a page: indicator,
// status, and "maintenance" or "calm", as in "major down calm". Patterns are
// the components of a service.
func Judge(p *status.Page, now time.Time, include ...string) string {
	o := status.Judge(p, status.Scope{Include: include}, now)
	words := []string{o.Indicator.String(), o.Severity.String(), "calm"}
	if o.Maintenance {
		words[2] = "maintenance"
	}
	return strings.Join(words, " ")
}

// Judged wants a page to be judged so.
func Judged(t *testing.T, p *status.Page, now time.Time, want string, include ...string) {
	t.Helper()
	if got := Judge(p, now, include...); got != want {
		t.Errorf("judged %q, want %q (scope %q)", got, want, include)
	}
}

// FuzzBodies gives a fuzz target its first bodies: the odd ones and files of
// testdata.
func FuzzBodies(f *testing.F, names ...string) {
	for _, body := range append(Shapeless, ``, `[]`, `<html>`, `{"a":`) {
		f.Add([]byte(body))
	}
	for _, name := range names {
		f.Add([]byte(Load(f, name)))
	}
}

// Sound wants what holds for every reading that a source hands on, whatever the
// body: ranks within
// bounds, names for all parts and each id once, nothing open that is over,
// nothing ended that is not. It returns the reading as it is handed on.
func Sound(t *testing.T, r sources.Reading) sources.Reading {
	t.Helper()
	notes := r.Notes
	r = new(keep.Follower).Follow(t.Context(), time.Now(), r.Page, r.Ended)
	r.Notes = notes
	p := r.Page
	seen := map[string]bool{}
	for _, c := range p.Components {
		if c.ID == "" || c.Name == "" || seen[c.ID] || c.Rank < status.IndicatorUnknown || c.Rank > status.Critical ||
			c.Maintenance && c.Rank > status.None {
			t.Errorf("component %+v", c)
		}
		seen[c.ID] = true
		texts(t, c.ID, c.Name, c.Group, c.GroupID)
	}
	seen = map[string]bool{}
	for _, in := range p.Incidents {
		if in.ID == "" || seen[in.ID] || in.Over || !in.Resolved.IsZero() || in.Impact < status.None || in.Impact > status.Critical {
			t.Errorf("open incident %+v", in)
		}
		seen[in.ID] = true
		texts(t, in.ID, in.Title)
	}
	for _, in := range r.Ended {
		if in.ID == "" || !in.Over || in.Resolved.IsZero() || in.Resolved.Before(in.Started) {
			t.Errorf("ended incident %+v", in)
		}
		texts(t, in.ID, in.Title)
	}
	for _, w := range p.Windows {
		texts(t, w.ID, w.Title)
	}
	if status.Judge(p, status.Scope{}, time.Now()).Severity == status.Operational && !p.OnlyTroubles && len(p.Components) == 0 {
		t.Error("calm without a component")
	}
	return r
}

func texts(t *testing.T, all ...string) {
	t.Helper()
	for _, s := range all {
		if len(s) > sources.TextLimit || !utf8.ValidString(s) {
			t.Errorf("text %q", s)
		}
	}
}

// GoldenIncidents compares the incidents and unknown words of a first reading
// with a file that spells out what is not zero. Links are relative to the site.
func GoldenIncidents(t *testing.T, name string, r sources.Reading, site string) {
	t.Helper()
	type golden struct {
		Open, Ended  []status.Incident
		UnknownWords []string
	}
	var want golden
	if err := json.Unmarshal([]byte(Load(t, name)), &want); err != nil {
		t.Fatal(err)
	}
	here := func(list []status.Incident) (out []status.Incident) {
		for _, in := range list {
			in.URL = strings.TrimPrefix(in.URL, site)
			out = append(out, in)
		}
		return out
	}
	if diff := cmp.Diff(want, golden{here(r.Page.Incidents), here(r.Ended), r.Page.UnknownWords}); diff != "" {
		t.Errorf("the reading differs from %s (-want +got):\n%s", name, diff)
	}
}
