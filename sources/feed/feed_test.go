package feed

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/downstatus/downstatus_exporter/internal/status"
	"github.com/downstatus/downstatus_exporter/sources"
	"github.com/downstatus/downstatus_exporter/sources/fetch"
	"github.com/downstatus/downstatus_exporter/sources/internal/enginetest"
	"github.com/downstatus/downstatus_exporter/sources/internal/generic"
)

var now = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

const rssMedia = "application/rss+xml; charset=utf-8"

var golden = map[string]struct {
	media   string
	options map[string]string
	want    string
}{
	"history.atom": {"application/atom+xml", nil, "major down maintenance"},
	"updates.rss":  {rssMedia, map[string]string{"kind": "updates", "key": `guid:#(.+)_\d+$`}, "major down calm"},
	"labels.rss":   {"text/xml", map[string]string{"severity_in": "text"}, "minor degraded maintenance"},
	"active.rss":   {rssMedia, map[string]string{"kind": "active", "severity": "Public Non-Regional=major,x=minor"}, "major down maintenance"},
}

func serve(t testing.TB, media, body string, options map[string]string) (*enginetest.Site, sources.Source) {
	f := enginetest.Start(t, body)
	f.Media = media
	return f, f.Open(t, "feed", options)
}

// start serves a file of testdata and opens a source there.
func start(t testing.TB, name string) (*enginetest.Site, sources.Source) {
	t.Helper()
	g := golden[name]
	options := map[string]string{"page": "https://status.acme.test"}
	maps.Copy(options, g.options)
	return serve(t, g.media, enginetest.Load(t, name), options)
}

func TestGolden(t *testing.T) {
	for name, g := range golden {
		t.Run(name, func(t *testing.T) {
			_, s := start(t, name)
			r := enginetest.Poll(t, s, now)
			enginetest.Golden(t, strings.Split(name, ".")[0], r)
			enginetest.Judged(t, r.Page, now, g.want)
			enginetest.Sound(t, r)
			if again := enginetest.Poll(t, s, now.Add(time.Minute)); again.Page != r.Page || again.Ended != nil {
				t.Errorf("unchanged: same page %t, ended %v", again.Page == r.Page, again.Ended)
			}
		})
	}
}

// rss is a feed of items, built a minute ago.
func rss(items ...string) string {
	return `<?xml version="1.0"?><rss version="2.0"><channel><title>Acme</title><lastBuildDate>Sun, 22 Nov 2026 11:59:00 GMT</lastBuildDate>` +
		strings.Join(items, "") + `</channel></rss>`
}

func item(title, body string, more ...string) string {
	return `<item><guid>1</guid><title><![CDATA[` + title + `]]></title><pubDate>Sun, 22 Nov 2026 11:00:00 GMT</pubDate><description><![CDATA[` +
		body + `]]></description>` + strings.Join(more, "") + `</item>`
}

// read reads a feed with options.
func read(t *testing.T, body string, options map[string]string) (*status.Page, []status.Incident) {
	t.Helper()
	r, err := readRules(options)
	if err != nil {
		t.Fatal(err)
	}
	d, err := r.decode([]byte(body))
	if err != nil {
		t.Fatal(err)
	}
	return r.read(d, now)
}

// become says what became of the one item of a page.
func become(p *status.Page, ended []status.Incident) string {
	switch {
	case len(ended) > 0:
		return "over"
	case len(p.Windows) > 0:
		return [...]string{"window", "scheduled", "in progress", "completed"}[p.Windows[0].State]
	case len(p.Incidents) == 0:
		return "nothing"
	case p.Incidents[0].Monitoring:
		return "monitoring"
	case len(p.UnknownWords) > 0:
		return "open, unknown"
	}
	return "open"
}

