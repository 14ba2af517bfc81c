package cachet

import (
	"fmt"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/downstatus/downstatus_exporter/internal/status"
	"github.com/downstatus/downstatus_exporter/sources/fetch"
	"github.com/downstatus/downstatus_exporter/sources/internal/enginetest"
)

// now is when the tests judge readings.
var now = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

const home = "https://status.acme.test"

func records(t testing.TB, body string) []record {
	t.Helper()
	s, err := decodeSheet([]byte(body))
	if err != nil {
		t.Fatal(err)
	}
	return s.records
}

func read(t testing.TB, dir, name string) string {
	return string(enginetest.Read(t, filepath.Join("testdata", dir, name+".json")))
}

func TestGolden(t *testing.T) {
	for dir, c := range map[string]struct {
		edition *edition
		want    enginetest.Verdict
	}{
		"v2": {version2, enginetest.Verdict{Indicator: status.Minor, Severity: status.Down, Maintenance: true}},
		"v3": {version3, enginetest.Verdict{Indicator: status.Minor, Severity: status.Degraded}},
	} {
		t.Run(dir, func(t *testing.T) {
			sys, err := decodeSystem([]byte(read(t, dir, "status")))
			if err != nil {
				t.Fatal(err)
			}
			p := derive(answers{
				system: sys, components: records(t, read(t, dir, "components")), incidents: records(t, read(t, dir, "incidents")),
				schedules: records(t, read(t, dir, "schedules")), groups: records(t, read(t, dir, "groups")),
			}, c.edition, home)
			enginetest.Golden(t, dir+"/page", p)
			if got := enginetest.Judge(p, now); got != c.want {
				t.Errorf("judged %+v, want %+v", got, c.want)
			}
			if got := enginetest.Judge(p, now, "Websites"); !got.Severity.Trouble() || !got.Maintenance {
				t.Errorf("the group alone: %+v, want trouble and maintenance", got)
			}
			if got := enginetest.Judge(p, now, "Fax"); got.Maintenance {
				t.Errorf("what is not touched: %+v, want no maintenance", got)
			}
		})
	}
}

// one is a page with the word and a component of the state, and others that
// are operational.
func one(t testing.TB, e *edition, word, state string, operational int) *status.Page {
	t.Helper()
	list := fmt.Sprintf(`{"id":1,"name":"A","status":%s}`, state)
	for i := range operational {
		list += fmt.Sprintf(`,{"id":%d,"name":"B%d","status":1}`, i+2, i)
	}
	return derive(answers{system: &system{Word: code(word)}, components: records(t, `{"data":[`+list+`]}`)}, e, home)
}

func TestWords(t *testing.T) {
	for _, c := range []struct {
		edition     *edition
		word        string
		rank        status.Indicator
		maintenance bool
		missed      int
	}{
		{version2, "success", status.None, false, 0},
		{version2, "info", status.Minor, false, 0},
		{version2, "danger", status.Critical, false, 0},
		{version2, "operational", status.IndicatorUnknown, false, 1},
		{version2, "partial_outage", status.IndicatorUnknown, false, 1},
		{version2, "warning", status.IndicatorUnknown, false, 1},
		{version3, "operational", status.None, false, 0},
		{version3, "partial_outage", status.Minor, false, 0},
		{version3, "major_outage", status.Critical, false, 0},
		{version3, "under_maintenance", status.None, true, 0},
		{version3, "success", status.IndicatorUnknown, false, 1},
		{version3, "Operational", status.IndicatorUnknown, false, 1},
	} {
		p := one(t, c.edition, c.word, "1", 2)
		want := status.Word{Published: true, Rank: c.rank, Maintenance: c.maintenance}
		if p.Word != want || len(p.UnknownWords) != c.missed {
			t.Errorf("%s %s: %+v, want %+v; unknown words %q", c.edition.name, c.word, p.Word, want, p.UnknownWords)
		}
		o := enginetest.Judge(p, now)
		if o.Indicator != c.rank || c.missed > 0 && o.Severity != status.Unknown || o.Maintenance != c.maintenance {
			t.Errorf("%s %s: judged %+v", c.edition.name, c.word, o)
		}
	}
}

// TestPartialOutage: the word says little, the components tell which outage.
func TestPartialOutage(t *testing.T) {
	for state, want := range map[string]status.Indicator{
		"1": status.Minor, "2": status.Minor, "3": status.Major, "4": status.Major, "5": status.Minor, "6": status.Minor, "9": status.Minor,
	} {
		if p := one(t, version3, "partial_outage", state, 5); p.Word.Rank != want {
			t.Errorf("with a component at %s: %v, want %v", state, p.Word.Rank, want)
		}
	}
}

