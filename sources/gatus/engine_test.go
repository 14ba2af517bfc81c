package gatus

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

const home = "https://status.acme.test"

func page(t testing.TB, body string) *status.Page {
	t.Helper()
	all, err := decode([]byte(body))
	if err != nil {
		t.Fatal(err)
	}
	return derive(all, home)
}

func TestGolden(t *testing.T) {
	p := page(t, string(enginetest.Read(t, "testdata/statuses.json")))
	enginetest.Golden(t, "statuses", p)
	want := enginetest.Verdict{Indicator: status.Minor, Severity: status.Degraded} // one of three
	if got := enginetest.Judge(p, now); got != want {
		t.Errorf("judged %+v, want %+v", got, want)
	}
	if got := enginetest.Judge(p, now, "api"); got.Severity != status.Down {
		t.Errorf("the api alone: %+v, want down", got)
	}
	if got := enginetest.Judge(p, now, "internal"); got.Severity != status.Unknown {
		t.Errorf("the group that was never checked: %+v, want unknown", got)
	}
}

func TestSuccess(t *testing.T) {
	for success, want := range map[string]struct {
		rank   status.Indicator
		missed int
	}{
		`true`:    {status.None, 0},
		`false`:   {status.Major, 0},
		`"false"`: {status.Major, 0},
		`null`:    {status.IndicatorUnknown, 1},
		`"maybe"`: {status.IndicatorUnknown, 1},
		`1`:       {status.IndicatorUnknown, 1},
	} {
		p := page(t, fmt.Sprintf(`[{"key":"a","results":[{"success":%s}]},{"key":"b","results":[{"success":true}]}]`, success))
		if p.Components[0].Rank != want.rank || len(p.UnknownWords) != want.missed {
			t.Errorf("success %s: %+v, unknown words %q", success, p.Components[0], p.UnknownWords)
		}
	}
}

func TestNewestResult(t *testing.T) {
	const up, down = `"success":true`, `"success":false`
	for name, c := range map[string]struct {
		results string
		want    status.Indicator
	}{
		"oldest first":      {`{` + up + `,"timestamp":"2026-11-22T10:00:00Z"},{` + down + `,"timestamp":"2026-11-22T10:01:00Z"}`, status.Major},
		"newest first":      {`{` + down + `,"timestamp":"2026-11-22T10:01:00Z"},{` + up + `,"timestamp":"2026-11-22T10:00:00Z"}`, status.Major},
		"another zone":      {`{` + down + `,"timestamp":"2026-11-22T10:01:00Z"},{` + up + `,"timestamp":"2026-11-22T10:30:00+01:00"}`, status.Major},
		"equal times":       {`{` + up + `,"timestamp":"2026-11-22T10:00:00Z"},{` + down + `,"timestamp":"2026-11-22T10:00:00Z"}`, status.Major},
		"without times":     {`{` + up + `},{` + down + `}`, status.Major},
		"odd time":          {`{` + up + `,"timestamp":"2026-11-22T10:00:00Z"},{` + down + `,"timestamp":"today"}`, status.Major},
		"null in the list":  {`null,{` + down + `},null`, status.Major},
		"before any check":  {``, status.IndicatorUnknown},
		"nothing but nulls": {`null`, status.IndicatorUnknown},
	} {
		p := page(t, `[{"key":"a","results":[`+c.results+`]},{"key":"b","results":[{"success":true}]}]`)
		if got := p.Components[0].Rank; got != c.want || p.UnknownWords != nil {
			t.Errorf("%s: %v, want %v; unknown words %q", name, got, c.want, p.UnknownWords)
		}
	}
}

