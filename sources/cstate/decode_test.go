package cstate

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/downstatus/downstatus_exporter/internal/status"
	"github.com/downstatus/downstatus_exporter/sources"
	"github.com/downstatus/downstatus_exporter/sources/fetch"
	"github.com/downstatus/downstatus_exporter/sources/internal/enginetest"
)

// now is when the tests judge readings.
var now = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

const home = "https://status.acme.test"

func page(t testing.TB, body string) *status.Page {
	t.Helper()
	d, err := decode([]byte(body))
	if err != nil {
		t.Fatal(err)
	}
	return derive(d, home, now)
}

// index is a page with one system and its issues.
func index(summary, state, issues string) string {
	return fmt.Sprintf(`{"cStateVersion":"6.0","summaryStatus":%q,"systems":[{"name":"API","status":%q,"unresolvedIssues":[%s]},
		{"name":"Web","status":"ok","unresolvedIssues":[]},{"name":"Mail","status":"ok"}]}`, summary, state, issues)
}

func TestGolden(t *testing.T) {
	p := page(t, string(enginetest.Read(t, "testdata/down.json")))
	enginetest.Golden(t, "down", p)
	if got, want := enginetest.Judge(p, now), (enginetest.Verdict{Indicator: status.Major, Severity: status.Down}); got != want {
		t.Errorf("judged %+v, want %+v", got, want)
	}
	for scope, want := range map[string]enginetest.Verdict{
		"website": {Indicator: status.Major, Severity: status.Operational},
		"mail":    {Indicator: status.Major, Severity: status.Operational, Maintenance: true},
		"docs":    {Indicator: status.Major, Severity: status.Operational},
		"jobs":    {Indicator: status.Major, Severity: status.Down},
	} {
		if got := enginetest.Judge(p, now, scope); got != want {
			t.Errorf("%s alone: %+v, want %+v", scope, got, want)
		}
	}
}

func TestWords(t *testing.T) {
	for word, want := range map[string]struct {
		rank        status.Indicator
		maintenance bool
		missed      []string
		verdict     enginetest.Verdict
	}{
		"ok":        {status.None, false, nil, enginetest.Verdict{Indicator: status.None, Severity: status.Operational}},
		"notice":    {status.None, true, nil, enginetest.Verdict{Indicator: status.None, Severity: status.Operational, Maintenance: true}},
		"disrupted": {status.Minor, false, nil, enginetest.Verdict{Indicator: status.Minor, Severity: status.Degraded}},
		"down":      {status.Major, false, nil, enginetest.Verdict{Indicator: status.Major, Severity: status.Down}},
		"great": {status.IndicatorUnknown, false, []string{"system_status", "summary_status"},
			enginetest.Verdict{Indicator: status.IndicatorUnknown, Severity: status.Unknown}},
	} {
		p := page(t, index(word, word, ""))
		if want := (status.Word{Published: true, Rank: want.rank, Maintenance: want.maintenance}); p.Word != want {
			t.Errorf("%s: word %+v, want %+v", word, p.Word, want)
		}
		if c := p.Components[0]; c.Rank != want.rank || c.Maintenance != want.maintenance {
			t.Errorf("%s: system %+v", word, c)
		}
		if !cmp.Equal(want.missed, p.UnknownWords) {
			t.Errorf("%s: unknown words %q, want %q", word, p.UnknownWords, want.missed)
		}
		if got := enginetest.Judge(p, now); got != want.verdict {
			t.Errorf("%s: judged %+v, want %+v", word, got, want.verdict)
		}
	}
}

