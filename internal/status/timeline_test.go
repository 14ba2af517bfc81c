package status

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// shows is a transition at a minute of the hour.
func shows(at int, combined, official, reports Status) Transition {
	return Transition{Slug: "acme", Since: minutes(at), Status: combined, Official: official, Reports: reports}
}

// alone is a transition of a service that has only a page.
func alone(at int, s Status) Transition { return shows(at, s, s, Unknown) }

// tell writes spans as "minute word" where each begins, and the end.
func tell(spans []Span) string {
	var out []string
	for _, s := range spans {
		out = append(out, fmt.Sprintf("%g %s", s.From.Sub(noon).Minutes(), s.Status))
	}
	if n := len(spans); n > 0 {
		out = append(out, fmt.Sprintf("%g", spans[n-1].To.Sub(noon).Minutes()))
	}
	return strings.Join(out, ", ")
}

// byPage is a record that the page alone made.
func byPage(from, to int, worst Status) *Outage {
	o := &Outage{
		Signal: OfficialStatusPage, Worst: worst, StartedAt: minutes(from), DetectedAt: minutes(from), OfficialStartedAt: minutes(from),
	}
	if to > 0 {
		o.ResolvedAt, o.OfficialEndedAt = minutes(to), minutes(to)
	}
	return o
}

func with(o *Outage, change func(*Outage)) *Outage {
	change(o)
	return o
}

