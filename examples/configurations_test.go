package examples_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"math/big"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"

	"github.com/downstatus/downstatus_exporter/internal/command"
	"github.com/downstatus/downstatus_exporter/internal/config"
	_ "github.com/downstatus/downstatus_exporter/sources/all"
	"github.com/downstatus/downstatus_exporter/sources/fetch"
)

// configurations are all of the program's configuration files here, and how
// many services each names.
var configurations = map[string]int{
	"minimal.yml": 3, "full.yml": 14,
	"company/config.yml": 60, "game-studio/config.yml": 14, "bank/config.yml": 12,
	"internet-provider/config.yml": 20, "help-desk/config.yml": 7, "compose/exporter/config.yml": 4,
}

// copied is the configuration in a folder of its own, with the secrets that its
// user is to add.
func copied(t *testing.T, file string) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(filepath.Dir(file))); err != nil {
		t.Fatal(err)
	}
	text := read(t, file)
	for _, m := range regexp.MustCompile(`(\w+_file): (secrets/\w+(?:\.\w+)?)`).FindAllStringSubmatch(string(text), -1) {
		write(t, filepath.Join(dir, m[2]), secret(t, m[1]))
	}
	return filepath.Join(dir, filepath.Base(file))
}

func write(t *testing.T, file string, text []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
}

// secret is something that a setting can read.
func secret(t *testing.T, setting string) []byte {
	t.Helper()
	switch setting {
	case "dsn_file":
		return []byte("postgres://downstatus:not-a-real-password@db.bank.example.com/downstatus?sslmode=verify-full\n")
	case "ca_file", "cert_file":
		return pair.certificate
	case "key_file":
		return pair.key
	}
	return []byte("not-a-real-secret\n")
}

// pair is a certificate with its key.
var pair = func() (out struct{ certificate, key []byte }) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		panic(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour)}
	certificate, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		panic(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		panic(err)
	}
	out.certificate = pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: certificate})
	out.key = pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private})
	return out
}()

func plan(t *testing.T, file string) *config.Plan {
	t.Helper()
	c, err := config.Load(copied(t, file))
	if err != nil {
		t.Fatal(err)
	}
	p, err := c.Plan()
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestConfigurations(t *testing.T) {
	found, err := filepath.Glob("*/config.yml")
	if err != nil || len(found) == 0 {
		t.Fatal(found, err)
	}
	more, _ := filepath.Glob("*.yml")
	for _, file := range append(found, more...) {
		if configurations[filepath.ToSlash(file)] == 0 {
			t.Errorf("%s has no row in this test", file)
		}
	}
	for file, services := range configurations {
		t.Run(file, func(t *testing.T) {
			var out bytes.Buffer
			if err := command.CheckConfig(&out, copied(t, file)); err != nil {
				t.Fatal(err)
			}
			if strings.Contains(out.String(), "warnings:") {
				t.Errorf("warnings:\n%s", out.String())
			}
			if got := len(plan(t, file).Services); got != services {
				t.Errorf("%d services, want %d", got, services)
			}
		})
	}
}

// TestSecretsAreTold: what a user has not added yet is named, file by file.
func TestSecretsAreTold(t *testing.T) {
	err := command.CheckConfig(&bytes.Buffer{}, "bank/config.yml")
	for _, name := range []string{"bank_ca.pem", "client.pem", "client.key", "dsn", "core_password"} {
		if err == nil || !strings.Contains(err.Error(), "secrets/"+name) {
			t.Errorf("%s is not named: %v", name, err)
		}
	}
}

// TestTeams: in examples with teams no service is nobody's.
func TestTeams(t *testing.T) {
	for file, want := range map[string][]string{
		"company/config.yml":           {"build", "data", "office", "payments", "platform", "web"},
		"game-studio/config.yml":       {"backend", "community", "live", "shop"},
		"bank/config.yml":              {"channels", "infrastructure", "onboarding", "payments"},
		"internet-provider/config.yml": {"helpdesk", "noc"},
		"help-desk/config.yml":         {"network", "sales", "workplace"},
	} {
		p := plan(t, file)
		var teams []string
		for _, s := range p.Services {
			// What the provider takes by a glob over the catalog has no labels.
			if s.Labels["team"] == "" && file != "internet-provider/config.yml" {
				t.Errorf("%s: %s has no team", file, s.Slug)
			}
			if s.Labels["team"] != "" {
				teams = append(teams, s.Labels["team"])
			}
		}
		slices.Sort(teams)
		if diff := cmp.Diff(want, slices.Compact(teams)); diff != "" {
			t.Errorf("%s: teams (-want +got):\n%s", file, diff)
		}
	}
	services, err := filepath.Glob("company/services/*.yml")
	if err != nil || len(services) != 6 {
		t.Errorf("%v, %v: one file for each team", services, err)
	}
	for _, file := range append(services, "services.d/payments.yml") {
		if !regexp.MustCompile(`(?m)^- slug: `).Match(read(t, filepath.ToSlash(file))) {
			t.Errorf("%s is no list of services", file)
		}
	}
}

// TestCounts polls the feeds of counts for the documents that their comments
// show.
func TestCounts(t *testing.T) {
	for file, want := range map[string]map[string][2]int{
		"help-desk/config.yml":   {"mail": {3, 41}},
		"game-studio/config.yml": {"example-arena": {12, 240}},
		"bank/config.yml":        {"card-payments": {2, 31}},
	} {
		p := plan(t, file)
		i := slices.IndexFunc(p.Sources, func(s config.Source) bool { return s.Engine.Name == "counts" })
		if i < 0 {
			t.Fatalf("%s has no feed of counts", file)
		}
		got := counts(t, p.Sources[i], shown(t, file))
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", file, diff)
		}
		if !named(p, p.Sources[i].Key, want) {
			t.Errorf("%s: what the document shows belongs to no service", file)
		}
	}
}

