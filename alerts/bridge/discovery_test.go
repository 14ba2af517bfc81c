package bridge

import (
	"context"
	"errors"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/downstatus/downstatus_exporter/internal/config"
	"github.com/downstatus/downstatus_exporter/internal/status"
)

// names of a DNS that is made up.
type fakeDNS struct{}

func (fakeDNS) LookupSRV(_ context.Context, service, proto, name string) (string, []*net.SRV, error) {
	if service+proto != "" || name != "_am._tcp.acme.test" {
		return "", nil, errors.New("no such host")
	}
	return name, []*net.SRV{{Target: "am1.acme.test.", Port: 9093}, {Target: "am2.acme.test.", Port: 9094}}, nil
}

func (fakeDNS) LookupIP(_ context.Context, network, name string) ([]net.IP, error) {
	if name != "am.acme.test" {
		return nil, errors.New("no such host")
	}
	return map[string][]net.IP{"ip4": {net.IPv4(192, 0, 2, 1)}, "ip6": {net.ParseIP("2001:db8::1")}}[network], nil
}

func (fakeDNS) LookupMX(context.Context, string) ([]*net.MX, error) {
	return []*net.MX{{Host: "mail.acme.test."}}, nil
}

func TestDNS(t *testing.T) {
	cfg := &config.Alertmanager{DNS: []config.DNSDiscovery{
		{Names: []string{"_am._tcp.acme.test", "gone.acme.test"}, Type: "SRV"},
		{Names: []string{"am.acme.test"}, Type: "A", Port: 9093},
		{Names: []string{"am.acme.test"}, Type: "AAAA", Port: 9093},
		{Names: []string{"acme.test"}, Type: "MX", Port: 9095},
	}}
	got := map[string]string{}
	for _, w := range ways(cfg, fakeDNS{}) {
		targets, err := w.search(t.Context())
		got[w.name] = strings.Join(targets, " ")
		if err != nil {
			got[w.name] = err.Error()
		}
	}
	want := map[string]string{
		"dns_sd_configs[0] SRV _am._tcp.acme.test": "am1.acme.test:9093 am2.acme.test:9094",
		"dns_sd_configs[0] SRV gone.acme.test":     "no such host",
		"dns_sd_configs[1] A am.acme.test":         "192.0.2.1:9093",
		"dns_sd_configs[2] AAAA am.acme.test":      "[2001:db8::1]:9093",
		"dns_sd_configs[3] MX acme.test":           "mail.acme.test:9095",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestFiles(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s := &fileSearch{globs: []string{filepath.Join(dir, "*.json"), filepath.Join(dir, "*.yml")}}
	for _, tc := range []struct {
		name, json, yaml string
		want, fault      string
	}{
		{"as Prometheus writes them", `[{"targets": ["a:1", "b:1"], "labels": {"dc": "x"}}]`, "- targets: ['c:1']\n- targets: []\n", "a:1 b:1 c:1", ""},
		{"changed", `[{"targets": ["b:1"]}]`, "- targets: ['c:1']", "b:1 c:1", ""},
		{"half written", `[{"targets": ["b:1"`, "- targets: ['d:1']", "b:1 d:1", "a.json: want a list of groups with targets"},
		{"a web address", `[{"targets": ["b:1"]}]`, "- targets: ['http://bob:hunter2@d:1']", "b:1 d:1", `b.yml: "<secret>@d:1" is not HOST:PORT`},
		{"empty", ``, "", "", ""},
	} {
		write("a.json", tc.json)
		write("b.yml", tc.yaml)
		got, err := s.search(t.Context())
		fault := ""
		if err != nil {
			fault = err.Error()
		}
		if strings.Join(got, " ") != tc.want || !strings.Contains(fault, tc.fault) || (tc.fault == "") != (fault == "") {
			t.Errorf("%s: %v, %s; want %s, %s", tc.name, got, fault, tc.want, tc.fault)
		}
	}
	write("b.yml", "- targets: ['d:1']")
	if err := os.Remove(filepath.Join(dir, "a.json")); err != nil {
		t.Fatal(err)
	}
	if got, err := s.search(t.Context()); strings.Join(got, " ") != "d:1" || err != nil {
		t.Errorf("after one is gone: %v, %v", got, err)
	}
}

// FuzzTargets: no file makes the program fail, and every target is one.
func FuzzTargets(f *testing.F) {
	f.Add(`[{"targets": ["a:1"], "labels": {"a": "b"}}]`)
	f.Add("- targets: [a:1, '[::1]:9093']\n")
	f.Add("- targets: {a: b}\n")
	f.Add("&a [*a]")
	f.Fuzz(func(t *testing.T, text string) {
		file := filepath.Join(t.TempDir(), "f")
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		targets, err := readTargets(file)
		for _, target := range targets {
			if fault := config.CheckTarget(target); fault != nil || err != nil {
				t.Errorf("%q: %v, %v", target, fault, err)
			}
		}
	})
}

// TestDiscoveredPeers: a file that names a peer later, and another one then.
func TestDiscoveredPeers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		file := filepath.Join(t.TempDir(), "peers.json")
		w := &world{t: t, dir: t.TempDir(), manager: &manager{}}
		w.configure(strings.ReplaceAll(services, `static_configs: [{targets: ["a:9093", "b:9093"]}]`, `file_sd_configs: [{files: ["`+file+`"]}]}`))
		w.start()
		defer func() { w.stop() }()
		w.say("acme", status.Major)
		w.pass(10 * time.Second)
		if n := strings.Count(w.log.String(), "no Alertmanager is found"); n != 1 {
			t.Errorf("said %d times that there is none:\n%s", n, &w.log)
		}
		for _, peer := range []string{"x:9093", "y:9093"} {
			if err := os.WriteFile(file, []byte(`[{"targets": ["`+peer+`"]}]`), 0o600); err != nil {
				t.Fatal(err)
			}
			w.pass(7 * time.Second)
			w.want(peer, "firing DownstatusVendorDown acme")
		}
		w.pass(2 * time.Minute)
		w.want("x:9093")
		w.wantMetric(`downstatus_bridge_queue_length{peer="y:9093"} 0`)
		if got := w.metrics(); slices.Index(got, "downstatus_bridge_queue_length") != len(got)-1 {
			t.Errorf("series of a peer that is gone: %v", got)
		}
	})
}
