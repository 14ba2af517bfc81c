//go:build e2e && linux

package e2e

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"
)

const vendorDown = "DownstatusVendorDown"

// ownRules are alerts of one's own that fail with the vendor: one says so.
const ownRules = `
groups:
  - name: own
    rules:
      - &own
        alert: CheckoutErrors
        expr: max(downstatus_service_severity{slug="acme"}) == 2
        for: 3s
        keep_firing_for: 10s
        labels: {severity: critical, depends_on: acme}
      - {<<: *own, alert: SearchErrors, labels: {severity: critical, depends_on: other}}
`

// setup is everything that runs.
type setup struct {
	*steps
	t        *testing.T
	dir      string
	vendor   *vendor
	sink     *sink
	exporter *process
	address  string // of the exporter
	rules    string // Alertmanager that Prometheus sends to
	pair     [2]string
	late     string // Alertmanager of the bridge that is not there at first
	alertbin string
}

// TestFromOutageToNotification tells one outage of one vendor.
func TestFromOutageToNotification(t *testing.T) {
	prometheus := installed(t, "prometheus")
	s := &setup{
		t: t, dir: t.TempDir(), vendor: newVendor(t), sink: newSink(t), address: port(t),
		rules: port(t), pair: [2]string{port(t), port(t)}, late: port(t), alertbin: installed(t, "alertmanager", "prometheus-alertmanager"),
	}
	exporter := s.build()
	s.steps = &steps{t, time.Now()}

	s.alertmanager("rules", s.rules, "2s", "--cluster.listen-address=")
	web := port(t)
	start(t, "prometheus", prometheus, "--config.file="+s.prometheus(exporter), "--storage.tsdb.path="+filepath.Join(s.dir, "tsdb"), "--web.listen-address="+web)
	s.cluster()
	for name, address := range map[string]string{"Prometheus": web, "Alertmanager": s.rules} {
		s.await(name+" is ready", 20*time.Second, func() error { return ready(address) })
	}
	s.vendor.fail(true)
	s.exporter = start(t, "exporter", exporter, "--config.file="+s.configuration(), "--storage.path="+filepath.Join(s.dir, "store"), "--web.listen-address="+s.address)

	s.bridge()
	s.outage()
	s.ownAlerts()
	s.await("the late Alertmanager's notification", 20*time.Second, func() error { return s.sink.notified("/late", vendorDown, "firing") })
	s.killed()
	s.recovery()
}

// build makes the exporter, unless E2E_EXPORTER names one.
func (s *setup) build() string {
	s.t.Helper()
	if named := os.Getenv("E2E_EXPORTER"); named != "" {
		return named
	}
	bin := filepath.Join(s.dir, "downstatus_exporter")
	if out, err := exec.Command("go", "build", "-buildvcs=false", "-o", bin, "..").CombinedOutput(); err != nil {
		s.t.Fatalf("%v: %s", err, out)
	}
	return bin
}

// configuration is that of the exporter.
func (s *setup) configuration() string {
	return write(s.t, s.dir, "config.yml", fmt.Sprintf(`
global: {poll_interval: 10s}
feeds: []
services:
  - {slug: acme, name: Acme, labels: {team: web}, official: {engine: statuspage, url: %q}}
alertmanager: {static_configs: [{targets: [%q, %q, %q]}]}
`, s.vendor.URL, s.pair[0], s.pair[1], s.late))
}

var (
	waits   = regexp.MustCompile(`(?m)^( +)for: .*$`)
	outlive = regexp.MustCompile(`(?m)^( +)keep_firing_for: .*$`)
)

// prometheus is its configuration, with the shipped rules but for their
// patience.
func (s *setup) prometheus(exporter string) string {
	s.t.Helper()
	rules := filepath.Join(s.dir, "rules")
	if out, err := exec.Command(exporter, "export", "rules", rules).CombinedOutput(); err != nil {
		s.t.Fatalf("export rules: %v: %s", err, out)
	}
	for _, name := range []string{"downstatus-recording.yml", "downstatus-vendors.yml"} {
		text, err := os.ReadFile(filepath.Join(rules, name))
		if err != nil {
			s.t.Fatal(err)
		}
		quick := outlive.ReplaceAllString(waits.ReplaceAllString(string(text), "${1}for: 1s"), "${1}keep_firing_for: 5s")
		write(s.t, s.dir, "quick/"+name, quick)
	}
	write(s.t, s.dir, "quick/own.yml", ownRules)
	return write(s.t, s.dir, "prometheus.yml", fmt.Sprintf(`
global: {scrape_interval: 1s, evaluation_interval: 1s}
rule_files: [quick/*.yml]
alerting: {alertmanagers: [{static_configs: [{targets: [%q]}]}]}
scrape_configs: [{job_name: downstatus, static_configs: [{targets: [%q]}]}]
`, s.rules, s.address))
}

