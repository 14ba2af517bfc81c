package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/downstatus/downstatus_exporter/internal/pgtest"
)

// TestMain lets the test binary stand in for the real one: in scripts by its
// name, and for processes that a test signals by an environment variable.
func TestMain(m *testing.M) {
	if os.Getenv("DOWNSTATUS_TEST_MAIN") == "1" {
		main()
	}
	testscript.Main(tests{m}, map[string]func(){"downstatus_exporter": main})
}

// tests are all tests, and the end of the database that some of them start.
type tests struct{ *testing.M }

func (t tests) Run() int {
	defer pgtest.Stop()
	return t.M.Run()
}

func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{Dir: "testdata/script"})
}

// process is a running exporter.
type process struct {
	cmd *exec.Cmd
	url string
	log *strings.Builder
}

var listening = regexp.MustCompile(`msg="Listening on" address=(\S+)`)

// start runs the exporter and waits until it listens.
func start(t *testing.T, args ...string) *process {
	t.Helper()
	p := &process{log: &strings.Builder{}}
	p.cmd = exec.Command(os.Args[0], append(args, "--web.listen-address=127.0.0.1:0")...)
	p.cmd.Env = append(os.Environ(), "DOWNSTATUS_TEST_MAIN=1")
	stderr, err := p.cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.cmd.Process.Kill() })
	lines := bufio.NewScanner(stderr)
	for lines.Scan() {
		fmt.Fprintln(p.log, lines.Text())
		if m := listening.FindStringSubmatch(lines.Text()); m != nil {
			p.url = "http://" + m[1]
			go func() { _, _ = io.Copy(io.Discard, stderr) }() // until the process ends
			return p
		}
	}
	t.Fatalf("the exporter did not start:\n%s", p.log)
	return nil
}

// stop sends a signal and returns the exit code.
func (p *process) stop(t *testing.T, s syscall.Signal) int {
	t.Helper()
	if err := p.cmd.Process.Signal(s); err != nil {
		t.Fatal(err)
	}
	_ = p.cmd.Wait() // the exit code tells
	return p.cmd.ProcessState.ExitCode()
}

func (p *process) get(t *testing.T, path string) (int, string) {
	t.Helper()
	resp, err := http.Get(p.url + path)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(b)
}

// await polls the exporter until its metrics hold a line that begins so, and
// returns the lines that do.
func (p *process) await(t *testing.T, prefix string) []string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	for {
		_, body := p.get(t, "/metrics")
		var found []string
		for line := range strings.Lines(body) {
			if strings.HasPrefix(line, prefix) {
				found = append(found, line)
			}
		}
		if len(found) > 0 {
			return found
		}
		select {
		case <-ctx.Done():
			t.Fatalf("no %s in the metrics within 20 s:\n%s", prefix, body)
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// page is an official page in Statuspage's shape, with an open incident.
func page(t *testing.T, indicator *atomic.Value) *httptest.Server {
	began := time.Now().Add(-7 * time.Minute).UTC().Format(time.RFC3339)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		open := []any{}
		if word := indicator.Load().(string); word != "none" {
			open = append(open, map[string]any{"id": "i1", "name": "Broken", "status": "investigating", "impact": word, "started_at": began, "created_at": began})
		}
		_ = json.NewEncoder(w).Encode(map[string]any{
			"page": map[string]any{"id": "abcdefghijkl", "name": "Acme"}, "status": map[string]any{"indicator": indicator.Load()},
			"components": []any{}, "incidents": open, "scheduled_maintenances": []any{},
		})
	}))
	t.Cleanup(s.Close)
	return s
}

