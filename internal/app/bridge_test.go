package app

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/go-kit/log"
)

// TestBridge runs the whole program against a page in trouble and an
// Alertmanager that only the second configuration names.
func TestBridge(t *testing.T) {
	page := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprint(w, `{"page":{"id":"acmeacmeacme","name":"Acme"},"status":{"indicator":"critical"},"components":[],"incidents":[],"scheduled_maintenances":[]}`)
	}))
	defer page.Close()
	type alert struct {
		Labels       map[string]string
		GeneratorURL string
	}
	posts := make(chan []alert, 100)
	manager := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var all []alert
		if err := json.NewDecoder(r.Body).Decode(&all); err != nil {
			t.Error(err)
		}
		posts <- all
	}))
	defer manager.Close()

	file := filepath.Join(t.TempDir(), "config.yml")
	services := fmt.Sprintf("global: {poll_interval: 10s}\nfeeds: []\nservices: [{slug: acme, official: {engine: statuspage, url: %q}}]\n", page.URL)
	configure := func(more string) {
		t.Helper()
		if err := os.WriteFile(file, []byte(services+more), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	configure("")
	a, err := New(Options{
		ConfigFile: file, Log: log.NewNopLogger(),
		Web: WebOptions{Listen: []string{"127.0.0.1:0"}, TelemetryPath: "/metrics", ExternalURL: "https://status.example.org/up"},
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- a.Run(ctx) }()

	configure(fmt.Sprintf("alertmanager: {static_configs: [{targets: [%q]}], http_config: {basic_auth: {password_file: gone}}}\n", manager.Listener.Addr()))
	if err := a.Reload(); err == nil {
		t.Error("HTTP settings with a file that is not there are taken")
	}
	configure(fmt.Sprintf("alertmanager: {static_configs: [{targets: [%q]}]}\n", manager.Listener.Addr()))
	if err := a.Reload(); err != nil {
		t.Error(err)
	}
	select {
	case all := <-posts:
		if len(all) != 1 || all[0].Labels["alertname"] != "DownstatusVendorDown" || all[0].GeneratorURL != "https://status.example.org/up/status/acme" {
			t.Errorf("posted %+v", all)
		}
	case <-time.After(20 * time.Second):
		t.Error("nothing was posted")
	}
	stop()
	if err := <-ended; err != nil {
		t.Errorf("run: %v", err)
	}
	if err := a.Close(); err != nil {
		t.Errorf("close: %v", err)
	}
}
