package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	promconfig "github.com/prometheus/common/config"
)

func readHTTP(t *testing.T, file, settings string) (*promconfig.HTTPClientConfig, *Config) {
	t.Helper()
	cfg, err := Parse(file, []byte("global:\n  http_config: "+settings))
	if err != nil {
		t.Fatal(err)
	}
	return cfg.global.http, cfg
}

func TestHTTPKeyTellsSettingsApart(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"a", "b"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	different := []string{
		`{}`,
		`{follow_redirects: false}`,
		`{basic_auth: {username: bob, password: one}}`,
		`{basic_auth: {username: bob, password: two}}`,
		`{basic_auth: {username: bob, password_file: a}}`,
		`{basic_auth: {username: bob, password_file: b}}`,
		`{proxy_url: "http://proxy.test"}`,
		`{proxy_url: "http://bob:one@proxy.test"}`,
		`{proxy_url: "http://bob:two@proxy.test"}`,
		`{http_headers: {X-Key: {secrets: [one]}}}`,
		`{http_headers: {X-Key: {secrets: [two]}}}`,
		`{http_headers: {X-Key: {files: [a]}}}`,
		`{http_headers: {X-Other: {secrets: [two]}}}`,
		`{oauth2: {client_id: i, client_secret: one, token_url: "http://t.test", claims: {a: [1, {b: c}]}}}`,
		`{oauth2: {client_id: i, client_secret: one, token_url: "http://t.test", claims: {a: [1, {b: d}]}}}`,
		`{tls_config: {insecure_skip_verify: true}}`,
	}
	seen := map[string]string{}
	for _, settings := range different {
		cfg, _ := readHTTP(t, filepath.Join(dir, "f.yml"), settings)
		key := httpKey(*cfg)
		if other, taken := seen[key]; taken {
			t.Errorf("%s and %s have the same key", settings, other)
		}
		seen[key] = settings
	}
	plain, _ := readHTTP(t, "f.yml", `{enable_http2: true}`)
	if httpKey(*plain) != httpKey(promconfig.DefaultHTTPClientConfig) {
		t.Error("settings written out have another key than the same by default")
	}
}

func TestFilesAreRelativeToTheirFile(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "s"), []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	want := filepath.Join(dir, "s")
	cfg, _ := readHTTP(t, filepath.Join(dir, "f.yml"),
		`{oauth2: {client_id: i, client_certificate_key_file: s, grant_type: "urn:ietf:params:oauth:grant-type:jwt-bearer", token_url: "http://t.test"}}`)
	if got := cfg.OAuth2.ClientCertificateKeyFile; got != want {
		t.Errorf("client_certificate_key_file is %s, want %s", got, want)
	}
	cfg, _ = readHTTP(t, filepath.Join(dir, "f.yml"), `{authorization: {credentials_file: s}, http_headers: {X-Key: {files: [s]}}}`)
	if got := cfg.Authorization.CredentialsFile; got != want {
		t.Errorf("credentials_file is %s, want %s", got, want)
	}
	if got := cfg.HTTPHeaders.Headers["X-Key"].Files[0]; got != want {
		t.Errorf("files has %s, want %s", got, want)
	}
}

func TestUnreadableFilesOfEveryKind(t *testing.T) {
	for _, settings := range []string{
		`{bearer_token_file: nowhere}`,
		`{basic_auth: {username_file: nowhere}}`,
		`{authorization: {credentials_file: nowhere}}`,
		`{oauth2: {client_id: i, client_secret_file: nowhere, token_url: "http://t.test"}}`,
		`{oauth2: {client_id: i, token_url: "http://t.test", tls_config: {key_file: nowhere}}}`,
		`{http_headers: {X-Key: {files: [nowhere]}}}`,
		`{tls_config: {cert_file: testdata}}`,
	} {
		_, err := Parse("f.yml", []byte("global:\n  http_config: "+settings))
		if err == nil || !strings.HasPrefix(err.Error(), "f.yml:2: ") || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: got %v, want one problem at line 2", settings, err)
		}
	}
}

func TestRedacted(t *testing.T) {
	const yaml = `global:
  http_config:
    basic_auth: {username: bob, password: hunter2}
    proxy_url: http://bob:hunter2@proxy.acme.test:3128
    proxy_connect_header: {X-Key: [hunter2]}
    http_headers: {X-Key: {secrets: [hunter2], values: [seen]}}
feeds:
  - {name: own, url: "http://feed.acme.test/?token=hunter2", http_config: {authorization: {credentials: hunter2}}}
services:
  - slug: acme
    official:
      url: https://status.acme.test
      http_config:
        oauth2:
          client_id: id
          client_secret: hunter2
          token_url: http://token.acme.test
          endpoint_params: {password: hunter2}
          claims: {key: hunter2}
        tls_config: {min_version: TLS12}
  - slug: other
    official: {url: https://status.other.test, http_config: {bearer_token: hunter2}}
alertmanager:
  static_configs: [{targets: ["127.0.0.1:9093"]}]
  http_config: {basic_auth: {username: bob, password: hunter2}}
`
	cfg, err := Parse("f.yml", []byte(yaml))
	if err != nil {
		t.Fatal(err)
	}
	shown := string(cfg.Redacted())
	if strings.Contains(shown, "hunter2") {
		t.Errorf("a secret is shown:\n%s", shown)
	}
	for _, want := range []string{
		"password: <secret>", "proxy_url: http://<secret>@proxy.acme.test:3128", "http://feed.acme.test/?<secret>",
		"min_version: TLS12", "endpoint_params: {password: <secret>}", "values: [seen]", "username: bob", "slug: acme",
	} {
		if !strings.Contains(shown, want) {
			t.Errorf("%q is not shown:\n%s", want, shown)
		}
	}
}

func TestRedactedShowsServiceFiles(t *testing.T) {
	cfg, err := Parse("testdata/f.yml", []byte("service_files: [services.d/*.yml]\n"))
	if err != nil {
		t.Fatal(err)
	}
	const head = "service_files: [services.d/*.yml]\n---\n# testdata/services.d/payments.yml\n- slug: payments\n"
	if shown := string(cfg.Redacted()); !strings.HasPrefix(shown, head) {
		t.Errorf("shown:\n%s", shown)
	}
}
