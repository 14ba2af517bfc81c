package keep

import (
	"slices"
	"time"

	"github.com/downstatus/downstatus_exporter/internal/status"
)

// Unite makes one of the components, incidents and windows of a page that have
// the same id: their ids name series.
func Unite(p *status.Page) {
	p.Components = unique(p.Components, func(c status.Component) string { return c.ID }, uniteComponents)
	p.Incidents = unique(p.Incidents, idOf, uniteIncidents)
	p.Windows = unique(p.Windows, func(w status.Window) string { return w.ID }, uniteWindows)
}

func idOf(in status.Incident) string { return in.ID }

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
	a.Impact, a.Started, a.Resolved = max(a.Impact, b.Impact), status.Earliest(a.Started, b.Started), status.Latest(a.Resolved, b.Resolved)
	a.Monitoring, a.Broad = a.Monitoring && b.Monitoring, a.Broad || b.Broad
	a.Components = uniteRefs(a.Components, b.Components)
	return a
}

// uniteWindows is under way where one of the two is, and has an open end where
// one has.
func uniteWindows(a, b status.Window) status.Window {
	if b.State == status.InProgress {
		a.State = b.State
	}
	a.Start = status.Earliest(a.Start, b.Start)
	if a.End.IsZero() || b.End.IsZero() {
		a.End = time.Time{}
	} else {
		a.End = status.Latest(a.End, b.End)
	}
	a.Components = uniteRefs(a.Components, b.Components)
	return a
}

// uniteRefs is nothing where one of the two names nothing: that touches
// everything.
func uniteRefs(a, b []status.ComponentRef) []status.ComponentRef {
	if len(a) == 0 || len(b) == 0 {
		return nil
	}
	return slices.Concat(a, b)
}
