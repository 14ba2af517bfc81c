package apple

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

// now is 2026-11-22 10:00 UTC, one hour after 1795338000000.
var now = time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)

func read(t *testing.T, body string, services ...string) sources.Reading {
	t.Helper()
	d, err := decode([]byte(body))
	if err != nil {
		t.Fatal(err)
	}
	r, err := viewer{page: customerPage, services: services}.read(d, now)
	if err != nil {
		t.Fatal(err)
	}
	return enginetest.Sound(t, r)
}

// one is a document in which one of three services has an event.
func one(event string) string {
	return `{"services":[{"serviceName":"Acme Mail","events":[` + event + `]},{"serviceName":"Acme Drive","events":[]},{"serviceName":"Acme Maps","events":[]}]}`
}

func TestGolden(t *testing.T) {
	r := read(t, enginetest.Load(t, "customer.json"))
	enginetest.Golden(t, "customer", r)
	enginetest.Judged(t, r.Page, now, "critical down maintenance")
	enginetest.Judged(t, r.Page, now, "minor degraded calm", "Acme Drive")
	enginetest.Judged(t, r.Page, now, "none operational calm", "Acme Maps", "Acme Books")
	enginetest.Judged(t, r.Page, now, "none operational maintenance", "Acme Pay")
}

// TestWrapped reads the same document in all its wrappings.
func TestWrapped(t *testing.T) {
	body := enginetest.Load(t, "customer.json")
	want := read(t, body)
	for name, wrapped := range map[string]string{
		"call":      "jsonCallback(" + body + ");",
		"newlines":  "\r\njsonCallback(\n" + body + "\n)\n",
		"comment":   "/**/acme.status.cb2 (" + body + ") ;",
		"no blanks": strings.TrimSpace(body),
	} {
		if diff := cmp.Diff(want, read(t, wrapped)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestWords(t *testing.T) {
	for _, tt := range []struct {
		kind, state, users string
		rank               status.Indicator // of the service
		incident           string           // impact, "ended" or empty
		window             string           // state or empty
		unknown            []string
	}{
		{"Outage", "ongoing", "Some users are affected", status.Major, "major", "", nil},
		{"Outage", "ongoing", "All users are affected", status.Critical, "critical", "", nil},
		{"Outage", "ongoing", "", status.Major, "major", "", nil},
		{"outage", "Ongoing", "ALL USERS", status.Critical, "critical", "", nil},
		{"Issue", "ongoing", "All users are affected", status.Minor, "minor", "", nil},
		{"Performance", "ongoing", "Some users are affected", status.Minor, "minor", "", nil},
		{"", "ongoing", "All users are affected", status.Minor, "minor", "", nil},
		{"Available", "ongoing", "", status.None, "", "", nil},
		{"Maintenance", "ongoing", "All users", status.None, "", "2", nil},
		{"Maintenance", "upcoming", "All users", status.None, "", "1", nil},
		{"Maintenance", "completed", "All users", status.None, "", "", nil},
		{"Maintenance", "resolved", "All users", status.None, "", "", nil},
		{"Outage", "resolved", "All users", status.None, "ended", "", nil},
		{"Issue", "completed", "", status.None, "ended", "", nil},
		{"Outage", "upcoming", "", status.None, "", "", nil},
		{"Meltdown", "ongoing", "All users", status.Minor, "minor", "", []string{"status_type"}},
		{"Outage", "simmering", "", status.Major, "major", "", []string{"event_status"}},
		{"Outage", "", "", status.Major, "major", "", []string{"event_status"}},
		{"Maintenance", "simmering", "", status.None, "", "0", []string{"event_status"}},
	} {
		t.Run(tt.kind+" "+tt.state+" "+tt.users, func(t *testing.T) {
			end := "null"
			if tt.incident == "ended" {
				end = "1795339800000"
			}
			r := read(t, one(fmt.Sprintf(`{"messageId":"7","statusType":%q,"eventStatus":%q,"usersAffected":%q,"epochStartDate":1795338000000,"epochEndDate":%s}`,
				tt.kind, tt.state, tt.users, end)))
			incident, window := "", ""
			for _, in := range r.Page.Incidents {
				incident += in.Impact.String()
			}
			if len(r.Ended) > 0 {
				incident += "ended"
			}
			for _, w := range r.Page.Windows {
				window += fmt.Sprint(w.State)
			}
			if r.Page.Components[0].Rank != tt.rank || incident != tt.incident || window != tt.window || !slices.Equal(r.Page.UnknownWords, tt.unknown) {
				t.Errorf("rank %v, incident %q, window %q, unknown %q", r.Page.Components[0].Rank, incident, window, r.Page.UnknownWords)
			}
			enginetest.Sound(t, r)
		})
	}
}

// TestTimes: an end that has passed outweighs the word, but not for
// maintenance, where it is the plan.
func TestTimes(t *testing.T) {
	for name, tt := range map[string]struct {
		event             string
		open, ended, work bool
		started           string
	}{
		"no end":              {`"statusType":"Outage","epochStartDate":1795338000000`, true, false, false, "2026-11-22T09:00:00Z"},
		"end ahead":           {`"statusType":"Outage","epochStartDate":1795338000000,"epochEndDate":1795345200000`, true, false, false, "2026-11-22T09:00:00Z"},
		"end passed":          {`"statusType":"Outage","epochStartDate":1795338000000,"epochEndDate":1795339800000`, false, true, false, "2026-11-22T09:00:00Z"},
		"plan passed":         {`"statusType":"Maintenance","epochStartDate":1795338000000,"epochEndDate":1795339800000`, false, false, true, ""},
		"half a year":         {`"statusType":"Outage","epochStartDate":1779613200000`, true, false, false, "2026-05-24T09:00:00Z"},
		"seconds":             {`"statusType":"Outage","epochStartDate":"1795338000"`, true, false, false, "2026-11-22T09:00:00Z"},
		"no start":            {`"statusType":"Outage","epochStartDate":"soon"`, true, false, false, "0001-01-01T00:00:00Z"},
		"end before start":    {`"statusType":"Issue","epochStartDate":1795338000000,"epochEndDate":1795330000000`, false, true, false, "2026-11-22T09:00:00Z"},
		"beyond all calendar": {`"statusType":"Outage","epochStartDate":99999999999999999`, true, false, false, "0001-01-01T00:00:00Z"},
	} {
		t.Run(name, func(t *testing.T) {
			r := read(t, one(`{"messageId":"7","eventStatus":"ongoing",`+tt.event+`}`))
			all := slices.Concat(r.Page.Incidents, r.Ended)
			if (len(r.Page.Incidents) == 1) != tt.open || (len(r.Ended) == 1) != tt.ended || r.Page.Components[0].Maintenance != tt.work {
				t.Fatalf("incidents %+v, ended %+v, components %+v", r.Page.Incidents, r.Ended, r.Page.Components)
			}
			if len(all) > 0 && all[0].Started.Format(time.RFC3339) != tt.started {
				t.Errorf("started %v, want %s", all[0].Started, tt.started)
			}
			enginetest.Sound(t, r)
		})
	}
}

// TestOverForSome: an event that is over for one service and goes on for
// another is open, and names only the latter.
func TestOverForSome(t *testing.T) {
	event := func(state, end string) string {
		return `{"messageId":"7","statusType":"Outage","eventStatus":"` + state + `","epochStartDate":1795338000000,"epochEndDate":` + end + `}`
	}
	r := read(t, `{"services":[{"serviceName":"Acme Mail","events":[`+event("resolved", "1795339800000")+`]},{"serviceName":"Acme Drive","events":[`+event("ongoing", "null")+`]}]}`)
	if len(r.Ended) != 0 || len(r.Page.Incidents) != 1 || len(r.Page.Incidents[0].Components) != 1 || r.Page.Incidents[0].Components[0].ID != "Acme Drive" {
		t.Errorf("incidents %+v, ended %+v", r.Page.Incidents, r.Ended)
	}
}

func TestMessageOfThePage(t *testing.T) {
	r := read(t, `{"drpost":true,"drMessage":"We know.","services":[{"serviceName":"Acme Mail","events":[]}]}`)
	if len(r.Notes) != 1 || !strings.Contains(r.Notes[0], "We know.") {
		t.Errorf("notes %q", r.Notes)
	}
}

func TestServices(t *testing.T) {
	body := enginetest.Load(t, "customer.json")
	r := read(t, body, "acme account & sign in", "Acme D*")
	if len(r.Page.Components) != 2 || !r.Page.Scoped || len(r.Page.Windows) != 0 {
		t.Errorf("components %+v, windows %+v", r.Page.Components, r.Page.Windows)
	}
	enginetest.Judged(t, r.Page, now, "critical down calm")
	// The other service of the incident is what all users miss; this one is slow.
	enginetest.Judged(t, read(t, body, "Acme Drive").Page, now, "minor degraded calm")
}

func TestNotUnderstood(t *testing.T) {
	enginetest.Refused(t, "apple", nil, now, fetch.Decode, `jsonCallback(`, `jsonCallback();`, `jsonCallback({}`, `var a = {}`)
	enginetest.Refused(t, "apple", nil, now, fetch.Shape, `alert(1)`,
		`{"services":[{"serviceName":"Acme"}]}`,
		`{"services":[{"serviceName":"","events":[]}]}`,
		`{"services":[{"serviceName":"Acme","events":{}}]}`,
		`{"services":[{"serviceName":"Acme","events":null}]}`,
		`{"services":[{"serviceName":"Acme","events":[]},null]}`,
		`{"services":[{"serviceName":"Acme","events":[7]}]}`,
	)
}

// TestInParts: an event counts beside what is none.
func TestInParts(t *testing.T) {
	r := read(t, `{"services":[{"serviceName":"Acme","events":[7,{"statusType":"Outage","eventStatus":"ongoing"}]},null,{"events":[]}]}`)
	enginetest.Judged(t, r.Page, now, "major down calm")
	if !r.Page.Doubtful {
		t.Error("nothing is doubted")
	}
}

func FuzzDecode(f *testing.F) {
	enginetest.FuzzBodies(f, "customer.json")
	f.Add([]byte("jsonCallback(" + one(`{"statusType":"Outage"}`) + ");"))
	f.Fuzz(func(t *testing.T, body []byte) {
		d, err := decode(body)
		if (d == nil) == (err == nil) {
			t.Fatalf("document %v with error %v", d, err)
		}
		if err != nil {
			return
		}
		if r, err := (viewer{page: customerPage}).read(d, now); err == nil {
			enginetest.Sound(t, r)
		}
	})
}
