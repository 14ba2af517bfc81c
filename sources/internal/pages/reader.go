package pages

import (
	"fmt"
	"time"

	"github.com/downstatus/downstatus_exporter/internal/status"
	"github.com/downstatus/downstatus_exporter/sources"
)

// Reader reads one document and notes the fields that it does not understand.
type Reader struct {
	Unknown []string // as in status.Page
}

// Missed notes a field.
func (r *Reader) Missed(field string) { r.Unknown = append(r.Unknown, field) }

// Look finds a word in a table. A miss is noted under the field's name.
func Look[K, W ~string, T any](r *Reader, field string, table map[K]T, word W, miss T) T {
	if v, ok := table[K(word)]; ok {
		return v
	}
	r.Missed(field)
	return miss
}

// Condition reads a component's word. One that the table lacks is unknown.
func (r *Reader) Condition(table map[string]Condition, word sources.Str) Condition {
	return Look(r, "component_status", table, word, Condition{Rank: status.IndicatorUnknown})
}

// Time reads a time of RFC 3339; what is none is noted, and zero.
func (r *Reader) Time(raw sources.Str) time.Time {
	t, ok := sources.Time(string(raw))
	if !ok {
		r.Missed("time")
	}
	return t
}

// Key is the id by which a listed thing is known from poll to poll: its own,
// else its name, else what kind it is, which is noted. taken are the ids of
// the list so far. Nothing is left out for its id: it may be the trouble.
func (r *Reader) Key(kind string, id, name sources.Str, taken IDs) string {
	for _, s := range [...]sources.Str{id, name} {
		if key := s.Text(); key != "" {
			return taken.Unique(key)
		}
	}
	r.Missed(kind + "_id")
	return taken.Unique(kind)
}

// Named is a name to be shown: the id where there is none.
func Named(name sources.Str, id string) string {
	if text := name.Text(); text != "" {
		return text
	}
	return id
}

// IDs are the ids of one list that are taken.
type IDs map[string]int

// idLimit leaves room in an id for a number.
const idLimit = sources.TextLimit - 16

// Unique returns the id, with a number behind it where it is taken already.
func (ids IDs) Unique(id string) string {
	id = sources.Text(id, idLimit)
	free := id
	for ids[free] > 0 {
		ids[id]++
		free = fmt.Sprintf("%s #%d", id, ids[id])
	}
	ids[free] = 1
	return free
}
