package board

import (
	"time"

	"github.com/downstatus/downstatus_exporter/internal/history"
	"github.com/downstatus/downstatus_exporter/internal/status"
)

// Follow shows what the replica that leads has stored since the last call: it
// judges the stored readings as that one does, and decides and writes nothing.
// The first call after StepDown takes all that is stored.
func (b *Board) Follow(stored history.State, now time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.leads {
		return
	}
	now = cut(now)
	if b.outdated {
		b.outdated = false
		b.load(stored)
		b.configure(b.plan, now)
		return
	}
	for slug, s := range stored.Services {
		b.known(slug).restore(s)
	}
	for _, o := range stored.Outages {
		b.known(o.Slug).put(&o)
	}
	for _, t := range stored.Transitions {
		b.known(t.Slug).remember(t)
	}
	for _, d := range stored.Detectors {
		b.learned(b.known(d.Slug), d)
	}
	b.followSources(stored, now)
	b.finish(b.services, now)
}

func (b *Board) followSources(stored history.State, now time.Time) {
	for key, r := range stored.Readings {
		b.saved[key] = r
		if s := b.sources[key]; s != nil {
			b.restoreReading(s)
			b.adopt(s, now)
		}
	}
	for key, state := range stored.Sources {
		if s := b.sources[key]; s != nil {
			s.restoreState(state)
		} else {
			b.states[key] = state
		}
	}
	for _, s := range b.sources {
		b.renewSource(s)
	}
}

// mirror judges a service that another replica decides about. Where nobody
// leads for long, what is shown grows stale as it would there.
func (b *Board) mirror(v *service, e evidence, now time.Time) {
	c := status.Combine(e.inputs, v.last().Open(), b.plan.HoldOpenFor, now)
	if c.Status != v.status {
		v.status, v.since = c.Status, now
	}
	v.due = e.nextDue(c.Held, now)
	b.renew(v, e, c)
}

// Lead makes the board decide from now on, from what it has followed.
func (b *Board) Lead(now time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.leads {
		return
	}
	b.leads = true
	for _, v := range b.services {
		v.judged = false
	}
	b.configure(b.plan, cut(now))
}

// StepDown ends deciding: another replica may lead. What was not written is
// given up; the next call of Follow has to bring all that is stored.
func (b *Board) StepDown() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.leads, b.outdated, b.pending = false, true, newPending()
}
