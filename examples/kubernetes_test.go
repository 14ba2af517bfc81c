package examples_test

import (
	"bytes"
	"errors"
	"io"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"

	"github.com/downstatus/downstatus_exporter/internal/command"
)

// manifest is what the tests ask of any kind; the chart's own tests read them
// with the types of Kubernetes.
type manifest struct {
	Kind     string
	Metadata metadata
	Data     map[string]string
	Spec     struct {
		Replicas             int
		ServiceName          string    `yaml:"serviceName"`
		Selector             yaml.Node // a map, or one below matchLabels
		PodSelector          labels    `yaml:"podSelector"`
		Template             pod
		VolumeClaimTemplates []struct{ Metadata metadata } `yaml:"volumeClaimTemplates"`
		Ports                []port
		Endpoints            []struct{ Port, Path string }
		Ingress              []struct{ Ports []port }
		Egress               []struct {
			To    []any
			Ports []port
		}
	}
}

type metadata struct {
	Name, Namespace string
	Labels          map[string]string
}

type labels struct {
	MatchLabels map[string]string `yaml:"matchLabels"`
}

type port struct {
	Name, Port, Protocol string
	TargetPort           string `yaml:"targetPort"`
	ContainerPort        string `yaml:"containerPort"`
}

type pod struct {
	Metadata metadata
	Spec     struct {
		SecurityContext struct {
			RunAsUser string `yaml:"runAsUser"`
			FSGroup   string `yaml:"fsGroup"`
		} `yaml:"securityContext"`
		Containers []struct {
			Image          string
			Args           []string
			Ports          []port
			ReadinessProbe probe `yaml:"readinessProbe"`
			LivenessProbe  probe `yaml:"livenessProbe"`
			VolumeMounts   []struct {
				Name      string
				MountPath string `yaml:"mountPath"`
				ReadOnly  bool   `yaml:"readOnly"`
			} `yaml:"volumeMounts"`
		}
		Volumes []struct {
			Name      string
			ConfigMap struct{ Name string } `yaml:"configMap"`
			Secret    struct {
				SecretName string `yaml:"secretName"`
				Items      []struct{ Key, Path string }
			}
			EmptyDir map[string]string `yaml:"emptyDir"`
		}
	}
}

type probe struct{ Exec struct{ Command []string } }

// manifests are those of a file by kind, of which there is one each.
func manifests(t *testing.T, file string) map[string]manifest {
	t.Helper()
	d := yaml.NewDecoder(bytes.NewReader(read(t, file)))
	out := map[string]manifest{}
	for {
		var m manifest
		err := d.Decode(&m)
		if errors.Is(err, io.EOF) {
			return out
		}
		if err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		if out[m.Kind].Kind != "" {
			t.Fatalf("%s has two of kind %s", file, m.Kind)
		}
		out[m.Kind] = m
	}
}

// selector is that of a Service, or of the kinds that have it below matchLabels.
func (m manifest) selector(t *testing.T) map[string]string {
	t.Helper()
	var out map[string]string
	var below labels
	if m.Spec.Selector.Decode(&below) == nil && below.MatchLabels != nil {
		return below.MatchLabels
	}
	if err := m.Spec.Selector.Decode(&out); err != nil {
		t.Fatal(err)
	}
	return out
}

// each runs a test for both sets of manifests.
func each(t *testing.T, test func(*testing.T, map[string]manifest, manifest)) {
	t.Helper()
	for file, kind := range map[string]string{"kubernetes/single.yml": "StatefulSet", "kubernetes/replicas.yml": "Deployment"} {
		t.Run(kind, func(t *testing.T) {
			all := manifests(t, file)
			workload, ok := all[kind]
			if !ok || len(workload.Spec.Template.Spec.Containers) != 1 {
				t.Fatalf("%s has no %s of one container", file, kind)
			}
			test(t, all, workload)
		})
	}
}

// TestKubernetesSelectors: who is meant is there.
func TestKubernetesSelectors(t *testing.T) {
	each(t, func(t *testing.T, all map[string]manifest, workload manifest) {
		of := workload.Spec.Template.Metadata.Labels
		for kind, selector := range map[string]map[string]string{
			workload.Kind: workload.selector(t), "Service": all["Service"].selector(t), "NetworkPolicy": all["NetworkPolicy"].Spec.PodSelector.MatchLabels,
		} {
			if !subset(selector, of) {
				t.Errorf("%s selects %v, pods are %v", kind, selector, of)
			}
		}
		if budget, ok := all["PodDisruptionBudget"]; ok != (workload.Spec.Replicas > 1) || ok && !subset(budget.selector(t), of) {
			t.Errorf("%d replicas, disruption budget %v", workload.Spec.Replicas, ok)
		}
		if s := all["ServiceMonitor"].selector(t); !subset(s, all["Service"].Metadata.Labels) {
			t.Errorf("the ServiceMonitor selects %v, the Service is %v", s, all["Service"].Metadata.Labels)
		}
		if name := workload.Spec.ServiceName; workload.Kind == "StatefulSet" && name != all["Service"].Metadata.Name {
			t.Errorf("the StatefulSet's service is %s", name)
		}
		for kind, m := range all {
			if m.Metadata.Namespace != workload.Metadata.Namespace {
				t.Errorf("%s is in %s", kind, m.Metadata.Namespace)
			}
		}
	})
}

