package incidentio

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/downstatus/downstatus_exporter/internal/status"
	"github.com/downstatus/downstatus_exporter/sources"
	"github.com/downstatus/downstatus_exporter/sources/internal/enginetest"
	"github.com/downstatus/downstatus_exporter/sources/internal/pages"
)

func page(t testing.TB, body []byte) *status.Page {
	t.Helper()
	s, err := Dialect.Summary(body)
	if err != nil {
		t.Fatal(err)
	}
	return s.Page
}

func TestRegistered(t *testing.T) {
	e, ok := sources.Lookup("incidentio")
	if !ok {
		t.Fatal("not registered")
	}
	target, err := e.Target(sources.Config{URL: "https://www.acme-ai.test/eu/api/v2/status.json"})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := target.Document.String(), "https://www.acme-ai.test/eu/api/v2/summary.json"; got != want {
		t.Errorf("document %s, want %s", got, want)
	}
	if got, want := target.Name(), "www.acme-ai.test/eu"; got != want {
		t.Errorf("name %s, want %s", got, want)
	}
}

func TestGolden(t *testing.T) {
	for _, name := range []string{"trouble", "maintenance"} {
		t.Run(name, func(t *testing.T) {
			enginetest.Golden(t, name, page(t, enginetest.Read(t, "testdata/"+name+".json")))
		})
	}
}

// TestTrouble holds the particulars: no groups, no short links, no start but
// created_at and the updates, and a page address with a slash at its end.
func TestTrouble(t *testing.T) {
	want := &status.Page{
		Name: "Acme AI", URL: "https://status.acme-ai.test",
		Word: status.Word{Published: true, Rank: status.Minor}, MaintenanceWord: true,
		Components: []status.Component{
			{ID: "01ACME00000000000000000A01", Name: "Realtime", Rank: status.Critical},
			{ID: "01ACME00000000000000000A02", Name: "Chat", Rank: status.Minor},
			{ID: "01ACME00000000000000000A03", Name: "Chat", Rank: status.None},
			{ID: "01ACME00000000000000000A04", Name: "Login", Rank: status.None},
		},
		Incidents: []status.Incident{{
			ID: "01ACME00000000000000000I01", Title: "Errors in Chat and Realtime", Impact: status.Minor,
			URL:     "https://status.acme-ai.test/incidents/01ACME00000000000000000I01",
			Started: time.Date(2026, 8, 2, 17, 50, 0, 0, time.UTC),
		}},
	}
	if diff := cmp.Diff(want, page(t, enginetest.Read(t, "testdata/trouble.json"))); diff != "" {
		t.Error(diff)
	}
}

func TestHistory(t *testing.T) {
	h, err := Dialect.History(enginetest.Read(t, "testdata/incidents.json"))
	if err != nil {
		t.Fatal(err)
	}
	want := []status.Incident{{
		ID: "01ACME00000000000000000I00", Title: "Unexpected logouts", Impact: status.None, Over: true,
		URL:      "https://status.acme-ai.test/incidents/01ACME00000000000000000I00",
		Started:  time.Date(2026, 7, 21, 19, 48, 34, 0, time.UTC),
		Resolved: time.Date(2026, 7, 21, 23, 15, 9, 0, time.UTC),
	}}
	if diff := cmp.Diff(want, h.Incidents); diff != "" {
		t.Error(diff)
	}
}

// body is a summary with one component, one entry among the incidents and one
// among the maintenances.
func body(indicator, component, impact, stage, window string) []byte {
	return fmt.Appendf(nil, `{"page":{"id":"01ACME0000000000000000PAGE"},"status":{"indicator":%q},"components":[{"id":"c","status":%q}],
		"incidents":[{"id":"i","impact":%q,"status":%q}],"scheduled_maintenances":[{"id":"m","status":%q}]}`,
		indicator, component, impact, stage, window)
}

func TestWords(t *testing.T) {
	indicators := map[string]status.Word{
		"none":        {Published: true, Rank: status.None},
		"minor":       {Published: true, Rank: status.Minor},
		"major":       {Published: true, Rank: status.Major},
		"critical":    {Published: true, Rank: status.Critical},
		"maintenance": {Published: true, Rank: status.None, Maintenance: true},
	}
	each(t, Dialect.Indicators, indicators, func(word string) (status.Word, []string) {
		p := page(t, body(word, "operational", "none", "identified", "scheduled"))
		return p.Word, p.UnknownWords
	})
	components := map[string]pages.Condition{
		"operational":          {Rank: status.None},
		"degraded_performance": {Rank: status.Minor},
		"partial_outage":       {Rank: status.Major},
		"major_outage":         {Rank: status.Critical},
		"full_outage":          {Rank: status.Critical},
		"under_maintenance":    {Rank: status.None, Maintenance: true},
	}
	each(t, Dialect.Components, components, func(word string) (pages.Condition, []string) {
		p := page(t, body("none", word, "none", "identified", "scheduled"))
		return pages.Condition{Rank: p.Components[0].Rank, Maintenance: p.Components[0].Maintenance}, p.UnknownWords
	})
	impacts := map[string]status.Indicator{
		"none": status.None, "minor": status.Minor, "major": status.Major, "critical": status.Critical, "maintenance": status.None,
	}
	each(t, Dialect.Impacts, impacts, func(word string) (status.Indicator, []string) {
		p := page(t, body("none", "operational", word, "identified", "scheduled"))
		return p.Incidents[0].Impact, p.UnknownWords
	})
}

