package history

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestAlerts(t *testing.T) {
	dir, now := t.TempDir(), time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	open := func() *Store {
		s, err := Open(t.Context(), Options{Dir: dir, Now: time.Now})
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	firing := Alert{
		Labels: map[string]string{"alertname": "A", "team": `"é`}, Annotations: map[string]string{"summary": "s"},
		Slug: "acme", Page: "http://localhost/status/acme", StartsAt: now,
	}
	other := Alert{Labels: map[string]string{"alertname": "B"}, Annotations: map[string]string{}, Slug: "acme", StartsAt: now}
	s := open()
	if err := s.SaveAlerts(t.Context(), []Alert{firing, other}, nil); err != nil {
		t.Fatal(err)
	}
	firing.EndsAt = now.Add(time.Minute)
	if err := s.SaveAlerts(t.Context(), []Alert{firing}, []Alert{other}); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = open()
	defer s.Close()
	got, err := s.Alerts(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]Alert{firing}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	run(t, dir, `UPDATE alerts SET annotations = 'x'`)
	if _, err := s.Alerts(t.Context()); err == nil {
		t.Error("a damaged row is taken for an alert")
	}
}
