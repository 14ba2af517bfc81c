package zendesk

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/downstatus/downstatus_exporter/internal/status"
	"github.com/downstatus/downstatus_exporter/sources"
	"github.com/downstatus/downstatus_exporter/sources/fetch"
	"github.com/downstatus/downstatus_exporter/sources/internal/enginetest"
)

// TestMain lets the tests poll without the pauses that the vendor asks for;
// the registered engine keeps its budget.
func TestMain(m *testing.M) {
	budget = fetch.Budget{}
	os.Exit(m.Run())
}

const none = `{"data":[],"included":[]}`

func start(t *testing.T, options map[string]string) (*enginetest.Site, sources.Source) {
	t.Helper()
	site := enginetest.Serve(t, map[string]string{activePath: none, maintenancePath: none})
	return site, site.Open(t, "zendesk", options)
}

func incident(id, attributes string) string {
	return fmt.Sprintf(`{"id":%q,"type":"incident","attributes":{"title":"Incident %s","started_at":"2026-11-22T09:00:00.000Z",%s}}`, id, id, attributes)
}

func list(objects ...string) string { return `{"data":[` + strings.Join(objects, ",") + `]}` }

const outage = `"impact":"major","outage":true,"status":"investigating"`

func TestEngine(t *testing.T) {
	engine, ok := sources.Lookup("zendesk")
	if !ok {
		t.Fatal("the engine is not registered")
	}
	if perMinute := time.Minute/engine.Budget.Every + time.Duration(engine.Budget.Burst); perMinute > 10 || engine.MinInterval < time.Minute {
		t.Errorf("up to %d requests a minute at intervals of %v: the vendor allows 10", perMinute, engine.MinInterval)
	}
}

func TestTarget(t *testing.T) {
	const document = "https://status.zendesk.com/api/incidents/active"
	tests := []struct{ url, subdomain, name, document string }{
		{"", "", "status.zendesk.com", document},
		{"", "acme", "status.zendesk.com#acme", document + "?subdomain=acme"},
		{"https://status.zendesk.com/", "acme-2", "status.zendesk.com#acme-2", document + "?subdomain=acme-2"},
		{document + "?subdomain=acme", "", "status.zendesk.com#acme", document + "?subdomain=acme"},
		{document + "?subdomain=acme", "bolt", "status.zendesk.com#bolt", document + "?subdomain=bolt"},
	}
	for _, tt := range tests {
		got, err := target(sources.Config{URL: tt.url, Options: map[string]string{"subdomain": tt.subdomain}})
		if err != nil {
			t.Errorf("%+v: %v", tt, err)
			continue
		}
		if got.Name() != tt.name || got.Document.String() != tt.document {
			t.Errorf("%+v: name %s, document %s", tt, got.Name(), got.Document)
		}
	}
	for _, c := range []sources.Config{{URL: "ftp://x"}, {Options: map[string]string{"subdomain": "acme.zendesk.com"}}} {
		if _, err := target(c); err == nil {
			t.Errorf("%+v: no error", c)
		}
	}
}

// TestRequests follows an incident from its start to its end.
// noon is when the tests poll.
var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

