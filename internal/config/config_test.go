package config

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// faults are the problems of testdata/NAME.bad.yml, without the folder.
var faults = map[string][]string{
	"anchor-in-itself": {
		`anchor-in-itself.bad.yml:1: anchor "all" contains itself`,
	},
	"bad-category": {
		`bad-category.bad.yml:3: category: "clouds" is not known: did you mean "cloud"?`,
	},
	"bad-duration": {
		"bad-duration.bad.yml:2: stale_after: a list is not a duration: write something like 30s, 5m or 90d",
		`bad-duration.bad.yml:3: hold_open_for: "a day" is not a duration: write something like 30s, 5m or 90d`,
	},
	"bad-service-file": {
		`broken.d/team.yml:2: unknown key "nam" in a service: did you mean "name"?`,
	},
	"bad-size": {
		`bad-size.bad.yml:2: body_size_limit: "8 megabytes" is not a size: write something like 512KB or 8MB`,
		`bad-size.bad.yml:3: max_components_per_service: "many" is not a whole number of at least 0`,
	},
	"bare-number": {
		"bare-number.bad.yml:3: poll_interval: 60 has no unit: write 60s",
	},
	"bare-size": {
		"bare-size.bad.yml:2: body_size_limit: 8388608 has no unit: write 8388608B, or something like 8MB",
	},
	"bridge-to-nobody": {
		"bridge-to-nobody.bad.yml:2: alertmanager: names no Alertmanager: want static_configs, dns_sd_configs or file_sd_configs",
	},
	"bridge": {
		`bridge.bad.yml:2: targets: "http://127.0.0.1:9093" is not HOST:PORT: want something like 127.0.0.1:9093`,
		"bridge.bad.yml:4: dns_sd_configs: type A needs a port",
		"bridge.bad.yml:5: dns_sd_configs: names are missing",
		"bridge.bad.yml:6: file_sd_configs: files are missing",
		`bridge.bad.yml:7: min_status: "unknown" is not known: want one of degraded, down`,
		`bridge.bad.yml:8: match.category: "clouds" is not known: did you mean "cloud"?`,
	},
	"broken-ca": {
		"broken-ca.bad.yml:4: tls_config: unable to use specified CA cert file unknown-key.bad.yml",
	},
	"empty-official": {
		"empty-official.bad.yml:3: official: want an engine or a url",
	},
	"empty-url": {
		"empty-url.bad.yml:5: url is empty: want the page's address, such as https://www.githubstatus.com",
	},
	"engine-not-listed": {
		`engine-not-listed.bad.yml:3: engine: "carrier-pigeon" is not known: want one of auto, cloud, incidentio, none, statusio, statuspage, zendesk`,
	},
	"feed-as-engine": {
		`feed-as-engine.bad.yml:3: engine: "downstatus" is a user-report feed: name it under feeds`,
	},
	"feed-empty-url": {
		"feed-empty-url.bad.yml:3: url is empty: want the page's address, such as https://www.githubstatus.com",
	},
	"feed-no-name": {
		`feed-no-name.bad.yml:2: name: "" is not a feed's name: want letters, digits, dots and dashes`,
		`feed-no-name.bad.yml:3: services: "everything" is not known: want one of all, configured`,
	},
	"feed-twice": {
		`feed-twice.bad.yml:3: feed "one" is named twice`,
		`feed-twice.bad.yml:4: feeds "one" and "three" are the same upstream`,
	},
	"http-secret-manager": {
		`http-secret-manager.bad.yml:3: unknown key "password_ref" in basic_auth: want one of password, password_file, username, username_file`,
	},
	"http-two-ways": {
		"http-two-ways.bad.yml:3: http_config: at most one of basic_auth, oauth2 & authorization must be configured",
	},
	"http-unknown-key": {
		`http-unknown-key.bad.yml:4: unknown key "user" in basic_auth: want one of password, password_file, username, username_file`,
		`http-unknown-key.bad.yml:5: unknown key "tls_confg" in http_config: did you mean "tls_config"?`,
	},
	"http-wrong-kind": {
		"http-wrong-kind.bad.yml:3: http_config: cannot unmarshal !!str `perhaps` into bool",
	},
	"key-twice": {
		`key-twice.bad.yml:3: key "poll_timeout" is used twice: first at line 2`,
	},
	"many": {
		"many.bad.yml:1: poll_interval: 60 has no unit: write 60s",
		`many.bad.yml:4: category: "clouds" is not known: did you mean "cloud"?`,
		`many.bad.yml:5: slug "acme" is used twice: first at many.bad.yml:3`,
		`many.bad.yml:6: engine: "nope" is not known: did you mean "none"?`,
	},
	"missing-option": {
		"missing-option.bad.yml:4: options.page_id is missing",
	},
	"missing-service-file": {
		"missing-service-file.bad.yml:2: service_files: there is no file no-such-file.yml",
	},
	"no-mapping": {
		"no-mapping.bad.yml:1: the configuration: want a mapping of keys to values, got a list",
	},
	"no-web-address": {
		`no-web-address.bad.yml:3: url "ftp://status.acme.test" is not a web address: want something like https://www.githubstatus.com`,
	},
	"not-in-catalog": {
		`not-in-catalog.bad.yml:3: catalog: "githubb" is not in the catalog: did you mean "github"?`,
	},
	"nothing-read": {
		`nothing-read.bad.yml:3: service "githb": nothing would be read for it: it is not in the catalog and has neither an official source nor a feed: did you mean "github"?`,
		`nothing-read.bad.yml:4: service "github": nothing would be read for it: it has neither an official source nor a feed`,
	},
	"option-no-list": {
		"option-no-list.bad.yml:5: options: page_id takes a single value, not a list",
	},
	"postgres-both": {
		"postgres-both.bad.yml:3: history: dsn and dsn_file are both set: want one of them",
	},
	"postgres-empty-file": {
		"postgres-empty-file.bad.yml:1: history.dsn_file: empty.txt is empty: want postgres://USER:PASSWORD@HOST:PORT/DATABASE in it",
	},
	"postgres-file": {
		"postgres-file.bad.yml:1: history.dsn_file: stat no-such-dsn.txt: no such file or directory",
	},
	"postgres-settings": {
		"postgres-settings.bad.yml:3: history.dsn: sslmode is invalid",
	},
	"postgres-unescaped": {
		"postgres-unescaped.bad.yml:2: history.dsn: not well-formed: want postgres://USER:PASSWORD@HOST:PORT/DATABASE, with special characters of the password percent-encoded",
	},
	"postgres": {
		"postgres.bad.yml:2: history.dsn: want postgres://USER:PASSWORD@HOST:PORT/DATABASE",
	},
	"reserved-label": {
		`reserved-label.bad.yml:5: labels: "severity" is reserved: take another name, such as "team_severity"`,
		`reserved-label.bad.yml:6: labels: "__name__" is reserved: take another name, such as "team_name"`,
		`reserved-label.bad.yml:7: labels: "cost-centre" is not a label name: want letters, digits and underscores, no digit first`,
	},
	"sensitivity": {
		`sensitivity.bad.yml:1: sensitivity: "quite" is not known: did you mean "quiet"?`,
	},
	"slug-malformed": {
		`slug-malformed.bad.yml:2: slug: "GitHub" is not a slug: want lower-case letters, digits and dashes`,
	},
	"slug-missing": {
		"slug-missing.bad.yml:2: a service needs a slug",
	},
	"slug-twice-in-files": {
		`services.d/payments.yml:1: slug "payments" is used twice: first at slug-twice-in-files.bad.yml:2`,
	},
	"slug-twice": {
		`slug-twice.bad.yml:5: slug "github" is used twice: first at slug-twice.bad.yml:2`,
	},
	"tab": {
		"tab.bad.yml:4: not well-formed YAML: a tab in the indentation: YAML takes spaces only",
	},
	"two-documents": {
		"two-documents.bad.yml:3: a second document begins here: want one document a file",
	},
	"unclosed": {
		"unclosed.bad.yml:3: not well-formed YAML: did not find expected ',' or '}'",
	},
	"unknown-engine": {
		`unknown-engine.bad.yml:4: engine: "statuspag" is not known: did you mean "statuspage"?`,
	},
	"unknown-feed-type": {
		`unknown-feed-type.bad.yml:2: type: "twitter" is not a kind of feed: want one of downstatus`,
	},
	"unknown-feed": {
		`unknown-feed.bad.yml:4: feeds: there is no feed "downstate": did you mean "downstatus"?`,
	},
	"unknown-key": {
		`unknown-key.bad.yml:2: unknown key "sluge" in a service: did you mean "slug"?`,
	},
	"unknown-option": {
		`unknown-option.bad.yml:6: options: engine statusio knows no "page_idd": did you mean "page_id"?`,
	},
	"unknown-section": {
		`unknown-section.bad.yml:1: unknown key "globals" in the configuration: did you mean "global"?`,
	},
	"unreadable-ca": {
		"unreadable-ca.bad.yml:7: ca_file: stat no-such-ca.pem: no such file or directory",
	},
	"url-with-password": {
		"url-with-password.bad.yml:3: url: credentials belong into http_config.basic_auth, not into the address",
	},
	"wrong-kinds": {
		`wrong-kinds.bad.yml:1: feeds: want a list, got "all"`,
		`wrong-kinds.bad.yml:3: a service: want a mapping of keys to values, got "github"`,
		"wrong-kinds.bad.yml:4: slug: want a single value, got a list",
		`wrong-kinds.bad.yml:5: labels: want a mapping of keys to values, got "team"`,
		"wrong-kinds.bad.yml:6: catalog: want a mapping of keys to values, got a list",
	},
	"zero-timeout": {
		"zero-timeout.bad.yml:2: poll_timeout: 0s is too short: want more than 0",
	},
}

