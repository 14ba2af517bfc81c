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
	"github.com/downstatus/downstatus_exporter/sources/internal/pagetest"
)

const home = "https://status.acme.test"

func page(t testing.TB, body string) *status.Page {
	t.Helper()
	d, err := decode([]byte(body))
	if err != nil {
		t.Fatal(err)
	}
	return derive(d, home, pagetest.Now)
}

// index is a page with one system and its issues.
func index(summary, state, issues string) string {
	return fmt.Sprintf(`{"cStateVersion":"6.0","summaryStatus":%q,"systems":[{"name":"API","status":%q,"unresolvedIssues":[%s]},
		{"name":"Web","status":"ok","unresolvedIssues":[]},{"name":"Mail","status":"ok"}]}`, summary, state, issues)
}

func TestGolden(t *testing.T) {
	p := page(t, string(pagetest.Read(t, "testdata/down.json")))
	pagetest.Golden(t, "testdata/down.golden.json", p)
	if got, want := pagetest.Judge(p), (pagetest.Verdict{Indicator: status.Major, Severity: status.Down}); got != want {
		t.Errorf("judged %+v, want %+v", got, want)
	}
	for scope, want := range map[string]pagetest.Verdict{
		"website": {Indicator: status.Major, Severity: status.Operational},
		"mail":    {Indicator: status.Major, Severity: status.Operational, Maintenance: true},
		"docs":    {Indicator: status.Major, Severity: status.Operational},
		"jobs":    {Indicator: status.Major, Severity: status.Down},
	} {
		if got := pagetest.Scoped(p, scope); got != want {
			t.Errorf("%s alone: %+v, want %+v", scope, got, want)
		}
	}
}

func TestWords(t *testing.T) {
	for word, want := range map[string]struct {
		rank        status.Indicator
		maintenance bool
		missed      []string
		verdict     pagetest.Verdict
	}{
		"ok":        {status.None, false, nil, pagetest.Verdict{Indicator: status.None, Severity: status.Operational}},
		"notice":    {status.None, true, nil, pagetest.Verdict{Indicator: status.None, Severity: status.Operational, Maintenance: true}},
		"disrupted": {status.Minor, false, nil, pagetest.Verdict{Indicator: status.Minor, Severity: status.Degraded}},
		"down":      {status.Major, false, nil, pagetest.Verdict{Indicator: status.Major, Severity: status.Down}},
		"great": {status.IndicatorUnknown, false, []string{"system_status", "summary_status"},
			pagetest.Verdict{Indicator: status.IndicatorUnknown, Severity: status.Unknown}},
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
		if got := pagetest.Judge(p); got != want.verdict {
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
		if got := pagetest.Judge(p).Severity; !got.Trouble() {
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
		if got := pagetest.Judge(p); got.Severity != status.Operational || got.Maintenance != c.maintenance {
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

func TestRefused(t *testing.T) {
	for _, body := range []string{
		`{"summaryStatus":"ok","systems":[]}`,
		`{"cStateVersion":"6.0","systems":[]}`,
		`{"cStateVersion":"6.0","summaryStatus":"ok"}`,
		`{"cStateVersion":"6.0","summaryStatus":"ok","systems":{}}`,
		`{"cStateVersion":"6.0","summaryStatus":"ok","systems":[{"status":"ok"}]}`,
		`{"cStateVersion":"6.0","summaryStatus":null,"systems":[]}`,
	} {
		if _, err := decode([]byte(body)); err == nil || fetch.ReasonOf(err) != fetch.Shape {
			t.Errorf("%s: %v, want reason shape", body, err)
		}
	}
}

func TestPoll(t *testing.T) {
	server := pagetest.Serve(t, map[string]string{documentPath: string(pagetest.Read(t, "testdata/down.json"))})
	s := pagetest.Open(t, "cstate", sources.Config{URL: server.URL + documentPath})
	if first := pagetest.Poll(t, s); first.URL != server.URL || first.Name != "Acme Status" {
		t.Errorf("page %+v", first)
	}
	pagetest.Refuses(t, server, documentPath, s)
}

// TestWindowOpensBetweenPolls: the file does not change when the day comes.
func TestWindowOpensBetweenPolls(t *testing.T) {
	body := index("notice", "notice", `{"title":"x","severity":"notice","createdAt":"2026-11-22 12:30:00 +0000 UTC"}`)
	server := pagetest.Serve(t, map[string]string{documentPath: body})
	s := pagetest.Open(t, "cstate", sources.Config{URL: server.URL})
	var got []bool
	for _, after := range []time.Duration{0, 29 * time.Minute, 31 * time.Minute} {
		now := pagetest.Now.Add(after)
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
	p := page(t, string(pagetest.Read(t, filepath.Join(pagetest.Recorded(t, "cstate"), "local-down-index.json"))))
	want := pagetest.Verdict{Indicator: status.Major, Severity: status.Down}
	if got := pagetest.Judge(p); got != want || p.UnknownWords != nil || len(p.Incidents) != 2 || len(p.Windows) != 1 {
		t.Errorf("judged %+v, want %+v; unknown words %q, %d incidents, %d windows", got, want, p.UnknownWords, len(p.Incidents), len(p.Windows))
	}
}

func FuzzDecode(f *testing.F) {
	f.Add(pagetest.Read(f, "testdata/down.json"))
	f.Add([]byte(index("notice", "", `null,{"severity":1,"affected":[null,"",2],"createdAt":"  "},{}`)))
	f.Fuzz(func(t *testing.T, body []byte) {
		d, err := decode(body)
		if err != nil {
			return
		}
		p := derive(d, home, pagetest.Now)
		pagetest.Check(t, p)
		if !p.Word.Published || p.Word.Maintenance && p.Word.Rank != status.None {
			t.Errorf("word %+v", p.Word)
		}
	})
}
