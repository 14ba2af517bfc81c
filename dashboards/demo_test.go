//go:build e2e

package dashboards

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/downstatus/downstatus_exporter/alerts"
)

// TestQueriesOnTheDemo lets two replicas tell the story of the demo to a real
// Prometheus with our rules, and then asks every query of every panel as
// Grafana would.
func TestQueriesOnTheDemo(t *testing.T) {
	binary := build(t)
	p := startPrometheus(t, startDemo(t, binary), startDemo(t, binary))
	// Docker has no past: its outage is that of the story.
	p.await(t, 4*time.Minute, `count(downstatus_last_outage_duration_seconds{slug="docker"}) == 2 and max(`+severity+`) <= 0`)
	p.end = time.Now()
	bridge := len(p.instant(t, "downstatus_bridge_queue_length", p.end)) > 0
	asked := 0
	for _, d := range all() {
		b := d.board()
		t.Run(d.uid, func(t *testing.T) {
			for _, v := range b.Templating.List {
				p.checkVariable(t, v)
			}
			for _, a := range b.Annotations.List[1:] {
				p.check(t, d, "annotation "+a.Name, query("", a.Expr), true)
			}
			for _, panel := range b.Panels {
				for _, q := range panel.Targets {
					asked++
					ofBridge := strings.Contains(q.Expr, "downstatus_bridge_")
					p.check(t, d, panel.Title+" "+q.RefID, q, !ofBridge || bridge)
				}
			}
		})
	}
	t.Logf("%d queries on %s of two demos, the bridge: %v", asked, p.end.Sub(p.begin).Round(time.Second), bridge)
	p.checkHeadline(t)
}

// checkHeadline holds the counts to the cast of the demo, which is the same in
// both replicas: each service once.
func (p *prometheusServer) checkHeadline(t *testing.T) {
	t.Helper()
	total := 0.0
	for i, title := range []string{"Unknown", "Operational", "Degraded", "Down"} {
		for _, s := range p.instant(t, p.filled(inState(title, i-1, red).Targets[0].Expr, ""), p.end) {
			total += s.last(t)
		}
	}
	services := p.instant(t, `count(count by (slug) (downstatus_service_severity))`, p.end)
	if len(services) != 1 || total != services[0].last(t) {
		t.Errorf("the headline counts %v services, there are %v", total, services)
	}
}

// check wants data and no two series that a reader could not tell apart.
func (p *prometheusServer) check(t *testing.T, d dashboard, name string, q target, wanted bool) {
	t.Helper()
	slugs := []string{""}
	if d.uid == serviceUID {
		slugs = []string{"discord", "digitalocean", "docker"} // an outage of both, a maintenance, an incident
	}
	found := false
	for _, slug := range slugs {
		expr := p.filled(q.Expr, slug)
		for _, moment := range p.moments(q.Instant) {
			got := moment(t, expr)
			found = found || len(got) > 0
			p.checkNames(t, name, q, got)
		}
	}
	if !found && wanted {
		t.Errorf("%s returns nothing:\n%s", name, q.Expr)
	}
}

// moments are the ways to ask: a graph once, the last value at several moments
// of the story, since an outage that is over has left the table.
func (p *prometheusServer) moments(instant bool) []func(*testing.T, string) []points {
	if !instant {
		return []func(*testing.T, string) []points{func(t *testing.T, expr string) []points { return p.over(t, expr) }}
	}
	var out []func(*testing.T, string) []points
	for at := p.end; at.After(p.begin); at = at.Add(-20 * time.Second) {
		out = append(out, func(t *testing.T, expr string) []points { return p.instant(t, expr, at) })
	}
	return out
}

// checkNames: two replicas look like one, but where replicas are the subject.
func (p *prometheusServer) checkNames(t *testing.T, name string, q target, got []points) {
	t.Helper()
	seen := map[string]bool{}
	for _, s := range got {
		key := fmt.Sprint(s.Metric)
		if q.Format != "table" {
			key = inBraces.ReplaceAllStringFunc(q.LegendFormat, func(m string) string { return s.Metric[m[2:len(m)-2]] })
		} else if s.Metric["signal"] == "" && s.Metric["slug"] != "" && s.Metric["alertname"] == "" {
			key = s.Metric["slug"]
		}
		if seen[key] && q.LegendFormat+q.Format != "time_series" { // annotations have no legend
			t.Errorf("%s: two series are called %q", name, key)
		}
		seen[key] = true
	}
}

var inBraces = regexp.MustCompile(`\{\{\w+\}\}`)

// checkVariable wants values of it. The demo has no teams.
func (p *prometheusServer) checkVariable(t *testing.T, v variable) {
	t.Helper()
	m := labelValues.FindStringSubmatch(v.Definition)
	if v.Type != "query" || m == nil {
		return
	}
	var values []string
	p.get(t, "label/"+m[2]+"/values", url.Values{"match[]": {p.filled(m[1], "")}}, &values)
	if len(values) == 0 && v.Name != "team" {
		t.Errorf("variable %s: %s has no values", v.Name, v.Definition)
	}
}

var labelValues = regexp.MustCompile(`^label_values\((.+), (\w+)\)$`)

// filled puts values in place of variables.
func (p *prometheusServer) filled(expr, slug string) string {
	values := []string{"$job", ".*", "$namespace", ".*", "$category", ".*", "$team", ".*", "$__rate_interval", "15s"}
	values = append(values, "$__range", fmt.Sprintf("%ds", int(p.end.Sub(p.begin).Seconds())))
	if slug == "" {
		slug = ".*"
	}
	return strings.NewReplacer(append(values, "$slug", slug)...).Replace(expr)
}

