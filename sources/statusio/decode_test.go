package statusio

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/downstatus/downstatus_exporter/internal/status"
	"github.com/downstatus/downstatus_exporter/sources/fetch"
	"github.com/downstatus/downstatus_exporter/sources/internal/enginetest"
)

const pageID = "64a000000000000000000000"

var acme = linker{origin: "https://status.acme.test", id: pageID}

func TestGoldenReadings(t *testing.T) {
	for name, want := range map[string]struct {
		indicator   status.Indicator
		severity    status.Status
		maintenance bool
	}{
		"operational": {status.None, status.Operational, false},
		"incident":    {status.Major, status.Down, false},
		"maintenance": {status.None, status.Operational, true},
		"unknown":     {status.IndicatorUnknown, status.Degraded, false},
	} {
		t.Run(name, func(t *testing.T) {
			a := mustDecode(t, enginetest.Read(t, "testdata/"+name+".json"))
			enginetest.Golden(t, name, struct {
				Page  *status.Page
				Ended []status.Incident
			}{a.page, a.ended})
			o := status.Judge(a.page, status.Scope{}, time.Date(2026, 3, 7, 23, 0, 0, 0, time.UTC))
			if o.Indicator != want.indicator || o.Severity != want.severity || o.Maintenance != want.maintenance {
				t.Errorf("judged %v, %v, maintenance %v; want %+v", o.Indicator, o.Severity, o.Maintenance, want)
			}
		})
	}
}

func TestStatusCodes(t *testing.T) {
	for _, c := range []struct {
		code        string
		rank        status.Indicator
		maintenance bool
		missed      int
	}{
		{"100", status.None, false, 0},
		{"200", status.None, true, 0},
		{"300", status.Minor, false, 0},
		{"400", status.Major, false, 0},
		{"500", status.Critical, false, 0},
		{"600", status.Major, false, 0},
		{`"300"`, status.Minor, false, 0},
		{"350", status.IndicatorUnknown, false, 3},
		{"-1", status.IndicatorUnknown, false, 3},
	} {
		t.Run(c.code, func(t *testing.T) {
			doc := `{"result":{"status_overall":{"status_code":C},"status":[{"id":"a","name":"A","status_code":C}],
				"incidents":[{"_id":"i","messages":[{"state":100,"status":C}]}]}}`
			p := mustDecode(t, []byte(strings.ReplaceAll(doc, "C}", c.code+"}"))).page
			want := status.Word{Published: true, Rank: c.rank, Maintenance: c.maintenance}
			if p.Word != want {
				t.Errorf("word = %+v, want %+v", p.Word, want)
			}
			if got := p.Components[0]; got.Rank != c.rank || got.Maintenance != c.maintenance {
				t.Errorf("component = %+v", got)
			}
			if got := p.Incidents[0].Impact; got != c.rank {
				t.Errorf("impact = %v, want %v", got, c.rank)
			}
			if len(p.UnknownWords) != c.missed {
				t.Errorf("unknown words %q, want %d", p.UnknownWords, c.missed)
			}
		})
	}
}

func TestIncidentStates(t *testing.T) {
	for _, c := range []struct {
		state            string
		monitoring, over bool
		missed           bool
	}{
		{"100", false, false, false},
		{"200", false, false, false},
		{"300", true, false, false},
		{"400", false, true, false},
		{"450", false, false, true},
		{"null", false, false, true},
	} {
		t.Run(c.state, func(t *testing.T) {
			a := mustDecode(t, withIncident(`{"_id":"i","messages":[{"state":`+c.state+`,"status":400,"datetime":"2026-03-02T09:00:00Z"}]}`))
			got := append(a.page.Incidents, a.ended...)[0]
			if got.Monitoring != c.monitoring || got.Over != c.over || (len(a.ended) == 1) != c.over {
				t.Errorf("incident = %+v, ended %d", got, len(a.ended))
			}
			if (len(a.page.UnknownWords) == 1) != c.missed {
				t.Errorf("unknown words = %q", a.page.UnknownWords)
			}
		})
	}
}

