package azure

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/downstatus/downstatus_exporter/internal/status"
	"github.com/downstatus/downstatus_exporter/sources"
	"github.com/downstatus/downstatus_exporter/sources/fetch"
	"github.com/downstatus/downstatus_exporter/sources/internal/cloud"
	"github.com/downstatus/downstatus_exporter/sources/internal/enginetest"
)

const (
	media = "application/rss+xml; charset=utf-8"
	page  = "https://azure.acme.test/en-us/status"
	built = "Sun, 22 Nov 2026 09:59:00 Z"
)

var now = time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)

// feed is one with items, built a minute ago.
func feed(items ...string) string {
	return `<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel><title>Azure Status</title><lastBuildDate>` + built +
		`</lastBuildDate>` + strings.Join(items, "") + `</channel></rss>`
}

func item(categories ...string) string {
	all := ""
	for _, c := range categories {
		all += "<category>" + c + "</category>"
	}
	return `<item><guid>x</guid><title>X</title><pubDate>Sun, 22 Nov 2026 09:00:00 Z</pubDate>` + all + `</item>`
}

func start(t testing.TB, body string, options map[string]string) (*enginetest.Site, sources.Source) {
	f := enginetest.Start(t, body)
	f.Media = media
	return f, f.Open(t, "azure", options)
}

func TestGolden(t *testing.T) {
	f, s := start(t, enginetest.Load(t, "feed.xml"), nil)
	r := enginetest.Poll(t, s, now)
	enginetest.GoldenIncidents(t, "feed", r, f.URL)
	if got, want := enginetest.Judge(r.Page, now).String(), "major down calm"; got != want || len(r.Page.Incidents) != 3 {
		t.Errorf("%+v, want %+v", got, want)
	}
	again := enginetest.Poll(t, s, now.Add(time.Minute))
	if again.Page != r.Page || again.Ended != nil || strings.Join(f.Asked, " ") != "/en-us/status/feed/ /en-us/status/feed/" {
		t.Errorf("unchanged: same page %t, ended %v, asked %s", again.Page == r.Page, again.Ended, f.Asked)
	}
	f.Body = strings.ReplaceAll(f.Body, built, "Sun, 22 Nov 2026 10:00:00 Z")
	if later := enginetest.Poll(t, s, now.Add(time.Minute)); later.Page != r.Page {
		t.Error("a feed that was merely built again is another page")
	}
}

func TestTarget(t *testing.T) {
	const name, doc = "azure.status.microsoft/en-us/status", home + "/en-us/status/feed/"
	enginetest.Targets(t, "azure", [][3]string{
		{"", name, doc},
		{"azure.status.microsoft", name, doc},
		{home + "/en-us/status", name, doc},
		{home + "/de-de/status/", name, doc},
		{home + "/status/history/", name, doc},
		{home + "/en-us/status/feed/", name, doc},
		{"https://rssfeed.azure.status.microsoft/en-us/status/feed/", name, "https://rssfeed.azure.status.microsoft/en-us/status/feed/"},
		{"https://mirror.acme.test/x/status/feed", "mirror.acme.test/x/en-us/status", "https://mirror.acme.test/x/en-us/status/feed/"},
	})
}

func TestFailures(t *testing.T) {
	f, s := start(t, enginetest.Load(t, "feed.xml"), nil)
	good := feed()
	shapes := []string{
		`<rss version="2.0"></rss>`, `<rss version="2.0"><channel></channel></rss>`, `<feed xmlns="http://www.w3.org/2005/Atom"><title>Azure Status</title></feed>`,
		`<?xml version="1.0"?><error>no such feed</error>`, `<rdf/>`,
		strings.Replace(good, built, "", 1), strings.Replace(good, built, "yesterday", 1), strings.Replace(good, built, "Sun, 22 Nov 2026 09:59:00 WAT", 1),
		strings.Replace(good, "Azure Status", "", 1),
	}
	broken := []string{`<`, `<?xml version="1.0"?>`, `<rss><channel>`, strings.TrimSuffix(good, "</rss>"), strings.TrimSuffix(good, "</channel></rss>")}
	f.Survives(t, s, "", now, shapes, broken)
}

