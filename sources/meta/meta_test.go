package meta

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

func read(t *testing.T, body string, services ...string) sources.Reading {
	t.Helper()
	all, err := decode([]byte(body))
	if err != nil {
		t.Fatal(err)
	}
	r, err := viewer{page: home, services: services}.read(all, now)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestGolden(t *testing.T) {
	r := read(t, enginetest.Load(t, "orgs.json"))
	enginetest.Golden(t, "orgs", r)
	// One of seven that are understood is in serious trouble.
	enginetest.Judged(t, r.Page, now, "minor degraded calm")
	enginetest.Judged(t, r.Page, now, "major down calm", "acme-graph")
}

func TestWords(t *testing.T) {
	for word, want := range map[string]status.Indicator{
		"No known issues":    status.None,
		"NO KNOWN ISSUES":    status.None,
		"Resolved":           status.None,
		"Low disruptions":    status.Minor,
		"Medium disruptions": status.Minor,
		"High disruptions":   status.Major,
		"Major disruptions":  status.IndicatorUnknown,
		"":                   status.IndicatorUnknown,
	} {
		p := read(t, fmt.Sprintf(`[{"id":"a","services":[{"id":1,"status":%q}]}]`, word)).Page
		if p.Components[0].Rank != want || slices.Contains(p.UnknownWords, "service_status") != (want == status.IndicatorUnknown) {
			t.Errorf("%q: rank %v, unknown words %q; want %v", word, p.Components[0].Rank, p.UnknownWords, want)
		}
	}
}

// TestUnknownIsNotCalm: where all that counts is not understood, nothing is
// known.
func TestUnknownIsNotCalm(t *testing.T) {
	for _, body := range []string{`"Wobbly"`, `null`, `3`, `{}`} {
		r := read(t, `[{"id":"a","services":[{"id":1,"name":"Delivery","status":`+body+`}]}]`)
		enginetest.Judged(t, r.Page, now, "unknown unknown calm")
	}
}

func TestServices(t *testing.T) {
	body := enginetest.Load(t, "orgs.json")
	for services, want := range map[string]string{
		"acme-chat-api":               "minor degraded calm",
		"Acme Graph":                  "major down calm",
		"acme-login":                  "none operational calm",
		"Acme Login - Platform*":      "none operational calm",
		"Platform Status":             "major down calm",
		"acme-chat-api/1":             "none operational calm",
		"Billing":                     "none operational calm",
		"acme-ads/2":                  "unknown unknown calm",
		"acme-ads/2,acme-chat-api/4":  "minor degraded calm",
		"Billing, acme-chat-api/6, x": "none operational calm",
	} {
		t.Run(services, func(t *testing.T) {
			u := enginetest.Start(t, body)
			r := enginetest.Poll(t, u.Open(t, "meta", map[string]string{"services": services}), now)
			enginetest.Judged(t, r.Page, now, want)
		})
	}
	u := enginetest.Start(t, body)
	enginetest.PollFails(t, u.Open(t, "meta", map[string]string{"services": "acme-new"}), now, fetch.Shape)
}

func TestTarget(t *testing.T) {
	for _, tt := range []struct{ url, services, page, document, want string }{
		{"", "", home, home + documentPath, ""},
		{"metastatus.com", "Graph API", home, home + documentPath, "Graph API"},
		{home + documentPath, "", home, home + documentPath, ""},
		{home + "/whatsapp-business-api/", "", home + "/whatsapp-business-api", home + documentPath, "whatsapp-business-api"},
		{home + "/whatsapp-business-api", "Cloud API", home + "/whatsapp-business-api", home + documentPath, "Cloud API"},
		{"http://127.0.0.1:80/meta", "", "http://127.0.0.1:80/meta", "http://127.0.0.1:80/meta" + documentPath, ""},
		{"http://127.0.0.1/meta" + documentPath, "", "http://127.0.0.1/meta", "http://127.0.0.1/meta" + documentPath, ""},
	} {
		got, err := target(sources.Config{URL: tt.url, Options: map[string]string{"services": tt.services}})
		if err != nil || got.Page.String() != tt.page || got.Document.String() != tt.document || got.Options["services"] != tt.want {
			t.Errorf("%+v: %v, page %s, document %s, options %v", tt, err, got.Page, got.Document, got.Options)
		}
	}
	if got, err := target(sources.Config{URL: home + "/ads-manager"}); err != nil || got.Options["services"] != "ads-manager" {
		t.Errorf("without options: %v, %v", err, got.Options)
	}
	if _, err := target(sources.Config{URL: "ftp://metastatus.com"}); err == nil {
		t.Error("no error for an address that is none")
	}
}

func TestPoll(t *testing.T) {
	u := enginetest.Start(t, enginetest.Load(t, "orgs.json"))
	s := u.Open(t, "meta", nil)
	if enginetest.Poll(t, s, now); u.Last.URL.Path != documentPath {
		t.Errorf("asked for %s", u.Last.URL)
	}
	u.SurvivesJSON(t, s, "", now, `[{"id":"a","services":[]}]`, `[{"id":"a"}]`, `[{"services":[{"id":1}]}]`, `[{"id":"a","services":[{}]}]`, `[{"id":"a","services":{}}]`, `[{"id":"a","services":null}]`)
}

// TestInParts: a service in trouble counts beside what is none.
func TestInParts(t *testing.T) {
	for _, body := range []string{
		`[{"id":"a","services":[{"id":1,"status":"High disruptions"},null]}]`,
		`[{"id":"a","services":[{"id":1,"status":"High disruptions"},{}]},{"id":"b"},7]`,
	} {
		u := enginetest.Start(t, body)
		r := enginetest.Poll(t, u.Open(t, "meta", nil), now)
		enginetest.Judged(t, r.Page, now, "major down calm")
		enginetest.Sound(t, r)
	}
	enginetest.Refused(t, "meta", nil, now, fetch.Shape, `[{"id":"a","services":[{"id":1,"status":"Resolved"},null]}]`, `[{"id":"a","services":[{"id":1,"status":"Resolved"}]},{"id":"b"}]`)
}

func FuzzDecode(f *testing.F) {
	enginetest.FuzzBodies(f, "orgs.json")
	f.Fuzz(func(t *testing.T, body []byte) {
		all, err := decode(body)
		if (all == nil) == (err == nil) {
			t.Fatalf("products %v with error %v", all, err)
		}
		if err != nil {
			return
		}
		if r, err := (viewer{page: home}).read(all, now); err == nil {
			enginetest.Sound(t, r)
		}
	})
}