// alertmanager runs one with the inhibition and the templates of the sample.
// Vendors and one's own alerts go to paths of the sink. interval is that of a
// group.
func (s *setup) alertmanager(name, address, interval string, flags ...string) {
	s.t.Helper()
	sample, err := os.ReadFile("../alerts/alertmanager/alertmanager.yml")
	if err != nil {
		s.t.Fatal(err)
	}
	template, err := filepath.Abs("../alerts/alertmanager/downstatus.tmpl")
	if err != nil {
		s.t.Fatal(err)
	}
	var parts struct {
		Inhibit []any `yaml:"inhibit_rules"`
	}
	if err := yaml.Unmarshal(sample, &parts); err != nil || len(parts.Inhibit) == 0 {
		s.t.Fatalf("the sample's inhibition: %v", err)
	}
	inhibit, err := json.Marshal(parts.Inhibit) // JSON is YAML
	if err != nil {
		s.t.Fatal(err)
	}
	file := write(s.t, s.dir, name+".yml", fmt.Sprintf(`
templates: [%[1]q]
route:
  receiver: own
  group_by: [alertname, depends_on]
  group_wait: 3s
  group_interval: %[5]s
  repeat_interval: 1h
  routes: [{matchers: [kind="third_party_outage"], receiver: vendors, group_wait: 1s}]
receivers:
  - name: own
    webhook_configs: [{url: "%[2]s/%[3]s/own"}]
  - name: vendors
    webhook_configs: [{url: "%[2]s/%[3]s"}]
    slack_configs:
      - {api_url: "%[2]s/slack", channel: x, title: '{{ template "downstatus.title" . }}', title_link: '{{ template "downstatus.link" . }}'}
inhibit_rules: %[4]s
`, template, s.sink.URL, name, inhibit, interval))
	flags = append(flags, "--config.file="+file, "--storage.path="+s.t.TempDir(), "--web.listen-address="+address)
	start(s.t, "alertmanager-"+name, s.alertbin, flags...)
}

// cluster runs two Alertmanagers that know each other. The second can join only
// one that listens.
func (s *setup) cluster() {
	s.t.Helper()
	gossip := port(s.t)
	// The second one waits for peer-timeout before it looks whether the first has
	// told. What it is about to tell is old by then if that is longer than the
	// interval of a group.
	const interval = "4s"
	flags := []string{"--cluster.gossip-interval=50ms", "--cluster.peer-timeout=2s"}
	s.alertmanager("bridge", s.pair[0], interval, append(flags, "--cluster.listen-address="+gossip)...)
	s.await("the first Alertmanager of the cluster is ready", 20*time.Second, func() error { return ready(s.pair[0]) })
	s.alertmanager("bridge", s.pair[1], interval, append(flags, "--cluster.listen-address="+port(s.t), "--cluster.peer="+gossip)...)
	for _, address := range s.pair {
		s.await("the cluster has settled", 20*time.Second, func() error { return settled(address) })
	}
}

// bridge: the vendor goes down, and its Alertmanagers notify. What happened while
// one of them was away reaches it later.
func (s *setup) bridge() {
	s.t.Helper()
	s.await("the exporter sees the outage", 15*time.Second, func() error {
		return s.metric(`downstatus_service_severity{slug="acme"} 2`)
	})
	s.await("the bridge fails at the Alertmanager that is away", 10*time.Second, func() error {
		got, err := metrics(s.address, `downstatus_bridge_alerts_failed_total{peer="`+s.late+`",reason="connect"}`)
		if err == nil && (got == "" || strings.HasSuffix(got, " 0")) {
			err = fmt.Errorf("failed: %q", got)
		}
		return err
	})
	s.alertmanager("late", s.late, "2s", "--cluster.listen-address=")
	s.await("the bridge's notification", 15*time.Second, func() error { return s.sink.notified("/bridge", vendorDown, "firing") })
}