// TestKubernetesPorts follows a scrape from the ServiceMonitor to the process.
func TestKubernetesPorts(t *testing.T) {
	each(t, func(t *testing.T, all map[string]manifest, workload manifest) {
		c, i := workload.Spec.Template.Spec.Containers[0], dockerfile(t)
		scraped, service, listens := all["ServiceMonitor"].Spec.Endpoints[0], all["Service"].Spec.Ports[0], c.Ports[0]
		allowed := all["NetworkPolicy"].Spec.Ingress[0].Ports[0].Port
		if scraped.Port != service.Name || service.TargetPort != listens.Name || allowed != listens.Name || listens.ContainerPort != i.port || service.Port != i.port {
			t.Errorf("scraped is %v, the service has %v, the policy allows %s, the container %v", scraped, service, allowed, listens)
		}
		if scraped.Path != "/metrics" {
			t.Errorf("scraped is %s", scraped.Path)
		}
	})
}

func TestKubernetesContainer(t *testing.T) {
	each(t, func(t *testing.T, _ map[string]manifest, workload manifest) {
		p, i := workload.Spec.Template.Spec, dockerfile(t)
		c := p.Containers[0]
		if c.Image != i.name || p.SecurityContext.RunAsUser != i.user || p.SecurityContext.FSGroup != i.user {
			t.Errorf("image %s as user %+v, want %+v", c.Image, p.SecurityContext, i)
		}
		checkFlags(t, c.Args)
		if store := flagValue(t, c.Args, "--storage.path"); store != i.volume {
			t.Errorf("the store is in %s, the image's volume is %s", store, i.volume)
		} else if name := workload.at(t, store); name != "data" {
			t.Errorf("the store is in the volume %s", name)
		}
		for name, probe := range map[string]probe{"ready": c.ReadinessProbe, "healthy": c.LivenessProbe} {
			want := []string{i.entrypoint, "healthcheck", "--url=http://127.0.0.1:" + i.port + "/-/" + name}
			if diff := cmp.Diff(want, probe.Exec.Command); diff != "" {
				t.Errorf("%s (-want +got):\n%s", name, diff)
			}
		}
	})
}

// TestKubernetesVolumes: every mount has its volume, every volume its mount, and
// what they name is there or is what the documentation has the user create.
func TestKubernetesVolumes(t *testing.T) {
	each(t, func(t *testing.T, all map[string]manifest, workload manifest) {
		p := workload.Spec.Template.Spec
		var mounts, volumes []string
		for _, m := range p.Containers[0].VolumeMounts {
			mounts = append(mounts, m.Name)
			if m.ReadOnly == (m.Name == "data") {
				t.Errorf("%s at %s: read-only %v", m.Name, m.MountPath, m.ReadOnly)
			}
		}
		for _, v := range p.Volumes {
			volumes = append(volumes, v.Name)
			if name := v.ConfigMap.Name; name != "" && name != all["ConfigMap"].Metadata.Name {
				t.Errorf("there is no ConfigMap %s", name)
			}
		}
		for _, v := range workload.Spec.VolumeClaimTemplates {
			volumes = append(volumes, v.Metadata.Name)
		}
		slices.Sort(mounts)
		slices.Sort(volumes)
		if diff := cmp.Diff(volumes, mounts); diff != "" {
			t.Errorf("volumes (-) and mounts (+):\n%s", diff)
		}
	})
}

// at is the name of the volume that is mounted at a folder.
func (m manifest) at(t *testing.T, folder string) string {
	t.Helper()
	for _, v := range m.Spec.Template.Spec.Containers[0].VolumeMounts {
		if v.MountPath == folder {
			return v.Name
		}
	}
	t.Fatalf("nothing is mounted at %s", folder)
	return ""
}

