package main

import "slices"

// episode is a time in which a detector held an outage open, in minutes of
// polls; closed is run where it never closed it.
type episode struct{ open, closed int }

// watch returns the episodes of a detector in a world.
func watch(d detector, w *world) []episode {
	var all []episode
	open := false
	for _, p := range w.polls {
		now := d.observe(p)
		if now && !open {
			all = append(all, episode{p.minute, run})
		}
		if open && !now {
			all[len(all)-1].closed = p.minute
		}
		open = now
	}
	return all
}

// tally is what a detector did, right and wrong.
type tally struct {
	services, falseAlarms, firstDay int
	outages, caught                 [thresholds]int // by expected reports
	flaps                           int             // further episodes on a caught outage
	delays                          []float64       // minutes, outages of 30 expected reports or more
	endLags                         []float64       // minutes
}

// Outages are told apart by the extra reports that are expected of them: all, 10
// or more, 30 or more.
const thresholds = 3

var expectedAtLeast = [thresholds]float64{0, 10, 30}

// The slack after the true end of an outage, in minutes: an episode that opens
// in the first is late, one that opens in the second is no false alarm.
const (
	caughtSlack = 15
	truthSlack  = 60
)

// add scores one run.
func (t *tally) add(w *world, episodes []episode) {
	t.services++
	for _, e := range episodes {
		if slices.ContainsFunc(w.outages, func(o outage) bool { return overlaps(e, o, truthSlack) }) {
			continue
		}
		t.falseAlarms++
		if e.open < day {
			t.firstDay++
		}
	}
	for _, o := range w.outages {
		t.addOutage(o, episodes)
	}
}

// overlaps reports whether an episode is open at some minute from the start of
// an outage until slack minutes after its end.
func overlaps(e episode, o outage, slack int) bool {
	return e.open <= o.end+slack && e.closed > o.start
}

func (t *tally) addOutage(o outage, episodes []episode) {
	seen := slices.DeleteFunc(slices.Clone(episodes), func(e episode) bool { return !overlaps(e, o, truthSlack) })
	caught := len(seen) > 0 && overlaps(seen[0], o, caughtSlack)
	for i, least := range expectedAtLeast {
		if o.expected < least {
			continue
		}
		t.outages[i]++
		if caught {
			t.caught[i]++
		}
	}
	if !caught {
		return
	}
	t.flaps += len(seen) - 1
	if o.expected >= expectedAtLeast[2] {
		t.delays = append(t.delays, float64(max(0, seen[0].open-o.start)))
	}
	if last := seen[len(seen)-1]; last.closed < run {
		t.endLags = append(t.endLags, float64(last.closed-o.end))
	}
}

// merge adds the counts of other runs.
func (t *tally) merge(o *tally) {
	t.services += o.services
	t.falseAlarms += o.falseAlarms
	t.firstDay += o.firstDay
	t.flaps += o.flaps
	for i := range thresholds {
		t.outages[i] += o.outages[i]
		t.caught[i] += o.caught[i]
	}
	t.delays = append(t.delays, o.delays...)
	t.endLags = append(t.endLags, o.endLags...)
}

// quantile of values; 0 without any.
func quantile(values []float64, q float64) float64 {
	if len(values) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(values))
	return sorted[int(q*float64(len(sorted)-1)+0.5)]
}
