// Package tests renders the chart with Helm's own engine and reads the result
// with the types of Kubernetes, the Prometheus operator and Compose.
package tests

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/cli"
	"github.com/google/go-cmp/cmp"
	monitoring "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	"helm.sh/helm/v3/pkg/chart"
	"helm.sh/helm/v3/pkg/chart/loader"
	"helm.sh/helm/v3/pkg/chartutil"
	"helm.sh/helm/v3/pkg/engine"
	apps "k8s.io/api/apps/v1"
	core "k8s.io/api/core/v1"
	networking "k8s.io/api/networking/v1"
	policy "k8s.io/api/policy/v1"
	"sigs.k8s.io/yaml"
)

var update = flag.Bool("update", false, "write the plain manifests anew")

func load(t *testing.T) *chart.Chart {
	t.Helper()
	c, err := loader.Load("../downstatus-exporter")
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Validate(); err != nil {
		t.Fatal(err)
	}
	return c
}

// render fills the chart with values in YAML, as helm template does.
func render(c *chart.Chart, values string) (map[string]string, error) {
	var v map[string]any
	if err := yaml.Unmarshal([]byte(values), &v); err != nil {
		return nil, err
	}
	release := chartutil.ReleaseOptions{Name: "downstatus-exporter", Namespace: "monitoring", IsInstall: true}
	all, err := chartutil.ToRenderValues(c, v, release, chartutil.DefaultCapabilities)
	if err != nil {
		return nil, err
	}
	return engine.Render(c, all)
}