// TestWords reads every built-in word, as a part of the title, as a label and
// in bold.
func TestWords(t *testing.T) {
	want := map[state]string{
		opened: "open", watching: "monitoring", underWay: "open", planned: "scheduled", window: "window", over: "over",
	}
	for s, words := range defaults {
		for word := range strings.SplitSeq(words, ",") {
			for _, body := range []string{
				item("["+strings.ToUpper(word)+"] Acme", ""), item("Acme - "+word, ""), item(word+": Acme", ""),
				item("Acme", "Status: "+word), item("Acme", "<p><b>"+word+"</b> - It is what it is.</p>"),
				item("Acme", "<strong>Update</strong><strong>"+word+"</strong><strong>Something else</strong>"),
			} {
				if got := become(read(t, rss(body), nil)); got != want[s] {
					t.Errorf("%s: %s, want %s", body, got, want[s])
				}
			}
		}
	}
}

func TestStates(t *testing.T) {
	for _, tt := range []struct{ name, body, want string }{
		{"no word", item("Acme fails", "It fails."), "open, unknown"},
		{"a word inside a title", item("Resolved hosts are lost", ""), "open, unknown"},
		{"a word inside a text", item("Acme fails", "It was resolved before."), "open, unknown"},
		{"newest first", item("Acme", "<b>Resolved</b> - Over.<b>Investigating</b>"), "over"},
		{"news after the end", item("Acme", "<b>Update</b> - Why.<b>Resolved</b> - Over.<b>Investigating</b>"), "over"},
		{"open again", item("Acme", "<b>Investigating</b> - Again.<b>Resolved</b>"), "open"},
		{"the title leads", item("[Resolved] Acme", "<b>Investigating</b><b>Resolved</b>"), "over"},
		{"planned, done", item("[Maintenance] Completed: Acme", ""), "over"},
		{"planned, under way", item("Scheduled: In progress: Acme", ""), "in progress"},
		{"planned by its first words", item("Scheduled maintenance of Acme", ""), "window"},
		{"trouble in planned work", item("Scheduled maintenance took Acme down", ""), "open, unknown"},
		{"planned by type", item("Acme", "Type: maintenance<br>Status: Verifying"), "in progress"},
		{"an announcement", item("Acme was down", "Type:  announcement  Regions: X  "), "nothing"},
		{"a type in a title is none", item("Security: nobody gets in", ""), "open, unknown"},
		{"Alibaba", item(" [Incident (Recovered)] Acme", ""), "over"},
		{"an end in the future", item("Acme", "Status: Open<br>Outage End: Sun Nov 22 2026 13:00:00 GMT+0000"), "open"},
		{"an end that has come", item("Acme", "Status: Open<br>Outage End: Sun Nov 22 2026 11:59:00 GMT+0000"), "over"},
	} {
		got := become(read(t, rss(tt.body), nil))
		if tt.name == "planned, done" && got == "nothing" {
			continue // planned work that is over is no incident that ended
		}
		if got != tt.want {
			t.Errorf("%s: %s, want %s", tt.name, got, tt.want)
		}
	}
}

func TestOptionWords(t *testing.T) {
	options := map[string]string{
		"open": "Schaut nach", "monitoring": "beobachtet", "resolved": "Behoben, Erledigt", "maintenance": "Wartung", "ignore": "Werbung",
		"severity": "Totalausfall=critical,Hinweis=ignore,Umbau=maintenance,Outage=none",
	}
	for title, want := range map[string]string{
		"[schaut nach] X": "open", "[Beobachtet] X": "monitoring", "[BEHOBEN] X": "over", "X - erledigt": "over", "[Wartung] X": "window",
		"[Werbung] X": "nothing", "Hinweis zu X": "nothing", "Umbau von X": "window", "[Resolved] X": "over",
	} {
		if got := become(read(t, rss(item(title, "")), options)); got != want {
			t.Errorf("%s: %s, want %s", title, got, want)
		}
	}
	for title, want := range map[string]status.Indicator{"Totalausfall": status.Critical, "Outage": status.None, "X is down": status.Major} {
		if p, _ := read(t, rss(item(title, "")), options); p.Incidents[0].Impact != want {
			t.Errorf("%s: %v, want %v", title, p.Incidents[0].Impact, want)
		}
	}
}

