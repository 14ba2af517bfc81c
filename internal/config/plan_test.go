package config

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the golden plans")

func mustPlan(t *testing.T, yaml string) *Plan {
	t.Helper()
	cfg, err := Parse("test.yml", []byte(yaml))
	if err != nil {
		t.Fatal(err)
	}
	plan, err := cfg.Plan()
	if err != nil {
		t.Fatal(err)
	}
	return plan
}

// describe writes a plan for people. Hashes are told apart by their order, not
// by their value.
func describe(p *Plan) string {
	var out strings.Builder
	fmt.Fprintf(&out, "stale after %s, hold %s, components %d, retention %s, labels %q\n",
		p.StaleAfter, p.HoldOpenFor, p.MaxComponents, p.Retention, p.Labels)
	hashes, names := map[string]int{}, map[string]string{}
	for _, s := range p.Sources {
		if _, known := hashes[s.HTTPKey]; !known {
			hashes[s.HTTPKey] = len(hashes) + 1
		}
		names[s.Key] = s.Name
		fmt.Fprintf(&out, "source %s\n  %s %s every %s, timeout %s, limit %d, http %d, typed %v, all %v, options %v\n",
			s.Name, s.Engine.Name, s.Target.Document, s.Interval, s.Timeout, s.BodyLimit, hashes[s.HTTPKey], s.Typed, s.All, s.Target.Options)
	}
	for _, s := range p.Services {
		feeds := map[string]string{}
		for key, slug := range s.Feeds {
			feeds[names[key]] = slug
		}
		fmt.Fprintf(&out, "service %s: %s, %s, %q\n  official %q, feeds %v, labels %v, include %q, exclude %q\n",
			s.Slug, s.Name, s.Category, s.OfficialURL, names[s.Official], feeds, s.Labels, s.Scope.Include, s.Scope.Exclude)
	}
	for _, w := range p.Warnings {
		fmt.Fprintf(&out, "warning %s\n", w)
	}
	return out.String()
}

func TestGoldenPlans(t *testing.T) {
	files, err := filepath.Glob("testdata/*.good.yml")
	if err != nil || len(files) == 0 {
		t.Fatalf("no configurations: %v", err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			cfg, err := Load(file)
			if err != nil {
				t.Fatal(err)
			}
			plan, err := cfg.Plan()
			if err != nil {
				t.Fatal(err)
			}
			golden := strings.TrimSuffix(file, ".yml") + ".plan"
			if *update {
				if err := os.WriteFile(golden, []byte(describe(plan)), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), describe(plan)); diff != "" {
				t.Errorf("plan of %s (-want +got):\n%s", file, diff)
			}
		})
	}
}

func TestDefaultPlan(t *testing.T) {
	plan, err := Default().Plan()
	if err != nil {
		t.Fatal(err)
	}
	feed := plan.Sources[0]
	if feed.Name != "feed/downstatus" || !feed.All || feed.Typed || feed.Interval != time.Minute {
		t.Errorf("the first source is %s, all %v, typed %v, every %s", feed.Name, feed.All, feed.Typed, feed.Interval)
	}
	for _, s := range plan.Sources {
		if s.Typed {
			t.Errorf("%s counts as written by a person", s.Name)
		}
	}
	for _, s := range plan.Services {
		if s.Official == "" || s.Feeds[feed.Key] != s.Slug {
			t.Errorf("%s: official %q, feeds %v", s.Slug, s.Official, s.Feeds)
		}
	}
	if len(plan.Services) < 50 || len(plan.Warnings) > 0 {
		t.Errorf("%d services, warnings %v", len(plan.Services), plan.Warnings)
	}
}

func TestFeedsMayBeAbsentOrNone(t *testing.T) {
	for yaml, want := range map[string]string{
		"services: [{slug: github}]":                "feed/downstatus page/www.githubstatus.com",
		"feeds:\nservices: [{slug: github}]":        "feed/downstatus page/www.githubstatus.com",
		"feeds: []\nservices: [{slug: github}]":     "page/www.githubstatus.com",
		"feeds: [{name: own, url: feed.acme.test}]": "feed/own",
		"": "feed/downstatus",
	} {
		var names []string
		for _, s := range mustPlan(t, yaml).Sources {
			names = append(names, s.Name)
			if s.All {
				t.Errorf("%q: %s shows all services", yaml, s.Name)
			}
		}
		if got := strings.Join(names, " "); got != want {
			t.Errorf("%q: sources %s, want %s", yaml, got, want)
		}
	}
}

