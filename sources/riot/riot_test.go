package riot

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/downstatus/downstatus_exporter/internal/status"
	"github.com/downstatus/downstatus_exporter/sources"
	"github.com/downstatus/downstatus_exporter/sources/internal/enginetest"
)

var now = time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)

const page = "https://status.riotgames.com/lol?locale=en_US&region=euw1"

func read(t *testing.T, body string, platforms ...string) sources.Reading {
	t.Helper()
	d, err := decode([]byte(body))
	if err != nil {
		t.Fatal(err)
	}
	r, err := viewer{page: page, platforms: platforms}.read(d, now)
	if err != nil {
		t.Fatal(err)
	}
	return enginetest.Sound(t, r)
}

func TestGolden(t *testing.T) {
	r := read(t, enginetest.Load(t, "eu.json"))
	enginetest.Golden(t, "eu", r)
	enginetest.Judged(t, r.Page, now, "major down maintenance")
}

func TestPlatforms(t *testing.T) {
	body := enginetest.Load(t, "eu.json")
	for platform, want := range map[string]string{
		"windows": "major down maintenance",
		"PS?":     "major down calm",
		"macos":   "minor degraded maintenance", // what names no platform concerns all
		"switch":  "minor degraded calm",
	} {
		t.Run(platform, func(t *testing.T) {
			enginetest.Judged(t, read(t, body, platform).Page, now, want)
			enginetest.Judged(t, read(t, body).Page, now, want, platform) // as the scope of a service
		})
	}
}

func TestSeverities(t *testing.T) {
	for word, want := range map[string]status.Indicator{
		`"info"`:         status.None,
		`"warning"`:      status.Minor,
		`"critical"`:     status.Major,
		`"Critical"`:     status.Major,
		`"catastrophic"`: status.Minor,
		`null`:           status.Minor,
	} {
		p := read(t, `{"id":"EU","maintenances":[],"incidents":[{"id":1,"incident_severity":`+word+`}]}`).Page
		known := !slices.Contains([]string{`"catastrophic"`, `null`}, word)
		if p.Incidents[0].Impact != want || slices.Contains(p.UnknownWords, "incident_severity") == known {
			t.Errorf("%s: impact %v, unknown words %q; want %v", word, p.Incidents[0].Impact, p.UnknownWords, want)
		}
	}
}

func TestMaintenance(t *testing.T) {
	for word, tt := range map[string]struct {
		state status.WindowState
		want  string
		known bool
	}{
		`"scheduled"`:   {status.Scheduled, "none operational calm", true},
		`"in_progress"`: {status.InProgress, "none operational maintenance", true},
		`"complete"`:    {status.Completed, "none operational calm", true},
		`"verifying"`:   {status.NoState, "none operational calm", false},
		`null`:          {status.NoState, "none operational calm", false},
	} {
		// A severity does not make maintenance an incident.
		p := read(t, `{"id":"EU","incidents":[],"maintenances":[{"id":1,"incident_severity":"critical","maintenance_status":`+word+`}]}`).Page
		if p.Windows[0].State != tt.state || slices.Contains(p.UnknownWords, "maintenance_status") == tt.known {
			t.Errorf("%s: window %+v, unknown words %q", word, p.Windows[0], p.UnknownWords)
		}
		enginetest.Judged(t, p, now, tt.want)
	}
}

// TestPlatformless: an entry that names no platform is about all of them.
func TestPlatformless(t *testing.T) {
	for _, platforms := range []string{`null`, `[]`, `[""]`, `[null]`} {
		r := read(t, `{"id":"EU","maintenances":[],"incidents":[{"id":1,"incident_severity":"warning","platforms":`+platforms+`}]}`, "ios")
		enginetest.Judged(t, r.Page, now, "minor degraded calm")
	}
}

// TestArchived: entries leave by the clock too, while the document stays.
func TestArchived(t *testing.T) {
	u := enginetest.Start(t, `{"id":"EU","maintenances":[{"id":1,"maintenance_status":"in_progress","archive_at":"2026-11-22T11:00:00Z"}],
		"incidents":[{"id":2,"incident_severity":"warning","archive_at":"2026-11-22T11:00:00Z"}]}`)
	s := u.Open(t, "riot", nil)
	enginetest.Judged(t, enginetest.Poll(t, s, now).Page, now, "minor degraded maintenance")
	later := now.Add(time.Hour)
	enginetest.Judged(t, enginetest.Poll(t, s, later).Page, later, "none operational calm")
}

func TestTitle(t *testing.T) {
	for titles, want := range map[string]string{
		`[]`: "",
		`[{"locale":"de_DE","content":"Wartung"}]`:                                      "Wartung",
		`[{"locale":"de_DE","content":"Wartung"},{"locale":"en-GB","content":"Work"}]`:  "Work",
		`[{"locale":"en_GB","content":"Colour"},{"locale":"en-US","content":"Color"}]`:  "Color",
		`[{"locale":"en_US","content":"Color"},{"locale":"en_GB","content":"Colour"}]`:  "Color",
		`[{"locale":"en_US","content":""},{"locale":"fr_FR","content":"Couleur"},null]`: "Couleur",
	} {
		p := read(t, `{"id":"EU","maintenances":[],"incidents":[{"id":1,"titles":`+titles+`}]}`).Page
		if got := p.Incidents[0].Title; got != want {
			t.Errorf("%s: title %q, want %q", titles, got, want)
		}
	}
}