func TestSeverities(t *testing.T) {
	for severity, want := range map[string]struct {
		impact status.Indicator
		missed []string
	}{
		"disrupted":  {status.Minor, nil},
		"down":       {status.Major, nil},
		"ok":         {status.Minor, []string{"severity"}},
		"<no value>": {status.Minor, []string{"severity"}},
		"":           {status.Minor, []string{"severity"}},
	} {
		p := page(t, index("ok", "ok", fmt.Sprintf(`{"title":"x","severity":%q,"resolvedAt":"<no value>","resolved":false}`, severity)))
		want1 := []status.Incident{{ID: "x", Title: "x", Impact: want.impact,
			Components: []status.ComponentRef{{ID: "API", Name: "API", Rank: status.IndicatorUnknown}}}}
		if diff := cmp.Diff(want1, p.Incidents); diff != "" {
			t.Errorf("%q: incidents (-want +got):\n%s", severity, diff)
		}
		if !cmp.Equal(want.missed, p.UnknownWords) {
			t.Errorf("%q: unknown words %q", severity, p.UnknownWords)
		}
		if got := enginetest.Judge(p, now).Severity; !got.Trouble() {
			t.Errorf("%q: judged %v although the issue is open", severity, got)
		}
	}
	if p := page(t, index("ok", "ok", `{"title":"x","severity":"down","resolved":true}`)); p.Incidents != nil {
		t.Errorf("a resolved issue is open: %+v", p.Incidents)
	}
}

// TestNotices: planned work is maintenance from its date on; a remark is none.
func TestNotices(t *testing.T) {
	const at = `{"title":"x","severity":"notice","createdAt":"%s +0000 UTC","informational":%t}`
	past, ahead := "2026-11-22 11:00:00", "2026-11-23 11:00:00"
	for name, c := range map[string]struct {
		issues      string
		maintenance bool
		states      []status.WindowState
	}{
		"under way":            {fmt.Sprintf(at, past, false), true, []status.WindowState{status.InProgress}},
		"dated ahead":          {fmt.Sprintf(at, ahead, false), false, []status.WindowState{status.Scheduled}},
		"informational":        {fmt.Sprintf(at, past, true), false, nil},
		"informational beside": {fmt.Sprintf(at, past, true) + "," + fmt.Sprintf(strings.Replace(at, "x", "y", 1), past, false), true, []status.WindowState{status.InProgress}},
		"without a date":       {`{"title":"x","severity":"notice"}`, true, []status.WindowState{status.InProgress}},
		"nothing listed":       {``, true, nil},
	} {
		p := page(t, index("notice", "notice", c.issues))
		var states []status.WindowState
		for _, w := range p.Windows {
			states = append(states, w.State)
		}
		if p.Word.Maintenance != c.maintenance || p.Components[0].Maintenance != c.maintenance || !cmp.Equal(c.states, states) {
			t.Errorf("%s: word %+v, system %+v, windows %+v", name, p.Word, p.Components[0], p.Windows)
		}
		if got := enginetest.Judge(p, now); got.Severity != status.Operational || got.Maintenance != c.maintenance {
			t.Errorf("%s: judged %+v", name, got)
		}
	}
}

func TestTimes(t *testing.T) {
	want := time.Date(2024, 12, 27, 9, 43, 40, 482e6, time.UTC)
	for raw, want := range map[sources.Str]time.Time{
		"2024-12-27 09:43:40.482 +0000 UTC":    want,
		"2024-12-27 10:43:40.482999 +0100 CET": want,
		"2024-12-27 04:43:40.482 -0500 EST":    want,
		"2024-12-27 10:43:40.482 +0100 +0100":  want,
		"2024-12-27 10:43:40.482 +0100":        want,
		"<no value>":                           {},
		"":                                     {},
	} {
		if got, ok := instant(raw); !ok || !got.Equal(want) {
			t.Errorf("%q: %v, %v; want %v", raw, got, ok, want)
		}
	}
	for _, raw := range []sources.Str{"2024-12-27 09:43:40", "2024-12-27 09:43:40 CET", "soon"} {
		if got, ok := instant(raw); ok || !got.IsZero() {
			t.Errorf("%q: %v, although it names no instant", raw, got)
		}
	}
	p := page(t, index("down", "down", `{"title":"x","severity":"down","createdAt":"2024-12-27 09:43:40"}`))
	if !p.Incidents[0].Started.IsZero() || !cmp.Equal(p.UnknownWords, []string{"created_at"}) {
		t.Errorf("without a zone: started %v, unknown words %q", p.Incidents[0].Started, p.UnknownWords)
	}
}