// TestKubernetesConfiguration: the file that the program is told to read is a key
// of the ConfigMap, is right, and reaches only what the network policy allows.
func TestKubernetesConfiguration(t *testing.T) {
	each(t, func(t *testing.T, all map[string]manifest, workload manifest) {
		file := flagValue(t, workload.Spec.Template.Spec.Containers[0].Args, "--config.file")
		if v := workload.at(t, path.Dir(file)); v != "config" {
			t.Errorf("%s is in the volume %s", file, v)
		}
		text := all["ConfigMap"].Data[path.Base(file)]
		if text == "" {
			t.Fatalf("the ConfigMap has no %s", path.Base(file))
		}
		dsn := workload.dsn(t, text)
		dir := t.TempDir()
		write(t, filepath.Join(dir, "dsn"), secret(t, "dsn_file"))
		write(t, filepath.Join(dir, "config.yml"), []byte(strings.ReplaceAll(text, dsn, filepath.Join(dir, "dsn"))))
		var out bytes.Buffer
		if err := command.CheckConfig(&out, filepath.Join(dir, "config.yml")); err != nil {
			t.Fatal(err)
		}
		allowed(t, all["NetworkPolicy"], hosts(t, out.String()))
	})
}

// dsn is the file in which replicas find the address of their database. A single
// one has none; its text is returned as is.
func (m manifest) dsn(t *testing.T, text string) string {
	t.Helper()
	if m.Kind == "StatefulSet" {
		if strings.Contains(text, "dsn") {
			t.Error("it has a volume and a database")
		}
		return "\x00"
	}
	file := first(t, text, `dsn_file: (\S+)`)
	name := m.at(t, path.Dir(file))
	for _, v := range m.Spec.Template.Spec.Volumes {
		if v.Name == name && v.Secret.SecretName != "" && v.Secret.Items[0].Path == path.Base(file) {
			return file
		}
	}
	t.Errorf("%s is in no Secret", file)
	return file
}

// hosts are those of check-config, as HOST:PORT.
func hosts(t *testing.T, summary string) []string {
	t.Helper()
	_, list, found := strings.Cut(summary, "hosts to allow:\n")
	list, _, _ = strings.Cut(list, "expected series")
	if !found {
		t.Fatal(summary)
	}
	return strings.Fields(list)
}

// allowed holds the chart's list of hosts to check-config, and the policy's ports
// to that list.
func allowed(t *testing.T, policy manifest, want []string) {
	t.Helper()
	var values struct {
		NetworkPolicy struct{ Hosts []string } `yaml:"networkPolicy"`
	}
	text, err := os.ReadFile("helm/downstatus-exporter/values.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if err := yaml.Unmarshal(text, &values); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, values.NetworkPolicy.Hosts); diff != "" {
		t.Errorf("hosts of check-config (-) and of the chart's values (+):\n%s", diff)
	}
	var ports []string
	for _, rule := range policy.Spec.Egress {
		for _, p := range rule.Ports {
			ports = append(ports, p.Port)
		}
	}
	for _, host := range want {
		u := url.URL{Host: host}
		has(t, "ports that "+host+" needs", ports, u.Port())
	}
	has(t, "ports for names", ports, "53")
}

// TestKubernetesStores: one replica has a volume, several have none of their own.
func TestKubernetesStores(t *testing.T) {
	each(t, func(t *testing.T, _ map[string]manifest, workload manifest) {
		claims := len(workload.Spec.VolumeClaimTemplates)
		if alone := workload.Kind == "StatefulSet"; alone != (claims == 1) || alone != (workload.Spec.Replicas == 1) {
			t.Errorf("%s of %d replicas with %d volumes", workload.Kind, workload.Spec.Replicas, claims)
		}
	})
}

// TestChartVersion: the chart is released with the program.
func TestChartVersion(t *testing.T) {
	var chart struct {
		Version    string
		AppVersion string `yaml:"appVersion"`
	}
	text, err := os.ReadFile("helm/downstatus-exporter/Chart.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if err := yaml.Unmarshal(text, &chart); err != nil {
		t.Fatal(err)
	}
	if want := strings.TrimSpace(string(read(t, "../VERSION"))); chart.Version != want || chart.AppVersion != want {
		t.Errorf("chart %+v, program %s", chart, want)
	}
}

// TestValuesOfTheManifests: what they are made with is what they are called.
func TestValuesOfTheManifests(t *testing.T) {
	for file, replicas := range map[string]string{"kubernetes/single.values.yml": "1", "kubernetes/replicas.values.yml": "2"} {
		var values map[string]any
		if err := yaml.Unmarshal(read(t, file), &values); err != nil {
			t.Fatal(err)
		}
		n, _ := values["replicas"].(int)
		if strconv.Itoa(max(n, 1)) != replicas {
			t.Errorf("%s: %d replicas", file, n)
		}
	}
}
