package psn

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/downstatus/downstatus_exporter/internal/status"
	"github.com/downstatus/downstatus_exporter/sources"
	"github.com/downstatus/downstatus_exporter/sources/fetch"
	"github.com/downstatus/downstatus_exporter/sources/internal/enginetest"
)

var now = time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)

func read(t *testing.T, body string, countries ...string) sources.Reading {
	t.Helper()
	d, err := decode([]byte(body))
	if err != nil {
		t.Fatal(err)
	}
	r, err := viewer{page: site.Page, countries: countries}.read(d, now)
	if err != nil {
		t.Fatal(err)
	}
	return enginetest.Sound(t, r)
}

// doc is a document of one country with two services: entries of the region,
// the country, the first service, and a device on which it is used.
func doc(region, country, service, device string) string {
	return fmt.Sprintf(`{"regionName":"ACME","status":[%s],"countries":[{"countryCode":"AA","status":[%s],"services":[
		{"serviceId":"1","serviceName":"Store","status":[%s],"resources":[{"status":[%s]}]},
		{"serviceId":"2","serviceName":"Chat","status":[]}]}]}`, region, country, service, device)
}

const calm = "none operational calm"

func TestGolden(t *testing.T) {
	r := read(t, enginetest.Load(t, "region.json"))
	enginetest.Golden(t, "region", r)
	enginetest.Judged(t, r.Page, now, "major down maintenance")
	enginetest.Judged(t, r.Page, now, "major down calm", "Store")
	enginetest.Judged(t, r.Page, now, "minor degraded calm", "Chat") // out in one country of four
	enginetest.Judged(t, r.Page, now, "none operational maintenance", "Video")
}

func TestTypes(t *testing.T) {
	for word, tt := range map[string]struct {
		want    string
		unknown bool
	}{
		"Outage":      {"major down calm", false},
		"outage":      {"major down calm", false},
		"Degraded":    {"minor degraded calm", false},
		"Maintenance": {"none operational maintenance", false},
		"OK":          {calm, false},
		"Wobbly":      {"minor degraded calm", true},
		"":            {"minor degraded calm", true},
	} {
		entry := fmt.Sprintf(`{"statusId":"7","statusType":%q,"startDate":"2026-11-22T09:00:00Z"}`, word)
		for place, body := range map[string]string{
			"region": doc(entry, "", "", ""), "country": doc("", entry, "", ""), "service": doc("", "", entry, ""), "device": doc("", "", "", entry),
		} {
			r := read(t, body)
			enginetest.Judged(t, r.Page, now, tt.want)
			if slices.Contains(r.Page.UnknownWords, "status_type") != tt.unknown {
				t.Errorf("%q of a %s: unknown words %q", word, place, r.Page.UnknownWords)
			}
		}
	}
}

