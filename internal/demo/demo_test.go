package demo

import (
	"encoding/json"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/go-kit/log"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var began = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// ask asks the world at a moment of its story.
func ask(t *testing.T, at time.Duration, path string) map[string]any {
	t.Helper()
	w := httptest.NewRecorder()
	story{started: began}.handler(func() time.Time { return began.Add(at) }).ServeHTTP(w, httptest.NewRequest("GET", path, nil))
	var body map[string]any
	if err := json.Unmarshal(w.Body.Bytes(), &body); err != nil {
		t.Fatalf("%s at %s: %d %v", path, at, w.Code, err)
	}
	return body
}

func TestCast(t *testing.T) {
	seen := map[string]bool{}
	for _, v := range cast {
		if seen[v.slug] {
			t.Errorf("%s plays twice", v.slug)
		}
		seen[v.slug] = true
		last := time.Duration(0)
		for _, a := range v.acts {
			if a.from < last || a.to <= a.from || a.to > 2*time.Minute {
				t.Errorf("%s: act %s to %s", v.slug, a.from, a.to)
			}
			last = a.to
		}
	}
	if len(cast) < 20 {
		t.Errorf("%d services, want at least 20", len(cast))
	}
}

// TestStory: users report, the page is silent, the page admits, it recovers.
func TestStory(t *testing.T) {
	for _, tc := range []struct {
		at                 time.Duration
		users, page, stage string
	}{
		{0, "operational", "none", ""},
		{10 * time.Second, "degraded", "none", ""},
		{30 * time.Second, "down", "none", ""},
		{60 * time.Second, "down", "major", "investigating"},
		{100 * time.Second, "operational", "minor", "monitoring"},
		{115 * time.Second, "operational", "none", ""},
		{period + 10*time.Second, "degraded", "none", ""},
	} {
		rows := ask(t, tc.at, "/feed/api/v1/services?category=social")["data"].([]any)
		page := ask(t, tc.at, "/discord/api/v2/summary.json")
		stage := ""
		for _, in := range page["incidents"].([]any) {
			stage = in.(map[string]any)["status"].(string)
		}
		users := rows[0].(map[string]any)["status"]
		word := page["status"].(map[string]any)["indicator"]
		if users != tc.users || word != tc.page || stage != tc.stage {
			t.Errorf("at %s: users %v, page %v, stage %q; want %q, %q, %q", tc.at, users, word, stage, tc.users, tc.page, tc.stage)
		}
	}
}

func TestTroubleBeginsWithinTenSeconds(t *testing.T) {
	early := 0
	for _, v := range cast {
		if len(v.acts) > 0 && v.acts[0].from <= 10*time.Second {
			early++
		}
	}
	if early < 3 {
		t.Errorf("%d services in trouble within ten seconds", early)
	}
}

func TestEndsAreTold(t *testing.T) {
	all := ask(t, 119*time.Second, "/discord/api/v2/incidents.json")["incidents"].([]any)
	if got := all[0].(map[string]any)["resolved_at"]; got != "2026-11-22T12:01:50.000Z" {
		t.Errorf("resolved_at %v", got)
	}
	open := ask(t, 30*time.Second, "/feed/api/v1/outages?status=ongoing")["data"].([]any)
	ended := ask(t, 119*time.Second, "/feed/api/v1/outages?status=resolved")["data"].([]any)
	if len(open) != 2 || len(ended) != 2+3 { // three of the past
		t.Errorf("%d ongoing, %d resolved", len(open), len(ended))
	}
}

func TestMaintenanceAndBrokenUpstream(t *testing.T) {
	word := ask(t, 30*time.Second, "/digitalocean/api/v2/summary.json")["status"].(map[string]any)["indicator"]
	if word != "maintenance" {
		t.Errorf("digitalocean says %v", word)
	}
	w := httptest.NewRecorder()
	story{started: began}.handler(time.Now).ServeHTTP(w, httptest.NewRequest("GET", "/stripe/api/v2/summary.json", nil))
	if w.Code != 502 {
		t.Errorf("the broken upstream answers %d", w.Code)
	}
}

func TestWorldIsMarkedAsSimulated(t *testing.T) {
	w, err := Start(log.NewNopLogger())
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	config := string(w.Config())
	if n := strings.Count(config, "(simulated)"); n != len(cast) {
		t.Errorf("%d of %d names are marked", n, len(cast))
	}
}