// named is true if services have the feed's slugs.
func named(p *config.Plan, feed string, slugs map[string][2]int) bool {
	for slug := range slugs {
		if !slices.ContainsFunc(p.Services, func(s config.Service) bool { return s.Feeds[feed] == slug }) {
			return false
		}
	}
	return true
}

// shown is the document in the comments of a file.
func shown(t *testing.T, file string) []byte {
	t.Helper()
	var comments strings.Builder
	for _, m := range regexp.MustCompile(`(?m)^\s*#(.*)$`).FindAllStringSubmatch(string(read(t, file)), -1) {
		comments.WriteString(m[1] + "\n")
	}
	_, document, found := strings.Cut(comments.String(), `{"`)
	var out json.RawMessage
	if err := json.NewDecoder(strings.NewReader(`{"` + document)).Decode(&out); err != nil || !found {
		t.Fatalf("%s shows no document: %v", file, err)
	}
	return out
}

// counts polls a source that is moved to a server here.
func counts(t *testing.T, s config.Source, document []byte) map[string][2]int {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(document)
	}))
	t.Cleanup(server.Close)
	address, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	guard := fetch.NewGuard()
	guard.Allow(address.Hostname())
	client, err := fetch.NewClient(fetch.Settings{Guard: guard})
	if err != nil {
		t.Fatal(err)
	}
	target := s.Target
	target.Document = address
	reading, err := s.Engine.Open(target, client).Poll(t.Context(), time.Date(2026, 11, 22, 12, 0, 30, 0, time.UTC))
	if err != nil {
		t.Fatal(err)
	}
	if reading.Feed.UpdatedAt.IsZero() || len(reading.Feed.UnknownWords) > 0 {
		t.Errorf("taken at %s, unknown %v", reading.Feed.UpdatedAt, reading.Feed.UnknownWords)
	}
	out := map[string][2]int{}
	for slug, row := range reading.Feed.Services {
		out[slug] = [2]int{row.Reports1h, row.Reports24h}
	}
	return out
}

// snippets are the blocks of a page that begin with a name.
func snippets(t *testing.T, page, name string) []string {
	t.Helper()
	var out []string
	for _, m := range regexp.MustCompile("(?s)```yaml\n# "+regexp.QuoteMeta(name)+"\n(.*?)```").FindAllStringSubmatch(string(read(t, page)), -1) {
		out = append(out, m[1])
	}
	if len(out) == 0 {
		t.Fatalf("%s shows no %s", page, name)
	}
	return out
}

// summary is what check-config says of a text.
func summary(t *testing.T, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "config.yml")
	write(t, file, []byte(text))
	var out bytes.Buffer
	if err := command.CheckConfig(&out, file); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestDocumentedConfiguration(t *testing.T) {
	for _, text := range snippets(t, "../docs/getting-started.md", "config.yml") {
		if out := summary(t, text); !strings.HasPrefix(out, "services: 3\n") || strings.Contains(out, "warnings:") {
			t.Error(out)
		}
	}
}

// TestDocumentedValues: the hosts beside a configuration are its hosts.
func TestDocumentedValues(t *testing.T) {
	for _, text := range snippets(t, "../docs/kubernetes.md", "values.yml") {
		var values struct {
			Config        map[string]any
			NetworkPolicy struct{ Hosts []string } `yaml:"networkPolicy"`
		}
		if err := yaml.Unmarshal([]byte(text), &values); err != nil {
			t.Fatal(err)
		}
		own, err := yaml.Marshal(values.Config)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(hosts(t, summary(t, string(own))), values.NetworkPolicy.Hosts); diff != "" {
			t.Errorf("hosts of check-config (-) and in the documentation (+):\n%s", diff)
		}
	}
}
