package cachet

import (
	"fmt"
	"net/http"
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

var paths = map[string]map[string]string{
	"v2": {"status": "/api/v1/status", "components": "/api/v1/components", "incidents": "/api/v1/incidents",
		"schedules": "/api/v1/schedules", "groups": "/api/v1/components/groups"},
	"v3": {"status": "/api/status", "components": "/api/components", "incidents": "/api/incidents",
		"schedules": "/api/schedules", "groups": "/api/component-groups"},
}

// start serves a version, or none.
func start(t *testing.T, version string) (*enginetest.Site, sources.Source) {
	t.Helper()
	server := enginetest.Serve(t, nil)
	serve(t, server, version)
	return server, server.Open(t, "cachet", nil)
}

func serve(t *testing.T, server *enginetest.Site, version string) {
	t.Helper()
	for _, all := range paths {
		for _, path := range all {
			delete(server.Answers, path)
		}
	}
	for name, path := range paths[version] {
		server.Say(path, read(t, version, name))
	}
}

func poll(t *testing.T, server *enginetest.Site, s sources.Source) (sources.Reading, []string) {
	t.Helper()
	server.Asked = nil
	r, err := s.Poll(t.Context(), now)
	if err != nil {
		t.Fatal(err)
	}
	return r, server.Asked
}

func TestTarget(t *testing.T) {
	for url, name := range map[string]string{
		"https://status.acme.test/":                        "status.acme.test",
		"status.acme.test/api":                             "status.acme.test",
		"https://status.acme.test/api/v1":                  "status.acme.test",
		"https://status.acme.test/api/v1/status":           "status.acme.test",
		"https://status.acme.test/api/v1/components/1":     "status.acme.test",
		"https://status.acme.test/api/status":              "status.acme.test",
		"https://acme.test/status/api/component-groups":    "acme.test/status",
		"https://acme.test/status":                         "acme.test/status",
		"https://acme.test/apiary":                         "acme.test/apiary",
		"https://acme.test/api/hello":                      "acme.test/api/hello",
		"https://acme.test/api/v1/components/groups?a=b#c": "acme.test",
	} {
		got, err := target(sources.Config{URL: url})
		if err != nil || got.Name() != name || got.Document.String() != "https://"+name+"/api" {
			t.Errorf("%s: %s at %s, %v", url, got.Name(), got.Document, err)
		}
	}
	if _, err := target(sources.Config{URL: "ftp://acme.test"}); err == nil {
		t.Error("no error for what is not a web address")
	}
}

func TestVersions(t *testing.T) {
	const embed, newest = "?include=components", "?include=components&sort=-id"
	for version, want := range map[string][2][]string{
		"v2": {
			{"/api/v1/status", "/api/v1/components", "/api/v1/incidents", "/api/v1/schedules", "/api/v1/components/groups"},
			{"/api/v1/status", "/api/v1/components", "/api/v1/incidents", "/api/v1/schedules"},
		},
		"v3": {
			{"/api/v1/status", "/api/status", "/api/components", "/api/incidents" + embed, "/api/schedules" + newest, "/api/component-groups" + embed},
			{"/api/status", "/api/components", "/api/incidents" + embed, "/api/schedules" + newest},
		},
	} {
		t.Run(version, func(t *testing.T) {
			server, s := start(t, version)
			first, asked := poll(t, server, s)
			if diff := cmp.Diff(want[0], asked); diff != "" {
				t.Errorf("asked first (-want +got):\n%s", diff)
			}
			second, asked := poll(t, server, s)
			if diff := cmp.Diff(want[1], asked); diff != "" {
				t.Errorf("asked then (-want +got):\n%s", diff)
			}
			if second.Page != first.Page || first.Notes != nil || first.Ended != nil {
				t.Errorf("same page %v, notes %q, ended %v", second.Page == first.Page, first.Notes, first.Ended)
			}
			if c := first.Page.Components[0]; c.Group != "Websites" || c.GroupID != "2" {
				t.Errorf("component %+v, want one of the group Websites", c)
			}
			server.SurvivesJSON(t, s, paths[version]["status"], now)
		})
	}
}

// TestUpgrade: another version may answer at the same address one day.
func TestUpgrade(t *testing.T) {
	server, s := start(t, "v2")
	old, _ := poll(t, server, s)
	serve(t, server, "v3")
	if r, err := s.Poll(t.Context(), now); fetch.ReasonOf(err) != fetch.HTTP4xx || r.Page != nil {
		t.Errorf("the first poll after: page %+v, error %v", r.Page, err)
	}
	if r, _ := poll(t, server, s); r.Page == old.Page || !r.Page.MaintenanceWord {
		t.Errorf("the second poll after: %+v", r.Page)
	}
}

func TestNoVersion(t *testing.T) {
	html := enginetest.Answer{Media: "text/html", Body: "<!doctype html>"}
	busy := enginetest.Answer{Code: http.StatusServiceUnavailable}
	for name, c := range map[string]struct {
		answers map[string]enginetest.Answer
		want    fetch.Reason
		asked   int
	}{
		"nothing there":            {nil, fetch.HTTP4xx, 2},
		"another program's status": {map[string]enginetest.Answer{"/api/v1/status": {Body: `{"data":{"status":"ok"}}`}}, fetch.Shape, 6},
		"the other one's word":     {map[string]enginetest.Answer{"/api/v1/status": {Body: `{"data":{"status":"operational"}}`}}, fetch.Shape, 6},
		"odd word of version 3":    {map[string]enginetest.Answer{"/api/status": {Body: `{"data":{"status":"success"}}`}}, fetch.Shape, 6},
		"a page for all":           {map[string]enginetest.Answer{"/api/v1/status": html, "/api/status": html}, fetch.ContentType, 2},
		"busy":                     {map[string]enginetest.Answer{"/api/v1/status": busy}, fetch.HTTP5xx, 1},
		"slow down":                {map[string]enginetest.Answer{"/api/v1/status": {Code: http.StatusTooManyRequests}}, fetch.RateLimited, 1},
	} {
		t.Run(name, func(t *testing.T) {
			server, s := start(t, "none")
			for path, a := range c.answers {
				server.Answers[path] = a
			}
			r, err := s.Poll(t.Context(), now)
			if err == nil || fetch.ReasonOf(err) != c.want || r.Page != nil || len(server.Asked) != c.asked {
				t.Errorf("page %+v, error %v, asked %q; want reason %s", r.Page, err, server.Asked, c.want)
			}
			serve(t, server, "v3")
			delete(server.Answers, "/api/v1/status")
			poll(t, server, s)
		})
	}
}

// TestListsNotOffered: early versions know no schedules. A list that was there
// once is refused, and takes no open incident off the page.
func TestListsNotOffered(t *testing.T) {
	server, s := start(t, "v2")
	incidents, schedules := server.Answers["/api/v1/incidents"], paths["v2"]["schedules"]
	for _, name := range []string{"incidents", "schedules", "groups"} {
		delete(server.Answers, paths["v2"][name])
	}
	r, _ := poll(t, server, s)
	if len(r.Page.Incidents)+len(r.Page.Windows) != 0 || len(r.Notes) != 3 {
		t.Errorf("page %+v, notes %q", r.Page, r.Notes)
	}
	server.Answers["/api/v1/incidents"] = incidents
	r, _ = poll(t, server, s)
	if len(r.Page.Incidents) != 2 || r.Notes != nil {
		t.Errorf("incidents %+v, notes %q", r.Page.Incidents, r.Notes)
	}
	for _, code := range []int{http.StatusNotFound, http.StatusForbidden, http.StatusBadGateway} {
		server.Answers["/api/v1/incidents"] = enginetest.Answer{Code: code}
		for range 2 {
			if r, _ := poll(t, server, s); len(r.Page.Incidents) != 2 || !r.Page.Doubtful || len(r.Notes) != 1 {
				t.Errorf("%d: incidents %+v, notes %q although they are refused", code, r.Page.Incidents, r.Notes)
			}
		}
	}
	server.Answers["/api/v1/incidents"] = incidents
	server.Answers[schedules] = enginetest.Answer{Code: http.StatusBadGateway}
	if r, _ := poll(t, server, s); !r.Page.Doubtful {
		t.Errorf("schedules that cannot be read: %+v", r.Page)
	}
}

// quiet takes all trouble off a site but for its components.
func quiet(server *enginetest.Site, version string) {
	server.Say(paths[version]["status"], fmt.Sprintf(`{"data":{"status":%q}}`, map[string]string{"v2": "success", "v3": "operational"}[version]))
	for _, name := range []string{"incidents", "schedules"} {
		server.Say(paths[version][name], `{"data":[]}`)
	}
}

func TestListsRefused(t *testing.T) {
	for _, version := range []string{"v2", "v3"} {
		server, s := start(t, version)
		quiet(server, version)
		server.SurvivesJSON(t, s, paths[version]["components"], now)
		poll(t, server, s)
		server.Say(paths[version]["components"], `{"data":[{"id":1,"name":"A","status":1}]}`)
		server.SurvivesJSON(t, s, paths[version]["incidents"], now)
	}
}

// TestTroubleInParts: what the status and the other lists tell of trouble
// counts without the components, which are as unknown as they are.
func TestTroubleInParts(t *testing.T) {
	for version, word := range map[string]string{"v2": "danger", "v3": "major_outage"} {
		server, s := start(t, version)
		quiet(server, version)
		server.Say(paths[version]["status"], fmt.Sprintf(`{"data":{"status":%q}}`, word))
		good := server.Answers[paths[version]["components"]]
		down := enginetest.Verdict{Indicator: status.Critical, Severity: status.Down}
		for _, a := range []enginetest.Answer{good, {Code: http.StatusBadGateway}, enginetest.HTML, enginetest.JSON(`{"data":[`), good} {
			server.Answers[paths[version]["components"]] = a
			r, _ := poll(t, server, s)
			whole := a.Body == good.Body
			unknown := enginetest.Judge(r.Page, now, "Shop").Severity == status.Unknown
			if enginetest.Judge(r.Page, now) != down || len(r.Page.Components) != 4 || r.Page.Doubtful == whole || unknown == whole {
				t.Errorf("%s %+v: %+v", version, a, r.Page)
			}
		}
		server.Answers[paths[version]["components"]] = enginetest.Answer{Code: http.StatusTooManyRequests}
		if r, err := s.Poll(t.Context(), now); fetch.ReasonOf(err) != fetch.RateLimited || r.Page != nil {
			t.Errorf("%s: %+v, %v; want to be patient", version, r.Page, err)
		}
	}
}

// TestStrangeWord: at the first poll a word of no version leaves the page
// unknown, unless its components or incidents tell of trouble.
func TestStrangeWord(t *testing.T) {
	for _, version := range []string{"v2", "v3"} {
		server, s := start(t, version)
		quiet(server, version)
		server.Say(paths[version]["status"], `{"data":{"status":"meltdown"}}`)
		r, _ := poll(t, server, s)
		want := enginetest.Verdict{Indicator: status.IndicatorUnknown, Severity: status.Degraded}
		if got := enginetest.Judge(r.Page, now); got != want || !r.Page.Doubtful || len(r.Notes) != 1 || !slices.Contains(r.Page.UnknownWords, "indicator") {
			t.Errorf("%s: judged %+v, notes %q, unknown words %q", version, got, r.Notes, r.Page.UnknownWords)
		}
		if got := enginetest.Judge(r.Page, now, "Search").Severity; got != status.Unknown {
			t.Errorf("%s: what is well on a page in doubt is %s", version, got)
		}
		server.Say(paths[version]["components"], `{"data":[{"id":1,"name":"A","status":1}]}`)
		if r, err := s.Poll(t.Context(), now); fetch.ReasonOf(err) != fetch.Shape || r.Page != nil {
			t.Errorf("%s, calm: %+v, %v", version, r.Page, err)
		}
		quiet(server, version)
		if r, _ := poll(t, server, s); r.Page.Doubtful {
			t.Errorf("%s, understood again: %+v", version, r.Page)
		}
	}
}

func TestGroupsNowAndThen(t *testing.T) {
	server, s := start(t, "v2")
	path := paths["v2"]["groups"]
	good := server.Answers[path]
	at := func(after time.Duration) (string, bool) {
		server.Asked = nil
		r, err := s.Poll(t.Context(), now.Add(after))
		if err != nil {
			t.Fatal(err)
		}
		return r.Page.Components[0].Group, slices.Contains(server.Asked, path)
	}
	for _, step := range []struct {
		after time.Duration
		busy  bool
		group string
		asked bool
	}{
		{0, true, "", true},
		{time.Minute, false, "Websites", true},
		{time.Hour, false, "Websites", false},
		{61 * time.Minute, true, "Websites", true},
		{62 * time.Minute, false, "Websites", true},
		{63 * time.Minute, false, "Websites", false},
	} {
		server.Answers[path] = good
		if step.busy {
			server.Answers[path] = enginetest.Answer{Code: http.StatusBadGateway}
		}
		if group, asked := at(step.after); group != step.group || asked != step.asked {
			t.Errorf("after %v: group %q, asked %v", step.after, group, asked)
		}
	}
}

// sheets serves a list in sheets of one, with the ids given.
func sheets(server *enginetest.Site, path, version, state string, ids ...int) {
	for i, id := range ids {
		next, n := "null", i+1
		if n < len(ids) {
			next = fmt.Sprintf(`"https://elsewhere.test%s?page=%d"`, path, n+1)
		}
		body := fmt.Sprintf(`{"data":[{"id":%d,"name":"N%d","status":%s}],"links":{"next":%s}}`, id, id, state, next)
		if version == "v2" {
			body = fmt.Sprintf(`{"data":[{"id":%d,"name":"N%d","status":%s}],"meta":{"pagination":{"current_page":%d,"total_pages":%d,"links":{"next_page":%s}}}}`,
				id, id, state, n, len(ids), next)
		}
		at := path
		if n > 1 {
			at += fmt.Sprintf("%cpage=%d", map[bool]rune{true: '&', false: '?'}[strings.Contains(path, "?")], n)
		}
		server.Say(at, body)
	}
}

func count(n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = i + 1
	}
	return out
}

