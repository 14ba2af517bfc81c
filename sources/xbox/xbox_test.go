package xbox

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/downstatus/downstatus_exporter/internal/status"
	"github.com/downstatus/downstatus_exporter/sources"
	"github.com/downstatus/downstatus_exporter/sources/fetch"
	"github.com/downstatus/downstatus_exporter/sources/internal/enginetest"
)

var now = time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)

func read(t *testing.T, body string) sources.Reading {
	t.Helper()
	d, err := decode([]byte(body))
	if err != nil {
		t.Fatal(err)
	}
	r, err := viewer{page: site.Page}.read(d, now)
	if err != nil {
		t.Fatal(err)
	}
	return enginetest.Sound(t, r)
}

// doc is a document of five categories, of which the first has a scenario.
func doc(overall, first, scenario string) string {
	others := ""
	for id := range 4 {
		others += fmt.Sprintf(`,{"Id":%d,"Name":"Play","Status":{"Name":"None"}}`, id+2)
	}
	return fmt.Sprintf(`{"Status":{"Overall":{"State":%q}},"CoreServices":[{"Id":1,"Name":"Store","Status":{"Name":%q},"Scenarios":[%s]}%s]}`,
		overall, first, scenario, others)
}

func TestGolden(t *testing.T) {
	r := read(t, enginetest.Load(t, "trouble.json"))
	enginetest.Golden(t, "trouble", r)
	enginetest.Judged(t, r.Page, now, "major down calm") // three of five categories are in trouble
}

func TestStates(t *testing.T) {
	for word, want := range map[string]status.Indicator{
		"None":        status.None,
		"none":        status.None,
		"Impacted":    status.Minor,
		"Limited":     status.Minor,
		"Disrupted":   status.Minor,
		"Unavailable": status.Major,
		"Muffled":     status.Minor, // whatever it is, it is not None
		"":            status.IndicatorUnknown,
	} {
		p := read(t, doc("None", word, fmt.Sprintf(`{"Id":7,"Name":"Buying","Status":{"Name":%q}}`, word))).Page
		if p.Components[0].Rank != want || p.Components[1].Rank != want || p.Word.Rank != status.None {
			t.Errorf("%q: word %v, components %+v; want %v", word, p.Word.Rank, p.Components[:2], want)
		}
		known := word != "" && word != "Muffled"
		if known {
			if got := read(t, doc(word, "None", "")).Page; got.Word.Rank != want || !got.Word.Published {
				t.Errorf("%q as the whole: %+v, want %v", word, got.Word, want)
			}
		}
		missed := []string{"category_status", "scenario_status"}
		if known {
			missed = nil
		}
		if !slices.Equal(p.UnknownWords, missed) {
			t.Errorf("%q: unknown words %q", word, p.UnknownWords)
		}
	}
}

func TestJudged(t *testing.T) {
	for name, tt := range map[string]struct{ body, want string }{
		"calm":            {doc("None", "None", `{"Id":7,"Status":{"Name":"None"},"Description":"You may not be able to buy."}`), "none operational calm"},
		"one category":    {doc("Impacted", "Impacted", `{"Id":7,"Status":{"Name":"Impacted"}}`), "minor degraded calm"},
		"lagging whole":   {doc("None", "Impacted", `{"Id":7,"Status":{"Name":"Impacted"}}`), "none degraded calm"},
		"sign-in by name": {doc("Impacted", "Impacted", `{"Id":7,"Name":"Sign-In","Status":{"Name":"Impacted"}}`), "minor down calm"},
		"sign-in by id":   {doc("Impacted", "Impacted", `{"Id":"35048","Name":"Anmelden","Status":{"Name":"Limited"}}`), "minor down calm"},
		"half of all": {`{"Status":{"Overall":{"State":"Impacted"}},"CoreServices":[{"Id":1,"Status":{"Name":"Impacted"}},{"Id":2,"Status":{"Name":"None"}}]}`,
			"major down calm"},
		"unknown whole":         {doc("Muffled", "None", ""), "unknown unknown calm"},
		"no whole":              {`{"CoreServices":[{"Id":1,"Status":{"Name":"None"}}]}`, "unknown unknown calm"},
		"trouble and rubbish":   {`{"CoreServices":[{"Id":1,"Status":{"Name":"Impacted"}},7,{"Id":2,"Scenarios":[null]}],"Titles":{}}`, "unknown degraded calm"},
		"unknown, but trouble":  {doc("Muffled", "Unavailable", ""), "unknown degraded calm"},
		"category unexplained":  {doc("Impacted", "Impacted", `{"Id":7,"Status":{"Name":"None"}}`), "minor degraded calm"},
		"status that is a word": {`{"Status":{"Overall":{"State":"None"}},"CoreServices":[{"Id":1,"Status":"None"}]}`, "none operational calm"},
	} {
		t.Run(name, func(t *testing.T) { enginetest.Judged(t, read(t, tt.body).Page, now, tt.want) })
	}
}

