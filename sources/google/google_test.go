package google

import (
	"cmp"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/downstatus/downstatus_exporter/internal/status"
	"github.com/downstatus/downstatus_exporter/sources"
	"github.com/downstatus/downstatus_exporter/sources/internal/cloud"
	"github.com/downstatus/downstatus_exporter/sources/internal/enginetest"
)

const (
	media = "application/json; charset=utf-8"
	page  = "https://status.acme.test"
)

var now = time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)

func start(t testing.TB, body string, options map[string]string) (*enginetest.Site, sources.Source) {
	f := enginetest.Start(t, body)
	f.Media = media
	return f, f.Open(t, "google", options)
}

func TestGolden(t *testing.T) {
	f, s := start(t, enginetest.Load(t, "incidents.json"), nil)
	r := enginetest.Poll(t, s, now)
	enginetest.GoldenIncidents(t, "incidents", r, f.URL)
	if got, want := enginetest.Judge(r.Page, now).String(), "minor degraded calm"; got != want || len(r.Page.Incidents) != 2 {
		t.Errorf("%+v, want %+v: two regions are not the vendor", got, want)
	}
	again := enginetest.Poll(t, s, now.Add(time.Hour))
	if again.Page != r.Page || again.Ended != nil || strings.Join(f.Asked, " ") != docPath+" "+docPath {
		t.Errorf("unchanged: same page %t, ended %v, asked %s", again.Page == r.Page, again.Ended, f.Asked)
	}
}

func TestTarget(t *testing.T) {
	const cloudDoc = home + docPath
	enginetest.Targets(t, "google", [][3]string{
		{"", "status.cloud.google.com", cloudDoc},
		{"https://status.cloud.google.com/", "status.cloud.google.com", cloudDoc},
		{"https://status.cloud.google.com/summary", "status.cloud.google.com", cloudDoc},
		{"https://status.cloud.google.com/en/feed.atom", "status.cloud.google.com", cloudDoc},
		{cloudDoc, "status.cloud.google.com", cloudDoc},
		{"https://www.google.com/appsstatus/dashboard", "www.google.com/appsstatus/dashboard", "https://www.google.com/appsstatus/dashboard/incidents.json"},
		{"https://www.google.com/appsstatus/dashboard/incidents.json", "www.google.com/appsstatus/dashboard", "https://www.google.com/appsstatus/dashboard/incidents.json"},
		{"https://www.google.com/appsstatus/dashboard/products.json", "www.google.com/appsstatus/dashboard", "https://www.google.com/appsstatus/dashboard/incidents.json"},
		{"https://status.firebase.google.com/", "status.firebase.google.com", "https://status.firebase.google.com/incidents.json"},
	})
}

func TestNames(t *testing.T) {
	for address, want := range map[string]string{
		"": "Google Cloud", "https://www.google.com/appsstatus/dashboard": "Google Workspace",
		"https://status.firebase.google.com": "Firebase", "https://status.search.google.com": "Google Search", page: "Google",
	} {
		got, err := target(sources.Config{URL: address})
		if err != nil || cmp.Or(names[got.Page.Host], "Google") != want {
			t.Errorf("%s: %+v, %v, want %s", address, got, err, want)
		}
	}
}

func TestFailures(t *testing.T) {
	f, s := start(t, enginetest.Load(t, "incidents.json"), nil)
	shapes := []string{
		`{}`, `null`, `"[]"`, `7`, `{"incidents":[]}`, `[null]`, `[{}]`, `[7]`, `[[]]`, `[{"id":"a"}]`, `[{"id":"a","begin":"yesterday"}]`,
		`[{"begin":"2026-11-22T09:00:00Z"}]`, `[{"id":"a","begin":"2026-11-22T08:00:00Z","end":"2026-11-22T09:00:00Z"},{"id":"b"}]`,
	}
	f.Survives(t, s, "", now, shapes, []string{`[`, `[] []`, `[{"id":`})
}

