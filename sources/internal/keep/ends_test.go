package keep

import (
	"testing"
)

// wantGone holds which incidents are to be asked for.
func wantGone(t *testing.T, what string, e *ends, want string) {
	t.Helper()
	if got := ids(e.gone()); got != want || e.waiting() != (want != "") {
		t.Errorf("%s: asking for %q, waiting %t, want %q", what, got, e.waiting(), want)
	}
}

func TestEverything(t *testing.T) {
	var e ends
	wantGone(t, "before anything happened", &e, "")
	e.askAll()
	e.turn(incidents("now"))
	if !e.waiting() || e.gone() != nil {
		t.Errorf("waiting %t for %v; want the history and no incident", e.waiting(), e.gone())
	}
	e.read(incidents("now b! a!"))
	wantGone(t, "the history is known", &e, "")
}

func TestDeparture(t *testing.T) {
	var e ends
	e.turn(incidents("one two three"))
	e.turn(incidents("three"))
	wantGone(t, "left", &e, "one two")
	e.read(incidents("two! old! one"))
	wantGone(t, "one is still shown as open", &e, "one")
	e.turn(incidents("three one"))
	wantGone(t, "it came back", &e, "")
	e.turn(incidents("three"))
	wantGone(t, "and left", &e, "one")
	e.read(nil)
	wantGone(t, "not listed", &e, "")
	e.turn(nil)
	e.told("three")
	wantGone(t, "told otherwise", &e, "")
}

func TestGivesUp(t *testing.T) {
	var e ends
	e.turn(incidents("one"))
	e.turn(nil)
	for range askAtMost - 1 {
		e.retry()
	}
	wantGone(t, "not yet", &e, "one")
	e.retry()
	wantGone(t, "for good", &e, "")
}
