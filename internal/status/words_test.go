package status

import "testing"

// TestIndicatorSeverity is contract section 3, "official severity".
func TestIndicatorSeverity(t *testing.T) {
	for in, want := range map[Indicator]Status{
		IndicatorUnknown: Unknown, None: Operational, Minor: Degraded, Major: Down, Critical: Down,
	} {
		if got := in.Severity(); got != want {
			t.Errorf("%s: severity %s, want %s", in, got, want)
		}
	}
}

func TestWordsRoundTrip(t *testing.T) {
	for _, s := range Statuses {
		if got, ok := ParseStatus(s.String()); !ok || got != s {
			t.Errorf("status %s: read back as %s, %v", s, got, ok)
		}
		var back Status
		b, _ := s.MarshalText()
		if err := back.UnmarshalText(b); err != nil || back != s {
			t.Errorf("status %s: text read back as %s, %v", s, back, err)
		}
	}
	for _, i := range Indicators {
		var back Indicator
		b, _ := i.MarshalText()
		if err := back.UnmarshalText(b); err != nil || back != i {
			t.Errorf("indicator %s: text read back as %s, %v", i, back, err)
		}
	}
}

func TestForeignWordsAreUnknown(t *testing.T) {
	for _, word := range []string{"", "ok", "Operational", "maintenance"} {
		if got, ok := ParseStatus(word); ok || got != Unknown {
			t.Errorf("ParseStatus(%q) = %s, %v", word, got, ok)
		}
		if got, ok := ParseIndicator(word); ok || got != IndicatorUnknown {
			t.Errorf("ParseIndicator(%q) = %s, %v", word, got, ok)
		}
	}
	if got, ok := ParseIndicator("unknown"); ok || got != IndicatorUnknown {
		t.Errorf("ParseIndicator(unknown) = %s, %v: no page may state it", got, ok)
	}
}
