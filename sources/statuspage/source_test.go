package statuspage

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/downstatus/downstatus_exporter/internal/status"
	"github.com/downstatus/downstatus_exporter/sources"
	"github.com/downstatus/downstatus_exporter/sources/internal/enginetest"
	"github.com/downstatus/downstatus_exporter/sources/internal/keep"
)

const (
	summaryAt = "/eu" + summaryPath
	historyAt = "/eu" + incidentsPath
)

// site is a fake page below a path.
type site struct{ *enginetest.Site }

func newSite(t *testing.T) site {
	return site{enginetest.Serve(t, map[string]string{summaryAt: summaryOf(), historyAt: historyOf()})}
}

func (s site) summary(incidents ...string) { s.Say(summaryAt, summaryOf(incidents...)) }
func (s site) history(incidents ...string) { s.Say(historyAt, historyOf(incidents...)) }
func (s site) noHistory(code int)          { s.Answers[historyAt] = enginetest.Answer{Code: code} }

// histories is how often the history was asked for.
func (s site) histories() (n int) {
	for _, path := range s.Asked {
		if path == historyAt {
			n++
		}
	}
	return n
}

// open makes a source of the site, and a function that polls it.
func (s site) open(t *testing.T) (sources.Source, func() (sources.Reading, error)) {
	t.Helper()
	src := s.OpenAt(t, "statuspage", "/eu", nil)
	return src, func() (sources.Reading, error) { return src.Poll(t.Context(), now) }
}

func summaryOf(incidents ...string) string {
	return `{"page":{"id":"acme","name":"Acme"},"status":{"indicator":"none"},
		"components":[{"id":"a","name":"A","status":"operational"}],"incidents":[` + strings.Join(incidents, ",") + `]}`
}

func historyOf(incidents ...string) string {
	return `{"page":{"id":"acme","name":"Acme"},"incidents":[` + strings.Join(incidents, ",") + `]}`
}

func open(id string) string {
	return fmt.Sprintf(`{"id":%q,"name":"Trouble","status":"identified","impact":"minor","created_at":"2026-08-01T10:00:00Z"}`, id)
}

func resolved(id string) string {
	return fmt.Sprintf(`{"id":%q,"name":"Trouble","status":"resolved","impact":"minor","created_at":"2026-08-01T10:00:00Z","resolved_at":"2026-08-01T11:00:00Z"}`, id)
}

