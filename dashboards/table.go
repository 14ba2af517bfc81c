package dashboards

import (
	"maps"
	"slices"
)

// column is one column of a table.
type column struct {
	field string // a label, or the letter of a query
	title string
	unit  string
	words []mapping
	steps *thresholds
	link  *link
	width int
}

// hiddenSlug is what links need and nobody reads.
var hiddenSlug = column{field: "slug"}

// source is the field's name in Grafana.
func (c column) source(queries int) string {
	switch {
	case c.field < "A" || c.field > "Z": // a label
		return c.field
	case queries == 1:
		return "Value"
	default:
		return "Value #" + c.field
	}
}

// table is one row a service, or whatever the labels tell: the answers of all
// queries merged by the labels that they share.
func table(v view, sort sortBy, columns []column, queries ...target) panel {
	for i := range queries {
		queries[i].Format, queries[i].LegendFormat = "table", ""
	}
	p := v.panel("table", tableOptions{Footer: footer{EnablePagination: true, Reducer: []string{"sum"}}, ShowHeader: true, SortBy: []sortBy{sort}}, queries...)
	p.FieldConfig.Defaults.Custom = tableField{Align: "auto", CellOptions: cell{"auto"}, Filterable: true}
	order := arrangement{ExcludeByName: map[string]bool{"Time": true}, IndexByName: map[string]int{}, RenameByName: map[string]string{}}
	shown := map[string]bool{}
	for i, c := range columns {
		name := c.source(len(queries))
		shown[name] = true
		order.IndexByName[name] = i
		if c.title != "" {
			order.RenameByName[name] = c.title
		}
		p.FieldConfig.Overrides = append(p.FieldConfig.Overrides, c.override())
	}
	for _, q := range queries {
		if name := (column{field: q.RefID}).source(len(queries)); !shown[name] {
			order.ExcludeByName[name] = true
		}
	}
	if len(queries) > 1 {
		p.Transformations = append(p.Transformations, transformation{"merge", struct{}{}})
	}
	p.Transformations = append(p.Transformations, transformation{"organize", order}) //nolint:misspell // Grafana's word
	return p
}

// override is how the column is shown.
func (c column) override() override {
	if c.title == "" {
		return override{matcher{"byName", c.field}, []property{{"custom.hidden", true}}}
	}
	var out []property
	if c.unit != "" {
		out = append(out, property{"unit", c.unit})
	}
	if c.unit == lasting {
		out = append(out, property{"decimals", 1})
	}
	if c.words != nil {
		out = append(out, property{"mappings", c.words})
	}
	if c.steps != nil {
		out = append(out, property{"thresholds", *c.steps})
	}
	if c.words != nil || c.steps != nil {
		out = append(out, property{"custom.cellOptions", cell{"color-text"}})
	}
	if c.link != nil {
		out = append(out, property{"links", []link{*c.link}})
	}
	if c.width > 0 {
		out = append(out, property{"custom.width", c.width})
	}
	if out == nil {
		out = []property{}
	}
	return override{matcher{"byName", c.title}, out}
}

func sorted[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// Units of Grafana.
const (
	count   = "short"
	asIs    = "none"
	lasting = "dtdurations" // 1 hour, 12 minutes
	share   = "percentunit"
	clock   = "dateTimeAsIso"
	bytesOf = "bytes"
	secs    = "s"
)

// page is a column with a link to an address outside.
func page(label, title, text string) column {
	return column{field: label, title: title, words: addressAs(text), width: 130, link: &link{TargetBlank: true, Title: text, URL: "${__value.raw}"}}
}

// name is the first column: the service, with a link to its dashboard.
func name() column {
	l := toService("${__data.fields.slug}")
	return column{field: "name", title: "Service", link: &l}
}
