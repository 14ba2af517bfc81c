package statusio

import (
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/downstatus/downstatus_exporter/internal/status"
	"github.com/downstatus/downstatus_exporter/sources"
	"github.com/downstatus/downstatus_exporter/sources/fetch"
	"github.com/downstatus/downstatus_exporter/sources/internal/enginetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestTarget(t *testing.T) {
	const api = "https://api.status.io/1.0/status/" + pageID
	for _, c := range []struct {
		name, url, id         string
		page, document, value string
	}{
		{"id alone", "", pageID, "https://api.status.io", api, pageID},
		{"id in capitals", "", strings.ToUpper(pageID[:4]) + pageID[4:], "https://api.status.io", api, pageID},
		{"id and page", "status.acme.test", pageID, "https://status.acme.test", api, pageID},
		{"id leads over the address", "https://status.acme.test/pages/history/64a0000000000000000000ff", pageID, "https://status.acme.test/pages/history/64a0000000000000000000ff", api, pageID},
		{"page", "https://status.acme.test/", "", "https://status.acme.test", "https://status.acme.test", ""},
		{"document", api, "", api, api, ""},
		{"document of a hosted page", "http://acme.status.io/1.0/status/" + pageID, "", "http://acme.status.io/1.0/status/" + pageID, api, ""},
		{"document elsewhere", "http://127.0.0.1:8080/1.0/status/" + pageID, "", "http://127.0.0.1:8080/1.0/status/" + pageID, "http://127.0.0.1:8080/1.0/status/" + pageID, ""},
		{"history", "https://status.acme.test/pages/history/" + pageID, "", "https://status.acme.test/pages/history/" + pageID, api, ""},
		{"incident", "https://status.acme.test/pages/incident/" + pageID + "/64a0000000000000000000a1", "", "https://status.acme.test/pages/incident/" + pageID + "/64a0000000000000000000a1", api, ""},
		{"feed", "https://acme.status.io/pages/" + pageID + "/rss", "", "https://acme.status.io/pages/" + pageID + "/rss", api, ""},
		{"longer than an id", "https://status.acme.test/pages/" + pageID + "00", "", "https://status.acme.test/pages/" + pageID + "00", "https://status.acme.test/pages/" + pageID + "00", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := target(sources.Config{URL: c.url, Options: map[string]string{"page_id": c.id}})
			if err != nil {
				t.Fatal(err)
			}
			if got.Page.String() != c.page || got.Document.String() != c.document || got.Value != c.value {
				t.Errorf("page %s, document %s, value %q", got.Page, got.Document, got.Value)
			}
		})
	}
}

func TestTargetRefuses(t *testing.T) {
	for name, c := range map[string]struct{ url, id, want string }{
		"nothing":    {"", "", "page_id"},
		"short id":   {"", "64a0", "24 characters"},
		"not hex":    {"https://status.acme.test", strings.Repeat("g", 24), "24 characters"},
		"not a page": {"ftp://status.acme.test", "", "not a web address"},
	} {
		_, err := target(sources.Config{URL: c.url, Options: map[string]string{"page_id": c.id}})
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want one with %q", name, err, c.want)
		}
	}
}

func TestPageID(t *testing.T) {
	page := &url.URL{Scheme: "https", Host: "status.acme.test"}
	const other = "64a0000000000000000000ff"
	for name, c := range map[string]struct{ html, want string }{
		"history":             {`<a href="/pages/history/` + pageID + `">History</a>`, pageID},
		"feed":                {`<link rel=alternate href='https://status.acme.test/pages/` + pageID + `/rss'>`, pageID},
		"data attribute":      {`<body data-statusio-page-id="` + pageID + `">`, pageID},
		"call of the API":     {`<script>fetch("https://api.status.io/1.0/status/` + pageID + `")</script>`, pageID},
		"capitals":            {`<A HREF="/pages/history/` + strings.ToUpper(pageID) + `">`, pageID},
		"own before foreign":  {`<a href="https://status.other.test/pages/history/` + other + `"><a href="/pages/history/` + pageID + `">`, pageID},
		"own before API":      {`"https://api.status.io/1.0/status/` + other + `" <a href="/pages/history/` + pageID + `">`, pageID},
		"foreign link":        {`<a href="https://status.other.test/pages/history/` + other + `">`, ""},
		"running text":        {`see https://api.status.io/1.0/status/` + other + ` or /pages/history/` + other, ""},
		"two ids":             {`<a href="/pages/history/` + pageID + `"><a href="/pages/history/` + other + `">`, ""},
		"longer than an id":   {`<a href="/pages/history/` + pageID + `00">`, ""},
		"another API":         {`"https://api.notstatus.io/1.0/status/` + pageID + `"`, ""},
		"address that is odd": {`<a href="https://[/pages/` + pageID + `">`, ""},
		"nothing":             {`<html></html>`, ""},
	} {
		got, ok := PageID([]byte(c.html), page)
		if ok != (c.want != "") || ok && got != c.want {
			t.Errorf("%s: %q, %v; want %q", name, got, ok, c.want)
		}
	}
}