func TestTarget(t *testing.T) {
	const doc = "https://%s.secure.dyn.riotcdn.net/channels/public/x/status/%s.json"
	for _, tt := range []struct{ url, regions, page, document, name string }{
		{"", "", "https://status.riotgames.com/lol", fmt.Sprintf(doc, "lol", "na1"), "status.riotgames.com/lol#na1"},
		{"", "EUW1", "https://status.riotgames.com/lol", fmt.Sprintf(doc, "lol", "euw1"), "status.riotgames.com/lol#euw1"},
		{"https://status.riotgames.com/", "kr", "https://status.riotgames.com", fmt.Sprintf(doc, "lol", "kr"), "status.riotgames.com#kr"},
		{"https://status.riotgames.com/valorant?region=eu&locale=en_US", "", "https://status.riotgames.com/valorant", fmt.Sprintf(doc, "valorant", "eu"), "status.riotgames.com/valorant#eu"},
		{"https://status.riotgames.com/lor", "sea", "https://status.riotgames.com/lor", fmt.Sprintf(doc, "bacon", "sea"), "status.riotgames.com/lor#sea"},
		{fmt.Sprintf(doc, "wildrift", "mei"), "", "https://status.riotgames.com/wildrift", fmt.Sprintf(doc, "wildrift", "mei"), "status.riotgames.com/wildrift#mei"},
		{fmt.Sprintf(doc, "valorant", "eu"), "ap", "https://status.riotgames.com/valorant", fmt.Sprintf(doc, "valorant", "ap"), "status.riotgames.com/valorant#ap"},
		{"http://127.0.0.1:80", "oc1", "http://127.0.0.1:80", "http://127.0.0.1:80/channels/public/x/status/oc1.json", "127.0.0.1:80#oc1"},
	} {
		got, err := target(sources.Config{URL: tt.url, Options: map[string]string{"regions": tt.regions, "services": "windows, x*"}})
		if err != nil || got.Page.String() != tt.page || got.Document.String() != tt.document || got.Name() != tt.name {
			t.Errorf("%+v: %v, page %s, document %s, name %s", tt, err, got.Page, got.Document, got.Name())
		}
	}
	for name, c := range map[string]sources.Config{
		"address":   {URL: "ftp://riotgames.com"},
		"two":       {Options: map[string]string{"regions": "na1,euw1"}},
		"odd":       {Options: map[string]string{"regions": "../x"}},
		"glob":      {Options: map[string]string{"regions": "eu*"}},
		"no region": {URL: "https://status.riotgames.com/lor"},
		"platform":  {Options: map[string]string{"services": "windows,pc"}},
	} {
		if got, err := target(c); err == nil {
			t.Errorf("%s: document %s, want an error", name, got.Document)
		}
	}
}

func TestPoll(t *testing.T) {
	u := enginetest.Start(t, enginetest.Load(t, "eu.json"))
	s := u.Open(t, "riot", map[string]string{"regions": "euw1"})
	if r := enginetest.Poll(t, s, now); u.Last.URL.Path != "/channels/public/x/status/euw1.json" || r.Page.Incidents[0].URL != u.URL+"?locale=en_US&region=euw1&id=81" {
		t.Errorf("asked for %s, incident at %s", u.Last.URL, r.Page.Incidents[0].URL)
	}
	u.SurvivesJSON(t, s, "", now,
		`{"id":"EU","incidents":[]}`,
		`{"id":"EU","maintenances":[]}`,
		`{"incidents":[],"maintenances":[]}`,
		`{"id":"EU","incidents":[{}],"maintenances":[]}`,
		`{"id":"EU","incidents":{},"maintenances":[]}`,
		`{"id":"EU","incidents":null,"maintenances":[]}`,
		`{"id":"EU","incidents":[],"maintenances":[null]}`,
		`{"status":{"message":"Forbidden","status_code":403}}`)
}

func TestRecorded(t *testing.T) {
	r := read(t, enginetest.Recorded(t, "riot/platform-data-oc1-2023-01-19.json"))
	enginetest.Judged(t, r.Page, now, "none operational calm")
	if len(r.Page.Incidents) != 1 || r.Page.Incidents[0].Title != "Account Transfers Unavailable" || len(r.Page.UnknownWords) > 0 {
		t.Errorf("incidents %+v, unknown words %q", r.Page.Incidents, r.Page.UnknownWords)
	}
}

// TestInParts: an incident counts whatever else is missing or not understood.
func TestInParts(t *testing.T) {
	for _, body := range []string{
		`{"maintenances":[],"incidents":[{"id":1,"incident_severity":"critical"}]}`,
		`{"id":"EUW1","incidents":[{"id":1,"incident_severity":"critical"}]}`,
		`{"id":"EUW1","maintenances":[null],"incidents":[{"id":1,"incident_severity":"critical","titles":{},"updates":7,"platforms":"x"}]}`,
		`{"id":"EUW1","maintenances":[],"incidents":[{"titles":[{"locale":"en_US","content":"Login"}],"incident_severity":"critical"},{}]}`,
	} {
		u := enginetest.Start(t, body)
		r := enginetest.Poll(t, u.Open(t, "riot", nil), now)
		enginetest.Judged(t, r.Page, now, "major down calm")
		enginetest.Sound(t, r)
	}
}

func FuzzDecode(f *testing.F) {
	enginetest.FuzzBodies(f, "eu.json")
	f.Fuzz(func(t *testing.T, body []byte) {
		d, err := decode(body)
		if (d == nil) == (err == nil) {
			t.Fatalf("document %v with error %v", d, err)
		}
		if err != nil {
			return
		}
		if r, err := (viewer{page: page}).read(d, now); err == nil {
			enginetest.Sound(t, r)
		}
	})
}