// TestTimes: entries are kept when they are over, and forgotten when they have
// no end.
func TestTimes(t *testing.T) {
	for name, tt := range map[string]struct {
		times string
		want  string // as an outage
		work  string // as maintenance
		ended bool
	}{
		"no end":              {`"startDate":"2026-11-22T09:00:00Z"`, "major down calm", "none operational maintenance", false},
		"end ahead":           {`"startDate":"2026-11-22T09:00:00Z","endDate":"2026-11-22T10:00:00.001Z"`, "major down calm", "none operational maintenance", false},
		"end now":             {`"startDate":"2026-11-22T09:00:00Z","endDate":"2026-11-22T10:00:00Z"`, calm, calm, true},
		"end passed":          {`"startDate":"2026-11-22T09:00:00Z","endDate":"2026-11-22T09:30:00Z"`, calm, calm, true},
		"end long passed":     {`"startDate":"2018-11-22T09:00:00Z","endDate":"2018-11-22T09:30:00Z"`, calm, calm, true},
		"not begun":           {`"startDate":"2026-11-22T10:00:01Z"`, calm, calm, false},
		"just under a week":   {`"startDate":"2026-11-15T10:00:01Z"`, "major down calm", "none operational maintenance", false},
		"a week":              {`"startDate":"2026-11-15T10:00:00Z"`, calm, calm, false},
		"a week, end ahead":   {`"startDate":"2026-11-01T10:00:00Z","endDate":"2027-01-01T00:00:00Z"`, calm, calm, false},
		"written a week ago":  {`"createdDate":"2026-11-01T10:00:00Z"`, calm, calm, false},
		"written today":       {`"createdDate":"2026-11-22T09:00:00Z","startDate":null`, "major down calm", "none operational maintenance", false},
		"another zone":        {`"startDate":"2026-11-22T09:00:00-0800"`, calm, calm, false},
		"end before start":    {`"startDate":"2026-11-22T09:00:00Z","endDate":"2026-11-22T08:00:00Z"`, calm, calm, true},
		"no time at all":      {`"endDate":""`, "major down calm", "none operational maintenance", false},
		"nothing but the end": {`"endDate":"2026-11-22T11:00:00Z"`, "major down calm", "none operational maintenance", false},
	} {
		t.Run(name, func(t *testing.T) {
			r := read(t, doc("", "", `{"statusId":"7","statusType":"Outage",`+tt.times+`}`, ""))
			enginetest.Judged(t, r.Page, now, tt.want)
			if (len(r.Ended) == 1) != tt.ended {
				t.Errorf("ended %+v", r.Ended)
			}
			r = read(t, doc("", "", `{"statusId":"7","statusType":"Maintenance",`+tt.times+`}`, ""))
			enginetest.Judged(t, r.Page, now, tt.work)
			if len(r.Ended) > 0 {
				t.Errorf("maintenance ended as %+v", r.Ended)
			}
		})
	}
}

func TestTimeRefused(t *testing.T) {
	for _, raw := range []string{"2026-11-22T09:00:00", "2026-11-22 09:00 PST", "soon", "1795338000000"} {
		entry := fmt.Sprintf(`{"statusId":"7","statusType":"Outage","endDate":%q}`, raw)
		for _, body := range []string{doc(entry, "", "", ""), doc("", entry, "", ""), doc("", "", entry, ""), doc("", "", "", entry)} {
			enginetest.Refused(t, "psn", nil, now, fetch.Shape, body)
		}
	}
}

// TestInParts: an outage counts beside what is not understood.
func TestInParts(t *testing.T) {
	outage, odd := `{"statusId":"7","statusType":"Outage"}`, `{"statusId":"8","statusType":"Outage","startDate":"soon"}`
	for _, body := range []string{doc("", "", outage+","+odd, ""), doc("", "", outage+",null,7", ""), doc("", "", outage, odd)} {
		u := enginetest.Start(t, body)
		r := enginetest.Poll(t, u.Open(t, "psn", nil), now)
		enginetest.Judged(t, r.Page, now, "major down calm")
		if len(r.Page.Incidents) != 1 || !r.Page.Doubtful {
			t.Errorf("%s: %+v", body, r.Page)
		}
	}
}

// TestRollUp: an entry of a whole that one below it explains strikes nothing
// else.
func TestRollUp(t *testing.T) {
	entry := func(id, kind string) string {
		return fmt.Sprintf(`{"statusId":%q,"statusType":%q,"startDate":"2026-11-22T09:00:00Z"}`, id, kind)
	}
	for name, tt := range map[string]struct{ body, all, chat string }{
		"same below":          {doc(entry("7", "Outage"), entry("7", "Outage"), entry("7", "Outage"), ""), "major down calm", calm},
		"as bad below":        {doc(entry("9", "Outage"), entry("8", "Outage"), "", entry("7", "Outage")), "major down calm", calm},
		"worse below":         {doc(entry("9", "Degraded"), entry("8", "Degraded"), entry("7", "Outage"), ""), "major down calm", calm},
		"less below":          {doc("", entry("8", "Outage"), entry("7", "Degraded"), ""), "major down calm", "major down calm"},
		"less below a region": {doc(entry("8", "Outage"), "", entry("7", "Degraded"), ""), "major down calm", "minor degraded calm"},
		"nothing below":       {doc("", entry("8", "Degraded"), entry("7", "OK"), ""), "minor degraded calm", "minor degraded calm"},
		"work below":          {doc("", entry("8", "Outage"), entry("7", "Maintenance"), ""), "major down maintenance", "major down calm"},
		"work, and work":      {doc(entry("9", "Maintenance"), entry("8", "Maintenance"), entry("7", "Maintenance"), ""), "none operational maintenance", calm},
	} {
		t.Run(name, func(t *testing.T) {
			p := read(t, tt.body).Page
			enginetest.Judged(t, p, now, tt.all)
			enginetest.Judged(t, p, now, tt.chat, "Chat")
		})
	}
}

