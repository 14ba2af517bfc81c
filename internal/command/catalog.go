package command

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/downstatus/downstatus_exporter/internal/catalog"
	"github.com/downstatus/downstatus_exporter/internal/status"
)

// CatalogQuery is what catalog list takes.
type CatalogQuery struct {
	Pattern  string // glob over slugs, or a part of a slug or name; empty: all
	Category string // empty: all
	Engine   string // empty: all
	JSON     bool   // an array of objects in place of a table
}

// CatalogList prints the catalog's services that a query asks for.
func CatalogList(w io.Writer, c catalog.Catalog, q CatalogQuery) error {
	found := []catalog.Entry{}
	for _, e := range c.All() {
		if q.matches(e) {
			found = append(found, e)
		}
	}
	if q.JSON {
		return printJSON(w, found)
	}
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "SLUG\tNAME\tCATEGORY\tENGINE\tSTATUS PAGE")
	for _, e := range found {
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\n", e.Slug, e.Name, e.Category, e.Engine, e.StatusPageURL)
	}
	return table.Flush()
}

func (q CatalogQuery) matches(e catalog.Entry) bool {
	if q.Category != "" && q.Category != e.Category || q.Engine != "" && q.Engine != e.Engine {
		return false
	}
	word := strings.ToLower(q.Pattern)
	return status.Glob(q.Pattern, e.Slug) || strings.Contains(e.Slug, word) || strings.Contains(strings.ToLower(e.Name), word)
}
