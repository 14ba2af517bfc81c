package feeddate

import (
	"testing"
	"time"
)

func TestParse(t *testing.T) {
	noon := time.Date(2026, 8, 17, 12, 0, 0, 0, time.UTC)
	for _, raw := range []string{
		"Mon, 17 Aug 2026 12:00:00 Z", // Azure: refused by RFC1123 and RFC1123Z
		"Mon, 17 Aug 2026 12:00:00 GMT",
		"Mon, 17 Aug 2026 12:00:00 utc",
		"Mon, 17 Aug 2026 12:00 UT",
		"Mon, 17 Aug 2026 14:00:00 +0200",
		"Mon, 17 Aug 2026 14:00:00 +02:00",
		"17 Aug 2026 12:00:00 GMT",
		"17 Aug 2026 12:00 +0000",
		"  Mon,  17 Aug 2026\t12:00:00 GMT\n",
		"Mon, 17 Aug 2026 05:00:00 PDT",
		"Mon, 17 Aug 2026 04:00:00 PST",
		"Mon, 17 Aug 2026 06:00:00 MDT",
		"Mon, 17 Aug 2026 05:00:00 MST",
		"Mon, 17 Aug 2026 07:00:00 CDT",
		"Mon, 17 Aug 2026 06:00:00 CST",
		"Mon, 17 Aug 2026 08:00:00 EDT",
		"Mon, 17 Aug 2026 07:00:00 EST",
		"2026-08-17T14:00:00.0009+02:00",
		"2026-08-17T12:00:00Z",
	} {
		if got, ok := Parse(raw); !ok || got != noon {
			t.Errorf("%q: %v, %t, want noon", raw, got, ok)
		}
	}
	if got, ok := Parse("Tue, 4 Aug 2026 12:00:00 GMT"); !ok || got.Day() != 4 {
		t.Errorf("a day of one digit: %v, %t", got, ok)
	}
}

func TestRefused(t *testing.T) {
	for _, raw := range []string{
		"", "yesterday", "1787025679",
		"Mon, 17 Aug 2026 12:00:00",      // no zone
		"Mon, 17 Aug 2026 12:00:00 CEST", // a zone that is not in the table
		"Mon, 17 Aug 2026 12:00:00 IST",  // and one that means three
		"Mon, 37 Aug 2026 12:00:00 GMT",
		"2026-08-17 12:00:00",
	} {
		if got, ok := Parse(raw); ok || !got.IsZero() {
			t.Errorf("%q: %v, %t, want refused", raw, got, ok)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add("Mon, 17 Aug 2026 12:00:00 Z")
	f.Add("17 Aug 2026 12:00 PDT")
	f.Fuzz(func(t *testing.T, raw string) {
		got, ok := Parse(raw)
		if got.Location() != time.UTC || got.Nanosecond()%1e6 != 0 || !ok && !got.IsZero() {
			t.Fatalf("%q: %v, %t", raw, got, ok)
		}
		if year := got.Year(); !ok || year < 1 || year > 9999 {
			return
		}
		if again, ok := Parse(got.Format(time.RFC3339Nano)); !ok || again != got {
			t.Fatalf("%q: %v came back as %v, %t", raw, got, again, ok)
		}
	})
}
