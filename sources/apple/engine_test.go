package apple

import (
	"testing"
	"time"

	"github.com/downstatus/downstatus_exporter/sources"
	"github.com/downstatus/downstatus_exporter/sources/fetch"
	"github.com/downstatus/downstatus_exporter/sources/internal/enginetest"
)

func TestTarget(t *testing.T) {
	const www = "https://www.apple.com"
	for _, tt := range []struct{ url, page, document string }{
		{"", customerPage, www + customerDocument},
		{"https://www.apple.com/support/systemstatus/", customerPage, www + customerDocument},
		{"https://www.apple.com/uk/support/systemstatus/", www + "/uk/support/systemstatus", www + customerDocument},
		{"developer.apple.com/system-status/", developerPage, www + developerDocument},
		{www + customerDocument, customerPage, www + customerDocument},
		{www + developerDocument, developerPage, www + developerDocument},
		{www + "/support/systemstatus/data/system_status_de_DE.js", customerPage, www + "/support/systemstatus/data/system_status_de_DE.js"},
		{"http://127.0.0.1:80", "http://127.0.0.1:80", "http://127.0.0.1:80" + customerDocument},
		{"http://127.0.0.1/system-status", "http://127.0.0.1/system-status", "http://127.0.0.1" + developerDocument},
		{"http://127.0.0.1/a/b.js", "http://127.0.0.1/a/b.js", "http://127.0.0.1/a/b.js"},
	} {
		got, err := target(sources.Config{URL: tt.url})
		if err != nil || got.Page.String() != tt.page || got.Document.String() != tt.document {
			t.Errorf("%q: %v, page %s, document %s", tt.url, err, got.Page, got.Document)
		}
	}
	if _, err := target(sources.Config{URL: "ftp://apple.com"}); err == nil {
		t.Error("no error for an address that is none")
	}
}

func TestPoll(t *testing.T) {
	u := enginetest.Start(t, "\xef\xbb\xbf"+"jsonCallback("+enginetest.Load(t, "customer.json")+");")
	u.Media = "application/javascript"
	s := u.Open(t, "apple", nil)
	if r := enginetest.Poll(t, s, now); len(r.Ended) != 1 || len(r.Page.Incidents) != 1 || u.Last.URL.Path != customerDocument {
		t.Errorf("ended %v, incidents %v, asked for %s", r.Ended, r.Page.Incidents, u.Last.URL)
	}
	u.SurvivesJSON(t, s, "", now, `{"services":[]}`, `{"services":null}`, `{"services":{}}`, `{"services":[{}]}`)
}

// TestEndInTime: the document says beforehand when an event ends. Nothing has
// to change for that to happen.
func TestEndInTime(t *testing.T) {
	u := enginetest.Start(t, one(`{"messageId":"7","statusType":"Outage","eventStatus":"ongoing","epochStartDate":1795338000000,"epochEndDate":1795343400000}`))
	s := u.Open(t, "apple", nil)
	first := enginetest.Poll(t, s, now)
	enginetest.Judged(t, first.Page, now, "major down calm")
	later := now.Add(time.Hour)
	r := enginetest.Poll(t, s, later)
	enginetest.Judged(t, r.Page, later, "none operational calm")
	if len(first.Ended) != 0 || len(r.Ended) != 1 || r.Ended[0].Resolved.Format(time.RFC3339) != "2026-11-22T10:30:00Z" {
		t.Errorf("ended %+v, then %+v", first.Ended, r.Ended)
	}
}

func TestScopeMissed(t *testing.T) {
	u := enginetest.Start(t, enginetest.Load(t, "customer.json"))
	enginetest.PollFails(t, u.Open(t, "apple", map[string]string{"services": "Acme Male"}), now, fetch.Shape)
	r := enginetest.Poll(t, u.Open(t, "apple", map[string]string{"services": "Acme Male, Acme Books"}), now)
	enginetest.Judged(t, r.Page, now, "none operational calm")
	if len(r.Notes) != 1 {
		t.Errorf("notes %q, want one", r.Notes)
	}
}

func TestRecorded(t *testing.T) {
	for name, want := range map[string]string{
		"customer-one-ongoing-issue.json":  "major down calm",
		"developer-one-ongoing-issue.json": "none operational maintenance",
	} {
		r := read(t, enginetest.Recorded(t, "apple/"+name))
		enginetest.Judged(t, r.Page, now, want)
		enginetest.Sound(t, r)
		if len(r.Page.UnknownWords) > 0 {
			t.Errorf("%s: unknown words %q", name, r.Page.UnknownWords)
		}
	}
}
