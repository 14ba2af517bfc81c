package instatus

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

func summaryOf(word, incidents, maintenances string) string {
	return fmt.Sprintf(`{"page":{"name":"Acme","status":%q},"activeIncidents":[%s],"activeMaintenances":[%s]}`, word, incidents, maintenances)
}

func listOf(words ...string) string {
	out := ""
	for i, word := range words {
		out += fmt.Sprintf(`,{"id":"c%d","name":"C%d","status":%q,"group":null}`, i, i, word)
	}
	return `{"components":[` + out[min(1, len(out)):] + `]}`
}

func page(t testing.TB, summary, components string) *status.Page {
	t.Helper()
	from, err := decodeSummary([]byte(summary))
	if err != nil {
		t.Fatal(err)
	}
	with, err := decodeList([]byte(components))
	if err != nil {
		t.Fatal(err)
	}
	return makePage(from, with, home)
}

func load(t testing.TB, summary, components string) *status.Page {
	t.Helper()
	return page(t, string(enginetest.Read(t, "testdata/"+summary)), string(enginetest.Read(t, "testdata/"+components)))
}

func TestGolden(t *testing.T) {
	for golden, files := range map[string][2]string{
		"trouble": {"summary.json", "components.json"},
		"nested":  {"summary.json", "nested.json"},
		"odd":     {"odd-summary.json", "odd-components.json"},
	} {
		t.Run(golden, func(t *testing.T) {
			enginetest.Golden(t, golden, load(t, files[0], files[1]))
		})
	}
}

func unknown(t *testing.T, word string, got *status.Page, want ...string) {
	t.Helper()
	if diff := cmp.Diff(want, got.UnknownWords); len(want)+len(got.UnknownWords) > 0 && diff != "" {
		t.Errorf("%q: unknown words: %s", word, diff)
	}
}

func TestPageWords(t *testing.T) {
	cases := map[string]status.Word{
		"UP":               {Published: true, Rank: status.None},
		"HASISSUES":        {Published: true, Rank: status.Minor},
		"UNDERMAINTENANCE": {Published: true, Rank: status.None, Maintenance: true},
	}
	enginetest.Complete(t, verdicts, cases)
	for word, want := range cases {
		got := page(t, summaryOf(word, "", ""), listOf())
		if got.Word != want || !got.MaintenanceWord {
			t.Errorf("%q: %+v, want %+v", word, got.Word, want)
		}
		unknown(t, word, got)
	}
	for _, word := range []string{"PURPLE", "up", "ALLUNDERMAINTENANCE"} {
		got := page(t, summaryOf(word, "", ""), listOf())
		if got.Word != (status.Word{Published: true, Rank: status.IndicatorUnknown}) {
			t.Errorf("%q: %+v", word, got.Word)
		}
		unknown(t, word, got, "page_status")
	}
}

func TestComponentWords(t *testing.T) {
	cases := map[string]pages.Condition{
		"OPERATIONAL":         {Rank: status.None},
		"DEGRADEDPERFORMANCE": {Rank: status.Minor},
		"MINOROUTAGE":         {Rank: status.Minor},
		"PARTIALOUTAGE":       {Rank: status.Major},
		"MAJOROUTAGE":         {Rank: status.Critical},
		"UNDERMAINTENANCE":    {Rank: status.None, Maintenance: true},
	}
	enginetest.Complete(t, conditions, cases)
	for word, want := range cases {
		got := page(t, summaryOf("UP", fmt.Sprintf(`{"name":"I","status":"IDENTIFIED","impact":%q}`, word), ""), listOf(word))
		if diff := cmp.Diff([]status.Component{{ID: "c0", Name: "C0", Rank: want.Rank, Maintenance: want.Maintenance}}, got.Components); diff != "" {
			t.Errorf("%q: %s", word, diff)
		}
		if got.Incidents[0].Impact != want.Rank {
			t.Errorf("%q as an impact: %s, want %s", word, got.Incidents[0].Impact, want.Rank)
		}
		unknown(t, word, got)
	}
	for _, word := range []string{"", "operational", "FULLOUTAGE"} {
		got := page(t, summaryOf("UP", fmt.Sprintf(`{"name":"I","status":"IDENTIFIED","impact":%q}`, word), ""), listOf(word))
		if got.Components[0].Rank != status.IndicatorUnknown || got.Incidents[0].Impact != status.IndicatorUnknown {
			t.Errorf("%q: %+v", word, got)
		}
		unknown(t, word, got, "incident_impact", "component_status")
	}
}

