// Package promql holds the queries of the dashboards against Prometheus' own
// parser. It is a module of its own, so that the program does not depend on all
// of Prometheus.
package promql

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/prometheus/promql/parser"
)

// Durations that nothing else uses stand in for Grafana's.
const (
	rateInterval = 61*time.Minute + 1*time.Second
	timeShown    = 62*time.Minute + 2*time.Second
)

var grafana = strings.NewReplacer("$__rate_interval", "61m1s", "$__range", "62m2s")

type dashboard struct {
	Title  string
	Panels []struct {
		Title   string
		Targets []struct{ Expr string }
	}
	Annotations struct{ List []struct{ Name, Expr string } }
	Templating  struct {
		List []struct{ Name, Definition string }
	}
}

func read(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// queries are all of them, by where they stand.
func queries(t *testing.T) map[string][]string {
	t.Helper()
	files, err := filepath.Glob("../grafana/*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("no dashboards: %v", err)
	}
	out := map[string][]string{}
	for _, file := range files {
		var d dashboard
		if err := json.Unmarshal([]byte(read(t, file)), &d); err != nil {
			t.Fatal(err)
		}
		for _, p := range d.Panels {
			for _, q := range p.Targets {
				out[d.Title+", "+p.Title] = append(out[d.Title+", "+p.Title], q.Expr)
			}
		}
		for _, a := range d.Annotations.List {
			if a.Expr != "" {
				out[d.Title+", annotation "+a.Name] = []string{a.Expr}
			}
		}
		for _, v := range d.Templating.List {
			if m := labelValues.FindStringSubmatch(v.Definition); m != nil {
				out[d.Title+", variable "+v.Name] = []string{"group(" + m[1] + ")"}
			}
		}
	}
	return out
}

var labelValues = regexp.MustCompile(`^label_values\((.+), \w+\)$`)

// metrics are the names that exist, with their types: gauge, counter, record.
func metrics(t *testing.T) map[string]string {
	t.Helper()
	out := map[string]string{
		// Of Prometheus and of libraries.
		"ALERTS": "alerts", "scrape_samples_scraped": "gauge", "scrape_duration_seconds": "gauge",
		"process_resident_memory_bytes": "gauge", "process_cpu_seconds_total": "counter", "process_open_fds": "gauge",
		"go_memstats_heap_inuse_bytes": "gauge", "go_goroutines": "gauge", build: "gauge",
		// Of the bridge.
		"downstatus_bridge_alerts_sent_total": "counter", "downstatus_bridge_alerts_failed_total": "counter", "downstatus_bridge_queue_length": "gauge",
	}
	golden := read(t, "../../collector/testdata/metrics.txt")
	for _, m := range regexp.MustCompile(`(?m)^# TYPE (\S+) (\S+)$`).FindAllStringSubmatch(golden, -1) {
		out[m[1]] = m[2]
	}
	own := regexp.MustCompile(`New(Counter|Gauge|Histogram)(?:Vec)?\(prometheus\.\w+\{\s+Name:\s+"(downstatus_\w+)"`)
	for _, m := range own.FindAllStringSubmatch(read(t, "../../internal/app/metrics.go"), -1) {
		out[m[2]] = strings.ToLower(m[1])
		if m[1] == "Histogram" {
			out[m[2]+"_bucket"], out[m[2]+"_count"] = "counter", "counter"
		}
	}
	for _, file := range []string{"recording", "availability"} {
		for _, m := range regexp.MustCompile(`record: (\S+)`).FindAllStringSubmatch(read(t, "../../alerts/rules/downstatus-"+file+".yml"), -1) {
			out[m[1]] = "record"
		}
	}
	return out
}

// uncovered are metrics that are asked in spite of their recording rule,
// because of what it leaves out.
var uncovered = map[string]string{
	"downstatus_outage_start_timestamp_seconds": "the signal",
	"downstatus_outage_duration_seconds":        "the signal",
	"downstatus_incident_info":                  "all but the gravest incident",
	"downstatus_bridge_alerts_failed_total":     "the reason",
}

// build is how the variables find the exporter in the first place.
const build = "downstatus_exporter_build_info"

// check lists what is wrong with a query.
func check(query string, known map[string]string) error {
	expr, err := parser.NewParser(parser.Options{}).ParseExpr(grafana.Replace(query))
	if err != nil {
		return err
	}
	var faults []error
	fault := func(what string) { faults = append(faults, errors.New(what)) }
	parser.Inspect(expr, func(n parser.Node, path []parser.Node) error {
		switch n := n.(type) {
		case *parser.VectorSelector:
			checkSelector(n, path, known, fault)
		case *parser.MatrixSelector:
			checkRange(n, path, fault)
		}
		return nil
	})
	return errors.Join(faults...)
}

func checkSelector(v *parser.VectorSelector, path []parser.Node, known map[string]string, fault func(string)) {
	kind := known[v.Name]
	if kind == "" {
		fault("there is no metric " + v.Name)
	}
	matched := map[string]string{}
	for _, m := range v.LabelMatchers {
		matched[m.Name] = m.Value
	}
	if matched["namespace"] != "$namespace" && v.Name != build {
		fault(v.Name + " is not chosen by namespace")
	}
	if kind == "record" || kind == "alerts" {
		return
	}
	if matched["job"] != "$job" && v.Name != build {
		fault(v.Name + " is not chosen by job")
	}
	if record := recordOf(v.Name, known); record != "" && uncovered[v.Name] == "" {
		fault(v.Name + " is asked in place of " + record)
	}
	if kind == "gauge" {
		checkReplicas(v, path, fault)
	}
}

// recordOf is the recording rule of a metric, if there is one.
func recordOf(metric string, known map[string]string) string {
	for name := range known {
		if parts := strings.Split(name, ":"); len(parts) == 3 && parts[1] == strings.TrimSuffix(metric, "_total") {
			return name
		}
	}
	return ""
}

// checkReplicas: what two replicas both serve is never added up, and never
// shown twice.
func checkReplicas(v *parser.VectorSelector, path []parser.Node, fault func(string)) {
	for i := len(path) - 1; i >= 0; i-- {
		a, ok := path[i].(*parser.AggregateExpr)
		if !ok {
			continue
		}
		if a.Op == parser.SUM || a.Op == parser.AVG || a.Op == parser.COUNT && v.Name != build {
			fault(v.Name + " of all replicas is added up")
		}
		return
	}
	fault(v.Name + " is shown once for each replica")
}

// checkRange: rates over what Grafana makes of the scrape interval, sums over
// the time shown. A window of days has its name in the panel.
func checkRange(m *parser.MatrixSelector, path []parser.Node, fault func(string)) {
	call, ok := path[len(path)-1].(*parser.Call)
	if !ok { // the arguments are a node of their own
		call, ok = path[len(path)-2].(*parser.Call)
	}
	if !ok {
		fault("a range that no function takes: " + m.String())
		return
	}
	switch call.Func.Name {
	case "rate", "irate":
		if m.Range != rateInterval {
			fault(call.String() + " is not over $__rate_interval")
		}
	case "increase", "delta":
		if m.Range != rateInterval && m.Range != timeShown {
			fault(call.String() + " is neither over $__rate_interval nor over $__range")
		}
	default:
		if m.Range != timeShown && m.Range < 24*time.Hour {
			fault(call.String() + " is not over $__range")
		}
	}
}

func TestQueries(t *testing.T) {
	known := metrics(t)
	n := 0
	for where, all := range queries(t) {
		for _, q := range all {
			n++
			if err := check(q, known); err != nil {
				t.Errorf("%s:\n%v\nin %s", where, err, q)
			}
		}
	}
	if n < 100 {
		t.Errorf("%d queries, want at least 100", n)
	}
}

// TestFaultsAreSeen shows that the test above can fail.
func TestFaultsAreSeen(t *testing.T) {
	known := metrics(t)
	for _, tc := range []struct{ query, want string }{
		{`max(up{`, "parse error"},
		{`max(downstatus_nothing{job=~"$job",namespace=~"$namespace"})`, "there is no metric"},
		{`slug:downstatus_service_severity:max`, "not chosen by namespace"},
		{`max(downstatus_service_stale{namespace=~"$namespace"})`, "not chosen by job"},
		{`max(downstatus_service_severity{job=~"$job",namespace=~"$namespace"})`, "in place of slug:downstatus_service_severity:max"},
		{`downstatus_service_stale{job=~"$job",namespace=~"$namespace"}`, "once for each replica"},
		{`sum by (slug) (downstatus_service_stale{job=~"$job",namespace=~"$namespace"})`, "added up"},
		{`sum(rate(downstatus_poll_failures_total{job=~"$job",namespace=~"$namespace"}[5m]))`, "not over $__rate_interval"},
		{`sum(increase(downstatus_poll_failures_total{job=~"$job",namespace=~"$namespace"}[5m]))`, "nor over $__range"},
		{`max_over_time(slug:downstatus_service_severity:max{namespace=~"$namespace"}[5m])`, "is not over $__range"},
	} {
		if err := check(tc.query, known); err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%s: want %q, got %v", tc.query, tc.want, err)
		}
	}
	const fine = `sum(rate(downstatus_poll_failures_total{job=~"$job",namespace=~"$namespace"}[$__rate_interval]))`
	if err := check(fine, known); err != nil {
		t.Error(err)
	}
}