// TestSeverities reads every built-in word of the table.
func TestSeverities(t *testing.T) {
	entries, err := generic.Entries(severities)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		for _, title := range []string{e.Word + " of Acme", "Acme: " + strings.ToUpper(e.Word) + "!"} {
			if p, _ := read(t, rss(item(title, "")), nil); p.Incidents[0].Impact != e.Rank {
				t.Errorf("%s: %v, want %v", title, p.Incidents[0].Impact, e.Rank)
			}
		}
	}
	for _, tt := range []struct {
		item, in string
		want     status.Indicator
	}{
		{item("Acme", "a full outage"), "", status.Minor},
		{item("Acme", "a full outage"), "text", status.Major},
		{item("Download of Acme", ""), "", status.Minor}, // "down" is no part of a word
		{item("Acme", "", "<category>Outages</category>"), "", status.Major},
		{item("Slow down in Acme", ""), "", status.Minor},
	} {
		if p, _ := read(t, rss(tt.item), map[string]string{"severity_in": tt.in}); p.Incidents[0].Impact != tt.want {
			t.Errorf("%s: %v, want %v", tt.item, p.Incidents[0].Impact, tt.want)
		}
	}
}

func TestKeys(t *testing.T) {
	for option, want := range map[string]string{
		"": "https://acme.test/#disks_17", "guid": "https://acme.test/#disks_17", "link": "https://acme.test/x?id=7", "title": "[New] Disks",
		`guid:#(.+)_\d+$`: "disks", `link:id=\d+`: "id=7", "title:nothing": "[New] Disks",
	} {
		body := rss(`<item><guid>https://acme.test/#disks_17</guid><link>https://acme.test/x?id=7</link><title>[New] Disks</title></item>`)
		if p, _ := read(t, body, map[string]string{"key": option}); p.Incidents[0].ID != want {
			t.Errorf("%q: %q, want %q", option, p.Incidents[0].ID, want)
		}
	}
	p, _ := read(t, rss(`<item><title>a</title></item><item/><item><link>https://acme.test/1</link></item>`), nil)
	var got []string
	for _, in := range p.Incidents {
		got = append(got, in.ID)
	}
	if !slices.Equal(got, []string{"a", "item 2", "https://acme.test/1"}) {
		t.Errorf("items without a key: %q", got)
	}
}

// TestRuns follows the items of one key, the newest first as feeds have them.
func TestRuns(t *testing.T) {
	at := func(hour int, title string) string {
		return fmt.Sprintf(`<item><guid>k</guid><title>%s</title><pubDate>%s</pubDate></item>`, title,
			time.Date(2026, 11, 21, hour, 0, 0, 0, time.UTC).Format(time.RFC1123Z))
	}
	for _, tt := range []struct {
		name  string
		items []string
		want  string
	}{
		{"open", []string{at(30, "Open: X"), at(29, "New: X")}, "open k 29"},
		{"over", []string{at(30, "Resolved: X"), at(29, "New: X")}, "over k 29-30"},
		{"told twice", []string{at(31, "Resolved: X"), at(30, "Resolved: X"), at(29, "New: X")}, "over k 29-30"},
		{"news after the end", []string{at(31, "About X"), at(30, "Resolved: X"), at(29, "New: X")}, "over k 29-30"},
		{"another", []string{at(31, "New: X"), at(30, "Resolved: X"), at(29, "New: X")}, "open k 31, over k 2026-11-22T05:00:00Z 29-30"},
		{"another by its title", []string{at(31, "Outage of X"), at(30, "Resolved: X"), at(29, "New: X")}, "open k 31, over k 2026-11-22T05:00:00Z 29-30"},
		{"a gap", []string{at(30, "New: X"), at(2, "New: X")}, "open k 30"},
		{"forgotten", []string{at(2, "New: X")}, ""},
		{"never opened", []string{at(30, "Resolved: X")}, "over k 30-"},
		{"oldest first", []string{at(29, "New: X"), at(30, "Resolved: X")}, "over k 29-30"},
	} {
		p, ended := read(t, rss(tt.items...), map[string]string{"kind": "updates"})
		var got []string
		hour := func(at time.Time) string {
			if at.IsZero() {
				return ""
			}
			return fmt.Sprint(int(at.Sub(time.Date(2026, 11, 21, 0, 0, 0, 0, time.UTC)).Hours()))
		}
		for _, in := range p.Incidents {
			got = append(got, "open "+in.ID+" "+hour(in.Started))
		}
		for _, in := range ended {
			got = append(got, "over "+in.ID+" "+hour(in.Started)+"-"+hour(in.Resolved))
		}
		if strings.Join(got, ", ") != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, strings.Join(got, ", "), tt.want)
		}
	}
}