func TestTimeline(t *testing.T) {
	calm := alone(0, Operational)
	for _, tc := range []struct {
		name     string
		history  History
		signal   Signal
		from, to int
		want     string
	}{
		{"never watched", History{}, BothSignals, 0, 60, "0 unknown, 60"},
		{"no time", History{Transitions: []Transition{calm}}, BothSignals, 60, 60, ""},
		{"backwards", History{Transitions: []Transition{calm}}, BothSignals, 60, 0, ""},
		{"before the first watch", History{Transitions: []Transition{alone(30, Operational)}}, BothSignals, 0, 60, "0 unknown, 30 operational, 60"},
		{"watched since long ago", History{Transitions: []Transition{alone(-900, Operational)}}, BothSignals, 0, 60, "0 operational, 60"},
		{"first watched later", History{Transitions: []Transition{alone(90, Operational)}}, BothSignals, 0, 60, "0 unknown, 60"},
		{
			"not watched in between", History{Transitions: []Transition{calm, alone(20, Unknown), alone(40, Operational)}},
			BothSignals, 0, 60, "0 operational, 20 unknown, 40 operational, 60",
		},
		{
			"an outage", History{
				[]Transition{calm, alone(10, Degraded), alone(15, Down), alone(20, Operational)},
				[]*Outage{byPage(10, 20, Down)},
			}, BothSignals, 0, 60, "0 operational, 10 degraded, 15 down, 20 operational, 60",
		},
		{
			"over both edges", History{[]Transition{alone(-30, Down), alone(90, Operational)}, []*Outage{byPage(-30, 90, Down)}},
			BothSignals, 0, 60, "0 down, 60",
		},
		{
			"open", History{[]Transition{calm, alone(10, Down)}, []*Outage{byPage(10, 0, Down)}},
			BothSignals, 0, 60, "0 operational, 10 down, 60",
		},
		{
			"started before it was seen", History{
				[]Transition{calm, alone(10, Degraded), alone(12, Down), alone(20, Operational)},
				[]*Outage{with(byPage(5, 20, Down), func(o *Outage) { o.DetectedAt = minutes(10) })},
			}, BothSignals, 0, 60, "0 operational, 5 degraded, 12 down, 20 operational, 60",
		},
		{
			"started while nobody watched", History{
				[]Transition{alone(0, Unknown), alone(10, Down), alone(20, Operational)},
				[]*Outage{with(byPage(5, 20, Down), func(o *Outage) { o.DetectedAt = minutes(10) })},
			}, BothSignals, 0, 60, "0 unknown, 5 down, 20 operational, 60",
		},
		{
			"started before the window", History{
				[]Transition{alone(-60, Operational), alone(10, Down), alone(20, Operational)},
				[]*Outage{with(byPage(-5, 20, Down), func(o *Outage) { o.DetectedAt = minutes(10) })},
			}, BothSignals, 0, 60, "0 down, 20 operational, 60",
		},
		{
			"over before that was seen", History{[]Transition{calm, alone(10, Down), alone(30, Operational)}, []*Outage{byPage(10, 20, Down)}},
			BothSignals, 0, 60, "0 operational, 10 down, 20 operational, 60",
		},
		{
			"over before it was seen", History{
				[]Transition{calm, alone(10, Down), alone(12, Operational)},
				[]*Outage{with(byPage(5, 8, Down), func(o *Outage) { o.DetectedAt = minutes(10) })},
			}, BothSignals, 0, 60, "0 operational, 5 down, 8 operational, 60",
		},
		{
			"unknown during an outage", History{
				[]Transition{calm, alone(10, Down), alone(20, Unknown), alone(30, Operational)},
				[]*Outage{byPage(10, 30, Down)},
			}, BothSignals, 0, 60, "0 operational, 10 down, 20 unknown, 30 operational, 60",
		},
		{
			"reopened: the calm that was shown stays", History{
				[]Transition{calm, alone(10, Down), alone(20, Operational), alone(30, Degraded), alone(40, Operational)},
				[]*Outage{with(byPage(10, 40, Down), func(o *Outage) { o.Reopened = 1 })},
			}, BothSignals, 0, 60, "0 operational, 10 down, 20 operational, 30 degraded, 40 operational, 60",
		},
		{
			"no longer watched", History{
				[]Transition{calm, alone(10, Down), alone(20, Unknown)},
				[]*Outage{with(byPage(10, 20, Down), func(o *Outage) { o.OfficialEndedAt, o.Unwatched = time.Time{}, true })},
			}, OfficialStatusPage, 0, 60, "0 operational, 10 down, 20 unknown, 60",
		},
		{
			"imported, before the first watch", History{
				[]Transition{alone(30, Operational)},
				[]*Outage{with(byPage(5, 10, Degraded), func(o *Outage) { o.Imported = true })},
			}, BothSignals, 0, 60, "0 unknown, 5 degraded, 10 unknown, 30 operational, 60",
		},
		{
			"imported, from time in which nobody watched", History{
				[]Transition{calm, alone(10, Unknown), alone(40, Operational)},
				[]*Outage{with(byPage(20, 30, Down), func(o *Outage) { o.Imported = true })},
			}, OfficialStatusPage, 0, 60, "0 operational, 10 unknown, 20 down, 30 unknown, 40 operational, 60",
		},
		{
			"imported, shown as calm at that time", History{
				[]Transition{calm}, []*Outage{with(byPage(20, 30, Down), func(o *Outage) { o.Imported = true })},
			}, BothSignals, 0, 60, "0 operational, 20 down, 30 operational, 60",
		},
		{
			"imported: no word of the users", History{
				[]Transition{calm}, []*Outage{with(byPage(20, 30, Down), func(o *Outage) { o.Imported = true })},
			}, UserReports, 0, 60, "0 unknown, 60",
		},
		{"without length", History{[]Transition{calm}, []*Outage{byPage(20, 20, Down)}}, BothSignals, 0, 60, "0 operational, 60"},
		{"end before the start, by a clock set back", History{[]Transition{calm}, []*Outage{byPage(20, 10, Down)}}, BothSignals, 0, 60, "0 operational, 60"},
		{"a record alone, of one signal", History{nil, []*Outage{byPage(10, 20, Down)}}, OfficialStatusPage, 0, 60, "0 unknown, 10 down, 20 unknown, 60"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got := tc.history.Timeline(tc.signal, minutes(tc.from), minutes(tc.to))
			if diff := cmp.Diff(tc.want, tell(got)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// lateAdmission is an outage that users see first and the page admits late,
// back-dated, and that ends for the users first.
func lateAdmission() History {
	return History{
		[]Transition{
			shows(0, Operational, Operational, Operational),
			shows(10, Down, Operational, Down),
			shows(30, Down, Degraded, Down),
			shows(40, Degraded, Degraded, Operational),
			shows(50, Operational, Operational, Operational),
		},
		[]*Outage{{
			Signal: UserReports, StartedAt: minutes(8), DetectedAt: minutes(10), ResolvedAt: minutes(45), Worst: Down,
			ReportsStartedAt: minutes(8), ReportsEndedAt: minutes(40), OfficialStartedAt: minutes(25), OfficialEndedAt: minutes(45),
		}},
	}
}

func TestTimelineOfEachSignal(t *testing.T) {
	h := lateAdmission()
	for signal, want := range map[Signal]string{
		BothSignals:        "0 operational, 8 down, 40 degraded, 45 operational, 60",
		UserReports:        "0 operational, 8 down, 40 operational, 60",
		OfficialStatusPage: "0 operational, 25 degraded, 45 operational, 60",
	} {
		if diff := cmp.Diff(want, tell(h.Timeline(signal, noon, minutes(60)))); diff != "" {
			t.Errorf("%q (-want +got):\n%s", signal, diff)
		}
	}
	h.Transitions = nil // from before they were kept: whose the worst was is not known
	if got, want := tell(h.Timeline(OfficialStatusPage, noon, minutes(60))), "0 unknown, 25 degraded, 45 unknown, 60"; got != want {
		t.Errorf("without transitions: %s, want %s", got, want)
	}
}

func TestAvailability(t *testing.T) {
	h := lateAdmission()
	for _, tc := range []struct {
		name     string
		history  History
		signal   Signal
		from, to int
		want     Availability // in minutes
		ratio    float64
		known    bool
	}{
		{"combined", h, BothSignals, 0, 60, Availability{Operational: 23, Degraded: 5, Down: 32}, 23. / 60, true},
		{"users", h, UserReports, 0, 60, Availability{Operational: 28, Down: 32}, 28. / 60, true},
		{"page", h, OfficialStatusPage, 0, 60, Availability{Operational: 40, Degraded: 20}, 40. / 60, true},
		{"window inside the outage", h, BothSignals, 10, 20, Availability{Down: 10}, 0, true},
		{"window over its end", h, BothSignals, 43, 53, Availability{Operational: 8, Degraded: 2}, .8, true},
		{"window before the first watch", h, BothSignals, -60, 4, Availability{Operational: 4}, 1, true},
		{"nothing known", h, BothSignals, -60, 0, Availability{}, 0, false},
		{"no window", h, BothSignals, 10, 10, Availability{}, 0, false},
		{"only time that is not known", History{Transitions: []Transition{alone(0, Unknown)}}, BothSignals, 0, 60, Availability{}, 0, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got := tc.history.Availability(tc.signal, minutes(tc.from), minutes(tc.to))
			span := func(n time.Duration) time.Duration { return time.Duration(int64(n) * int64(time.Minute)) }
			want := Availability{
				From: minutes(tc.from), To: minutes(tc.to),
				Operational: span(tc.want.Operational), Degraded: span(tc.want.Degraded), Down: span(tc.want.Down),
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if ratio, known := got.Ratio(); ratio != tc.ratio || known != tc.known {
				t.Errorf("ratio %g, %v; want %g, %v", ratio, known, tc.ratio, tc.known)
			}
		})
	}
}

func TestForget(t *testing.T) {
	all := []Transition{alone(0, Operational), alone(10, Down), alone(20, Operational)}
	for before, want := range map[int]int{-5: 3, 0: 3, 5: 3, 10: 2, 15: 2, 20: 1, 90: 1} {
		if got := len(Forget(all, minutes(before))); got != want {
			t.Errorf("before %d: %d are left, want %d", before, got, want)
		}
	}
	if got := Forget(nil, noon); len(got) != 0 {
		t.Errorf("%+v", got)
	}
}

// FuzzTimeline holds what every timeline is: spans without a gap from end to
// end, each unlike its neighbour, and nothing known that nobody told.
func FuzzTimeline(f *testing.F) {
	f.Add([]byte{0, 1, 10, 3, 20, 1}, []byte{10, 20, 10}, byte(0), byte(60))
	f.Fuzz(func(t *testing.T, transitions, outages []byte, from, to byte) {
		var h History
		for pair := range slices.Chunk(transitions, 2) {
			if len(pair) == 2 {
				h.Transitions = append(h.Transitions, alone(int(pair[0]), Status(pair[1]%4)-1))
			}
		}
		slices.SortStableFunc(h.Transitions, func(a, b Transition) int { return a.Since.Compare(b.Since) })
		for row := range slices.Chunk(outages, 3) {
			if len(row) == 3 {
				h.Outages = append(h.Outages, with(byPage(int(row[0]), int(row[1]), Down), func(o *Outage) { o.DetectedAt = minutes(int(row[2])) }))
			}
		}
		spans := h.Timeline(OfficialStatusPage, minutes(int(from)), minutes(int(to)))
		if len(spans) == 0 {
			if from < to {
				t.Fatal("no spans")
			}
			return
		}
		at := minutes(int(from))
		for i, s := range spans {
			if !s.From.Equal(at) || !s.From.Before(s.To) || i > 0 && s.Status == spans[i-1].Status {
				t.Fatalf("span %d of %s", i, tell(spans))
			}
			if s.Status == Operational && (len(h.Transitions) == 0 || s.From.Before(h.WatchedSince())) {
				t.Fatalf("operational before it was watched: %s", tell(spans))
			}
			at = s.To
		}
		if !at.Equal(minutes(int(to))) {
			t.Fatalf("ends early: %s", tell(spans))
		}
	})
}