func TestIncidentWords(t *testing.T) {
	cases := map[string]pages.Stage{
		"INVESTIGATING": {}, "IDENTIFIED": {}, "MONITORING": {Monitoring: true}, "RESOLVED": {Over: true},
	}
	enginetest.Complete(t, stages, cases)
	for word, want := range cases {
		got := page(t, summaryOf("UP", fmt.Sprintf(`{"name":"I","status":%q,"impact":"MINOROUTAGE"}`, word), ""), listOf())
		open := len(got.Incidents) == 1
		if open == want.Over || open && got.Incidents[0].Monitoring != want.Monitoring {
			t.Errorf("%q: %+v, want %+v", word, got.Incidents, want)
		}
		unknown(t, word, got)
	}
	got := page(t, summaryOf("UP", `{"name":"I","status":"PONDERING","impact":"MINOROUTAGE"}`, ""), listOf())
	if len(got.Incidents) != 1 || got.Incidents[0].Monitoring {
		t.Errorf("%+v", got.Incidents)
	}
	unknown(t, "PONDERING", got, "incident_status")
}

func TestMaintenanceWords(t *testing.T) {
	cases := map[string]status.WindowState{
		"NOTSTARTEDYET": status.Scheduled, "INPROGRESS": status.InProgress, "COMPLETED": status.Completed,
	}
	enginetest.Complete(t, states, cases)
	for word, want := range cases {
		got := page(t, summaryOf("UP", "", fmt.Sprintf(`{"name":"M","status":%q}`, word)), listOf())
		if len(got.Windows) != 1 || got.Windows[0].State != want {
			t.Errorf("%q: %+v, want state %d", word, got.Windows, want)
		}
		unknown(t, word, got)
	}
	got := page(t, summaryOf("UP", "", `{"name":"M","status":"POSTPONED"}`), listOf())
	if got.Windows[0].State != status.NoState {
		t.Errorf("%+v", got.Windows)
	}
	unknown(t, "POSTPONED", got, "maintenance_status")
}

// TestSeverity: HASISSUES is as bad as what the page lists, and never calm.
func TestSeverity(t *testing.T) {
	incident := func(word, impact string) string {
		return fmt.Sprintf(`{"name":"I","status":%q,"impact":%q}`, word, impact)
	}
	const ok, minor, major, critical, works = "OPERATIONAL", "MINOROUTAGE", "PARTIALOUTAGE", "MAJOROUTAGE", "UNDERMAINTENANCE"
	tests := map[string]struct {
		incidents, components string
		want                  status.Indicator
	}{
		"nothing listed":                  {"", listOf(), status.Minor},
		"all well":                        {"", listOf(ok, ok), status.Minor},
		"one limps":                       {"", listOf(ok, ok, ok, minor), status.Minor},
		"one in partial outage":           {"", listOf(ok, ok, ok, major), status.Major},
		"one of four out":                 {"", listOf(ok, ok, ok, critical), status.Major},
		"two of four out":                 {"", listOf(ok, critical, ok, critical), status.Critical},
		"one of one that counts":          {"", listOf(works, "ON_FIRE", critical), status.Critical},
		"maintenance":                     {"", listOf(works), status.Minor},
		"incident":                        {incident("IDENTIFIED", critical), listOf(ok), status.Critical},
		"incident of no impact":           {incident("IDENTIFIED", ok), listOf(ok, critical, critical), status.Critical},
		"incident not understood":         {incident("IDENTIFIED", "PURPLE"), listOf(ok), status.Minor},
		"incident that is being watched":  {incident("MONITORING", critical), listOf(ok), status.Minor},
		"incident that is over":           {incident("RESOLVED", critical), listOf(ok), status.Minor},
		"groups do not count as a leaf":   {"", `{"components":[{"id":"g","isParent":true,"status":"MAJOROUTAGE","children":[{"id":"a","status":"OPERATIONAL"}]}]}`, status.Minor},
		"several incidents, several ways": {incident("MONITORING", critical) + "," + incident("IDENTIFIED", major), listOf(ok), status.Major},
	}
	for name, tt := range tests {
		got := page(t, summaryOf("HASISSUES", tt.incidents, ""), tt.components)
		if got.Word.Rank != tt.want {
			t.Errorf("%s: %s, want %s", name, got.Word.Rank, tt.want)
		}
		if v := enginetest.Judge(got, now); v.Indicator != tt.want || v.Severity != tt.want.Severity() {
			t.Errorf("%s: judged %+v, want %s", name, v, tt.want)
		}
	}
}

