// Package hosted holds what the decoders of hosted status pages have in
// common: words looked up in tables, times, and ids of what a page lists.
package hosted

import (
	"fmt"
	"strings"
	"time"

	"github.com/downstatus/downstatus_exporter/internal/status"
	"github.com/downstatus/downstatus_exporter/sources"
	"github.com/downstatus/downstatus_exporter/sources/statuspage"
)

// keyLimit leaves room in an id for the number that Key may append.
const keyLimit = sources.TextLimit - 16

// Reader reads one document and notes the fields whose words its tables lack.
type Reader struct {
	Unknown []string // as in status.Page
}

// Look finds a word in a table. A miss is noted under the field's name.
func Look[T any](r *Reader, field string, table map[string]T, word sources.Str, miss T) T {
	if v, ok := table[string(word)]; ok {
		return v
	}
	r.Unknown = append(r.Unknown, field)
	return miss
}

// Condition reads a component's word. One that the table lacks is unknown.
func (r *Reader) Condition(table map[string]statuspage.Condition, word sources.Str) statuspage.Condition {
	return Look(r, "component_status", table, word, statuspage.Condition{Rank: status.IndicatorUnknown})
}

// Time reads a time of RFC 3339; what is none is noted, and zero.
func (r *Reader) Time(raw sources.Str) time.Time {
	t, ok := sources.Time(string(raw))
	if !ok {
		r.Unknown = append(r.Unknown, "time")
	}
	return t
}

// Key is the id by which a listed thing is known from poll to poll: its own,
// else its name, numbered where that repeats. It is empty for an id already
// seen, and for a thing with neither, which is noted. seen counts the keys of
// one list.
func (r *Reader) Key(field string, id, name sources.Str, seen map[string]int) string {
	if key := Text(id); key != "" {
		seen[key]++
		if seen[key] > 1 {
			return ""
		}
		return key
	}
	base := sources.Text(string(name), keyLimit)
	if base == "" {
		r.Unknown = append(r.Unknown, field)
		return ""
	}
	key := base
	for seen[key] > 0 {
		seen[base]++
		key = fmt.Sprintf("%s #%d", base, seen[base])
	}
	seen[key]++
	return key
}

// Text is an upstream's name or title, fit to be shown.
func Text(s sources.Str) string { return sources.Text(string(s), sources.TextLimit) }

// Target is the target of an engine whose every poll asks for one document
// under the page's own address. The addresses of further documents of the same
// page, given by their paths, are understood too; of paths that end alike the
// longer comes first.
func Target(document string, others ...string) func(sources.Config) (sources.Target, error) {
	return func(c sources.Config) (sources.Target, error) {
		u, err := sources.ParseURL(c.URL)
		if err != nil {
			return sources.Target{}, err
		}
		for _, path := range others {
			if page, ok := strings.CutSuffix(u.Path, path); ok {
				u.Path = page
				break
			}
		}
		c.URL = u.String()
		return sources.PageTarget(c, document)
	}
}