func TestEmptyFeedIsCalm(t *testing.T) {
	_, s := start(t, feed(), nil)
	r := enginetest.Poll(t, s, now)
	want := "none operational calm"
	if got := enginetest.Judge(r.Page, now).String(); got != want || !r.Page.Cloud || !r.Page.OnlyTroubles || r.Page.Word.Published {
		t.Errorf("%+v, page %+v", got, r.Page)
	}
}

// TestStale: the age is judged at every poll, also while the server says that
// nothing has changed.
func TestStale(t *testing.T) {
	for name, header := range map[string]map[string]string{"same body": {"ETag": ""}, "not modified": {"ETag": `"1"`}} {
		f, s := start(t, feed(item("Acme Disks")), nil)
		f.Header = header
		first := enginetest.Poll(t, s, now)
		if header["ETag"] != "" {
			f.Code, f.Body = http.StatusNotModified, ""
		}
		limit := now.Add(-time.Minute + fresh)
		if r := enginetest.Poll(t, s, limit); r.Page != first.Page {
			t.Errorf("%s: half an hour old is another page", name)
		}
		r, err := s.Poll(t.Context(), limit.Add(time.Second))
		if err == nil || fetch.ReasonOf(err) != fetch.Stale || r.Page != nil || !strings.Contains(err.Error(), "30m1s") {
			t.Errorf("%s: page %v, error %v; want stale", name, r.Page, err)
		}
	}
	_, s := start(t, feed(), nil)
	enginetest.Poll(t, s, now.Add(-time.Hour)) // our clock may be late
}

