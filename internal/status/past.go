package status

import (
	"slices"
	"time"
)

// Past turns ended incidents of a page into records for one service: those
// that touch the scope with at least minor impact and give both times, with
// overlaps and gaps below ReopenWithin joined, oldest first.
func Past(p *Page, s Scope, ended []Incident, since time.Time) []Outage {
	j := judge{page: p, scope: s, known: make(map[string]Component, len(p.Components))}
	for _, c := range p.Components {
		j.known[c.ID] = c
	}
	var out []Outage
	for _, in := range ended {
		in.Monitoring = false
		rank := j.rank(in)
		if in.Started.IsZero() || in.Resolved.Before(since) || in.Resolved.IsZero() || rank < Minor || !s.touches(in.Components, j.known) {
			continue
		}
		end := Latest(in.Resolved, in.Started) // back-filled incidents may start after their end
		out = append(out, Outage{
			Signal: OfficialStatusPage, Imported: true, Worst: rank.Severity(),
			StartedAt: in.Started, DetectedAt: in.Started, ResolvedAt: end,
			OfficialStartedAt: in.Started, OfficialEndedAt: end,
			Description: in.Title, IncidentURL: in.URL, Evidence: []string{in.ID},
		})
	}
	return join(out)
}

func join(all []Outage) []Outage {
	slices.SortStableFunc(all, func(a, b Outage) int { return a.StartedAt.Compare(b.StartedAt) })
	var out []Outage
	for _, o := range all {
		if n := len(out); n > 0 && !o.StartedAt.After(out[n-1].ResolvedAt.Add(ReopenWithin)) {
			last := &out[n-1]
			last.ResolvedAt = Latest(last.ResolvedAt, o.ResolvedAt)
			last.OfficialEndedAt = last.ResolvedAt
			if o.Worst > last.Worst {
				last.Worst, last.Description, last.IncidentURL = o.Worst, o.Description, o.IncidentURL
			}
			last.Evidence = append(last.Evidence, o.Evidence...)
			continue
		}
		out = append(out, o)
	}
	return out
}

// Back follows trouble since some time back into the past: records that
// overlap it, or end less than ReopenWithin before it, belong to it. It returns
// when all of it began, and the incidents that it takes in.
func Back(past []Outage, since time.Time) (began time.Time, evidence []string) {
	for _, o := range slices.Backward(past) {
		if since.After(o.ResolvedAt.Add(ReopenWithin)) {
			break
		}
		since = Earliest(since, o.StartedAt)
		evidence = append(evidence, o.Evidence...)
	}
	return since, evidence
}

// Near reports whether two records are one outage: they overlap, or less than
// ReopenWithin lies between them.
func (o *Outage) Near(past Outage) bool {
	before := past.ResolvedAt.Add(ReopenWithin).Before(o.StartedAt)
	after := !o.Open() && past.StartedAt.After(o.ResolvedAt.Add(ReopenWithin))
	return !before && !after
}

// Stretch is an ended record after its page told of more that belongs to it,
// between the end of the record before it and the start of the one after it
// (zero: there is none). Where the outage was seen its start stays.
func (o *Outage) Stretch(past Outage, notBefore, notAfter time.Time) *Outage {
	n := clone(o)
	if o.Imported {
		n.StartedAt = Latest(Earliest(n.StartedAt, past.StartedAt), notBefore)
		n.OfficialStartedAt = n.StartedAt
	}
	end := past.ResolvedAt
	if !notAfter.IsZero() {
		end = Earliest(end, notAfter)
	}
	n.ResolvedAt = Latest(n.ResolvedAt, end)
	n.OfficialEndedAt = Latest(n.OfficialEndedAt, end)
	n.Worst = max(n.Worst, past.Worst)
	n.Evidence = append(n.Evidence, past.Evidence...)
	return n
}
