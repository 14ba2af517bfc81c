package bridge

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/downstatus/downstatus_exporter/internal/config"
	"github.com/downstatus/downstatus_exporter/internal/history"
)

// section is a bridge to one target, with more keys.
func section(t *testing.T, target, more string) *config.Alertmanager {
	t.Helper()
	cfg, err := config.Parse("test", fmt.Appendf(nil, "feeds: []\nservices: [{slug: acme, official: {engine: statuspage, url: \"https://status.acme.test\"}}]\nalertmanager: {static_configs: [{targets: [%q]}]%s}\n", target, more))
	if err != nil {
		t.Fatal(err)
	}
	return cfg.Alertmanager
}

func send(t *testing.T, cfg *config.Alertmanager) error {
	t.Helper()
	c, err := newClient(cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer c.close()
	return c.post(t.Context(), cfg.Static[0], []history.Alert{{Labels: map[string]string{"alertname": "A"}, StartsAt: time.Now()}}, time.Now())
}

// TestAnswers: what each answer counts as. Only a 2xx to the post itself takes
// the alerts.
func TestAnswers(t *testing.T) {
	for code, want := range map[int]Reason{
		200: "", 202: "", 204: "",
		400: refused, 413: refused, 422: refused, 401: denied, 403: denied,
		404: http4xx, 405: http4xx, 415: http4xx, 429: http4xx, 500: http5xx, 503: http5xx, 304: httpOther,
		301: httpOther, 302: httpOther, 303: httpOther, 307: "", 308: "", // these are followed
	} {
		var path string
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/elsewhere" {
				return
			}
			path = r.Method + " " + r.URL.Path + " " + r.Header.Get("Content-Type")
			if code/100 == 3 && code != 304 {
				http.Redirect(w, r, "/elsewhere", code)
				return
			}
			w.WriteHeader(code)
			if code/100 == 4 {
				_, _ = io.WriteString(w, "bad \x00\xff\nlabel set "+strings.Repeat("x", 1000))
			}
		}))
		err := send(t, section(t, server.Listener.Addr().String(), ", path_prefix: /am/"))
		server.Close()
		if path != "POST /am/api/v2/alerts application/json" {
			t.Errorf("asked %s", path)
		}
		switch {
		case want == "" && err != nil:
			t.Errorf("%d: %v", code, err)
		case want != "" && (err == nil || reasonOf(err) != want):
			t.Errorf("%d: %v, want %s", code, err, want)
		case code == 400 && (!strings.HasPrefix(err.Error(), "answers 400 Bad Request: bad") || strings.Contains(err.Error(), "\n") || len(err.Error()) > 400):
			t.Errorf("%d: %v", code, err)
		}
	}
}

func TestNetworkFailures(t *testing.T) {
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed.Close()
	plain := httptest.NewServer(http.NotFoundHandler())
	defer plain.Close()
	secure := httptest.NewUnstartedServer(http.NotFoundHandler())
	secure.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	secure.StartTLS()
	defer secure.Close()
	broken := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { panic(http.ErrAbortHandler) }))
	defer broken.Close()
	for _, tc := range []struct {
		name, target, more string
		want               Reason
		says               string
	}{
		{"nobody listens", closed.Addr().String(), "", connect, "connection refused"},
		{"it breaks off", broken.Listener.Addr().String(), "", connect, "EOF"},
		{"no such host", "alertmanager.invalid:9093", "", dns, "alertmanager.invalid"},
		{"a certificate nobody knows", secure.Listener.Addr().String(), ", scheme: https", untrusted, "certificate"},
		{"plain HTTP", plain.Listener.Addr().String(), ", scheme: https", untrusted, "HTTP response to HTTPS client"},
		{"through a proxy that is away", "am.acme.test:9093", fmt.Sprintf(`, http_config: {proxy_url: "http://bob:hunter2@%s"}`, closed.Addr()), connect, "connection refused"},
	} {
		err := send(t, section(t, tc.target, tc.more))
		if err == nil || reasonOf(err) != tc.want || !strings.Contains(err.Error(), tc.says) || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: %v, want %s and %q", tc.name, err, tc.want, tc.says)
		}
	}
}

func TestHTTPSettings(t *testing.T) {
	var auth, agent string
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		auth, agent = r.Header.Get("Authorization"), r.UserAgent()
	}))
	defer server.Close()
	password := filepath.Join(t.TempDir(), "password")
	if err := os.WriteFile(password, []byte("hunter2"), 0o600); err != nil {
		t.Fatal(err)
	}
	more := fmt.Sprintf(", http_config: {basic_auth: {username: bob, password_file: %q}}", password)
	if err := send(t, section(t, server.Listener.Addr().String(), more)); err != nil {
		t.Fatal(err)
	}
	if auth != "Basic Ym9iOmh1bnRlcjI=" || !strings.HasPrefix(agent, "downstatus_exporter/") {
		t.Errorf("asked as %s by %s", auth, agent)
	}
}

// TestTimesAreClamped: an alert that ends before it starts would be refused.
func TestTimesAreClamped(t *testing.T) {
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	b := newBook([]history.Alert{{Labels: map[string]string{"alertname": "A"}, StartsAt: now.Add(time.Hour)}}, now)
	b.follow(nil, func(history.Alert) map[string]string { return nil }, now.Add(-time.Minute))
	body, err := encode(b.all(), now)
	if want := `[{"labels":{"alertname":"A"},"annotations":null,"startsAt":"2026-11-22T12:00:00Z","endsAt":"2026-11-22T12:00:00Z"}]`; err != nil || string(body) != want {
		t.Errorf("%s, %v; want %s", body, err, want)
	}
}

func TestTrial(t *testing.T) {
	var bodies []string
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		bodies = append(bodies, string(b))
	}))
	defer server.Close()
	cfg := section(t, server.Listener.Addr().String(), ", file_sd_configs: [{files: [nothing/*.yml]}]")
	trial, err := NewTrial(t.Context(), cfg, config.Service{Slug: "acme", Name: "Acme", Labels: map[string]string{"team": "web", "tier": ""}})
	if err != nil {
		t.Fatal(err)
	}
	defer trial.Close()
	for _, a := range append(trial.Fire(t.Context()), trial.Resolve(context.Background(), cfg.Static)...) {
		if a.Err != nil || a.Peer != cfg.Static[0] {
			t.Errorf("%+v", a)
		}
	}
	for _, part := range []string{`"alertname":"DownstatusTestAlert"`, `"severity":"critical"`, `"team":"web"`, `"depends_on":"acme"`, `"via":"bridge"`} {
		if len(bodies) != 2 || !strings.Contains(bodies[0], part) || !strings.Contains(bodies[1], part) {
			t.Errorf("no %s in %q", part, bodies)
		}
	}
}