func configure(t *testing.T, services string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "config.yml")
	text := "global: {poll_interval: 10s}\nfeeds: []\nservices:\n" + services
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// TestKilledFiveTimesInAnOutage: same start, one record, counters unchanged.
func TestKilledFiveTimesInAnOutage(t *testing.T) {
	var indicator atomic.Value
	indicator.Store("major")
	upstream := page(t, &indicator)
	file := configure(t, "  - {slug: acme, official: {engine: statuspage, url: "+upstream.URL+"}}\n")
	store := t.TempDir()
	args := []string{"--config.file=" + file, "--storage.path=" + store}

	p := start(t, args...)
	began := p.await(t, "downstatus_outage_start_timestamp_seconds")
	for i := range 5 {
		p.stop(t, syscall.SIGKILL)
		p = start(t, args...)
		if got := p.await(t, "downstatus_outage_start_timestamp_seconds"); strings.Join(got, "") != strings.Join(began, "") {
			t.Fatalf("start %d: %v, want %v", i, got, began)
		}
		if got := strings.Join(p.await(t, `downstatus_outages_total{signal="official_status_page"`), ""); !strings.HasSuffix(got, " 1\n") {
			t.Fatalf("start %d: %s", i, got)
		}
	}
	var answer struct{ Data []map[string]any }
	_, body := p.get(t, "/api/v1/outages")
	if err := json.Unmarshal([]byte(body), &answer); err != nil || len(answer.Data) != 1 {
		t.Errorf("%v, want one record: %s", err, body)
	}
	if code := p.stop(t, syscall.SIGTERM); code != 0 {
		t.Errorf("SIGTERM: exit code %d", code)
	}
}

// printed runs a command on a store and returns what it prints.
func printed(t *testing.T, args ...string) string {
	t.Helper()
	cmd := exec.Command(os.Args[0], args...)
	cmd.Env = append(os.Environ(), "DOWNSTATUS_TEST_MAIN=1")
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v: %v: %s", args, err, &stderr)
	}
	return string(out)
}

// TestHistoryOfARun: the commands read the store of a run, under way and ended,
// and tell the same as its API.
func TestHistoryOfARun(t *testing.T) {
	var indicator atomic.Value
	indicator.Store("major")
	upstream := page(t, &indicator)
	file := configure(t, "  - {slug: acme, name: Acme, official: {engine: statuspage, url: "+upstream.URL+"}}\n")
	args := []string{"--config.file=" + file, "--storage.path=" + t.TempDir()}
	p := start(t, args...)
	start := strings.Fields(p.await(t, `downstatus_outage_start_timestamp_seconds{signal="official_status_page",slug="acme"}`)[0])[1]
	began, err := strconv.ParseFloat(start, 64) // 7 minutes before anybody watched
	if err != nil {
		t.Fatal(err)
	}
	if code, body := p.get(t, "/api/x/services/acme/availability"); code != http.StatusOK || !strings.Contains(body, `"window":"90d"`) {
		t.Errorf("availability: %d %s", code, body)
	}
	for _, when := range []string{"under way", "ended"} {
		if when == "ended" {
			p.stop(t, syscall.SIGTERM)
		}
		first := fmt.Sprintf("\ndownstatus_service_severity{slug=\"acme\"} 2 %.0f\n", math.Ceil(began))
		if out := printed(t, append(args, "backfill", "--since=1h")...); !strings.Contains(out, first) || !strings.HasSuffix(out, "\n# EOF\n") {
			t.Errorf("%s: no %q in\n%s", when, first, out)
		}
		var rows []struct {
			Scope, Name string
			Outages     int
			Minutes     float64 `json:"outage_minutes"`
		}
		out := printed(t, append(args, "report", "--since=30d", "--json")...)
		if err := json.Unmarshal([]byte(out), &rows); err != nil || len(rows) != 2 {
			t.Fatalf("%s: %v: %s", when, err, out)
		}
		if r := rows[0]; r.Name != "Acme" || r.Outages != 1 || r.Minutes < 7 || rows[1].Scope != "all" {
			t.Errorf("%s: %s", when, out)
		}
	}
}

// TestUnreadablePageIsNeverOperational: before the first good poll unknown,
// later the last good reading.
func TestUnreadablePageIsNeverOperational(t *testing.T) {
	broken := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		_, _ = io.WriteString(w, "<!doctype html><title>All systems operational</title>")
	}))
	t.Cleanup(broken.Close)
	file := configure(t, "  - {slug: acme, official: {engine: statuspage, url: "+broken.URL+"}}\n")
	p := start(t, "--config.file="+file, "--storage.path=")
	p.await(t, `downstatus_poll_failures_total{engine="statuspage",reason="content_type"} 1`)
	for _, want := range []string{
		`downstatus_service_status{slug="acme",status="unknown"} 1`,
		`downstatus_service_signal_up{signal="official_status_page",slug="acme"} 0`,
		`downstatus_service_official_indicator{indicator="unknown",slug="acme"} 1`,
	} {
		p.await(t, want)
	}
	if code, body := p.get(t, "/api/v1/status/acme"); code != http.StatusServiceUnavailable {
		t.Errorf("%d %s, want 503 for an unknown status", code, body)
	}
	p.stop(t, syscall.SIGTERM)
}