// TestAge: time alone ends what a feed lists, and brings planned work to its
// end, while the feed stays as it is.
func TestAge(t *testing.T) {
	f, s := start(t, "history.atom")
	first := enginetest.Poll(t, s, now)
	f.Header = map[string]string{"ETag": `"1"`}
	later := enginetest.Poll(t, s, now.Add(90*time.Minute))
	if len(first.Page.Windows) != 2 || len(later.Page.Windows) != 1 {
		t.Errorf("%d and %d windows, want one less after its end", len(first.Page.Windows), len(later.Page.Windows))
	}
	if old := enginetest.Poll(t, s, now.AddDate(0, 0, 31)); len(old.Page.Incidents) != 0 || old.Ended != nil {
		t.Errorf("after a month without news: open %v, ended %v", old.Page.Incidents, old.Ended)
	}
	p, _ := read(t, enginetest.Load(t, "history.atom"), map[string]string{"max_age": "0"})
	if last := p.Incidents[len(p.Incidents)-2]; last.Title != "Forgotten incident" || len(p.Incidents) != 4 {
		t.Errorf("without max_age: %+v", p.Incidents)
	}
}

// TestEnded: what leaves the open ones with an end is handed on once.
func TestEnded(t *testing.T) {
	f, s := serve(t, rssMedia, rss(item("Acme fails", "Status: Open<br>Outage Start: Sun Nov 22 2026 10:30:00 GMT+0000")), nil)
	if r := enginetest.Poll(t, s, now); r.Ended != nil || len(r.Page.Incidents) != 1 {
		t.Fatalf("%+v", r)
	}
	f.Body = rss(item("Acme fails", "Status: Resolved<br>Outage Start: Sun Nov 22 2026 10:30:00 GMT+0000<br>Outage End: Sun Nov 22 2026 11:30:00 GMT+0000"))
	r := enginetest.Poll(t, s, now)
	if len(r.Ended) != 1 || r.Ended[0].Resolved.Sub(r.Ended[0].Started) != time.Hour || len(r.Page.Incidents) != 0 {
		t.Errorf("%+v", r)
	}
	if again := enginetest.Poll(t, s, now); again.Ended != nil || again.Page != r.Page {
		t.Errorf("%+v", again)
	}
}

func TestFailures(t *testing.T) {
	f, s := start(t, "active.rss")
	good := rss()
	shapes := []string{
		`<rss version="2.0"></rss>`, `<rss version="2.0"><channel></channel></rss>`, `<feed xmlns="http://www.w3.org/2005/Atom"></feed>`,
		`<?xml version="1.0"?><error>no such feed</error>`, `<opml/>`,
		strings.Replace(good, "Sun, 22 Nov 2026 11:59:00 GMT", "", 1),
		strings.Replace(good, "GMT", "WAT", 1),
	}
	broken := []string{`<`, `<?xml version="1.0"?>`, `<rss><channel>`, strings.TrimSuffix(good, "</rss>"), strings.TrimSuffix(good, "</channel></rss>")}
	f.Survives(t, s, "", now, shapes, broken)
}

