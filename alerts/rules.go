package alerts

import (
	"bytes"
	"errors"
	"fmt"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/prometheus/common/model"
	"go.yaml.in/yaml/v3"
)

// Options are what a user may change about the rules. The zero value gives the
// files of the rules folder.
type Options struct {
	Labels              []string // user labels that alerts carry, besides team, owner and tier
	MaintenanceSeverity Severity // Info (also where empty) or Warning
	GrafanaURL          string   // where the dashboards are; empty: links relative to Grafana
	Operator            bool     // one manifest for the Prometheus operator in place of files
}

// owners are the user labels that every alert about a vendor carries.
var owners = []string{"team", "owner", "tier"}

// taken are labels that alerts have of their own.
var taken = []string{"alertname", "depends_on", "kind", "namespace", "severity", "slug", "via"}

var labelName = regexp.MustCompile(`^[a-zA-Z_][a-zA-Z0-9_]*$`)

func (o Options) check() error {
	var errs []error
	for _, name := range o.Labels {
		switch {
		case !labelName.MatchString(name) || strings.HasPrefix(name, "__"):
			errs = append(errs, fmt.Errorf("labels: %q is not a label name: want letters, digits and underscores, no digit first", name))
		case slices.Contains(taken, name):
			errs = append(errs, fmt.Errorf("labels: alerts have a %q of their own: name a user label of your services", name))
		}
	}
	if s := o.MaintenanceSeverity; s != "" && s != Info && s != Warning {
		errs = append(errs, fmt.Errorf("maintenance severity: %q is not known: want info or warning", s))
	}
	if u, err := url.Parse(o.GrafanaURL); o.GrafanaURL != "" && (err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "") {
		errs = append(errs, fmt.Errorf("address of Grafana: %q is not a web address: want one such as https://grafana.example.com", o.GrafanaURL))
	}
	return errors.Join(errs...)
}

// ruleFile is one file, by what its rules are about.
type ruleFile struct {
	Name   string // below the rules folder
	Why    string
	Groups []group
}

type group struct {
	Name     string         `yaml:"name"`
	Interval model.Duration `yaml:"interval,omitempty"`
	Rules    []rule         `yaml:"rules"`
}

type rule struct {
	Record        string            `yaml:"record,omitempty"`
	Alert         string            `yaml:"alert,omitempty"`
	Expr          string            `yaml:"expr"`
	For           model.Duration    `yaml:"for,omitempty"`
	KeepFiringFor model.Duration    `yaml:"keep_firing_for,omitempty"`
	Labels        map[string]string `yaml:"labels,omitempty"`
	Annotations   yaml.Node         `yaml:"annotations,omitempty"` // in an order of its own

	why string
}

// ruleFiles are all files, the optional one last.
func (o Options) ruleFiles() []ruleFile {
	every := model.Duration(sample)
	return []ruleFile{
		{"downstatus-recording.yml", `One series a service or source, however many replicas are scraped, and
whatever their addresses. Alerts and dashboards use these alone.`, []group{
			{Name: "downstatus_recording_services", Rules: recording(serviceRecords)},
			{Name: "downstatus_recording_exporter", Rules: recording(exporterRecords)},
		}},
		{"downstatus-availability.yml", `Share of the known time in which a service was well, as a ratio from 0 to 1.
Scrapes have to come at least every 2 minutes.`, []group{
			{Name: "downstatus_availability", Interval: every, Rules: recording(availabilityRecords)},
		}},
		{"downstatus-vendors.yml", `Alerts about outages of vendors.`, []group{{Name: "downstatus_vendors", Rules: o.alerting(vendorAlerts)}}},
		{"downstatus-maintenance.yml", `What vendors announce.`, []group{{Name: "downstatus_maintenance", Rules: o.alerting(maintenanceAlerts)}}},
		{"downstatus-exporter.yml", `Alerts about the exporter itself.`, []group{{Name: "downstatus_exporter", Rules: o.alerting(exporterAlerts)}}},
		{"optional/downstatus-budget.yml", `Optional: holds vendors to 99.9 % of the time in 30 days. Needs
downstatus-availability.yml and 3 days of data.`, []group{
			{Name: "downstatus_budget", Interval: every, Rules: slices.Concat(recording(budgetRecords), o.alerting(budgetAlerts))},
		}},
	}
}

func recording(records []record) []rule {
	var out []rule
	for _, r := range records {
		out = append(out, rule{Record: r.name, Expr: r.expr, why: r.why})
	}
	return out
}