func TestBadConfigurations(t *testing.T) {
	files, err := filepath.Glob("testdata/*.bad.yml")
	if err != nil || len(files) != len(faults) {
		t.Fatalf("%d files for %d expectations: %v", len(files), len(faults), err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".bad.yml")
		t.Run(name, func(t *testing.T) {
			cfg, err := Load(file)
			var problems Problems
			if !errors.As(err, &problems) || cfg != nil {
				t.Fatalf("Load gave %v, %v: want Problems alone", cfg, err)
			}
			got := strings.Split(strings.ReplaceAll(problems.Error(), "testdata/", ""), "\n")
			if diff := cmp.Diff(faults[name], got); diff != "" {
				t.Errorf("problems (-want +got):\n%s", diff)
			}
		})
	}
}

func TestSyntaxErrorsNameTheLineThatFails(t *testing.T) {
	tests := map[string]string{
		"services:\n  - slug: a\n   name: b\n":   "f:3: not well-formed YAML: did not find expected '-' indicator",
		"history: {}\ncatalog: {a: 1\nfeeds: []": "f:2: not well-formed YAML: did not find expected ',' or '}'",
		"history: {}\ncatalog: a: b\n":           "f:2: not well-formed YAML: mapping values are not allowed in this context",
		"history: {}\ncatalog: *nowhere\n":       "f:2: not well-formed YAML: unknown anchor 'nowhere' referenced",
		"\tglobal: {}\n":                         "f:1: not well-formed YAML: a tab in the indentation: YAML takes spaces only",
		"history: {}\n---\ncatalog: [\n":         "f:3: not well-formed YAML: did not find expected node content",
		"global: \"\xff\"":                       "f:1: not well-formed YAML: invalid leading UTF-8 octet",
	}
	for yaml, want := range tests {
		if _, err := Parse("f", []byte(yaml)); err == nil || err.Error() != want {
			t.Errorf("%q:\n got %v\nwant %s", yaml, err, want)
		}
	}
}