func TestJudged(t *testing.T) {
	const up, down, never = `[{"success":true}]`, `[{"success":false}]`, `[]`
	for name, c := range map[string]struct {
		results []string
		want    enginetest.Verdict
	}{
		"calm":          {[]string{up, up, never}, enginetest.Verdict{Indicator: status.None, Severity: status.Operational}},
		"one of three":  {[]string{up, up, down}, enginetest.Verdict{Indicator: status.Minor, Severity: status.Degraded}},
		"half":          {[]string{up, down}, enginetest.Verdict{Indicator: status.Major, Severity: status.Down}},
		"all":           {[]string{down, down, never}, enginetest.Verdict{Indicator: status.Critical, Severity: status.Down}},
		"never checked": {[]string{never, never}, enginetest.Verdict{Indicator: status.IndicatorUnknown, Severity: status.Unknown}},
	} {
		body := ""
		for i, r := range c.results {
			body += fmt.Sprintf(`,{"key":"%d","results":%s}`, i, r)
		}
		if got := enginetest.Judge(page(t, "["+body[1:]+"]"), now); got != c.want {
			t.Errorf("%s: %+v, want %+v", name, got, c.want)
		}
	}
}

// TestSameKey: endpoints of remote instances may come with keys that are taken.
func TestSameKey(t *testing.T) {
	p := page(t, `[{"key":"_a","name":"a","results":[]},{"key":"_a","name":"remote-a","results":[]},{"key":"_b","results":null}]`)
	var got []string
	for _, c := range p.Components {
		got = append(got, c.ID+" "+c.Name)
	}
	if diff := cmp.Diff([]string{"_a a", "_a #2 remote-a", "_b _b"}, got); diff != "" {
		t.Errorf("components (-want +got):\n%s", diff)
	}
}

func TestTarget(t *testing.T) {
	e, _ := sources.Lookup("gatus")
	for url, name := range map[string]string{
		"https://status.acme.test/":               "status.acme.test",
		"status.acme.test/gatus" + documentPath:   "status.acme.test/gatus",
		"https://status.acme.test" + documentPath: "status.acme.test",
	} {
		got, err := e.Target(sources.Config{URL: url})
		if err != nil || got.Name() != name || got.Document.String() != "https://"+name+documentPath {
			t.Errorf("%s: %s at %s, %v", url, got.Name(), got.Document, err)
		}
	}
}

// TestOddEntries: beside endpoints, what is not quite one is kept.
func TestOddEntries(t *testing.T) {
	p := page(t, `[{"key":"a","results":[{"success":true}]},{"name":"B","results":[{"success":false}]},{"key":"c"},{"results":[{"success":"maybe"}]}]`)
	want := []status.Component{
		{ID: "a", Name: "a", Rank: status.None},
		{ID: "B", Name: "B", Rank: status.Major},
		{ID: "c", Name: "c", Rank: status.IndicatorUnknown},
		{ID: "endpoint", Name: "endpoint", Rank: status.IndicatorUnknown},
	}
	if diff := cmp.Diff(want, p.Components); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"endpoint_id", "success"}, p.UnknownWords); diff != "" {
		t.Error(diff)
	}
}

func TestPoll(t *testing.T) {
	server := enginetest.Serve(t, map[string]string{documentPath: string(enginetest.Read(t, "testdata/statuses.json"))})
	s := server.Open(t, "gatus", nil)
	first := enginetest.Poll(t, s, now).Page
	if first.URL != server.URL || len(first.Components) != 4 {
		t.Errorf("page %+v", first)
	}
	server.SurvivesJSON(t, s, documentPath, now)
	server.Say(documentPath, `[{"key":"a","results":[{"success":true,"timestamp":"2026-11-22T10:00:00Z"}]}]`)
	second := enginetest.Poll(t, s, now).Page
	server.Say(documentPath, `[{"key":"a","results":[{"success":true,"timestamp":"2026-11-22T10:01:00Z"}]}]`)
	if third := enginetest.Poll(t, s, now).Page; second == first || third != second {
		t.Error("a page is new exactly where it says something new")
	}
}

func TestRecorded(t *testing.T) {
	p := page(t, string(enginetest.Read(t, filepath.Join(enginetest.Recorded(t, "gatus"), "statuses.json"))))
	want := enginetest.Verdict{Indicator: status.Major, Severity: status.Down}
	if got := enginetest.Judge(p, now); got != want || p.UnknownWords != nil {
		t.Errorf("judged %+v, want %+v; unknown words %q", got, want, p.UnknownWords)
	}
}

func FuzzDecode(f *testing.F) {
	f.Add(enginetest.Read(f, "testdata/statuses.json"))
	f.Add([]byte(`[{"key":1,"results":[null,{"success":"true","timestamp":3}]},null]`))
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
