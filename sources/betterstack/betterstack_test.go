package betterstack

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/downstatus/downstatus_exporter/internal/status"
	"github.com/downstatus/downstatus_exporter/sources"
	"github.com/downstatus/downstatus_exporter/sources/fetch"
	"github.com/downstatus/downstatus_exporter/sources/internal/enginetest"
	"github.com/downstatus/downstatus_exporter/sources/internal/pages"
)

// now is when the tests judge readings.
var now = time.Date(2026, 8, 2, 17, 0, 0, 0, time.UTC)

const home = "https://status.acme.test"

func index(state string, included ...string) string {
	return fmt.Sprintf(`{"data":{"id":"1","type":"status_page","attributes":{"company_name":"Acme","aggregate_state":%q}},"included":[%s]}`, state, strings.Join(included, ","))
}

func resource(id, word string) string {
	return fmt.Sprintf(`{"id":%q,"type":"status_page_resource","attributes":{"public_name":%q,"status":%q}}`, id, id, word)
}

func reported(id, attributes string) string {
	return fmt.Sprintf(`{"id":%q,"type":"status_report","attributes":{"title":"Report",%s}}`, id, attributes)
}

func read(t testing.TB, body string) *document {
	t.Helper()
	got, err := decode([]byte(body), home)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func load(t testing.TB, file string) *document {
	t.Helper()
	return read(t, string(enginetest.Read(t, "testdata/"+file)))
}

func TestGolden(t *testing.T) {
	for _, name := range []string{"trouble", "odd"} {
		t.Run(name, func(t *testing.T) {
			page, over := load(t, name+".json").at(now)
			enginetest.Golden(t, name, struct {
				Page *status.Page
				Over []status.Incident
			}{page, over})
		})
	}
}

func unknown(t *testing.T, word string, got *document, want ...string) {
	t.Helper()
	if diff := cmp.Diff(want, got.page.UnknownWords); diff != "" {
		t.Errorf("%q: unknown words: %s", word, diff)
	}
}

func TestAggregateWords(t *testing.T) {
	cases := map[string]status.Word{
		"operational": {Published: true, Rank: status.None},
		"degraded":    {Published: true, Rank: status.Minor},
		"downtime":    {Published: true, Rank: status.Major},
		"maintenance": {Published: true, Rank: status.None, Maintenance: true},
	}
	enginetest.Complete(t, aggregates, cases)
	for word, want := range cases {
		got := read(t, index(word))
		if got.page.Word != want || !got.page.MaintenanceWord {
			t.Errorf("%q: %+v, want %+v", word, got.page.Word, want)
		}
		unknown(t, word, got)
	}
	for _, word := range []string{"purple", "not_monitored", "Operational"} {
		got := read(t, index(word))
		if got.page.Word != (status.Word{Published: true, Rank: status.IndicatorUnknown}) {
			t.Errorf("%q: %+v", word, got.page.Word)
		}
		unknown(t, word, got, "aggregate_state")
	}
}

// TestDowntime: it is critical once nothing that is watched stands.
func TestDowntime(t *testing.T) {
	tests := map[string]struct {
		words []string
		want  status.Indicator
	}{
		"all":                     {[]string{"downtime", "downtime"}, status.Critical},
		"all that is watched":     {[]string{"downtime", "not_monitored", "maintenance"}, status.Critical},
		"one of two":              {[]string{"downtime", "operational"}, status.Major},
		"the other one limps":     {[]string{"downtime", "degraded"}, status.Major},
		"none is watched":         {[]string{"not_monitored"}, status.Major},
		"nothing listed":          {nil, status.Major},
		"the other one is a word": {[]string{"downtime", "on_fire"}, status.Critical},
	}
	for name, tt := range tests {
		var parts []string
		for i, word := range tt.words {
			parts = append(parts, resource(fmt.Sprint(i), word))
		}
		if got := read(t, index("downtime", parts...)).page.Word.Rank; got != tt.want {
			t.Errorf("%s: %s, want %s", name, got, tt.want)
		}
	}
	if got := read(t, index("degraded", resource("1", "downtime"))).page.Word.Rank; got != status.Minor {
		t.Errorf("degraded with all down: %s", got)
	}
}

func TestResourceWords(t *testing.T) {
	cases := map[string]pages.Condition{
		"operational":   {Rank: status.None},
		"degraded":      {Rank: status.Minor},
		"downtime":      {Rank: status.Major},
		"maintenance":   {Rank: status.None, Maintenance: true},
		"not_monitored": {Rank: status.IndicatorUnknown},
	}
	enginetest.Complete(t, conditions, cases)
	for word, want := range cases {
		got := read(t, index("operational", resource("a", word)))
		if diff := cmp.Diff([]status.Component{{ID: "a", Name: "a", Rank: want.Rank, Maintenance: want.Maintenance}}, got.page.Components); diff != "" {
			t.Errorf("%q: %s", word, diff)
		}
		unknown(t, word, got)
	}
	for _, word := range []string{"", "recovered", "on_fire"} {
		got := read(t, index("operational", resource("a", word)))
		if got.page.Components[0].Rank != status.IndicatorUnknown {
			t.Errorf("%q: %+v", word, got.page.Components)
		}
		unknown(t, word, got, "component_status")
	}
}

func TestAffectedWords(t *testing.T) {
	cases := map[string]status.Indicator{
		"resolved": status.None, "operational": status.None, "maintenance": status.None,
		"degraded": status.Minor, "downtime": status.Major, "not_monitored": status.IndicatorUnknown,
	}
	enginetest.Complete(t, affected, cases)
	for word, want := range cases {
		got := read(t, index("degraded", reported("1", fmt.Sprintf(`"report_type":"manual","aggregate_state":"degraded","affected_resources":[{"status_page_resource_id":"a","status":%q}]`, word))))
		refs := []status.ComponentRef{{ID: "a", Rank: want, Impact: want, HasImpact: want != status.IndicatorUnknown}}
		if diff := cmp.Diff(refs, got.reports[0].Components); diff != "" {
			t.Errorf("%q: %s", word, diff)
		}
		unknown(t, word, got)
	}
}

func TestReportWords(t *testing.T) {
	cases := map[string]verdict{
		"resolved":    {rank: status.IndicatorUnknown, over: true},
		"operational": {rank: status.IndicatorUnknown, over: true},
		"degraded":    {rank: status.Minor},
		"downtime":    {rank: status.Major},
		"maintenance": {rank: status.None, maintenance: true},
	}
	enginetest.Complete(t, verdicts, cases)
	for word, want := range cases {
		got := read(t, index("operational", reported("1", fmt.Sprintf(`"report_type":"manual","aggregate_state":%q`, word))))
		switch {
		case want.maintenance:
			if len(got.reports) != 0 || len(got.page.Windows) != 1 || got.page.Windows[0].State != status.NoState {
				t.Errorf("%q: reports %+v, windows %+v", word, got.reports, got.page.Windows)
			}
		case len(got.reports) != 1 || got.reports[0].Over != want.over || got.reports[0].Impact != want.rank:
			t.Errorf("%q: %+v, want %+v", word, got.reports, want)
		}
		unknown(t, word, got)
	}
	got := read(t, index("operational", reported("1", `"report_type":"manual","aggregate_state":"pondering"`)))
	if len(got.reports) != 1 || got.reports[0].Over || got.reports[0].Impact != status.IndicatorUnknown {
		t.Errorf("%+v", got.reports)
	}
	unknown(t, "pondering", got, "report_state")
}

func TestTypeWords(t *testing.T) {
	cases := map[string]bool{"manual": false, "automatic": false, "maintenance": true}
	enginetest.Complete(t, planned, cases)
	for word, maintenance := range cases {
		got := read(t, index("operational", reported("1", fmt.Sprintf(`"report_type":%q,"aggregate_state":"downtime"`, word))))
		if len(got.page.Windows) == 1 != maintenance || len(got.reports) == 1 == maintenance {
			t.Errorf("%q: reports %+v, windows %+v", word, got.reports, got.page.Windows)
		}
		unknown(t, word, got)
	}
	got := read(t, index("operational", reported("1", `"report_type":"sponsored","aggregate_state":"downtime"`)))
	if len(got.reports) != 1 {
		t.Errorf("%+v", got)
	}
	unknown(t, "sponsored", got, "report_type")
}

func TestSections(t *testing.T) {
	want := [][3]string{{"REST", "Interfaces", "10"}, {"Streams", "Interfaces", "10"}, {"Website", "", "99"}, {"Queue", "", ""}, {"Old", "Interfaces", "10"}}
	var got [][3]string
	for _, c := range load(t, "trouble.json").page.Components {
		got = append(got, [3]string{c.Name, c.Group, c.GroupID})
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestJudged(t *testing.T) {
	verdict := func(i status.Indicator, s status.Status, maintenance bool) enginetest.Verdict {
		return enginetest.Verdict{Indicator: i, Severity: s, Maintenance: maintenance}
	}
	page := func(d *document) *status.Page { p, _ := d.at(now); return p }
	trouble := page(load(t, "trouble.json"))
	gone := `"report_type":"manual","aggregate_state":"downtime","affected_resources":[{"status_page_resource_id":"gone","status":"downtime"}]`
	tests := map[string]struct {
		page  *status.Page
		scope []string
		want  enginetest.Verdict
	}{
		"trouble":                       {trouble, nil, verdict(status.Major, status.Down, false)},
		"a degraded part":               {trouble, []string{"Streams"}, verdict(status.Major, status.Degraded, false)},
		"a section":                     {trouble, []string{"Interfaces"}, verdict(status.Major, status.Down, false)},
		"a well part":                   {trouble, []string{"Website"}, verdict(status.Major, status.Operational, false)},
		"a part in maintenance":         {trouble, []string{"Queue"}, verdict(status.Major, status.Operational, true)},
		"a part that nobody watches":    {trouble, []string{"Old"}, verdict(status.Major, status.Unknown, false)},
		"nothing there":                 {trouble, []string{"Mail"}, verdict(status.IndicatorUnknown, status.Unknown, false)},
		"odd":                           {page(load(t, "odd.json")), nil, verdict(status.IndicatorUnknown, status.Down, false)},
		"calm":                          {page(read(t, index("operational", resource("a", "operational")))), nil, verdict(status.None, status.Operational, false)},
		"maintenance":                   {page(read(t, index("maintenance", resource("a", "maintenance")))), nil, verdict(status.None, status.Operational, true)},
		"all down":                      {page(read(t, index("downtime", resource("a", "downtime")))), nil, verdict(status.Critical, status.Down, false)},
		"unknown word":                  {page(read(t, index("purple", resource("a", "operational")))), nil, verdict(status.IndicatorUnknown, status.Unknown, false)},
		"a vanished resource, unscoped": {page(read(t, index("operational", resource("a", "operational"), reported("1", gone)))), nil, verdict(status.None, status.Down, false)},
		"a vanished resource, scoped":   {page(read(t, index("operational", resource("a", "operational"), reported("1", gone)))), []string{"a"}, verdict(status.None, status.Operational, false)},
	}
	for name, tt := range tests {
		if got := enginetest.Judge(tt.page, now, tt.scope...); got != tt.want {
			t.Errorf("%s: %+v, want %+v", name, got, tt.want)
		}
	}
}

// TestIncomplete: what tells of trouble counts although the rest is missing.
func TestIncomplete(t *testing.T) {
	page := `"data":{"id":"1","type":"status_page","attributes":{"aggregate_state":%s}}`
	down, report := resource("a", "downtime"), reported("1", `"report_type":"manual","aggregate_state":"degraded"`)
	for body, want := range map[string]enginetest.Verdict{
		fmt.Sprintf("{"+page+"}", `"degraded"`):                 {Indicator: status.Minor, Severity: status.Degraded},
		fmt.Sprintf("{"+page+`,"included":[`+down+"]}", `null`): {Indicator: status.IndicatorUnknown, Severity: status.Down},
		fmt.Sprintf("{"+page+`,"included":[`+report+"]}", `""`): {Indicator: status.IndicatorUnknown, Severity: status.Degraded},
	} {
		p, _ := read(t, body).at(now)
		if got := enginetest.Judge(p, now); got != want {
			t.Errorf("%s: %+v, want %+v", body, got, want)
		}
	}
	odd := reported("1", `"report_type":"manual","aggregate_state":"on_fire","affected_resources":[{"status_page_resource_id":"a","status":"downtime"}]`)
	if got := read(t, index("operational", resource("a", "operational"), odd)).reports[0].Impact; got != status.Major {
		t.Errorf("a report of unknown state has impact %s, want that of its resource", got)
	}
}

func TestNotAPage(t *testing.T) {
	for name, body := range map[string]string{
		"cState":          `{"is":"https://github.com/cstate/cstate","cStateVersion":"5","summaryStatus":"ok"}`,
		"other JSON:API":  `{"data":{"type":"articles","attributes":{"aggregate_state":"operational"}},"included":[]}`,
		"list of pages":   `{"data":[{"type":"status_page"}],"included":[]}`,
		"no state":        `{"data":{"type":"status_page","attributes":{"company_name":"Acme"}},"included":[]}`,
		"state is a list": `{"data":{"type":"status_page","attributes":{"aggregate_state":[]}},"included":[]}`,
		"nothing with it": `{"data":{"type":"status_page","attributes":{"aggregate_state":"operational"}}}`,
	} {
		if got, err := decode([]byte(body), home); err == nil || fetch.ReasonOf(err) != fetch.Shape {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
}

func TestTarget(t *testing.T) {
	engine, _ := sources.Lookup("betterstack")
	for _, url := range []string{"status.acme.test", "https://status.acme.test/index.json"} {
		got, err := engine.Target(sources.Config{URL: url})
		if err != nil || got.Document.String() != "https://status.acme.test/index.json" || got.Name() != "status.acme.test" {
			t.Errorf("%s: %+v, %v", url, got, err)
		}
	}
}

// TestPoll: an unchanged document is judged by the time of each poll.
func TestPoll(t *testing.T) {
	body := string(enginetest.Read(t, "testdata/trouble.json"))
	s := enginetest.Watch(t, "betterstack", map[string]enginetest.Answer{indexPath: enginetest.JSON(body)}, now)
	first := s.Good(t)
	if len(first.Page.Incidents) != 2 || len(first.Ended) != 1 || first.Ended[0].ID != "32" || first.Page.URL != s.URL {
		t.Errorf("%+v, ended %+v", first.Page, first.Ended)
	}
	if again := s.Good(t); again.Page != first.Page || again.Ended != nil || s.Unmoved != 1 {
		t.Errorf("an unchanged body: same page %t, ended %+v, 304s %d", again.Page == first.Page, again.Ended, s.Unmoved)
	}
	s.Now = now.Add(time.Hour)
	later := s.Good(t)
	if len(later.Page.Incidents) != 1 || len(later.Ended) != 1 || later.Ended[0].ID != "33" || later.Ended[0].Resolved.Format(time.TimeOnly) != "17:30:00" {
		t.Errorf("after its end: %+v, ended %+v", later.Page.Incidents, later.Ended)
	}
	if len(first.Page.Incidents) != 2 {
		t.Error("the reading of before was changed")
	}
	if again := s.Good(t); again.Page != later.Page || again.Ended != nil {
		t.Errorf("the same page %t, ended %+v", again.Page == later.Page, again.Ended)
	}
}

// TestLocale: pages send their visitors, and us, to a language of theirs.
func TestLocale(t *testing.T) {
	s := enginetest.Watch(t, "betterstack", map[string]enginetest.Answer{
		"/en/index.json": enginetest.JSON(index("operational", resource("a", "operational"))),
		indexPath:        {Code: 302, Header: map[string]string{"Location": "/en/index.json"}},
	}, now)
	if r := s.Good(t); len(s.Asked) != 2 || r.Page.URL != s.URL {
		t.Errorf("%+v, asked %q", r.Page, s.Asked)
	}
}

func TestBadAnswers(t *testing.T) {
	enginetest.Watch(t, "betterstack", map[string]enginetest.Answer{indexPath: enginetest.JSON(index("operational", resource("a", "operational")))}, now).BadAnswers(t, indexPath)
}

func FuzzDecode(f *testing.F) {
	for _, file := range []string{"trouble", "odd"} {
		f.Add(enginetest.Read(f, "testdata/"+file+".json"))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		got, err := decode(body, home)
		if (got == nil) == (err == nil) {
			t.Fatalf("document %v with error %v", got, err)
		}
		if err != nil {
			return
		}
		page, over := got.at(now)
		enginetest.CheckPage(t, page)
		enginetest.CheckIncidents(t, over)
	})
}

// TestRecorded reads the answer of a real page, where it is at hand.
func TestRecorded(t *testing.T) {
	body, err := os.ReadFile("../../../shared/payloads/betterstack/together-index.json")
	if err != nil {
		t.Skip("no recorded answers here")
	}
	page, over := read(t, string(body)).at(now)
	if v := enginetest.Judge(page, now); v != (enginetest.Verdict{Indicator: status.None, Severity: status.Operational}) {
		t.Errorf("%+v", v)
	}
	if len(page.Components) != 22 || page.Components[0].Group != "Website" || len(page.Incidents)+len(over)+len(page.Windows) != 0 || page.UnknownWords != nil {
		t.Errorf("%+v, over %+v", page, over)
	}
}