func TestCountries(t *testing.T) {
	body := enginetest.Load(t, "region.json")
	for countries, want := range map[string]string{
		"AA":    "major down calm", // the store, and the chat
		"dd":    "none operational maintenance",
		"BB,CC": "major down maintenance",
		"?D":    "none operational maintenance",
	} {
		p := read(t, body, strings.Split(countries, ",")...).Page
		if enginetest.Judged(t, p, now, want); !p.Scoped {
			t.Errorf("%s: not scoped", countries)
		}
	}
	chat := read(t, body, "AA").Page
	enginetest.Judged(t, chat, now, "major down calm", "Chat") // out in all that count
	u := enginetest.Start(t, body)
	enginetest.PollFails(t, u.Open(t, "psn", map[string]string{"regions": "SCEE,GB"}), now, fetch.Shape)
	r := enginetest.Poll(t, u.Open(t, "psn", map[string]string{"regions": "SCEE, AA", "services": "account"}), now)
	enginetest.Judged(t, r.Page, now, calm)
}

// TestRollUpOfAnotherCountry: what the region repeats of a country that does
// not count does not count.
func TestRollUpOfAnotherCountry(t *testing.T) {
	const outage = `{"statusId":"7","statusType":"Outage","startDate":"2026-11-22T09:00:00Z"}`
	body := `{"regionName":"ACME","status":[` + outage + `],"countries":[
		{"countryCode":"AA","services":[{"serviceName":"Store","status":[` + outage + `]}]},
		{"countryCode":"BB","services":[{"serviceName":"Store","status":[]}]}]}`
	enginetest.Judged(t, read(t, body, "BB").Page, now, calm)
	enginetest.Judged(t, read(t, body, "AA").Page, now, "major down calm")
	enginetest.Judged(t, read(t, body).Page, now, "major down calm") // half of them
}

func TestServices(t *testing.T) {
	u := enginetest.Start(t, doc("", "", `{"statusId":"7","statusType":"Outage","startDate":"2026-11-22T09:00:00Z"}`, ""))
	for services, want := range map[string]string{"Chat": calm, "2": calm, "sto*": "major down calm", "Chat,Shop": calm} {
		r := enginetest.Poll(t, u.Open(t, "psn", map[string]string{"services": services}), now)
		enginetest.Judged(t, r.Page, now, want)
	}
	enginetest.PollFails(t, u.Open(t, "psn", map[string]string{"services": "Shop"}), now, fetch.Shape)
}

// TestTimePasses: an outage ends by the clock while the document stays, and a
// forgotten one leaves without an end.
func TestTimePasses(t *testing.T) {
	u := enginetest.Start(t, doc("", "", `{"statusId":"7","statusType":"Outage","startDate":"2026-11-22T09:00:00Z","endDate":"2026-11-22T10:30:00Z"},
		{"statusId":"8","statusType":"Degraded","startDate":"2026-11-22T09:00:00Z"}`, ""))
	s := u.Open(t, "psn", nil)
	first := enginetest.Poll(t, s, now)
	enginetest.Judged(t, first.Page, now, "major down calm")
	if again := enginetest.Poll(t, s, now.Add(5*time.Minute)); again.Page != first.Page {
		t.Error("another page, although nothing has changed")
	}
	r := enginetest.Poll(t, s, now.Add(time.Hour))
	enginetest.Judged(t, r.Page, now, "minor degraded calm")
	if len(r.Ended) != 1 || r.Ended[0].ID != "7" || r.Ended[0].Impact != status.Major {
		t.Errorf("ended %+v", r.Ended)
	}
	r = enginetest.Poll(t, s, now.Add(8*24*time.Hour))
	enginetest.Judged(t, r.Page, now, calm)
}

