package demo

import (
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/go-kit/log"
)

func TestInbox(t *testing.T) {
	var lines strings.Builder
	b := newInbox(func() time.Time { return began }, log.NewLogfmtLogger(&lines))
	const firing = `{"labels":{"alertname":"A","slug":"acme"},"startsAt":"2026-11-22T11:59:00Z","endsAt":"2026-11-22T12:04:00Z"}`
	resolved := strings.ReplaceAll(firing, "12:04", "11:59")
	for _, tc := range []struct {
		name, media, body string
		code              int
		listed            int
		lines             int // logged in all
	}{
		{"no JSON", "text/plain", "[]", 415, 0, 0},
		{"no list", "application/json", "{}", 400, 0, 0},
		{"no labels", "application/json", `[{"labels":{}}]`, 400, 0, 0},
		{"fires, beside one that ends before it starts", "application/json", "[" + strings.ReplaceAll(resolved, "11:59:00Z\",", "13:00:00Z\",") + "," + firing + "]", 400, 1, 1},
		{"again", "application/json; charset=utf-8", "[" + firing + "]", 200, 1, 1},
		{"resolved", "application/json", "[" + resolved + "]", 200, 0, 2},
		{"resolved again", "application/json", "[" + resolved + "]", 200, 0, 2},
	} {
		r := httptest.NewRequest("POST", inboxPath+"/api/v2/alerts", strings.NewReader(tc.body))
		r.Header.Set("Content-Type", tc.media)
		w := httptest.NewRecorder()
		b.handler().ServeHTTP(w, r)
		list := httptest.NewRecorder()
		b.handler().ServeHTTP(list, httptest.NewRequest("GET", inboxPath+"/api/v2/alerts", nil))
		if n := strings.Count(list.Body.String(), `"fingerprint"`); w.Code != tc.code || n != tc.listed {
			t.Errorf("%s: %d and %d listed, want %d and %d: %s", tc.name, w.Code, n, tc.code, tc.listed, list.Body)
		}
		if n := strings.Count(lines.String(), "\n"); n != tc.lines {
			t.Errorf("%s: %d lines, want %d:\n%s", tc.name, n, tc.lines, &lines)
		}
	}
}
