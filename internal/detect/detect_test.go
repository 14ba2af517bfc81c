package detect

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/downstatus/downstatus_exporter/internal/status"
)

// story is a feed whose reports per minute are known.
type story struct {
	t        *testing.T
	d        *Detector
	ctx      Context
	raw      []int   // reports by minute
	due      float64 // what of the rate has not become a report yet
	skip     bool    // the feed is not read
	verdict  Verdict
	openings []int // minutes
	closings []int
}

// newStory begins after three days of a report every ten minutes, the first of
// them not polled.
func newStory(t *testing.T) *story {
	s := &story{t: t, d: New(knobs(t, "default")), skip: true}
	s.play(day, 0.1)
	s.skip = false
	s.play(2*day, 0.1)
	if len(s.openings) > 0 {
		t.Fatalf("a calm feed opened at %v", s.openings)
	}
	return s
}

// until goes on at a rate until something happened, at most two days long.
func (s *story) until(what *[]int, perMinute float64) *story {
	for n := 0; len(*what) == 0 && n < 2*day; n++ {
		s.play(1, perMinute)
	}
	return s
}

// play goes on for some minutes with a report every so many of them, or several
// in each.
func (s *story) play(n int, perMinute float64) *story {
	for range n {
		s.due += perMinute
		s.raw = append(s.raw, int(s.due))
		s.due -= math.Floor(s.due)
		if !s.skip {
			s.poll()
		}
	}
	return s
}

func (s *story) poll() {
	now := len(s.raw)
	s.verdict = s.d.Observe(minutes(now), s.sum(hour), s.sum(day), s.ctx)
	if s.verdict.Opened {
		s.openings = append(s.openings, now)
	}
	if s.verdict.Closed {
		s.closings = append(s.closings, now)
	}
}

func (s *story) sum(w int) (n int) {
	for _, y := range s.raw[max(0, len(s.raw)-w):] {
		n += y
	}
	return n
}

// between fails unless a minute lies in a range.
func between(t *testing.T, what string, got, low, high int) {
	t.Helper()
	if got < low || got > high {
		t.Errorf("%s at minute %d, want %d to %d", what, got, low, high)
	}
}

func minuteIn(at time.Time) int { return int(at.Sub(start) / time.Minute) }

func TestOutage(t *testing.T) {
	s := newStory(t)
	begin := len(s.raw)
	s.play(15, 2)
	if v := s.verdict; v.Severity != status.Down || v.Score < 13.5 || v.Multiplier != 1 || !v.End.IsZero() {
		t.Errorf("in the outage: %+v", v)
	}
	if len(s.openings) != 1 {
		t.Fatalf("opened at %v", s.openings)
	}
	between(t, "opened", s.openings[0], begin+2, begin+8)
	between(t, "start", minuteIn(s.verdict.Start), begin-3, begin+2)
	s.play(45, 2)
	end := len(s.raw)
	s.until(&s.closings, 0.1)
	between(t, "closed", len(s.raw), end+10, end+40)
	between(t, "end", minuteIn(s.verdict.End), end-3, end+12)
	between(t, "start, at the end", minuteIn(s.verdict.Start), begin-3, begin+2)
	if v := s.verdict; v.Severity != status.Operational || v.Multiplier != 1 {
		t.Errorf("after it: %+v", v)
	}
	s.play(2*day, 0.1)
	if len(s.openings) != 1 || len(s.closings) != 1 || !s.verdict.Start.IsZero() {
		t.Errorf("opened %v, closed %v; then %+v", s.openings, s.closings, s.verdict)
	}
}

func TestOneObservationOpensNothing(t *testing.T) {
	s := newStory(t)
	at := minutes(len(s.raw) + 1)
	if v := s.d.Observe(at, 500, 600, Context{}); v.Opened || v.Score < 9 {
		t.Errorf("the first: %+v", v)
	}
	if v := s.d.Observe(at.Add(30*time.Second), 500, 600, Context{}); v.Opened {
		t.Error("the same minute again confirmed it")
	}
	if v := s.d.Observe(at.Add(time.Minute), 500, 600, Context{}); !v.Opened {
		t.Errorf("the second: %+v", v)
	}
}

