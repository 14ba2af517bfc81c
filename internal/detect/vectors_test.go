package detect

import (
	"math"
	"testing"
	"time"
)

var start = time.Date(2026, time.March, 2, 0, 0, 0, 0, time.UTC)

func minutes(n int) time.Time { return start.Add(time.Duration(n) * time.Minute) }

// knobs are those of a word that is known.
func knobs(t testing.TB, word string) Config {
	t.Helper()
	c, err := ForSensitivity(word)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// certain returns a detector that is sure of a flat rate, in reports per hour.
func certain(t testing.TB, rate float64) *Detector {
	d := New(knobs(t, "default"))
	const hours = 1e9
	d.model.Begun, d.model.Last = true, Minute(start)
	d.model.Reports, d.model.Baseline.Hours = rate*hours, hours
	for i := range d.model.Day {
		d.model.Day[i] = Cell{Reports: float32(rate * hours), Hours: hours}
	}
	return d
}

// TestSmallestOpening is the smallest count that opens, by rate and window.
func TestSmallestOpening(t *testing.T) {
	for _, tc := range []struct {
		rate float64
		want [len(windows)]float64
	}{
		{0.1, [...]float64{9, 9, 7, 8}},
		{0.5, [...]float64{9, 10, 9, 12}},
		{2, [...]float64{10, 12, 13, 23}},
		{5, [...]float64{11, 15, 21, 43}},
		{20, [...]float64{16, 26, 53, 150}},
		{100, [...]float64{35, 75, 250, 750}},
		{500, [...]float64{114, 313, 1250, 3750}},
	} {
		d := certain(t, tc.rate)
		for i, w := range windows {
			y := 0.0
			for score := 0.0; score == 0 || score+w.bonus < d.Config.Threshold; {
				y++
				score, _ = d.weigh(w.minutes, y)
			}
			if y != tc.want[i] {
				t.Errorf("%g an hour, %d minutes: opens at %g, want %g", tc.rate, w.minutes, y, tc.want[i])
			}
		}
	}
}

func TestDivergence(t *testing.T) {
	for _, tc := range []struct{ y, mu, inverseSize, want float64 }{
		{20, 5, 0.15, 5.6811},
		{30, 2, 0.3, 20.1555},
		{7, 7, 0.2, 0},
	} {
		if got := Divergence(tc.y, tc.mu, tc.inverseSize); math.Abs(got-tc.want) > 5e-5 {
			t.Errorf("%+v: %.4f", tc, got)
		}
	}
}

// TestFirstPolls is the smallest count of the last hour that opens with nothing
// known but the 23 hours before it; the second poll has to confirm.
func TestFirstPolls(t *testing.T) {
	for before, want := range map[int]int{0: 6, 2: 8, 5: 9, 18: 14, 50: 22, 120: 38, 500: 122, 2400: 536, 12000: 2628} {
		for _, r1 := range []int{want - 1, want} {
			d := New(knobs(t, "default"))
			first := d.Observe(minutes(0), r1, r1+before, Context{})
			second := d.Observe(minutes(1), r1, r1+before, Context{})
			if first.Opened || second.Opened != (r1 == want) {
				t.Errorf("%d before, %d in the last hour: opened %v, then %v", before, r1, first.Opened, second.Opened)
			}
		}
	}
}

// TestDocumentedBodies feeds the example bodies of the feed's documentation.
func TestDocumentedBodies(t *testing.T) {
	for _, body := range [][2]int{{2, 18}, {0, 5}} {
		d := New(knobs(t, "sensitive"))
		for i := range 3 * day {
			if v := d.Observe(minutes(i), body[0], body[1], Context{}); v.Severity != 0 {
				t.Fatalf("%v: %+v after %d minutes", body, v, i)
			}
		}
	}
}

func TestSensitivities(t *testing.T) {
	for word, want := range map[string]float64{"sensitive": 7, "default": 9, "quiet": 12, "bursty": 15} {
		if c := knobs(t, word); c != (Config{Threshold: want, MinReports: 6, MinRatio: 2.5}) {
			t.Errorf("%s: %+v", word, c)
		}
	}
	if _, err := ForSensitivity("loud"); err == nil {
		t.Error("an unknown word is no error")
	}
}

// TestUnknownDay starts from the last hour alone where the feed counts no day:
// a busy service is no outage, and no reports yet are no knowledge.
func TestUnknownDay(t *testing.T) {
	for r1h, calm := range map[int]bool{0: true, 6: true, 60: true, 600: true} {
		d := New(knobs(t, "default"))
		for i := range 3 * hour {
			if v := d.Observe(minutes(i), r1h, -1, Context{}); (v.Severity == 0) != calm {
				t.Fatalf("%d an hour: %+v after %d minutes", r1h, v, i)
			}
		}
	}
	d := New(knobs(t, "default"))
	d.Observe(minutes(0), 20, -1, Context{})
	d.Observe(minutes(1), 220, -1, Context{})
	if v := d.Observe(minutes(2), 240, -1, Context{}); !v.Opened {
		t.Errorf("eleven times the first hour: %+v", v)
	}
}
