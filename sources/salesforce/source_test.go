package salesforce

import (
	"fmt"
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

const (
	previewPath = "/v1/instances/status/preview"
	historyPath = "/v1/incidents"
	onePath     = "/v1/instances/AC2/status"
)

func config(instances, products string) map[string]string {
	return map[string]string{"instances": instances, "products": products}
}

func TestTarget(t *testing.T) {
	const api = "https://api.status.salesforce.com/v1/instances/"
	for _, tt := range []struct{ url, instances, products, name, document string }{
		{"", "", "", "status.salesforce.com", api + "status/preview"},
		{"https://status.salesforce.com/", "", "", "status.salesforce.com", api + "status/preview"},
		{"https://status.salesforce.com/instances/NA137", "", "", "status.salesforce.com#NA137", api + "NA137/status"},
		{"https://status.salesforce.com/instances/NA137/maintenances", "", "", "status.salesforce.com#NA137", api + "NA137/status"},
		{"https://status.salesforce.com/products/Heroku", "", "", "status.salesforce.com#Heroku", api + "status/preview?products=Heroku"},
		{"https://status.salesforce.com/products/Heroku", "NA137", "", "status.salesforce.com#NA137", api + "NA137/status"},
		{api + "NA137/status", "", "", "status.salesforce.com#NA137", api + "NA137/status"},
		{api + "status/preview", "", "", "status.salesforce.com", api + "status/preview"},
		{api + "status/preview?products=Tableau", "", "", "status.salesforce.com#Tableau", api + "status/preview?products=Tableau"},
		{"", "", "Heroku", "status.salesforce.com#Heroku", api + "status/preview?products=Heroku"},
		{"", "", "Sales_*", "status.salesforce.com#Sales_*", api + "status/preview"},
		{"", "NA*", "", "status.salesforce.com#NA*", api + "status/preview"},
		{"", "NA137, EU35", "", "status.salesforce.com#NA137,EU35", api + "NA137/status"},
		{"", "1,2,3,4,5,6,7,8,9", "", "status.salesforce.com#1,2,3,4,5,6,7,8,9", api + "status/preview"},
		{"http://127.0.0.1:1/trust", "NA137", "", "127.0.0.1:1", "http://127.0.0.1:1/v1/instances/NA137/status"},
	} {
		got, err := target(sources.Config{URL: tt.url, Options: config(tt.instances, tt.products)})
		if err != nil || !strings.HasPrefix(got.Name(), tt.name) || got.Document.String() != tt.document {
			t.Errorf("%+v: name %s, document %s, %v", tt, got.Name(), got.Document, err)
		}
	}
	if _, err := target(sources.Config{URL: "ftp://status.salesforce.com"}); err == nil {
		t.Error("no error for what is not a web address")
	}
}

func TestDocuments(t *testing.T) {
	for _, tt := range []struct {
		instances, products string
		asked               []string
		components          string
		url                 string
	}{
		{"", "", []string{previewPath}, "AC1 AC2 AC3 AC4 AC5 AC7 AC8", ""},
		{"AC?", "", []string{previewPath}, "AC1 AC2 AC3 AC4 AC5 AC7 AC8", ""},
		{"AC2", "", []string{onePath}, "AC2", "/instances/AC2"},
		{"AC2,alias", "", []string{onePath, "/v1/instances/alias/status"}, "AC2 AC9", ""},
		{"", "Acme_Sales", []string{previewPath + "?products=Acme_Sales"}, "AC1 AC2 AC4 AC5 AC7 AC8", "/products/Acme_Sales"},
		{"", "acme_sales,Acme_Service", []string{previewPath + "?products=acme_sales", previewPath + "?products=Acme_Service"}, "AC1 AC2 AC3 AC4 AC5 AC7 AC8", ""},
		{"", "*Service", []string{previewPath}, "AC1 AC3", ""},
		{"AC*", "*Service", []string{previewPath}, "AC1 AC3", ""},
	} {
		t.Run(tt.instances+" "+tt.products, func(t *testing.T) {
			site := enginetest.Start(t, "")
			site.Say(previewPath, body(t, "preview"))
			site.Say(onePath, `{"key":"AC2","status":"OK"}`)
			site.Say("/v1/instances/alias/status", `{"key":"AC9","status":"OK"}`)
			site.Say(historyPath, past())
			r, asked := site.Poll(t, site.Open(t, "salesforce", config(tt.instances, tt.products)), noon)
			var components []string
			for _, c := range r.Page.Components {
				components = append(components, c.ID)
			}
			asked = slices.DeleteFunc(asked, func(path string) bool { return strings.HasPrefix(path, historyPath) })
			if diff := cmp.Diff(tt.asked, asked) + cmp.Diff(tt.components, strings.Join(components, " ")); diff != "" {
				t.Error(diff)
			}
			if r.Page.URL != site.URL+tt.url || len(r.Notes) > 0 || r.Page.Scoped != (tt.instances+tt.products != "") {
				t.Errorf("page at %s, notes %q, scoped %t", r.Page.URL, r.Notes, r.Page.Scoped)
			}
		})
	}
}

// TestOwnList: the list of a product may leave out the products of its
// instances.
func TestOwnList(t *testing.T) {
	site := enginetest.Start(t, "")
	site.Say(previewPath+"?products=Heroku", `[{"key":"H1","status":"OK"},{"key":"X1","status":"OK","Products":[{"key":"Other"}]}]`)
	r, _ := site.Poll(t, site.Open(t, "salesforce", config("", "Heroku")), noon)
	if len(r.Page.Components) != 1 || r.Page.Components[0].ID != "H1" {
		t.Errorf("components %+v, want the one that names no other product", r.Page.Components)
	}
}

func TestScopesThatAreNone(t *testing.T) {
	for _, tt := range []struct{ instances, products, want string }{
		{"ZZ*", "", "ZZ*"}, {"", "Nothing", "Nothing"}, {"AC6*", "", "AC6*"}, {"AC1*", "Nothing", "AC1* of Nothing"},
	} {
		site := enginetest.Start(t, "")
		site.Say(previewPath, body(t, "preview"))
		src := site.Open(t, "salesforce", config(tt.instances, tt.products))
		for range 2 { // also when the document is no news
			r, err := src.Poll(t.Context(), noon)
			if fetch.ReasonOf(err) != fetch.Shape || !strings.Contains(err.Error(), tt.want) || r.Page != nil {
				t.Errorf("%+v: page %v, error %v; want one that names it", tt, r.Page, err)
			}
		}
	}
	site := enginetest.Start(t, "")
	site.Say(previewPath, body(t, "preview"))
	src := site.Open(t, "salesforce", config("AC1*,ZZ*", ""))
	site.Say(historyPath, `[]`)
	if r, _ := site.Poll(t, src, noon); len(r.Notes) != 1 || !strings.Contains(r.Notes[0], "ZZ*") {
		t.Errorf("notes %q, want one about ZZ*", r.Notes)
	}
}

func one(incidents ...string) string {
	return `{"key":"AC2","status":"OK","isActive":true,"Incidents":[` + strings.Join(incidents, ",") + `]}`
}

func report(id int, end string) string {
	return fmt.Sprintf(`{"id":%d,"createdAt":"2026-11-22T09:30:00Z","instanceKeys":["AC2","AC9"],"IncidentImpacts":[{"severity":"major","type":"serviceDisruption","startTime":"2026-11-22T09:00:00Z","endTime":%s}]}`, id, end)
}

func past(incidents ...string) string { return `[` + strings.Join(incidents, ",") + `]` }

// TestRequests follows incidents from their start to their end.
func TestRequests(t *testing.T) {
	site := enginetest.Start(t, "")
	src := site.Open(t, "salesforce", config("AC2", ""))
	const before, soon = `"2026-11-22T11:30:00Z"`, `"2026-11-22T12:30:00Z"`
	first := historyPath + "?limit=1000&startTime=2026-10-23T12%3A00%3A00Z"
	both, calm := []string{onePath, first}, []string{onePath}
	elsewhere := strings.ReplaceAll(report(7, before), `"AC2",`, "")
	var last *status.Page
	for _, tt := range []struct {
		name    string
		after   time.Duration
		doc     string
		history string
		asked   []string
		open    int
		ended   string
		same    bool
	}{
		{"first", 0, one(), past(report(9, before), elsewhere, report(8, "null")), both, 0, "9 11:30", false},
		{"still calm", 0, one(), "", calm, 0, "", true},
		{"incidents", 0, one(report(1, "null"), report(2, "null"), report(3, before)), "", calm, 2, "3 11:30", false},
		{"unchanged", 0, one(report(1, "null"), report(2, "null"), report(3, before)), "", calm, 2, "", true},
		{"one told", 0, one(report(1, "null"), report(2, before)), "", calm, 1, "2 11:30", false},
		{"one gone", 0, one(), past(report(2, before), report(1, before)), both, 0, "2 11:30, 1 11:30", false},
		{"nothing left to ask", 0, one(), "", calm, 0, "", true},
		{"ends soon", 0, one(report(4, soon)), "", calm, 1, "", false},
		{"the time has come", time.Hour, one(report(4, soon)), "", calm, 0, "4 12:30", false},
		{"another", 0, one(report(5, "null")), "", calm, 1, "", false},
		{"history behind", 0, one(), past(report(5, "null")), both, 0, "", false},
		{"asked again", 0, one(), past(report(5, before)), both, 0, "5 11:30", true},
	} {
		site.Say(onePath, tt.doc)
		site.Say(historyPath, tt.history)
		r, asked := site.Poll(t, src, noon.Add(tt.after))
		var ended []string
		for _, in := range r.Ended {
			ended = append(ended, in.ID+in.Resolved.Format(" 15:04"))
			if !in.Over || in.Impact != status.Major || len(in.Components) != 1 || in.Title != "Service disruption" || !strings.HasSuffix(in.URL, "/incidents/"+in.ID) {
				t.Errorf("%s: ended as %+v", tt.name, in)
			}
		}
		if diff := cmp.Diff(tt.asked, asked); diff != "" {
			t.Errorf("%s: requests %s", tt.name, diff)
		}
		if got := strings.Join(ended, ", "); got != tt.ended || len(r.Page.Incidents) != tt.open || len(r.Notes) > 0 || (r.Page == last) != tt.same {
			t.Errorf("%s: %d open, ended %q, same page %t, notes %q", tt.name, len(r.Page.Incidents), got, r.Page == last, r.Notes)
		}
		last = r.Page
	}
}

// TestPastOfAll: a past incident of one instance among many was none of all of
// Salesforce, but of a service that depends on it.
func TestPastOfAll(t *testing.T) {
	site := enginetest.Start(t, "")
	site.Say(previewPath, `[{"key":"AC1","status":"OK"},{"key":"AC2","status":"OK"},{"key":"AC3","status":"OK"}]`)
	site.Say(historyPath, past(report(1, `"2026-11-22T11:30:00Z"`)))
	r, _ := site.Poll(t, site.Open(t, "salesforce", nil), noon)
	for pattern, want := range map[string]int{"": 0, "AC1": 0, "AC2": 1} {
		scope := status.Scope{}
		if pattern != "" {
			scope.Include = []string{pattern}
		}
		if got := status.Past(r.Page, scope, r.Ended, noon.AddDate(0, 0, -90)); len(got) != want {
			t.Errorf("%q: %+v, want %d", pattern, got, want)
		}
	}
}

func TestBadAnswers(t *testing.T) {
	for path, c := range map[string]map[string]string{
		previewPath: {}, onePath: config("AC2", ""), previewPath + "?products=Heroku": config("", "Heroku"),
	} {
		t.Run(path, func(t *testing.T) {
			site := enginetest.Start(t, "")
			site.Say(path, `[{"key":"AC2","status":"OK"}]`)
			if path == onePath {
				site.Say(path, one(report(1, "null")))
			}
			site.SurvivesJSON(t, site.Open(t, "salesforce", c), path, noon)
		})
	}
}

// TestSecondFails: one of two documents makes a page only where it tells of
// trouble, and what it told in a failed poll is not forgotten.
func TestSecondFails(t *testing.T) {
	site := enginetest.Start(t, "")
	src := site.Open(t, "salesforce", config("AC2,AC3", ""))
	site.Say(historyPath, past())
	site.Say(onePath, one())
	site.Answers["/v1/instances/AC3/status"] = enginetest.Answer{Code: 500}
	enginetest.PollFails(t, src, noon, fetch.HTTP5xx)
	site.Say(onePath, one(report(1, "null")))
	if r, _ := site.Poll(t, src, noon); enginetest.Judge(r.Page, noon).String() != "major down calm" || enginetest.Judge(r.Page, noon, "AC3").String() != "unknown unknown calm" {
		t.Errorf("%+v, want the incident, and nothing known of AC3", r.Page)
	}
	site.Say("/v1/instances/AC3/status", `{"key":"AC3","status":"OK"}`)
	if r, _ := site.Poll(t, src, noon); len(r.Page.Incidents) != 1 || r.Page.Doubtful {
		t.Errorf("page %+v, want the incident of the failed poll", r.Page)
	}
}

// TestRecorded reads answers of the vendor, where they are at hand.
func TestRecorded(t *testing.T) {
	site := enginetest.Start(t, "")
	site.Say(previewPath, enginetest.Recorded(t, "salesforce/instances-status-preview-incident.json"))
	site.Say("/v1/instances/NA137/status", enginetest.Recorded(t, "salesforce/instance-na137-status.json"))
	degraded := "minor degraded calm"
	for _, tt := range []struct {
		instances, products string
		components          int
		want                string
	}{
		{"", "", 1463, degraded},
		{"NA137", "", 1, degraded},
		{"NA13*", "", 10, degraded},
		{"EU*", "", 0, "none operational calm"},
		{"", "Sales_Cloud", 0, degraded},
		{"", "Marketing_Cloud", 0, "none operational calm"},
	} {
		r, _ := site.Poll(t, site.Open(t, "salesforce", config(tt.instances, tt.products)), noon)
		if got := enginetest.Judge(r.Page, noon).String(); got != tt.want || tt.components > 0 && len(r.Page.Components) != tt.components || len(r.Page.UnknownWords) > 0 {
			t.Errorf("%+v: judged %+v of %d components, unknown words %q", tt, got, len(r.Page.Components), r.Page.UnknownWords)
		}
	}
}
