package microsoft

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/downstatus/downstatus_exporter/internal/status"
	"github.com/downstatus/downstatus_exporter/sources"
	"github.com/downstatus/downstatus_exporter/sources/fetch"
	"github.com/downstatus/downstatus_exporter/sources/internal/enginetest"
	"github.com/downstatus/downstatus_exporter/sources/internal/vendors"
)

var (
	mac, ppac, azure, consumer = leaves[0], leaves[1], leaves[2], leaves[3]

	calm     = "none operational calm"
	degraded = "minor degraded calm"
	unknown  = "unknown unknown calm"
)

func body(t testing.TB, name string) string {
	return enginetest.Load(t, name+".json")
}

func post(word string) string { return fmt.Sprintf(`{"Id":"1","Status":%q}`, word) }

func service(name, word string) string {
	return fmt.Sprintf(`{"Id":"1","Status":%q,"ServiceDisplayName":%q}`, word, name)
}

// site serves four calm leaves.
func newSite(t *testing.T) *enginetest.Site {
	site := enginetest.Start(t, "")
	for _, l := range []leaf{mac, ppac, azure} {
		site.Say(postsPath+l.id, post("Available"))
	}
	site.Say(postsPath+consumer.id, `[`+service("Outlook.com", "Operational")+`,`+service("OneDrive", "Operational")+`]`)
	return site
}

func config(services string) map[string]string { return map[string]string{"services": services} }

func TestTarget(t *testing.T) {
	const posts = defaultURL + "/api/posts/"
	for _, tt := range []struct{ url, services, name, document string }{
		{"", "", "status.cloud.microsoft", posts + "mac"},
		{"https://status.cloud.microsoft/m365/whatever", "", "status.cloud.microsoft", posts + "mac"},
		{posts + "azure", "", "status.cloud.microsoft#azure", posts + "azure"},
		{posts + "azure", "ppac", "status.cloud.microsoft#ppac", posts + "ppac"},
		{"", "azure,mac", "status.cloud.microsoft", posts + "mac"},
		{"", "Outlook.com", "status.cloud.microsoft#m365Consumer", posts + "m365Consumer"},
		{"", "Microsoft Azure", "status.cloud.microsoft#azure", posts + "azure"},
		{"", "Microsoft *", "status.cloud.microsoft", posts + "mac"},
		{"", "ppac,OneDrive", "status.cloud.microsoft", posts + "ppac"},
	} {
		got, err := target(sources.Config{URL: tt.url, Options: config(tt.services)})
		if err != nil || got.Name() != tt.name || got.Document.String() != tt.document {
			t.Errorf("%+v: name %s, document %s, %v", tt, got.Name(), got.Document, err)
		}
	}
	if _, err := target(sources.Config{URL: "ftp://status.cloud.microsoft"}); err == nil {
		t.Error("no error for what is not a web address")
	}
}

func TestGolden(t *testing.T) {
	for name, l := range map[string]leaf{"mac": mac, "mac-degraded": mac, "consumer": consumer} {
		p, err := l.decode([]byte(body(t, name)))
		if err != nil {
			t.Fatal(err)
		}
		enginetest.Golden(t, name, status.Page{Components: p.components, Incidents: p.incidents, UnknownWords: p.unknown})
	}
}

// TestWordsGolden reads every row of the table, and words that are in none,
// against what was written down by hand.
func TestWordsGolden(t *testing.T) {
	var want map[string]string
	if err := json.Unmarshal([]byte(enginetest.Load(t, "words.golden.json")), &want); err != nil {
		t.Fatal(err)
	}
	rows := map[string]bool{}
	for word, meaning := range want {
		rows[vendors.Fold(sources.Str(word))] = true
		p, err := mac.decode([]byte(post(word)))
		if err != nil {
			t.Fatal(err)
		}
		got := p.components[0].Rank.String()
		if len(p.unknown) > 0 {
			got += ", unknown word"
		}
		if got != meaning {
			t.Errorf("%q reads as %q, want %q", word, got, meaning)
		}
	}
	for word := range ranks {
		if !rows[word] {
			t.Errorf("%q has no golden reading", word)
		}
	}
}