// TestDemo: a service in trouble within 20 s, and every path answers.
func TestDemo(t *testing.T) {
	p := start(t, "--demo", "--web.enable-lifecycle")
	p.await(t, "downstatus_outage_start_timestamp_seconds")
	p.await(t, `downstatus_source_up{source="feed/downstatus"} 1`)
	for path, want := range map[string]int{
		"/": 200, "/status/discord": 200, "/status/nothing": 404, "/metrics": 200, "/api/v1/services": 200, "/api/v1/outages": 200,
		"/api/v1/status/github": 200, "/api/v1/status/nothing": 404, "/api/v1/openapi.json": 200, "/-/healthy": 200, "/config": 200,
		"/-/reload": 405, "/debug/pprof/": 404,
	} {
		if code, body := p.get(t, path); code != want {
			t.Errorf("%s: %d, want %d: %.200s", path, code, want, body)
		}
	}
	if resp, err := http.Post(p.url+"/-/reload", "", nil); err != nil || resp.StatusCode != http.StatusOK {
		t.Errorf("reload: %v, %v", resp, err)
	}
	if code := p.stop(t, syscall.SIGTERM); code != 0 {
		t.Errorf("exit code %d", code)
	}
}

// TestReload: a good file comes into force, a bad one changes nothing.
func TestReload(t *testing.T) {
	var indicator atomic.Value
	indicator.Store("none")
	upstream := page(t, &indicator)
	line := "  - {slug: acme, official: {engine: statuspage, url: " + upstream.URL + "}}\n"
	file := configure(t, line)
	p := start(t, "--config.file="+file, "--storage.path=")
	p.await(t, `downstatus_service_status{slug="acme",status="operational"} 1`)
	write := func(text string) {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := p.cmd.Process.Signal(syscall.SIGHUP); err != nil {
			t.Fatal(err)
		}
	}
	write("services: nonsense\n")
	p.await(t, "downstatus_config_last_reload_successful 0")
	p.await(t, `downstatus_service_status{slug="acme",status="operational"} 1`)
	write("feeds: []\nservices:\n" + line + "  - {slug: second, official: {engine: statuspage, url: " + upstream.URL + "}}\n")
	p.await(t, "downstatus_config_last_reload_successful 1")
	p.await(t, `downstatus_service_status{slug="second",status="operational"} 1`)
	p.stop(t, syscall.SIGTERM)
}

// TestImageContext: what the image is built of must not be left out of it.
func TestImageContext(t *testing.T) {
	ignored, err := os.ReadFile(".dockerignore")
	if err != nil {
		t.Fatal(err)
	}
	const files = `{{if and .Module .Module.Main}}{{$dir := .Dir}}{{range .GoFiles}}{{$dir}}/{{.}}{{"\n"}}{{end}}{{range .EmbedFiles}}{{$dir}}/{{.}}{{"\n"}}{{end}}{{end}}`
	out, err := exec.Command("go", "list", "-deps", "-f", files, ".").Output()
	if err != nil {
		t.Fatal(err)
	}
	root, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for file := range strings.FieldsSeq(string(out)) {
		name := strings.TrimPrefix(file, root+"/")
		for pattern := range strings.FieldsSeq(string(ignored)) {
			anywhere, deep := strings.CutPrefix(pattern, "**/")
			matched, err := path.Match(pattern, name)
			if err != nil {
				t.Fatal(err)
			}
			if matched || strings.HasPrefix(name, pattern+"/") || deep && strings.Contains("/"+name, "/"+anywhere+"/") {
				t.Errorf("%s is part of the program, and %q leaves it out", name, pattern)
			}
		}
	}
}
