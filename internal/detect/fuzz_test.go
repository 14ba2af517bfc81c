package detect

import (
	"encoding/binary"
	"math"
	"testing"
	"time"
)

// sane fails on a verdict that nobody could make sense of.
func sane(t *testing.T, v Verdict) {
	t.Helper()
	if math.IsNaN(v.Score) || math.IsInf(v.Score, 0) || v.Score < 0 || !(v.Multiplier >= 1 && v.Multiplier <= mostMultiplier) {
		t.Fatalf("%+v", v)
	}
	if v.Severity < 0 || v.Severity > 2 || v.Opened && v.Closed || v.Closed && v.End.Before(v.Start) {
		t.Fatalf("%+v", v)
	}
	if v.Severity > 0 && v.Start.IsZero() {
		t.Fatalf("open without a start: %+v", v)
	}
}

// FuzzObserve feeds any counts at any times. Each 11 bytes are one observation:
// a step in minutes, both counts, and what is known besides.
func FuzzObserve(f *testing.F) {
	f.Add([]byte("\x01\x00\x05\x00\x00\x00\x18\x00\x00\x00\x00\x01\x00\xff\x00\x00\x00\xff\x00\x00\x00\x00"))
	f.Add([]byte("\x00\x80\xff\xff\xff\xff\x00\x00\x00\x80\x03\xff\x7f\x00\x00\x00\x00\xff\xff\xff\x7f\x01"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		d := New(knobs(t, "default"))
		at := start
		for ; len(raw) >= 11; raw = raw[11:] {
			step := int16(binary.LittleEndian.Uint16(raw))
			at = at.Add(time.Duration(step) * time.Minute)
			r1, r24 := int32(binary.LittleEndian.Uint32(raw[2:])), int32(binary.LittleEndian.Uint32(raw[6:]))
			for i := range 3 { // so that something opens
				ctx := Context{Maintenance: raw[10]&1 > 0, Official: raw[10]&2 > 0}
				sane(t, d.Observe(at.Add(time.Duration(i)*time.Minute), int(r1), int(r24), ctx))
			}
		}
		restored(t, d)
	})
}

// FuzzUnmarshalBinary: a state is refused, or it works.
func FuzzUnmarshalBinary(f *testing.F) {
	d := New(knobs(f, "default"))
	for i := range 200 {
		d.Observe(minutes(i), i, 24*i, Context{})
		if i%60 == 0 {
			raw, _ := d.MarshalBinary()
			f.Add(raw)
		}
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		d := New(knobs(t, "default"))
		if d.UnmarshalBinary(raw) != nil {
			return
		}
		for i := range 300 {
			sane(t, d.Observe(minutes(i), i%50*i%70, 300, Context{Official: i%7 == 0}))
		}
		for _, at := range []time.Time{{}, time.Unix(math.MaxInt64, 0), minutes(day)} {
			sane(t, d.Observe(at, 1<<62, -5, Context{}))
		}
		restored(t, d)
	})
}
