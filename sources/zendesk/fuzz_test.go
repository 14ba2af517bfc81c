package zendesk

import (
	"slices"
	"testing"

	"github.com/downstatus/downstatus_exporter/internal/status"
	"github.com/downstatus/downstatus_exporter/sources/internal/enginetest"
)

var seeds = []string{
	`{"data":[]}`, `{}`, `null`, `[]`, `{"data":{"id":"1","type":"incident","attributes":{"resolved_at":"2026-11-20T10:00:00Z"}}}`,
	`{"data":[{"id":1,"type":"incident","attributes":{"outage":"true"},"relationships":{"incident_services":{"data":{"id":2}}}}],"included":[null,{"id":2,"type":"incident_service","attributes":{}}]}`,
}

func seed(f *testing.F) {
	for _, s := range seeds {
		f.Add([]byte(s))
	}
	f.Add(load(f, "active.json"))
	f.Add(load(f, "maintenance.json"))
}

func FuzzActive(f *testing.F) {
	seed(f)
	f.Fuzz(func(t *testing.T, body []byte) {
		got, err := decodeActive(body)
		if (got == nil) == (err == nil) {
			t.Fatalf("reading %v with error %v", got, err)
		}
		if err != nil {
			return
		}
		enginetest.CheckPage(t, got.page())
		for _, in := range slices.Concat(got.open, got.over) {
			if in.ID == "" || in.Impact < status.None || in.Impact > status.Critical {
				t.Errorf("incident without id or rank: %+v", in)
			}
		}
	})
}

func FuzzMaintenance(f *testing.F) {
	seed(f)
	f.Fuzz(func(t *testing.T, body []byte) {
		got, err := decodeMaintenance(body)
		if (got == nil) == (err == nil) {
			t.Fatalf("reading %v with error %v", got, err)
		}
		if err != nil {
			return
		}
		for _, w := range got.windows {
			if w.ID == "" || w.State != status.NoState {
				t.Errorf("window without id or with a state: %+v", w)
			}
		}
	})
}

func FuzzEnd(f *testing.F) {
	seed(f)
	f.Fuzz(func(t *testing.T, body []byte) {
		if end, err := decodeEnd(body); err != nil && !end.IsZero() {
			t.Errorf("end %v with error %v", end, err)
		}
	})
}
