package board

import (
	"time"
)

// turn moves the board's clock on, and reports whether it went back: then
// nothing that was due by the old time is due by the new one. What was counted
// by the old time stays so, since counters never go down; until the new time is
// as late, nothing is added.
func (b *Board) turn(now time.Time) (back bool) {
	last := b.clock
	b.clock = now
	if !now.Before(last) || !b.leads {
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
