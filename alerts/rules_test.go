package alerts

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"
)

var update = flag.Bool("update", false, "write the files that are made of the table")

func rules(t *testing.T, o Options) map[string][]byte {
	t.Helper()
	files, err := Rules(o)
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// TestShipped holds the files of the folders to what the program exports.
func TestShipped(t *testing.T) {
	for folder, files := range map[string]map[string][]byte{
		"rules": rules(t, Options{}), "operator": rules(t, Options{Operator: true}), "alertmanager": Alertmanager(nil),
	} {
		for name, want := range files {
			file := filepath.Join(folder, name)
			if *update {
				write(t, file, want)
			}
			if diff := cmp.Diff(string(want), read(t, file)); diff != "" {
				t.Errorf("%s is not what go test ./alerts -update writes (-want +got):\n%s", file, diff)
			}
		}
	}
}

func write(t *testing.T, file string, text []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, text, 0o644); err != nil {
		t.Fatal(err)
	}
}

// loaded is what Prometheus, or the operator, makes of rule files.
type loaded struct {
	Groups []any
	Spec   struct{ Groups []any }
}

func load(t *testing.T, text []byte) loaded {
	t.Helper()
	var out loaded
	if err := yaml.Unmarshal(text, &out); err != nil {
		t.Fatal(err)
	}
	return out
}

func TestManifestsHoldTheSameRules(t *testing.T) {
	plain, manifests := rules(t, Options{}), rules(t, Options{Operator: true})
	var all []any
	for _, f := range (Options{}).ruleFiles() {
		if !strings.HasPrefix(f.Name, "optional/") {
			all = append(all, load(t, plain[f.Name]).Groups...)
		}
	}
	if diff := cmp.Diff(all, load(t, manifests["downstatus.prometheusrule.yml"]).Spec.Groups); diff != "" {
		t.Errorf("files (-) and manifest (+):\n%s", diff)
	}
	if diff := cmp.Diff(load(t, plain["optional/downstatus-budget.yml"]).Groups, load(t, manifests["optional/downstatus-budget.prometheusrule.yml"]).Spec.Groups); diff != "" {
		t.Errorf("optional file (-) and manifest (+):\n%s", diff)
	}
}

func TestOptions(t *testing.T) {
	files := rules(t, Options{Labels: []string{"region", "team"}, MaintenanceSeverity: Warning, GrafanaURL: "https://grafana.test/x/"})
	for file, want := range map[string]string{
		"downstatus-vendors.yml":     "group_left (team, owner, tier, region) slug:",
		"downstatus-maintenance.yml": "severity: warning",
		"downstatus-exporter.yml":    "dashboard_url: https://grafana.test/x/d/downstatus-exporter\n",
	} {
		if !strings.Contains(string(files[file]), want) {
			t.Errorf("%s has no %q:\n%s", file, want, files[file])
		}
	}
	if strings.Contains(string(files["downstatus-maintenance.yml"]), "severity: info") {
		t.Error("alerts about maintenance are info in spite of the option")
	}
}

func TestOptionsThatAreWrong(t *testing.T) {
	_, err := Rules(Options{Labels: []string{"9a", "slug", "a b", "__x", "fine"}, MaintenanceSeverity: Critical, GrafanaURL: "grafana.test"})
	want := `labels: "9a" is not a label name: want letters, digits and underscores, no digit first
labels: alerts have a "slug" of their own: name a user label of your services
labels: "a b" is not a label name: want letters, digits and underscores, no digit first
labels: "__x" is not a label name: want letters, digits and underscores, no digit first
maintenance severity: "critical" is not known: want info or warning
address of Grafana: "grafana.test" is not a web address: want one such as https://grafana.example.com`
	if err == nil || err.Error() != want {
		t.Errorf("%v", cmp.Diff(want, err.Error()))
	}
}