func TestRequests(t *testing.T) {
	f, s := start(t, map[string]string{"subdomain": "acme"})
	two := []string{activePath + "?subdomain=acme", maintenancePath + "?subdomain=acme"}
	three := append(slices.Clone(two), "/api/incidents/7")
	var last *status.Page
	tests := []struct {
		name   string
		change func()
		asked  []string
		open   int
		ended  string // when
		same   bool   // the page of the poll before
	}{
		{"calm", func() {}, two, 0, "", false},
		{"still calm", func() {}, two, 0, "", true},
		{"incident", func() { f.Say(activePath, list(incident("7", outage))) }, two, 1, "", false},
		{"unchanged", func() {}, two, 1, "", true},
		{"gone", func() {
			f.Say(activePath, none)
			f.Say("/api/incidents/7", `{"data":`+incident("7", `"resolved_at":"2026-11-22T09:40:00.000Z"`)+`}`)
		}, three, 0, "2026-11-22T09:40:00Z", false},
		{"still gone", func() {}, two, 0, "", true},
		{"another", func() { f.Say(activePath, list(incident("8", outage))) }, two, 1, "", false},
		{"listed with its end", func() {
			f.Say(activePath, list(incident("8", outage+`,"resolved_at":"2026-11-22T08:00:00.000Z"`)))
		}, two, 0, "2026-11-22T09:00:00Z", false},
		{"still listed", func() {}, two, 0, "", true},
	}
	for _, tt := range tests {
		tt.change()
		r, asked := f.Poll(t, s, noon)
		if diff := cmp.Diff(tt.asked, asked); diff != "" {
			t.Errorf("%s: requests (-want +got):\n%s", tt.name, diff)
		}
		ended := ""
		for _, in := range r.Ended {
			ended += in.Resolved.Format(time.RFC3339)
			if in.Impact != status.Major || !in.Over {
				t.Errorf("%s: ended as %+v, want the impact that it had", tt.name, in)
			}
		}
		if len(r.Page.Incidents) != tt.open || ended != tt.ended || len(r.Notes) > 0 || (r.Page == last) != tt.same {
			t.Errorf("%s: %d open, ended %q, same page %t, notes %q", tt.name, len(r.Page.Incidents), ended, r.Page == last, r.Notes)
		}
		last = r.Page
	}
}

// TestEndUnknown: the page stands when the end of an incident cannot be read.
func TestEndUnknown(t *testing.T) {
	f, s := start(t, nil)
	f.Say(activePath, list(incident("7", outage), incident("8", outage)))
	f.Poll(t, s, noon)
	f.Say(activePath, none)
	f.Say("/api/incidents/8", `{"data":`+incident("8", `"resolved_at":null`)+`}`)
	r, asked := f.Poll(t, s, noon)
	if len(asked) != 4 || len(r.Page.Incidents) != 0 || len(r.Ended) != 0 || len(r.Notes) != 1 {
		t.Errorf("requests %q, open %v, ended %v, notes %q; want 4 requests and a note", asked, r.Page.Incidents, r.Ended, r.Notes)
	}
	f.Say("/api/incidents/8", `{"data":`+incident("8", `"resolved_at":"2026-11-22T09:40:00Z"`)+`}`)
	if r, asked = f.Poll(t, s, noon); len(asked) != 4 || len(r.Ended) != 1 || r.Ended[0].ID != "8" {
		t.Errorf("requests %q, ended %v; want the end of one", asked, r.Ended)
	}
	for range 3 {
		_, asked = f.Poll(t, s, noon)
	}
	if len(asked) != 2 {
		t.Errorf("requests %q: the other is given up", asked)
	}
}

func TestFirstPollEnded(t *testing.T) {
	f, s := start(t, nil)
	f.Say(activePath, string(load(t, "active.json")))
	f.Say(maintenancePath, string(load(t, "maintenance.json")))
	r, _ := f.Poll(t, s, noon)
	var got []string
	for _, in := range r.Ended {
		got = append(got, "ended "+in.ID)
	}
	for _, w := range r.Page.Windows {
		got = append(got, "window "+w.ID)
	}
	for _, in := range r.Page.Incidents {
		got = append(got, "open "+in.ID+" "+strings.TrimPrefix(in.URL, r.Page.URL))
	}
	want := []string{"ended 903", "window 905", "window 904", "open 901 ", "open 902 "}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("reading (-want +got):\n%s", diff)
	}
}

// TestMaintenanceIsNoOutage: planned work that is flagged as an outage is a
// window and nothing else.
func TestMaintenanceIsNoOutage(t *testing.T) {
	f, s := start(t, nil)
	f.Say(maintenancePath, string(load(t, "maintenance.json")))
	r, _ := f.Poll(t, s, noon)
	during := time.Date(2026, 11, 22, 20, 30, 0, 0, time.UTC)
	for _, scope := range []status.Scope{{}, {Include: []string{"tickets"}}} {
		o := status.Judge(r.Page, scope, during)
		if o.Severity != status.Operational || o.Indicator != status.None || !o.Maintenance {
			t.Errorf("scope %v: severity %v, indicator %v, maintenance %t; want calm in maintenance", scope, o.Severity, o.Indicator, o.Maintenance)
		}
	}
	if o := status.Judge(r.Page, status.Scope{Include: []string{"voice"}}, during); o.Maintenance {
		t.Error("a window of another service counts as maintenance")
	}
}