func (o Options) alerting(alerts []Alert) []rule {
	var out []rule
	for _, a := range alerts {
		out = append(out, o.rule(a))
	}
	return out
}

// rule is an alert as Prometheus takes it.
func (o Options) rule(a Alert) rule {
	if a.Kind == Maintenance && o.MaintenanceSeverity != "" {
		a.Severity = o.MaintenanceSeverity
	}
	r := rule{
		Alert: a.Name, Expr: a.Expr, For: model.Duration(a.For), KeepFiringFor: model.Duration(a.KeepFiringFor),
		Labels: a.Labels("{{ $labels.slug }}"), Annotations: yaml.Node{Kind: yaml.MappingNode}, why: a.Why,
	}
	if a.Kind != "" {
		r.Expr = o.owned(a.Expr)
	}
	for _, n := range a.annotations() {
		text := template(n.text)
		if n.name == "dashboard_url" {
			text = strings.TrimRight(o.GrafanaURL, "/") + text
		}
		r.Annotations.Content = append(r.Annotations.Content, scalar(n.name), scalar(text))
	}
	return r
}

// owned joins the user's labels to the series of an alert.
func (o Options) owned(expr string) string {
	names := slices.Clone(owners)
	for _, name := range o.Labels {
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	indented := strings.ReplaceAll(expr, "\n", "\n  ")
	return fmt.Sprintf("(\n  %s\n)\n  * on (namespace, slug) group_left (%s) slug:downstatus_service_info:group", indented, strings.Join(names, ", "))
}

// Rules are the rule files by name: those of the rules folder, or manifests.
func Rules(o Options) (map[string][]byte, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	files, wrap := o.ruleFiles(), plain
	if o.Operator {
		files, wrap = manifests(files), manifest
	}
	out := map[string][]byte{}
	for _, f := range files {
		text, err := f.text(wrap(f))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", f.Name, err)
		}
		out[f.Name] = text
	}
	return out, nil
}

// manifests are the same groups in two files: all, and the optional ones.
func manifests(files []ruleFile) []ruleFile {
	all := ruleFile{Name: "downstatus.prometheusrule.yml", Why: "All rules but the optional ones, for the Prometheus operator."}
	optional := files[len(files)-1]
	for _, f := range files[:len(files)-1] {
		all.Groups = append(all.Groups, f.Groups...)
	}
	optional.Name = "optional/downstatus-budget.prometheusrule.yml"
	return []ruleFile{all, optional}
}

// groups is what Prometheus and Mimir load, and the spec of a PrometheusRule.
type groups struct {
	Groups []group `yaml:"groups"`
}

func plain(f ruleFile) any { return groups{f.Groups} }

func manifest(f ruleFile) any {
	name, _, _ := strings.Cut(path.Base(f.Name), ".")
	return struct {
		APIVersion string   `yaml:"apiVersion"`
		Kind       string   `yaml:"kind"`
		Metadata   metadata `yaml:"metadata"`
		Spec       groups   `yaml:"spec"`
	}{"monitoring.coreos.com/v1", "PrometheusRule", metadata{name, map[string]string{"app.kubernetes.io/name": "downstatus-exporter"}}, groups{f.Groups}}
}

type metadata struct {
	Name   string            `yaml:"name"`
	Labels map[string]string `yaml:"labels"`
}

// text is the file, with the reasons as comments.
func (f ruleFile) text(content any) ([]byte, error) {
	var doc yaml.Node
	if err := doc.Encode(content); err != nil {
		return nil, err
	}
	why := map[string]string{}
	for _, g := range f.Groups {
		for _, r := range g.Rules {
			why[r.Record+r.Alert] = r.why
		}
	}
	annotate(&doc, why)
	var out bytes.Buffer
	out.WriteString("# Written by: downstatus_exporter export rules\n#\n# " + strings.ReplaceAll(f.Why, "\n", "\n# ") + "\n")
	enc := yaml.NewEncoder(&out)
	enc.SetIndent(2)
	err := enc.Encode(&doc)
	return out.Bytes(), errors.Join(err, enc.Close())
}

// annotate puts the reason above each rule, and expressions of several lines
// into lines.
func annotate(n *yaml.Node, why map[string]string) {
	if strings.Contains(n.Value, "\n") {
		n.Style = yaml.LiteralStyle
	}
	if n.Kind == yaml.MappingNode && len(n.Content) > 1 {
		n.HeadComment = why[n.Content[1].Value]
	}
	for _, child := range n.Content {
		annotate(child, why)
	}
}

func scalar(text string) *yaml.Node {
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: text}
}
