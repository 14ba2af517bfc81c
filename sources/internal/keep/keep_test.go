package keep

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/downstatus/downstatus_exporter/internal/status"
)

func TestPage(t *testing.T) {
	first := &status.Page{Name: "Acme", Components: []status.Component{{ID: "a"}}}
	same := &status.Page{Name: "Acme", Components: []status.Component{{ID: "a"}}}
	other := &status.Page{Name: "Acme", Components: []status.Component{{ID: "a", Rank: status.Minor}}}
	if got := Page(nil, first); got != first {
		t.Error("the first page is not kept")
	}
	if got := Page(first, same); got != first {
		t.Error("an equal page is another one")
	}
	if got := Page(first, other); got != other {
		t.Error("a changed page is the old one")
	}
}

func open(ids ...string) (out []status.Incident) {
	for _, id := range ids {
		out = append(out, status.Incident{ID: id})
	}
	return out
}

func over(ids ...string) []status.Incident {
	out := open(ids...)
	for i := range out {
		out[i].Over = true
	}
	return out
}

func wantIDs(t *testing.T, what string, list []status.Incident, want ...string) {
	t.Helper()
	var got []string
	for _, in := range list {
		got = append(got, in.ID)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s: %s", what, diff)
	}
}

func TestHistory(t *testing.T) {
	var e Ends
	if e.Waiting() {
		t.Error("something to ask for before anything happened")
	}
	e.AskHistory()
	e.Turn(open("now"))
	if !e.Waiting() || e.IDs() != nil && len(e.IDs()) > 0 {
		t.Errorf("waiting %t, ids %q; want the history and no incident", e.Waiting(), e.IDs())
	}
	wantIDs(t, "history", e.Read(append(open("now"), over("b", "a")...)), "b", "a")
	if e.Waiting() {
		t.Error("the history is wanted twice")
	}
}

func TestDeparture(t *testing.T) {
	var e Ends
	e.Turn(open("one", "two", "three"))
	e.Turn(open("three"))
	if diff := cmp.Diff([]string{"one", "two"}, e.IDs()); diff != "" {
		t.Error(diff)
	}
	history := append(over("two", "old"), open("one")...)
	wantIDs(t, "first", e.Read(history), "two", "old")
	if diff := cmp.Diff([]string{"one"}, e.IDs()); diff != "" {
		t.Error(diff)
	}
	e.Turn(open("three", "one"))
	if e.Waiting() {
		t.Error("one that came back is asked for")
	}
	e.Turn(open("three"))
	wantIDs(t, "not listed", e.Read(nil))
	if e.Waiting() {
		t.Error("one that is not listed is asked for again")
	}
}

func TestTold(t *testing.T) {
	var e Ends
	e.Turn(open("one"))
	e.Turn(nil)
	if !e.Told("one") || e.Told("one") || e.Told("other") || e.Waiting() {
		t.Error("an end that is told counts once")
	}
}

func TestGivesUp(t *testing.T) {
	var e Ends
	e.Turn(open("one", "two"))
	e.Turn(nil)
	e.Retry("two")
	for range askAtMost - 1 {
		e.Retry()
	}
	if diff := cmp.Diff([]string{"one"}, e.IDs()); diff != "" {
		t.Errorf("after %d polls: %s", askAtMost-1, diff)
	}
	e.Retry()
	if e.Waiting() {
		t.Error("asked for without end")
	}
}