func TestServices(t *testing.T) {
	for services, want := range map[string]struct {
		asked      []string
		components []string
	}{
		"":                   {[]string{"mac", "ppac", "azure", "m365Consumer"}, []string{"mac", "ppac", "azure", "Outlook.com", "OneDrive"}},
		"azure":              {[]string{"azure"}, []string{"azure"}},
		"M365CONSUMER":       {[]string{"m365Consumer"}, []string{"Outlook.com", "OneDrive"}},
		"onedrive,mac":       {[]string{"mac", "m365Consumer"}, []string{"mac", "OneDrive"}},
		"*365 admin*,Power*": {[]string{"mac", "ppac", "m365Consumer"}, []string{"mac", "ppac"}},
		"Outlook.com,Vine":   {[]string{"m365Consumer"}, []string{"Outlook.com"}},
	} {
		t.Run(services, func(t *testing.T) {
			site := newSite(t)
			r, asked := site.Poll(t, site.Open(t, "microsoft", config(services)), time.Now())
			var components []string
			for _, c := range r.Page.Components {
				components = append(components, c.ID)
			}
			for i := range asked {
				asked[i] = strings.TrimPrefix(asked[i], postsPath)
			}
			if diff := cmp.Diff(want.asked, asked) + cmp.Diff(want.components, components); diff != "" {
				t.Error(diff)
			}
			if noted := len(r.Notes) > 0; noted != strings.Contains(services, "Vine") || r.Page.Scoped != (services != "") {
				t.Errorf("notes %q, scoped %t", r.Notes, r.Page.Scoped)
			}
		})
	}
}

func TestServicesThatAreNone(t *testing.T) {
	site := newSite(t)
	r, err := site.Open(t, "microsoft", config("Vine")).Poll(t.Context(), time.Now())
	if fetch.ReasonOf(err) != fetch.Shape || !strings.Contains(err.Error(), "Vine") || r.Page != nil {
		t.Errorf("page %v, error %v; want one that names the service", r.Page, err)
	}
}

func TestJudged(t *testing.T) {
	for _, tt := range []struct {
		name, leaf, body, services, components string
		want                                   string
	}{
		{"calm", "mac", post("Available"), "", "", calm},
		{"one degraded", "mac", post("Service degradation"), "", "", degraded},
		{"another is asked for", "mac", post("Service degradation"), "azure", "", calm},
		{"another is in scope", "mac", post("Service degradation"), "", "Outlook.com", calm},
		{"not told", "azure", post("Unknown"), "azure", "", unknown},
		{"not understood", "azure", post("Service interruption"), "azure", "", unknown},
		{"all of a group", "m365Consumer", `[` + service("Outlook.com", "Service degradation") + `]`, "m365Consumer", "", degraded},
	} {
		t.Run(tt.name, func(t *testing.T) {
			site := newSite(t)
			site.Say(postsPath+tt.leaf, tt.body)
			r, _ := site.Poll(t, site.Open(t, "microsoft", config(tt.services)), time.Now())
			var patterns []string
			if tt.components != "" {
				patterns = []string{tt.components}
			}
			if got := enginetest.Judge(r.Page, time.Now(), patterns...).String(); got != tt.want {
				t.Errorf("judged %+v, want %+v", got, tt.want)
			}
		})
	}
}

// TestClock: posts carry the server's clock, and are the same page all the
// same.
func TestClock(t *testing.T) {
	site := newSite(t)
	site.Say(postsPath+"mac", body(t, "mac"))
	src := site.Open(t, "microsoft", nil)
	first, _ := site.Poll(t, src, time.Now())
	site.Say(postsPath+"mac", strings.ReplaceAll(body(t, "mac"), "T10:00:00", "T10:05:00"))
	if again, _ := site.Poll(t, src, time.Now()); again.Page != first.Page {
		t.Error("another page at another time")
	}
	site.Say(postsPath+"mac", body(t, "mac-degraded"))
	if again, _ := site.Poll(t, src, time.Now()); again.Page == first.Page {
		t.Error("the same page in trouble")
	}
}

func TestFrozen(t *testing.T) {
	at := func(refreshed, sent string) error {
		_, err := mac.decode(fmt.Appendf(nil, `{"Id":"1","Status":"Available","InternalDateTime":%q,"LastUpdatedTime":%q}`, refreshed, sent))
		return err
	}
	for _, tt := range []struct {
		refreshed, sent string
		stale           bool
	}{
		{"2026-11-22T09:00:00+00:00", "2026-11-22T10:00:00+00:00", false},
		{"2026-11-22T09:00:00+00:00", "2026-11-22T10:00:01+00:00", true},
		{"2026-11-22T09:00:00+00:00", "2026-11-22T04:30:00-05:00", false},
		{"2026-11-22T09:00:00+00:00", "", false},
		{"", "2026-11-22T10:00:01+00:00", false},
		{"soon", "2026-11-22T10:00:01+00:00", false},
	} {
		if err := at(tt.refreshed, tt.sent); (err != nil) != tt.stale || err != nil && fetch.ReasonOf(err) != fetch.Stale {
			t.Errorf("%+v: %v", tt, err)
		}
	}
}

