package slack

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/downstatus/downstatus_exporter/internal/status"
	"github.com/downstatus/downstatus_exporter/sources"
	"github.com/downstatus/downstatus_exporter/sources/internal/enginetest"
)

// noon is when the tests poll.
var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

const calm = `{"status":"ok","active_incidents":[]}`

func TestTarget(t *testing.T) {
	const document = "https://slack-status.com/api/v2.0.0/current"
	for _, url := range []string{"", home, home + "/", "slack-status.com", "https://status.slack.com", "https://status.slack.com/api/v2.0.0/history", document, home + historyPath} {
		got, err := target(sources.Config{URL: url})
		if err != nil || got.Name() != "slack-status.com" || got.Document.String() != document {
			t.Errorf("%q: name %s, document %s, %v", url, got.Name(), got.Document, err)
		}
	}
	if _, err := target(sources.Config{URL: "ftp://slack-status.com"}); err == nil {
		t.Error("no error for what is not a web address")
	}
}

func ongoing(id int) string {
	return fmt.Sprintf(`{"id":%d,"title":"Trouble","type":"incident","status":"active","date_created":"2026-11-22T01:00:00-08:00","services":["Files"]}`, id)
}

func ended(id int) string {
	return fmt.Sprintf(`{"id":"%d","title":"Trouble","type":"incident","status":"resolved","date_created":"2026-11-22T01:00:00-08:00","date_updated":"2026-11-22T02:00:00-08:00","services":["Files"]}`, id)
}

func current(incidents ...string) string {
	return `{"status":"active","active_incidents":[` + strings.Join(incidents, ",") + `]}`
}

func history(incidents ...string) string { return `[` + strings.Join(incidents, ",") + `]` }

// TestRequests follows incidents from their start to their end.
func TestRequests(t *testing.T) {
	site := enginetest.Start(t, "")
	src := site.Open(t, "slack", nil)
	one, two := []string{currentPath}, []string{currentPath, historyPath}
	var last *status.Page
	for _, tt := range []struct {
		name             string
		current, history string
		asked            []string
		open             int
		ended            string
		same             bool // the page of the poll before
	}{
		{"first", calm, history(ended(1), ended(2)), two, 0, "1 2", false},
		{"still calm", calm, "", one, 0, "", true},
		{"incidents", current(ongoing(3), ongoing(4)), "", one, 2, "", false},
		{"unchanged", current(ongoing(3), ongoing(4)), "", one, 2, "", true},
		{"one gone", current(ongoing(4)), history(ended(3), ongoing(4), ended(1)), two, 1, "3 1", false},
		{"nothing left to ask", current(ongoing(4)), "", one, 1, "", true},
		{"history behind", calm, history(ongoing(4)), two, 0, "", false},
		{"asked again", calm, history(ended(4)), two, 0, "4", true},
		{"another", current(ongoing(5)), "", one, 1, "", false},
		{"told by current", current(ended(5)), "", one, 0, "5", false},
	} {
		site.Say(currentPath, tt.current)
		site.Say(historyPath, tt.history)
		r, asked := site.Poll(t, src, noon)
		var ids []string
		for _, in := range r.Ended {
			ids = append(ids, in.ID)
			if !in.Over || in.Resolved.IsZero() {
				t.Errorf("%s: ended as %+v", tt.name, in)
			}
		}
		if diff := cmp.Diff(tt.asked, asked); diff != "" {
			t.Errorf("%s: requests %s", tt.name, diff)
		}
		if got := strings.Join(ids, " "); got != tt.ended || len(r.Page.Incidents) != tt.open || len(r.Notes) > 0 || (r.Page == last) != tt.same {
			t.Errorf("%s: %d open, ended %q, same page %t, notes %q", tt.name, len(r.Page.Incidents), got, r.Page == last, r.Notes)
		}
		last = r.Page
	}
}

func TestHistoryFails(t *testing.T) {
	for name, answer := range map[string]enginetest.Answer{
		"missing": {Code: 404}, "page": {Media: "text/html", Body: "<html>"}, "other JSON": {Body: `{"ok":true}`}, "empty": {},
	} {
		t.Run(name, func(t *testing.T) {
			site := enginetest.Start(t, "")
			src := site.Open(t, "slack", nil)
			site.Say(currentPath, calm)
			site.Answers[historyPath] = answer
			for poll := range 4 {
				r, asked := site.Poll(t, src, noon)
				if tries := poll < 3; r.Page == nil || (len(r.Notes) == 1) != tries || (len(asked) == 2) != tries {
					t.Errorf("poll %d: asked %q, notes %q; want three tries", poll, asked, r.Notes)
				}
			}
		})
	}
}

func TestBadAnswers(t *testing.T) {
	site := enginetest.Start(t, "")
	site.Say(currentPath, current(ongoing(1)))
	site.Say(historyPath, history())
	site.SurvivesJSON(t, site.Open(t, "slack", nil), currentPath, noon)
}

// TestRecorded reads answers of the vendor, where they are at hand.
func TestRecorded(t *testing.T) {
	site := enginetest.Start(t, "")
	site.Say(currentPath, enginetest.Recorded(t, "slack/current-ok-2026-06.json"))
	site.Say(historyPath, enginetest.Recorded(t, "slack/history-v2-2026-archive.json"))
	then := time.Date(2026, 5, 24, 0, 0, 0, 0, time.UTC)
	r, _ := site.Poll(t, site.Open(t, "slack", nil), then)
	enginetest.Sound(t, r)
	if got := enginetest.Judge(r.Page, then).String(); got != "none operational calm" || len(r.Ended) != 42 || len(r.Notes)+len(r.Page.UnknownWords) > 0 {
		t.Errorf("judged %+v, %d ended, notes %q, unknown words %q; want calm and 42", got, len(r.Ended), r.Notes, r.Page.UnknownWords)
	}
	past, err := reader{}.history([]byte(site.Answers[historyPath].Body))
	if err != nil || len(past.open) != 1 || len(past.unknown) > 0 {
		t.Errorf("history %+v, %v; want one open", past, err)
	}
}
