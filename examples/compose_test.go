package examples_test

import (
	"net/url"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// stack is what compose.yml uses of Compose's own.
type stack struct {
	Name     string
	Services map[string]container
	Volumes  map[string]any
}

type container struct {
	Build       string
	Image       string
	Command     []string
	Environment map[string]string
	NetworkMode string `yaml:"network_mode"`
	Ports       []string
	Volumes     []string
	ReadOnly    bool     `yaml:"read_only"`
	CapDrop     []string `yaml:"cap_drop"`
	SecurityOpt []string `yaml:"security_opt"`
	Restart     string
}

func compose(t *testing.T) stack {
	t.Helper()
	var s stack
	parse(t, "compose/compose.yml", &s)
	return s
}

// mount is what a container has at a path: a folder or file of this repository,
// or a volume.
type mount struct{ source, target string }

func (c container) mounts(t *testing.T) []mount {
	t.Helper()
	var out []mount
	for _, v := range c.Volumes {
		part := strings.Split(v, ":")
		if len(part) < 2 {
			t.Fatalf("volume %q", v)
		}
		out = append(out, mount{part[0], part[1]})
	}
	return out
}

// source is the file of this repository that a container has at a path.
func (c container) source(t *testing.T, at string) string {
	t.Helper()
	for _, m := range c.mounts(t) {
		if rest, ok := strings.CutPrefix(at, m.target); ok && (rest == "" || rest[0] == '/') && strings.HasPrefix(m.source, ".") {
			return path.Join("compose", m.source, rest)
		}
	}
	t.Errorf("nothing is mounted at %s", at)
	return ""
}

// ports are those on which a container listens.
func (c container) ports() []string {
	var out []string
	for _, p := range c.Ports {
		out = append(out, p[strings.LastIndex(p, ":")+1:])
	}
	return out
}

// TestComposeMounts: every file that is mounted is there, every volume declared
// and used, and what can be seen from outside is on loopback.
func TestComposeMounts(t *testing.T) {
	s := compose(t)
	volumes := map[string]bool{}
	for name, c := range s.Services {
		for _, m := range c.mounts(t) {
			if strings.HasPrefix(m.source, ".") {
				exists(t, path.Join("compose", m.source))
			} else if _, ok := s.Volumes[m.source]; !ok || volumes[m.source] {
				t.Errorf("%s: volume %s is not declared, or used twice", name, m.source)
			} else {
				volumes[m.source] = true
			}
		}
		for _, p := range c.Ports {
			if !strings.HasPrefix(p, "127.0.0.1:") {
				t.Errorf("%s listens on %s, for everybody", name, p)
			}
		}
		if _, tag, _ := strings.Cut(c.Image, ":"); tag == "" || tag == "latest" {
			t.Errorf("%s: %s is not pinned", name, c.Image)
		}
	}
	if len(volumes) != len(s.Volumes) {
		t.Errorf("volumes %v are declared, %v used", s.Volumes, volumes)
	}
}

func TestComposeExporter(t *testing.T) {
	c, i := compose(t).Services["exporter"], dockerfile(t)
	if c.Image != i.name || c.Build != "../.." {
		t.Errorf("image %s of %s, want %s", c.Image, c.Build, i.name)
	}
	exists(t, path.Join("compose", c.Build, "Dockerfile"))
	checkFlags(t, c.Command)
	has(t, "ports", c.ports(), i.port)
	if file := c.source(t, flagValue(t, c.Command, "--config.file")); configurations[file] == 0 {
		t.Errorf("%s is no configuration", file)
	}
	store := flagValue(t, c.Command, "--storage.path")
	if store != i.volume || !slices.Contains(c.mounts(t), mount{"exporter", store}) {
		t.Errorf("the store is in %s, mounts are %v", store, c.mounts(t))
	}
	if external := flagValue(t, c.Command, "--web.external-url"); external != "http://localhost:"+i.port {
		t.Errorf("links lead to %s", external)
	}
	if !c.ReadOnly || !slices.Equal(c.CapDrop, []string{"ALL"}) {
		t.Errorf("it may do more than it needs: %+v", c)
	}
}

// TestComposeDemo: the file on top changes a service that there is.
func TestComposeDemo(t *testing.T) {
	var over stack
	parse(t, "compose/demo.yml", &over)
	base := compose(t).Services
	if len(over.Services) != 1 || base["exporter"].Image == "" {
		t.Errorf("it changes %v", over.Services)
	}
	command := over.Services["exporter"].Command
	checkFlags(t, command)
	has(t, "flags", command, "--demo")
	if a, b := flagValue(t, command, "--web.external-url"), flagValue(t, base["exporter"].Command, "--web.external-url"); a != b {
		t.Errorf("links lead to %s, without the demo to %s", a, b)
	}
}

// prometheusFile is what prometheus.yml uses of Prometheus' own.
type prometheusFile struct {
	Global struct {
		ScrapeInterval     string `yaml:"scrape_interval"`
		EvaluationInterval string `yaml:"evaluation_interval"`
	}
	RuleFiles []string `yaml:"rule_files"`
	Alerting  struct {
		Alertmanagers []targets
	}
	ScrapeConfigs []struct {
		JobName               string `yaml:"job_name"`
		SampleLimit           int    `yaml:"sample_limit"`
		LabelValueLengthLimit int    `yaml:"label_value_length_limit"`
		targets               `yaml:",inline"`
	} `yaml:"scrape_configs"`
}

type targets struct {
	StaticConfigs []struct{ Targets []string } `yaml:"static_configs"`
}

func (x targets) all() []string {
	var out []string
	for _, c := range x.StaticConfigs {
		out = append(out, c.Targets...)
	}
	return out
}

// addresses are those at which the services find each other.
func (s stack) addresses() []string {
	var out []string
	for name, c := range s.Services {
		for _, p := range c.ports() {
			out = append(out, name+":"+p)
		}
	}
	return out
}

func TestComposePrometheus(t *testing.T) {
	s := compose(t)
	c := s.Services["prometheus"]
	file := c.source(t, flagValue(t, c.Command, "--config.file"))
	var p prometheusFile
	parse(t, file, &p)
	known := append(s.addresses(), "localhost:9090") // itself
	var jobs []string
	for _, job := range p.ScrapeConfigs {
		jobs = append(jobs, job.JobName)
		for _, address := range job.all() {
			has(t, "job "+job.JobName, known, address)
		}
	}
	has(t, "jobs", jobs, "downstatus")
	for _, a := range p.Alerting.Alertmanagers {
		for _, address := range a.all() {
			has(t, "alerting", known, address)
		}
	}
	for _, rules := range p.RuleFiles {
		there, err := filepath.Glob(c.source(t, path.Join(path.Dir(flagValue(t, c.Command, "--config.file")), rules)))
		if err != nil || len(there) < 5 {
			t.Errorf("%s are %v, %v", rules, there, err)
		}
	}
}

// TestComposeAlertmanager: the sample of alerts/, which sends to a port on which
// the webhook listens, in the same network.
func TestComposeAlertmanager(t *testing.T) {
	s := compose(t)
	c, w := s.Services["alertmanager"], s.Services["webhook"]
	file := c.source(t, flagValue(t, c.Command, "--config.file"))
	if file != "../alerts/alertmanager/alertmanager.yml" {
		t.Errorf("its configuration is %s", file)
	}
	exists(t, path.Join(path.Dir(file), "downstatus.tmpl"))
	if w.NetworkMode != "service:alertmanager" {
		t.Errorf("the webhook is in %s", w.NetworkMode)
	}
	u, err := url.Parse(first(t, string(read(t, file)), `(?m)^ +- url: (http\S+/)$`))
	if err != nil {
		t.Fatal(err)
	}
	script := w.source(t, w.Command[len(w.Command)-1])
	listens := first(t, string(read(t, script)), `HTTPServer\(\("([\d.]+", \d+)\)`)
	if got := strings.ReplaceAll(listens, `", `, ":"); got != u.Host {
		t.Errorf("the webhook listens on %s, Alertmanager sends to %s", got, u.Host)
	}
}

// grafanaSources and so on are Grafana's files of provisioning, as far as they
// are used.
type grafanaSources struct {
	APIVersion  int `yaml:"apiVersion"`
	Datasources []struct {
		Name, UID, Type, Access, URL string
		IsDefault                    bool           `yaml:"isDefault"`
		JSONData                     map[string]any `yaml:"jsonData"`
	}
}

type grafanaDashboards struct {
	APIVersion int `yaml:"apiVersion"`
	Providers  []struct {
		Name, Folder, Type string
		AllowUIUpdates     bool `yaml:"allowUiUpdates"`
		Options            map[string]string
	}
}

type grafanaAlerting struct {
	APIVersion    int `yaml:"apiVersion"`
	ContactPoints []struct {
		OrgID     int `yaml:"orgId"`
		Name      string
		Receivers []struct {
			UID, Type string
			Settings  map[string]string
		}
	} `yaml:"contactPoints"`
	Policies []struct {
		OrgID    int `yaml:"orgId"`
		Receiver string
		GroupBy  []string `yaml:"group_by"`
	}
}

const provisioning = "/etc/grafana/provisioning"

func TestComposeGrafanaSources(t *testing.T) {
	s := compose(t)
	g := s.Services["grafana"]
	var f grafanaSources
	parse(t, g.source(t, provisioning+"/datasources/downstatus.yml"), &f)
	uids, defaults := map[any]string{}, 0
	for _, d := range f.Datasources {
		uids[d.UID] = d.Type
		u, err := url.Parse(d.URL)
		if err != nil {
			t.Fatal(err)
		}
		has(t, d.Name, s.addresses(), u.Host)
		if d.IsDefault {
			defaults++
		}
	}
	prometheus := f.Datasources[0]
	if uids["prometheus"] != "prometheus" || defaults != 1 || !prometheus.IsDefault || uids[prometheus.JSONData["alertmanagerUid"]] != "alertmanager" {
		t.Errorf("%+v", f)
	}
	var p prometheusFile
	parse(t, "compose/prometheus.yml", &p)
	if prometheus.JSONData["timeInterval"] != p.Global.ScrapeInterval {
		t.Errorf("Grafana takes samples to be %v apart, they are %s", prometheus.JSONData["timeInterval"], p.Global.ScrapeInterval)
	}
}

func TestComposeGrafanaDashboards(t *testing.T) {
	g := compose(t).Services["grafana"]
	var f grafanaDashboards
	parse(t, g.source(t, provisioning+"/dashboards/downstatus.yml"), &f)
	folder := g.source(t, f.Providers[0].Options["path"])
	there, err := filepath.Glob(folder + "/*.json")
	if err != nil || len(there) == 0 || folder != "../dashboards/grafana" {
		t.Errorf("%s has %v, %v", folder, there, err)
	}
	home := g.source(t, g.Environment["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"])
	if _, err := os.Stat(home); err != nil {
		t.Error(err)
	}
}

func TestComposeGrafanaAlerting(t *testing.T) {
	s := compose(t)
	var f grafanaAlerting
	parse(t, s.Services["grafana"].source(t, provisioning+"/alerting/downstatus.yml"), &f)
	if len(f.ContactPoints) != 1 || len(f.Policies) != 1 || f.Policies[0].Receiver != f.ContactPoints[0].Name {
		t.Errorf("%+v", f)
	}
	u, err := url.Parse(f.ContactPoints[0].Receivers[0].Settings["url"])
	if err != nil {
		t.Fatal(err)
	}
	has(t, "contact point", s.addresses(), u.Host)
}