// TestStale: an active feed must be of now, as an empty one means calm.
func TestStale(t *testing.T) {
	for _, tt := range []struct {
		options map[string]string
		after   time.Duration
		want    fetch.Reason
	}{
		{map[string]string{"kind": "active"}, 23 * time.Hour, ""},
		{map[string]string{"kind": "active"}, 24 * time.Hour, fetch.Stale},
		{map[string]string{"kind": "active", "liveness": "30m"}, 30 * time.Minute, fetch.Stale},
		{map[string]string{"kind": "active", "liveness": "0"}, 2400 * time.Hour, ""},
		{nil, 2400 * time.Hour, ""},
		{map[string]string{"liveness": "1h"}, 2 * time.Hour, fetch.Stale},
	} {
		_, s := serve(t, rssMedia, rss(), tt.options)
		r, err := s.Poll(t.Context(), now.Add(tt.after))
		switch {
		case tt.want == "" && err == nil:
			enginetest.Judged(t, r.Page, now, "none operational calm")
		case tt.want == "" || err == nil || fetch.ReasonOf(err) != tt.want || r.Page != nil:
			t.Errorf("%+v: page %v, error %v", tt, r.Page, err)
		}
	}
}

func TestZones(t *testing.T) {
	for raw, want := range map[string]string{
		"Sun, 22 Nov 2026 03:00:00 PST": "11:00", "Sun, 22 Nov 2026 11:00:00 Z": "11:00", "Sun, 22 Nov 2026 12:00:00 +0100": "11:00",
		"Sun, 22 Nov 2026 11:00:00 WAT": "", "soon": "",
	} {
		p, _ := read(t, rss(`<item><title>New: X</title><pubDate>`+raw+`</pubDate></item>`), nil)
		got := ""
		if at := p.Incidents[0].Started; !at.IsZero() {
			got = at.Format("15:04")
		}
		if got != want || slices.Contains(p.UnknownWords, "date") != (want == "") {
			t.Errorf("%s: %q, unknown %v, want %q", raw, got, p.UnknownWords, want)
		}
	}
}

// TestYear: dates of updates have no year.
func TestYear(t *testing.T) {
	body := func(published, text string) string {
		return `<rss version="2.0"><channel><title>Acme</title><item><title>X</title><pubDate>` + published + `</pubDate><description><![CDATA[` + text + `]]></description></item></channel></rss>`
	}
	for _, tt := range []struct{ published, text, want string }{
		{"Sun, 22 Nov 2026 11:00:00 GMT", "<small>Nov 22, 10:00 UTC</small><b>New</b>", "2026-11-22 10:00"},
		{"Sun, 22 Nov 2026 11:00:00 GMT", "<small>Dec 30, 10:00 UTC</small><b>New</b>", "2025-12-30 10:00"},
		{"Fri, 02 Jan 2026 11:00:00 GMT", "<small>Dec 30, 10:00 UTC</small><b>New</b>", "2025-12-30 10:00"},
		{"Sun, 22 Nov 2026 11:00:00 GMT", "<small>Nov 22, 10:00 XYZ</small><b>New</b>", "2026-11-22 11:00"},
		{"Sun, 22 Nov 2026 11:00:00 GMT", "<small>Feb 31, 10:00 UTC</small><b>New</b>", "2026-11-22 11:00"},
		{"Sun, 22 Nov 2026 11:00:00 GMT", "<b>New</b> - since Nov 22, 07:00 UTC", "2026-11-22 11:00"},
	} {
		p, _ := read(t, body(tt.published, tt.text), map[string]string{"max_age": "0"})
		if got := p.Incidents[0].Started.Format("2006-01-02 15:04"); got != tt.want {
			t.Errorf("%+v: %s", tt, got)
		}
	}
	p, _ := read(t, body("Thu, 31 Dec 2026 11:00:00 GMT", "<b>THIS IS A SCHEDULED EVENT Jan 2, 22:00 - 01:00 UTC</b><b>Scheduled</b>"), nil)
	w := p.Windows[0]
	if got := w.Start.Format(time.DateTime) + " " + w.End.Format(time.DateTime); got != "2027-01-02 22:00:00 2027-01-03 01:00:00" {
		t.Errorf("planned work: %s", got)
	}
}

