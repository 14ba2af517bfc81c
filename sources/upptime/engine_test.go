package upptime

import (
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/downstatus/downstatus_exporter/internal/status"
	"github.com/downstatus/downstatus_exporter/sources"
	"github.com/downstatus/downstatus_exporter/sources/internal/enginetest"
)

// now is when the tests judge readings.
var now = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

const home = "https://github.com/acme/status"

func page(t testing.TB, body string) *status.Page {
	t.Helper()
	all, err := decode([]byte(body))
	if err != nil {
		t.Fatal(err)
	}
	return derive(all, home)
}

func TestGolden(t *testing.T) {
	p := page(t, string(enginetest.Read(t, "testdata/summary.json")))
	enginetest.Golden(t, "summary", p)
	want := enginetest.Verdict{Indicator: status.Minor, Severity: status.Degraded} // one of four down, two in trouble
	if got := enginetest.Judge(p, now); got != want {
		t.Errorf("judged %+v, want %+v", got, want)
	}
	if got := enginetest.Judge(p, now, "acme-api"); got.Severity != status.Down {
		t.Errorf("the API alone: %+v, want down", got)
	}
	if got := enginetest.Judge(p, now, "Acme Docs"); got.Severity != status.Unknown {
		t.Errorf("the one with an odd word: %+v, want unknown", got)
	}
}

func TestWords(t *testing.T) {
	for word, want := range map[string]struct {
		rank   status.Indicator
		missed int
	}{
		`"up"`:       {status.None, 0},
		`"degraded"`: {status.Minor, 0},
		`"down"`:     {status.Major, 0},
		`"Up"`:       {status.IndicatorUnknown, 1},
		`"paused"`:   {status.IndicatorUnknown, 1},
		`1`:          {status.IndicatorUnknown, 1},
	} {
		p := page(t, fmt.Sprintf(`[{"slug":"a","status":%s},{"slug":"b","status":"up"}]`, word))
		if p.Components[0].Rank != want.rank || len(p.UnknownWords) != want.missed {
			t.Errorf("%s: %+v, unknown words %q", word, p.Components[0], p.UnknownWords)
		}
	}
}

func TestJudged(t *testing.T) {
	for name, c := range map[string]struct {
		words []string
		want  enginetest.Verdict
	}{
		"calm":          {[]string{"up", "up"}, enginetest.Verdict{Indicator: status.None, Severity: status.Operational}},
		"slow":          {[]string{"up", "up", "degraded"}, enginetest.Verdict{Indicator: status.Minor, Severity: status.Degraded}},
		"one of three":  {[]string{"up", "up", "down"}, enginetest.Verdict{Indicator: status.Minor, Severity: status.Degraded}},
		"half":          {[]string{"up", "down"}, enginetest.Verdict{Indicator: status.Major, Severity: status.Down}},
		"all":           {[]string{"down", "down"}, enginetest.Verdict{Indicator: status.Critical, Severity: status.Down}},
		"no word known": {[]string{"odd", "odd"}, enginetest.Verdict{Indicator: status.IndicatorUnknown, Severity: status.Unknown}},
	} {
		body := ""
		for i, w := range c.words {
			body += fmt.Sprintf(`,{"slug":"%d","status":%q}`, i, w)
		}
		if got := enginetest.Judge(page(t, "["+body[1:]+"]"), now); got != c.want {
			t.Errorf("%s: %+v, want %+v", name, got, c.want)
		}
	}
}

func TestIdentity(t *testing.T) {
	p := page(t, `[{"name":"A","status":"up"},{"slug":"b","status":"up"},{"name":"B","slug":"b","status":"up"},null]`)
	var got []string
	for _, c := range p.Components {
		got = append(got, c.ID+" "+c.Name)
	}
	if diff := cmp.Diff([]string{"A A", "b b", "b #2 B"}, got); diff != "" {
		t.Errorf("components (-want +got):\n%s", diff)
	}
}

