package board

import (
	"time"

	"github.com/downstatus/downstatus_exporter/internal/history"
	"github.com/downstatus/downstatus_exporter/internal/status"
)

// newest is the newest time that the run before is known to have seen.
func newest(state history.State) time.Time {
	var t time.Time
	for _, s := range state.Services {
		t = status.Latest(t, status.Latest(s.LastGood, s.Accounted))
	}
	for _, r := range state.Readings {
		t = status.Latest(t, r.LastGood)
	}
	return t
}

// turn moves the board's clock on, and reports whether it went back: then
// nothing that was due by the old time is due by the new one. What was counted
// by the old time stays so, since counters never go down; until the new time is
// as late, nothing is added.
func (b *Board) turn(now time.Time) (back bool) {
	last := b.clock
	b.clock = now
	if !now.Before(last) {
		return false
	}
	for _, v := range b.services {
		v.account(v.status, last)
		b.pending.service(v)
	}
	return true
}

// notAfter is a time, or now where it comes from a clock that was ahead.
func notAfter(t, now time.Time) time.Time {
	if t.After(now) {
		return now
	}
	return t
}
