package app

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-kit/log"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"github.com/downstatus/downstatus_exporter/internal/pgtest"
)

func TestMain(m *testing.M) {
	code := m.Run()
	pgtest.Stop()
	os.Exit(code)
}

// wire is a connection to a database that a test can cut.
type wire struct {
	net.Listener
	to     string
	mu     sync.Mutex
	open   []net.Conn
	cut    bool
	silent atomic.Bool // nothing comes through, and nobody is told
}

func newWire(t *testing.T, dsn string) (*wire, string) {
	t.Helper()
	u, err := url.Parse(dsn)
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	w := &wire{Listener: l, to: u.Host}
	go w.accept()
	t.Cleanup(func() {
		_ = l.Close()
		w.set(true)
	})
	u.Host = l.Addr().String()
	return w, u.String()
}

func (w *wire) accept() {
	for {
		from, err := w.Accept()
		if err != nil {
			return
		}
		to, err := net.Dial("tcp", w.to)
		if err != nil {
			_ = from.Close()
			continue
		}
		w.mu.Lock()
		w.open = append(w.open, from, to)
		if w.cut {
			_, _ = from.Close(), to.Close()
		}
		w.mu.Unlock()
		go w.carry(from, to)
		go w.carry(to, from)
	}
}

func (w *wire) carry(from, to net.Conn) {
	defer to.Close()
	buf := make([]byte, 64<<10)
	for {
		n, err := from.Read(buf)
		if err != nil {
			return
		}
		if w.silent.Load() {
			continue
		}
		if _, err := to.Write(buf[:n]); err != nil {
			return
		}
	}
}

// set cuts the wire, or mends it for new connections.
func (w *wire) set(cut bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.cut = cut
	for _, c := range w.open {
		_ = c.Close()
	}
	w.open = nil
}

// logs is a log that a test reads.
type logs struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *logs) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *logs) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

func configureShared(t *testing.T, dsn, upstream string) Options {
	t.Helper()
	file := filepath.Join(t.TempDir(), "config.yml")
	text := fmt.Sprintf("global: {poll_interval: 10s}\nhistory: {dsn: %q}\nfeeds: []\nservices:\n  - {slug: acme, official: {engine: statuspage, url: %q}}\n", dsn, upstream)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return Options{ConfigFile: file, Web: WebOptions{Listen: []string{"127.0.0.1:0"}, TelemetryPath: "/metrics"}}
}

// join runs one replica until the test ends.
func join(t *testing.T, o Options) (*App, *logs) {
	t.Helper()
	l := &logs{}
	o.Log = log.NewLogfmtLogger(l)
	a, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- a.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Errorf("run: %v", err)
		}
		_ = a.Close() // its database may be out of reach
		if strings.Contains(l.String(), "hunter2") {
			t.Errorf("the log shows the password:\n%s", l)
		}
	})
	return a, l
}

func eventually(t *testing.T, what string, so func() bool) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); !so(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("a minute has passed, but not: %s", what)
		}
	}
}

// TestDatabaseOutOfReach: a leader that cannot reach the database any more
// stops asking and goes on serving; another one leads; and when the database is
// back, it follows.
func TestDatabaseOutOfReach(t *testing.T) {
	for name, lose := range map[string]func(w *wire, lost bool){
		"cut": func(w *wire, lost bool) { w.set(lost) },
		"silent": func(w *wire, lost bool) {
			w.silent.Store(lost)
			if !lost {
				w.set(false) // what was swallowed is gone
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			page := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", "application/json")
				_, _ = io.WriteString(w, `{"page":{"id":"abcdefghijkl","name":"Acme"},"status":{"indicator":"major"},"components":[],"incidents":[],"scheduled_maintenances":[]}`)
			}))
			t.Cleanup(page.Close)
			dsn := pgtest.Address(t)
			w, wired := newWire(t, dsn)
			a, alog := join(t, configureShared(t, wired, page.URL))
			shown := func() string { // what it serves of the service
				if v := a.board.Snapshot().Services; len(v) == 1 {
					return v[0].Status.String()
				}
				return "nothing"
			}
			eventually(t, "the first leads and has polled", func() bool { return a.replica.leads.Load() && shown() == "down" })
			b, _ := join(t, configureShared(t, dsn, page.URL))
			eventually(t, "the second follows", func() bool { return b.replica.followed.Load() })

			lose(w, true)
			eventually(t, "the first steps down", func() bool { return !a.replica.leads.Load() })
			eventually(t, "the second leads", func() bool { return b.replica.leads.Load() })
			a.reloading.Lock()
			polls := a.term != nil
			a.reloading.Unlock()
			if polls || !a.Ready() || shown() != "down" {
				t.Errorf("without its database it polls: %v, is ready: %v, shows %s", polls, a.Ready(), shown())
			}
			eventually(t, "store_up is 0", func() bool { return testutil.ToFloat64(a.metrics.storeUp) == 0 })

			lose(w, false)
			eventually(t, "store_up is 1", func() bool { return testutil.ToFloat64(a.metrics.storeUp) == 1 })
			if a.replica.leads.Load() || !b.replica.leads.Load() || shown() != "down" {
				t.Errorf("the first leads: %v, the second: %v, shown is %s", a.replica.leads.Load(), b.replica.leads.Load(), shown())
			}
			if n := strings.Count(alog.String(), "lease is lost"); n != 1 {
				t.Errorf("%d lines about the lost lease, want 1:\n%s", n, alog)
			}
		})
	}
}

// TestNoDatabaseAtStart: one clear error that names the host and the database.
func TestNoDatabaseAtStart(t *testing.T) {
	dsn := pgtest.Address(t)
	w, wired := newWire(t, dsn)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	o := configureShared(t, wired, "http://127.0.0.1:1")
	o.Log = log.NewNopLogger()
	a, err := New(o)
	if err == nil {
		_ = a.Close()
		t.Fatal("it started")
	}
	if want := "store postgres://" + w.Addr().String() + "/postgres: "; !strings.HasPrefix(err.Error(), want) ||
		!strings.Contains(err.Error(), "connection refused") || strings.Contains(err.Error(), "hunter2") || strings.Contains(err.Error(), "\n") {
		t.Errorf("got %q, want it to begin with %q and to say why", err, want)
	}
}