// TestInParts: an incident counts whatever of it is not understood, and beside
// what is none.
func TestInParts(t *testing.T) {
	for body, want := range map[string]string{
		`[{"id":"a","begin":"2026-11-22T09:00:00Z","affected_products":{}}]`:                                                           "minor degraded calm",
		`[{"id":"a","status_impact":"SERVICE_DISRUPTION"}]`:                                                                            "minor degraded calm",
		`[{"id":"a","begin":"2026-11-22T09:00:00Z"},null,7]`:                                                                           "minor degraded calm",
		`[{"number":20013,"begin":"2026-11-22T09:00:00Z","severity":"high","service_key":"zall","most-recent-update":{"text":"x"}}]`:   "minor degraded calm",
		`[{"id":"a","begin":"2026-11-22T09:00:00Z","end":null},{"id":"a","begin":"2026-11-22T09:00:00Z","status_impact":"SERVICE_X"}]`: "minor degraded calm",
	} {
		_, s := start(t, body, nil)
		r := enginetest.Poll(t, s, now)
		enginetest.Judged(t, r.Page, now, want)
		enginetest.Sound(t, r)
	}
}

func TestEmptyListIsCalm(t *testing.T) {
	_, s := start(t, "\ufeff[]", nil)
	r := enginetest.Poll(t, s, now)
	want := "none operational calm"
	if got := enginetest.Judge(r.Page, now).String(); got != want || !r.Page.Cloud || !r.Page.OnlyTroubles || r.Page.Word.Published {
		t.Errorf("%+v, page %+v", got, r.Page)
	}
}

// read decodes one incident of one product.
func read(t *testing.T, fields string) (cloud.Event, []string) {
	t.Helper()
	d, err := decode([]byte(`[{"id":"1","begin":"2026-11-22T09:00:00Z","affected_products":[{"id":"p","title":"Acme Compute"}],`+fields+`}]`), page)
	if err != nil {
		t.Fatal(err)
	}
	return d.events[0], d.unknown
}

const everywhere = `,"currently_affected_locations":[{"id":"global","title":"Global"}]`

// TestImpacts reads every word of status_impact with every severity, in one
// region and everywhere.
func TestImpacts(t *testing.T) {
	rows := map[string][2]status.Indicator{
		"SERVICE_INFORMATION":   {status.None, status.None},
		"SERVICE_DISRUPTION":    {status.Minor, status.Minor},
		"SERVICE_OUTAGE":        {status.Major, status.Critical}, // critical with high severity alone
		"AVAILABLE_INFORMATION": {status.Minor, status.Minor},
		"service_outage":        {status.Minor, status.Minor},
		"":                      {status.Minor, status.Minor}, // as severity says
	}
	for word := range impacts {
		if _, ok := rows[string(word)]; !ok {
			t.Errorf("status_impact %q has no row", word)
		}
	}
	for word, want := range rows {
		for _, severity := range []string{"low", "medium", "high", "", "severe"} {
			fields := fmt.Sprintf(`"status_impact":%q,"severity":%q`, word, severity)
			one, unknown := read(t, fields+`,"currently_affected_locations":[{"id":"us-east1"}]`)
			all, _ := read(t, fields+everywhere)
			narrow, wide := want[0], want[1]
			if word == "" && severity == "high" {
				narrow, wide = status.Major, status.Critical
			}
			if severity != "high" {
				wide = min(wide, status.Major)
			}
			if one.Impact != narrow || one.Peak != narrow || all.Impact != wide || one.Broad || !all.Broad {
				t.Errorf("%s: %v, everywhere %v; want %v, %v", fields, one.Impact, all.Impact, narrow, wide)
			}
			var words []string
			if _, known := impacts[sources.Str(word)]; !known && (word != "" || severity == "") {
				words = append(words, "status_impact")
			}
			if severity == "severe" {
				words = append(words, "severity")
			}
			if diff := gocmp.Diff(words, unknown); diff != "" {
				t.Errorf("%s: unknown words (-want +got):\n%s", fields, diff)
			}
		}
	}
}

