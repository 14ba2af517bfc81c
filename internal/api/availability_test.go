package api

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/downstatus/downstatus_exporter/internal/board"
	"github.com/downstatus/downstatus_exporter/internal/status"
)

// watched is acme: a page and users since 40 days ago, with a day in which the
// exporter did not run, and two outages.
func watched() *board.Snapshot {
	const day = 24 * time.Hour
	shown := func(d time.Duration, combined, official, reports status.Status) status.Transition {
		return status.Transition{Slug: "acme", Since: ago(d), Status: combined, Official: official, Reports: reports}
	}
	long := &status.Outage{
		Slug: "acme", Signal: status.OfficialStatusPage, Worst: status.Down,
		StartedAt: ago(20 * day), DetectedAt: ago(20 * day), OfficialStartedAt: ago(20 * day),
		ResolvedAt: ago(19 * day), OfficialEndedAt: ago(19 * day),
	}
	open := &status.Outage{
		Slug: "acme", Signal: status.UserReports, Worst: status.Degraded,
		StartedAt: ago(3 * time.Hour), DetectedAt: ago(2 * time.Hour), ReportsStartedAt: ago(3 * time.Hour),
	}
	const up, bad, down, none = status.Operational, status.Degraded, status.Down, status.Unknown
	return &board.Snapshot{At: now, Retention: 60 * day, Services: []*board.Service{
		{Slug: "acme", Status: status.Degraded, Moving: taken(time.Minute), History: status.History{
			Transitions: []status.Transition{
				shown(40*day, none, none, none), shown(39*day, up, up, up),
				shown(20*day, down, down, up), shown(19*day, up, up, up),
				shown(5*day, none, none, none), shown(4*day, up, up, up),
				shown(2*time.Hour, bad, up, bad),
			},
			Outages: []*status.Outage{long, open},
		}},
		{Slug: "new", Status: status.Unknown, Moving: &board.Moving{}, History: status.History{
			Transitions: []status.Transition{shown(0, none, none, none)},
		}},
		{Slug: "old", Status: status.Operational, Moving: taken(time.Minute), History: status.History{
			Transitions: []status.Transition{shown(300*day, up, none, up)},
		}},
	}}
}

func TestAvailabilityGolden(t *testing.T) {
	r := ask(t, handler(watched()), "GET", "/api/x/services/acme/availability")
	if diff := cmp.Diff(golden(t, "availability.json"), body(t, r)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// windows asks for those of a service; the fields are read by their names.
func windows(t *testing.T, slug string) []map[string]any {
	t.Helper()
	var data struct{ Windows []map[string]any }
	a := parse(t, ask(t, handler(watched()), "GET", "/api/x/services/"+slug+"/availability"))
	if err := json.Unmarshal(a.Data, &data); err != nil || len(data.Windows) != len(windowDays) {
		t.Fatalf("%s: %v", a.Data, err)
	}
	return data.Windows
}

func TestNothingKnownIsNotAvailable(t *testing.T) {
	for _, w := range windows(t, "new") {
		for _, signal := range []string{"combined", "official", "reports"} {
			want := map[string]any{"known_seconds": 0., "operational_seconds": 0., "degraded_seconds": 0., "down_seconds": 0., "availability": nil}
			if diff := cmp.Diff(want, w[signal]); diff != "" || w["from"] != w["to"] {
				t.Errorf("%v %s (-want +got):\n%s", w["window"], signal, diff)
			}
		}
	}
}

func TestWindowsAreCut(t *testing.T) {
	for slug, want := range map[string][]int{"acme": {1, 7, 30, 40}, "old": {1, 7, 30, 60}} {
		for i, w := range windows(t, slug) {
			from := ago(time.Duration(want[i]) * 24 * time.Hour).Format("2006-01-02T15:04:05.000Z")
			if w["from"] != from {
				t.Errorf("%s %v: from %v, want %s", slug, w["window"], w["from"], from)
			}
		}
	}
}

// The end moves in steps, so that the tag of an answer holds for a moment.
func TestAvailabilityIsTheSameForAMoment(t *testing.T) {
	clock := now
	h := New(board.Fixed(watched()), Options{Now: func() time.Time { return clock }})
	tags := map[string]bool{}
	for _, d := range []time.Duration{0, 9 * time.Second, 10 * time.Second} {
		clock = now.Add(d)
		tags[ask(t, h, "GET", "/api/x/services/acme/availability").Header.Get("ETag")] = true
	}
	if len(tags) != 2 {
		t.Errorf("%d tags, want 2", len(tags))
	}
}