func TestNewestMessageLeads(t *testing.T) {
	for name, c := range map[string]struct {
		incident string
		impact   status.Indicator
		over     bool
	}{
		"oldest first":              {`{"_id":"i","messages":[{"state":100,"status":500,"datetime":"2026-03-02T09:00:00Z"},{"state":200,"status":300,"datetime":"2026-03-02T10:00:00Z"}]}`, status.Minor, false},
		"newest first":              {`{"_id":"i","messages":[{"state":200,"status":300,"datetime":"2026-03-02T10:00:00Z"},{"state":100,"status":500,"datetime":"2026-03-02T09:00:00Z"}]}`, status.Minor, false},
		"equal times":               {`{"_id":"i","messages":[{"state":100,"status":500,"datetime":"2026-03-02T10:00:00Z"},{"state":200,"status":300,"datetime":"2026-03-02T10:00:00Z"}]}`, status.Minor, false},
		"without times":             {`{"_id":"i","messages":[{"state":100,"status":500},{"state":200,"status":300}]}`, status.Minor, false},
		"reopened":                  {`{"_id":"i","datetime_resolved":"2026-03-02T09:30:00Z","messages":[{"state":100,"status":500,"datetime":"2026-03-02T10:00:00Z"}]}`, status.Critical, false},
		"resolved without messages": {`{"_id":"i","datetime_resolved":"2026-03-02T09:30:00Z"}`, status.IndicatorUnknown, true},
		"over keeps its height":     {`{"_id":"i","messages":[{"state":100,"status":500,"datetime":"2026-03-02T09:00:00Z"},{"state":400,"status":100,"datetime":"2026-03-02T10:00:00Z"}]}`, status.Critical, true},
	} {
		t.Run(name, func(t *testing.T) {
			a := mustDecode(t, withIncident(c.incident))
			got := append(a.page.Incidents, a.ended...)[0]
			if got.Impact != c.impact || got.Over != c.over {
				t.Errorf("impact %v, over %v; want %v, %v", got.Impact, got.Over, c.impact, c.over)
			}
		})
	}
}