// TestStages reads the words of updates, and what ends an incident.
func TestStages(t *testing.T) {
	const outage = `"status_impact":"SERVICE_OUTAGE"`
	for name, tc := range map[string]struct {
		fields     string
		open       bool
		monitoring bool
		unknown    string
	}{
		"no update":                        {``, true, false, ""},
		"available":                        {`,"most_recent_update":{"status":"AVAILABLE"}`, true, true, ""},
		"information":                      {`,"most_recent_update":{"status":"SERVICE_INFORMATION"}`, true, false, ""},
		"disruption":                       {`,"most_recent_update":{"status":"SERVICE_DISRUPTION"}`, true, false, ""},
		"outage":                           {`,"most_recent_update":{"status":"SERVICE_OUTAGE"}`, true, false, ""},
		"unknown":                          {`,"most_recent_update":{"status":"FINE"}`, true, false, "update_status"},
		"newest of the list":               {`,"updates":[{"when":"2026-11-22T09:30:00Z","status":"AVAILABLE"},{"when":"2026-11-22T09:10:00Z","status":"SERVICE_OUTAGE"}]`, true, true, ""},
		"… whatever its place":             {`,"updates":[{"when":"2026-11-22T09:10:00Z","status":"AVAILABLE"},{"when":"2026-11-22T09:30:00Z","status":"SERVICE_OUTAGE"}]`, true, false, ""},
		"all locations moved":              {`,"currently_affected_locations":[],"previously_affected_locations":[{"id":"us-east1"}]`, true, true, ""},
		"… which are not told":             {`,"previously_affected_locations":[{"id":"us-east1"}]`, true, false, ""},
		"former name of the update":        {`,"most-recent-update":{"status":"AVAILABLE"}`, true, true, ""},
		"parts of another kind":            {`,"updates":{},"most_recent_update":"x","currently_affected_locations":7`, true, false, "locations updates"},
		"one location left":                {`,"currently_affected_locations":[{"id":"us-west1"}],"previously_affected_locations":[{"id":"us-east1"}]`, true, false, ""},
		"end null":                         {`,"end":null`, true, false, ""},
		"end empty":                        {`,"end":""`, true, false, ""},
		"end not understood":               {`,"end":"soon"`, true, false, "end"},
		"end in the future":                {`,"end":"2026-11-22T10:00:01Z"`, true, false, ""},
		"over":                             {`,"end":"2026-11-22T10:00:00Z"`, false, false, ""},
		"over, still affected and updated": {everywhere + `,"end":"2026-11-22T09:30:00Z","modified":"2026-11-22T09:59:00Z","most_recent_update":{"when":"2026-11-22T09:59:00Z","status":"SERVICE_OUTAGE"}`, false, false, ""},
		"over, unknown words are nobody's": {`,"end":"2026-11-22T09:30:00Z","severity":"odd","most_recent_update":{"status":"FINE"}`, false, false, ""},
	} {
		e, unknown := read(t, outage+tc.fields)
		p := cloud.Page{}
		r := p.Read([]cloud.Event{e}, nil, now)
		if (len(r.Page.Incidents) == 1) != tc.open || (len(r.Ended) == 1) == tc.open || strings.Join(unknown, " ") != tc.unknown {
			t.Errorf("%s: %d open, %d ended, unknown %v", name, len(r.Page.Incidents), len(r.Ended), unknown)
		} else if tc.open && r.Page.Incidents[0].Monitoring != tc.monitoring {
			t.Errorf("%s: monitoring %t", name, !tc.monitoring)
		}
	}
}

// TestMonitoring: an outage in which the products work again is minor at most,
// also for a service that depends on it.
func TestMonitoring(t *testing.T) {
	const body = `[{"id":"1","begin":"2026-11-22T09:00:00Z","status_impact":"SERVICE_OUTAGE","severity":"high","affected_products":[{"id":"p","title":"Acme Mail"}],"most_recent_update":{"status":%q}` + everywhere + `}]`
	for word, want := range map[string]status.Status{"SERVICE_OUTAGE": status.Down, "AVAILABLE": status.Degraded} {
		for _, services := range []string{"", "Acme Mail"} {
			_, s := start(t, fmt.Sprintf(body, word), map[string]string{"services": services})
			if got := status.Judge(enginetest.Poll(t, s, now).Page, status.Scope{}, now); got.Severity != want {
				t.Errorf("%s, services %q: %+v, want %v", word, services, got, want)
			}
		}
	}
}

