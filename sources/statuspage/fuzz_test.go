package statuspage

import (
	"testing"

	"github.com/downstatus/downstatus_exporter/sources/internal/enginetest"
)

func FuzzDecode(f *testing.F) {
	for _, file := range []string{"calm", "trouble", "maintenance", "odd", "incidents"} {
		f.Add(enginetest.Read(f, "testdata/"+file+".json"))
	}
	f.Add([]byte(`{"page":{"id":1},"status":{"indicator":"none"},"components":null}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		if s, err := Standard.Summary(body); err == nil {
			enginetest.CheckPage(t, s.Page)
			enginetest.CheckIncidents(t, s.Over)
			if !s.Page.Word.Published {
				t.Errorf("a page without its word: %+v", s.Page)
			}
		}
		if h, err := Standard.History(body); err == nil {
			enginetest.CheckIncidents(t, h.Incidents)
		}
	})
}
