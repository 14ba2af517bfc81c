package zendesk

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/downstatus/downstatus_exporter/internal/status"
	"github.com/downstatus/downstatus_exporter/sources/fetch"
	"github.com/downstatus/downstatus_exporter/sources/internal/enginetest"
)

func load(t testing.TB, name string) []byte { return enginetest.Read(t, "testdata/"+name) }

func golden(t *testing.T, name string, v any) {
	t.Helper()
	if err := json.Unmarshal(load(t, name), v); err != nil {
		t.Fatal(err)
	}
}

// reading has the exported fields that golden files spell out.
type reading struct {
	Open, Over []status.Incident
	Windows    []status.Window
	Unknown    []string
}

func TestActiveGolden(t *testing.T) {
	got, err := decodeActive(load(t, "active.json"))
	if err != nil {
		t.Fatal(err)
	}
	var want reading
	golden(t, "active.golden.json", &want)
	if diff := cmp.Diff(want, reading{got.open, got.over, got.windows, got.unknown}); diff != "" {
		t.Errorf("reading differs from the golden one (-want +got):\n%s", diff)
	}
}

func TestMaintenanceGolden(t *testing.T) {
	got, err := decodeMaintenance(load(t, "maintenance.json"))
	if err != nil {
		t.Fatal(err)
	}
	var want reading
	golden(t, "maintenance.golden.json", &want)
	if diff := cmp.Diff(want.Windows, got.windows); diff != "" {
		t.Errorf("windows differ from the golden ones (-want +got):\n%s", diff)
	}
}

// TestWordsGolden reads every row of the mapping tables, and words that are in
// none, against what was written down by hand.
func TestWordsGolden(t *testing.T) {
	var want map[string]map[string]string
	golden(t, "words.golden.json", &want)
	for word := range impacts {
		if _, ok := want["impact"][word]; !ok {
			t.Errorf("impact %q has no golden reading", word)
		}
	}
	for word := range stages {
		if _, ok := want["incident_status"][word]; !ok {
			t.Errorf("incident_status %q has no golden reading", word)
		}
	}
	for word, meaning := range want["impact"] {
		if got := readWord(t, "impact", word, "investigating"); got.impact != meaning {
			t.Errorf("impact %q reads as %q, want %q", word, got.impact, meaning)
		}
	}
	for word, meaning := range want["incident_status"] {
		if got := readWord(t, "incident_status", "major", word); got.stage != meaning {
			t.Errorf("incident_status %q reads as %q, want %q", word, got.stage, meaning)
		}
	}
}

type meaning struct{ impact, stage string }

func readWord(t *testing.T, field, impact, state string) meaning {
	t.Helper()
	got, err := decodeActive(fmt.Appendf(nil,
		`{"data":[{"id":"1","type":"incident","attributes":{"impact":%q,"status":%q}}]}`, impact, state))
	if err != nil {
		t.Fatal(err)
	}
	m, in := meaning{stage: "open"}, slices.Concat(got.open, got.over)[0]
	m.impact = in.Impact.String()
	if in.Monitoring {
		m.stage = "monitoring"
	}
	if in.Over {
		m.stage = "over"
	}
	if slices.Contains(got.unknown, field) {
		m.impact += ", unknown word"
		m.stage += ", unknown word"
	}
	return m
}

func TestFlags(t *testing.T) {
	tests := []struct {
		outage, degradation bool
		impact              string
		want                status.Indicator
	}{
		{true, false, "none", status.Major},
		{true, false, "minor", status.Major},
		{true, true, "major", status.Major},
		{true, false, "critical", status.Critical},
		{false, true, "none", status.Minor},
		{false, true, "critical", status.Minor},
		{false, false, "none", status.None},
		{false, false, "major", status.Major},
		{false, false, "critical", status.Critical},
		{true, false, "odd", status.Major},
	}
	for _, tt := range tests {
		t.Run(fmt.Sprintf("%t %t %s", tt.outage, tt.degradation, tt.impact), func(t *testing.T) {
			own := readOne(t, fmt.Sprintf(`{"impact":%q,"outage":%t,"degradation":%t}`, tt.impact, tt.outage, tt.degradation), "")
			service := readOne(t, fmt.Sprintf(`{"impact":%q,"outage":%t,"degradation":%t}`, tt.impact, !tt.outage, !tt.degradation),
				fmt.Sprintf(`{"id":"2","type":"incident_service","attributes":{"incident_id":"1","service_id":"3","outage":%t,"degradation":%t}}`, tt.outage, tt.degradation))
			if own.Impact != tt.want || service.Impact != tt.want {
				t.Errorf("rank by own flags %v, by the service's %v; want %v", own.Impact, service.Impact, tt.want)
			}
			want := []status.ComponentRef{{ID: "3", Rank: tt.want, Impact: tt.want, HasImpact: true}}
			if diff := cmp.Diff(want, service.Components); diff != "" {
				t.Errorf("components (-want +got):\n%s", diff)
			}
		})
	}
}