func TestMaintenanceDoublesTheThreshold(t *testing.T) {
	opens := func(maintenance bool) bool {
		s := newStory(t)
		s.ctx.Maintenance = maintenance
		return len(s.play(20, 1).openings) > 0
	}
	if !opens(false) || opens(true) {
		t.Errorf("opens %v, in maintenance %v", opens(false), opens(true))
	}
	s := newStory(t)
	s.ctx.Maintenance = true
	if len(s.play(20, 10).openings) == 0 {
		t.Error("massive evidence did not count in maintenance")
	}
}

// TestOfficialEndClosesSooner: half of the evidence is enough after the page has
// closed its incident.
func TestOfficialEndClosesSooner(t *testing.T) {
	closing := func(confirmed bool) int {
		s := newStory(t)
		s.ctx.Official = confirmed
		s.play(30, 1)
		s.ctx.Official = false
		s.until(&s.closings, 0.1)
		return len(s.raw)
	}
	if with, without := closing(true), closing(false); with >= without {
		t.Errorf("closed at %d, without an official incident at %d", with, without)
	}
}

// TestGapDecidesByTheHour: an outage stays open through a gap, and the first hour
// seen after it decides.
func TestGapDecidesByTheHour(t *testing.T) {
	for _, tc := range []struct {
		name   string
		rate   float64
		gap    int
		closed bool
	}{
		{"calm", 0.1, 180, true},
		{"trouble goes on", 2, 180, false},
		{"a short gap in trouble", 2, 20, false},
	} {
		s := newStory(t).play(30, 2)
		if !s.d.episode.Open {
			t.Fatal("not open")
		}
		s.skip = true
		s.play(tc.gap, tc.rate)
		s.skip = false
		s.play(1, tc.rate)
		if s.verdict.Closed != tc.closed {
			t.Errorf("%s: %+v", tc.name, s.verdict)
		}
	}
}

// TestWindowsStartAnew after a gap: the short ones know nothing yet.
func TestWindowsStartAnew(t *testing.T) {
	s := newStory(t)
	s.skip = true
	s.play(2*hour, 0.1)
	s.skip = false
	s.play(1, 0.1)
	if d := s.d; d.model.Since != d.model.Last || math.Abs(d.model.Sum(5)-d.model.Count/12) > 1e-9 {
		t.Errorf("since %d, last %d, five minutes %g of %g", d.model.Since, d.model.Last, d.model.Sum(5), d.model.Count)
	}
	between(t, "openings", len(s.play(hour, 0.1).openings), 0, 0)
}

// TestAbsorb: a level that no official incident explains is normal after a day.
func TestAbsorb(t *testing.T) {
	s := newStory(t)
	s.until(&s.closings, 1)
	if len(s.openings) != 1 || len(s.closings) != 1 {
		t.Fatalf("opened %v, closed %v", s.openings, s.closings)
	}
	between(t, "absorbed", s.closings[0]-s.openings[0], day, day)
	if rate := s.d.model.Rate(s.d.model.Last); math.Abs(rate-60) > 6 {
		t.Errorf("the new level is %.1f an hour", rate)
	}
	if s.play(2*day, 1); len(s.openings) != 1 {
		t.Errorf("opened again at %v", s.openings[1:])
	}
}

func TestOfficialIncidentIsNotAbsorbed(t *testing.T) {
	s := newStory(t)
	s.ctx.Official = true
	if s.play(3*day, 1); len(s.openings) != 1 || len(s.closings) != 0 {
		t.Errorf("opened %v, closed %v", s.openings, s.closings)
	}
	s.ctx.Official = false
	if s.play(day-2, 1); len(s.closings) != 0 {
		t.Error("absorbed within a day of the incident's end")
	}
	if s.play(3, 1); len(s.closings) != 1 {
		t.Error("not absorbed a day after the incident's end")
	}
}

