package statuspage

import (
	"testing"
	"unicode/utf8"

	"github.com/downstatus/downstatus_exporter/internal/status"
	"github.com/downstatus/downstatus_exporter/sources"
)

func FuzzDecode(f *testing.F) {
	for _, file := range []string{"calm", "trouble", "maintenance", "odd", "incidents"} {
		f.Add(read(f, "testdata/"+file+".json"))
	}
	f.Add([]byte(`{"page":{"id":1},"status":{"indicator":"none"},"components":null}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		if s, err := Standard.Summary(body); err == nil {
			checkPage(t, s.Page)
			checkIncidents(t, s.Over)
		}
		if h, err := Standard.History(body); err == nil {
			checkIncidents(t, h.Incidents)
		}
	})
}

// checkPage holds what is true of every reading, whatever the body.
func checkPage(t *testing.T, p *status.Page) {
	if !p.Word.Published || p.Word.Maintenance && p.Word.Rank != status.None {
		t.Errorf("word %+v", p.Word)
	}
	seen := make(map[string]bool)
	for _, c := range p.Components {
		if c.ID == "" || seen[c.ID] || c.Rank < status.IndicatorUnknown || c.Rank > status.Critical {
			t.Errorf("component %+v", c)
		}
		seen[c.ID] = true
		checkText(t, c.ID, c.Name, c.Group, c.GroupID)
	}
	for _, w := range p.Windows {
		checkText(t, w.ID, w.Title)
	}
	checkIncidents(t, p.Incidents)
}

func checkIncidents(t *testing.T, list []status.Incident) {
	for _, in := range list {
		if in.ID == "" || !in.Over && !in.Resolved.IsZero() {
			t.Errorf("incident %+v", in)
		}
		if !in.Resolved.IsZero() && in.Resolved.Before(in.Started) {
			t.Errorf("incident ends before it starts: %+v", in)
		}
		checkText(t, in.ID, in.Title)
	}
}

func checkText(t *testing.T, texts ...string) {
	for _, s := range texts {
		if len(s) > sources.TextLimit || !utf8.ValidString(s) {
			t.Errorf("text %q", s)
		}
	}
}
