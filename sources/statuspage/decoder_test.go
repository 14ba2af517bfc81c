package statuspage

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/downstatus/downstatus_exporter/internal/status"
	"github.com/downstatus/downstatus_exporter/sources/fetch"
	"github.com/downstatus/downstatus_exporter/sources/internal/enginetest"
)

func decode(t testing.TB, file string) Summary {
	t.Helper()
	s, err := Standard.Summary(enginetest.Read(t, "testdata/"+file))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func at(t testing.TB, rfc3339 string) time.Time {
	t.Helper()
	v, err := time.Parse(time.RFC3339, rfc3339)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestGolden(t *testing.T) {
	for _, name := range []string{"calm", "trouble", "maintenance", "odd"} {
		t.Run(name, func(t *testing.T) {
			enginetest.Golden(t, name, decode(t, name+".json").Page)
		})
	}
}

func TestGroups(t *testing.T) {
	want := []status.Component{
		{ID: "grp00compute", Name: "Compute", IsGroup: true, Rank: status.Critical},
		{ID: "leaf0compute", Name: "Compute", Group: "Compute", GroupID: "grp00compute", Rank: status.Critical},
		{ID: "leaf0storage", Name: "Storage", GroupID: "grp0missing0", Rank: status.Major},
		{ID: "leaf00search", Name: "Search", Rank: status.Minor, OnlyIfBad: true},
		{ID: "leaf000queue", Name: "Queue", Rank: status.None, Maintenance: true},
		{ID: "leaf0website", Name: "Website", Rank: status.None},
	}
	if diff := cmp.Diff(want, decode(t, "trouble.json").Page.Components); diff != "" {
		t.Error(diff)
	}
}

func TestIncidents(t *testing.T) {
	want := []status.Incident{
		{
			ID: "inc0000first", Title: "Virtual machines do not start", URL: "https://stspg.test/first", Impact: status.Critical,
			Components: []status.ComponentRef{{ID: "leaf0compute", Name: "Compute", Rank: status.Critical}},
			Started:    at(t, "2026-08-02T14:15:00Z"), // the first update's display_at, seven zones west
		},
		{
			ID: "inc000second", Title: "Slow search", URL: "https://status.acme.test/incidents/inc000second", Impact: status.None, Monitoring: true,
			Components: []status.ComponentRef{{ID: "leaf00search", Name: "Data - Search", Rank: status.Minor}},
			Started:    at(t, "2026-08-01T09:00:00Z"),
		},
	}
	if diff := cmp.Diff(want, decode(t, "trouble.json").Page.Incidents); diff != "" {
		t.Error(diff)
	}
}

func TestWindows(t *testing.T) {
	want := []status.Window{
		{
			ID: "mnt00running", Title: "Queue upgrade", URL: "http://stspg.test/queue", State: status.InProgress,
			Components: []status.ComponentRef{{ID: "leaf000queue", Name: "Queue", Rank: status.None}},
			Start:      at(t, "2026-08-02T16:00:00Z"), End: at(t, "2026-08-02T22:00:00Z"),
		},
		{
			ID: "mnt000future", Title: "Network work", URL: "https://status.acme.test/incidents/mnt000future", State: status.Scheduled,
			Components: []status.ComponentRef{{ID: "leaf0website", Name: "Website", Rank: status.None}},
			Start:      at(t, "2026-08-09T00:00:00Z"),
		},
	}
	if diff := cmp.Diff(want, decode(t, "trouble.json").Page.Windows); diff != "" {
		t.Error(diff)
	}
}

// TestOdd holds what a page that breaks every habit reads as: nothing of it
// calm that is not understood, nothing lost that is.
func TestOdd(t *testing.T) {
	want := Summary{
		Page: &status.Page{
			Name: "Acme Odd Page", URL: "https://odd.acme.test/eu",
			Word: status.Word{Published: true, Rank: status.IndicatorUnknown}, MaintenanceWord: true,
			Components: []status.Component{
				{ID: "17", Name: "Numbered", Group: "Group 18", GroupID: "18", Rank: status.None},
				{ID: "18", Name: "Group 18", IsGroup: true, Rank: status.None},
				{ID: "Nameless id", Name: "Nameless id", Rank: status.IndicatorUnknown},
				{ID: "17 #2", Name: "A second 17", Rank: status.Critical},
				{ID: "blank", Name: "Blank", Rank: status.IndicatorUnknown},
				{ID: "nulls", Name: "nulls", Rank: status.IndicatorUnknown},
				{ID: "component", Name: "component", Rank: status.None},
			},
			Incidents: []status.Incident{
				{ID: "new", Title: "New words", URL: "https://odd.acme.test/eu/incidents/new", Impact: status.IndicatorUnknown},
				{
					ID: "refs", Title: "Odd references", URL: "https://odd.acme.test/eu/incidents/refs", Impact: status.None,
					Components: []status.ComponentRef{
						{ID: "Nameless id", Name: "Nameless id", Rank: status.IndicatorUnknown},
						{ID: "17", Rank: status.IndicatorUnknown},
					},
					Started: at(t, "2026-08-01T09:00:00Z"),
				},
			},
			Windows: []status.Window{
				{ID: "later", Title: "Put off", URL: "https://odd.acme.test/eu/incidents/later", State: status.NoState, Start: at(t, "2026-08-03T12:00:00Z")},
				{
					ID: "works", Title: "Works among incidents", URL: "https://odd.acme.test/eu/incidents/works", State: status.InProgress,
					Start: at(t, "2026-08-02T12:00:00Z"), End: at(t, "2026-08-02T13:00:00Z"),
				},
			},
			UnknownWords: []string{
				"indicator", "component_status", "component_status", "component_status", "component_id",
				"incident_status", "incident_impact", "time", "component_status", "maintenance_status",
			},
		},
		Over: []status.Incident{{
			ID: "over", Title: "Already over", URL: "https://odd.acme.test/eu/incidents/over", Impact: status.Minor, Over: true,
			Started: at(t, "2026-08-01T09:00:00Z"), Resolved: at(t, "2026-08-01T10:00:00Z"),
		}},
	}
	if diff := cmp.Diff(want, decode(t, "odd.json")); diff != "" {
		t.Error(diff)
	}
}

func TestHistory(t *testing.T) {
	h, err := Standard.History(enginetest.Read(t, "testdata/incidents.json"))
	if err != nil {
		t.Fatal(err)
	}
	type row struct {
		id, started, resolved string
		over                  bool
	}
	want := []row{
		{"inc0000first", "2026-08-02T14:30:00Z", "2026-08-02T16:00:00.5Z", true},
		{"inc000second", "2026-08-01T09:00:00Z", "", false},
		{"inc0backfill", "2026-07-20T12:00:00Z", "2026-07-20T12:00:00Z", true}, // no negative durations
		{"inc00written", "2026-07-10T11:45:00Z", "2026-07-10T13:30:00Z", true}, // not when the postmortem came
	}
	if len(h.Incidents) != len(want) || h.UnknownWords != nil {
		t.Fatalf("%d incidents, unknown words %v", len(h.Incidents), h.UnknownWords)
	}
	for i, w := range want {
		got := h.Incidents[i]
		resolved := time.Time{}
		if w.resolved != "" {
			resolved = at(t, w.resolved)
		}
		if got.ID != w.id || got.Over != w.over || got.Started != at(t, w.started) || got.Resolved != resolved {
			t.Errorf("%+v, want %+v", got, w)
		}
	}
}

func TestMissingLists(t *testing.T) {
	bodies := map[string]string{
		"absent": `{"page":{"name":"Acme"},"status":{"indicator":"none"},"components":[]}`,
		"null":   `{"page":{"name":"Acme"},"status":{"indicator":"none"},"components":null,"incidents":null,"scheduled_maintenances":null}`,
	}
	for name, body := range bodies {
		s, err := Standard.Summary([]byte(body))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if p := s.Page; p.Name != "Acme" || len(p.Components)+len(p.Incidents)+len(p.Windows)+len(p.UnknownWords) != 0 {
			t.Errorf("%s: %+v", name, p)
		}
	}
}

func TestNotASummary(t *testing.T) {
	bodies := map[string]struct {
		body string
		want fetch.Reason
		says string
	}{
		"empty":               {``, fetch.Decode, "not JSON"},
		"HTML":                {`<!doctype html><title>Status</title>`, fetch.Decode, "not JSON"},
		"truncated":           {`{"page":{"id":"acme"},"status":{"indicator":"none"},"components":[`, fetch.Decode, "not JSON"},
		"null":                {`null`, fetch.Shape, "no page"},
		"empty object":        {`{}`, fetch.Shape, "no page"},
		"empty list":          {`[]`, fetch.Shape, "array"},
		"a string":            {`"none"`, fetch.Shape, "string"},
		"nameless page":       {`{"page":{"url":"https://acme.test"},"status":{"indicator":"none"},"components":[]}`, fetch.Shape, "no page"},
		"page is a string":    {`{"page":"acme","status":{"indicator":"none"},"components":[]}`, fetch.Shape, "string"},
		"no status":           {`{"page":{"id":"acme"},"components":[]}`, fetch.Shape, "status.indicator"},
		"null status":         {`{"page":{"id":"acme"},"status":null,"components":[]}`, fetch.Shape, "status.indicator"},
		"null indicator":      {`{"page":{"id":"acme"},"status":{"indicator":null},"components":[]}`, fetch.Shape, "status.indicator"},
		"empty indicator":     {`{"page":{"id":"acme"},"status":{"indicator":""},"components":[]}`, fetch.Shape, "status.indicator"},
		"list as indicator":   {`{"page":{"id":"acme"},"status":{"indicator":["none"]},"components":[]}`, fetch.Shape, "status.indicator"},
		"status.json":         {`{"page":{"id":"acme"},"status":{"indicator":"none"}}`, fetch.Shape, "components"},
		"components a number": {`{"page":{"id":"acme"},"status":{"indicator":"none"},"components":0}`, fetch.Shape, "number"},
		"incidents an object": {`{"page":{"id":"acme"},"status":{"indicator":"none"},"components":[],"incidents":{}}`, fetch.Shape, "object"},
	}
	for name, tt := range bodies {
		s, err := Standard.Summary([]byte(tt.body))
		if err == nil {
			t.Errorf("%s: read as %+v", name, s.Page)
			continue
		}
		if got := fetch.ReasonOf(err); got != tt.want || !strings.Contains(err.Error(), tt.says) {
			t.Errorf("%s: %s (%v), want %s with %q", name, got, err, tt.want, tt.says)
		}
	}
}

// TestIncomplete: what tells of trouble counts although the rest is missing.
func TestIncomplete(t *testing.T) {
	const down, open = `{"id":"a","status":"major_outage"}`, `{"id":"i","status":"identified","impact":"minor"}`
	for body, want := range map[string]enginetest.Verdict{
		`{"page":{"id":"acme"},"status":{"indicator":"major"}}`:                           {Indicator: status.Major, Severity: status.Down},
		`{"page":{"id":"acme"},"status":null,"components":[` + down + `]}`:                {Indicator: status.IndicatorUnknown, Severity: status.Down},
		`{"page":{"id":"acme"},"components":[],"incidents":[` + open + `]}`:               {Indicator: status.IndicatorUnknown, Severity: status.Degraded},
		`{"page":{"id":"acme"},"status":{"indicator":"none"},"incidents":[` + open + `]}`: {Indicator: status.None, Severity: status.Degraded},
	} {
		s, err := Standard.Summary([]byte(body))
		if err != nil {
			t.Errorf("%s: %v", body, err)
		} else if got := enginetest.Judge(s.Page, now); got != want {
			t.Errorf("%s: %+v, want %+v", body, got, want)
		}
		if _, ok := PageID([]byte(body)); ok {
			t.Errorf("%s tells the engine", body)
		}
	}
}

func TestNotAHistory(t *testing.T) {
	bodies := map[string]fetch.Reason{
		``:                              fetch.Decode,
		`{}`:                            fetch.Shape,
		`[]`:                            fetch.Shape,
		`{"page":{"id":"acme"}}`:        fetch.Shape,
		`{"incidents":[]}`:              fetch.Shape,
		`{"page":{},"incidents":[]}`:    fetch.Shape,
		`{"page":{"id":"a"},"incidents`: fetch.Decode,
	}
	for body, want := range bodies {
		if _, err := Standard.History([]byte(body)); err == nil || fetch.ReasonOf(err) != want {
			t.Errorf("%q: %v, want %s", body, err, want)
		}
	}
	if _, err := Standard.History([]byte(`{"page":{"id":"acme"},"incidents":null}`)); err != nil {
		t.Errorf("null list: %v", err)
	}
}