func TestTarget(t *testing.T) {
	const raw = "https://raw.githubusercontent.com/acme/status/"
	for url, want := range map[string][2]string{
		"github.com/acme/status":              {"github.com/acme/status", raw + "HEAD/history/summary.json"},
		"https://github.com/acme/status.git/": {"github.com/acme/status", raw + "HEAD/history/summary.json"},
		"https://www.github.com/acme/status":  {"github.com/acme/status", raw + "HEAD/history/summary.json"},
		home + "/issues":                      {"github.com/acme/status", raw + "HEAD/history/summary.json"},
		home + "/tree/main":                   {"github.com/acme/status", raw + "main/history/summary.json"},
		home + "/blob/a/b" + documentPath:     {"github.com/acme/status", raw + "a/b/history/summary.json"},
		raw + "main/history/summary.json":     {"github.com/acme/status", raw + "main/history/summary.json"},
		"https://status.acme.test/":           {"status.acme.test", "https://status.acme.test/history/summary.json"},
		"https://acme.test/up" + documentPath: {"acme.test/up", "https://acme.test/up/history/summary.json"},
	} {
		got, err := target(sources.Config{URL: url})
		if err != nil || got.Name() != want[0] || got.Document.String() != want[1] {
			t.Errorf("%s: %s at %s, %v; want %q", url, got.Name(), got.Document, err, want)
		}
	}
	for _, url := range []string{"", "ftp://acme.test", "https://github.com/acme", "https://github.com", raw[:len(raw)-1]} {
		if got, err := target(sources.Config{URL: url}); err == nil {
			t.Errorf("%q: no error, document %s", url, got.Document)
		}
	}
}

// TestOddEntries: beside sites, what is not quite one is kept.
func TestOddEntries(t *testing.T) {
	p := page(t, `[{"slug":"a","status":"up"},{"name":"B"},{"status":"down"}]`)
	want := []status.Component{
		{ID: "a", Name: "a", Rank: status.None},
		{ID: "B", Name: "B", Rank: status.IndicatorUnknown},
		{ID: "site", Name: "site", Rank: status.Major},
	}
	if diff := cmp.Diff(want, p.Components); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"component_status", "site_id"}, p.UnknownWords); diff != "" {
		t.Error(diff)
	}
}

func TestPoll(t *testing.T) {
	server := enginetest.Serve(t, map[string]string{documentPath: string(enginetest.Read(t, "testdata/summary.json"))})
	s := server.Open(t, "upptime", nil)
	first := enginetest.Poll(t, s, now).Page
	if first.URL != server.URL || len(first.Components) != 5 {
		t.Errorf("page %+v", first)
	}
	server.SurvivesJSON(t, s, documentPath, now)
	server.Answers[documentPath] = enginetest.Answer{Media: "text/plain; charset=utf-8", Body: `[{"slug":"a","status":"up","time":80}]`}
	second := enginetest.Poll(t, s, now).Page
	server.Say(documentPath, `[{"slug":"a","status":"up","time":81}]`)
	if third := enginetest.Poll(t, s, now).Page; second == first || third != second {
		t.Error("a page is new exactly where it says something new")
	}
}

func TestRecorded(t *testing.T) {
	p := page(t, string(enginetest.Read(t, filepath.Join(enginetest.Recorded(t, "upptime"), "seklfreak-summary.json"))))
	want := enginetest.Verdict{Indicator: status.Minor, Severity: status.Degraded}
	if got := enginetest.Judge(p, now); got != want || p.UnknownWords != nil {
		t.Errorf("judged %+v, want %+v; unknown words %q", got, want, p.UnknownWords)
	}
}

func FuzzDecode(f *testing.F) {
	f.Add(enginetest.Read(f, "testdata/summary.json"))
	f.Add([]byte(`[null,{"name":7,"status":true},{"slug":"a","status":"up"},{"slug":"a","status":"up"}]`))
	f.Fuzz(func(t *testing.T, body []byte) {
		all, err := decode(body)
		if err != nil {
			return
		}
		p := derive(all, home)
		enginetest.CheckPage(t, p)
		if len(p.Components) != len(all) || p.Word.Published {
			t.Errorf("page %+v", p)
		}
	})
}
