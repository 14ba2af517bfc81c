package downstatus

import (
	"testing"

	"github.com/downstatus/downstatus_exporter/internal/status"
)

func seed(f *testing.F) {
	for _, s := range []string{`{}`, `null`, `[]`, `{"ok":false,"error":7}`, `{"ok":true,"data":[]}`,
		`{"ok":true,"data":[{"slug":1,"status":[],"official_indicator":{},"report_count_1h":"1e400"}],"meta":{"updated_at":0}}`} {
		f.Add([]byte(s))
	}
	f.Add(load(f, "services.json"))
	f.Add(load(f, "outages.json"))
}

func FuzzServices(f *testing.F) {
	seed(f)
	f.Fuzz(func(t *testing.T, body []byte) {
		got, err := decodeServices(body)
		if (got == nil) == (err == nil) {
			t.Fatalf("listing %v with error %v", got, err)
		}
		if err != nil {
			return
		}
		for _, row := range got.rows {
			if row.Slug == "" || row.Reports1h < 0 || row.Reports24h < 0 {
				t.Errorf("row %+v", row)
			}
			if !row.Has1h && row.Reports1h != 0 || !row.Has24h && row.Reports24h != 0 {
				t.Errorf("a count that was not given: %+v", row)
			}
			if !row.HasStatus && row.Status != status.Unknown || !row.HasOfficial && row.Official != status.IndicatorUnknown {
				t.Errorf("row that says more than it holds: %+v", row)
			}
		}
	})
}

func FuzzOutages(f *testing.F) {
	seed(f)
	f.Fuzz(func(t *testing.T, body []byte) {
		got, err := decodeOutages(body)
		if (got == nil) == (err == nil) {
			t.Fatalf("records %v with error %v", got, err)
		}
		if err != nil {
			return
		}
		for _, o := range got.outages {
			if o.Slug == "" || o.Started.IsZero() || !o.Resolved.IsZero() && o.Resolved.Before(o.Started) || o.PeakReports < 0 {
				t.Errorf("record %+v", o)
			}
		}
	})
}
