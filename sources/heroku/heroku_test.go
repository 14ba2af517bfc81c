package heroku

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
)

// noon is when the tests poll.
var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

const calm = `{"status":[{"system":"Apps","status":"green"}],"incidents":[]}`

func body(t testing.TB, name string) string {
	return enginetest.Load(t, name+".json")
}

func read(t testing.TB, doc string) *current {
	t.Helper()
	c, err := decode([]byte(doc))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestTarget(t *testing.T) {
	for _, url := range []string{"", defaultURL, defaultURL + "/", "status.heroku.com", defaultURL + currentPath, defaultURL + historyPath + "?limit=5"} {
		got, err := target(sources.Config{URL: url})
		if err != nil || got.Name() != "status.heroku.com" || got.Document.String() != defaultURL+currentPath {
			t.Errorf("%q: name %s, document %s, %v", url, got.Name(), got.Document, err)
		}
	}
	if _, err := target(sources.Config{URL: "ftp://status.heroku.com"}); err == nil {
		t.Error("no error for what is not a web address")
	}
}

func TestGolden(t *testing.T) {
	for _, name := range []string{"calm", "trouble", "odd"} {
		c := read(t, body(t, name))
		enginetest.Golden(t, name, struct {
			Page *status.Page
			Over []status.Incident
		}{c.page(defaultURL), c.over})
	}
	past, err := decodeHistory([]byte(body(t, "history")))
	if err != nil {
		t.Fatal(err)
	}
	enginetest.Golden(t, "history", past)
}

// TestWordsGolden reads every row of the mapping tables, and words that are in
// none, against what was written down by hand.
func TestWordsGolden(t *testing.T) {
	var want map[string]map[string]string
	if err := json.Unmarshal([]byte(enginetest.Load(t, "words.golden.json")), &want); err != nil {
		t.Fatal(err)
	}
	for word := range byColor {
		if _, ok := want["color"][word]; !ok {
			t.Errorf("colour %q has no golden reading", word)
		}
	}
	for word := range stages {
		for _, field := range []string{"state", "update_type"} {
			if _, ok := want[field][word]; !ok {
				t.Errorf("%s %q has no golden reading", field, word)
			}
		}
	}
	for field, words := range want {
		for word, meaning := range words {
			if got := readWord(t, field, word); got != meaning {
				t.Errorf("%s %q reads as %q, want %q", field, word, got, meaning)
			}
		}
	}
}

func readWord(t *testing.T, field, word string) string {
	t.Helper()
	doc := map[string]string{
		"color":       `{"status":[{"system":"Apps","status":%q}],"incidents":[]}`,
		"state":       `{"status":[{"system":"Apps","status":"green"}],"incidents":[{"id":1,"state":%q}]}`,
		"update_type": `{"status":[{"system":"Apps","status":"green"}],"incidents":[{"id":1,"updates":[{"update_type":"issue","created_at":"2026-11-22T10:00:00Z"},{"update_type":%q,"created_at":"2026-11-22T11:00:00Z"}]}]}`,
	}[field]
	c := read(t, fmt.Sprintf(doc, word))
	got := "no incident"
	switch {
	case field == "color":
		got = c.components[0].Rank.String()
		if c.components[0].Maintenance {
			got += ", maintenance"
		}
	case len(c.over) > 0:
		got = "over"
	case len(c.open) > 0 && c.open[0].Monitoring:
		got = "monitoring"
	case len(c.open) > 0:
		got = "open"
	}
	if len(c.unknown) > 0 {
		got += ", unknown word"
	}
	return got
}

func TestJudged(t *testing.T) {
	down := "major down calm"
	for _, tt := range []struct {
		doc, component string
		want           string
	}{
		{"calm", "", "none operational calm"},
		{"calm", "Apps", "none operational calm"}, // the work of two months ago is no maintenance
		{"trouble", "", "major down maintenance"},
		{"trouble", "Apps", down},
		{"trouble", "Data", "minor degraded calm"},
		// Incident 602 names no system, so it may concern any.
		{"trouble", "Tools", "minor degraded maintenance"},
		{"odd", "", "major down calm"}, // of two words for Data the worse
	} {
		var patterns []string
		if tt.component != "" {
			patterns = []string{tt.component}
		}
		if got := enginetest.Judge(read(t, body(t, tt.doc)).page(defaultURL), noon, patterns...).String(); got != tt.want {
			t.Errorf("%s %s: judged %+v, want %+v", tt.doc, tt.component, got, tt.want)
		}
	}
	unknown := "unknown unknown calm"
	if got := enginetest.Judge(read(t, `{"status":[{"system":"Apps","status":"mauve"}],"incidents":[]}`).page(""), noon).String(); got != unknown {
		t.Errorf("a colour that is none is judged %+v", got)
	}
}

// TestColorNotUnderstood: an open incident is not calm because one of its
// colours is.
func TestColorNotUnderstood(t *testing.T) {
	for doc, want := range map[string]status.Indicator{
		`"systems":[{"name":"Apps","status":"green"}]`:                                  status.None,
		`"systems":[{"name":"Apps","status":"green"},{"name":"Data","status":"mauve"}]`: status.Minor,
		`"systems":[{"name":"Apps","status":"red"},{"name":"Data","status":"mauve"}]`:   status.Major,
		`"systems":[{"name":"Apps"}]`:                                                   status.Minor,
		`"systems":[]`:                                                                  status.Minor,
		`"status_prod":"green","status_dev":"mauve"`:                                    status.Minor,
		`"status_prod":"green","status_dev":"blue"`:                                     status.None,
		`"status_prod":"red","systems":[{"name":"Apps","status":"yellow"}]`:             status.Minor,
		`"x":0`: status.Minor,
	} {
		if got := read(t, now(`{"id":1,"state":"issue",`+doc+`}`)).open[0].Impact; got != want {
			t.Errorf("%s: impact %v, want %v", doc, got, want)
		}
	}
}

func report(id int, state string) string {
	return fmt.Sprintf(`{"id":%d,"title":"Trouble","state":%q,"created_at":"2026-11-22T09:00:00Z","updated_at":"2026-11-22T10:00:00Z","systems":[{"name":"Apps","status":"yellow"}]}`, id, state)
}

func now(incidents ...string) string {
	return strings.Replace(calm, `[]`, `[`+strings.Join(incidents, ",")+`]`, 1)
}

// TestRequests follows incidents from their start to their end.
func TestRequests(t *testing.T) {
	site := enginetest.Start(t, "")
	src := site.Open(t, "heroku", nil)
	one, two := []string{currentPath}, []string{currentPath, historyPath + "?limit=25"}
	var last *status.Page
	for _, tt := range []struct {
		name             string
		current, history string
		asked            []string
		open             int
		ended            string
		notes            int
		same             bool // the page of the poll before
	}{
		{"first", calm, `[` + report(1, "resolved") + `]`, two, 0, "1", 0, false},
		{"still calm", calm, ``, one, 0, "", 0, true},
		{"incidents", now(report(2, "issue"), report(3, "issue")), ``, one, 2, "", 0, false},
		{"one told", now(report(2, "resolved"), report(3, "issue")), ``, one, 1, "2", 0, false},
		{"one gone, history fails", calm, `<html>`, two, 0, "", 1, false},
		{"history behind", calm, `[` + report(3, "issue") + `]`, two, 0, "", 0, true},
		{"history", calm, `[` + report(3, "resolved") + `,` + report(1, "resolved") + `]`, two, 0, "3 1", 0, true},
		{"nothing left to ask", calm, ``, one, 0, "", 0, true},
	} {
		site.Say(currentPath, tt.current)
		site.Say(historyPath, tt.history)
		r, asked := site.Poll(t, src, noon)
		var ids []string
		for _, in := range r.Ended {
			ids = append(ids, in.ID)
			if !in.Over || in.Resolved.IsZero() || in.Impact != status.Minor {
				t.Errorf("%s: ended as %+v", tt.name, in)
			}
		}
		if diff := cmp.Diff(tt.asked, asked); diff != "" {
			t.Errorf("%s: requests %s", tt.name, diff)
		}
		if got := strings.Join(ids, " "); got != tt.ended || len(r.Page.Incidents) != tt.open || len(r.Notes) != tt.notes || (r.Page == last) != tt.same {
			t.Errorf("%s: %d open, ended %q, same page %t, notes %q", tt.name, len(r.Page.Incidents), got, r.Page == last, r.Notes)
		}
		last = r.Page
	}
}

func TestBadAnswers(t *testing.T) {
	site := enginetest.Start(t, "")
	site.Say(currentPath, body(t, "trouble"))
	site.Say(historyPath, `[]`)
	site.SurvivesJSON(t, site.Open(t, "heroku", nil), currentPath, noon)
}

func TestNotUnderstood(t *testing.T) {
	enginetest.Refused(t, "heroku", nil, noon, fetch.Shape,
		`{"status":{"Production":"green","Development":"green"},"issues":[]}`,
		`{"status":[],"incidents":[]}`,
		`{"status":[{"system":"Apps","status":"green"}]}`,
		`{"status":[{"system":"Apps","status":"green"}],"incidents":null}`,
		`{"status":[{"system":"Apps","status":"green"},null],"incidents":[]}`,
		`{"status":[{"system":"Apps"}],"incidents":[]}`,
		`{"status":[{"status":"green"}],"incidents":[]}`,
		`{"status":[{"system":"Apps","status":"green"}],"incidents":[{}]}`,
		`{"status":[{"system":"Apps","status":"green"}],"incidents":[7]}`,
		`{"incidents":[]}`,
		`{"incidents":[{"id":1,"systems":[{"name":"Apps","status":"red"}]}]}`,
	)
	for _, doc := range []string{`null`, `{}`} {
		if past, err := decodeHistory([]byte(doc)); err == nil || fetch.ReasonOf(err) != fetch.Shape {
			t.Errorf("history %s: %+v, %v; want an error of shape", doc, past, err)
		}
	}
}

// TestInParts: what is understood of trouble counts.
func TestInParts(t *testing.T) {
	for _, doc := range []string{
		`{"status":[{"system":"Apps","status":"red"},null],"incidents":[]}`,
		`{"status":[{"system":"Apps","status":"red"}]}`,
		`{"status":[{"system":"Apps","status":"red"}],"incidents":[{}]}`,
		`{"status":[{"system":"Apps","status":"red"}],"incidents":[{"id":1,"systems":7,"updates":{}}]}`,
	} {
		site := enginetest.Start(t, doc)
		r := enginetest.Poll(t, site.Open(t, "heroku", nil), noon)
		enginetest.Judged(t, r.Page, noon, "major down calm")
	}
}

// TestRecorded reads an answer of the vendor, where it is at hand: maintenance
// that its list calls resolved, while a system is still blue.
func TestRecorded(t *testing.T) {
	c := read(t, enginetest.Recorded(t, "heroku/current-status-maintenance.json"))
	p := c.page(defaultURL)
	maintenance := "none operational maintenance"
	if got := enginetest.Judge(p, noon).String(); got != maintenance || len(c.unknown) > 0 {
		t.Errorf("judged %+v, unknown words %q", got, c.unknown)
	}
	if got := enginetest.Judge(p, noon, "Apps").String(); got != "none operational calm" {
		t.Errorf("Apps alone is judged %+v", got)
	}
}

func FuzzDecode(f *testing.F) {
	for _, name := range []string{"calm", "trouble", "odd", "history"} {
		f.Add([]byte(body(f, name)))
	}
	f.Fuzz(func(t *testing.T, doc []byte) {
		if c, err := decode(doc); err == nil {
			enginetest.Sound(t, sources.Reading{Page: c.page(defaultURL), Ended: c.over})
		}
		if past, err := decodeHistory(doc); err == nil {
			enginetest.Sound(t, sources.Reading{Page: &status.Page{OnlyTroubles: true}, Ended: past})
		}
	})
}