func TestFloors(t *testing.T) {
	const official = "feeds: []\nservices: [{slug: a, official: {engine: %s, url: \"%s\", poll_interval: %s}}]"
	const public = "poll_interval: %s is below the floor of 30s: raised"
	tests := []struct {
		engine, url, asked string
		want               time.Duration
		warning            string
	}{
		{"auto", "https://status.acme.example", "45s", 45 * time.Second, ""},
		{"auto", "https://status.acme.example", "30s", 30 * time.Second, ""},
		{"auto", "https://status.acme.example", "29s", 30 * time.Second, fmt.Sprintf(public, "29s")},
		{"auto", "https://10.0.0.1", "1s", 30 * time.Second, fmt.Sprintf(public, "1s")},
		{"auto", "https://nottest", "1s", 30 * time.Second, fmt.Sprintf(public, "1s")},
		{"auto", "http://127.0.0.1:8080", "10s", 10 * time.Second, ""},
		{"auto", "http://[::1]:8080", "10s", 10 * time.Second, ""},
		{"auto", "http://localhost:8080", "10s", 10 * time.Second, ""},
		{"auto", "http://page.localhost", "10s", 10 * time.Second, ""},
		{"auto", "https://status.acme.test", "5s", 10 * time.Second, "poll_interval: 5s is below the floor of 10s: raised"},
		{"cloud", "https://cloud.example", "60s", 5 * time.Minute, "poll_interval: 1m is below the 5m that engine cloud allows: raised"},
		{"cloud", "https://cloud.example", "10m", 10 * time.Minute, ""},
		{"cloud", "https://cloud.test", "60s", time.Minute, ""},
	}
	for _, tt := range tests {
		plan := mustPlan(t, fmt.Sprintf(official, tt.engine, tt.url, tt.asked))
		var want []Problem
		if tt.warning != "" {
			want = []Problem{{File: "test.yml", Line: 2, Text: tt.warning}}
		}
		if diff := cmp.Diff(want, plan.Warnings); diff != "" {
			t.Errorf("%s %s %s: warnings (-want +got):\n%s", tt.engine, tt.url, tt.asked, diff)
		}
		if got := plan.Sources[0].Interval; got != tt.want {
			t.Errorf("%s %s %s: every %s, want %s", tt.engine, tt.url, tt.asked, got, tt.want)
		}
	}
}

func TestGlobalIntervalIsRaisedWithOneWarning(t *testing.T) {
	plan := mustPlan(t, "global:\n  poll_interval: 20s\nservices:\n- {slug: github}\n- {slug: npm}\n"+
		"- {slug: own, official: {url: status.acme.test}}\n- {slug: far, official: {engine: cloud}}")
	got := map[string]time.Duration{}
	for _, s := range plan.Sources {
		got[s.Name] = s.Interval
	}
	want := map[string]time.Duration{
		"feed/downstatus": 30 * time.Second, "page/www.githubstatus.com": 30 * time.Second,
		"page/status.npmjs.org": 30 * time.Second, "page/status.acme.test": 20 * time.Second,
		"page/health.cloud.example": 5 * time.Minute,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("intervals (-want +got):\n%s", diff)
	}
	if len(plan.Warnings) != 1 || plan.Warnings[0].Line != 2 {
		t.Errorf("warnings %v, want one at line 2", plan.Warnings)
	}
}

func TestLabelsAreTheUnion(t *testing.T) {
	plan := mustPlan(t, "services:\n- {slug: github, labels: {team: a}}\n- {slug: npm, labels: {tier: 2, note: }}\n- slug: pypi\n")
	if diff := cmp.Diff([]string{"note", "team", "tier"}, plan.Labels); diff != "" {
		t.Errorf("labels (-want +got):\n%s", diff)
	}
	want := map[string]map[string]string{
		"github": {"note": "", "team": "a", "tier": ""},
		"npm":    {"note": "", "team": "", "tier": "2"},
		"pypi":   {"note": "", "team": "", "tier": ""},
	}
	for _, s := range plan.Services {
		if diff := cmp.Diff(want[s.Slug], s.Labels); diff != "" {
			t.Errorf("%s (-want +got):\n%s", s.Slug, diff)
		}
	}
}

func TestPlanWarnings(t *testing.T) {
	const bridgeTo = "services: [{slug: github, labels: {team: a}}]\nalertmanager:\n  static_configs: [{targets: [\"am:9093\"]}]\n"
	tests := map[string]string{
		"services:\n- slug: githb\n":                                                     `test.yml:2: service "githb" is not in the catalog: only feeds are read for it: did you mean "github"?`,
		"services:\n- {slug: netflix, name: Netflix}\n":                                  "",
		"services:\n- slug: netflix\n  name: N\n  components: {include: [TV]}\n":         `test.yml:4: components: service "netflix" has no official source to take them from`,
		"catalog:\n  include: [\"gthub*\"]\n":                                            `test.yml:2: catalog: "gthub*" matches no slug of the catalog`,
		"service_files: [nowhere/*.yml]":                                                 `test.yml:1: service_files: no file matches nowhere/*.yml`,
		"alertmanager: {}":                                                               "",
		"services:\n- {slug: github, components: {include: [Actions]}, catalog: github}": "",

		bridgeTo + "  match: {labels: {team: a}, slug: [\"git*\"]}":                        "",
		bridgeTo + "  match: {labels: {team: b}}":                                          `test.yml:4: match.labels: no service has team: "b": no alerts are sent`,
		bridgeTo + "  match: {slug: [gitlab]}":                                             `test.yml:4: match.slug: "gitlab" matches no service`,
		bridgeTo + "  match: {slug: [gitlab]}\nfeeds: [{name: downstatus, services: all}]": "", // a feed may have it
	}
	for yaml, want := range tests {
		if got := Problems(mustPlan(t, yaml).Warnings).Error(); got != want {
			t.Errorf("%q:\n got %s\nwant %s", yaml, got, want)
		}
	}
}

func TestSourceKeysAreStable(t *testing.T) {
	const yaml = "services: [{slug: github}, {slug: npm}]\n"
	first, second := mustPlan(t, yaml), mustPlan(t, "# moved down\n"+yaml+"history: {retention: 5d}\n")
	for i := range first.Sources {
		if a, b := first.Sources[i].Key, second.Sources[i].Key; a != b || a == "" {
			t.Errorf("key %q became %q", a, b)
		}
	}
	proxied := mustPlan(t, yaml+"global: {http_config: {proxy_url: \"http://proxy.test\"}}")
	if first.Sources[0].Key == proxied.Sources[0].Key {
		t.Errorf("key %q does not tell HTTP settings apart", first.Sources[0].Key)
	}
}