func TestScope(t *testing.T) {
	f, s := start(t, nil)
	f.Say(activePath, string(load(t, "active.json")))
	r, _ := f.Poll(t, s, noon)
	tests := map[string]struct {
		indicator status.Indicator
		severity  status.Status
	}{
		"":           {status.Critical, status.Down},
		"Tickets":    {status.Critical, status.Down},
		"acme-voice": {status.Minor, status.Degraded},
		"Search":     {status.None, status.Operational}, // well again before its incident
	}
	for include, want := range tests {
		var scope status.Scope
		if include != "" {
			scope.Include = []string{include}
		}
		if o := status.Judge(r.Page, scope, noon); o.Indicator != want.indicator || o.Severity != want.severity {
			t.Errorf("scope %q: indicator %v, severity %v; want %v", include, o.Indicator, o.Severity, want)
		}
	}
}

// patience is an answer that asks for it, in seconds.
func patience(code int, seconds string) enginetest.Answer {
	return enginetest.Answer{Code: code, Header: map[string]string{"Retry-After": seconds}}
}

func TestPollFails(t *testing.T) {
	for _, path := range []string{activePath, maintenancePath} {
		f, s := start(t, nil)
		f.SurvivesJSON(t, s, path, noon)
		for code, reason := range map[int]fetch.Reason{429: fetch.RateLimited, 503: fetch.HTTP5xx} {
			f.Answers[path] = patience(code, "60")
			if r, err := s.Poll(t.Context(), noon); fetch.ReasonOf(err) != reason || fetch.RetryAfter(err) != time.Minute || r.Page != nil {
				t.Errorf("%s %d: page %v, error %v; want reason %s and to wait a minute", path, code, r.Page, err, reason)
			}
		}
	}
}

// TestTroubleWithoutPlan: what is known of trouble counts although the list of
// maintenance cannot be read.
func TestTroubleWithoutPlan(t *testing.T) {
	f, s := start(t, nil)
	f.Say(activePath, list(incident("7", outage)))
	f.Say(maintenancePath, "{}")
	r, _ := f.Poll(t, s, noon)
	if len(r.Page.Incidents) != 1 || len(r.Page.Windows) != 0 || len(r.Notes) != 1 {
		t.Errorf("%+v, notes %q", r.Page, r.Notes)
	}
	if again, _ := f.Poll(t, s, noon); again.Page != r.Page {
		t.Error("another page for the same answers")
	}
	f.Answers[maintenancePath] = patience(503, "30")
	if r, err := s.Poll(t.Context(), noon); r.Page != nil || fetch.RetryAfter(err) != 30*time.Second {
		t.Errorf("%+v, %v, want to be patient", r.Page, err)
	}
}

// TestRecorded reads the vendor's own examples.
func TestRecorded(t *testing.T) {
	const dir = "../../../shared/payloads/zendesk"
	f, s := start(t, nil)
	for path, name := range map[string]string{activePath: "zendesk-active.json", maintenancePath: "zendesk-maintenance.json", "/api/incidents/247": "zendesk-show.json"} {
		body, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Skip("no recorded answers here")
		}
		f.Say(path, string(body))
	}
	r, _ := f.Poll(t, s, noon)
	o := status.Judge(r.Page, status.Scope{}, noon)
	scoped := status.Judge(r.Page, status.Scope{Include: []string{"API"}}, noon)
	if o.Indicator != status.Major || o.Severity != status.Down || len(o.Incidents[0].Components) != 3 || scoped.Severity != status.Down {
		t.Errorf("indicator %v, severity %v, incidents %+v, scoped severity %v; want major, down, three services and down", o.Indicator, o.Severity, o.Incidents, scoped.Severity)
	}
	if len(r.Page.Windows) != 1 || len(r.Page.UnknownWords) > 0 {
		t.Errorf("windows %v, unknown words %q; want one and none", r.Page.Windows, r.Page.UnknownWords)
	}
}
