package openstatus

import (
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/downstatus/downstatus_exporter/internal/status"
	"github.com/downstatus/downstatus_exporter/sources"
	"github.com/downstatus/downstatus_exporter/sources/fetch"
	"github.com/downstatus/downstatus_exporter/sources/internal/enginetest"
	"github.com/downstatus/downstatus_exporter/sources/internal/pages"
)

// now is when the tests judge readings.
var now = time.Date(2026, 8, 2, 17, 0, 0, 0, time.UTC)

const home = "https://status.acme.test"

// page decodes a summary made of an indicator and the contents of its lists.
func page(t *testing.T, indicator, components, incidents, maintenances string) *status.Page {
	t.Helper()
	p, err := decode([]byte(summary(indicator, components, incidents, maintenances)), home)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func summary(indicator, components, incidents, maintenances string) string {
	return fmt.Sprintf(`{"page":{"name":"Acme"},"status":{"indicator":%q},"components":[%s],"incidents":[%s],"scheduled_maintenances":[%s]}`,
		indicator, components, incidents, maintenances)
}

func load(t testing.TB, file string) *status.Page {
	t.Helper()
	p, err := decode(enginetest.Read(t, "testdata/"+file), home)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestGolden(t *testing.T) {
	for _, name := range []string{"trouble", "odd"} {
		t.Run(name, func(t *testing.T) {
			enginetest.Golden(t, name, load(t, name+".json"))
		})
	}
}

func unknown(t *testing.T, word string, got *status.Page, want ...string) {
	t.Helper()
	if diff := cmp.Diff(want, got.UnknownWords); diff != "" {
		t.Errorf("%q: unknown words: %s", word, diff)
	}
}

func TestIndicatorWords(t *testing.T) {
	cases := map[string]status.Word{
		"none":        {Published: true, Rank: status.None},
		"minor":       {Published: true, Rank: status.Minor},
		"major":       {Published: true, Rank: status.Major},
		"critical":    {Published: true, Rank: status.Critical},
		"maintenance": {Published: true, Rank: status.None, Maintenance: true},
	}
	enginetest.Complete(t, words.Indicators, cases)
	for word, want := range cases {
		got := page(t, word, "", "", "")
		if got.Word != want || !got.MaintenanceWord {
			t.Errorf("%q: %+v, want %+v", word, got.Word, want)
		}
		unknown(t, word, got)
	}
	for _, word := range []string{"purple", "success", "None"} {
		got := page(t, word, "", "", "")
		if got.Word != (status.Word{Published: true, Rank: status.IndicatorUnknown}) {
			t.Errorf("%q: %+v", word, got.Word)
		}
		unknown(t, word, got, "indicator")
	}
}

func TestComponentWords(t *testing.T) {
	cases := map[string]pages.Condition{
		"operational":          {Rank: status.None},
		"degraded_performance": {Rank: status.Minor},
		"partial_outage":       {Rank: status.Major},
		"major_outage":         {Rank: status.Critical},
		"full_outage":          {Rank: status.Critical},
		"under_maintenance":    {Rank: status.None, Maintenance: true},
	}
	enginetest.Complete(t, words.Components, cases)
	for word, want := range cases {
		got := page(t, "none", fmt.Sprintf(`{"name":"A","status":%q}`, word), "", "")
		if diff := cmp.Diff([]status.Component{{ID: "A", Name: "A", Rank: want.Rank, Maintenance: want.Maintenance}}, got.Components); diff != "" {
			t.Errorf("%q: %s", word, diff)
		}
		unknown(t, word, got)
	}
	for _, word := range []string{"", "error", "on_fire"} {
		got := page(t, "none", fmt.Sprintf(`{"name":"A","status":%q}`, word), "", "")
		if got.Components[0].Rank != status.IndicatorUnknown {
			t.Errorf("%q: %+v", word, got.Components)
		}
		unknown(t, word, got, "component_status")
	}
}

func TestIncidentWords(t *testing.T) {
	cases := map[string]pages.Stage{
		"investigating": {},
		"identified":    {},
		"monitoring":    {Monitoring: true},
		"resolved":      {Over: true},
		"postmortem":    {Over: true},
		"completed":     {Over: true},
	}
	enginetest.Complete(t, words.Incidents, cases)
	for word, want := range cases {
		got := page(t, "none", "", fmt.Sprintf(`{"id":"1","name":"A","status":%q}`, word), "")
		open := len(got.Incidents) == 1
		if open == want.Over || open && got.Incidents[0].Monitoring != want.Monitoring {
			t.Errorf("%q: %+v, want %+v", word, got.Incidents, want)
		}
		unknown(t, word, got)
	}
	for _, word := range []string{"", "pondering"} {
		got := page(t, "none", "", fmt.Sprintf(`{"id":"1","name":"A","status":%q}`, word), "")
		if len(got.Incidents) != 1 || got.Incidents[0].Monitoring {
			t.Errorf("%q: %+v", word, got.Incidents)
		}
		unknown(t, word, got, "incident_status")
	}
}

func TestImpactWords(t *testing.T) {
	cases := map[string]status.Indicator{
		"": status.IndicatorUnknown, "none": status.None, "minor": status.Minor,
		"major": status.Major, "critical": status.Critical, "maintenance": status.None,
	}
	enginetest.Complete(t, impacts, cases)
	for word, want := range cases {
		got := page(t, "none", "", fmt.Sprintf(`{"id":"1","status":"identified","impact":%q}`, word), "")
		if got.Incidents[0].Impact != want {
			t.Errorf("%q: %s, want %s", word, got.Incidents[0].Impact, want)
		}
		unknown(t, word, got)
	}
	got := page(t, "none", "", `{"id":"1","status":"identified","impact":"purple"}`, "")
	if got.Incidents[0].Impact != status.IndicatorUnknown {
		t.Errorf("%+v", got.Incidents)
	}
	unknown(t, "purple", got, "incident_impact")
}

func TestMaintenanceWords(t *testing.T) {
	cases := map[string]status.WindowState{
		"scheduled": status.Scheduled, "in_progress": status.InProgress,
		"verifying": status.InProgress, "completed": status.Completed,
	}
	enginetest.Complete(t, words.Maintenances, cases)
	for word, want := range cases {
		got := page(t, "none", "", "", fmt.Sprintf(`{"id":"1","status":%q}`, word))
		if got.Windows[0].State != want {
			t.Errorf("%q: state %d, want %d", word, got.Windows[0].State, want)
		}
		unknown(t, word, got)
	}
	got := page(t, "none", "", "", `{"id":"1","status":"postponed"}`)
	if got.Windows[0].State != status.NoState {
		t.Errorf("%+v", got.Windows)
	}
	unknown(t, "postponed", got, "maintenance_status")
}

// TestJudged holds what becomes of readings under the rules of the program.
func TestJudged(t *testing.T) {
	const ok, bad = `{"name":"A","status":"operational"}`, `{"name":"B","status":"major_outage"}`
	open := `{"id":"1","name":"I","status":"investigating"}`
	tests := map[string]struct {
		page *status.Page
		want enginetest.Verdict
	}{
		"trouble":               {load(t, "trouble.json"), enginetest.Verdict{Indicator: status.Minor, Severity: status.Down}},
		"odd":                   {load(t, "odd.json"), enginetest.Verdict{Indicator: status.IndicatorUnknown, Severity: status.Down}},
		"calm":                  {page(t, "none", ok, "", ""), enginetest.Verdict{Indicator: status.None, Severity: status.Operational}},
		"maintenance":           {page(t, "maintenance", ok, "", ""), enginetest.Verdict{Indicator: status.None, Severity: status.Operational, Maintenance: true}},
		"unknown word":          {page(t, "purple", ok, "", ""), enginetest.Verdict{Indicator: status.IndicatorUnknown, Severity: status.Unknown}},
		"incident under a calm": {page(t, "none", ok, open, ""), enginetest.Verdict{Indicator: status.None, Severity: status.Degraded}},
		"outage under a calm":   {page(t, "none", ok+","+bad, "", ""), enginetest.Verdict{Indicator: status.None, Severity: status.Down}},
	}
	for name, tt := range tests {
		if got := enginetest.Judge(tt.page, now); got != tt.want {
			t.Errorf("%s: %+v, want %+v", name, got, tt.want)
		}
	}
	scoped := load(t, "trouble.json")
	if got := enginetest.Judge(scoped, now, "Website"); got.Severity != status.Degraded {
		t.Errorf("Website: %+v, want degraded by incidents that name no component", got)
	}
	if got := enginetest.Judge(scoped, now, "Mail"); got.Severity != status.Unknown {
		t.Errorf("a scope that names nothing: %+v", got)
	}
}

func TestTarget(t *testing.T) {
	engine, _ := sources.Lookup("openstatus")
	for _, path := range []string{"", "/", "/summary.json", "/current.json", "/incidents.json", "/feed/json", "/feed/rss", "/feed/atom"} {
		got, err := engine.Target(sources.Config{URL: "https://openstatus.test/acme" + path})
		if err != nil || got.Document.String() != "https://openstatus.test/acme/summary.json" || got.Name() != "openstatus.test/acme" {
			t.Errorf("%q: %+v, %v", path, got, err)
		}
	}
}

// TestIncomplete: what tells of trouble counts although the rest is missing.
func TestIncomplete(t *testing.T) {
	for body, want := range map[string]enginetest.Verdict{
		`{"page":{"name":"Acme"},"status":{"indicator":"major"}}`:                              {Indicator: status.Major, Severity: status.Down},
		`{"page":{"name":"Acme"},"components":[{"name":"A","status":"degraded_performance"}]}`: {Indicator: status.IndicatorUnknown, Severity: status.Degraded},
	} {
		p, err := decode([]byte(body), home)
		if err != nil {
			t.Errorf("%s: %v", body, err)
		} else if got := enginetest.Judge(p, now); got != want {
			t.Errorf("%s: %+v, want %+v", body, got, want)
		}
		if matches([]byte(body)) {
			t.Errorf("%s tells the engine", body)
		}
	}
}

func answers(body string) map[string]enginetest.Answer {
	return map[string]enginetest.Answer{summaryPath: enginetest.JSON(body)}
}

func TestPoll(t *testing.T) {
	s := enginetest.Watch(t, "openstatus", answers(summary("none", "", "", "")), now)
	first := s.Good(t).Page
	if first.URL != s.URL {
		t.Errorf("page %s, want the configured %s, as it names none", first.URL, s.URL)
	}
	if again := s.Good(t).Page; again != first || s.Unmoved != 1 {
		t.Errorf("another page for an unchanged body; 304s: %d", s.Unmoved)
	}
	s.Answers[summaryPath] = enginetest.JSON(summary("major", "", "", ""))
	if r := s.Good(t); r.Page == first || r.Page.Word.Rank != status.Major || len(s.Asked) != 1 {
		t.Errorf("%+v after a change, asked %q", r.Page, s.Asked)
	}
}

func TestBadAnswers(t *testing.T) {
	enginetest.Watch(t, "openstatus", answers(summary("none", `{"name":"A","status":"operational"}`, "", "")), now).BadAnswers(t, summaryPath)
}

// TestOtherEngines: other engines answer at the same path.
func TestOtherEngines(t *testing.T) {
	for name, body := range map[string]string{
		"instatus":       `{"page":{"name":"Acme","url":"https://status.acme.test","status":"UP"}}`,
		"current.json":   `{"page":{"name":"Acme"},"status":{"indicator":"none"}}`,
		"incidents.json": `{"page":{"name":"Acme"},"incidents":[]}`,
		"feed/json":      `{"title":"Acme","status":"success","monitors":[]}`,
		"nameless":       `{"page":{},"status":{"indicator":"none"},"components":[]}`,
		"upptime":        `[{"name":"API","status":"up"}]`,
	} {
		if p, err := decode([]byte(body), home); err == nil || fetch.ReasonOf(err) != fetch.Shape {
			t.Errorf("%s: %+v, %v", name, p, err)
		}
	}
}

func FuzzDecode(f *testing.F) {
	for _, file := range []string{"trouble", "odd"} {
		f.Add(enginetest.Read(f, "testdata/"+file+".json"))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		p, err := decode(body, home)
		if (p == nil) == (err == nil) {
			t.Fatalf("page %v with error %v", p, err)
		}
		if err == nil {
			enginetest.CheckPage(t, p)
		}
	})
}

// TestRecorded reads an answer in the vendor's shape, where it is at hand.
func TestRecorded(t *testing.T) {
	body, err := os.ReadFile("../../../shared/payloads/openstatus/summary.json")
	if err != nil {
		t.Skip("no recorded answers here")
	}
	p, err := decode(body, home)
	if err != nil {
		t.Fatal(err)
	}
	want := enginetest.Verdict{Indicator: status.None, Severity: status.Degraded, Maintenance: true}
	if got := enginetest.Judge(p, now); got != want || p.UnknownWords != nil {
		t.Errorf("%+v (unknown words %v), want %+v", got, p.UnknownWords, want)
	}
}
