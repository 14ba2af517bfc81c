package detect

import (
	"testing"
	"time"
	"unsafe"
)

// BenchmarkObserve is one update of a service with a daily rhythm.
func BenchmarkObserve(b *testing.B) {
	d := New(knobs(b, "default"))
	at := start
	for b.Loop() {
		at = at.Add(time.Minute)
		hourOfDay := at.Unix() / 3600 % 24
		d.Observe(at, int(20+hourOfDay+at.Unix()/60%5), 480, Context{})
	}
	b.ReportMetric(float64(unsafe.Sizeof(*d)), "B/service")
}

func TestObserveAllocatesNothing(t *testing.T) {
	d := New(knobs(t, "default"))
	i := 0
	allocs := testing.AllocsPerRun(3*day, func() {
		i++
		d.Observe(minutes(i), 10+i%7+i/day%2*200, 300, Context{})
	})
	if allocs != 0 {
		t.Errorf("%g allocations an update", allocs)
	}
	if size := unsafe.Sizeof(*d); size > 4096 {
		t.Errorf("%d bytes a service", size)
	}
}
