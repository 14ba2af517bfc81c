package catalog

import (
	"encoding/csv"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestTable guards the list without asking anybody.
func TestTable(t *testing.T) {
	rows, err := csv.NewReader(strings.NewReader(table)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(Columns[:], rows[0]); diff != "" {
		t.Fatalf("columns (-want +got):\n%s", diff)
	}
	if !slices.IsSortedFunc(rows[1:], func(a, b []string) int { return strings.Compare(a[0], b[0]) }) {
		t.Error("the table is not sorted by slug")
	}
	if n := len(Builtin().All()); n != len(rows)-1 {
		t.Errorf("%d entries of %d rows", n, len(rows)-1)
	}
}

var (
	slugs   = regexp.MustCompile(`^[a-z0-9][a-z0-9-]*$`)
	engines = []string{
		"apple", "auto", "aws", "azure", "azuredevops", "betterstack", "cachet", "cstate", "datadog", "feed", "gatus", "google", "heroku",
		"incidentio", "instatus", "json", "meta", "microsoft", "none", "openstatus", "psn", "riot", "salesforce", "slack", "statusio",
		"statuspage", "upptime", "uptimekuma", "xbox", "zendesk",
	}
)

func TestEntries(t *testing.T) {
	for _, e := range Builtin().All() {
		if !slugs.MatchString(e.Slug) || e.Name == "" || !slices.Contains(Categories[:], e.Category) || !slices.Contains(engines, e.Engine) {
			t.Errorf("%+v", e)
		}
		for _, address := range []string{e.StatusPageURL, e.Homepage} {
			u, err := url.Parse(address)
			if address != "" && (err != nil || u.Scheme != "https" || u.Host == "" || u.RawQuery != "" || strings.HasSuffix(address, "/")) {
				t.Errorf("%s: address %q", e.Slug, address)
			}
		}
		if (e.Engine == "none" || e.Engine == "auto") && e.EngineRef != "" {
			t.Errorf("%s: engine %s has no use for %q", e.Slug, e.Engine, e.EngineRef)
		}
		if (e.Recipe != nil) != (e.Engine == "json") {
			t.Errorf("%s: engine %s, recipe %+v", e.Slug, e.Engine, e.Recipe)
		}
		if e.Engine == "auto" && e.StatusPageURL == "" {
			t.Errorf("%s: nothing to find an engine at", e.Slug)
		}
	}
}

func TestWellKnown(t *testing.T) {
	n := 0
	for _, e := range Builtin().All() {
		if e.WellKnown {
			n++
			if e.Engine == "none" || e.Engine == "auto" {
				t.Errorf("%s: engine %s: the built-in configuration takes only pages whose engine is known", e.Slug, e.Engine)
			}
		}
	}
	if n < 50 || n > 80 {
		t.Errorf("%d well-known services", n)
	}
}

func TestWith(t *testing.T) {
	own, err := Read(strings.NewReader("slug,engine,status_page_url\ngithub,none,\nacme,statuspage,https://status.acme.test\n"))
	if err != nil {
		t.Fatal(err)
	}
	all := Builtin().With(own)
	if e, _ := all.Lookup("github"); e.Engine != "none" {
		t.Errorf("github: %+v", e)
	}
	if _, ok := all.Lookup("acme"); !ok {
		t.Error("acme was not added")
	}
	if e, _ := Builtin().Lookup("github"); e.Engine == "none" {
		t.Error("the built-in catalog was changed")
	}
}

func TestReadNamesTheFault(t *testing.T) {
	for text, want := range map[string]string{
		"":                              "line 1: no header",
		"name\nx\n":                     "line 1: there is no column slug",
		"slug,nmae\nx,y\n":              `line 1: unknown column "nmae"`,
		"slug\nx\nx\n":                  `line 3: slug "x" is empty or stands twice`,
		"slug,category\nx,clouds\n":     `line 2: category "clouds" is not known`,
		"slug,category\nx,cloud,more\n": "wrong number of fields",
	} {
		if _, err := Read(strings.NewReader(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
}
