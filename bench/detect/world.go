package main

import (
	"math"
	"math/rand/v2"
)

// Lengths of a run, in minutes. The day before the first poll fills the rolling
// counts, so that both are true from the first one on.
const (
	hour = 60
	day  = 24 * hour
	week = 7 * day
	run  = 28 * day
)

// scenario is one kind of service.
type scenario struct {
	base       float64 // reports per hour
	amplitude  float64 // of the day
	dispersion float64 // variance over mean of the reports of a minute
	drift      float64 // standard deviation of the logarithm of the slow noise
}

// scenarios are all 42, in the order that the seeds count them.
func scenarios() []scenario {
	var all []scenario
	for _, base := range []float64{0.1, 0.5, 2, 10, 50, 200, 500} {
		for _, amplitude := range []float64{0, 0.8} {
			for _, noise := range [][2]float64{{1, 0}, {1.5, 0.2}, {3, 0.4}} {
				all = append(all, scenario{base, amplitude, noise[0], noise[1]})
			}
		}
	}
	return all
}

// outage is a time of true trouble. Minutes count from the first poll.
type outage struct {
	start, end int
	multiplier float64
	shape      int
	expected   float64 // extra reports in it
}

// The shapes of an outage: full at once, losing interest, coming on slowly.
const (
	box = iota
	fatigue
	slow
	shapes
)

// level is the part of the full extra rate at a minute, which goes on for a
// while after the end.
func (o *outage) level(t int) float64 {
	if t >= o.end {
		return o.level(o.end-1) * math.Exp(-float64(t-o.end+1)/5)
	}
	since, length := float64(t-o.start+1), float64(o.end-o.start)
	if o.shape == slow {
		return min(1, since/max(1, length/2))
	}
	rise := 5.0
	if length < 10 {
		rise = 1
	}
	x := min(1, since/rise)
	if o.shape == fatigue {
		x *= 0.3 + 0.7*math.Exp2(-since/60)
	}
	return x
}

// season is how the rate of a service moves over the week, on average 1.
type season struct {
	scenario
	phase   float64 // hours
	weekday int
	mean    float64
}

func newSeason(s scenario, rng *rand.Rand) season {
	out := season{scenario: s, phase: rng.Float64() * 24, weekday: rng.IntN(7), mean: 1}
	sum := 0.0
	for t := range week {
		sum += out.at(t)
	}
	out.mean = sum / week
	return out
}

// at is the factor at a minute.
func (s *season) at(t int) float64 {
	h := float64((t+week)%day) / hour
	f := math.Exp(s.amplitude*math.Cos(2*math.Pi*(h-s.phase)/24) +
		0.25*s.amplitude*math.Cos(4*math.Pi*(h-s.phase-2)/24))
	if weekday := ((t+week)/day + s.weekday) % 7; s.amplitude > 0 && weekday >= 5 {
		f *= 0.75
	}
	return f / s.mean
}

// drawOutages draws the outages of a run. None starts in its last day.
func drawOutages(rng *rand.Rand) []outage {
	var all []outage
	start := 6*hour + int(rng.Float64()*3*day)
	for start < run-day {
		o := outage{start: start, end: start + max(1, int(logUniform(rng, 5, 720)))}
		o.multiplier = logUniform(rng, 2, 100)
		o.shape = rng.IntN(shapes)
		all = append(all, o)
		start = o.end + day + int(rng.ExpFloat64()*3*day)
	}
	return all
}

func logUniform(rng *rand.Rand, low, high float64) float64 {
	return low * math.Pow(high/low, rng.Float64())
}

// world is one run of one service: the truth, and what polls see of it.
type world struct {
	outages []outage
	polls   []poll
}

// poll is what one poll brings, if anything.
type poll struct {
	minute    int // of the poll
	updated   int // of the body
	r1h, r24h int
}

// newWorld draws a run. The order of the draws is part of the benchmark: the
// same seed is the same world for every detector and every version of them.
func newWorld(s scenario, seed uint64) *world {
	rng := rand.New(rand.NewPCG(seed, 0x9e3779b97f4a7c15))
	sea := newSeason(s, rng)
	w := &world{outages: drawOutages(rng)}
	counts := w.drawCounts(&sea, rng)
	lost, stale := drawLosses(rng)
	w.polls = polls(counts, lost, stale)
	return w
}

// drawCounts returns the reports of each minute, from a day before the first
// poll on.
func (w *world) drawCounts(s *season, rng *rand.Rand) []int {
	extra := w.extraRates(s)
	counts := make([]int, day+run)
	keep := math.Exp(-1.0 / 120)
	z := rng.NormFloat64()
	for i := range counts {
		z = keep*z + math.Sqrt(1-keep*keep)*rng.NormFloat64()
		rate := s.base / hour * s.at(i-day) * math.Exp(s.drift*z-s.drift*s.drift/2)
		counts[i] = negativeBinomial(rng, rate+extra[i], s.dispersion)
	}
	return counts
}

// extraRates are the reports per minute that the outages add, and notes how many
// are expected in each.
func (w *world) extraRates(s *season) []float64 {
	rates := make([]float64, day+run)
	for i := range w.outages {
		o := &w.outages[i]
		for t := o.start; t < min(o.end+2*hour, run); t++ {
			r := s.base / hour * math.Sqrt(s.at(t)) * (o.multiplier - 1) * o.level(t)
			rates[day+t] += r
			if t < o.end {
				o.expected += r
			}
		}
	}
	return rates
}

// drawLosses draws which polls fail, and which are answered by a cache with the
// body of the minute before.
func drawLosses(rng *rand.Rand) (lost, stale []bool) {
	lost, stale = make([]bool, run), make([]bool, run)
	for t := range lost {
		lost[t] = rng.Float64() < 0.02
	}
	for range poisson(rng, 2) {
		start := int(rng.Float64() * run)
		length := int(1 + rng.ExpFloat64()*hour)
		for t := start; t < min(start+length, run); t++ {
			lost[t] = true
		}
	}
	for t := range stale {
		stale[t] = rng.Float64() < 0.25
	}
	return lost, stale
}

// polls is what a reader takes from the feed: the bodies it has not seen yet, as
// their updated_at tells.
func polls(counts []int, lost, stale []bool) []poll {
	sum := make([]int, len(counts)+1)
	for i, n := range counts {
		sum[i+1] = sum[i] + n
	}
	var all []poll
	seen := -2
	for t := range run {
		updated := t
		if stale[t] {
			updated--
		}
		if lost[t] || updated <= seen {
			continue
		}
		seen = updated
		end := day + updated + 1
		all = append(all, poll{t, updated, sum[end] - sum[end-hour], sum[end] - sum[max(0, end-day)]})
	}
	return all
}