func TestStages(t *testing.T) {
	stages := map[string]pages.Stage{
		"investigating": {}, "identified": {}, "monitoring": {Monitoring: true},
		"resolved": {Over: true}, "postmortem": {Over: true}, "completed": {Over: true},
	}
	each(t, Dialect.Incidents, stages, func(word string) (pages.Stage, []string) {
		s, err := Dialect.Summary(body("none", "operational", "minor", word, "scheduled"))
		if err != nil {
			t.Fatal(err)
		}
		in := append(s.Page.Incidents, s.Over...)[0]
		return pages.Stage{Monitoring: in.Monitoring, Over: in.Over}, s.Page.UnknownWords
	})
	windows := map[string]status.WindowState{
		"scheduled": status.Scheduled, "in_progress": status.InProgress, "verifying": status.InProgress, "completed": status.Completed,
		"maintenance_scheduled": status.Scheduled, "maintenance_in_progress": status.InProgress, "maintenance_complete": status.Completed,
	}
	each(t, Dialect.Maintenances, windows, func(word string) (status.WindowState, []string) {
		p := page(t, body("none", "operational", "minor", "identified", word))
		return p.Windows[0].State, p.UnknownWords
	})
}

// each holds every word of a table against the hand-written meaning, and fails
// where the table has a word that no case covers.
func each[T comparable](t *testing.T, table, cases map[string]T, decode func(word string) (T, []string)) {
	t.Helper()
	for word := range table {
		if _, ok := cases[word]; !ok {
			t.Errorf("no case for %q", word)
		}
	}
	for word, want := range cases {
		if got, unknown := decode(word); got != want || unknown != nil {
			t.Errorf("%q: %+v, unknown words %v, want %+v", word, got, unknown, want)
		}
	}
}

// A maintenance that stands among the incidents is one all the same.
func TestMaintenanceAmongIncidents(t *testing.T) {
	p := page(t, body("none", "operational", "maintenance", "maintenance_in_progress", "scheduled"))
	if len(p.Incidents) != 0 || len(p.Windows) != 2 || p.Windows[1].ID != "i" || p.Windows[1].State != status.InProgress {
		t.Errorf("incidents %+v, windows %+v", p.Incidents, p.Windows)
	}
}

// TestRecorded reads answers of real pages, where they are at hand.
func TestRecorded(t *testing.T) {
	dir := enginetest.Recorded(t, "incidentio") + "/"
	p := page(t, enginetest.Read(t, dir+"openai-summary-incident.json"))
	o := status.Judge(p, status.Scope{}, time.Date(2026, 9, 29, 18, 30, 0, 0, time.UTC))
	if o.Indicator != status.Minor || o.Severity != status.Degraded || p.UnknownWords != nil {
		t.Errorf("%s, %s, unknown words %v; want minor, degraded, none", o.Indicator, o.Severity, p.UnknownWords)
	}
	h, err := Dialect.History(enginetest.Read(t, dir+"openai-incidents-2026-archive.json"))
	if err != nil || h.UnknownWords != nil || len(h.Incidents) != 30 {
		t.Errorf("%d incidents, unknown words %v, %v", len(h.Incidents), h.UnknownWords, err)
	}
	for _, in := range h.Incidents {
		if in.Resolved.Before(in.Started) {
			t.Errorf("%s ends %v before it starts %v", in.ID, in.Resolved, in.Started)
		}
	}
}

func FuzzDecode(f *testing.F) {
	for _, file := range []string{"trouble", "maintenance", "incidents"} {
		f.Add(enginetest.Read(f, "testdata/"+file+".json"))
	}
	f.Add(body("purple", "on_fire", "", "maintenance_complete", "postponed"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if s, err := Dialect.Summary(data); err == nil {
			enginetest.CheckPage(t, s.Page)
			enginetest.CheckIncidents(t, s.Over)
		}
		if h, err := Dialect.History(data); err == nil {
			enginetest.CheckIncidents(t, h.Incidents)
		}
	})
}