func readOne(t *testing.T, attributes, included string) status.Incident {
	t.Helper()
	got, err := decodeActive([]byte(`{"data":[{"id":"1","type":"incident","attributes":` + attributes + `}],"included":[` + included + `]}`))
	if err != nil {
		t.Fatal(err)
	}
	if len(got.open) != 1 {
		t.Fatalf("open incidents: %+v, want one", got.open)
	}
	return got.open[0]
}

// TestServicesWell: an incident that is not over while its services are ranks
// by its own flags, and keeps to the services it was about.
func TestServicesWell(t *testing.T) {
	got := readOne(t, `{"impact":"minor","degradation":true}`,
		`{"id":"2","type":"incident_service","attributes":{"incident_id":1,"service_id":3,"outage":true,"resolved_at":"2026-11-20T10:00:00Z"}}`)
	want := status.Incident{ID: "1", Impact: status.Minor, Components: []status.ComponentRef{{ID: "3", HasImpact: true}}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("incident (-want +got):\n%s", diff)
	}
}

// TestUnnamedService: trouble counts although nobody can tell whose it is.
func TestUnnamedService(t *testing.T) {
	got := readOne(t, `{"impact":"none"}`, `{"id":"2","type":"incident_service","attributes":{"incident_id":"1","outage":true}}`)
	if got.Impact != status.Major || got.Components != nil {
		t.Errorf("impact %v, components %v; want major and none named", got.Impact, got.Components)
	}
}

func TestNotUnderstood(t *testing.T) {
	bodies := map[string]fetch.Reason{
		``:                            fetch.Decode,
		`<html>`:                      fetch.Decode,
		`{"data":[`:                   fetch.Decode,
		`null`:                        fetch.Shape,
		`[]`:                          fetch.Shape,
		`{}`:                          fetch.Shape,
		`"incident"`:                  fetch.Shape,
		`{"data":null,"included":[]}`: fetch.Shape,
		`{"data":{},"included":[]}`:   fetch.Shape,
		`{"data":[null]}`:             fetch.Shape,
		`{"data":[{}]}`:               fetch.Shape,
		`{"data":[7]}`:                fetch.Shape,
		`{"data":[{"id":"1","type":"service","attributes":{"name":"x"}}]}`: fetch.Shape,
		`{"data":[{"id":"1","type":"incident"}]}`:                          fetch.Shape,
		`{"data":[{"id":"","type":"incident","attributes":{}}]}`:           fetch.Shape,
		`{"data":[{"id":"../x","type":"incident","attributes":{}}]}`:       fetch.Shape,
	}
	for body, want := range bodies {
		t.Run(body, func(t *testing.T) {
			_, active := decodeActive([]byte(body))
			_, planned := decodeMaintenance([]byte(body))
			_, end := decodeEnd([]byte(body))
			for name, err := range map[string]error{"active": active, "maintenance": planned, "end": end} {
				if err == nil || fetch.ReasonOf(err) != want {
					t.Errorf("%s: error %v, want one of reason %s", name, err, want)
				}
			}
		})
	}
}

// TestStrangeBesideTrouble: an incident counts though its neighbour is none.
func TestStrangeBesideTrouble(t *testing.T) {
	body := []byte(`{"data":[{"id":"1","type":"alien"},null,` + incident("7", outage) + `]}`)
	if got, err := decodeActive(body); err != nil || len(got.open) != 1 || got.open[0].ID != "7" {
		t.Errorf("%+v, %v", got, err)
	}
	if matches(body) {
		t.Error("a list with strangers tells the engine")
	}
}

func TestEmptyListIsCalm(t *testing.T) {
	got, err := decodeActive([]byte(`{"data":[],"included":null}`))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(&incidents{}, got, cmp.AllowUnexported(incidents{}), cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("reading (-want +got):\n%s", diff)
	}
}
