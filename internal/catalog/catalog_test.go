package catalog

import (
	"net/url"
	"regexp"
	"slices"
	"testing"
)

func TestEntriesAreWellFormed(t *testing.T) {
	engines := []string{"statuspage", "incidentio", "statusio", "zendesk"}
	slug := regexp.MustCompile(`^[a-z0-9][a-z0-9-]*$`)
	for _, e := range All() {
		if !slug.MatchString(e.Slug) || e.Name == "" {
			t.Errorf("%+v: want a slug of lower-case letters, digits and dashes, and a name", e)
		}
		if !slices.Contains(Categories[:], e.Category) {
			t.Errorf("%s: unknown category %q", e.Slug, e.Category)
		}
		if !slices.Contains(engines, e.Engine) {
			t.Errorf("%s: unknown engine %q", e.Slug, e.Engine)
		}
		if !isWebAddress(e.StatusPageURL) {
			t.Errorf("%s: status page %q is no https address without trailing slash", e.Slug, e.StatusPageURL)
		}
		if e.Homepage != "" && !isWebAddress(e.Homepage) {
			t.Errorf("%s: homepage %q is no https address without trailing slash", e.Slug, e.Homepage)
		}
	}
}

func isWebAddress(raw string) bool {
	u, err := url.Parse(raw)
	return err == nil && u.Scheme == "https" && u.Host != "" && u.RawQuery == "" &&
		raw[len(raw)-1] != '/'
}

func TestSlugsAreSortedAndUnique(t *testing.T) {
	all := All()
	if len(all) < 50 {
		t.Fatalf("the catalog has %d services, want at least 50", len(all))
	}
	for i := 1; i < len(all); i++ {
		if all[i-1].Slug >= all[i].Slug {
			t.Errorf("%q does not come before %q", all[i-1].Slug, all[i].Slug)
		}
	}
}

func TestPageIDsOfStatusio(t *testing.T) {
	id := regexp.MustCompile(`^[0-9a-f]{24}$`)
	for _, e := range All() {
		if wants := e.Engine == "statusio"; wants != id.MatchString(e.EngineRef) {
			t.Errorf("%s: engine %s with reference %q", e.Slug, e.Engine, e.EngineRef)
		}
	}
}

func TestLookup(t *testing.T) {
	for _, want := range All() {
		if got, ok := Lookup(want.Slug); !ok || got != want {
			t.Errorf("Lookup(%q) = %+v, %v", want.Slug, got, ok)
		}
	}
	for _, slug := range []string{"", "GitHub", "no-such-service", "zzz"} {
		if got, ok := Lookup(slug); ok {
			t.Errorf("Lookup(%q) = %+v, want nothing", slug, got)
		}
	}
}

func TestAllIsACopy(t *testing.T) {
	All()[0].Name = "changed"
	if All()[0].Name == "changed" {
		t.Error("a caller can change the catalog")
	}
}

func TestMalformedTablePanics(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("a row with a missing column was accepted")
		}
	}()
	parse("slug,name,category,status_page_url,engine,engine_ref,homepage\nacme,Acme\n")
}