func TestRanks(t *testing.T) {
	var names []string
	for name := range strings.SplitSeq(regionNames, ",") {
		names = append(names, strings.Join(strings.Fields(name), " "))
	}
	if len(names) != len(isRegion) || len(names)%2 != 0 {
		t.Fatalf("%d names of %d regions, want an even number of different ones", len(names), len(isRegion))
	}
	half := len(names) / 2
	for name, tc := range map[string]struct {
		categories []string
		impact     status.Indicator
		broad      bool
	}{
		"no category":              {nil, status.Minor, false},
		"a service":                {[]string{"Acme Disks"}, status.Minor, false},
		"a region":                 {[]string{"Acme Disks", "West US"}, status.Minor, false},
		"less than half":           {names[:half-1], status.Minor, false},
		"half of the regions":      {names[:half], status.Major, true},
		"the same one many times":  {slices.Repeat([]string{"West US"}, half), status.Minor, false},
		"services are no regions":  {append([]string{"A", "B", "C"}, names[:half-1]...), status.Minor, false},
		"no region at all":         {[]string{"Acme Edge", "Public Non-Regional"}, status.Major, true},
		"global":                   {[]string{"Acme Edge", " global "}, status.Major, true},
		"a service named globally": {[]string{"Acme Global Edge"}, status.Minor, false},
	} {
		d, err := decode([]byte(feed(item(tc.categories...))), page)
		if err != nil {
			t.Fatal(err)
		}
		if got := d.events[0]; got.Impact != tc.impact || got.Broad != tc.broad || got.Over || !got.End.IsZero() {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

// TestKeys: the vendor uses a guid again for another incident.
func TestKeys(t *testing.T) {
	const form = `<item>%s<title>Acme Disks</title><pubDate>%s</pubDate></item>`
	for _, tc := range [][3]string{
		{`<guid>disks</guid>`, "Sun, 22 Nov 2026 09:00:00 Z", "disks 2026-11-22T09:00:00Z"},
		{`<guid> disks </guid>`, "Mon, 23 Nov 2026 09:00:00 Z", "disks 2026-11-23T09:00:00Z"},
		{``, "Sun, 22 Nov 2026 09:00:00 Z", "Acme Disks 2026-11-22T09:00:00Z"},
		{`<guid></guid>`, "", "Acme Disks"},
		{`<guid/>`, "Sun, 22 Nov 2026 09:00:00 WAT", "Acme Disks Sun, 22 Nov 2026 09:00:00 WAT"},
	} {
		d, err := decode([]byte(feed(fmt.Sprintf(form, tc[0], tc[1]))), page)
		if err != nil {
			t.Fatal(err)
		}
		if got := d.events[0].ID; got != tc[2] {
			t.Errorf("%s: %q, want %q", tc[0], got, tc[2])
		}
	}
}

// TestScope judges the golden feed for services with options and scopes.
func TestScope(t *testing.T) {
	for _, tc := range []struct {
		regions, services string
		scope             status.Scope
		want              status.Status
		open              int
	}{
		{"", "", status.Scope{}, status.Down, 3},
		{"westus", "", status.Scope{}, status.Down, 2}, // and the advisory, which names nothing
		{"North Europe", "", status.Scope{}, status.Down, 2},
		{"West Europe", "Acme Disks", status.Scope{}, status.Degraded, 2},
		{"acmelandnorth", "Acme Disks", status.Scope{}, status.Degraded, 2}, // a region that no table has
		{"", "Acme Portal", status.Scope{}, status.Down, 2},
		{"", "Acme Mail", status.Scope{}, status.Degraded, 1},
		{"", "", status.Scope{Include: []string{"West Europe"}}, status.Degraded, 2},
		{"", "", status.Scope{Include: []string{"Acme Edge"}}, status.Down, 2},
		{"", "", status.Scope{Exclude: []string{"Acme Edge", "Acme Portal"}}, status.Degraded, 2},
	} {
		options := map[string]string{"regions": tc.regions, "services": tc.services}
		_, s := start(t, enginetest.Load(t, "feed.xml"), options)
		o := status.Judge(enginetest.Poll(t, s, now).Page, tc.scope, now)
		if o.Severity != tc.want || len(o.Incidents) != tc.open {
			t.Errorf("regions %q, services %q, scope %+v: %v with %d open, want %v, %d", tc.regions, tc.services, tc.scope, o.Severity, len(o.Incidents), tc.want, tc.open)
		}
	}
}

// TestGone: an item leaves the feed when its incident is over; nobody tells
// when that was.
func TestGone(t *testing.T) {
	f, s := start(t, feed(item("Acme Disks")), nil)
	enginetest.Poll(t, s, now)
	f.Body = feed()
	if r := enginetest.Poll(t, s, now); len(r.Page.Incidents) != 0 || r.Ended != nil {
		t.Errorf("open %v, ended %v", r.Page.Incidents, r.Ended)
	}
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte(enginetest.Load(f, "feed.xml")))
	f.Add([]byte(feed(item("West US", "Global"), `<item/>`)))
	f.Add([]byte(`<?xml version="1.0" encoding="latin1"?><!DOCTYPE rss><rss><channel/></rss>`))
	f.Fuzz(func(t *testing.T, body []byte) {
		d, err := decode(body, page)
		if (d == nil) == (err == nil) {
			t.Fatalf("document %v with error %v", d, err)
		}
		if err != nil {
			return
		}
		p := cloud.Page{}
		for _, in := range p.Read(d.events, d.unknown, now).Page.Incidents {
			if in.ID == "" || in.Over || in.Impact != status.Minor && !in.Broad || in.URL != page {
				t.Errorf("%+v", in)
			}
		}
		if d.built.IsZero() {
			t.Error("a feed of no time")
		}
	})
}

// TestRecorded reads recorded feeds at the time that they were built.
func TestRecorded(t *testing.T) {
	for file, tc := range map[string]struct {
		at   time.Time
		want string
	}{
		"azure/feed-empty-2026-09-19.rss":          {time.Date(2026, 9, 19, 3, 54, 30, 0, time.UTC), "none operational calm"},
		"azure/feed-open-frontdoor-2025-10-29.rss": {time.Date(2025, 10, 29, 17, 52, 0, 0, time.UTC), "major down calm"},
	} {
		_, s := start(t, enginetest.Recorded(t, file), nil)
		r := enginetest.Poll(t, s, tc.at)
		if got := enginetest.Judge(r.Page, tc.at).String(); got != tc.want || r.Page.UnknownWords != nil {
			t.Errorf("%s: %+v, unknown %v", file, got, r.Page.UnknownWords)
		}
		if _, err := s.Poll(t.Context(), now); fetch.ReasonOf(err) != fetch.Stale {
			t.Errorf("%s, today: %v, want stale", file, err)
		}
	}
}