// TestAdapt: weak alarms that no page confirms make the next one harder, for a
// while.
func TestAdapt(t *testing.T) {
	weak := func(official bool) *story {
		s := newStory(t)
		s.ctx.Official = official
		s.until(&s.openings, 0.5)
		s.until(&s.closings, 0.1)
		return s
	}
	if v := weak(true).verdict; !v.Closed || v.Multiplier != 1 {
		t.Errorf("a confirmed one: %+v", v)
	}
	s := weak(false)
	if v := s.verdict; !v.Closed || math.Abs(v.Multiplier-1.25) > 1e-9 {
		t.Errorf("a weak one: %+v", v)
	}
	if s.play(21*day, 0.1); math.Abs(s.verdict.Multiplier-1.125) > 1e-3 {
		t.Errorf("three weeks later: %g", s.verdict.Multiplier)
	}
	s.d.Config.Multiplier = 2
	if s.play(1, 0.1); s.verdict.Multiplier != 2 {
		t.Errorf("pinned: %g", s.verdict.Multiplier)
	}
}

// TestClockSetBack: a body from the future does not stop the detector, and no
// time of an outage lies after now.
func TestClockSetBack(t *testing.T) {
	s := newStory(t).play(30, 2)
	s.d.Observe(minutes(1000*day), 60, 300, Context{})
	s.play(1, 2)
	if s.d.model.Last != Minute(minutes(len(s.raw))) {
		t.Fatal("still in the future")
	}
	if v := s.verdict; v.Start.After(minutes(len(s.raw))) {
		t.Errorf("%+v", v)
	}
	s.until(&s.closings, 0.1)
	if v := s.verdict; !v.Closed || v.End.Before(v.Start) || v.End.After(minutes(len(s.raw))) {
		t.Errorf("%+v", v)
	}
}

// TestStateSurvives: a restored detector gives the same verdicts ever after.
func TestStateSurvives(t *testing.T) {
	for _, at := range []int{0, 10, day, 3*day + 10, 3*day + 80, 5 * day} {
		rng := rand.New(rand.NewPCG(7, 7))
		a := New(knobs(t, "sensitive"))
		var b *Detector
		r1 := 0
		for i := range 6 * day {
			r1 = max(0, r1+rng.IntN(5)-2)
			if n := i % (3 * day); n > day && n < day+hour {
				r1 += 4
			}
			if i == at {
				b = restored(t, a)
			}
			if rng.IntN(10) == 0 {
				continue
			}
			v := a.Observe(minutes(i), r1, 20*r1, Context{})
			if b == nil {
				continue
			}
			if w := b.Observe(minutes(i), r1, 20*r1, Context{}); v != w {
				t.Fatalf("saved at %d, at %d: %+v, want %+v", at, i, w, v)
			}
		}
		if b == nil || a.Verdict() != b.Verdict() {
			t.Error("the last verdicts differ")
		}
	}
}

func restored(t testing.TB, d *Detector) *Detector {
	t.Helper()
	raw, err := d.MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	if len(raw) > 4096 {
		t.Fatalf("%d bytes a service", len(raw))
	}
	out := New(d.Config)
	if err := out.UnmarshalBinary(raw); err != nil {
		t.Fatal(err)
	}
	return out
}

func TestStateErrors(t *testing.T) {
	s := newStory(t)
	good, err := s.d.MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	bad := *s.d
	bad.model.Dispersion = math.NaN()
	broken, err := bad.MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	drifted := *s.d
	drifted.model.Minutes[3] += 5
	off, err := drifted.MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	for name, raw := range map[string][]byte{
		"empty": {}, "version": append([]byte{9}, good[1:]...), "short": good[:len(good)-1],
		"long": append(good[:len(good):len(good)], 0), "not a number": broken, "minutes that do not sum up": off,
	} {
		d := *s.d
		if err := d.UnmarshalBinary(raw); err == nil || d != *s.d {
			t.Errorf("%s: error %v, unchanged %v", name, err, d == *s.d)
		}
	}
}