func TestOptions(t *testing.T) {
	for _, options := range []map[string]string{
		{"kind": "some"}, {"key": "name"}, {"key": "guid:("}, {"severity": "down"}, {"severity": "down=bad"}, {"severity_in": "all"},
		{"items": "0"}, {"items": "many"}, {"items": "1001"}, {"max_age": "7"}, {"liveness": "-1h"}, {"page": "ftp://x"},
	} {
		if _, err := target(sources.Config{URL: "https://acme.test/rss", Options: options}); err == nil {
			t.Errorf("%v: no error", options)
		}
	}
	e, _ := sources.Lookup("feed")
	for _, o := range e.Options {
		if o.Help == "" || strings.Contains(o.Help, "|") {
			t.Errorf("%s: help %q", o.Name, o.Help)
		}
	}
	if p, _ := read(t, enginetest.Load(t, "history.atom"), map[string]string{"items": "1"}); len(p.Incidents) != 1 || p.Windows != nil {
		t.Errorf("one item: %+v", p)
	}
}

// TestScope: categories name what an item is about.
func TestScope(t *testing.T) {
	_, s := start(t, "active.rss")
	p := enginetest.Poll(t, s, now).Page
	enginetest.Judged(t, p, now, "major down maintenance", "edge")
	enginetest.Judged(t, p, now, "none operational maintenance", "Mail")
}

func FuzzDecode(f *testing.F) {
	for name := range golden {
		f.Add([]byte(enginetest.Load(f, name)), uint8(0))
		f.Add([]byte(enginetest.Load(f, name)), uint8(2))
	}
	f.Add([]byte(`<rdf:RDF xmlns:rdf="x"><channel><title>a</title></channel><item/></rdf:RDF>`), uint8(1))
	f.Add([]byte(`<rss><channel/></rss>`), uint8(1))
	f.Fuzz(func(t *testing.T, body []byte, k uint8) {
		r, err := readRules(map[string]string{"kind": [...]string{"history", "active", "updates"}[k%3]})
		if err != nil {
			t.Fatal(err)
		}
		d, err := r.decode(body)
		if (d == nil) == (err == nil) {
			t.Fatalf("document %v with error %v", d, err)
		}
		if err != nil {
			return
		}
		page, over := r.read(d, now)
		enginetest.Sound(t, sources.Reading{Page: page, Ended: over})
	})
}

// TestRecorded reads recorded feeds as of the time that they were built.
func TestRecorded(t *testing.T) {
	for file, tt := range map[string]struct {
		at      time.Time
		options map[string]string
		want    string
	}{
		"statuspage/github-history-incident-open.atom": {time.Date(2026, 7, 9, 7, 5, 0, 0, time.UTC), nil, "minor degraded calm"},
		"statuspage/github-history.atom":               {time.Date(2026, 8, 20, 15, 0, 0, 0, time.UTC), nil, "none operational calm"},
		"aws/all-2026-08.rss":                          {time.Date(2026, 8, 18, 12, 21, 0, 0, time.UTC), map[string]string{"kind": "updates", "key": `guid:#(.+)_\d+$`}, "none operational calm"},
		"azure/feed-empty-2026-09-19.rss":              {time.Date(2026, 9, 19, 3, 54, 30, 0, time.UTC), map[string]string{"kind": "active", "liveness": "30m"}, "none operational calm"},
		"azure/feed-open-frontdoor-2025-10-29.rss":     {time.Date(2025, 10, 29, 17, 52, 0, 0, time.UTC), map[string]string{"kind": "active", "severity": "Public Non-Regional=major"}, "major down calm"},
	} {
		_, s := serve(t, rssMedia, enginetest.Recorded(t, file), tt.options)
		r := enginetest.Poll(t, s, tt.at)
		t.Run(file, func(t *testing.T) {
			enginetest.Judged(t, r.Page, tt.at, tt.want)
			enginetest.Sound(t, r)
			if len(r.Page.UnknownWords) > 0 {
				t.Errorf("unknown words %v", r.Page.UnknownWords)
			}
		})
	}
}