func TestTarget(t *testing.T) {
	const home = "https://status.playstation.com"
	for _, tt := range []struct{ url, regions, page, document, value string }{
		{"", "", home, home + "/data/statuses/region/SCEA.json", "SCEA"},
		{"", "scee", home, home + "/data/statuses/region/SCEE.json", "SCEE"},
		{"", "GB, SCEE, D?", home, home + "/data/statuses/region/SCEE.json", "SCEE"},
		{"", "US", home, home + "/data/statuses/region/SCEA.json", "SCEA"},
		{home + "/en-gb/", "SCEJA", home + "/en-gb", home + "/data/statuses/region/SCEJA.json", "SCEJA"},
		{home + "/data/statuses/region/SCEJ.json", "", home, home + "/data/statuses/region/SCEJ.json", "SCEJ"},
		{"http://127.0.0.1:80", "SCEE", "http://127.0.0.1:80", "http://127.0.0.1:80/data/statuses/region/SCEE.json", "SCEE"},
	} {
		got, err := target(sources.Config{URL: tt.url, Options: map[string]string{"regions": tt.regions}})
		if err != nil || got.Page.String() != tt.page || got.Document.String() != tt.document || got.Value != tt.value {
			t.Errorf("%+v: %v, page %s, document %s, value %s", tt, err, got.Page, got.Document, got.Value)
		}
	}
	for name, c := range map[string]sources.Config{
		"address":  {URL: "ftp://playstation.com"},
		"document": {URL: home + "/data/statuses/region/SCEE/GB/statusIndicator.json"},
		"two":      {Options: map[string]string{"regions": "SCEA,SCEE"}},
		"guessed":  {Options: map[string]string{"regions": "americas"}},
	} {
		if got, err := target(c); err == nil {
			t.Errorf("%s: document %s, want an error", name, got.Document)
		}
	}
}

func TestPoll(t *testing.T) {
	u := enginetest.Start(t, enginetest.Load(t, "region.json"))
	s := u.Open(t, "psn", map[string]string{"regions": "SCEE"})
	if r := enginetest.Poll(t, s, now); len(r.Ended) != 1 || u.Last.URL.Path != "/data/statuses/region/SCEE.json" {
		t.Errorf("ended %+v, asked for %s", r.Ended, u.Last.URL)
	}
	u.SurvivesJSON(t, s, "", now,
		`{"regionName":"ACME","status":[],"countries":[]}`,
		`{"regionName":"ACME","status":[],"countries":[{"countryCode":"AA","services":[]}]}`,
		`{"regionName":"ACME","status":[],"countries":[{"countryCode":"AA","services":[{"serviceName":"Store"}]}]}`,
		`{"regionName":"ACME","status":[],"countries":[{"countryCode":"AA","services":[{"serviceName":"Store","status":null}]}]}`,
		`{"regionName":"ACME","status":[],"countries":[{"countryCode":"AA","services":[{"status":[]}]}]}`,
		`{"regionName":"ACME","status":[],"countries":[{"services":[{"serviceName":"Store","status":[]}]}]}`,
		`{"regionName":"ACME","countries":[{"countryCode":"AA","services":[{"serviceName":"Store","status":[]}]}]}`,
		`{"status":[],"countries":[{"countryCode":"AA","services":[{"serviceName":"Store","status":[]}]}]}`,
		`{"statusType":"OK"}`)
}

func FuzzDecode(f *testing.F) {
	enginetest.FuzzBodies(f, "region.json")
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