// good polls and fails on an error.
func good(t *testing.T, poll func() (sources.Reading, error)) sources.Reading {
	t.Helper()
	r, err := poll()
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func ids(list []status.Incident) []string {
	var out []string
	for _, in := range list {
		out = append(out, in.ID)
	}
	return out
}

func wantIDs(t *testing.T, r sources.Reading, want ...string) {
	t.Helper()
	if diff := cmp.Diff(want, ids(r.Ended)); diff != "" {
		t.Errorf("ended: %s", diff)
	}
}

func TestFirstPollAsksHistory(t *testing.T) {
	s := newSite(t)
	s.summary(open("now"))
	s.history(open("now"), resolved("before"), resolved("earlier"))
	_, poll := s.open(t)
	r := good(t, poll)
	wantIDs(t, r, "before", "earlier")
	if got := r.Ended[0].Resolved; got != at(t, "2026-08-01T11:00:00Z") {
		t.Errorf("resolved %v", got)
	}
	if diff := cmp.Diff([]string{"now"}, ids(r.Page.Incidents)); diff != "" {
		t.Error(diff)
	}
	if want := s.URL + "/eu"; r.Page.URL != want {
		t.Errorf("page %s, want the configured %s, as it names none", r.Page.URL, want)
	}
	wantIDs(t, good(t, poll))
	if s.histories() != 1 {
		t.Errorf("history asked %d times, want once", s.histories())
	}
}

func TestUnchangedIsNotDecoded(t *testing.T) {
	s := newSite(t)
	src, poll := s.open(t)
	decoded := 0
	doc := &src.(*keep.Source[Summary]).Document
	inner := doc.Decode
	doc.Decode = func(b []byte) (Summary, error) { decoded++; return inner(b) }
	first := good(t, poll).Page
	if again := good(t, poll).Page; again != first {
		t.Error("another page for an unchanged body")
	}
	if decoded != 1 || s.Unmoved != 1 || len(s.Asked) != 3 {
		t.Errorf("decoded %d, 304s %d, asked %q; want 1, 1, the summary twice and the history", decoded, s.Unmoved, s.Asked)
	}
	s.summary(open("new"))
	if again := good(t, poll).Page; again == first || decoded != 2 {
		t.Errorf("a changed body is not a new page (decoded %d)", decoded)
	}
}

func TestDepartureAsksOnce(t *testing.T) {
	s := newSite(t)
	s.summary(open("one"), open("two"), open("three"))
	_, poll := s.open(t)
	good(t, poll)

	s.summary(open("three"))
	s.history(open("three"), resolved("two"), resolved("one"), resolved("old"))
	wantIDs(t, good(t, poll), "two", "one", "old") // all that are over: some are told of only then
	wantIDs(t, good(t, poll))
	if s.histories() != 2 {
		t.Errorf("history asked %d times, want 2", s.histories())
	}
}

func TestDepartureToldBySummary(t *testing.T) {
	s := newSite(t)
	s.summary(open("one"))
	_, poll := s.open(t)
	good(t, poll)
	s.summary(resolved("one"), resolved("other"))
	r := good(t, poll)
	wantIDs(t, r, "one", "other")
	if len(r.Page.Incidents) != 0 || s.histories() != 1 {
		t.Errorf("open %v, history asked %d times", ids(r.Page.Incidents), s.histories())
	}
}

// Caches may serve an incidents.json older than the summary, and pages lose
// incidents: the former is asked again, the latter not.
func TestDepartureUnconfirmed(t *testing.T) {
	s := newSite(t)
	s.summary(open("late"), open("deleted"))
	_, poll := s.open(t)
	good(t, poll)

	s.summary()
	s.history(open("late"))
	wantIDs(t, good(t, poll))
	s.history(resolved("late"))
	wantIDs(t, good(t, poll), "late")
	wantIDs(t, good(t, poll))
	if s.histories() != 3 {
		t.Errorf("history asked %d times, want 3", s.histories())
	}
}

func TestReturnIsNoDeparture(t *testing.T) {
	s := newSite(t)
	s.summary(open("one"))
	_, poll := s.open(t)
	good(t, poll)
	s.summary()
	s.noHistory(500)
	good(t, poll)
	s.summary(open("one"))
	s.history(resolved("one"))
	wantIDs(t, good(t, poll))
	if s.histories() != 2 {
		t.Errorf("history asked %d times, want 2", s.histories())
	}
}

func TestHistoryFails(t *testing.T) {
	const askAtMost = 3
	bodies := map[string]struct {
		code int
		body string
		note string
	}{
		"missing":    {404, "", "http_4xx"},
		"server":     {503, "", "http_5xx"},
		"HTML":       {200, "<!doctype html>", "content_type"},
		"other JSON": {200, `{"ok":true}`, "shape"},
		"truncated":  {200, `{"page":{"id":"a"},"incidents":[`, "not JSON"},
	}
	for name, tt := range bodies {
		t.Run(name, func(t *testing.T) {
			s := newSite(t)
			s.Answers[historyAt] = enginetest.Answer{Code: tt.code, Body: tt.body}
			_, poll := s.open(t)
			for range askAtMost {
				r := good(t, poll)
				if r.Page == nil || len(r.Notes) != 1 || !strings.Contains(r.Notes[0], "history: "+tt.note) {
					t.Errorf("notes %q, want one about %s", r.Notes, tt.note)
				}
			}
			if r := good(t, poll); r.Notes != nil || s.histories() != askAtMost {
				t.Errorf("asked %d times, want to give up after %d; notes %q", s.histories(), askAtMost, r.Notes)
			}
		})
	}
}

func TestHistoryRecovers(t *testing.T) {
	s := newSite(t)
	s.noHistory(500)
	_, poll := s.open(t)
	good(t, poll)
	s.history(resolved("old"), `{"id":"odd","status":"pondering","impact":"minor"}`)
	r := good(t, poll)
	wantIDs(t, r, "old")
	if len(r.Notes) != 1 || !strings.Contains(r.Notes[0], "incident_status") {
		t.Errorf("notes %q, want one about incident_status", r.Notes)
	}
}

func TestHiddenIsCarried(t *testing.T) {
	with := `{"page":{"id":"acme"},"status":{"indicator":"minor"},"components":[{"id":"a","name":"A","status":"degraded_performance","only_show_if_degraded":true}]}`
	s := newSite(t)
	s.Say(summaryAt, with)
	_, poll := s.open(t)
	good(t, poll)
	s.Say(summaryAt, `{"page":{"id":"acme"},"status":{"indicator":"none"},"components":[]}`)
	want := []status.Component{{ID: "a", Name: "A", Rank: status.None, OnlyIfBad: true, Hidden: true}}
	if diff := cmp.Diff(want, good(t, poll).Page.Components); diff != "" {
		t.Error(diff)
	}
}

// TestBadAnswers: whatever is not positively a summary is an error of a known
// reason, asks for nothing more, and the next good answer is read again.
func TestBadAnswers(t *testing.T) {
	s := newSite(t)
	src, _ := s.open(t)
	s.SurvivesJSON(t, src, summaryAt, now)
	s.Say(summaryAt, "{}")
	s.Asked = nil
	if _, err := src.Poll(t.Context(), now); err == nil || len(s.Asked) != 1 {
		t.Errorf("after a bad answer: error %v, asked %q; want no more", err, s.Asked)
	}
}
