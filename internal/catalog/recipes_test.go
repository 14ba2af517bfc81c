package catalog

import (
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

func TestRecipes(t *testing.T) {
	for _, slug := range []string{"paypal", "nintendo", "nintendo-account", "nintendo-network", "alibaba-cloud", "oracle-cloud", "adobe", "steam"} {
		r, ok := RecipeFor(slug)
		if !ok || r.Engine != "json" && r.Engine != "feed" || !strings.HasPrefix(r.URL, "https://") || len(r.Options) == 0 {
			t.Errorf("%s: %+v, %t", slug, r, ok)
		}
	}
	if _, ok := RecipeFor("github"); ok {
		t.Error("a recipe for a page that has an engine")
	}
}

// TestRecipeKeys finds keys that the program does not know.
func TestRecipeKeys(t *testing.T) {
	d := yaml.NewDecoder(strings.NewReader(string(recipeFile)))
	d.KnownFields(true)
	var all map[string]Recipe
	if err := d.Decode(&all); err != nil {
		t.Error(err)
	}
	if len(all) != len(recipes()) || len(all) == 0 {
		t.Errorf("%d recipes, want %d", len(all), len(recipes()))
	}
}
