// Package catalog holds the built-in services: where their official status
// pages are and which engine reads them. Every row is a claim that can age; a
// wrong one makes a source fail, never a service look healthy.
package catalog

import (
	_ "embed"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"sync"
)

//go:embed services.csv
var table string

// Categories lists the known categories of services, in the order of their
// words.
var Categories = [...]string{
	"cloud", "email", "finance", "gaming", "internet", "other", "social", "streaming", "telecom",
}

// Columns are those of the table, in order. A table of one's own may leave out
// any but the first.
var Columns = [...]string{
	"slug", "name", "category", "status_page_url", "engine", "engine_ref", "homepage", "feed_slug", "wellknown",
}

// Entry is one service.
type Entry struct {
	Slug          string `json:"slug"`
	Name          string `json:"name"`            // as the vendor writes it
	Category      string `json:"category"`        // one of Categories
	StatusPageURL string `json:"status_page_url"` // the page as a person opens it, or empty
	Engine        string `json:"engine"`          // that reads the page; none: only user reports are known
	// EngineRef is what the engine needs besides the page: the address to ask
	// in its place, or OPTION=VALUE. Mostly empty.
	EngineRef string `json:"engine_ref,omitempty"`
	Homepage  string `json:"homepage,omitempty"`
	FeedSlug  string `json:"feed_slug,omitempty"`  // in user-report feeds, where it differs
	WellKnown bool   `json:"well_known,omitempty"` // part of the built-in configuration
	// Recipe is how a generic engine reads the page; nil for engines that need
	// none.
	Recipe *Recipe `json:"-"`
}

// Source is the address that the entry's engine asks, and its options: by the
// recipe, or by EngineRef, which is another address, an option, or status.io's
// page id.
func (e Entry) Source() (address string, options map[string]string) {
	name, value, isOption := strings.Cut(e.EngineRef, "=")
	switch {
	case e.Recipe != nil:
		return e.Recipe.URL, maps.Clone(e.Recipe.Options)
	case strings.Contains(e.EngineRef, "://"):
		return e.EngineRef, nil
	case isOption:
		return e.StatusPageURL, map[string]string{name: value}
	case e.Engine == "statusio" && e.EngineRef != "":
		return e.StatusPageURL, map[string]string{"page_id": e.EngineRef}
	default:
		return e.StatusPageURL, nil
	}
}

// Catalog is a set of services.
type Catalog struct {
	bySlug map[string]Entry
}

var builtin = sync.OnceValue(func() Catalog {
	c, err := Read(strings.NewReader(table))
	if err != nil {
		panic(fmt.Sprintf("catalog: %v", err)) // the table is a part of the program
	}
	for slug, e := range c.bySlug {
		if r, ok := RecipeFor(slug); ok && r.Engine == e.Engine {
			e.Recipe = &r
			c.bySlug[slug] = e
		}
	}
	return c
})

// Builtin is the catalog that comes with the program.
func Builtin() Catalog { return builtin() }

// All lists the services by slug.
func (c Catalog) All() []Entry {
	return slices.SortedFunc(maps.Values(c.bySlug), func(a, b Entry) int { return strings.Compare(a.Slug, b.Slug) })
}

// Lookup finds a service.
func (c Catalog) Lookup(slug string) (Entry, bool) {
	e, ok := c.bySlug[slug]
	return e, ok
}

// With lays other rows over the catalog: a row replaces the one of its slug.
func (c Catalog) With(other Catalog) Catalog {
	next := Catalog{bySlug: maps.Clone(c.bySlug)}
	maps.Copy(next.bySlug, other.bySlug)
	return next
}

// Read reads a table with the columns of Columns, named in its first line. The
// error names the line.
func Read(r io.Reader) (Catalog, error) {
	rows := csv.NewReader(r)
	header, err := rows.Read()
	if err != nil {
		return Catalog{}, fmt.Errorf("line 1: no header: want the columns %s", strings.Join(Columns[:], ","))
	}
	if err := checkHeader(header); err != nil {
		return Catalog{}, err
	}
	c := Catalog{bySlug: map[string]Entry{}}
	for {
		row, err := rows.Read()
		if errors.Is(err, io.EOF) {
			return c, nil
		}
		if err != nil {
			return Catalog{}, err
		}
		line, _ := rows.FieldPos(0)
		if err := c.add(header, row); err != nil {
			return Catalog{}, fmt.Errorf("line %d: %w", line, err)
		}
	}
}

func checkHeader(header []string) error {
	for _, name := range header {
		if !slices.Contains(Columns[:], name) {
			return fmt.Errorf("line 1: unknown column %q: want some of %s", name, strings.Join(Columns[:], ","))
		}
	}
	if !slices.Contains(header, "slug") {
		return errors.New("line 1: there is no column slug")
	}
	return nil
}

func (c Catalog) add(header, row []string) error {
	v := map[string]string{}
	for i, name := range header {
		v[name] = strings.TrimSpace(row[i])
	}
	e := Entry{
		Slug: v["slug"], Name: v["name"], Category: v["category"], StatusPageURL: v["status_page_url"], Engine: v["engine"],
		EngineRef: v["engine_ref"], Homepage: v["homepage"], FeedSlug: v["feed_slug"], WellKnown: v["wellknown"] == "yes",
	}
	if e.Category != "" && !slices.Contains(Categories[:], e.Category) {
		return fmt.Errorf("category %q is not known: want one of %s", e.Category, strings.Join(Categories[:], ", "))
	}
	if _, twice := c.bySlug[e.Slug]; twice || e.Slug == "" {
		return fmt.Errorf("slug %q is empty or stands twice", e.Slug)
	}
	c.bySlug[e.Slug] = e
	return nil
}
