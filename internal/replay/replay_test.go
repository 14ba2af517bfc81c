package replay

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/downstatus/downstatus_exporter/internal/status"
)

// follow polls a page every minute around each of its changes, and seldom in
// between, up to a moment.
func follow(p *program, v *vendor, until time.Time, each func()) {
	moments := v.changes
	for p.now.Before(until) {
		next := p.now.Add(time.Minute)
		i, _ := slices.BinarySearchFunc(moments, p.now.Add(-3*time.Minute), time.Time.Compare)
		if i == len(moments) {
			next = until
		} else if quiet := moments[i].Sub(p.now) - time.Minute; quiet > time.Minute {
			if len(v.listed(true)) > 0 {
				quiet = min(quiet, 10*time.Minute)
			}
			next = p.now.Add(quiet.Truncate(time.Minute))
		}
		v.now = cut(next)
		p.poll(next)
		each()
	}
}

func spans(all []status.Outage) []span {
	var out []span
	for _, o := range all {
		out = append(out, span{o.StartedAt, o.ResolvedAt})
	}
	return out
}

func wantSpans(t *testing.T, want, got []span) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("outages (-archive +record):\n%s", diff)
	}
}

// everySeed runs a test on each archive, and several times on our own.
func everySeed(t *testing.T, run func(*testing.T, archive, *rand.Rand)) {
	for i, a := range archives(t) {
		seeds := uint64(1)
		if i == 0 && !testing.Short() {
			seeds = 4
		}
		for seed := range seeds {
			t.Run(fmt.Sprintf("%s/%d", a.name, seed), func(t *testing.T) {
				t.Parallel()
				run(t, a, rand.New(rand.NewPCG(seed, 7)))
			})
		}
	}
}

// within is a random time below a limit.
func within(rng *rand.Rand, limit time.Duration) time.Duration {
	return time.Duration(rng.Int64N(int64(limit)))
}

func TestWatchedFromTheBeginning(t *testing.T) {
	everySeed(t, func(t *testing.T, a archive, rng *rand.Rand) {
		v := newVendor(t, a)
		v.now = cut(a.first().Add(-10*time.Minute - within(rng, time.Minute)))
		p := start(t, a.engine, v.url, v.now)
		follow(p, v, a.last().Add(time.Hour), func() {})
		wantSpans(t, groups(a.incidents), spans(p.records()))
		p.look()
	})
}

func TestFirstSeenWhenAllIsOver(t *testing.T) {
	everySeed(t, func(t *testing.T, a archive, rng *rand.Rand) {
		v := newVendor(t, a)
		v.now = cut(a.last().Add(time.Hour))
		p := start(t, a.engine, v.url, v.now)
		p.poll(v.now)
		wantSpans(t, groups(a.incidents), spans(p.records()))
		if n := p.opened(); n != 0 {
			t.Errorf("%d outages counted, want none of those that were over", n)
		}
		p.look()
	})
}

// A run that begins while an incident is open shows the outage as one, from
// the start of all that belongs to it.
func TestFirstSeenInTheMiddle(t *testing.T) {
	everySeed(t, func(t *testing.T, a archive, rng *rand.Rand) {
		share := 6 / float64(len(a.incidents)) // a sample
		for _, in := range a.incidents {
			if length := in.end.Sub(in.start); in.counts() && length > time.Minute && rng.Float64() < share {
				firstSeenAt(t, a, in.start.Add(time.Minute+within(rng, length-time.Minute)))
			}
		}
	})
}

func firstSeenAt(t *testing.T, a archive, now time.Time) {
	t.Helper()
	a = a.until(now.Add(24 * time.Hour))
	v := newVendor(t, a)
	v.now = cut(now)
	p := start(t, a.engine, v.url, v.now)
	p.poll(v.now)
	want := groups(a.until(v.now).incidents)
	open := want[len(want)-1]
	if o := p.service().Outage; o == nil || !o.StartedAt.Equal(open.From) || p.opened() != 1 {
		t.Fatalf("at %s: %+v, counted %d; want one since %s", v.now, o, p.opened(), open.From)
	}
	follow(p, v, a.last().Add(time.Hour), func() {})
	p.restart() // a new run hears also of what was over before anybody could see it
	p.poll(p.now.Add(time.Minute))
	if diff := cmp.Diff(groups(a.incidents), spans(p.records())); diff != "" {
		t.Fatalf("first seen at %s (-archive +record):\n%s", now, diff)
	}
}

// Runs end without a word and begin again, after a while or at once, and the
// page cannot be read now and then: whatever is told in the end is recorded.
func TestInterrupted(t *testing.T) {
	everySeed(t, func(t *testing.T, a archive, rng *rand.Rand) {
		v := newVendor(t, a)
		v.now = cut(a.first().Add(-10 * time.Minute))
		p := start(t, a.engine, v.url, v.now)
		follow(p, v, a.last().Add(time.Hour), func() {
			switch n := rng.IntN(100); {
			case n < 5:
				p.look()
				if n < 2 {
					p.now = p.now.Add(within(rng, 8*time.Hour))
				}
				p.restart()
				p.look()
			case n < 10:
				v.broken = !v.broken
			}
		})
		v.broken = false
		p.restart()
		v.now = p.now.Add(time.Minute)
		p.poll(v.now)
		wantSpans(t, groups(a.incidents), spans(p.records()))
		p.look()
	})
}

// A page shows an incident from its first update on, which may come late or
// when all is over. Ends are exact all the same, and so are starts but for what
// was told more than a quarter of an hour after the outage was seen.
func TestPostedLate(t *testing.T) {
	everySeed(t, func(t *testing.T, a archive, rng *rand.Rand) {
		v := newVendor(t, a)
		v.posted = true
		v.now = cut(a.first().Add(-10*time.Minute - within(rng, time.Minute)))
		p := start(t, a.engine, v.url, v.now)
		follow(p, v, a.last().Add(time.Hour), func() {})
		p.restart()
		v.now = p.now.Add(time.Minute)
		p.poll(v.now)
		got := spans(p.records())
		for i, want := range groups(a.incidents) {
			if i < len(got) && a.knownAtFirst(want).Equal(got[i].From) {
				got[i].From = want.From
			}
		}
		wantSpans(t, groups(a.incidents), got)
		p.look()
	})
}
