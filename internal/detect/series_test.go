package detect

import (
	"math"
	"math/rand/v2"
	"testing"
)

// TestSeriesSums is the invariant that keeps the minutes from drifting: whatever
// a feed says, they are never negative and sum to its newest count.
func TestSeriesSums(t *testing.T) {
	for seed := range uint64(50) {
		rng := rand.New(rand.NewPCG(seed, 1))
		var s Series
		now := int64(week)
		s.restart(now, float64(rng.IntN(100)))
		for range 2000 {
			now += 1 + rng.Int64N(3)
			if rng.IntN(50) == 0 {
				now += rng.Int64N(56)
			}
			count := float64(rng.IntN(200))
			if fresh := s.advance(now, count); fresh < 0 {
				t.Fatalf("seed %d: %g fresh reports", seed, fresh)
			}
			sum := 0.0
			for _, y := range s.Minutes {
				if y < 0 {
					t.Fatalf("seed %d: a minute of %g", seed, y)
				}
				sum += y
			}
			if math.Abs(sum-count) > 1e-6 {
				t.Fatalf("seed %d: the minutes sum to %g, want %g", seed, sum, count)
			}
		}
	}
}

// TestSeriesRecovers the reports of each minute from their rolling sum.
func TestSeriesRecovers(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	var s Series
	s.restart(week, 0)
	raw := make([]float64, 600)
	for i := 1; i < len(raw); i++ {
		raw[i] = float64(rng.IntN(4))
		sum := 0.0
		for _, y := range raw[max(0, i-hour+1) : i+1] {
			sum += y
		}
		if fresh := s.advance(week+int64(i), sum); math.Abs(fresh-raw[i]) > 1e-9 {
			t.Fatalf("minute %d: %g, want %g", i, fresh, raw[i])
		}
	}
	if got := s.Sum(5); math.Abs(got-raw[599]-raw[598]-raw[597]-raw[596]-raw[595]) > 1e-9 {
		t.Errorf("the last five minutes hold %g", got)
	}
	if got := s.between(s.Last-3, s.Last-1); math.Abs(got-raw[597]-raw[598]) > 1e-9 {
		t.Errorf("two minutes hold %g", got)
	}
}

func TestSeriesSharesMissedMinutes(t *testing.T) {
	var s Series
	s.restart(week, 0)
	if fresh := s.advance(week+4, 8); fresh != 8 || s.Sum(1) != 2 || s.Sum(4) != 8 {
		t.Errorf("%g fresh, the last minute %g, the last four %g", fresh, s.Sum(1), s.Sum(4))
	}
	if count, known := s.hourAt(week + 2); count != 4 || !known {
		t.Errorf("half way: %g, %v", count, known)
	}
	if _, known := s.hourAt(week - 1); known {
		t.Error("an hour before the first observation is known")
	}
}