func TestSheetsOfComponents(t *testing.T) {
	for _, version := range []string{"v2", "v3"} {
		for n, want := range map[int]int{1: 1, 3: 3, 20: 20, 23: 20} {
			server, s := start(t, version)
			sheets(server, paths[version]["components"], version, "1", count(n)...)
			r, _ := poll(t, server, s)
			if len(r.Page.Components) != want {
				t.Errorf("%s: %d components on %d sheets, want %d", version, len(r.Page.Components), n, want)
			}
			again, _ := poll(t, server, s)
			if again.Page != r.Page {
				t.Errorf("%s: unchanged sheets make another page", version)
			}
		}
	}
}

// TestNewestIncidents: version 2 lists the oldest first, version 3 the newest.
func TestNewestIncidents(t *testing.T) {
	for _, c := range []struct {
		version string
		sheets  int
		want    []string
	}{
		{"v2", 1, []string{"1"}},
		{"v2", 2, []string{"1", "2"}},
		{"v2", 3, []string{"1", "2", "3"}},
		{"v2", 9, []string{"1", "8", "9"}},
		{"v3", 2, []string{"1", "2"}},
		{"v3", 9, []string{"1", "2", "3"}},
	} {
		server, s := start(t, c.version)
		path := paths[c.version]["incidents"]
		if c.version == "v3" {
			path += "?include=components"
		}
		sheets(server, path, c.version, "2", count(c.sheets)...)
		r, asked := poll(t, server, s)
		var got []string
		for _, in := range r.Page.Incidents {
			got = append(got, in.ID)
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s with %d sheets, asked %q (-want +got):\n%s", c.version, c.sheets, asked, diff)
		}
	}
}

