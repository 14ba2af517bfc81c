package statuspage

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/downstatus/downstatus_exporter/internal/status"
	"github.com/downstatus/downstatus_exporter/sources/internal/enginetest"
	"github.com/downstatus/downstatus_exporter/sources/internal/pages"
)

// page decodes a summary made of an indicator and the three lists' contents.
func page(t *testing.T, indicator, components, incidents, maintenances string) *status.Page {
	t.Helper()
	s := summary(t, indicator, components, incidents, maintenances)
	return s.Page
}

func summary(t *testing.T, indicator, components, incidents, maintenances string) Summary {
	t.Helper()
	body := fmt.Sprintf(`{"page":{"id":"acme","url":"https://acme.test"},"status":{"indicator":%q},
		"components":[%s],"incidents":[%s],"scheduled_maintenances":[%s]}`, indicator, components, incidents, maintenances)
	s, err := Standard.Summary([]byte(body))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestIndicatorWords(t *testing.T) {
	cases := map[string]struct {
		want    status.Word
		unknown []string
	}{
		"none":        {status.Word{Published: true, Rank: status.None}, nil},
		"minor":       {status.Word{Published: true, Rank: status.Minor}, nil},
		"major":       {status.Word{Published: true, Rank: status.Major}, nil},
		"critical":    {status.Word{Published: true, Rank: status.Critical}, nil},
		"maintenance": {status.Word{Published: true, Rank: status.None, Maintenance: true}, nil},
		"purple":      {status.Word{Published: true, Rank: status.IndicatorUnknown}, []string{"indicator"}},
		"None":        {status.Word{Published: true, Rank: status.IndicatorUnknown}, []string{"indicator"}},
	}
	enginetest.Complete(t, Standard.Indicators, cases)
	for word, tt := range cases {
		got := page(t, word, "", "", "")
		if got.Word != tt.want || !got.MaintenanceWord {
			t.Errorf("%s: %+v, MaintenanceWord %v, want %+v, true", word, got.Word, got.MaintenanceWord, tt.want)
		}
		if diff := cmp.Diff(tt.unknown, got.UnknownWords); diff != "" {
			t.Errorf("%s: unknown words: %s", word, diff)
		}
	}
}

func TestComponentWords(t *testing.T) {
	cases := map[string]struct {
		rank        status.Indicator
		maintenance bool
		unknown     []string
	}{
		"operational":          {status.None, false, nil},
		"degraded_performance": {status.Minor, false, nil},
		"partial_outage":       {status.Major, false, nil},
		"major_outage":         {status.Critical, false, nil},
		"full_outage":          {status.Critical, false, nil},
		"under_maintenance":    {status.None, true, nil},
		"":                     {status.IndicatorUnknown, false, []string{"component_status"}},
		"on_fire":              {status.IndicatorUnknown, false, []string{"component_status"}},
	}
	enginetest.Complete(t, Standard.Components, cases)
	for word, tt := range cases {
		got := page(t, "none", fmt.Sprintf(`{"id":"a","name":"A","status":%q}`, word), "", "")
		want := []status.Component{{ID: "a", Name: "A", Rank: tt.rank, Maintenance: tt.maintenance}}
		if diff := cmp.Diff(want, got.Components); diff != "" {
			t.Errorf("%q: %s", word, diff)
		}
		if diff := cmp.Diff(tt.unknown, got.UnknownWords); diff != "" {
			t.Errorf("%q: unknown words: %s", word, diff)
		}
	}
}

func TestImpactWords(t *testing.T) {
	cases := map[string]struct {
		want    status.Indicator
		unknown []string
	}{
		"none":        {status.None, nil},
		"minor":       {status.Minor, nil},
		"major":       {status.Major, nil},
		"critical":    {status.Critical, nil},
		"maintenance": {status.None, nil},
		"":            {status.IndicatorUnknown, []string{"incident_impact"}},
		"purple":      {status.IndicatorUnknown, []string{"incident_impact"}},
	}
	enginetest.Complete(t, Standard.Impacts, cases)
	for word, tt := range cases {
		got := page(t, "none", "", fmt.Sprintf(`{"id":"a","status":"identified","impact":%q}`, word), "")
		if len(got.Incidents) != 1 || got.Incidents[0].Impact != tt.want {
			t.Errorf("%q: %+v, want impact %s", word, got.Incidents, tt.want)
		}
		if diff := cmp.Diff(tt.unknown, got.UnknownWords); diff != "" {
			t.Errorf("%q: unknown words: %s", word, diff)
		}
	}
}

func TestIncidentWords(t *testing.T) {
	cases := map[string]struct {
		want    pages.Stage
		unknown []string
	}{
		"investigating": {pages.Stage{}, nil},
		"identified":    {pages.Stage{}, nil},
		"monitoring":    {pages.Stage{Monitoring: true}, nil},
		"resolved":      {pages.Stage{Over: true}, nil},
		"postmortem":    {pages.Stage{Over: true}, nil},
		"completed":     {pages.Stage{Over: true}, nil},
		"":              {pages.Stage{}, []string{"incident_status"}},
		"pondering":     {pages.Stage{}, []string{"incident_status"}},
	}
	enginetest.Complete(t, Standard.Incidents, cases)
	for word, tt := range cases {
		s := summary(t, "none", "", fmt.Sprintf(`{"id":"a","status":%q,"impact":"minor"}`, word), "")
		list := s.Page.Incidents
		if tt.want.Over {
			list = s.Over
		}
		if len(list) != 1 || len(s.Page.Incidents)+len(s.Over) != 1 {
			t.Errorf("%q: open %+v, over %+v", word, s.Page.Incidents, s.Over)
			continue
		}
		if got := (pages.Stage{Monitoring: list[0].Monitoring, Over: list[0].Over}); got != tt.want {
			t.Errorf("%q: %+v, want %+v", word, got, tt.want)
		}
		if diff := cmp.Diff(tt.unknown, s.Page.UnknownWords); diff != "" {
			t.Errorf("%q: unknown words: %s", word, diff)
		}
	}
}

func TestMaintenanceWords(t *testing.T) {
	cases := map[string]struct {
		want    status.WindowState
		unknown []string
	}{
		"scheduled":   {status.Scheduled, nil},
		"in_progress": {status.InProgress, nil},
		"verifying":   {status.InProgress, nil},
		"completed":   {status.Completed, nil},
		"":            {status.NoState, []string{"maintenance_status"}},
		"postponed":   {status.NoState, []string{"maintenance_status"}},
	}
	enginetest.Complete(t, Standard.Maintenances, cases)
	for word, tt := range cases {
		got := page(t, "none", "", "", fmt.Sprintf(`{"id":"a","status":%q,"impact":"maintenance"}`, word))
		if len(got.Windows) != 1 || got.Windows[0].State != tt.want {
			t.Errorf("%q: %+v, want state %d", word, got.Windows, tt.want)
		}
		if diff := cmp.Diff(tt.unknown, got.UnknownWords); diff != "" {
			t.Errorf("%q: unknown words: %s", word, diff)
		}
	}
}