// prometheusServer is a running Prometheus.
type prometheusServer struct {
	url        string
	begin, end time.Time // of the story
}

type points struct {
	Metric map[string]string
	Value  [2]any   // of an instant
	Values [][2]any // over time
}

func (s points) last(t *testing.T) float64 {
	t.Helper()
	var v float64
	if _, err := fmt.Sscan(s.Value[1].(string), &v); err != nil {
		t.Fatal(err)
	}
	return v
}

// build makes the exporter, unless CI has made it, or the test has to be
// skipped.
func build(t *testing.T) (binary string) {
	t.Helper()
	needPrometheus(t)
	if binary = os.Getenv("E2E_EXPORTER"); binary != "" {
		return binary
	}
	binary = filepath.Join(t.TempDir(), "downstatus_exporter")
	if out, err := exec.Command("go", "build", "-o", binary, "..").CombinedOutput(); err != nil {
		t.Fatalf("%v:\n%s", err, out)
	}
	return binary
}

// startDemo runs a replica and returns its address.
func startDemo(t *testing.T, binary string) string {
	t.Helper()
	cmd := exec.Command(binary, "--demo", "--web.listen-address=127.0.0.1:0")
	stderr, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	run(t, cmd)
	lines := bufio.NewScanner(stderr)
	for lines.Scan() {
		if m := listening.FindStringSubmatch(lines.Text()); m != nil {
			go func() { _, _ = io.Copy(io.Discard, stderr) }() // ends with the process
			return m[1]
		}
	}
	t.Fatal("the demo did not start")
	return ""
}

var listening = regexp.MustCompile(`msg="Listening on" address=(\S+)`)

func run(t *testing.T, cmd *exec.Cmd) {
	t.Helper()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait() // it was killed
	})
}

// needPrometheus skips the test where there is none, but in CI, which has to
// bring it.
func needPrometheus(t *testing.T) {
	t.Helper()
	if _, err := exec.LookPath("prometheus"); err != nil {
		if os.Getenv("E2E_REQUIRED") == "1" {
			t.Fatal(err)
		}
		t.Skip(err)
	}
}

// startPrometheus scrapes replicas every second, with our rules at the same
// pace.
func startPrometheus(t *testing.T, replicas ...string) *prometheusServer {
	t.Helper()
	dir := t.TempDir()
	rules, err := alerts.Rules(alerts.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range rules {
		write(t, filepath.Join(dir, "rules", filepath.Base(name)), regexp.MustCompile(`(?m)^ +interval: .*\n`).ReplaceAll(text, nil))
	}
	write(t, filepath.Join(dir, "prometheus.yml"), fmt.Appendf(nil, `
global: {scrape_interval: 1s, scrape_timeout: 1s, evaluation_interval: 1s}
rule_files: [rules/*.yml]
scrape_configs:
  - job_name: vendors
    static_configs: [{targets: [%s], labels: {namespace: monitoring}}]
`, strings.Join(replicas, ", ")))
	address := freeAddress(t)
	log, err := os.Create(filepath.Join(dir, "log"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = log.Close() })
	cmd := exec.Command("prometheus", "--config.file="+filepath.Join(dir, "prometheus.yml"), "--storage.tsdb.path="+filepath.Join(dir, "data"), "--web.listen-address="+address)
	cmd.Stderr = log
	run(t, cmd)
	p := &prometheusServer{url: "http://" + address + "/api/v1/", begin: time.Now()}
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("the end of Prometheus' log:\n%s", tail(read(t, log.Name())))
		}
	})
	return p
}

func tail(text string) string { return text[max(0, len(text)-2000):] }

func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// await asks until there is an answer.
func (p *prometheusServer) await(t *testing.T, limit time.Duration, expr string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	every := time.NewTicker(time.Second)
	defer every.Stop()
	var last error
	for {
		var answer struct{ Result []points }
		if last = p.try("query", url.Values{"query": {expr}}, &answer); last == nil && len(answer.Result) > 0 {
			return
		}
		select {
		case <-every.C:
		case <-ctx.Done():
			t.Fatalf("within %s no answer to %s: %v", limit, expr, last)
		}
	}
}

func (p *prometheusServer) instant(t *testing.T, expr string, at time.Time) []points {
	t.Helper()
	var answer struct{ Result []points }
	p.get(t, "query", url.Values{"query": {expr}, "time": {stamp(at)}}, &answer)
	return answer.Result
}

func (p *prometheusServer) over(t *testing.T, expr string) []points {
	t.Helper()
	var answer struct{ Result []points }
	p.get(t, "query_range", url.Values{"query": {expr}, "start": {stamp(p.begin)}, "end": {stamp(p.end)}, "step": {"2"}}, &answer)
	return answer.Result
}

func stamp(t time.Time) string { return fmt.Sprintf("%.3f", float64(t.UnixMilli())/1000) }

func (p *prometheusServer) get(t *testing.T, path string, params url.Values, into any) {
	t.Helper()
	if err := p.try(path, params, into); err != nil {
		t.Errorf("%v", err)
	}
}

func (p *prometheusServer) try(path string, params url.Values, into any) error {
	resp, err := http.Get(p.url + path + "?" + params.Encode())
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	var answer struct {
		Status, Error string
		Data          json.RawMessage
	}
	if err := json.NewDecoder(resp.Body).Decode(&answer); err != nil {
		return err
	}
	if answer.Status != "success" {
		return fmt.Errorf("%s, of %v", answer.Error, params)
	}
	return json.Unmarshal(answer.Data, into)
}
