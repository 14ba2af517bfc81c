package statuspage

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/downstatus/downstatus_exporter/internal/status"
)

type verdict struct {
	indicator   status.Indicator
	severity    status.Status
	maintenance bool
}

func judge(p *status.Page) verdict {
	o := status.Judge(p, status.Scope{}, time.Date(2026, 8, 2, 17, 0, 0, 0, time.UTC))
	return verdict{o.Indicator, o.Severity, o.Maintenance}
}

// TestJudged holds what becomes of a reading under the rules of the whole
// program.
func TestJudged(t *testing.T) {
	tests := map[string]verdict{
		"calm.json":        {status.None, status.Operational, false},
		"trouble.json":     {status.Major, status.Down, false},
		"maintenance.json": {status.None, status.Operational, true},
		"odd.json":         {status.IndicatorUnknown, status.Down, false},
	}
	for file, want := range tests {
		if got := judge(decode(t, file).Page); got != want {
			t.Errorf("%s: %+v, want %+v", file, got, want)
		}
	}
}

// TestRecorded reads answers of real pages, where they are at hand.
func TestRecorded(t *testing.T) {
	dir := "../../../shared/payloads/statuspage/"
	if _, err := os.Stat(dir); err != nil {
		t.Skip("no recorded answers here")
	}
	tests := map[string]verdict{
		"cloudamqp-maintenance.json":                {status.None, status.Operational, true},
		"cloudflare-summary-incidents-trimmed.json": {status.Minor, status.Degraded, false},
		"codametrix-summary.json":                   {status.None, status.Operational, false},
		"github-incident.json":                      {status.Major, status.Down, false},
	}
	for file, want := range tests {
		s, err := Standard.Summary(read(t, dir+file))
		if err != nil {
			t.Errorf("%s: %v", file, err)
			continue
		}
		if got := judge(s.Page); got != want || s.Page.UnknownWords != nil {
			t.Errorf("%s: %+v (unknown words %v), want %+v", file, got, s.Page.UnknownWords, want)
		}
	}
	archives, err := filepath.Glob(dir + "*-incidents*.json")
	if err != nil || len(archives) < 8 {
		t.Errorf("archives %v, %v", archives, err)
	}
	for _, file := range archives {
		if filepath.Base(file) == "cloudflare-summary-incidents-trimmed.json" {
			continue
		}
		h, err := Standard.History(read(t, file))
		if err != nil || h.UnknownWords != nil {
			t.Errorf("%s: %v, unknown words %v", file, err, h.UnknownWords)
		}
		checkIncidents(t, h.Incidents)
	}
}