// TestShiftedSheets: an entry may move to the next sheet between two requests.
func TestShiftedSheets(t *testing.T) {
	server, s := start(t, "v2")
	sheets(server, paths["v2"]["components"], "v2", "1", 1, 1, 2)
	if r, _ := poll(t, server, s); len(r.Page.Components) != 2 {
		t.Errorf("components %+v, want two", r.Page.Components)
	}
}

// TestBrokenSheet: a part of the components is not the page.
func TestBrokenSheet(t *testing.T) {
	server, s := start(t, "v2")
	quiet(server, "v2")
	sheets(server, paths["v2"]["components"], "v2", "1", 1, 2)
	server.Answers[paths["v2"]["components"]+"?page=2"] = enginetest.Answer{Code: http.StatusBadGateway}
	if r, err := s.Poll(t.Context(), now); fetch.ReasonOf(err) != fetch.HTTP5xx || r.Page != nil {
		t.Errorf("page %+v, error %v", r.Page, err)
	}
}

func TestRecorded(t *testing.T) {
	dir := enginetest.Recorded(t, "cachet")
	for version, want := range map[string]enginetest.Verdict{
		"v2": {Indicator: status.Minor, Severity: status.Down},
		"v3": {Indicator: status.Major, Severity: status.Down},
	} {
		server := enginetest.Serve(t, nil)
		for name, path := range paths[version] {
			if found, err := filepath.Glob(filepath.Join(dir, version+"-"+name+".json")); err == nil && len(found) == 1 {
				server.Say(path, string(enginetest.Read(t, found[0])))
			}
		}
		p := enginetest.Poll(t, server.Open(t, "cachet", nil), now).Page
		if got := enginetest.Judge(p, now); got != want || p.UnknownWords != nil {
			t.Errorf("%s: judged %+v, want %+v; unknown words %q", version, got, want, p.UnknownWords)
		}
	}
}