func TestSyntaxErrorOfALargeFile(t *testing.T) {
	yaml := strings.Repeat("# padding\n", 100_000) + "services: [\n" + strings.Repeat("# padding\n", 100_000)
	_, err := Parse("f", []byte(yaml))
	if err == nil || !strings.HasPrefix(err.Error(), "f:") || !strings.Contains(err.Error(), "not well-formed") {
		t.Errorf("got %v, want a syntax error with a line", err)
	}
}

func TestAliasesCannotExplode(t *testing.T) {
	var yaml strings.Builder
	yaml.WriteString("a0: &a0 {x: 1}\n")
	for i := range 9 {
		a := string(rune('0' + i))
		b := string(rune('1' + i))
		yaml.WriteString("a" + b + ": &a" + b + " [" + strings.Repeat("*a"+a+", ", 9) + "*a" + a + "]\n")
	}
	_, err := Parse("f", []byte(yaml.String()))
	if err == nil || !strings.Contains(err.Error(), "too large: more than 1048576 values") {
		t.Errorf("got %v, want a refusal", err)
	}
}

func TestMissingFile(t *testing.T) {
	_, err := Load("testdata/nowhere.yml")
	if err == nil || !strings.HasPrefix(err.Error(), "testdata/nowhere.yml: ") {
		t.Errorf("got %v", err)
	}
}