// outage: both ways notify with the vendor's words and link.
func (s *setup) outage() {
	s.t.Helper()
	s.await("the rules' notification", 20*time.Second, func() error { return s.sink.notified("/rules", vendorDown, "firing") })
	for path, via := range map[string]string{"/bridge": "bridge", "/rules": ""} {
		_, a := s.sink.count(path, vendorDown, "firing")
		if a.Annotations["summary"] != "A vendor says that its service is down." || a.Annotations["incident_url"] != incidentURL ||
			!strings.HasPrefix(a.Annotations["description"], "Acme is down. The status page says critical;") ||
			a.Labels["team"] != "web" || a.Labels["severity"] != "critical" || a.Labels["via"] != via {
			s.t.Errorf("notified at %s: %v %v", path, a.Labels, a.Annotations)
		}
	}
	s.await("a message with title and link", 5*time.Second, func() error {
		return s.sink.slackSays("[FIRING:1] A vendor says that its service is down (acme)", `"title_link":"`+incidentURL+`"`)
	})
}

func (s *setup) metric(line string) error {
	name, _, _ := strings.Cut(line, " ")
	got, err := metrics(s.address, name)
	if err == nil && got != line {
		err = fmt.Errorf("metrics say %q, not yet %q", got, line)
	}
	return err
}

// ownAlerts: the one that depends on the vendor is held back.
func (s *setup) ownAlerts() {
	s.t.Helper()
	s.await("an own alert that depends on it is suppressed", 15*time.Second, func() error {
		all, err := listed(s.rules, "CheckoutErrors")
		if err == nil && (len(all) != 1 || !strings.Contains(string(all[0].Status), `"suppressed"`)) {
			err = fmt.Errorf("Alertmanager has %s", all)
		}
		return err
	})
	s.await("another one is notified", 10*time.Second, func() error { return s.sink.notified("/rules/own", "SearchErrors", "firing") })
	if n, _ := s.sink.count("/rules/own", "CheckoutErrors", "firing"); n > 0 {
		s.t.Error("the suppressed alert was notified")
	}
}

// killed: a crash while alerts fire resolves none.
func (s *setup) killed() {
	s.t.Helper()
	before, err := listed(s.pair[0], vendorDown)
	if err != nil || len(before) != 1 {
		s.t.Fatalf("Alertmanager has %v, %v", before, err)
	}
	s.exporter.kill()
	s.exporter.run()
	s.await("back after kill -9", 10*time.Second, func() error { return ready(s.address) })
	s.await("the bridge goes on", 10*time.Second, func() error {
		got, err := metrics(s.address, `downstatus_bridge_alerts_sent_total{peer="`+s.pair[0]+`"}`)
		if err == nil && (got == "" || strings.HasSuffix(got, " 0")) {
			err = fmt.Errorf("sent: %q", got)
		}
		return err
	})
	after, err := listed(s.pair[0], vendorDown)
	if err != nil || len(after) != 1 || !after[0].StartsAt.Equal(before[0].StartsAt) {
		s.t.Errorf("Alertmanager has %v, %v; before kill -9 it had %v", after, err, before)
	}
}

// resolved is a path at which the vendor's alert has been resolved.
func (s *setup) resolved() string {
	for _, path := range []string{"/bridge", "/rules", "/late"} {
		if n, _ := s.sink.count(path, vendorDown, "resolved"); n > 0 {
			return path
		}
	}
	return ""
}

// recovery: every way resolves, and each has told once.
func (s *setup) recovery() {
	s.t.Helper()
	s.vendor.fail(false)
	s.await("the exporter sees the recovery", 25*time.Second, func() error {
		early := s.resolved()
		err := s.metric(`downstatus_service_severity{slug="acme"} 0`)
		if err != nil && early != "" {
			s.t.Errorf("resolved by kill -9 at %s", early)
		}
		return err
	})
	for _, path := range []string{"/bridge", "/late", "/rules"} {
		s.await("resolved at "+path, 20*time.Second, func() error { return s.sink.notified(path, vendorDown, "resolved") })
	}
	for _, path := range []string{"/bridge", "/rules"} { // of the bridge, by two Alertmanagers
		for _, state := range []string{"firing", "resolved"} {
			if n, _ := s.sink.count(path, vendorDown, state); n != 1 {
				s.t.Errorf("%s: %d notifications that it is %s, want one", path, n, state)
			}
		}
	}
	s.done("told once by rules and bridge")
}