func TestAffectedPairs(t *testing.T) {
	for name, c := range map[string]struct {
		affected string
		want     []string
	}{
		"pair":                 {`"components_affected":[{"_id":"a"}],"containers_affected":[{"_id":"eu"}]`, []string{"a/eu"}},
		"all containers":       {`"components_affected":[{"_id":"a"}]`, []string{"a/eu", "a/us"}},
		"container alone":      {`"containers_affected":[{"_id":"eu"}]`, []string{"a/eu", "b/eu"}},
		"product of two lists": {`"components_affected":[{"_id":"a"},{"_id":"b"}],"containers_affected":[{"_id":"eu"},{"_id":"us"}]`, []string{"a/eu", "a/us", "b/eu"}},
		"without containers":   {`"components_affected":[{"_id":"c"}],"containers_affected":[{"_id":"eu"}]`, []string{"c"}},
		"unlisted":             {`"components_affected":[{"_id":"z"}],"containers_affected":[{"_id":"eu"}]`, []string{"z"}},
		"pair not listed":      {`"components_affected":[{"_id":"b"}],"containers_affected":[{"_id":"us"}]`, []string{"b"}},
		"nothing":              {`"messages":[]`, nil},
	} {
		t.Run(name, func(t *testing.T) {
			var got []string
			for _, r := range mustDecode(t, withIncident(`{"_id":"i",`+c.affected+`}`)).page.Incidents[0].Components {
				got = append(got, r.ID)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// TestPartsWellAgain: an open incident counts as its newest message says, also
// where the affected parts are shown as well; one that is watched is minor then.
func TestPartsWellAgain(t *testing.T) {
	const doc = `{"result":{"status_overall":{"status_code":200},"status":[{"id":"a","status_code":100}],
		"incidents":[{"_id":"i","messages":[{"state":STATE,"status":400}],"components_affected":[{"_id":"a"}]}]}}`
	for state, want := range map[string]status.Status{"100": status.Down, "200": status.Down, "300": status.Degraded, "400": status.Operational} {
		page := mustDecode(t, []byte(strings.Replace(doc, "STATE", state, 1))).page
		if o := status.Judge(page, status.Scope{}, time.Now()); o.Severity != want || !o.Maintenance || o.Indicator != status.None {
			t.Errorf("state %s: %+v, want %s under maintenance", state, o, want)
		}
	}
}

// withIncident is a page of three components with one incident.
func withIncident(incident string) []byte {
	return []byte(`{"result":{"status_overall":{"status_code":300},"status":[
		{"id":"a","name":"A","status_code":100,"containers":[{"id":"eu","name":"EU","status_code":100},{"id":"us","name":"US","status_code":100}]},
		{"id":"b","name":"B","status_code":100,"containers":[{"id":"eu","name":"EU","status_code":100}]},
		{"id":"c","name":"C","status_code":100}],"incidents":[` + incident + `]}}`)
}

func TestScopeByRegion(t *testing.T) {
	a := mustDecode(t, enginetest.Read(t, "testdata/incident.json"))
	for pattern, want := range map[string]status.Status{
		"Website":               status.Operational,
		"Build queue":           status.Down,
		"Build queue - Europe":  status.Operational,
		"America":               status.Down,
		"Build queue - America": status.Down,
		"Somewhere":             status.Unknown,
	} {
		o := status.Judge(a.page, status.Scope{Include: []string{pattern}}, time.Now())
		if o.Severity != want {
			t.Errorf("scope %q: %v, want %v", pattern, o.Severity, want)
		}
	}
}

func TestLinks(t *testing.T) {
	a, err := decode(enginetest.Read(t, "testdata/incident.json"), linker{id: pageID})
	if err != nil {
		t.Fatal(err)
	}
	if got := a.page.Incidents[0].URL; got != "" {
		t.Errorf("without a page: %q, want none", got)
	}
	if got, want := acme.to("maintenance", "a/b"), "https://status.acme.test/pages/maintenance/"+pageID+"/a%2Fb"; got != want {
		t.Errorf("link %q, want %q", got, want)
	}
}

// TestIncomplete: what tells of trouble counts although the rest is missing.
func TestIncomplete(t *testing.T) {
	const part = `"status":[{"id":"a","name":"A","status_code":500,"containers":[]}]`
	const incident = `"incidents":[{"_id":"i","messages":[{"state":200,"status":300,"datetime":"2026-03-02T09:00:00Z"}]}]`
	for body, want := range map[string]status.Status{
		`{"result":{"status_overall":{"status_code":"400"}}}`: status.Down,
		`{"result":{"status_overall":null,` + part + `}}`:     status.Down,
		`{"result":{` + incident + `}}`:                       status.Degraded,
	} {
		p := mustDecode(t, []byte(body)).page
		if got := status.Judge(p, status.Scope{}, time.Now()).Severity; got != want {
			t.Errorf("%s: %s, want %s", body, got, want)
		}
	}
}

// TestUnknownState: an incident whose state is not known is over where it has
// an end, and open else.
func TestUnknownState(t *testing.T) {
	message := `"messages":[{"state":"later","status":400,"datetime":"2026-03-02T09:00:00Z"}]`
	if a := mustDecode(t, withIncident(`{"_id":"i",`+message+`}`)); len(a.page.Incidents) != 1 || len(a.ended) != 0 {
		t.Errorf("%+v", a)
	}
	if a := mustDecode(t, withIncident(`{"_id":"i","datetime_resolved":"2026-03-02T10:00:00Z",`+message+`}`)); len(a.page.Incidents) != 0 || len(a.ended) != 1 {
		t.Errorf("%+v", a)
	}
}

func TestNotADocument(t *testing.T) {
	for name, c := range map[string]struct {
		body string
		want fetch.Reason
	}{
		"empty":             {``, fetch.Decode},
		"html":              {`<!DOCTYPE html>`, fetch.Decode},
		"cut":               {`{"result":{"status_overall":{"status_code":100},"status":[`, fetch.Decode},
		"null":              {`null`, fetch.Shape},
		"list":              {`[]`, fetch.Shape},
		"empty object":      {`{}`, fetch.Shape},
		"error":             {`{"error":"page not found"}`, fetch.Shape},
		"result null":       {`{"result":null}`, fetch.Shape},
		"result empty":      {`{"result":{}}`, fetch.Shape},
		"no overall":        {`{"result":{"status":[]}}`, fetch.Shape},
		"code a word":       {`{"result":{"status_overall":{"status_code":"ok"},"status":[]}}`, fetch.Shape},
		"code null":         {`{"result":{"status_overall":{"status_code":null},"status":[]}}`, fetch.Shape},
		"no components":     {`{"result":{"status_overall":{"status_code":100}}}`, fetch.Shape},
		"components null":   {`{"result":{"status_overall":{"status_code":100},"status":null}}`, fetch.Shape},
		"components object": {`{"result":{"status_overall":{"status_code":100},"status":{}}}`, fetch.Shape},
		"incidents object":  {`{"result":{"status_overall":{"status_code":100},"status":[],"incidents":{}}}`, fetch.Shape},
		"another engine":    {`{"page":{"id":"x"},"status":{"indicator":"none"},"components":[]}`, fetch.Shape},
	} {
		t.Run(name, func(t *testing.T) {
			a, err := decode([]byte(c.body), acme)
			if err == nil || a != nil {
				t.Fatalf("read %+v, want an error", a)
			}
			if got := fetch.ReasonOf(err); got != c.want {
				t.Errorf("reason %s (%v), want %s", got, err, c.want)
			}
		})
	}
}

// TestRecordings holds the decoder against recorded answers, where they are.
func TestRecordings(t *testing.T) {
	dir := enginetest.Recorded(t, "statusio")
	for file, want := range map[string]struct {
		indicator   status.Indicator
		severity    status.Status
		maintenance bool
	}{
		"docker-partial":     {status.Major, status.Down, false},
		"roblox-operational": {status.None, status.Operational, false},
		"gitlab-maintenance": {status.None, status.Down, true}, // with an incident that is identified
	} {
		a := mustDecode(t, enginetest.Read(t, filepath.Join(dir, file+".json")))
		o := status.Judge(a.page, status.Scope{}, time.Now())
		if o.Indicator != want.indicator || o.Severity != want.severity || o.Maintenance != want.maintenance {
			t.Errorf("%s: %v, %v, maintenance %v; want %+v", file, o.Indicator, o.Severity, o.Maintenance, want)
		}
		if len(a.page.UnknownWords) > 0 {
			t.Errorf("%s: unknown words %q", file, a.page.UnknownWords)
		}
	}
}

func mustDecode(t *testing.T, body []byte) *answer {
	t.Helper()
	a, err := decode(body, acme)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func FuzzDecode(f *testing.F) {
	files, err := filepath.Glob("testdata/*.json")
	if err != nil || len(files) == 0 {
		f.Fatal("no seeds", err)
	}
	for _, file := range files {
		f.Add(enginetest.Read(f, file))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		a, err := decode(body, acme)
		if err != nil {
			return
		}
		enginetest.CheckPage(t, a.page)
		enginetest.CheckIncidents(t, a.ended)
		if !a.page.Word.Published {
			t.Error("a page without a word")
		}
		// Calm needs a code that says so.
		o := status.Judge(a.page, status.Scope{}, time.Time{})
		if o.Severity == status.Operational && !strings.Contains(string(body), "100") && !strings.Contains(string(body), "200") {
			t.Errorf("operational without a code for it: %s", body)
		}
	})
}