func TestServiceFilesMustBeRegular(t *testing.T) {
	_, err := Parse("testdata/f.yml", []byte("service_files: [services.d]"))
	if want := "testdata/f.yml:1: service_files: open testdata/services.d: not a regular file"; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestExamplesLoadCleanly(t *testing.T) {
	files, err := filepath.Glob("../../examples/*.yml")
	if err != nil || !slices.Contains(files, "../../examples/minimal.yml") || !slices.Contains(files, "../../examples/full.yml") {
		t.Fatalf("examples are missing: %v, %v", files, err)
	}
	for _, file := range files {
		cfg, err := Load(file)
		if err != nil {
			t.Errorf("%v", err)
			continue
		}
		plan, err := cfg.Plan()
		if err != nil || len(plan.Services) == 0 || len(plan.Warnings) > 0 {
			t.Errorf("%s: %d services, warnings %v, %v", file, len(plan.Services), plan.Warnings, err)
		}
	}
}

// TestFullExampleNamesEverySetting keeps the example complete: switched on, its
// comments load too.
func TestFullExampleNamesEverySetting(t *testing.T) {
	text, err := os.ReadFile("../../examples/full.yml")
	if err != nil {
		t.Fatal(err)
	}
	head, bridge, found := strings.Cut(string(text), "# The bridge to Alertmanager; off unless configured.\n")
	if !found {
		t.Fatal("the bridge is not shown")
	}
	bridge = strings.ReplaceAll("\n"+bridge, "\n# ", "\n")
	head = strings.ReplaceAll(head, "# proxy_url", "proxy_url")
	cfg, err := Parse("../../examples/full.yml", []byte(head+bridge))
	if err != nil {
		t.Fatal(err)
	}
	a := cfg.Alertmanager
	if a == nil || a.MinStatus.String() != "degraded" || len(a.Static) != 1 || len(a.Match.Categories) != 2 || a.Match.Labels["team"] != "platform" {
		t.Errorf("bridge %+v", a)
	}
	for _, key := range []string{"poll_timeout", "stale_after", "hold_open_for", "body_size_limit", "max_components_per_service",
		"service_files", "sensitivity", "retention", "exclude", "options"} {
		if !strings.Contains(head, key+":") {
			t.Errorf("%s is not shown", key)
		}
	}
}

func TestAlertmanagerSection(t *testing.T) {
	const yaml = `alertmanager:
  static_configs: [{targets: ["am1.acme.test:9093", "[::1]:9093"]}]
  dns_sd_configs: [{names: [am.acme.test]}, {names: [am.acme.test], type: A, port: 9093, refresh_interval: 1m}]
  file_sd_configs: [{files: [peers/*.json, /etc/peers.json]}]
  scheme: https
  path_prefix: /am
  http_config: {follow_redirects: false}
  min_status: down
`
	cfg, err := Parse("conf/f.yml", []byte("global: {http_config: {proxy_url: \"http://proxy.test\"}}\n"+yaml))
	if err != nil {
		t.Fatal(err)
	}
	a := cfg.Alertmanager
	if a.HTTP.ProxyURL.URL != nil || a.HTTP.FollowRedirects {
		t.Errorf("the bridge inherits HTTP settings: %+v", a.HTTP)
	}
	if diff := cmp.Diff([]string{"am1.acme.test:9093", "[::1]:9093"}, a.Static); diff != "" {
		t.Errorf("targets (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"conf/peers/*.json", "/etc/peers.json"}, a.Files[0].Files); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
	if a.DNS[0].Type != "SRV" || a.DNS[1].Port != 9093 || a.DNS[1].RefreshInterval.String() != "1m0s" {
		t.Errorf("DNS %+v", a.DNS)
	}
	if a.Scheme != "https" || a.PathPrefix != "/am" || a.MinStatus.String() != "down" {
		t.Errorf("scheme %s, prefix %s, from %s", a.Scheme, a.PathPrefix, a.MinStatus)
	}
}

// FuzzParse holds that no input panics, and that a good configuration stays
// good when it is shown and read again.
func FuzzParse(f *testing.F) {
	files, _ := filepath.Glob("testdata/*.yml")
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if strings.Contains(string(data), "file") {
			t.Skip("reads other files")
		}
		cfg, err := Parse("fuzz.yml", data)
		if err != nil {
			if err.Error() == "" {
				t.Fatal("an error without a text")
			}
			return
		}
		plan, err := cfg.Plan()
		if err != nil {
			t.Fatalf("Parse accepted what Plan does not: %v", err)
		}
		if Summary(plan) == "" {
			t.Fatal("no summary")
		}
		shown := cfg.Redacted()
		if strings.Contains(string(shown), hidden) {
			return // what is left of an address may be none
		}
		if _, problems := read("shown.yml", shown); len(problems) > 0 {
			t.Fatalf("not readable again: %v\n%s", problems, shown)
		}
	})
}
