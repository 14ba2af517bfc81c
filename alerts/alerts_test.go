package alerts

import (
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"

	"github.com/downstatus/downstatus_exporter/internal/status"
)

func read(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// names are all first submatches in a text, sorted, each once.
func names(text, pattern string) []string {
	var out []string
	for _, m := range regexp.MustCompile(pattern).FindAllStringSubmatch(text, -1) {
		out = append(out, m[1])
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// alertNames are those of the table, sorted.
func alertNames() []string {
	var out []string
	for _, a := range All() {
		out = append(out, a.Name)
	}
	slices.Sort(out)
	return out
}

func TestTable(t *testing.T) {
	critical := 0
	for _, a := range All() {
		if !strings.HasPrefix(a.Name, "Downstatus") || strings.Contains(a.Summary, "{") || a.Summary == "" || a.Description == "" {
			t.Errorf("%s: want the common first word, a summary that is the same for all, and a description", a.Name)
		}
		for _, w := range names(a.Description, `\{([a-z_]+)\}`) {
			if _, ok := words[w]; !ok {
				t.Errorf("%s: there is no word {%s}", a.Name, w)
			}
		}
		if a.Severity == Critical && a.Kind != "" {
			critical++
		}
		if got, ok := Lookup(a.Name); !ok || got.Summary != a.Summary {
			t.Errorf("Lookup(%q) = %v, %v", a.Name, got, ok)
		}
	}
	if critical != 1 {
		t.Errorf("%d critical alerts about vendors, want 1", critical)
	}
	if _, ok := Lookup("Nothing"); ok {
		t.Error("Lookup finds an alert that does not exist")
	}
}

// TestRunbooks: one for each alert, with all its parts, and no others.
func TestRunbooks(t *testing.T) {
	files, err := filepath.Glob("runbooks/*.md")
	if err != nil {
		t.Fatal(err)
	}
	var have []string
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".md")
		have = append(have, name)
		text := read(t, file)
		at := 0
		for _, part := range []string{"# " + name + "\n", "## What it means\n", "## What to look at\n", "## What to do\n", "## How to silence it\n"} {
			i := strings.Index(text[at:], part)
			if i < 0 {
				t.Errorf("%s: no %q, or not in this order", file, part)
				continue
			}
			at += i + len(part)
		}
	}
	if diff := cmp.Diff(alertNames(), have); diff != "" {
		t.Errorf("alerts (-) and runbooks (+):\n%s", diff)
	}
}

// TestDocumentation: its tables list every alert with its severity, and every
// recording rule.
func TestDocumentation(t *testing.T) {
	text := read(t, "../docs/alerting.md")
	for _, a := range All() {
		row := "| [`" + a.Name + "`](../alerts/runbooks/" + a.Name + ".md) | " + string(a.Severity) + " |"
		if !strings.Contains(text, row) {
			t.Errorf("docs/alerting.md has no row %s", row)
		}
	}
	for name := range maps.Keys(records()) {
		if !strings.Contains(text, "`"+name+"`") {
			t.Errorf("docs/alerting.md has no %s", name)
		}
	}
}

const recordName = `\b([a-z_]+:downstatus_[a-z0-9_]+:[a-z0-9]+)`

// records are the names of all recording rules.
func records() map[string]bool {
	out := map[string]bool{}
	for _, r := range slices.Concat(serviceRecords, exporterRecords, availabilityRecords, budgetRecords) {
		out[r.name] = true
	}
	return out
}

// ofTheBridge are metrics of the public surface.
var ofTheBridge = []string{
	"downstatus_bridge_alerts_dropped_total", "downstatus_bridge_alerts_failed_total", "downstatus_bridge_alerts_sent_total", "downstatus_bridge_queue_length",
}

// metrics are the names that the exporter serves: those of the golden metrics,
// and those of the registry.
func metrics(t *testing.T) map[string]bool {
	known := map[string]bool{"downstatus_exporter": true, "downstatus_exporter_build_info": true}
	for _, name := range names(read(t, "../collector/testdata/metrics.txt"), `(?m)^# TYPE (\S+)`) {
		known[name] = true
	}
	for _, name := range names(read(t, "../internal/app/metrics.go"), `Name:\s+"(downstatus_[a-z_]+)"`) {
		known[name] = true
	}
	for _, name := range ofTheBridge {
		known[name] = true
	}
	return known
}

// TestMetricsThatAreNamed: by rules, runbooks and documentation.
func TestMetricsThatAreNamed(t *testing.T) {
	recorded, served := records(), metrics(t)
	var files []string
	for _, glob := range []string{"rules/*.yml", "rules/optional/*.yml", "runbooks/*.md", "../docs/alerting.md", "../dashboards/README.md"} {
		found, err := filepath.Glob(glob)
		if err != nil || len(found) == 0 {
			t.Fatalf("%s: no files, %v", glob, err)
		}
		files = append(files, found...)
	}
	groups := names(rulesText(t), `name: (downstatus_[a-z_]+)\n`)
	for _, file := range files {
		text := read(t, file)
		for _, name := range names(text, recordName) {
			if !recorded[name] {
				t.Errorf("%s: no rule records %s", file, name)
			}
		}
		text = regexp.MustCompile(recordName).ReplaceAllString(text, "")
		for _, name := range names(text, `\b(downstatus_[a-z_]+[a-z])`) {
			if !served[name] && !slices.Contains(groups, name) {
				t.Errorf("%s: the exporter has no %s", file, name)
			}
		}
	}
}

// rulesText is all rule files.
func rulesText(t *testing.T) string {
	t.Helper()
	files, err := Rules(Options{})
	if err != nil {
		t.Fatal(err)
	}
	var all strings.Builder
	for _, text := range files {
		all.Write(text)
	}
	return all.String()
}

// TestAlertsUseRecords: but for the two that ask for no series of a service.
func TestAlertsUseRecords(t *testing.T) {
	for _, a := range All() {
		left := names(regexp.MustCompile(recordName).ReplaceAllString(a.Expr, ""), `(downstatus_\w+)`)
		if len(left) > 0 && a.Name != "DownstatusExporterAbsent" {
			t.Errorf("%s uses %v, want recording rules alone", a.Name, left)
		}
	}
}

// unitTests is what matters here of the files for promtool.
type unitTests struct {
	Tests []struct {
		Alerts []struct {
			Name string `yaml:"alertname"`
			Exp  []struct {
				Labels      map[string]string `yaml:"exp_labels"`
				Annotations map[string]string `yaml:"exp_annotations"`
			} `yaml:"exp_alerts"`
		} `yaml:"alert_rule_test"`
	}
}

func readUnitTests(t *testing.T) unitTests {
	t.Helper()
	files, err := filepath.Glob("tests/*.yml")
	if err != nil {
		t.Fatal(err)
	}
	var all unitTests
	for _, file := range files {
		var one unitTests
		if err := yaml.Unmarshal([]byte(read(t, file)), &one); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		all.Tests = append(all.Tests, one.Tests...)
	}
	return all
}

// TestEveryAlertHasUnitTests: it fires, and it is silent.
func TestEveryAlertHasUnitTests(t *testing.T) {
	fires, silent := map[string]bool{}, map[string]bool{"DownstatusWatchdog": true}
	for _, test := range readUnitTests(t).Tests {
		for _, a := range test.Alerts {
			fires[a.Name] = fires[a.Name] || len(a.Exp) > 0
			silent[a.Name] = silent[a.Name] || len(a.Exp) == 0
		}
	}
	for _, name := range alertNames() {
		if !fires[name] || !silent[name] {
			t.Errorf("%s: tested to fire: %v, to be silent: %v", name, fires[name], silent[name])
		}
	}
}

// TestTheBridgeSaysTheSame holds the words made of facts to those that the unit
// tests want of the rules for the same facts.
func TestTheBridgeSaysTheSame(t *testing.T) {
	full := Facts{
		Slug: "acme", Name: "Acme", HasOfficial: true, Indicator: status.Major, HasReports: true, Reports1h: 42, Since: time.Unix(300, 0),
		BoardURL: "https://board.test/status/acme", OfficialURL: "https://status.acme.test", IncidentURL: "https://status.acme.test/2",
	}
	held := full
	held.Indicator, held.HasReports, held.Since, held.IncidentURL = status.IndicatorUnknown, false, time.Time{}, ""
	degraded := Facts{Slug: "acme", Name: "Acme", HasOfficial: true, Indicator: status.Minor}
	silent := Facts{Slug: "silent", Name: "Silent", HasOfficial: true, Indicator: status.None, HasReports: true, Reports1h: 99}
	pageless := Facts{Slug: "pageless", Name: "Pageless"}
	soon := full
	soon.WindowStart, soon.WindowEnd, soon.IncidentURL = time.Unix(108000, 0), time.Unix(111600, 0), ""
	begun := Facts{Slug: "acme", Name: "Acme", WindowStart: time.Unix(300, 0)}
	long := Facts{Slug: "acme", Name: "Acme", Since: time.Unix(0, 0)}
	for _, tc := range []struct {
		alert string
		facts Facts
	}{
		{"DownstatusVendorDown", full},
		{"DownstatusVendorDown", held},
		{"DownstatusVendorDegraded", degraded},
		{"DownstatusUsersReport", silent},
		{"DownstatusUsersReport", pageless},
		{"DownstatusOutageLong", long},
		{"DownstatusMaintenanceSoon", soon},
		{"DownstatusMaintenanceUnderWay", begun},
	} {
		a, _ := Lookup(tc.alert)
		found := false
		var last string
		for _, exp := range expected(t, tc.alert) {
			diff := cmp.Diff(exp, a.Annotations(tc.facts))
			found = found || diff == ""
			last += diff
		}
		if !found {
			t.Errorf("%s about %s: no unit test wants these words:\n%s", tc.alert, tc.facts.Name, last)
		}
	}
}

// expected are the annotations that the unit tests want of an alert.
func expected(t *testing.T, alert string) []map[string]string {
	t.Helper()
	var out []map[string]string
	for _, test := range readUnitTests(t).Tests {
		for _, a := range test.Alerts {
			for _, exp := range a.Exp {
				if a.Name == alert {
					out = append(out, exp.Annotations)
				}
			}
		}
	}
	return out
}

func TestLabels(t *testing.T) {
	down, _ := Lookup("DownstatusVendorDown")
	want := map[string]string{"severity": "critical", "kind": "third_party_outage", "depends_on": "acme"}
	if diff := cmp.Diff(want, down.Labels("acme")); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
