package json

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"github.com/downstatus/downstatus_exporter/internal/status"
	"github.com/downstatus/downstatus_exporter/sources"
	"github.com/downstatus/downstatus_exporter/sources/fetch"
	"github.com/downstatus/downstatus_exporter/sources/internal/generic"
	"github.com/downstatus/downstatus_exporter/sources/internal/jq"
	"github.com/downstatus/downstatus_exporter/sources/internal/vendors"
)

// document is one good answer: what does not depend on the time.
type document struct{ rows []row }

// row is one item.
type row struct {
	id, title, link, group  string
	meaning                 generic.Meaning
	started, updated, ended time.Time
	parts                   []status.ComponentRef
	unknown                 []string
	item                    any // for where; nil without
}

// decode reads the items. A program that fails, as it does where a list is
// missing, means that this is not the document.
func (r rules) decode(body []byte) (*document, error) {
	ctx, cancel := context.WithTimeout(context.Background(), jq.Limit)
	defer cancel()
	v, err := jq.Decode(body)
	if err != nil {
		return nil, err
	}
	if err := r.require.Require(ctx, v); err != nil {
		return nil, err
	}
	items, err := r.items.Values(ctx, v)
	if err != nil {
		return nil, fetch.Shapef("items: %w", err)
	}
	d := &document{}
	for i, item := range items {
		if item != nil {
			d.rows = append(d.rows, r.row(ctx, item, i))
		}
	}
	if err := ctx.Err(); err != nil {
		return nil, fetch.Shapef("the programs took longer than %s: %w", jq.Limit, err)
	}
	if len(d.rows) == 0 && (len(items) > 0 || !r.incidents) {
		return nil, fetch.Shapef("there are no items")
	}
	return d, nil
}

// row reads one item. What of it fails or is missing is empty.
func (r rules) row(ctx context.Context, item any, i int) row {
	text := func(p jq.Program) string { return sources.Text(jq.Text(p.First(ctx, item)), sources.TextLimit) }
	w := row{id: text(r.key), title: text(r.title), group: text(r.group), link: sources.Link(jq.Text(r.url.First(ctx, item)))}
	w.id = cmp.Or(w.id, w.title, fmt.Sprintf("item %d", i+1))
	w.title = cmp.Or(w.title, w.id)
	var known bool
	if w.meaning, known = r.words[vendors.Fold(text(r.status))]; !known {
		w.meaning = r.fallback
		w.note("status", r.strict)
	}
	for name, at := range map[string]struct {
		program jq.Program
		to      *time.Time
	}{"started": {r.started, &w.started}, "updated": {r.updated, &w.updated}, "resolved": {r.end, &w.ended}} {
		*at.to, known = r.clock.read(at.program.First(ctx, item))
		w.note(name, !known)
	}
	if values, err := r.parts.Values(ctx, item); err == nil {
		w.addParts(values)
	}
	if r.where.Given() {
		w.item = item
	}
	return w
}

func (w *row) note(field string, missed bool) {
	if missed {
		w.unknown = append(w.unknown, field)
	}
}

// addParts reads what an incident touches: texts, objects, lists of either.
func (w *row) addParts(values []any) {
	for _, v := range values {
		var id, name string
		switch v := v.(type) {
		case []any:
			w.addParts(v)
			continue
		case map[string]any:
			id, name = jq.Text(v["id"]), jq.Text(v["name"])
		default:
			id = jq.Text(v)
		}
		id, name = sources.Text(id, sources.TextLimit), sources.Text(name, sources.TextLimit)
		if id = cmp.Or(id, name); id != "" {
			w.parts = append(w.parts, status.ComponentRef{ID: id, Name: cmp.Or(name, id), Rank: status.IndicatorUnknown, Impact: status.IndicatorUnknown})
		}
	}
}
