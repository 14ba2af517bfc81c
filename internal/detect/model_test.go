package detect

import (
	"math"
	"testing"
)

// feed lets a model take a rate per hour for some minutes.
func feed(m *Model, from int64, n int, rate func(t int64) float64) {
	for i := range n {
		t := from + int64(i)
		m.Take(t, rate(t), 24*rate(t), 0)
	}
}

func TestModelLearnsTheDay(t *testing.T) {
	m := NewModel()
	rate := func(t int64) float64 { return 20 + 10*math.Sin(2*math.Pi*float64(t%day)/day) }
	feed(&m, 3*week, 21*day, rate)
	for h := range int64(24) {
		at := 6*week + h*hour + 30
		// The count of an hour is that of its middle, half an hour earlier.
		if want := rate(at + 30); math.Abs(m.Rate(at)-want) > 0.15*want {
			t.Errorf("hour %d: %.1f, want %.1f", h, m.Rate(at), want)
		}
	}
}

func TestModelLearnsTheWeekend(t *testing.T) {
	m := NewModel()
	rate := func(t int64) float64 {
		if t/day%7 >= 5 {
			return 10
		}
		return 40
	}
	feed(&m, 3*week, 70*day, rate)
	weekend, midweek := m.Rate(13*week-12*hour), m.Rate(13*week+3*day)
	if weekend > 0.75*midweek || midweek < 30 || midweek > 40 {
		t.Errorf("%.1f an hour on the weekend, %.1f in the week", weekend, midweek)
	}
}

// TestModelLags: what came in during the last hour and a half changes nothing.
func TestModelLags(t *testing.T) {
	m := NewModel()
	feed(&m, week, 3*day, func(int64) float64 { return 10 })
	before := m.Baseline
	feed(&m, week+3*day, hour-1, func(int64) float64 { return 1000 })
	if m.Rate(m.Last) > 1.2*before.Rate(m.Last) {
		t.Errorf("an hour of 1000 moved the rate from %.1f to %.1f", before.Rate(m.Last), m.Rate(m.Last))
	}
}

func TestModelLearnsNothingBefore(t *testing.T) {
	m := NewModel()
	feed(&m, week, 3*day, func(int64) float64 { return 10 })
	before := m.Baseline
	for i := range int64(day) {
		m.Take(week+3*day+i, 100, 2400, math.MaxInt64)
	}
	if m.Baseline != before {
		t.Error("it learned while it was told not to")
	}
}

func TestBaselineStartsFromThePair(t *testing.T) {
	m := NewModel()
	m.Take(week, 50, 280, 0)
	if got := m.Rate(week); math.Abs(got-10) > 0.1 {
		t.Errorf("%.2f an hour, want that of the 23 hours before the last", got)
	}
	for _, w := range []int64{5, 15, 60, 180} {
		if got, want := m.Expected(week, w), m.Rate(week)*float64(w)/hour; math.Abs(got-want) > 1e-6 {
			t.Errorf("%d minutes: %.3f, want %.3f", w, got, want)
		}
	}
}

func TestDoubtFalls(t *testing.T) {
	m := NewModel()
	m.Take(week, 10, 240, 0)
	first := m.Doubt(week)
	if want := 1/(230.0/12+1) + 0.35; math.Abs(first-want) > 1e-9 {
		t.Errorf("at first %.4f, want %.4f", first, want)
	}
	feed(&m, week+1, 14*day, func(int64) float64 { return 10 })
	if got := m.Doubt(m.Last); got > first/10 {
		t.Errorf("after two weeks %.4f, at first %.4f", got, first)
	}
}

func TestNoise(t *testing.T) {
	n := newNoise()
	for range 2000 {
		n.learnDispersion(9, 3) // (9-3)²/12 = 3
		n.learnDrift(15, 10)    // ((15-10)²-3·10)/100 = -0.05
	}
	if math.Abs(n.Dispersion-3) > 0.1 || math.Abs(n.Drift+0.05) > 0.02 {
		t.Errorf("%+v", n)
	}
	if n.DispersionWeight != 500 || n.DriftWeight != 300 {
		t.Errorf("weights %g and %g are not capped", n.DispersionWeight, n.DriftWeight)
	}
	before := n
	n.learnDispersion(0, 0)
	if n != before {
		t.Error("two empty windows taught something")
	}
	if got, want := n.InverseSize(4, 0.1), (n.Dispersion-1)/4+0.01+0.1; math.Abs(got-want) > 1e-9 {
		t.Errorf("1/k %.4f, want %.4f", got, want)
	}
}
