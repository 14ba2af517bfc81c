package uptimekuma

import (
	"fmt"
	"net/http"
	"path/filepath"
	"slices"
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

const home = "https://status.acme.test/status/acme"

func page(t testing.TB, doc, beats string) *status.Page {
	t.Helper()
	d, err := decodePage([]byte(doc))
	if err != nil {
		t.Fatal(err)
	}
	b, err := decodeBeats([]byte(beats))
	if err != nil {
		t.Fatal(err)
	}
	return derive(d, b, home)
}

// with is a page of the monitors 1 and 2, of which the latter is up, and more.
func with(t testing.TB, more, beats string) *status.Page {
	t.Helper()
	return page(t,
		`{"config":{"slug":"acme"},"publicGroupList":[{"id":1,"name":"All","monitorList":[{"id":1,"name":"A"},{"id":2,"name":"B"}]}]`+more+`}`,
		`{"heartbeatList":{"1":[`+beats+`],"2":[{"status":1,"time":"2026-11-22 11:58:00"}]}}`)
}

func TestGolden(t *testing.T) {
	p := page(t, string(enginetest.Read(t, "testdata/page.json")), string(enginetest.Read(t, "testdata/beats.json")))
	enginetest.Golden(t, "page", p)
	// One of four that count is down, beside an incident: no more than major.
	want := enginetest.Verdict{Indicator: status.Major, Severity: status.Down, Maintenance: true}
	if got := enginetest.Judge(p, now); got != want {
		t.Errorf("judged %+v, want %+v", got, want)
	}
	for scope, want := range map[string]enginetest.Verdict{
		"shop":   {Indicator: status.Minor, Severity: status.Degraded}, // the incident names nothing
		"search": {Indicator: status.Major, Severity: status.Down},
		"queue":  {Indicator: status.Minor, Severity: status.Degraded, Maintenance: true},
	} {
		if got := enginetest.Judge(p, now, scope); got != want {
			t.Errorf("%s alone: %+v, want %+v", scope, got, want)
		}
	}
}

func TestHeartbeats(t *testing.T) {
	const unknown = status.IndicatorUnknown
	at := func(status, time string) string { return fmt.Sprintf(`{"status":%s,"time":%q}`, status, time) }
	for name, c := range map[string]struct {
		beats       string
		rank        status.Indicator
		maintenance bool
		missed      int
	}{
		"down":                {at("0", "2026-11-22 11:58:00"), status.Major, false, 0},
		"up":                  {at("1", "2026-11-22 11:58:00"), status.None, false, 0},
		"as text":             {at(`"0"`, "2026-11-22 11:58:00"), status.Major, false, 0},
		"maintenance":         {at("3", "2026-11-22 11:58:00"), status.None, true, 0},
		"another number":      {at("4", "2026-11-22 11:58:00"), unknown, false, 1},
		"no number":           {at("null", "2026-11-22 11:58:00"), unknown, false, 1},
		"pending alone":       {at("2", "2026-11-22 11:58:00"), unknown, false, 0},
		"pending after up":    {at("1", "2026-11-22 11:57:00") + "," + at("2", "2026-11-22 11:58:00"), status.None, false, 0},
		"pending after down":  {at("0", "2026-11-22 11:57:00") + "," + at("2", "2026-11-22 11:58:00"), status.Major, false, 0},
		"newest last":         {at("1", "2026-11-22 11:57:00.5") + "," + at("0", "2026-11-22 11:57:00.6"), status.Major, false, 0},
		"newest first":        {at("0", "2026-11-22 11:58:00") + "," + at("1", "2026-11-22 11:57:00"), status.Major, false, 0},
		"equal times":         {at("1", "2026-11-22 11:58:00") + "," + at("0", "2026-11-22 11:58:00"), status.Major, false, 0},
		"without times":       {`{"status":1},{"status":0}`, status.Major, false, 0},
		"times with a zone":   {at("0", "2026-11-22T11:58:00.000Z") + "," + at("1", "2026-11-22 11:57:00"), status.Major, false, 0},
		"padded with zeroes":  {`0,0,` + at("1", "2026-11-22 11:58:00") + `,0,null`, status.None, false, 0},
		"nothing but padding": {`0,0`, unknown, false, 0},
		"before the first":    {``, unknown, false, 0},
	} {
		p := with(t, "", c.beats)
		got := p.Components[0]
		if got.Rank != c.rank || got.Maintenance != c.maintenance || len(p.UnknownWords) != c.missed {
			t.Errorf("%s: %+v, unknown words %q", name, got, p.UnknownWords)
		}
	}
}

func TestStyles(t *testing.T) {
	for style, want := range map[string]struct {
		impact  status.Indicator
		missed  int
		verdict status.Status
	}{
		"info":    {status.None, 0, status.Operational},
		"primary": {status.None, 0, status.Operational},
		"light":   {status.None, 0, status.Operational},
		"dark":    {status.None, 0, status.Operational},
		"warning": {status.Minor, 0, status.Degraded},
		"danger":  {status.Minor, 0, status.Degraded},
		"pink":    {status.Minor, 1, status.Degraded},
		"":        {status.Minor, 1, status.Degraded},
	} {
		one := fmt.Sprintf(`{"id":3,"style":%q,"title":"x","createdDate":"2026-11-22 07:58:11"}`, style)
		for _, more := range []string{`,"incident":` + one, `,"incidents":[` + one + `]`} {
			p := with(t, more, `{"status":1}`)
			in := []status.Incident{{ID: "3", Title: "x", URL: home, Impact: want.impact, Started: time.Date(2026, 11, 22, 7, 58, 11, 0, time.UTC)}}
			if diff := cmp.Diff(in, p.Incidents); diff != "" {
				t.Errorf("%s: incidents (-want +got):\n%s", more, diff)
			}
			if got := enginetest.Judge(p, now).Severity; got != want.verdict || len(p.UnknownWords) != want.missed {
				t.Errorf("%s: judged %v, unknown words %q", more, got, p.UnknownWords)
			}
		}
	}
}

func TestPostsTakenOff(t *testing.T) {
	for switches, want := range map[string]int{
		``:                          1,
		`,"pin":1,"active":true`:    1,
		`,"pin":true`:               1,
		`,"pin":null,"active":null`: 1,
		`,"pin":0`:                  0,
		`,"pin":true,"active":0`:    0,
		`,"active":false`:           0,
	} {
		p := with(t, `,"incident":null,"incidents":[null,{"style":"danger"`+switches+`}]`, `{"status":1}`)
		if len(p.Incidents) != want {
			t.Errorf("%s: incidents %+v, want %d", switches, p.Incidents, want)
		}
	}
}

func TestMaintenanceStates(t *testing.T) {
	for word, want := range map[string]struct {
		state  status.WindowState
		missed int
	}{
		"under-maintenance": {status.InProgress, 0},
		"scheduled":         {status.Scheduled, 0},
		"unknown":           {status.Scheduled, 0},
		"inactive":          {status.Completed, 0},
		"ended":             {status.Completed, 0},
		"later":             {status.NoState, 1},
	} {
		p := with(t, fmt.Sprintf(`,"maintenanceList":[{"id":2,"title":"x","status":%q}]`, word), `{"status":3}`)
		var w []status.Window
		if want.state != status.Completed {
			w = []status.Window{{ID: "2", Title: "x", URL: home, State: want.state}}
		}
		if want.state == status.InProgress {
			w[0].Components = []status.ComponentRef{{ID: "1", Name: "A", Rank: status.IndicatorUnknown}}
		}
		if diff := cmp.Diff(w, p.Windows); diff != "" || len(p.UnknownWords) != want.missed {
			t.Errorf("%s: windows (-want +got):\n%s; unknown words %q", word, diff, p.UnknownWords)
		}
	}
}

// TestMaintenanceZone: what has no zone is no instant.
func TestMaintenanceZone(t *testing.T) {
	const slot = `,"maintenanceList":[{"id":2,"status":"under-maintenance","timeslotList":[{"startDate":"2026-11-22 07:00:00","endDate":"2026-11-22 09:00:00.5"}]%s}]`
	for zone, hour := range map[string]int{
		`,"timezoneOffset":"+01:00"`: 6, `,"timezoneOffset":"-05:00"`: 12, `,"timezoneOffset":"+00:00"`: 7,
		``: -1, `,"timezone":"Europe/Vienna"`: -1, `,"timezoneOffset":"CET"`: -1, `,"timezoneOffset":null`: -1,
	} {
		w := with(t, fmt.Sprintf(slot, zone), ``).Windows[0]
		var start, end time.Time
		if hour >= 0 {
			start = time.Date(2026, 11, 22, hour, 0, 0, 0, time.UTC)
			end = start.Add(2*time.Hour + 500*time.Millisecond)
		}
		if !w.Start.Equal(start) || !w.End.Equal(end) {
			t.Errorf("%s: from %v to %v", zone, w.Start, w.End)
		}
	}
}

func TestJudged(t *testing.T) {
	for name, c := range map[string]struct {
		doc, beats string
		want       enginetest.Verdict
	}{
		"calm":        {``, `{"status":1}`, enginetest.Verdict{Indicator: status.None, Severity: status.Operational}},
		"half":        {``, `{"status":0}`, enginetest.Verdict{Indicator: status.Major, Severity: status.Down}},
		"maintenance": {``, `{"status":3}`, enginetest.Verdict{Indicator: status.None, Severity: status.Operational, Maintenance: true}},
	} {
		if got := enginetest.Judge(with(t, c.doc, c.beats), now); got != c.want {
			t.Errorf("%s: %+v, want %+v", name, got, c.want)
		}
	}
	const one = `{"config":{"slug":"a"},"publicGroupList":[{"monitorList":[{"id":"1"}]}]}`
	for beats, want := range map[string]enginetest.Verdict{
		`{"heartbeatList":{}}`:                         {Indicator: status.IndicatorUnknown, Severity: status.Unknown},
		`{"heartbeatList":{"1":null}}`:                 {Indicator: status.IndicatorUnknown, Severity: status.Unknown},
		`{"heartbeatList":{"2":[{"status":1}]}}`:       {Indicator: status.IndicatorUnknown, Severity: status.Unknown},
		`{"heartbeatList":{"1":[{"status":"0"}]}}`:     {Indicator: status.Critical, Severity: status.Down},
		`{"heartbeatList":{"1":[{"status":2}]}}`:       {Indicator: status.IndicatorUnknown, Severity: status.Unknown},
		`{"heartbeatList":{"1":[{"status":"dunno"}]}}`: {Indicator: status.IndicatorUnknown, Severity: status.Unknown},
	} {
		if got := enginetest.Judge(page(t, one, beats), now); got != want {
			t.Errorf("%s: %+v, want %+v", beats, got, want)
		}
	}
}

// TestMonitorWithoutID: beside others, it is kept, and nothing is known of it.
func TestMonitorWithoutID(t *testing.T) {
	p := page(t, `{"config":{"slug":"acme"},"publicGroupList":[{"monitorList":[{"id":1,"name":"A"},{"name":"B"},{}]}]}`, `{"heartbeatList":{"1":[{"status":1}]}}`)
	var got []string
	for _, c := range p.Components {
		got = append(got, c.ID+" "+c.Rank.String())
	}
	if diff := cmp.Diff([]string{"1 none", "B unknown", "monitor unknown"}, got); diff != "" {
		t.Error(diff)
	}
}

func TestRefused(t *testing.T) {
	for _, doc := range []string{
		`{"config":{"slug":"a"},"publicGroupList":[]}`,
		`{"config":{"slug":"a"},"publicGroupList":[{"id":1,"monitorList":[]}]}`,
		`{"config":{"slug":"a"},"publicGroupList":[{"id":1,"monitorList":[{"name":"A"}]}]}`,
		`{"config":{"slug":"a"}}`,
		`{"publicGroupList":[{"monitorList":[{"id":1}]}]}`,
		`{"status":"fail","msg":"Status Page Not Found"}`,
	} {
		if _, err := decodePage([]byte(doc)); err == nil || fetch.ReasonOf(err) != fetch.Shape {
			t.Errorf("%s: %v, want reason shape", doc, err)
		}
	}
	for _, beats := range []string{`{"uptimeList":{}}`, `{"heartbeatList":null}`, `{"heartbeatList":[]}`, `{"heartbeatList":{"1":{}}}`} {
		if _, err := decodeBeats([]byte(beats)); err == nil || fetch.ReasonOf(err) != fetch.Shape {
			t.Errorf("%s: %v, want reason shape", beats, err)
		}
	}
}

func TestTarget(t *testing.T) {
	for _, c := range []struct{ url, slug, name, document string }{
		{"https://kuma.acme.test", "", "kuma.acme.test", "/api/status-page/heartbeat/default"},
		{"https://kuma.acme.test", "Acme", "kuma.acme.test#acme", "/api/status-page/heartbeat/acme"},
		{"kuma.acme.test/status/acme/", "", "kuma.acme.test#acme", "/api/status-page/heartbeat/acme"},
		{"https://kuma.acme.test/status/acme", "bolt", "kuma.acme.test#bolt", "/api/status-page/heartbeat/bolt"},
		{"https://kuma.acme.test/api/status-page/acme", "", "kuma.acme.test#acme", "/api/status-page/heartbeat/acme"},
		{"https://kuma.acme.test/api/status-page/heartbeat/acme", "", "kuma.acme.test#acme", "/api/status-page/heartbeat/acme"},
		{"https://acme.test/kuma/status/acme", "", "acme.test/kuma#acme", "/kuma/api/status-page/heartbeat/acme"},
		{"https://acme.test/kuma", "", "acme.test/kuma", "/kuma/api/status-page/heartbeat/default"},
	} {
		got, err := target(sources.Config{URL: c.url, Options: map[string]string{"slug": c.slug}})
		if err != nil || got.Name() != c.name || !strings.HasSuffix(got.Document.String(), got.Page.Host+c.document) {
			t.Errorf("%+v: %s at %s, %v", c, got.Name(), got.Document, err)
		}
	}
	for _, c := range []sources.Config{
		{}, {URL: "ftp://kuma.acme.test"},
		{URL: "https://kuma.acme.test", Options: map[string]string{"slug": "a/b"}},
		{URL: "https://kuma.acme.test", Options: map[string]string{"slug": "a b"}},
	} {
		if got, err := target(c); err == nil {
			t.Errorf("%+v: no error, document %s", c, got.Document)
		}
	}
}

const (
	pageAt  = pagePath + "acme"
	beatsAt = beatsPath + "acme"
)

func start(t *testing.T) (*enginetest.Site, sources.Source) {
	server := enginetest.Serve(t, map[string]string{
		pageAt: string(enginetest.Read(t, "testdata/page.json")), beatsAt: string(enginetest.Read(t, "testdata/beats.json")),
	})
	return server, server.OpenAt(t, "uptimekuma", "/status/acme", nil)
}

func TestPoll(t *testing.T) {
	server, s := start(t)
	first := enginetest.Poll(t, s, now).Page
	if first.URL != server.URL+"/status/acme" || first.Name != "Acme" {
		t.Errorf("page %q at %s", first.Name, first.URL)
	}
	server.SurvivesJSON(t, s, beatsAt, now)
	if n := slices.Index(server.Asked[1:], pageAt); n >= 0 {
		t.Errorf("asked for the page again within the time that it is cached: %q", server.Asked)
	}
}

func TestRefusedPages(t *testing.T) {
	server, s := start(t)
	for _, body := range []string{`{}`, `null`, `[]`} {
		good := server.Answers[pageAt]
		server.Say(pageAt, body)
		if r, err := s.Poll(t.Context(), now); err == nil || r.Page != nil || fetch.ReasonOf(err) != fetch.Shape {
			t.Errorf("%s: page %+v, error %v", body, r.Page, err)
		}
		server.Answers[pageAt] = good
	}
	if len(server.Asked) != 3 {
		t.Errorf("asked for heartbeats of a page that is not known: %q", server.Asked)
	}
}

// TestPageGrowsOld: the page is asked for when the server may know it anew, and
// the poll fails while it cannot be read.
func TestPageGrowsOld(t *testing.T) {
	server, s := start(t)
	poll := func(after time.Duration) (sources.Reading, error) {
		server.Asked = nil
		return s.Poll(t.Context(), now.Add(after))
	}
	for _, step := range []struct {
		after  time.Duration
		broken bool
		asked  []string
	}{
		{0, false, []string{pageAt, beatsAt}},
		{4 * time.Minute, true, []string{beatsAt}},
		{5 * time.Minute, true, []string{pageAt}},
		{6 * time.Minute, false, []string{pageAt, beatsAt}},
		{10 * time.Minute, false, []string{beatsAt}},
		{time.Minute, false, []string{pageAt, beatsAt}}, // the clock was set back
	} {
		good := server.Answers[pageAt]
		if step.broken {
			server.Answers[pageAt] = enginetest.Answer{Code: http.StatusServiceUnavailable, Body: `{"status":"fail","msg":"busy"}`}
		}
		_, err := poll(step.after)
		server.Answers[pageAt] = good
		if diff := cmp.Diff(step.asked, server.Asked); diff != "" || (err != nil) != (len(step.asked) == 1 && step.asked[0] == pageAt) {
			t.Errorf("after %v: error %v, asked (-want +got):\n%s", step.after, err, diff)
		}
	}
}

func TestRecorded(t *testing.T) {
	dir := enginetest.Recorded(t, "uptimekuma")
	p := page(t, string(enginetest.Read(t, filepath.Join(dir, "status-page.json"))), string(enginetest.Read(t, filepath.Join(dir, "heartbeat.json"))))
	want := enginetest.Verdict{Indicator: status.Major, Severity: status.Down, Maintenance: true}
	if got := enginetest.Judge(p, now); got != want || p.UnknownWords != nil {
		t.Errorf("judged %+v, want %+v; unknown words %q", got, want, p.UnknownWords)
	}
}

func FuzzDecode(f *testing.F) {
	f.Add(enginetest.Read(f, "testdata/page.json"), enginetest.Read(f, "testdata/beats.json"))
	f.Add([]byte(`{"config":{"slug":1},"incident":{},"publicGroupList":[null,{"monitorList":[{"id":"1"},{"id":1}]}],"maintenanceList":[{}]}`),
		[]byte(`{"heartbeatList":{"1":[null,0,{}]}}`))
	f.Fuzz(func(t *testing.T, doc, beats []byte) {
		d, err := decodePage(doc)
		if err != nil {
			return
		}
		b, err := decodeBeats(beats)
		if err != nil {
			return
		}
		p := derive(d, b, home)
		enginetest.CheckPage(t, p)
		if len(p.Components) == 0 || p.Word.Published {
			t.Errorf("page %+v", p)
		}
	})
}
