package collector

import (
	"bytes"
	"flag"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/downstatus/downstatus_exporter/internal/board"
	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
)

var update = flag.Bool("update", false, "write the golden files anew")

func TestGolden(t *testing.T) {
	for _, tc := range []struct{ file, accept string }{
		{"testdata/metrics.txt", ""},
		{"testdata/metrics.om", acceptOpenMetrics},
	} {
		t.Run(tc.file, func(t *testing.T) {
			got := scrape(t, fixtureHandler(), tc.accept, "").body
			if *update {
				if err := os.WriteFile(tc.file, got, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(tc.file)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), string(got)); diff != "" {
				t.Errorf("go test -update writes it anew (-want +got):\n%s", diff)
			}
		})
	}
}

// The golden file is where other tests learn all names: none may be missing.
func TestGoldenCoversEveryFamily(t *testing.T) {
	golden, err := os.Open("testdata/metrics.txt")
	if err != nil {
		t.Fatal(err)
	}
	defer golden.Close()
	parser := expfmt.NewTextParser(model.LegacyValidation)
	shown, err := parser.TextToMetricFamilies(golden)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range Families() {
		mf, ok := shown[f.Name]
		if !ok {
			t.Errorf("%s is not in the golden file", f.Name)
			continue
		}
		delete(shown, f.Name)
		if got := strings.ToLower(mf.GetType().String()); got != string(f.Type) {
			t.Errorf("%s is a %s, want %s", f.Name, got, f.Type)
		}
	}
	for name := range shown {
		t.Errorf("%s is in the golden file but not a family", name)
	}
}

func TestFamilies(t *testing.T) {
	all := Families()
	if !slices.IsSortedFunc(all, func(a, b Family) int { return strings.Compare(a.Name, b.Name) }) {
		t.Error("families are not sorted by name")
	}
	for i, f := range all {
		if i > 0 && all[i-1].Name == f.Name {
			t.Errorf("%s is listed twice", f.Name)
		}
		if !slices.IsSorted(f.Labels) || len(f.Labels) == 0 {
			t.Errorf("%s: labels %q are not sorted, or there are none", f.Name, f.Labels)
		}
		if !strings.Contains(f.Help, "last poll") {
			t.Errorf("%s: help does not say that values come from the last poll", f.Name)
		}
		if strings.ContainsAny(f.Help, "\"\\\n") {
			t.Errorf("%s: help would need escaping", f.Name)
		}
		if (f.Type == Counter) != strings.HasSuffix(f.Name, "_total") {
			t.Errorf("%s: type %s does not go with the name", f.Name, f.Type)
		}
		if (f.service == nil) == (f.source == nil) {
			t.Errorf("%s: wants rows of services or of sources", f.Name)
		}
	}
}

func TestFamiliesAreCopies(t *testing.T) {
	Families()[0].Labels[0] = "changed"
	if Families()[0].Labels[0] == "changed" {
		t.Error("a caller can change the list")
	}
}

func TestLint(t *testing.T) {
	problems, err := testutil.CollectAndLint(New(board.Fixed(fixture()), testOptions()))
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range problems {
		t.Errorf("%s: %s", p.Metric, p.Text)
	}
}

func TestStateSets(t *testing.T) {
	reg := registry(t, fixture())
	sets := map[string]string{
		"downstatus_service_status":             "status",
		"downstatus_service_official_indicator": "indicator",
	}
	states := map[string]int{"status": 4, "indicator": 5}
	got, err := reg.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, mf := range got {
		label, ok := sets[mf.GetName()]
		if !ok {
			continue
		}
		delete(sets, mf.GetName())
		ones, all := map[string]float64{}, map[string]int{}
		for _, m := range mf.GetMetric() {
			slug := labelOf(m.GetLabel(), "slug")
			ones[slug] += m.GetGauge().GetValue()
			all[slug]++
		}
		for slug := range all {
			if ones[slug] != 1 || all[slug] != states[label] {
				t.Errorf("%s of %s: %d states, %v of them set", mf.GetName(), slug, all[slug], ones[slug])
			}
		}
	}
	if len(sets) > 0 {
		t.Errorf("not gathered: %v", sets)
	}
}

// A reload may bring other user labels. The registry must take them.
func TestUserLabelsChange(t *testing.T) {
	current := fixture()
	c := &Collector{snapshot: func() *board.Snapshot { return current }, opts: testOptions().withDefaults()}
	reg := prometheus.NewRegistry()
	reg.MustRegister(c)
	next := fixture()
	next.Labels = []string{"zone"}
	next.Services[0].Labels = map[string]string{"zone": "z1"}
	current = next
	want := `
# HELP downstatus_service_info The service as configured or as its feed listed it at the last poll; always 1.
# TYPE downstatus_service_info gauge
downstatus_service_info{board_url="https://board.test/status/acme",category="cloud",name="Acme \"Cloud\"",official_url="https://status.acme.test",slug="acme",zone="z1"} 1
downstatus_service_info{board_url="https://board.test/status/bolt",category="payments",name="Bolt",official_url="",slug="bolt",zone=""} 1
downstatus_service_info{board_url="https://board.test/status/cedar",category="ci",name="Cedar",official_url="https://status.cedar.test",slug="cedar",zone=""} 1
downstatus_service_info{board_url="https://board.test/status/delta",category="ci",name="Delta",official_url="",slug="delta",zone=""} 1
`
	if err := testutil.GatherAndCompare(reg, strings.NewReader(want), "downstatus_service_info"); err != nil {
		t.Error(err)
	}
}

// Nothing may be claimed of a page that is not read.
func TestUnreadPageClaimsNothing(t *testing.T) {
	body := scrape(t, fixtureHandler(), "", "").body
	for _, line := range []string{
		`downstatus_service_official_severity{slug="cedar"} -1`,
		`downstatus_service_official_indicator{indicator="unknown",slug="cedar"} 1`,
		`downstatus_service_signal_up{signal="official_status_page",slug="cedar"} 0`,
		`downstatus_source_up{source="page/status.cedar.test"} 0`,
	} {
		if !bytes.Contains(body, []byte(line+"\n")) {
			t.Errorf("missing: %s", line)
		}
	}
	for _, series := range []string{
		`downstatus_service_incidents{impact="none",slug="cedar"}`,
		`downstatus_service_maintenance{slug="cedar"}`,
		`downstatus_service_last_success_timestamp_seconds{slug="cedar"}`,
		`downstatus_service_reports_severity{slug="cedar"}`,
		`downstatus_source_last_success_timestamp_seconds{source="page/status.cedar.test"}`,
	} {
		if bytes.Contains(body, []byte(series)) {
			t.Errorf("shown: %s", series)
		}
	}
}