// TestOneLeafFails: without it the others prove no calm, but their trouble
// counts.
func TestOneLeafFails(t *testing.T) {
	site := newSite(t)
	src := site.Open(t, "microsoft", nil)
	site.Answers[postsPath+"ppac"] = enginetest.Answer{Code: 400}
	if r, err := src.Poll(t.Context(), time.Now()); fetch.ReasonOf(err) != fetch.HTTP4xx || r.Page != nil {
		t.Errorf("page %v, error %v; want the error of the leaf", r.Page, err)
	}
	site.Say(postsPath+"mac", post("Service degradation"))
	r, _ := site.Poll(t, src, time.Now())
	if got := enginetest.Judge(r.Page, time.Now()).String(); got != degraded || len(r.Notes) != 1 || !strings.Contains(r.Notes[0], "ppac") {
		t.Errorf("judged %+v, notes %q; want degraded and a note about ppac", got, r.Notes)
	}
	if got := enginetest.Judge(r.Page, time.Now(), "ppac").String(); got != unknown {
		t.Errorf("the leaf itself is judged %+v, want unknown", got)
	}
	src = site.Open(t, "microsoft", config("ppac,azure"))
	if r, err := src.Poll(t.Context(), time.Now()); err == nil {
		t.Errorf("trouble elsewhere made a page of %+v", r.Page)
	}
}

func TestBadAnswers(t *testing.T) {
	for _, l := range leaves {
		t.Run(l.id, func(t *testing.T) {
			site := newSite(t)
			site.SurvivesJSON(t, site.Open(t, "microsoft", nil), postsPath+l.id, time.Now())
		})
	}
}

func TestNotUnderstood(t *testing.T) {
	for _, tt := range []struct {
		leaf leaf
		body string
	}{
		{mac, `{"Status":"Available"}`},
		{mac, `{"Id":"1"}`},
		{mac, `{"Id":"1","Status":null}`},
		{mac, `[` + post("Available") + `]`},
		{consumer, post("Available")},
		{consumer, `[` + post("Available") + `]`},
	} {
		if p, err := tt.leaf.decode([]byte(tt.body)); err == nil || fetch.ReasonOf(err) != fetch.Shape {
			t.Errorf("%s %s: %+v, %v; want an error of shape", tt.leaf.id, tt.body, p, err)
		}
	}
}

// TestInParts: a post that is none spoils calm, but not trouble.
func TestInParts(t *testing.T) {
	site := newSite(t)
	src := site.Open(t, "microsoft", nil)
	site.Say(postsPath+consumer.id, `[`+service("Outlook.com", "Available")+`,{}]`)
	enginetest.PollFails(t, src, time.Now(), fetch.Shape)
	site.Say(postsPath+consumer.id, `[`+service("Outlook.com", "Service degradation")+`,{},null]`)
	if r := enginetest.Poll(t, src, time.Now()); enginetest.Judge(r.Page, time.Now()).String() != degraded || enginetest.Judge(r.Page, time.Now(), "mac").String() != "unknown unknown calm" {
		t.Errorf("%+v", r.Page)
	}
}

// TestRecorded reads an answer of the page, where it is at hand.
func TestRecorded(t *testing.T) {
	site := newSite(t)
	site.Say(postsPath+"mac", enginetest.Recorded(t, "m365/posts-mac-2026-09-18.json"))
	r, _ := site.Poll(t, site.Open(t, "microsoft", config("mac")), time.Now())
	if got := enginetest.Judge(r.Page, time.Now()).String(); got != calm || len(r.Page.UnknownWords) > 0 {
		t.Errorf("judged %+v, unknown words %q", got, r.Page.UnknownWords)
	}
}

func FuzzDecode(f *testing.F) {
	for _, name := range []string{"mac", "mac-degraded", "consumer"} {
		f.Add([]byte(body(f, name)))
	}
	f.Add([]byte(`[null,{"Id":1,"Status":2,"ServiceWorkloadName":3}]`))
	f.Fuzz(func(t *testing.T, doc []byte) {
		for _, l := range []leaf{mac, consumer} {
			if p, err := l.decode(doc); err == nil {
				enginetest.Sound(t, sources.Reading{Page: &status.Page{Components: p.components, Incidents: p.incidents}})
			}
		}
	})
}
