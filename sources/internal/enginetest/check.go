package enginetest

import (
	"testing"
	"time"
	"unicode/utf8"

	"github.com/downstatus/downstatus_exporter/internal/status"
	"github.com/downstatus/downstatus_exporter/sources"
	"github.com/downstatus/downstatus_exporter/sources/internal/keep"
)

// Verdict is what becomes of a page under the rules of the whole program.
type Verdict struct {
	Indicator   status.Indicator
	Severity    status.Status
	Maintenance bool
}

// String is indicator, status, and "maintenance" or "calm", as in "major down
// calm".
func (v Verdict) String() string {
	work := "calm"
	if v.Maintenance {
		work = "maintenance"
	}
	return v.Indicator.String() + " " + v.Severity.String() + " " + work
}

// Judge judges a page; patterns are the components of a service.
func Judge(p *status.Page, now time.Time, patterns ...string) Verdict {
	o := status.Judge(p, status.Scope{Include: patterns}, now)
	return Verdict{o.Indicator, o.Severity, o.Maintenance}
}

// Judged wants a page to be judged so.
func Judged(t *testing.T, p *status.Page, now time.Time, want string, patterns ...string) {
	t.Helper()
	if got := Judge(p, now, patterns...).String(); got != want {
		t.Errorf("judged %q, want %q (scope %q)", got, want, patterns)
	}
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
// body. It returns the reading as it is handed on.
func Sound(t *testing.T, r sources.Reading) sources.Reading {
	t.Helper()
	notes := r.Notes
	r = new(keep.Follower).Follow(t.Context(), time.Now(), r.Page, r.Ended)
	r.Notes = notes
	CheckPage(t, r.Page)
	CheckIncidents(t, r.Ended)
	seen := map[string]bool{}
	for _, in := range r.Page.Incidents {
		if seen[in.ID] || in.Impact < status.None {
			t.Errorf("open incident %+v", in)
		}
		seen[in.ID] = true
	}
	for _, in := range r.Ended {
		if !in.Over || in.Resolved.IsZero() {
			t.Errorf("ended incident %+v", in)
		}
	}
	return r
}

// CheckPage holds what is true of every reading, whatever the body: ranks within
// bounds, names for all parts and each id once, nothing open that is over, no
// calm without a ground.
func CheckPage(t *testing.T, p *status.Page) {
	t.Helper()
	seen := map[string]bool{}
	for _, c := range p.Components {
		if c.ID == "" || c.Name == "" || seen[c.ID] || c.Rank < status.IndicatorUnknown || c.Rank > status.Critical ||
			c.Maintenance && c.Rank > status.None {
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