func TestComponentStates(t *testing.T) {
	for _, c := range []struct {
		edition     *edition
		state       string
		rank        status.Indicator
		maintenance bool
		missed      int
	}{
		{version2, "0", status.IndicatorUnknown, false, 0},
		{version2, "1", status.None, false, 0},
		{version2, "2", status.Minor, false, 0},
		{version2, "3", status.Major, false, 0},
		{version2, "4", status.Critical, false, 0},
		{version2, `"4"`, status.Critical, false, 0},
		{version2, "5", status.IndicatorUnknown, false, 1},
		{version2, "6", status.IndicatorUnknown, false, 1},
		{version2, "null", status.IndicatorUnknown, false, 1},
		{version3, "0", status.IndicatorUnknown, false, 1},
		{version3, "1", status.None, false, 0},
		{version3, "2", status.Minor, false, 0},
		{version3, "3", status.Major, false, 0},
		{version3, "4", status.Critical, false, 0},
		{version3, "5", status.IndicatorUnknown, false, 0},
		{version3, "6", status.None, true, 0},
		{version3, `{"human":"Major Outage","value":4}`, status.Critical, false, 0},
		{version3, `{"human":"Major Outage","value":"4"}`, status.Critical, false, 0},
		{version3, `{"human":"Operational"}`, status.IndicatorUnknown, false, 1},
		{version3, "7", status.IndicatorUnknown, false, 1},
	} {
		p := one(t, c.edition, "-", c.state, 0)
		got := p.Components[0]
		if got.Rank != c.rank || got.Maintenance != c.maintenance || len(p.UnknownWords) != c.missed+1 {
			t.Errorf("%s %s: %+v, unknown words %q", c.edition.name, c.state, got, p.UnknownWords)
		}
	}
}

// calm is what a version says of a page without trouble.
var calm = map[*edition]code{version2: "success", version3: "operational"}

func TestIncidentStates(t *testing.T) {
	type outcome struct {
		open, monitoring, planned bool
		missed                    int
	}
	for _, c := range []struct {
		edition *edition
		fields  string
		want    outcome
	}{
		{version2, `"status":0`, outcome{planned: true}},
		{version2, `"status":1`, outcome{open: true}},
		{version2, `"status":2`, outcome{open: true}},
		{version2, `"status":3`, outcome{open: true, monitoring: true}},
		{version2, `"status":4`, outcome{}},
		{version2, `"status":5`, outcome{open: true, missed: 1}},
		{version2, `"status":1,"latest_status":4`, outcome{}},
		{version2, `"status":4,"latest_status":1`, outcome{open: true}},
		{version2, `"status":1,"is_resolved":true`, outcome{}},
		{version2, `"status":1,"latest_status":null,"is_resolved":false`, outcome{open: true}},
		{version3, `"status":{"value":0}`, outcome{open: true}},
		{version3, `"status":{"value":1}`, outcome{open: true}},
		{version3, `"status":{"value":2}`, outcome{open: true}},
		{version3, `"status":{"value":3}`, outcome{open: true, monitoring: true}},
		{version3, `"status":{"value":4}`, outcome{}},
		{version3, `"status":{"value":5}`, outcome{open: true, missed: 1}},
		{version3, `"status":null`, outcome{open: true, missed: 1}},
	} {
		p := derive(answers{system: &system{Word: calm[c.edition]}, incidents: records(t, `{"data":[{"id":7,"name":"x",`+c.fields+`}]}`)}, c.edition, home)
		got := outcome{open: len(p.Incidents) == 1, planned: len(p.Windows) == 1, missed: len(p.UnknownWords)}
		if got.open {
			got.monitoring = p.Incidents[0].Monitoring
			if p.Incidents[0].Impact != status.Minor || !p.Incidents[0].Started.IsZero() {
				t.Errorf("%s %s: %+v, want a minor one without a start", c.edition.name, c.fields, p.Incidents[0])
			}
		}
		if diff := cmp.Diff(c.want, got, cmp.AllowUnexported(outcome{})); diff != "" {
			t.Errorf("%s %s (-want +got):\n%s", c.edition.name, c.fields, diff)
		}
	}
}