// TestScope judges the golden document for services with options and scopes.
func TestScope(t *testing.T) {
	for _, tc := range []struct {
		regions, services string
		scope             status.Scope
		want              status.Status
		open              int
	}{
		{"", "", status.Scope{}, status.Degraded, 2},
		{"us-central1", "", status.Scope{}, status.Down, 2}, // the other names no region
		{"iowa", "Acme Compute", status.Scope{}, status.Down, 1},
		{"us-west1", "Acme Compute", status.Scope{}, status.Down, 1},
		{"us-west1-b", "Acme Compute", status.Scope{}, status.Down, 1},
		{"us-*", "cmpAcme*", status.Scope{}, status.Down, 1},
		{"europe-west1", "Acme Compute", status.Scope{}, status.Operational, 0}, // only before
		{"us-central1", "Acme Mail", status.Scope{}, status.Degraded, 1},
		{"", "Acme Files", status.Scope{}, status.Down, 1},
		{"", "acme filestore", status.Scope{}, status.Down, 1}, // its old name
		{"", "Acme Search", status.Scope{}, status.Operational, 0},
		{"", "", status.Scope{Include: []string{"Acme Files"}}, status.Down, 1},
		{"", "", status.Scope{Include: []string{"us-central1"}}, status.Down, 1},
		{"", "", status.Scope{Include: []string{"Acme Mail"}}, status.Degraded, 1},
		{"", "", status.Scope{Exclude: []string{"us-*"}}, status.Degraded, 1},
	} {
		options := map[string]string{"regions": tc.regions, "services": tc.services}
		_, s := start(t, enginetest.Load(t, "incidents.json"), options)
		o := status.Judge(enginetest.Poll(t, s, now).Page, tc.scope, now)
		if o.Severity != tc.want || len(o.Incidents) != tc.open {
			t.Errorf("regions %q, services %q, scope %+v: %v with %d open, want %v, %d", tc.regions, tc.services, tc.scope, o.Severity, len(o.Incidents), tc.want, tc.open)
		}
	}
}

func TestLocations(t *testing.T) {
	for id, want := range map[string][2]int{ // regions it stands for; and whether it is broad
		"us-east1": {1, 0}, "us-east1-b": {1, 0}, "global": {1, 1}, "us": {9, 0}, "europe": {13, 0}, "eu": {13, 0}, "asia": {9, 0}, "nam4": {1, 0}, "": {1, 0},
	} {
		label := named{ID: sources.Str(id)}.label()
		if got := covered(id); len(got) != want[0] || broad([]cloud.Label{label}) != (want[1] == 1) {
			t.Errorf("%s: %s, broad %t", id, got, !(want[1] == 1))
		}
	}
	var all []cloud.Label
	for _, r := range regions[:20] {
		all = append(all, cloud.Label{ID: r + "-a"}, cloud.Label{ID: r})
	}
	if broad(all) || !broad(append(all, cloud.Label{ID: regions[20]})) {
		t.Errorf("half of %d regions is 21", len(regions))
	}
	e, _ := read(t, `"currently_affected_locations":[{"id":"us","title":"Multi-region: us"}]`)
	for region, want := range map[string]int{"us-east4": 1, "europe-west1": 0} {
		p := cloud.Page{Scope: cloud.Scope{Regions: []string{region}}}
		if r := p.Read([]cloud.Event{e}, nil, now); len(r.Page.Incidents) != want {
			t.Errorf("a location of many regions, seen from %s: %v", region, r.Page.Incidents)
		}
	}
}

func TestLinks(t *testing.T) {
	for uri, want := range map[string]string{
		"incidents/1": page + "/incidents/1", "/incidents/1": page + "/incidents/1", "https://other.acme.test/1": "https://other.acme.test/1",
		"": page, "javascript:alert(1)": page + "/javascript:alert(1)", "\x7f": page,
	} {
		raw, err := json.Marshal(uri)
		if err != nil {
			t.Fatal(err)
		}
		if e, _ := read(t, `"uri":`+string(raw)); e.URL != want {
			t.Errorf("%q: %s, want %s", uri, e.URL, want)
		}
	}
}

