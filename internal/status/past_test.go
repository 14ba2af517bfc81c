package status

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestPast(t *testing.T) {
	in := func(id string, impact Indicator, from, to int, refs ...string) Incident {
		i := touching(impact, false, refs...)
		i.ID, i.Over, i.Started, i.Resolved = id, true, minutes(from), minutes(to)
		return i
	}
	ended := []Incident{
		in("late", Major, 200, 260, "a"),
		in("joined", Minor, 110, 130, "a"),
		in("first", Minor, 90, 100, "a"),
		in("elsewhere", Major, 300, 310, "b"),
		in("harmless", None, 320, 330, "a"),
		in("back-filled", Minor, 420, 410, "a"),
		in("old", Major, -9000, -8000, "a"),
		{ID: "endless", Impact: Major, Over: true, Started: minutes(1)},
	}
	got := Past(page(None, None, None), Scope{Include: []string{"Part A"}}, ended, minutes(-100))
	var spans [][2]time.Time
	for _, o := range got {
		spans = append(spans, [2]time.Time{o.StartedAt, o.ResolvedAt})
		if !o.Imported || o.Open() || o.Duration(noon) < 0 {
			t.Errorf("%+v", o)
		}
	}
	want := [][2]time.Time{{minutes(90), minutes(130)}, {minutes(200), minutes(260)}, {minutes(420), minutes(420)}}
	if diff := cmp.Diff(want, spans); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"first", "joined"}, got[0].Evidence); diff != "" {
		t.Errorf("evidence (-want +got):\n%s", diff)
	}
}

func recorded(from, to int, ids ...string) Outage {
	return Outage{
		Signal: OfficialStatusPage, Imported: true, Worst: Degraded, Evidence: ids,
		StartedAt: minutes(from), ResolvedAt: minutes(to), OfficialStartedAt: minutes(from), OfficialEndedAt: minutes(to),
	}
}

func TestBack(t *testing.T) {
	all := []Outage{recorded(0, 10, "a"), recorded(30, 60, "b"), recorded(75, 90, "c"), recorded(200, 210, "d")}
	for _, tc := range []struct {
		since, want int
		ids         []string
	}{
		{300, 300, nil},
		{225, 200, []string{"d"}},
		{226, 226, nil},
		{100, 30, []string{"d", "c", "b"}}, // what began later is a part of it
		{-50, -50, []string{"d", "c", "b", "a"}},
	} {
		began, ids := Back(all, minutes(tc.since))
		if !began.Equal(minutes(tc.want)) {
			t.Errorf("since %d: began %s, want %s", tc.since, began, minutes(tc.want))
		}
		if diff := cmp.Diff(tc.ids, ids); diff != "" {
			t.Errorf("since %d (-want +got):\n%s", tc.since, diff)
		}
	}
}

func TestNear(t *testing.T) {
	o := recorded(100, 200)
	for _, tc := range []struct {
		from, to int
		want     bool
	}{{0, 84, false}, {0, 85, true}, {0, 300, true}, {120, 130, true}, {215, 300, true}, {216, 300, false}} {
		if got := o.Near(recorded(tc.from, tc.to)); got != tc.want {
			t.Errorf("%d to %d: %v", tc.from, tc.to, got)
		}
	}
	o.ResolvedAt = time.Time{}
	if !o.Near(recorded(900, 910)) {
		t.Error("one under way is near whatever follows")
	}
}

func TestStretch(t *testing.T) {
	seen := recorded(100, 200, "a")
	seen.Imported = false
	for _, tc := range []struct {
		name             string
		o                Outage
		by               Outage
		before, after    time.Time
		started, resolve int
	}{
		{"seen, later", seen, recorded(210, 220, "b"), time.Time{}, time.Time{}, 100, 220},
		{"seen, earlier", seen, recorded(80, 90, "b"), time.Time{}, time.Time{}, 100, 200},
		{"seen, within", seen, recorded(120, 130, "b"), time.Time{}, time.Time{}, 100, 200},
		{"imported, both", recorded(100, 200, "a"), recorded(50, 220, "b"), time.Time{}, time.Time{}, 50, 220},
		{"between others", recorded(100, 200, "a"), recorded(50, 220, "b"), minutes(90), minutes(210), 90, 210},
	} {
		tc.by.Worst = Down
		got := tc.o.Stretch(tc.by, tc.before, tc.after)
		want := tc.o
		want.StartedAt, want.OfficialStartedAt = minutes(tc.started), minutes(tc.started)
		want.ResolvedAt, want.OfficialEndedAt = minutes(tc.resolve), minutes(tc.resolve)
		want.Worst, want.Evidence = Down, []string{"a", "b"}
		if diff := cmp.Diff(&want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tc.name, diff)
		}
	}
}
