package board

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/downstatus/downstatus_exporter/internal/history"
	"github.com/downstatus/downstatus_exporter/internal/status"
)

// pending is what has still to be written: the newest of each row, so that a
// store that fails for long does not fill the memory.
type pending struct {
	services map[string]history.ServiceState // by slug
	readings map[string]history.Reading      // by source key
	outages  map[string]status.Outage        // by id
	moments  map[moment]status.Transition
	sources  map[string]history.SourceState   // by source key
	learned  map[string]history.DetectorState // by slug, source and row
}

func newPending() pending {
	return pending{
		map[string]history.ServiceState{}, map[string]history.Reading{}, map[string]status.Outage{}, map[moment]status.Transition{},
		map[string]history.SourceState{}, map[string]history.DetectorState{},
	}
}

func (p pending) empty() bool {
	return len(p.services)+len(p.readings)+len(p.outages)+len(p.moments)+len(p.sources)+len(p.learned) == 0
}

func (p pending) service(v *service) { p.services[v.def.Slug] = v.state() }

func (p pending) outage(o *status.Outage) { p.outages[o.ID] = *o }

// moment is the key of a transition.
type moment struct {
	slug  string
	since int64 // Unix milliseconds
}

func (p pending) transition(t status.Transition) {
	p.moments[moment{t.Slug, t.Since.UnixMilli()}] = t
}

// reading keeps a body that waits when only the times move on.
func (p pending) reading(r history.Reading) {
	if r.Body == nil {
		r.Body = p.readings[r.Source].Body
	}
	p.readings[r.Source] = r
}

func (p pending) source(s *source) { p.sources[s.def.Key] = s.state() }

func (p pending) detector(d history.DetectorState) {
	p.learned[d.Slug+"\n"+d.Source+"\n"+d.Row] = d
}

func (p pending) changes() history.Changes {
	moments := slices.SortedFunc(maps.Values(p.moments), func(x, y status.Transition) int {
		return cmp.Or(strings.Compare(x.Slug, y.Slug), x.Since.Compare(y.Since))
	})
	return history.Changes{
		Services: rows(p.services), Readings: rows(p.readings), Outages: rows(p.outages), Transitions: moments,
		Sources: rows(p.sources), Detectors: rows(p.learned),
	}
}

// rows are in the order of their keys, so that equal steps write equal things.
func rows[T any](byKey map[string]T) []T {
	out := make([]T, 0, len(byKey))
	for _, key := range slices.Sorted(maps.Keys(byKey)) {
		out = append(out, byKey[key])
	}
	return out
}