func TestJudged(t *testing.T) {
	verdict := func(i status.Indicator, s status.Status, maintenance bool) enginetest.Verdict {
		return enginetest.Verdict{Indicator: i, Severity: s, Maintenance: maintenance}
	}
	trouble := load(t, "summary.json", "components.json")
	tests := map[string]struct {
		page  *status.Page
		scope []string
		want  enginetest.Verdict
	}{
		"trouble":                  {trouble, nil, verdict(status.Major, status.Down, false)},
		"a part that is out":       {trouble, []string{"REST"}, verdict(status.Major, status.Down, true)},
		"a group":                  {trouble, []string{"Interfaces"}, verdict(status.Major, status.Down, true)},
		"a well part":              {trouble, []string{"Website"}, verdict(status.Major, status.Degraded, true)}, // incidents name no component
		"nothing there":            {trouble, []string{"Billing"}, verdict(status.IndicatorUnknown, status.Unknown, false)},
		"odd":                      {load(t, "odd-summary.json", "odd-components.json"), nil, verdict(status.IndicatorUnknown, status.Down, false)},
		"calm":                     {page(t, summaryOf("UP", "", ""), listOf("OPERATIONAL")), nil, verdict(status.None, status.Operational, false)},
		"calm by its word alone":   {page(t, `{"page":{"status":"UP"}}`, listOf()), nil, verdict(status.None, status.Operational, false)},
		"calm with an incident":    {page(t, summaryOf("UP", `{"name":"I","status":"IDENTIFIED","impact":"MAJOROUTAGE"}`, ""), listOf()), nil, verdict(status.None, status.Down, false)},
		"maintenance":              {page(t, summaryOf("UNDERMAINTENANCE", "", ""), listOf("OPERATIONAL")), nil, verdict(status.None, status.Operational, true)},
		"maintenance not yet":      {page(t, summaryOf("UP", "", `{"name":"M","status":"NOTSTARTEDYET","start":"2026-08-02T16:00:00Z"}`), listOf("OPERATIONAL")), []string{"C0"}, verdict(status.None, status.Operational, false)},
		"a word we do not know":    {page(t, summaryOf("PURPLE", "", ""), listOf("OPERATIONAL")), nil, verdict(status.IndicatorUnknown, status.Unknown, false)},
		"not understood, in scope": {page(t, summaryOf("UP", "", ""), listOf("ON_FIRE")), []string{"C0"}, verdict(status.None, status.Unknown, false)},
	}
	for name, tt := range tests {
		if got := enginetest.Judge(tt.page, now, tt.scope...); got != tt.want {
			t.Errorf("%s: %+v, want %+v", name, got, tt.want)
		}
	}
}

func TestInstant(t *testing.T) {
	tests := map[sources.Str]string{
		"Sat Jun 11 2022 18:55:50 GMT+0000 (Coordinated Universal Time)":   "2022-06-11T18:55:50Z",
		"Sat Jun 11 2022 18:55:50 GMT-0730":                                "2022-06-12T02:25:50Z",
		"Sat Jun 04 2022 18:55:50 GMT+0200 (Central European Summer Time)": "2022-06-04T16:55:50Z",
		"2022-06-11T18:55:50.1239Z":                                        "2022-06-11T18:55:50.123Z",
		"Sat Jun 11 2022 18:55:50 PDT":                                     "",
		"Sat Jun 11 2022 18:55:50":                                         "",
		"Invalid Date":                                                     "",
		"":                                                                 "",
	}
	for raw, want := range tests {
		var r reader
		got := ""
		if at := r.instant(raw); !at.IsZero() {
			got = at.Format(time.RFC3339Nano)
		}
		if got != want || len(r.Unknown) == 1 != (want == "" && raw != "") {
			t.Errorf("%q: %q, want %q (unknown %v)", raw, got, want, r.Unknown)
		}
	}
}

