package json

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/downstatus/downstatus_exporter/internal/status"
	"github.com/downstatus/downstatus_exporter/sources/fetch"
	"github.com/downstatus/downstatus_exporter/sources/internal/keep"
)

// read makes a page of what was kept, as it stands at the time of a poll.
func (r rules) read(ctx context.Context, d *document, now time.Time) (*status.Page, []status.Incident, error) {
	rows, err := r.chosen(ctx, d.rows, now)
	if err != nil {
		return nil, nil, err
	}
	p := &status.Page{OnlyTroubles: r.incidents}
	for _, w := range rows {
		p.UnknownWords = append(p.UnknownWords, w.unknown...)
	}
	slices.Sort(p.UnknownWords)
	if r.incidents {
		return p, r.addIncidents(p, rows, now), nil
	}
	if len(rows) == 0 {
		return nil, nil, fetch.Shapef("none of the items counts")
	}
	r.addComponents(p, rows)
	return p, nil, nil
}

// chosen are the rows that count.
func (r rules) chosen(ctx context.Context, rows []row, now time.Time) ([]row, error) {
	var out []row
	for _, w := range rows {
		if w.meaning.Ignore {
			continue
		}
		if r.where.Given() {
			answer, err := r.where.Values(ctx, w.item, float64(now.UnixMilli())/1000)
			if err != nil {
				return nil, fetch.Shapef("where: %w", err)
			}
			if len(answer) == 0 || answer[0] == nil || answer[0] == false {
				continue
			}
		}
		out = append(out, w)
	}
	return out, nil
}

// addComponents lists the components, and makes a verdict of them where the
// options ask for one.
func (r rules) addComponents(p *status.Page, rows []row) {
	for _, w := range rows {
		p.Components = append(p.Components, status.Component{ID: w.id, Name: w.title, Group: w.group, GroupID: w.group, Rank: w.meaning.Rank, Maintenance: w.meaning.Maintenance})
	}
	keep.Unite(p)
	switch {
	case r.first:
		first := rows[0].meaning
		p.Word = status.Word{Published: true, Rank: first.Rank, Maintenance: first.Maintenance}
		p.MaintenanceWord = true
	case r.count > 0:
		p.Word = status.Word{Published: true, Rank: rollUp(p.Components, r.count)}
	}
}

// rollUp is the worst rank that so many components reach. Without trouble, one
// that is not understood leaves the whole unknown.
func rollUp(components []status.Component, count int) status.Indicator {
	for rank := status.Critical; rank > status.None; rank-- {
		reach := 0
		for _, c := range components {
			if c.Rank >= rank {
				reach++
			}
		}
		if reach >= count {
			return rank
		}
	}
	for _, c := range components {
		if c.Rank == status.IndicatorUnknown {
			return status.IndicatorUnknown
		}
	}
	return status.None
}

// addIncidents adds what is open and what is planned, and returns what is
// over.
func (r rules) addIncidents(p *status.Page, rows []row, now time.Time) (over []status.Incident) {
	for _, w := range rows {
		switch in := w.incident(now); {
		case w.meaning.Maintenance:
			if w.ended.IsZero() || w.ended.After(now) {
				p.Windows = append(p.Windows, w.window())
			}
		case w.started.After(now): // still to come
		case in.Over:
			over = append(over, in)
		default:
			p.Incidents = append(p.Incidents, in)
		}
	}
	return over
}

// incident is a row as it stands at a time. The word for none means that it is
// over, and when is what was said last if there is no better.
func (w row) incident(now time.Time) status.Incident {
	in := status.Incident{ID: w.id, Title: w.title, URL: w.link, Impact: w.meaning.Rank, Started: w.started}
	ended := w.ended
	if w.meaning.Rank == status.None {
		ended = cmp.Or(ended, w.updated)
		in.Over, in.Impact = true, status.IndicatorUnknown // how bad it was is not told
	}
	if in.Over = in.Over || !ended.IsZero() && !ended.After(now); in.Over && !ended.IsZero() {
		in.Resolved = status.Latest(ended, in.Started)
	}
	in.Impact = max(in.Impact, status.Minor)
	for _, ref := range w.parts {
		ref.Impact, ref.HasImpact = in.Impact, true
		in.Components = append(in.Components, ref)
	}
	return in
}

// window is planned work: the clock decides, or, where no start is given, that
// it is listed.
func (w row) window() status.Window {
	out := status.Window{ID: w.id, Title: w.title, URL: w.link, Components: w.parts, Start: w.started, End: w.ended}
	if w.started.IsZero() {
		out.State = status.InProgress
	}
	return out
}
