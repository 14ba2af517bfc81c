package main

import (
	"bytes"
	"encoding/json"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestPlan(t *testing.T) {
	all := plan(2, 4)
	if len(all) != 42*4 || all[0].seed != 2_000_000 || all[5].seed != 2_001_001 {
		t.Errorf("%d worlds, seeds %d and %d", len(all), all[0].seed, all[5].seed)
	}
	if got, want := all[167].scenario, (scenario{500, 0.8, 3, 0.4}); got != want {
		t.Errorf("the last scenario is %+v", got)
	}
}

func TestDraws(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	const n = 20_000
	for _, tc := range []struct{ mean, dispersion float64 }{{0.001, 3}, {0.5, 1}, {8, 1.5}, {40, 3}, {1200, 1}} {
		sum, squares := 0.0, 0.0
		for range n {
			y := float64(negativeBinomial(rng, tc.mean, tc.dispersion))
			sum += y
			squares += y * y
		}
		mean := sum / n
		variance := squares/n - mean*mean
		slack := 6 * math.Sqrt(tc.mean*tc.dispersion/n)
		if math.Abs(mean-tc.mean) > slack {
			t.Errorf("%+v: mean %g", tc, mean)
		}
		if tc.mean >= 0.5 && math.Abs(variance/mean/tc.dispersion-1) > 0.05 {
			t.Errorf("%+v: variance over mean %g", tc, variance/mean)
		}
	}
	for _, mean := range []float64{0, 1e-20, math.SmallestNonzeroFloat64} {
		if y := negativeBinomial(rng, mean, 3); y != 0 {
			t.Errorf("mean %g: %d", mean, y)
		}
	}
}

func TestSeasonIsOneOnAverage(t *testing.T) {
	s := newSeason(scenario{base: 10, amplitude: 0.8}, rand.New(rand.NewPCG(3, 3)))
	sum, low, high := 0.0, math.Inf(1), 0.0
	for i := range week {
		f := s.at(i)
		sum, low, high = sum+f, min(low, f), max(high, f)
	}
	if math.Abs(sum/week-1) > 1e-9 || high/low < 4 || s.at(0) != s.at(week) || s.at(-day) != s.at(6*day) {
		t.Errorf("mean %g, from %g to %g", sum/week, low, high)
	}
}

func TestOutageShapes(t *testing.T) {
	for _, tc := range []struct {
		name    string
		outage  outage
		at      int
		want    float64
		epsilon float64
	}{
		{"box rises over five minutes", outage{start: 0, end: 60}, 1, 0.4, 1e-9},
		{"box is full", outage{start: 0, end: 60}, 30, 1, 1e-9},
		{"a short box is full at once", outage{start: 0, end: 9}, 0, 1, 1e-9},
		{"fatigue halves what it can lose in an hour", outage{start: 0, end: 600, shape: fatigue}, 59, 0.65, 1e-9},
		{"slow is half way at a quarter", outage{start: 0, end: 400, shape: slow}, 99, 0.5, 1e-9},
		{"slow is full after half", outage{start: 0, end: 400, shape: slow}, 250, 1, 1e-9},
		{"people go on reporting", outage{start: 0, end: 60}, 64, math.Exp(-1), 1e-9},
	} {
		if got := tc.outage.level(tc.at); math.Abs(got-tc.want) > tc.epsilon {
			t.Errorf("%s: %g, want %g", tc.name, got, tc.want)
		}
	}
}

func TestWorlds(t *testing.T) {
	outages, polls := 0, 0
	all := plan(1, 1)
	for _, trial := range all {
		w := newWorld(trial.scenario, trial.seed)
		outages += len(w.outages)
		polls += len(w.polls)
		last := -2
		for _, p := range w.polls {
			if p.updated <= last || p.updated > p.minute || p.r1h > p.r24h || p.r1h < 0 {
				t.Fatalf("%+v after %d", p, last)
			}
			last = p.updated
		}
		if o := w.outages[len(w.outages)-1]; o.start >= run-day {
			t.Errorf("an outage starts in the last day: %+v", o)
		}
	}
	if perRun := float64(outages) / float64(len(all)); perRun < 6.3 || perRun > 7.3 {
		t.Errorf("%.1f outages a run, want about 6.8", perRun)
	}
	// A body is lost with 2 %, and a quarter of them repeats the one before,
	// unless that one was not read either.
	if part := float64(polls) / float64(len(all)*run); part < 0.75 || part > 0.82 {
		t.Errorf("%.3f of the minutes bring a new body", part)
	}
	a, b := newWorld(all[9].scenario, 5), newWorld(all[9].scenario, 5)
	if !cmp.Equal(a.polls, b.polls, cmp.AllowUnexported(poll{})) {
		t.Error("one seed, two worlds")
	}
}

func TestPollsDropCachedBodies(t *testing.T) {
	counts := make([]int, day+run)
	for i := range counts {
		counts[i] = 1
	}
	lost, stale := make([]bool, run), make([]bool, run)
	lost[1], stale[2], stale[4], stale[5] = true, true, true, true
	got := polls(counts, lost, stale)[:5]
	want := []poll{{0, 0, 60, 1440}, {2, 1, 60, 1440}, {3, 3, 60, 1440}, {5, 4, 60, 1440}, {6, 6, 60, 1440}}
	if d := cmp.Diff(want, got, cmp.AllowUnexported(poll{})); d != "" {
		t.Error(d)
	}
}

func TestScore(t *testing.T) {
	w := &world{outages: []outage{
		{start: 2000, end: 2100, expected: 50},
		{start: 5000, end: 5100, expected: 12},
		{start: 9000, end: 9100, expected: 1},
	}}
	var got tally
	got.add(w, []episode{
		{100, 120},   // a false alarm of the first day
		{2010, 2050}, // caught
		{2060, 2130}, // a flap
		{3000, 3010}, // a false alarm
		{5130, 5140}, // too late to catch, too close to be false
		{8990, 9010}, // open before it
	})
	want := tally{
		services: 1, falseAlarms: 2, firstDay: 1, flaps: 1,
		outages: [thresholds]int{3, 2, 1}, caught: [thresholds]int{2, 1, 1},
		delays: []float64{10}, endLags: []float64{30, -90},
	}
	if d := cmp.Diff(want, got, cmp.AllowUnexported(tally{})); d != "" {
		t.Error(d)
	}
	var sum tally
	sum.merge(&got)
	sum.merge(&got)
	if sum.services != 2 || sum.falseAlarms != 4 || sum.caught[0] != 4 || sum.flaps != 2 || len(sum.endLags) != 4 {
		t.Errorf("twice: %+v", sum)
	}
}

// TestWatch: what is open at the last poll stays open to the end.
func TestWatch(t *testing.T) {
	w := &world{}
	for i, y := range []int{0, 20, 20, 1, 0, 30} {
		w.polls = append(w.polls, poll{minute: i, updated: i, r1h: y, r24h: y})
	}
	want := []episode{{1, 3}, {5, run}}
	got := watch(&ratio{factor: 10, least: 10}, w)
	if d := cmp.Diff(want, got, cmp.AllowUnexported(episode{})); d != "" {
		t.Error(d)
	}
}

func TestQuantile(t *testing.T) {
	values := []float64{5, 1, 4, 2, 3}
	for q, want := range map[float64]float64{0: 1, 0.5: 3, 0.9: 5, 1: 5} {
		if got := quantile(values, q); got != want {
			t.Errorf("%g: %g, want %g", q, got, want)
		}
	}
	if quantile(nil, 0.5) != 0 || values[0] != 5 {
		t.Error("no values, or values moved")
	}
}

// TestRun compares on a few worlds: the same figures each time, ours within its
// promises and ahead of the rivals.
func TestRun(t *testing.T) {
	var trials []trial
	for i, x := range plan(1, 1) {
		if i%4 == 1 {
			trials = append(trials, x)
		}
	}
	rows, again := compare(trials, contenders()), compare(trials, contenders())
	for i := range rows {
		rows[i].Nanoseconds, again[i].Nanoseconds = 0, 0
	}
	if d := cmp.Diff(rows, again); d != "" {
		t.Errorf("the second run differs:\n%s", d)
	}
	ours := rows[0]
	if ours.FalseAlarms > 0.5 || ours.Caught10 < 75 || ours.DelayP50 > 8 || ours.Bytes > 4096 {
		t.Errorf("%+v", ours)
	}
	for _, r := range rows[3:] {
		if r.Caught10 >= ours.Caught10 {
			t.Errorf("%s catches %.1f %%, ours %.1f %%", r.Detector, r.Caught10, ours.Caught10)
		}
	}
}

func TestReports(t *testing.T) {
	rows := []row{{Detector: "downstatus", FalseAlarms: 0.34, Caught: 61.1, Caught10: 83.2, Caught30: 88.5, DelayP50: 7, DelayP90: 82, EndLagP50: 29}}
	var table, raw bytes.Buffer
	if err := writeTable(&table, rows); err != nil {
		t.Fatal(err)
	}
	if err := writeJSON(&raw, rows); err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(strings.Fields(strings.Split(table.String(), "\n")[2]), " "); got != "downstatus 0.34 61.1 83.2 88.5 7 / 82 29 0.000 0.000 0 0" {
		t.Errorf("row %q", got)
	}
	var objects []map[string]any
	if err := json.Unmarshal(raw.Bytes(), &objects); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{
		"detector", "false_alarms_per_service_month", "caught_10", "caught_30", "delay_p50_minutes", "delay_p90_minutes",
		"end_lag_p50_minutes", "flaps", "first_day_false_alarms", "bytes_per_service", "ns_per_update",
	} {
		if _, ok := objects[0][name]; !ok {
			t.Errorf("no %s in %s", name, raw.Bytes())
		}
	}
}
