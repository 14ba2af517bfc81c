package datadog

import (
	"fmt"
	"os"
	"strings"
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

const well = `{"id":"ok","name":"OK","status":"operational"}`

func config(components, incidents, maintenances string) string {
	return fmt.Sprintf(`{"name":"Acme","domainPrefix":"acme","components":[%s],"incidents":[%s],"maintenances":[%s]}`, components, incidents, maintenances)
}

func read(t testing.TB, body string) *reading {
	t.Helper()
	got, err := decode([]byte(body), home)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func load(t testing.TB, file string) *reading {
	t.Helper()
	return read(t, string(enginetest.Read(t, "testdata/"+file)))
}

func TestGolden(t *testing.T) {
	for _, name := range []string{"trouble", "odd"} {
		t.Run(name, func(t *testing.T) {
			got := load(t, name+".json")
			enginetest.Golden(t, name, struct {
				Page *status.Page
				Over []status.Incident
			}{got.page, got.over})
		})
	}
}

func unknown(t *testing.T, word string, got *reading, want ...string) {
	t.Helper()
	if diff := cmp.Diff(want, got.page.UnknownWords); diff != "" {
		t.Errorf("%q: unknown words: %s", word, diff)
	}
}

func TestComponentWords(t *testing.T) {
	cases := map[string]pages.Condition{
		"operational":    {Rank: status.None},
		"degraded":       {Rank: status.Minor},
		"partial_outage": {Rank: status.Major},
		"major_outage":   {Rank: status.Critical},
		"maintenance":    {Rank: status.None, Maintenance: true},
	}
	enginetest.Complete(t, conditions, cases)
	for word, want := range cases {
		got := read(t, config(fmt.Sprintf(`{"id":"a","name":"A","status":%q}`, word), "", ""))
		if diff := cmp.Diff([]status.Component{{ID: "a", Name: "A", Rank: want.Rank, Maintenance: want.Maintenance}}, got.page.Components); diff != "" {
			t.Errorf("%q: %s", word, diff)
		}
		unknown(t, word, got)
	}
	for _, word := range []string{"", "on_fire", "under_maintenance"} {
		got := read(t, config(fmt.Sprintf(`{"id":"a","name":"A","status":%q}`, word), "", ""))
		if got.page.Components[0].Rank != status.IndicatorUnknown {
			t.Errorf("%q: %+v", word, got.page.Components)
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
	}
	enginetest.Complete(t, stages, cases)
	for word, want := range cases {
		got := read(t, config(well, fmt.Sprintf(`{"id":"a","title":"A","currentStatus":%q}`, word), ""))
		open := len(got.page.Incidents) == 1
		if open == want.Over || len(got.over) == 1 != want.Over || open && got.page.Incidents[0].Monitoring != want.Monitoring {
			t.Errorf("%q: open %+v, over %+v, want %+v", word, got.page.Incidents, got.over, want)
		}
		unknown(t, word, got)
	}
	for _, word := range []string{"", "pondering"} {
		got := read(t, config(well, fmt.Sprintf(`{"id":"a","currentStatus":%q}`, word), ""))
		if len(got.page.Incidents) != 1 || len(got.over) != 0 {
			t.Errorf("%q: %+v", word, got)
		}
		unknown(t, word, got, "incident_status")
	}
}

func TestMaintenanceWords(t *testing.T) {
	cases := map[string]status.WindowState{
		"scheduled": status.Scheduled, "in_progress": status.InProgress,
		"completed": status.Completed, "canceled": status.Completed,
	}
	enginetest.Complete(t, states, cases)
	for word, want := range cases {
		got := read(t, config(well, "", fmt.Sprintf(`{"id":"a","currentStatus":%q}`, word)))
		if len(got.page.Windows) != 1 || got.page.Windows[0].State != want {
			t.Errorf("%q: %+v, want state %d", word, got.page.Windows, want)
		}
		unknown(t, word, got)
	}
	got := read(t, config(well, "", `{"id":"a","currentStatus":"postponed"}`))
	if got.page.Windows[0].State != status.NoState {
		t.Errorf("%+v", got.page.Windows)
	}
	unknown(t, "postponed", got, "maintenance_status")
}

// TestImpact: an incident is what its components came to.
func TestImpact(t *testing.T) {
	part := func(id, word string) string { return fmt.Sprintf(`{"id":%q,"status":%q}`, id, word) }
	tests := map[string]struct {
		now, was string // componentsAffected, at the top and in the timeline
		word     string
		want     status.Indicator
	}{
		"worst of several":        {part("a", "degraded") + "," + part("b", "partial_outage"), "", "identified", status.Major},
		"now, not once":           {part("a", "operational"), part("a", "major_outage"), "monitoring", status.None},
		"over: at the worst":      {part("a", "operational"), part("a", "major_outage") + "," + part("a", "degraded"), "resolved", status.Critical},
		"names nothing":           {"", "", "investigating", status.IndicatorUnknown},
		"maintenance":             {part("a", "maintenance"), "", "investigating", status.None},
		"half understood":         {part("a", "operational") + "," + part("b", "on_fire"), "", "investigating", status.IndicatorUnknown},
		"half understood and bad": {part("a", "degraded") + "," + part("b", "on_fire"), "", "investigating", status.Minor},
	}
	for name, tt := range tests {
		got := read(t, config(well, fmt.Sprintf(`{"id":"i","currentStatus":%q,"componentsAffected":[%s],"timeline":[{"componentsAffected":[%s]}]}`, tt.word, tt.now, tt.was), ""))
		in := append(got.page.Incidents, got.over...)[0]
		if in.Impact != tt.want {
			t.Errorf("%s: %s, want %s", name, in.Impact, tt.want)
		}
	}
}

// TestEnds: back-filled incidents were written down later than they ended.
func TestEnds(t *testing.T) {
	tests := map[string]struct{ event, started, resolved string }{
		"by its date":      {`"publishedDate":"2026-08-01T09:00:00Z","resolvedDate":"2026-08-01T10:00:00.1239Z"`, "09:00:00", "10:00:00.123"},
		"by its timeline":  {`"publishedDate":"2026-08-01T09:00:00Z","timeline":[{"status":"resolved","createdAt":"2026-08-01T23:00:00Z","startedAt":"2026-08-01T11:00:00Z"}]`, "09:00:00", "11:00:00"},
		"started earlier":  {`"publishedDate":"2026-08-01T09:00:00Z","resolvedDate":"2026-08-01T10:00:00Z","timeline":[{"status":"investigating","startedAt":"2026-08-01T10:30:00+02:00"}]`, "08:30:00", "10:00:00"},
		"never before":     {`"publishedDate":"2026-08-01T09:00:00Z","resolvedDate":"2026-08-01T08:00:00Z"`, "09:00:00", "09:00:00"},
		"without its time": {`"publishedDate":"2026-08-01T09:00:00Z"`, "09:00:00", ""},
	}
	for name, tt := range tests {
		got := read(t, config(well, `{"id":"i","currentStatus":"resolved",`+tt.event+`}`, "")).over[0]
		resolved := ""
		if !got.Resolved.IsZero() {
			resolved = got.Resolved.Format("15:04:05.999")
		}
		if started := got.Started.Format("15:04:05.999"); started != tt.started || resolved != tt.resolved {
			t.Errorf("%s: %s to %q, want %s to %q", name, started, resolved, tt.started, tt.resolved)
		}
	}
}

func TestJudged(t *testing.T) {
	verdict := func(i status.Indicator, s status.Status, maintenance bool) enginetest.Verdict {
		return enginetest.Verdict{Indicator: i, Severity: s, Maintenance: maintenance}
	}
	part := func(id, word string) string { return fmt.Sprintf(`{"id":%q,"name":%q,"status":%q}`, id, id, word) }
	five := strings.Join([]string{part("a", "operational"), part("b", "operational"), part("c", "operational"), part("d", "operational")}, ",")
	trouble := load(t, "trouble.json").page
	tests := map[string]struct {
		page  *status.Page
		scope []string
		want  enginetest.Verdict
	}{
		"trouble":             {trouble, nil, verdict(status.Critical, status.Down, true)},
		"one component of it": {trouble, []string{"Streams"}, verdict(status.Minor, status.Degraded, false)},
		"a well one":          {trouble, []string{"c-web"}, verdict(status.None, status.Operational, false)},
		"one in maintenance":  {trouble, []string{"Queue"}, verdict(status.None, status.Operational, true)},
		"a group":             {trouble, []string{"Interfaces"}, verdict(status.Critical, status.Down, false)},
		"nothing there":       {trouble, []string{"Mail"}, verdict(status.IndicatorUnknown, status.Unknown, false)},
		"odd":                 {load(t, "odd.json").page, nil, verdict(status.Major, status.Down, false)},
		"calm":                {read(t, config(five, "", "")).page, nil, verdict(status.None, status.Operational, false)},
		"one of five":         {read(t, config(five+","+part("e", "major_outage"), "", "")).page, nil, verdict(status.Minor, status.Degraded, false)},
		"nothing understood":  {read(t, config(part("a", "on_fire"), "", "")).page, nil, verdict(status.IndicatorUnknown, status.Unknown, false)},
		"unclear incident":    {read(t, config(five, `{"id":"i","currentStatus":"investigating"}`, "")).page, nil, verdict(status.Minor, status.Degraded, false)},
		"all in maintenance":  {read(t, config(part("a", "maintenance"), "", "")).page, nil, verdict(status.None, status.Operational, true)},
	}
	for name, tt := range tests {
		if got := enginetest.Judge(tt.page, now, tt.scope...); got != tt.want {
			t.Errorf("%s: %+v, want %+v", name, got, tt.want)
		}
	}
}

func TestNotAPage(t *testing.T) {
	for name, body := range map[string]string{
		"another config":    `{"name":"Acme","components":[` + well + `]}`,
		"no components":     `{"domainPrefix":"acme"}`,
		"empty components":  `{"domainPrefix":"acme","components":[],"incidents":[],"maintenances":null}`,
		"null components":   `{"domainPrefix":"acme","components":null}`,
		"groups alone":      `{"domainPrefix":"acme","components":[{"id":"g","type":"ComponentGroup","components":[]}]}`,
		"switched off":      `{"domainPrefix":"acme","enabled":false,"components":[` + well + `]}`,
		"components object": `{"domainPrefix":"acme","components":{}}`,
	} {
		if got, err := decode([]byte(body), home); err == nil || fetch.ReasonOf(err) != fetch.Shape {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
}

// TestIncomplete: what tells of trouble counts although the rest is missing.
func TestIncomplete(t *testing.T) {
	open := `{"id":"1","currentStatus":"identified","componentsAffected":[{"id":"a","status":"major_outage"}]}`
	got, err := decode([]byte(`{"domainPrefix":"acme","components":null,"incidents":[`+open+`]}`), home)
	if err != nil {
		t.Fatal(err)
	}
	if v := enginetest.Judge(got.page, now); v.Severity != status.Down {
		t.Errorf("%+v, want down", v)
	}
	if v := enginetest.Judge(got.page, now, "API"); v.Severity != status.Unknown {
		t.Errorf("with a scope: %+v, want unknown", v)
	}
}

func TestTarget(t *testing.T) {
	engine, _ := sources.Lookup("datadog")
	for _, url := range []string{"acme.statuspage.test", "https://acme.statuspage.test/config.json"} {
		got, err := engine.Target(sources.Config{URL: url})
		if err != nil || got.Document.String() != "https://acme.statuspage.test/config.json" || got.Name() != "acme.statuspage.test" {
			t.Errorf("%s: %+v, %v", url, got, err)
		}
	}
}

// TestPoll: what is over is handed on once, where its end is known.
func TestPoll(t *testing.T) {
	answers := map[string]enginetest.Answer{configPath: enginetest.JSON(config(well, `{"id":"one","currentStatus":"identified"},{"id":"old","currentStatus":"resolved","resolvedDate":"2026-08-01T16:00:00Z"},{"id":"undated","currentStatus":"resolved"}`, ""))}
	s := enginetest.Watch(t, "datadog", answers, now)
	first := s.Good(t)
	if len(first.Page.Incidents) != 1 || len(first.Ended) != 1 || first.Ended[0].ID != "old" || first.Page.URL != s.URL {
		t.Errorf("%+v, ended %+v", first.Page, first.Ended)
	}
	if again := s.Good(t); again.Page != first.Page || again.Ended != nil || s.Unmoved != 1 {
		t.Errorf("an unchanged body: same page %t, ended %+v, 304s %d", again.Page == first.Page, again.Ended, s.Unmoved)
	}
	answers[configPath] = enginetest.JSON(config(well, `{"id":"one","currentStatus":"resolved","resolvedDate":"2026-08-02T16:00:00Z"}`, ""))
	if r := s.Good(t); len(r.Page.Incidents) != 0 || len(r.Ended) != 1 || r.Ended[0].ID != "one" || len(s.Asked) != 1 {
		t.Errorf("%+v, ended %+v, asked %q", r.Page, r.Ended, s.Asked)
	}
}

func TestBadAnswers(t *testing.T) {
	enginetest.Watch(t, "datadog", map[string]enginetest.Answer{configPath: enginetest.JSON(config(well, "", ""))}, now).BadAnswers(t, configPath)
}

func FuzzDecode(f *testing.F) {
	for _, file := range []string{"trouble", "odd"} {
		f.Add(enginetest.Read(f, "testdata/"+file+".json"))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		got, err := decode(body, home)
		if (got == nil) == (err == nil) {
			t.Fatalf("reading %v with error %v", got, err)
		}
		if err != nil {
			return
		}
		enginetest.CheckPage(t, got.page)
		enginetest.CheckIncidents(t, got.over)
		if len(got.page.Components) == 0 {
			t.Error("a reading that rests on nothing")
		}
	})
}

// TestRecorded reads the answer of a real page, where it is at hand.
func TestRecorded(t *testing.T) {
	body, err := os.ReadFile("../../../shared/payloads/datadog/openrouter-page.json")
	if err != nil {
		t.Skip("no recorded answers here")
	}
	got := read(t, string(body))
	if v := enginetest.Judge(got.page, now); v != (enginetest.Verdict{Indicator: status.None, Severity: status.Operational}) {
		t.Errorf("%+v", v)
	}
	if len(got.page.Components) != 7 || len(got.over) != 4 || got.over[0].Impact != status.Minor || got.page.UnknownWords != nil {
		t.Errorf("%d components, over %+v, unknown words %v", len(got.page.Components), got.over, got.page.UnknownWords)
	}
}