func mustRender(t *testing.T, values string) map[string]string {
	t.Helper()
	files, err := render(load(t), values)
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// manifests are the documents of rendered files, in the order of their names.
func manifests(files map[string]string) []string {
	var names, out []string
	for name := range files {
		if strings.HasSuffix(name, ".yaml") {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	for _, name := range names {
		for _, doc := range strings.Split("\n"+files[name], "\n---\n") {
			if doc = tidy(doc); doc != "" {
				out = append(out, doc)
			}
		}
	}
	return out
}

var blank = regexp.MustCompile(`(?m)[ \t]+$|^\s*\n`)

func tidy(doc string) string { return strings.TrimSpace(blank.ReplaceAllString(doc, "")) }

// object is any of the kinds that the chart may make; others are no part of it.
func object(kind string) any {
	return map[string]any{
		"StatefulSet": &apps.StatefulSet{}, "Deployment": &apps.Deployment{}, "ConfigMap": &core.ConfigMap{}, "Service": &core.Service{},
		"NetworkPolicy": &networking.NetworkPolicy{}, "Ingress": &networking.Ingress{}, "PodDisruptionBudget": &policy.PodDisruptionBudget{},
		"ServiceMonitor": &monitoring.ServiceMonitor{}, "PrometheusRule": &monitoring.PrometheusRule{}, "CiliumNetworkPolicy": &cilium{},
	}[kind]
}

// cilium is what the chart uses of Cilium's policy.
type cilium struct {
	APIVersion string         `json:"apiVersion"`
	Kind       string         `json:"kind"`
	Metadata   map[string]any `json:"metadata"`
	Spec       struct {
		EndpointSelector struct {
			MatchLabels map[string]string `json:"matchLabels"`
		} `json:"endpointSelector"`
		Egress []struct {
			ToEndpoints []struct {
				MatchLabels map[string]string `json:"matchLabels"`
			} `json:"toEndpoints"`
			ToFQDNs []struct {
				MatchName string `json:"matchName"`
			} `json:"toFQDNs"`
			ToPorts []struct {
				Ports []struct {
					Port     string `json:"port"`
					Protocol string `json:"protocol"`
				} `json:"ports"`
				Rules map[string]any `json:"rules"`
			} `json:"toPorts"`
		} `json:"egress"`
	} `json:"spec"`
}

// decode reads documents strictly: what Kubernetes does not know is an error.
func decode(t *testing.T, files map[string]string) map[string]any {
	t.Helper()
	out := map[string]any{}
	for _, doc := range manifests(files) {
		var head struct {
			APIVersion, Kind string
			Metadata         struct{ Name, Namespace string }
		}
		if err := yaml.Unmarshal([]byte(doc), &head); err != nil {
			t.Fatalf("%v:\n%s", err, doc)
		}
		o := object(head.Kind)
		if o == nil {
			t.Fatalf("kind %q:\n%s", head.Kind, doc)
		}
		if err := yaml.UnmarshalStrict([]byte(doc), o); err != nil {
			t.Errorf("%s: %v:\n%s", head.Kind, err, doc)
		}
		if head.Metadata.Namespace != "monitoring" || head.Metadata.Name == "" {
			t.Errorf("%s %q is in namespace %q", head.Kind, head.Metadata.Name, head.Metadata.Namespace)
		}
		key := head.Kind + " " + head.Metadata.Name
		if out[key] != nil {
			t.Errorf("%s is there twice", key)
		}
		out[key] = o
	}
	return out
}

func keys(objects map[string]any) []string {
	var out []string
	for k := range objects {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

// TestPlainManifests holds examples/kubernetes to the chart.
func TestPlainManifests(t *testing.T) {
	for _, name := range []string{"single", "replicas"} {
		values, err := os.ReadFile("../../kubernetes/" + name + ".values.yml")
		if err != nil {
			t.Fatal(err)
		}
		got := "# The chart of examples/helm with " + name + ".values.yml, as release downstatus-exporter\n# in the namespace monitoring.\n" +
			strings.Join(manifests(mustRender(t, string(values))), "\n---\n") + "\n"
		file := "../../kubernetes/" + name + ".yml"
		if *update {
			if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		committed, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(committed), got); diff != "" {
			t.Errorf("%s differs from the chart (go test -update writes it):\n%s", file, diff)
		}
	}
}

func TestKinds(t *testing.T) {
	for _, tc := range []struct{ name, values, want string }{
		{"bare", "{serviceMonitor: {enabled: false}, prometheusRule: {enabled: false}, dashboards: {enabled: false}, networkPolicy: {enabled: false}}",
			"ConfigMap, Service, StatefulSet"},
		{"by default", "dashboards: {enabled: false}", "ConfigMap, NetworkPolicy, PrometheusRule, Service, ServiceMonitor, StatefulSet"},
		{"everything", `
replicas: 3
image: {repository: registry.example.com/downstatus_exporter, tag: 1.2.3}
imagePullSecrets: [{name: registry}]
postgresql: {existingSecret: pg, key: address}
existingSecret: secrets
externalUrl: https://example.com/downstatus/
extraArgs: [--web.enable-lifecycle, --log.format=json]
podLabels: {a: b}
podAnnotations: {c: d}
nodeSelector: {kubernetes.io/arch: arm64}
tolerations: [{key: x, operator: Exists}]
affinity: {podAntiAffinity: {requiredDuringSchedulingIgnoredDuringExecution: [{topologyKey: zone}]}}
ingress: {enabled: true, className: nginx, tlsSecret: tls, annotations: {e: f}}
dashboards: {enabled: false}
networkPolicy: {from: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: monitoring}}}], extraEgress: [{ports: [{port: 5432}]}]}
`, "ConfigMap, Deployment, Ingress, NetworkPolicy, PodDisruptionBudget, PrometheusRule, Service, ServiceMonitor"},
		{"Cilium", "{dashboards: {enabled: false}, networkPolicy: {cilium: true, hosts: [\"a.example.com:443\", \"b.example.com:8443\"]}}",
			"CiliumNetworkPolicy, ConfigMap, NetworkPolicy, PrometheusRule, Service, ServiceMonitor, StatefulSet"},
		{"one on a database", "{dashboards: {enabled: false}, postgresql: {existingSecret: pg}}",
			"ConfigMap, Deployment, NetworkPolicy, PrometheusRule, Service, ServiceMonitor"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got := strings.ReplaceAll(strings.Join(keys(decode(t, mustRender(t, tc.values))), ", "), " downstatus-exporter", "")
			if got != tc.want {
				t.Errorf("got %s, want %s", got, tc.want)
			}
		})
	}
}

// TestDocumentedValues renders what docs/kubernetes.md shows.
func TestDocumentedValues(t *testing.T) {
	page, err := os.ReadFile("../../../docs/kubernetes.md")
	if err != nil {
		t.Fatal(err)
	}
	m := regexp.MustCompile("(?s)```yaml\n# values.yml\n(.*?)```").FindSubmatch(page)
	if m == nil {
		t.Fatal("it shows no values")
	}
	objects := decode(t, mustRender(t, string(m[1])))
	if image := objects["StatefulSet downstatus-exporter"].(*apps.StatefulSet).Spec.Template.Spec.Containers[0].Image; image != "registry.example.com/downstatus_exporter:0.1.0" {
		t.Errorf("image %s", image)
	}
}

// TestValuesThatAreRefused wants an error that says what to do.
func TestValuesThatAreRefused(t *testing.T) {
	for values, want := range map[string]string{
		"replicas: 2":                              "set postgresql.existingSecret to a Secret",
		"replica: 2":                               "replica",
		"replicas: 0":                              "replicas",
		"externalUrl: example.com":                 "externalUrl",
		"extraArgs: [demo]":                        "extraArgs",
		"networkPolicy: {hosts: [example.com]}":    "hosts",
		"networkPolicy: {hosts: [\"https://a/\"]}": "hosts",
		"config: [github]":                         "config",
	} {
		if _, err := render(load(t), values); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", values, err, want)
		}
	}
}

// TestSingleReplica: its series keep their labels when its pod is replaced.
func TestSingleReplica(t *testing.T) {
	const one, two = "dashboards: {enabled: false}", "{dashboards: {enabled: false}, replicas: 2, postgresql: {existingSecret: pg}}"
	for values, want := range map[string]int{one: 1, two: 0} {
		m := decode(t, mustRender(t, values))["ServiceMonitor downstatus-exporter"].(*monitoring.ServiceMonitor)
		relabelings := m.Spec.Endpoints[0].MetricRelabelConfigs
		if len(relabelings) != want {
			t.Fatalf("%s: %d relabelings", values, len(relabelings))
		}
		if want == 1 && (relabelings[0].Action != "labeldrop" || relabelings[0].Regex != "pod|instance|container") {
			t.Errorf("%+v", relabelings[0])
		}
		if m.Labels["release"] != "kube-prometheus-stack" {
			t.Errorf("labels %v", m.Labels)
		}
	}
}

func TestRules(t *testing.T) {
	got := decode(t, mustRender(t, "dashboards: {enabled: false}"))["PrometheusRule downstatus-exporter"].(*monitoring.PrometheusRule)
	if got.Labels["release"] != "kube-prometheus-stack" {
		t.Errorf("labels %v", got.Labels)
	}
	text, err := os.ReadFile("../../../alerts/operator/downstatus.prometheusrule.yml")
	if err != nil {
		t.Fatal(err)
	}
	var want monitoring.PrometheusRule
	if err := yaml.UnmarshalStrict(text, &want); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want.Spec, got.Spec); diff != "" {
		t.Errorf("the exported rules (-) and those of the chart (+):\n%s", diff)
	}
}

func TestDashboards(t *testing.T) {
	files, err := filepath.Glob("../../../dashboards/grafana/*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("no dashboards: %v, %v", files, err)
	}
	objects := decode(t, mustRender(t, "dashboards: {annotations: {grafana_folder: Downstatus}}"))
	for _, file := range files {
		want, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		name := strings.TrimPrefix(strings.TrimSuffix(filepath.Base(file), ".json"), "downstatus-")
		m, ok := objects["ConfigMap downstatus-exporter-"+name].(*core.ConfigMap)
		if !ok {
			t.Errorf("%s is in no ConfigMap: %v", file, keys(objects))
			continue
		}
		if m.Labels["grafana_dashboard"] != "1" || m.Annotations["grafana_folder"] != "Downstatus" {
			t.Errorf("%s: labels %v, annotations %v", name, m.Labels, m.Annotations)
		}
		got := m.Data[filepath.Base(file)]
		if diff := cmp.Diff(strings.TrimSpace(string(want)), strings.TrimSpace(got)); diff != "" {
			t.Errorf("%s:\n%s", name, diff)
		}
		if len(got) > 200<<10 {
			t.Errorf("%s has %d bytes: kubectl apply keeps it a second time, in an annotation of at most 256 KiB", name, len(got))
		}
	}
}

func TestHostsOfCilium(t *testing.T) {
	const values = "{dashboards: {enabled: false}, networkPolicy: {cilium: true, hosts: [\"a.example.com:443\", \"b.example.com:8443\", \"c.example.com:443\"]}}"
	objects := decode(t, mustRender(t, values))
	var got []string
	for _, e := range objects["CiliumNetworkPolicy downstatus-exporter"].(*cilium).Spec.Egress {
		for _, f := range e.ToFQDNs {
			got = append(got, fmt.Sprintf("%s:%s", f.MatchName, e.ToPorts[0].Ports[0].Port))
		}
	}
	if diff := cmp.Diff([]string{"a.example.com:443", "c.example.com:443", "b.example.com:8443"}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	plain := objects["NetworkPolicy downstatus-exporter"].(*networking.NetworkPolicy)
	if len(plain.Spec.Egress) > 0 || !slices.Equal(plain.Spec.PolicyTypes, []networking.PolicyType{"Ingress"}) {
		t.Errorf("both say what goes out: %+v", plain.Spec)
	}
}

// TestComposeFiles has Compose's own loader read the stack.
func TestComposeFiles(t *testing.T) {
	for _, files := range [][]string{{"compose.yml"}, {"compose.yml", "demo.yml"}} {
		var paths []string
		for _, f := range files {
			paths = append(paths, filepath.Join("../../compose", f))
		}
		options, err := cli.NewProjectOptions(paths, cli.WithInterpolation(true), cli.WithResolvedPaths(true))
		if err != nil {
			t.Fatal(err)
		}
		project, err := options.LoadProject(t.Context())
		if err != nil {
			t.Fatalf("%v: %v", files, err)
		}
		if got := project.ServiceNames(); len(got) != 5 || project.Name != "downstatus" {
			t.Errorf("%v: %s has services %v", files, project.Name, got)
		}
	}
}
