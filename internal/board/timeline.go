package board

import (
	"slices"
	"time"

	"github.com/downstatus/downstatus_exporter/internal/status"
)

// note remembers what is shown from now on, where that differs from before. A
// clock that goes back makes no time: what it brings stands in its place.
func (b *Board) note(v *service, next status.Transition) {
	if !b.leads {
		return
	}
	next.Slug = v.def.Slug
	n := len(v.transitions)
	if n > 0 {
		last := v.transitions[n-1]
		if next.Same(last) {
			return
		}
		next.Since = status.Latest(next.Since, last.Since)
		if next.Since.Equal(last.Since) {
			n--
		}
	}
	v.transitions = append(slices.Clone(v.transitions[:n]), next)
	b.pending.transition(next)
}

// noteShown remembers what an evaluation has shown.
func (b *Board) noteShown(v *service, c status.Combined, now time.Time) {
	b.note(v, status.Transition{Since: now, Status: c.Status, Official: c.OfficialIs, Reports: c.ReportsIs})
}

// noteLapse remembers that nobody watched from a time on, if that has passed.
func (b *Board) noteLapse(v *service, since, now time.Time) {
	if since.Before(now) {
		b.noteUnknown(v, since)
	}
}

// noteUnknown remembers that nobody knows of the service from then on. It makes
// no beginning: a service without transitions was never watched.
func (b *Board) noteUnknown(v *service, since time.Time) {
	if len(v.transitions) > 0 {
		b.note(v, status.Transition{Since: since, Status: status.Unknown, Official: status.Unknown, Reports: status.Unknown})
	}
}

// remember takes up a transition that the store gave back: in its place, or in
// that of the one of its time.
func (v *service) remember(t status.Transition) {
	at, known := slices.BinarySearchFunc(v.transitions, t, func(x, y status.Transition) int { return x.Since.Compare(y.Since) })
	switch {
	case known:
		v.transitions = slices.Clone(v.transitions)
		v.transitions[at] = t
	case at == len(v.transitions):
		v.transitions = append(v.transitions, t)
	default:
		v.transitions = slices.Insert(slices.Clone(v.transitions), at, t)
	}
}
