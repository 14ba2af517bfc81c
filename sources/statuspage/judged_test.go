package statuspage

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/downstatus/downstatus_exporter/internal/status"
	"github.com/downstatus/downstatus_exporter/sources/internal/enginetest"
)

// now is when the tests judge readings.
var now = time.Date(2026, 8, 2, 17, 0, 0, 0, time.UTC)

// TestJudged holds what becomes of a reading under the rules of the whole
// program.
func TestJudged(t *testing.T) {
	for file, want := range map[string]enginetest.Verdict{
		"calm.json":        {Indicator: status.None, Severity: status.Operational},
		"trouble.json":     {Indicator: status.Major, Severity: status.Down},
		"maintenance.json": {Indicator: status.None, Severity: status.Operational, Maintenance: true},
		"odd.json":         {Indicator: status.IndicatorUnknown, Severity: status.Down},
	} {
		if got := enginetest.Judge(decode(t, file).Page, now); got != want {
			t.Errorf("%s: %+v, want %+v", file, got, want)
		}
	}
}

// TestRecorded reads answers of real pages, where they are at hand.
func TestRecorded(t *testing.T) {
	dir := enginetest.Recorded(t, "statuspage")
	for file, want := range map[string]enginetest.Verdict{
		"cloudamqp-maintenance.json":                {Indicator: status.None, Severity: status.Operational, Maintenance: true},
		"cloudflare-summary-incidents-trimmed.json": {Indicator: status.Minor, Severity: status.Degraded},
		"codametrix-summary.json":                   {Indicator: status.None, Severity: status.Operational},
		"github-incident.json":                      {Indicator: status.Major, Severity: status.Down},
	} {
		s, err := Standard.Summary(enginetest.Read(t, filepath.Join(dir, file)))
		if err != nil {
			t.Errorf("%s: %v", file, err)
			continue
		}
		if got := enginetest.Judge(s.Page, now); got != want || s.Page.UnknownWords != nil {
			t.Errorf("%s: %+v (unknown words %v), want %+v", file, got, s.Page.UnknownWords, want)
		}
	}
	archives, err := filepath.Glob(filepath.Join(dir, "*-incidents*.json"))
	if err != nil || len(archives) < 8 {
		t.Errorf("archives %v, %v", archives, err)
	}
	for _, file := range archives {
		if filepath.Base(file) == "cloudflare-summary-incidents-trimmed.json" {
			continue
		}
		h, err := Standard.History(enginetest.Read(t, file))
		if err != nil || h.UnknownWords != nil {
			t.Errorf("%s: %v, unknown words %v", file, err, h.UnknownWords)
		}
		enginetest.CheckIncidents(t, h.Incidents)
	}
}