// TestQuoteInTitle: the file is put together without escaping, so that the
// title `The "new" disks` makes it anything but JSON.
func TestQuoteInTitle(t *testing.T) {
	body := index("ok", "ok", `{"title":"The "new" disks","severity":"notice"}`)
	if d, err := decode([]byte(body)); err == nil || fetch.ReasonOf(err) != fetch.Decode || d != nil {
		t.Errorf("document %+v, error %v; want none and reason decode", d, err)
	}
}

// TestIncomplete: what tells of trouble counts although the rest is missing.
func TestIncomplete(t *testing.T) {
	for body, want := range map[string]enginetest.Verdict{
		`{"cStateVersion":"6.0","summaryStatus":"down"}`:                             {Indicator: status.Major, Severity: status.Down},
		`{"cStateVersion":"6.0","systems":[{"name":"A","status":"down"}]}`:           {Indicator: status.IndicatorUnknown, Severity: status.Down},
		`{"cStateVersion":"6.0","summaryStatus":"ok","systems":[{"status":"down"}]}`: {Indicator: status.None, Severity: status.Down},
	} {
		if got := enginetest.Judge(page(t, body), now); got != want {
			t.Errorf("%s: %+v, want %+v", body, got, want)
		}
	}
}

// TestHistory: the list of all issues tells what is over, and when it ended.
func TestHistory(t *testing.T) {
	got, err := decodeHistory(enginetest.Read(t, "testdata/issues.json"))
	if err != nil {
		t.Fatal(err)
	}
	at := func(hour, minute int) time.Time { return time.Date(2026, 11, 20, hour, minute, 0, 0, time.UTC) }
	ref := func(name string) []status.ComponentRef {
		return []status.ComponentRef{{ID: name, Name: name, Rank: status.IndicatorUnknown}}
	}
	link := func(name string) string { return "https://status.acme.test/issues/" + name + "/" }
	want := []status.Incident{
		{ID: link("open"), Title: "Slow", URL: link("open"), Impact: status.Minor, Components: ref("API"), Started: at(8, 0)},
		{ID: link("zone"), Title: "Broken", URL: link("zone"), Impact: status.Major, Over: true, Components: ref("API"), Started: at(6, 0), Resolved: at(7, 30)},
		{ID: link("full"), Title: "Broken twice", URL: link("full"), Impact: status.Major, Over: true, Started: at(9, 0), Resolved: at(9, 45)},
		{ID: link("backwards"), Title: "Written later", URL: link("backwards"), Impact: status.Minor, Over: true, Started: at(9, 0), Resolved: at(9, 0)},
		{ID: link("endless"), Title: "No end given", URL: link("endless"), Impact: status.Minor, Over: true, Started: at(9, 0)},
		{ID: link("nonsense"), Title: "No time at all", URL: link("nonsense"), Impact: status.Minor, Over: true},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	for body, reason := range map[string]fetch.Reason{`{}`: fetch.Shape, `[]`: fetch.Shape, `{"pages":`: fetch.Decode} {
		if _, err := decodeHistory([]byte(body)); err == nil || fetch.ReasonOf(err) != reason {
			t.Errorf("%s: %v, want %s", body, err, reason)
		}
	}
}

// TestEnds: past issues are asked for once, and again when one has left the
// index. Those whose end is not told are of no use.
func TestEnds(t *testing.T) {
	server := enginetest.Serve(t, map[string]string{
		documentPath: index("down", "down", `{"title":"Slow","permalink":"https://status.acme.test/issues/zone/","severity":"down"}`),
		historyPath:  string(enginetest.Read(t, "testdata/issues.json")),
	})
	s := server.Open(t, "cstate", nil)
	if r, asked := server.Poll(t, s, now); len(r.Ended) != 2 || len(asked) != 2 {
		t.Errorf("ended %+v, asked %q", r.Ended, asked)
	}
	if r, asked := server.Poll(t, s, now); r.Ended != nil || len(asked) != 1 {
		t.Errorf("ended %+v, asked %q", r.Ended, asked)
	}
	server.Say(documentPath, index("ok", "ok", ""))
	if r, asked := server.Poll(t, s, now); len(r.Ended) != 3 || len(asked) != 2 {
		t.Errorf("ended %+v", r.Ended)
	}
}

// TestNoHistory: that it cannot be read spoils nothing, and is given up.
func TestNoHistory(t *testing.T) {
	server := enginetest.Serve(t, map[string]string{documentPath: index("ok", "ok", "")})
	s := server.Open(t, "cstate", nil)
	for range 3 {
		if r, _ := server.Poll(t, s, now); r.Page == nil || len(r.Notes) != 1 {
			t.Errorf("%+v", r)
		}
	}
	if r, asked := server.Poll(t, s, now); r.Notes != nil || len(asked) != 1 {
		t.Errorf("notes %q, asked %q", r.Notes, asked)
	}
}

func TestRefused(t *testing.T) {
	for _, body := range []string{
		`{"summaryStatus":"ok","systems":[]}`,
		`{"cStateVersion":"6.0","systems":[]}`,
		`{"cStateVersion":"6.0","summaryStatus":"ok"}`,
		`{"cStateVersion":"6.0","summaryStatus":"ok","systems":{}}`,
		`{"cStateVersion":"6.0","summaryStatus":null,"systems":[]}`,
	} {
		if _, err := decode([]byte(body)); err == nil || fetch.ReasonOf(err) != fetch.Shape {
			t.Errorf("%s: %v, want reason shape", body, err)
		}
	}
}

func TestPoll(t *testing.T) {
	server := enginetest.Serve(t, map[string]string{documentPath: string(enginetest.Read(t, "testdata/down.json"))})
	s := server.OpenAt(t, "cstate", documentPath, nil)
	if first := enginetest.Poll(t, s, now).Page; first.URL != server.URL || first.Name != "Acme Status" {
		t.Errorf("page %+v", first)
	}
	server.SurvivesJSON(t, s, documentPath, now)
}

// TestWindowOpensBetweenPolls: the file does not change when the day comes.
func TestWindowOpensBetweenPolls(t *testing.T) {
	body := index("notice", "notice", `{"title":"x","severity":"notice","createdAt":"2026-11-22 12:30:00 +0000 UTC"}`)
	server := enginetest.Serve(t, map[string]string{documentPath: body})
	s := server.Open(t, "cstate", nil)
	var got []bool
	for _, after := range []time.Duration{0, 29 * time.Minute, 31 * time.Minute} {
		now := now.Add(after)
		r, err := s.Poll(t.Context(), now)
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, status.Judge(r.Page, status.Scope{}, now).Maintenance)
	}
	if diff := cmp.Diff([]bool{false, false, true}, got); diff != "" {
		t.Errorf("maintenance (-want +got):\n%s", diff)
	}
}

func TestRecorded(t *testing.T) {
	p := page(t, string(enginetest.Read(t, filepath.Join(enginetest.Recorded(t, "cstate"), "local-down-index.json"))))
	want := enginetest.Verdict{Indicator: status.Major, Severity: status.Down}
	if got := enginetest.Judge(p, now); got != want || p.UnknownWords != nil || len(p.Incidents) != 2 || len(p.Windows) != 1 {
		t.Errorf("judged %+v, want %+v; unknown words %q, %d incidents, %d windows", got, want, p.UnknownWords, len(p.Incidents), len(p.Windows))
	}
}

func FuzzDecode(f *testing.F) {
	f.Add(enginetest.Read(f, "testdata/down.json"))
	f.Add([]byte(index("notice", "", `null,{"severity":1,"affected":[null,"",2],"createdAt":"  "},{}`)))
	f.Fuzz(func(t *testing.T, body []byte) {
		d, err := decode(body)
		if err != nil {
			return
		}
		p := derive(d, home, now)
		enginetest.CheckPage(t, p)
		if !p.Word.Published || p.Word.Maintenance && p.Word.Rank != status.None {
			t.Errorf("word %+v", p.Word)
		}
	})
}