func TestIncidents(t *testing.T) {
	for name, tt := range map[string]struct {
		incident, impact string // impact empty: over
		unknown          []string
	}{
		"minor":        {`"LevelOfImpact":{"Name":"Minor"}`, "minor", nil},
		"major":        {`"LevelOfImpact":{"Name":"major"}`, "major", nil},
		"odd level":    {`"LevelOfImpact":{"Name":"Vast"}`, "minor", []string{"level_of_impact"}},
		"no level":     {`"Begin":null`, "minor", []string{"level_of_impact"}},
		"end just now": {`"LevelOfImpact":"Minor","End":"2026-11-22T10:00:00.0000001Z"`, "", nil},
		"end later":    {`"LevelOfImpact":"Minor","End":"2026-11-22T10:00:01Z"`, "minor", nil},
		"end passed":   {`"LevelOfImpact":"Minor","End":"2026-11-22T09:59:59Z"`, "", nil},
		"end of .NET":  {`"LevelOfImpact":"Minor","End":"0001-01-01T00:00:00"`, "minor", nil},
		"half a year":  {`"LevelOfImpact":"Minor","Begin":"2026-05-01T00:00:00Z"`, "minor", nil},
		"stage as one": {`"LevelOfImpact":"Minor","Stage":"Looking"`, "minor", nil},
	} {
		t.Run(name, func(t *testing.T) {
			r := read(t, doc("None", "None", `{"Id":7,"Name":"Buying","Status":{"Name":"None"},"Incidents":[{"Id":1,`+tt.incident+`}]}`))
			impact := ""
			for _, in := range r.Page.Incidents {
				impact += in.Impact.String()
			}
			if impact != tt.impact || len(r.Ended)+len(r.Page.Incidents) != 1 || !slices.Equal(r.Page.UnknownWords, tt.unknown) {
				t.Errorf("open %+v, ended %+v, unknown %q", r.Page.Incidents, r.Ended, r.Page.UnknownWords)
			}
		})
	}
}

func TestServices(t *testing.T) {
	u := enginetest.Start(t, enginetest.Load(t, "trouble.json"))
	for services, want := range map[string]string{
		"Acme account":               "major operational calm", // the indicator stays the page's own word
		"Sign-in":                    "major operational calm",
		"acme store":                 "major down calm",
		"Buying":                     "major down calm",
		"3":                          "major degraded calm",
		"Multiplayer":                "major operational calm",
		"Voice":                      "major degraded calm",
		"Acme video":                 "major degraded calm",
		"Acme Racer,Acme social,odd": "major operational calm",
	} {
		t.Run(services, func(t *testing.T) {
			r := enginetest.Poll(t, u.Open(t, "xbox", map[string]string{"services": services}), now)
			enginetest.Judged(t, r.Page, now, want)
		})
	}
	enginetest.PollFails(t, u.Open(t, "xbox", map[string]string{"services": "odd"}), now, fetch.Shape)
}

// TestIncidentOfCategory: it concerns each of the category's scenarios.
func TestIncidentOfCategory(t *testing.T) {
	body := `{"Status":{"Overall":{"State":"None"}},"CoreServices":[{"Id":1,"Name":"Store","Status":{"Name":"None"},
		"Incidents":[{"Begin":"2026-11-22T09:00:00Z","LevelOfImpact":{"Name":"Major"}}],
		"Scenarios":[{"Id":7,"Name":"Buying","Status":{"Name":"None"}},{"Id":8,"Name":"Renting","Status":{"Name":"None"}}]}]}`
	if r := read(t, body); len(r.Page.Incidents) != 1 || len(r.Page.Incidents[0].Components) != 3 {
		t.Errorf("incidents %+v, want one of three parts", r.Page.Incidents)
	}
	u := enginetest.Start(t, body)
	r := enginetest.Poll(t, u.Open(t, "xbox", map[string]string{"services": "Renting"}), now)
	enginetest.Judged(t, r.Page, now, "none down calm")
}

