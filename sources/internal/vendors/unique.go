package vendors

import (
	"slices"

	"github.com/downstatus/downstatus_exporter/internal/status"
)

// unite makes one of the components, incidents and windows of a page that have
// the same id: their ids name series.
func unite(p *status.Page) {
	p.Components = unique(p.Components, func(c status.Component) string { return c.ID }, uniteComponents)
	p.Incidents = unique(p.Incidents, func(in status.Incident) string { return in.ID }, uniteIncidents)
	p.Windows = unique(p.Windows, func(w status.Window) string { return w.ID }, func(a, _ status.Window) status.Window { return a })
}

func unique[T any](all []T, id func(T) string, join func(a, b T) T) []T {
	at := make(map[string]int, len(all))
	out := all[:0:0]
	for _, v := range all {
		i, twice := at[id(v)]
		if twice {
			out[i] = join(out[i], v)
			continue
		}
		at[id(v)] = len(out)
		out = append(out, v)
	}
	return out
}

// uniteComponents is in the worse of two states: trouble wins, then what is not
// understood.
func uniteComponents(a, b status.Component) status.Component {
	a.Maintenance = a.Maintenance && b.Maintenance
	if worst := max(a.Rank, b.Rank); worst >= status.Minor {
		a.Rank = worst
	} else {
		a.Rank = min(a.Rank, b.Rank)
	}
	return a
}

func uniteIncidents(a, b status.Incident) status.Incident {
	a.Impact, a.Started = max(a.Impact, b.Impact), status.Earliest(a.Started, b.Started)
	a.Monitoring, a.Broad = a.Monitoring && b.Monitoring, a.Broad || b.Broad
	if len(a.Components) == 0 || len(b.Components) == 0 {
		a.Components = nil // one that names nothing touches everything
	} else {
		a.Components = slices.Concat(a.Components, b.Components)
	}
	return a
}
