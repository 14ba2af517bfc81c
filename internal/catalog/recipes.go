package catalog

import (
	_ "embed"
	"fmt"
	"sync"

	"go.yaml.in/yaml/v3"
)

//go:embed recipes.yml
var recipeFile []byte

// Recipe is how a generic engine reads the page of a vendor that has none of
// its own.
type Recipe struct {
	Engine  string            `yaml:"engine"`  // json or feed
	URL     string            `yaml:"url"`     // of the document
	Options map[string]string `yaml:"options"` // of the engine, lists joined by commas

	// Needs says what only the user can add, such as a key; empty if nothing.
	// Without it the source fails, and the page's signal is unknown.
	Needs string `yaml:"needs"`
}

var recipes = sync.OnceValue(func() map[string]Recipe {
	var all map[string]Recipe
	if err := yaml.Unmarshal(recipeFile, &all); err != nil {
		panic(fmt.Sprintf("catalog: recipes: %v", err)) // the file is a part of the program
	}
	return all
})

// RecipeFor finds the recipe of a service. Its options must not be changed.
func RecipeFor(slug string) (Recipe, bool) {
	r, ok := recipes()[slug]
	return r, ok
}