func TestTarget(t *testing.T) {
	const origin = "https://xnotify.xboxlive.com/servicestatusv6/"
	for _, tt := range []struct{ url, regions, page, document string }{
		{"", "", site.Page, origin + "US/en-US"},
		{"", "gb", site.Page, origin + "GB/en-US"},
		{"", "GB/en-GB", site.Page, origin + "GB/en-GB"},
		{"https://support.xbox.com/de-DE/xbox-live-status", "DE/de-DE", "https://support.xbox.com/de-DE/xbox-live-status", origin + "DE/de-DE"},
		{origin + "JP/ja-JP", "", site.Page, origin + "JP/ja-JP"},
		{"http://127.0.0.1:80", "", "http://127.0.0.1:80", "http://127.0.0.1:80/servicestatusv6/US/en-US"},
	} {
		got, err := target(sources.Config{URL: tt.url, Options: map[string]string{"regions": tt.regions}})
		if err != nil || got.Page.String() != tt.page || got.Document.String() != tt.document {
			t.Errorf("%+v: %v, page %s, document %s", tt, err, got.Page, got.Document)
		}
	}
	for _, c := range []sources.Config{
		{URL: "ftp://xbox.com"},
		{URL: origin + "x"},
		{Options: map[string]string{"regions": "US,GB"}},
		{Options: map[string]string{"regions": "europe"}},
		{Options: map[string]string{"regions": "US/../x"}},
	} {
		if got, err := target(c); err == nil {
			t.Errorf("%+v: document %s, want an error", c, got.Document)
		}
	}
}

func TestPoll(t *testing.T) {
	u := enginetest.Start(t, enginetest.Load(t, "trouble.json"))
	s := u.Open(t, "xbox", nil)
	r := enginetest.Poll(t, s, now)
	if len(r.Ended) != 1 || u.Last.URL.Path != "/servicestatusv6/US/en-US" || u.Last.Header.Get("Accept") != "application/json" {
		t.Errorf("ended %+v, asked for %s as %s", r.Ended, u.Last.URL, u.Last.Header.Get("Accept"))
	}
	u.SurvivesJSON(t, s, "", now,
		`{"Status":{"Overall":{"State":"None"}},"CoreServices":[]}`,
		`{"Status":{"Overall":{"State":"None"}},"CoreServices":[{}]}`,
		`{"Status":{"Overall":{"State":"None"}},"CoreServices":[{"Id":1,"Scenarios":[{}]}]}`,
		`{"Status":{"Overall":{"State":"None"}},"CoreServices":[{"Id":1,"Status":{"Name":"None"}},null]}`,
		`{"Status":{"Overall":{"State":"None"}},"CoreServices":[{"Id":1,"Status":{"Name":"None"},"Scenarios":7}]}`)
	u.Body, u.Media = `<ServiceStatus><Status><Overall><State>None</State></Overall></Status></ServiceStatus>`, "application/xml"
	enginetest.PollFails(t, s, now, fetch.ContentType)
}

func TestRecorded(t *testing.T) {
	r := read(t, enginetest.Recorded(t, "xbox/servicestatusv6-ok-trimmed.json"))
	enginetest.Judged(t, r.Page, now, "none operational calm", "Sign-in")
	if len(r.Page.UnknownWords) > 0 {
		t.Errorf("unknown words %q", r.Page.UnknownWords)
	}
}

func FuzzDecode(f *testing.F) {
	enginetest.FuzzBodies(f, "trouble.json")
	f.Fuzz(func(t *testing.T, body []byte) {
		d, err := decode(body)
		if (d == nil) == (err == nil) {
			t.Fatalf("document %v with error %v", d, err)
		}
		if err != nil {
			return
		}
		if r, err := (viewer{page: site.Page}).read(d, now); err == nil {
			enginetest.Sound(t, r)
		}
	})
}
