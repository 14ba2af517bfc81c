package app

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/go-kit/log"

	_ "github.com/downstatus/downstatus_exporter/sources/all"
)

// write makes a configuration of many pages that nobody serves. Its timeout
// makes the HTTP clients differ.
func write(t *testing.T, file string, timeout int) {
	t.Helper()
	var b strings.Builder
	fmt.Fprintf(&b, "global: {poll_interval: 10s, poll_timeout: %ds}\nfeeds: []\nservices:\n", timeout)
	for i := range 100 {
		fmt.Fprintf(&b, "  - {slug: s%d, official: {engine: statuspage, url: \"http://127.0.0.1:1/%d\"}}\n", i, i)
	}
	if err := os.WriteFile(file, []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestReloadWhilePollsBegin changes the HTTP settings while the first round
// opens its sources, for the race detector.
func TestReloadWhilePollsBegin(t *testing.T) {
	file := filepath.Join(t.TempDir(), "config.yml")
	write(t, file, 1)
	a, err := New(Options{
		ConfigFile: file, Log: log.NewNopLogger(),
		Web: WebOptions{Listen: []string{"127.0.0.1:0"}, TelemetryPath: "/metrics"},
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- a.Run(ctx) }()
	for i := range 20 {
		write(t, file, 2+i)
		if err := a.Reload(); err != nil {
			t.Errorf("reload: %v", err)
		}
	}
	select {
	case <-a.poller.FirstRound():
	case <-time.After(30 * time.Second):
		t.Error("the first round did not end")
	}
	if n := len(a.clients.open); n != 1 {
		t.Errorf("%d clients are open, want the newest alone", n)
	}
	stop()
	if err := <-ended; err != nil {
		t.Errorf("run: %v", err)
	}
	if err := a.Close(); err != nil {
		t.Errorf("close: %v", err)
	}
}
