package alerts

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"
)

// tool runs promtool or amtool. Without it the test is skipped, but in CI,
// which has to bring both.
func tool(t *testing.T, name string, args ...string) (output string, ok bool) {
	t.Helper()
	if _, err := exec.LookPath(name); err != nil {
		if os.Getenv("REQUIRE_PROMETHEUS_TOOLS") != "" {
			t.Fatal(err)
		}
		t.Skip(err)
	}
	out, err := exec.Command(name, args...).CombinedOutput()
	return string(out), err == nil
}

func mustRun(t *testing.T, name string, args ...string) string {
	t.Helper()
	out, ok := tool(t, name, args...)
	if !ok {
		t.Fatalf("%s %s:\n%s", name, strings.Join(args, " "), out)
	}
	return out
}

// export writes files as the export command does.
func export(t *testing.T, files map[string][]byte) (dir string) {
	t.Helper()
	dir = t.TempDir()
	for name, text := range files {
		write(t, filepath.Join(dir, name), text)
	}
	return dir
}

func glob(t *testing.T, patterns ...string) []string {
	t.Helper()
	var out []string
	for _, p := range patterns {
		found, err := filepath.Glob(p)
		if err != nil || len(found) == 0 {
			t.Fatalf("%s: no files, %v", p, err)
		}
		out = append(out, found...)
	}
	return out
}

func TestPromtoolCheckRules(t *testing.T) {
	for name, o := range map[string]Options{
		"shipped": {}, "changed": {Labels: []string{"region", "cost_centre"}, MaintenanceSeverity: Warning, GrafanaURL: "https://grafana.test"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := export(t, rules(t, o))
			files := glob(t, dir+"/*.yml", dir+"/optional/*.yml")
			mustRun(t, "promtool", append([]string{"check", "rules", "--lint=all", "--lint-fatal"}, files...)...)
		})
	}
}

func TestPromtoolTestRules(t *testing.T) {
	for _, file := range glob(t, "tests/*.yml") {
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			mustRun(t, "promtool", "test", "rules", file)
		})
	}
}

// TestPromtoolSeesFaults shows that the tests above can fail: a rule that fires
// too early, and one that says something else.
func TestPromtoolSeesFaults(t *testing.T) {
	tests, _, _ := strings.Cut(read(t, "tests/vendors.yml"), "  - name: a rolling update")
	for _, change := range []struct{ old, new string }{
		{"severity:held == 2", "severity:max == 2"},
		{"for: 1m\n", "for: 0s\n"},
		{"severity: critical", "severity: warning"},
		{" is down. ", " is gone. "},
		{"keep_firing_for: 10m", "keep_firing_for: 5m"},
	} {
		files := rules(t, Options{})
		const name = "downstatus-vendors.yml"
		changed := strings.ReplaceAll(string(files[name]), change.old, change.new)
		if changed == string(files[name]) {
			t.Fatalf("there is no %q", change.old)
		}
		files[name] = []byte(changed)
		dir := export(t, files)
		test := filepath.Join(dir, "test.yml")
		write(t, test, []byte(strings.ReplaceAll(tests, "../rules/", dir+"/")))
		if out, ok := tool(t, "promtool", "test", "rules", test); ok {
			t.Errorf("%q in place of %q is not noticed:\n%s", change.new, change.old, out)
		}
	}
}

// alertmanagerFolder is an exported folder, with the configuration out of the
// values beside the plain one.
func alertmanagerFolder(t *testing.T, slugs ...string) string {
	t.Helper()
	files := Alertmanager(slugs)
	var chart struct {
		Alertmanager struct {
			TemplateFiles map[string]string `yaml:"templateFiles"`
			Config        yaml.Node
		}
	}
	if err := yaml.Unmarshal(files["kube-prometheus-stack.yml"], &chart); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(templates, chart.Alertmanager.TemplateFiles["downstatus.tmpl"]); diff != "" {
		t.Errorf("the template (-) and that of the values (+):\n%s", diff)
	}
	config, err := yaml.Marshal(&chart.Alertmanager.Config)
	if err != nil {
		t.Fatal(err)
	}
	dir := export(t, files)
	files["from-values.yml"] = []byte(strings.ReplaceAll(string(config), "/etc/alertmanager/config/", dir+"/"))
	write(t, filepath.Join(dir, "from-values.yml"), files["from-values.yml"])
	return dir
}

func TestAmtoolCheckConfig(t *testing.T) {
	for _, slugs := range [][]string{nil, {"aws", "github-actions", "a.b"}} {
		dir := alertmanagerFolder(t, slugs...)
		mustRun(t, "amtool", "check-config", filepath.Join(dir, "alertmanager.yml"))
		mustRun(t, "amtool", "check-config", filepath.Join(dir, "from-values.yml"))
	}
}

// TestTeams tries what is a comment in the shipped file, because older versions
// refuse it.
func TestTeams(t *testing.T) {
	teams := regexp.MustCompile(`(?m)^    # (msteamsv2|  )`).ReplaceAllString(configuration, "    $1")
	if !strings.Contains(teams, "\n    msteamsv2_configs:\n      - webhook_url_file") {
		t.Fatalf("the comment is still one:\n%s", teams)
	}
	dir := export(t, map[string][]byte{"alertmanager.yml": []byte(teams), "downstatus.tmpl": []byte(templates)})
	out, ok := tool(t, "amtool", "check-config", filepath.Join(dir, "alertmanager.yml"))
	if strings.Contains(out, "field msteamsv2_configs not found") {
		t.Skip("amtool is older than 0.28")
	}
	if !ok {
		t.Error(out)
	}
}

