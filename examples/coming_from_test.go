package examples_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestStatuspageNames has promtool evaluate the rules that keep another
// exporter's names: each state of ours has its value there.
func TestStatuspageNames(t *testing.T) {
	names := read(t, "coming-from/statuspage-names.yml")
	if _, err := exec.LookPath("promtool"); err != nil {
		if os.Getenv("REQUIRE_PROMETHEUS_TOOLS") != "" {
			t.Fatal(err)
		}
		t.Skip(err)
	}
	dir := t.TempDir()
	write(t, filepath.Join(dir, "names.yml"), names)
	write(t, filepath.Join(dir, "recording.yml"), read(t, "../alerts/rules/downstatus-recording.yml"))
	write(t, filepath.Join(dir, "test.yml"), []byte(statuspageTest()))
	if out, err := exec.Command("promtool", "test", "rules", filepath.Join(dir, "test.yml")).CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

// statuspageTest is promtool's test of four services and one component, which
// two replicas tell of.
func statuspageTest() string {
	var input, overall strings.Builder
	for _, s := range []struct {
		slug                       string
		severity, maintenance, old int
	}{{"fine", 0, 0, 1}, {"slow", 1, 0, 3}, {"gone", 2, 1, 5}, {"dark", -1, 0, 0}, {"mended", 0, 1, 2}} {
		for _, instance := range []string{"a", "b"} {
			l := fmt.Sprintf(`namespace="n", instance=%q, slug=%q`, instance, s.slug)
			fmt.Fprintf(&input, `
      - {series: 'downstatus_service_official_severity{%[1]s}', values: "%[2]d+0x5"}
      - {series: 'downstatus_service_maintenance{%[1]s}', values: "%[3]d+0x5"}
      - {series: 'downstatus_service_info{%[1]s, name="The %[4]s", official_url="https://%[4]s.test"}', values: "1+0x5"}`,
				l, s.severity, s.maintenance, s.slug)
		}
		fmt.Fprintf(&overall, `
          - {labels: 'statuspage_overall{service="The %[1]s", status_page_url="https://%[1]s.test"}', value: %[2]d}`, s.slug, s.old)
	}
	return `
rule_files: [recording.yml, names.yml]
evaluation_interval: 1m
tests:
  - interval: 1m
    input_series:
      - {series: 'downstatus_component_severity{namespace="n", instance="a", slug="slow", component="API", component_id="1", group=""}', values: "2+0x5"}` + input.String() + `
    promql_expr_test:
      - expr: statuspage_overall
        eval_time: 4m
        exp_samples:` + overall.String() + `
      - expr: statuspage_component
        eval_time: 4m
        exp_samples:
          - {labels: 'statuspage_component{service="The slow", status_page_url="https://slow.test", component="API"}', value: 5}
`
}

// TestComingFromNames: what the page calls ours is ours. Names of other
// programs are theirs.
func TestComingFromNames(t *testing.T) {
	text := string(read(t, "../docs/coming-from.md"))
	known := string(read(t, "../docs/metrics.md")) + string(read(t, "../docs/alerting.md"))
	for _, name := range regexp.MustCompile(`\b(?:downstatus_[a-z_]+|slug\w*:[\w:]+|Downstatus[A-Z]\w+)`).FindAllString(text, -1) {
		if name != "downstatus_exporter" && !strings.Contains(known, name) {
			t.Errorf("there is no %s", name)
		}
	}
	for _, m := range regexp.MustCompile(`examples/[\w/.-]+`).FindAllString(text, -1) {
		exists(t, strings.TrimSuffix(filepath.Join("..", m), "."))
	}
}