func TestMinutes(t *testing.T) {
	tests := map[sources.Str]time.Duration{
		"60": time.Hour, "0.5": 30 * time.Second, "": 0, "0": 0, "-5": 0, "soon": 0, "NaN": 0, "Inf": 0, "1e300": 0,
	}
	for raw, want := range tests {
		if got := minutes(raw); got != want {
			t.Errorf("%q: %v, want %v", raw, got, want)
		}
	}
}

func TestNotASummary(t *testing.T) {
	for name, body := range map[string]string{
		"openstatus":        `{"page":{"name":"Acme"},"status":{"indicator":"none"},"components":[]}`,
		"components.json":   listOf("OPERATIONAL"),
		"null page":         `{"page":null}`,
		"empty word":        `{"page":{"name":"Acme","status":""}}`,
		"word is an object": `{"page":{"name":"Acme","status":{"UP":true}}}`,
		"incidents object":  `{"page":{"status":"UP"},"activeIncidents":{}}`,
	} {
		if got, err := decodeSummary([]byte(body)); err == nil || fetch.ReasonOf(err) != fetch.Shape {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
	if got, err := decodeList([]byte(`{"page":{"status":"UP"}}`)); err == nil || fetch.ReasonOf(err) != fetch.Shape {
		t.Errorf("a summary as a list: %+v, %v", got, err)
	}
}

func TestTarget(t *testing.T) {
	engine, _ := sources.Lookup("instatus")
	for _, path := range []string{"", "/", summaryPath, "/v3/summary.json", listPaths[0], listPaths[1], listPaths[2]} {
		got, err := engine.Target(sources.Config{URL: "https://status.acme.test" + path})
		if err != nil || got.Document.String() != "https://status.acme.test/summary.json" || got.Name() != "status.acme.test" {
			t.Errorf("%q: %+v, %v", path, got, err)
		}
	}
}

// TestIncomplete: what tells of trouble counts although the rest is missing.
func TestIncomplete(t *testing.T) {
	p := page(t, `{"page":{"name":"Acme"},"activeIncidents":[{"name":"Trouble","status":"IDENTIFIED","impact":"PARTIALOUTAGE"}]}`, listOf("OPERATIONAL"))
	if got := enginetest.Judge(p, now); got != (enginetest.Verdict{Indicator: status.IndicatorUnknown, Severity: status.Down}) {
		t.Errorf("%+v", got)
	}
	if s, err := decodeSummary([]byte(`{"page":{"name":"Acme"},"activeIncidents":[]}`)); err == nil || fetch.ReasonOf(err) != fetch.Shape {
		t.Errorf("without a word and without trouble: %+v, %v", s, err)
	}
}

// TestBareList: older pages list their components without an object around.
func TestBareList(t *testing.T) {
	got, err := decodeList([]byte(` [{"id":"a","name":"A","status":"MAJOROUTAGE"}]`))
	if err != nil || len(got.components) != 1 || got.components[0].Rank != status.Critical {
		t.Errorf("%+v, %v", got, err)
	}
	for _, body := range []string{`[]`, `[{}]`, `[null]`, `[{"id":"a"}]`} {
		if got, err := decodeList([]byte(body)); err == nil || fetch.ReasonOf(err) != fetch.Shape {
			t.Errorf("%s: %+v, %v", body, got, err)
		}
	}
}

func answers(places ...string) map[string]enginetest.Answer {
	out := map[string]enginetest.Answer{summaryPath: enginetest.JSON(summaryOf("UP", "", ""))}
	for _, place := range places {
		out[place] = enginetest.JSON(listOf("OPERATIONAL", "OPERATIONAL"))
	}
	return out
}

func TestPoll(t *testing.T) {
	s := enginetest.Watch(t, "instatus", answers(listPaths[0]), now)
	first := s.Good(t)
	if len(first.Page.Components) != 2 || first.Page.URL != s.URL || first.Notes != nil {
		t.Errorf("%+v, notes %q", first.Page, first.Notes)
	}
	if again := s.Good(t); again.Page != first.Page || s.Unmoved != 2 || len(s.Asked) != 2 {
		t.Errorf("unchanged bodies: same page %t, 304s %d, asked %q", again.Page == first.Page, s.Unmoved, s.Asked)
	}
	s.Answers[listPaths[0]] = enginetest.JSON(listOf("OPERATIONAL", "MAJOROUTAGE"))
	second := s.Good(t).Page
	s.Answers[summaryPath] = enginetest.JSON(summaryOf("HASISSUES", "", ""))
	third := s.Good(t).Page
	if second == first.Page || second.Components[1].Rank != status.Critical || third == second || third.Word.Rank != status.Critical {
		t.Errorf("after changes: %+v, then %+v", second, third)
	}
}

// TestPlaces: the list is asked for where it was last.
func TestPlaces(t *testing.T) {
	for i, place := range listPaths {
		s := enginetest.Watch(t, "instatus", answers(place), now)
		if len(s.Good(t).Page.Components) != 2 || len(s.Asked) != 2+i {
			t.Errorf("%s: asked %q", place, s.Asked)
		}
		s.Good(t)
		if diff := cmp.Diff([]string{summaryPath, place}, s.Asked); diff != "" {
			t.Errorf("%s, again: %s", place, diff)
		}
	}
}

// TestShells: an Instatus page answers every path, so that HTML means not here.
func TestShells(t *testing.T) {
	all := answers(listPaths[1])
	all[listPaths[0]], all[listPaths[2]] = enginetest.HTML, enginetest.HTML
	s := enginetest.Watch(t, "instatus", all, now)
	if len(s.Good(t).Page.Components) != 2 || len(s.Asked) != 3 {
		t.Errorf("asked %q", s.Asked)
	}
	s.Answers[listPaths[1]], s.Answers[listPaths[2]] = enginetest.HTML, enginetest.JSON(listOf("OPERATIONAL"))
	if len(s.Good(t).Page.Components) != 1 {
		t.Error("a list that has moved is not found")
	}
}

// TestNoList: a page without a list is read by its word, with a note, and a
// scope on it is unknown. Once it had one, it is not read without.
func TestNoList(t *testing.T) {
	s := enginetest.Watch(t, "instatus", answers(), now)
	r := s.Good(t)
	if len(r.Notes) != 1 || len(s.Asked) != 4 || enginetest.Judge(r.Page, now).Severity != status.Operational || enginetest.Judge(r.Page, now, "C0").Severity != status.Unknown {
		t.Errorf("%+v, notes %q, asked %q", r.Page, r.Notes, s.Asked)
	}
	if again := s.Good(t); again.Page != r.Page {
		t.Error("another page for an unchanged body")
	}
	s.Answers[listPaths[0]] = enginetest.JSON(listOf("OPERATIONAL"))
	if r := s.Good(t); len(r.Page.Components) != 1 || r.Notes != nil {
		t.Errorf("%+v, notes %q", r.Page, r.Notes)
	}
	delete(s.Answers, listPaths[0])
	if r, err := s.Poll(t); err == nil || fetch.ReasonOf(err) != fetch.HTTP4xx {
		t.Errorf("%+v, %v for a list that is gone", r.Page, err)
	}
}

// TestTroubleWithoutList: what the summary tells of trouble counts though the
// list cannot be read, and the components are as unknown as they are.
func TestTroubleWithoutList(t *testing.T) {
	trouble := enginetest.Verdict{Indicator: status.Minor, Severity: status.Degraded}
	for name, tt := range map[string]struct {
		list   enginetest.Answer
		reason fetch.Reason // where nothing tells of trouble
	}{
		"unavailable": {enginetest.Answer{Code: 503}, fetch.HTTP5xx},
		"broken":      {enginetest.JSON(`[`), fetch.Decode},
		"gone":        {enginetest.Answer{Code: 404}, fetch.HTTP4xx},
	} {
		s := enginetest.Watch(t, "instatus", answers(listPaths[0]), now)
		if name != "gone" { // without a list from the start the summary is all
			s.Answers[listPaths[0]] = tt.list
			s.Answers[summaryPath] = enginetest.JSON(summaryOf("HASISSUES", "", ""))
			if r := s.Good(t); enginetest.Judge(r.Page, now) != trouble || !r.Page.Doubtful || len(r.Page.Components) != 0 {
				t.Errorf("%s, first poll: %+v", name, r.Page)
			}
		}
		s.Answers[summaryPath], s.Answers[listPaths[0]] = enginetest.JSON(summaryOf("UP", "", "")), enginetest.JSON(listOf("OPERATIONAL", "MAJOROUTAGE"))
		s.Good(t)
		s.Answers[listPaths[0]] = tt.list
		if r, err := s.Poll(t); fetch.ReasonOf(err) != tt.reason || r.Page != nil {
			t.Errorf("%s, calm: %+v, %v", name, r.Page, err)
		}
		s.Answers[summaryPath] = enginetest.JSON(summaryOf("HASISSUES", "", ""))
		r := s.Good(t)
		if enginetest.Judge(r.Page, now) != trouble || len(r.Notes) != 1 || enginetest.Judge(r.Page, now, "C1").Severity != status.Unknown {
			t.Errorf("%s: %+v, notes %q", name, r.Page, r.Notes)
		}
		s.Answers[listPaths[0]] = enginetest.Answer{Code: 503, Header: map[string]string{"Retry-After": "60"}}
		if r, err := s.Poll(t); fetch.RetryAfter(err) != time.Minute || r.Page != nil {
			t.Errorf("%s: %+v, %v; want to be patient", name, r.Page, err)
		}
	}
}

func TestBadAnswers(t *testing.T) {
	enginetest.Watch(t, "instatus", answers(listPaths[0]), now).BadAnswers(t, summaryPath)
}

func TestBadLists(t *testing.T) {
	enginetest.Watch(t, "instatus", answers(listPaths[0]), now).BadAnswers(t, listPaths[0])
}

func FuzzDecode(f *testing.F) {
	for _, files := range [][2]string{{"summary", "components"}, {"summary", "nested"}, {"odd-summary", "odd-components"}} {
		f.Add(enginetest.Read(f, "testdata/"+files[0]+".json"), enginetest.Read(f, "testdata/"+files[1]+".json"))
	}
	f.Fuzz(func(t *testing.T, summary, components []byte) {
		from, err := decodeSummary(summary)
		if (from == nil) == (err == nil) {
			t.Fatalf("summary %v with error %v", from, err)
		}
		with, err := decodeList(components)
		if (with == nil) == (err == nil) {
			t.Fatalf("list %v with error %v", with, err)
		}
		if from == nil {
			return
		}
		if with == nil {
			with = &noList
		}
		p := makePage(from, with, home)
		enginetest.CheckPage(t, p)
		if !p.Word.Published {
			t.Errorf("word %+v", p.Word)
		}
	})
}

// TestRecorded reads the answers of a real page, where they are at hand.
func TestRecorded(t *testing.T) {
	dir := "../../../shared/payloads/instatus/"
	summary, err := os.ReadFile(dir + "perplexity-summary-up.json")
	if err != nil {
		t.Skip("no recorded answers here")
	}
	p := page(t, string(summary), string(enginetest.Read(t, dir+"perplexity-components.json")))
	if v := enginetest.Judge(p, now, "API"); v != (enginetest.Verdict{Indicator: status.None, Severity: status.Operational}) {
		t.Errorf("%+v", v)
	}
	if v := enginetest.Judge(p, now); v.Severity != status.Operational || len(p.Components) != 3 || p.UnknownWords != nil {
		t.Errorf("%+v: %+v", v, p)
	}
}