func TestAmtoolRoutes(t *testing.T) {
	dir := alertmanagerFolder(t)
	for _, tc := range []struct{ labels, receiver string }{
		{"alertname=DownstatusVendorDown severity=critical team=web depends_on=acme", "web-pager"},
		{"alertname=DownstatusVendorDown severity=critical depends_on=acme", "pager"},
		{"alertname=DownstatusVendorDegraded severity=warning team=web", "web-chat"},
		{"alertname=DownstatusVendorDegraded severity=warning", "webhook"},
		{"alertname=DownstatusMaintenanceSoon severity=info team=web", "web-mail"},
		{"alertname=DownstatusMaintenanceSoon severity=info team=other", "mail"},
		{"alertname=DownstatusManySourcesFailing severity=critical", "pager"},
		{"alertname=DownstatusWatchdog severity=none", "watchdog"},
		{"alertname=Watchdog severity=none", "null"},
		{"alertname=InfoInhibitor severity=none", "null"},
		{"alertname=CheckoutErrors severity=critical team=web depends_on=acme", "web-pager"},
		{"alertname=CheckoutErrors severity=warning", "webhook"},
	} {
		for _, file := range []string{"alertmanager.yml", "from-values.yml"} {
			args := []string{"config", "routes", "test", "--config.file=" + filepath.Join(dir, file), "--verify.receivers=" + tc.receiver}
			mustRun(t, "amtool", append(args, strings.Fields(tc.labels)...)...)
		}
	}
}

// message is what Alertmanager gives to its templates.
type message struct {
	Receiver, Status, ExternalURL                string
	GroupLabels, CommonLabels, CommonAnnotations map[string]string
	Alerts                                       []messageAlert
}

type messageAlert struct {
	Status              string
	Labels, Annotations map[string]string
}

func vendorDown(status string) message {
	a, _ := Lookup("DownstatusVendorDown")
	said := a.Annotations(Facts{
		Slug: "acme", Name: "Acme & Sons", BoardURL: "https://board.test/status/acme",
		OfficialURL: "https://status.acme.test", IncidentURL: "https://status.acme.test/2",
	})
	labels := a.Labels("acme")
	labels["alertname"] = a.Name
	return message{
		Status: status, ExternalURL: "https://am.test", GroupLabels: map[string]string{"alertname": a.Name, "depends_on": "acme"},
		CommonLabels: labels, CommonAnnotations: said, Alerts: []messageAlert{{status, labels, said}},
	}
}

func TestAmtoolTemplates(t *testing.T) {
	own := message{
		Status: "firing", ExternalURL: "https://am.test", GroupLabels: map[string]string{"alertname": "CheckoutErrors"},
		CommonLabels: map[string]string{"alertname": "CheckoutErrors"}, Alerts: []messageAlert{{"firing", map[string]string{"alertname": "CheckoutErrors"}, nil}},
	}
	const words = "Acme & Sons is down. There is no status page; user reports are not counted; start not known."
	const runbook = "https://github.com/downstatus/downstatus_exporter/blob/main/alerts/runbooks/DownstatusVendorDown.md"
	const links = "\nIncident: https://status.acme.test/2\nStatus page: https://status.acme.test\nOur page: https://board.test/status/acme\nRunbook: " + runbook + "\n\n"
	const html = `<p>Acme &amp; Sons is down. There is no status page; user reports are not counted; start not known.<br><a href="https://status.acme.test/2">Incident</a>` +
		`<br><a href="https://status.acme.test">Status page</a><br><a href="https://board.test/status/acme">Our page</a><br><a href="` + runbook + `">Runbook</a></p>`
	for _, tc := range []struct {
		name string
		data message
		want string
	}{
		{"title", vendorDown("firing"), "[FIRING:1] A vendor says that its service is down (acme)"},
		{"title", vendorDown("resolved"), "[RESOLVED] A vendor says that its service is down (acme)"},
		{"title", own, "[FIRING:1] CheckoutErrors"},
		{"link", vendorDown("firing"), "https://status.acme.test/2"},
		{"link", own, "https://am.test"},
		{"text", vendorDown("firing"), words + links},
		{"text", vendorDown("resolved"), "Resolved:\n" + words + links},
		{"text", own, "CheckoutErrors\n\n"},
		{"markdown", vendorDown("firing"), words + "\n\n[Incident](https://status.acme.test/2) [Status page](https://status.acme.test) [Our page](https://board.test/status/acme) [Runbook](" + runbook + ")\n\n"},
		{"severity", vendorDown("firing"), "critical"},
		{"severity", own, "info"},
		{"color", vendorDown("firing"), "danger"},
		{"color", vendorDown("resolved"), "good"},
		{"html", vendorDown("firing"), html},
		{"html", vendorDown("resolved"), "<h2>Resolved</h2>\n" + html},
	} {
		t.Run(tc.name+" "+tc.data.Status, func(t *testing.T) {
			got := render(t, tc.name, tc.data)
			if tc.name == "html" {
				if !strings.Contains(got, tc.want) {
					t.Errorf("%s\nhas no\n%s", got, tc.want)
				}
				return
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// render has amtool fill a template.
func render(t *testing.T, name string, data message) string {
	t.Helper()
	text, err := json.Marshal(data)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "data.json")
	write(t, file, text)
	kind := "text"
	if name == "html" {
		kind = "html"
	}
	return mustRun(t, "amtool", "template", "render", "--template.glob=alertmanager/*.tmpl", "--template.type="+kind,
		"--template.text={{ template \"downstatus."+name+"\" . }}", "--template.data="+file)
}