func TestScheduleStates(t *testing.T) {
	for _, e := range editions {
		for state, want := range map[string][]status.WindowState{
			`0`: {status.Scheduled}, `1`: {status.InProgress}, `2`: nil, `{"human":"In Progress","value":1}`: {status.InProgress}, `3`: {status.NoState},
		} {
			p := derive(answers{system: &system{Word: "-"}, schedules: records(t, `{"data":[{"id":7,"status":`+state+`,"scheduled_at":"2026-11-22 10:00:00"}]}`)}, e, home)
			var got []status.WindowState
			for _, w := range p.Windows {
				got = append(got, w.State)
				if !w.Start.IsZero() || !w.End.IsZero() {
					t.Errorf("%s %s: from %v to %v, although the zone is not known", e.name, state, w.Start, w.End)
				}
			}
			if odd := slices.Contains(p.UnknownWords, "maintenance_status"); !cmp.Equal(want, got) || odd != (state == "3") {
				t.Errorf("%s %s: %v, want %v; unknown words %q", e.name, state, got, want, p.UnknownWords)
			}
		}
	}
}

func TestLinks(t *testing.T) {
	for fields, want := range map[string]string{
		`"permalink":"https://status.acme.test/incidents/7"`: home + "/incidents/7",
		`"permalink":"javascript:alert(1)"`:                  "",
		`"guid":"a/b"`:                                       home + "/incidents/a%2Fb",
		`"guid":null`:                                        home,
	} {
		p := derive(answers{system: &system{Word: "info"}, incidents: records(t, `{"data":[{"id":7,"status":1,`+fields+`}]}`)}, version2, home)
		if got := p.Incidents[0].URL; got != want {
			t.Errorf("%s: %q, want %q", fields, got, want)
		}
	}
}

// TestOddEntries: an entry without an id, or with another's in another state,
// is kept beside others; one that merely stands twice is not.
func TestOddEntries(t *testing.T) {
	list := records(t, `{"data":[{"id":1,"name":"A","status":1},{"id":1,"name":"A","status":1},{"id":1,"name":"A","status":4},{"name":"B","status":3},{"status":2}]}`)
	p := derive(answers{system: &system{Word: "success"}, components: list}, version2, home)
	var got []string
	for _, c := range p.Components {
		got = append(got, c.ID+" "+c.Rank.String())
	}
	if diff := cmp.Diff([]string{"1 none", "1 #2 critical", "B major", "component minor"}, got); diff != "" {
		t.Error(diff)
	}
}

func TestRefused(t *testing.T) {
	for _, body := range []string{`{}`, `null`, `[]`, `1`, `{"data":null}`, `{"data":[]}`, `{"data":{}}`, `{"data":{"status":null}}`, `{"data":"operational"}`} {
		if s, err := decodeSystem([]byte(body)); err == nil || fetch.ReasonOf(err) != fetch.Shape {
			t.Errorf("status %s: %+v, %v; want reason shape", body, s, err)
		}
	}
	for _, body := range []string{`{}`, `null`, `[]`, `1`, `{"data":{}}`, `{"data":[{}]}`, `{"data":[{"name":"A"}]}`, `{"data":[{"attributes":{"id":1}}]}`, `{"data":[1]}`} {
		if s, err := decodeSheet([]byte(body)); err == nil || fetch.ReasonOf(err) != fetch.Shape {
			t.Errorf("list %s: %+v, %v; want reason shape", body, s, err)
		}
	}
}

func FuzzDecode(f *testing.F) {
	for _, dir := range []string{"v2", "v3"} {
		for _, name := range []string{"components", "incidents", "schedules", "groups"} {
			f.Add([]byte(read(f, dir, "status")), []byte(read(f, dir, name)))
		}
	}
	f.Add([]byte(`{"data":{"attributes":{"status":"operational","name":7}}}`), []byte(`{"data":[null,{"id":" a","attributes":{}},{"id":"a","relationships":[]}],"meta":null,"links":{"next":1}}`))
	f.Fuzz(func(t *testing.T, status, list []byte) {
		sys, err := decodeSystem(status)
		if err != nil {
			return
		}
		s, err := decodeSheet(list)
		if err != nil {
			return
		}
		for _, e := range editions {
			p := derive(answers{system: sys, components: s.records, incidents: s.records, schedules: s.records, groups: s.records}, e, home)
			enginetest.CheckPage(t, p)
			if !p.Word.Published {
				t.Errorf("word %+v", p.Word)
			}
		}
	})
}
