package history

import (
	"bytes"
	"fmt"
	"testing"
	"time"

	"github.com/downstatus/downstatus_exporter/internal/status"
)

// large is a step in which every service and every source changes.
func large(n int) Changes {
	var c Changes
	body := bytes.Repeat([]byte("component "), 2000)
	for i := range n {
		c.Services = append(c.Services, ServiceState{
			Slug: fmt.Sprintf("service-%d", i), Since: noon, LastGood: noon, Accounted: noon,
			Seconds:     [4]time.Duration{1: time.Hour},
			OutageCount: map[status.Signal]uint64{status.UserReports: 1},
		})
		c.Readings = append(c.Readings, Reading{Source: fmt.Sprintf("source-%d", i), LastGood: noon, Observed: noon, Body: body})
	}
	return c
}

func BenchmarkSave(b *testing.B) {
	full, moved := large(500), large(500)
	for i := range moved.Readings {
		moved.Readings[i].Body = nil
	}
	one := Changes{Services: full.Services[:1], Readings: moved.Readings[:1]}
	for _, tt := range []struct {
		name    string
		changes Changes
	}{{"one", one}, {"500 moved", moved}, {"500 with bodies", full}} {
		b.Run(tt.name, func(b *testing.B) {
			s := mustOpen(b, options(b.TempDir()))
			mustSave(b, s, full)
			for b.Loop() {
				mustSave(b, s, tt.changes)
			}
		})
	}
}

func BenchmarkOpenAndLoad(b *testing.B) {
	dir := b.TempDir()
	s := mustOpen(b, options(dir))
	mustSave(b, s, large(500))
	mustClose(b, s)
	for b.Loop() {
		s, err := Open(b.Context(), options(dir))
		if err != nil {
			b.Fatal(err)
		}
		mustLoad(b, s)
		mustClose(b, s)
	}
}