// TestEndOfAnIncident: the end is told once, and a post-mortem is no news.
func TestEndOfAnIncident(t *testing.T) {
	const one = `[{"id":"1","begin":"2026-11-22T09:00:00Z","status_impact":"SERVICE_OUTAGE","modified":%q,"end":%q}]`
	f, s := start(t, fmt.Sprintf(one, "", ""), nil)
	enginetest.Poll(t, s, now)
	f.Body = fmt.Sprintf(one, "", "2026-11-22T09:30:00Z")
	if r := enginetest.Poll(t, s, now); len(r.Page.Incidents) != 0 || len(r.Ended) != 1 || r.Ended[0].Resolved.Format("15:04") != "09:30" {
		t.Errorf("open %v, ended %v", r.Page.Incidents, r.Ended)
	}
	f.Body = fmt.Sprintf(one, "2026-12-01T09:30:00Z", "2026-11-22T09:30:00Z")
	if r := enginetest.Poll(t, s, now); len(r.Page.Incidents) != 0 || len(r.Ended) != 0 {
		t.Errorf("open %v, ended %v", r.Page.Incidents, r.Ended)
	}
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte(enginetest.Load(f, "incidents.json")))
	f.Add([]byte(`[{"id":1,"created":"2026-11-22T09:00:00Z","end":{},"most_recent_update":null,"currently_affected_locations":[null,{"id":"us"}]}]`))
	f.Add([]byte(`null`))
	f.Fuzz(func(t *testing.T, body []byte) {
		d, err := decode(body, page)
		if (d == nil) == (err == nil) {
			t.Fatalf("document %v with error %v", d, err)
		}
		if err != nil {
			return
		}
		r := cloud.Page{}.Read(d.events, d.unknown, now)
		for _, in := range append(r.Ended, r.Page.Incidents...) {
			if in.ID == "" || in.Impact < status.None || in.Impact > status.Critical || in.Started.IsZero() {
				t.Errorf("%+v", in)
			}
		}
	})
}

// TestRecorded reads answers of the real dashboard: as they are, and as they
// stood while the incident was open.
func TestRecorded(t *testing.T) {
	for _, tc := range []struct {
		file, options string
		open          bool
		want          string
		ended         int
	}{
		{"gcp/incidents-2026-08.json", "", false, "none operational calm", 2},
		{"gcp/incident-raw-2026-W34.json", "", false, "none operational calm", 1},
		{"gcp/incident-raw-2026-W34.json", "", true, "critical down calm", 0},
		{"gcp/incident-raw-2026-W34.json", "Cloud Run", true, "critical down calm", 0},
		{"gcp/incident-raw-2026-W34.json", "Vertex*", true, "none operational calm", 0},
	} {
		body := enginetest.Recorded(t, tc.file)
		if tc.open {
			body = reopened(t, body)
		}
		_, s := start(t, body, map[string]string{"services": tc.options})
		r := enginetest.Poll(t, s, now)
		if got := enginetest.Judge(r.Page, now).String(); got != tc.want || len(r.Ended) != tc.ended || r.Page.UnknownWords != nil {
			t.Errorf("%s, services %q, open %t: %+v, ended %d, unknown %v", tc.file, tc.options, tc.open, got, len(r.Ended), r.Page.UnknownWords)
		}
	}
}

// reopened is the first incident of a list as it stood at its height.
func reopened(t *testing.T, body string) string {
	t.Helper()
	var list []map[string]any
	if err := json.Unmarshal([]byte(body), &list); err != nil {
		t.Fatal(err)
	}
	in := list[0]
	in["end"], in["currently_affected_locations"], in["previously_affected_locations"] = "", in["previously_affected_locations"], nil
	in["updates"] = in["updates"].([]any)[1:]
	in["most_recent_update"] = in["updates"].([]any)[0]
	out, err := json.Marshal(list)
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}
