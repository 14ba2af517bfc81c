package config

import "testing"

func TestMoreFaults(t *testing.T) {
	tests := map[string]string{
		"a: &a [1]\nglobal: {<<: *a}":                                                "f:1: <<: want a mapping or a list of mappings\nf:1: unknown key \"a\" in the configuration: want one of alertmanager, catalog, detection, feeds, global, history, service_files, services",
		"? [a]\n: b":                                                                 "f:1: a key must be a word",
		"global: {body_size_limit: 0B}":                                              "f:1: body_size_limit: 0B is too small: want more than 0",
		"global: {http_config: {tls_config: [a]}}":                                   "f:1: tls_config: want a mapping of keys to values, got a list",
		"global:\n  http_config:\n    tls_config: {min_version: TLS99}":              "f:3: http_config: unknown TLS version: TLS99",
		"services:\n- slug: a\n  official: {engine: none, url: \"ftp://a\"}":         "f:3: url \"ftp://a\" is not a web address: want something like https://www.githubstatus.com",
		"services:\n- slug: a\n  official: {engine: cloud, options: [a]}":            "f:3: options: want a mapping of keys to values, got a list",
		"services:\n- slug: a\n  components: {include: [null]}":                      "f:3: include: want a single value, got nothing",
		"services:\n- slug: a\n  labels: {team: [b]}":                                "f:3: labels.team: want a single value, got a list",
		"service_files: [\"[\"]":                                                     "f:1: service_files: \"[\" is not a glob: syntax error in pattern",
		"services:\n- {slug: a, official: {engine: auto, url: \"bob:x@acme.test\"}}": "f:2: url: credentials belong into http_config.basic_auth, not into the address",
	}
	for yaml, want := range tests {
		if _, err := Parse("f", []byte(yaml)); err == nil || err.Error() != want {
			t.Errorf("%q:\n got %v\nwant %s", yaml, err, want)
		}
	}
}

func TestAFaultyFeedIsTheOnlyFault(t *testing.T) {
	_, err := Parse("f", []byte("feeds: [{name: own, type: pigeon}]\nservices: [{slug: acme}]"))
	if want := `f:1: type: "pigeon" is not a kind of feed: want one of downstatus`; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestOptionsMayBeEmpty(t *testing.T) {
	plan := mustPlan(t, "services: [{slug: a, official: {engine: cloud, options: {regions: }}}]")
	if got := plan.Sources[1].Target.Options; len(got) != 0 {
		t.Errorf("options %v, want none", got)
	}
}
