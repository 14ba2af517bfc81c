package bridge

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/downstatus/downstatus_exporter/internal/history"
)

func named(name string) history.Alert {
	return history.Alert{Labels: map[string]string{"alertname": name}, Slug: name}
}

func several(names string) (out []history.Alert) {
	for _, name := range strings.Fields(names) {
		out = append(out, named(name))
	}
	return out
}

func names(all []history.Alert) string {
	var out []string
	for _, a := range all {
		out = append(out, a.Slug)
	}
	return strings.Join(out, " ")
}

func TestQueue(t *testing.T) {
	q := newQueue(3)
	if n := q.put(several("a b c")); n != 0 {
		t.Errorf("%d dropped", n)
	}
	newer := named("b")
	newer.EndsAt = time.Now()
	if n := q.put([]history.Alert{newer}); n != 0 || q.length() != 3 {
		t.Errorf("a newer state drops %d, %d wait", n, q.length())
	}
	if n := q.put(several("d")); n != 1 {
		t.Errorf("%d dropped, want the oldest", n)
	}
	took := q.take(2)
	if got := names(took); got != "b c" || took[0].EndsAt.IsZero() {
		t.Errorf("took %s, %v", got, took)
	}
	q.put(several("b")) // fires anew while its end is under way
	if n := q.giveBack(took); n != 0 {
		t.Errorf("%d dropped", n)
	}
	took = q.take(9)
	if got := names(took); got != "c d b" || !took[2].EndsAt.IsZero() {
		t.Errorf("took %s, %v", got, took)
	}
	q.put(several("a b"))
	q.forget()
	if got := names(q.take(9)); got != "" {
		t.Errorf("took %s after forget", got)
	}
}

func TestSuspectsComeAlone(t *testing.T) {
	q := newQueue(10)
	if b := named("b"); !q.suspect(b) || q.suspect(b) {
		t.Error("the first refusal is not told from the others")
	}
	q.put(several("a b c d"))
	var got []string
	for took := q.take(9); len(took) > 0; took = q.take(9) {
		got = append(got, names(took))
	}
	if want := "[a b c d]"; fmt.Sprint(got) != want || len(got) != 3 {
		t.Errorf("took %q", got)
	}
	q.clear(several("b"))
	q.put(several("a b c"))
	if got := names(q.take(9)); got != "a b c" {
		t.Errorf("took %s after b was accepted", got)
	}
}