const documentAt = "/1.0/status/" + pageID

// start opens a page on its own host and the API in one site.
func start(t *testing.T, path, html, doc string) (*enginetest.Site, sources.Source) {
	t.Helper()
	site := enginetest.Serve(t, map[string]string{documentAt: string(enginetest.Read(t, doc))})
	site.Answers["/"] = enginetest.Answer{Media: "text/html; charset=utf-8", Body: html}
	target, err := target(sources.Config{URL: site.URL + path})
	if err != nil {
		t.Fatal(err)
	}
	api, err := url.Parse(site.URL)
	if err != nil {
		t.Fatal(err)
	}
	return site, open(target, enginetest.Client(t), api)
}

func TestPollFindsTheID(t *testing.T) {
	site, s := start(t, "", "<html>soon</html>", "testdata/incident.json")
	if _, err := s.Poll(t.Context(), time.Now()); fetch.ReasonOf(err) != fetch.Shape || !strings.Contains(err.Error(), "options.page_id") {
		t.Fatalf("without an id: %v", err)
	}
	site.Answers["/"] = enginetest.Answer{Media: "text/html", Body: `<a href="/pages/history/` + pageID + `">History</a>`}
	first, asked := site.Poll(t, s, time.Now())
	if first.Page.Word.Rank != status.Major || len(first.Ended) != 1 || !slices.Equal(asked, []string{"/", documentAt}) {
		t.Errorf("word %v, ended %d, asked %q; want major, 1, the page and the document", first.Page.Word.Rank, len(first.Ended), asked)
	}
	if !strings.HasPrefix(first.Page.Incidents[0].URL, first.Page.URL+"/pages/incident/"+pageID+"/") {
		t.Errorf("incident at %q of page %q", first.Page.Incidents[0].URL, first.Page.URL)
	}
	second, asked := site.Poll(t, s, time.Now())
	if second.Page != first.Page || second.Ended != nil || !slices.Equal(asked, []string{documentAt}) {
		t.Errorf("an unchanged document: same page %v, ended %d, asked %q", second.Page == first.Page, len(second.Ended), asked)
	}
}

func TestPollDocument(t *testing.T) {
	site, s := start(t, documentAt, "", "testdata/operational.json")
	r, asked := site.Poll(t, s, time.Now())
	if r.Page.Word.Rank != status.None || r.Ended != nil || len(asked) != 1 {
		t.Errorf("word %v, ended %v, asked %q", r.Page.Word.Rank, r.Ended, asked)
	}
	site.SurvivesJSON(t, s, documentAt, time.Now())
}

func TestRegistered(t *testing.T) {
	e, ok := sources.Lookup("statusio")
	if !ok {
		t.Fatal("not registered")
	}
	if _, ok := e.Option("page_id"); !ok {
		t.Error("no option page_id")
	}
	target, err := e.Target(sources.Config{Options: map[string]string{"page_id": pageID}})
	if err != nil {
		t.Fatal(err)
	}
	s := e.Open(target, nil).(*source)
	if s.doc == nil || s.doc.URL != "https://api.status.io/1.0/status/"+pageID {
		t.Errorf("document %+v, want that of the id without a look at a page", s.doc)
	}
}
