package pages

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/downstatus/downstatus_exporter/internal/status"
	"github.com/downstatus/downstatus_exporter/sources"
	"github.com/downstatus/downstatus_exporter/sources/fetch"
)

func TestLook(t *testing.T) {
	table := map[string]Condition{"fine": {Rank: status.None}, "works": {Rank: status.None, Maintenance: true}}
	var r Reader
	if got := r.Condition(table, "works"); got != table["works"] || r.Unknown != nil {
		t.Errorf("%+v, unknown %v", got, r.Unknown)
	}
	if got := r.Condition(table, "Fine"); got != (Condition{Rank: status.IndicatorUnknown}) {
		t.Errorf("%+v for a word that is in no table", got)
	}
	if diff := cmp.Diff([]string{"component_status"}, r.Unknown); diff != "" {
		t.Error(diff)
	}
}

func TestTime(t *testing.T) {
	var r Reader
	if got := r.Time("2026-08-02T16:00:00.1239+02:00"); !got.Equal(time.Date(2026, 8, 2, 14, 0, 0, 123e6, time.UTC)) {
		t.Errorf("%v", got)
	}
	if got := r.Time(""); !got.IsZero() || r.Unknown != nil {
		t.Errorf("no time is %v, unknown %v", got, r.Unknown)
	}
	if got := r.Time("yesterday"); !got.IsZero() || len(r.Unknown) != 1 {
		t.Errorf("%v, unknown %v", got, r.Unknown)
	}
}

// TestKey: whatever is listed gets an id, and no two the same.
func TestKey(t *testing.T) {
	var r Reader
	taken := IDs{}
	long := strings.Repeat("x", 600)
	for _, s := range []struct {
		id, name sources.Str
		want     string
	}{
		{"7", "API", "7"},
		{"7", "Another", "7 #2"},
		{"", "API", "API"},
		{"", "API", "API #2"},
		{"API #3", "", "API #3"},
		{"", "API", "API #4"},
		{"API #2", "", "API #2 #2"},
		{"", "", "component"},
		{"", "", "component #2"},
		{"", sources.Str(long), long[:idLimit]},
		{"", sources.Str(long), long[:idLimit] + " #2"},
	} {
		if got := r.Key("component", s.id, s.name, taken); got != s.want {
			t.Errorf("%q %.10q: %q, want %q", s.id, s.name, got, s.want)
		}
	}
	if diff := cmp.Diff([]string{"component_id", "component_id"}, r.Unknown); diff != "" {
		t.Error(diff)
	}
}

func TestNamed(t *testing.T) {
	if got := Named(" API\n", "7") + Named("", "7"); got != "API7" {
		t.Error(got)
	}
}

func TestTarget(t *testing.T) {
	target := Target("/summary.json", "/v2/parts.json", "/parts.json")
	const want = "https://status.acme.test/eu/summary.json"
	for _, url := range []string{
		"status.acme.test/eu", "https://status.acme.test/eu/", want,
		"https://status.acme.test/eu/v2/parts.json", "https://status.acme.test/eu/parts.json?x=1",
	} {
		got, err := target(sources.Config{URL: url})
		if err != nil || got.Document.String() != want || got.Page.String() != "https://status.acme.test/eu" || got.Name() != "status.acme.test/eu" {
			t.Errorf("%s: %+v, %v", url, got, err)
		}
	}
	for _, url := range []string{"", "ftp://status.acme.test", "https://"} {
		if _, err := target(sources.Config{URL: url}); err == nil {
			t.Errorf("%q: no error", url)
		}
	}
}

// TestAccept: trouble counts though a part is missing, calm does not.
func TestAccept(t *testing.T) {
	lack := errors.New("no verdict")
	page := func(rank status.Indicator) *status.Page {
		return &status.Page{Word: UnknownWord, Components: []status.Component{{ID: "a", Rank: rank}}}
	}
	for rank, want := range map[status.Indicator]error{
		status.IndicatorUnknown: lack, status.None: lack, status.Minor: nil, status.Critical: nil,
	} {
		if got, err := Accept("read", page(rank), lack); !errors.Is(err, want) || (got == "read") != (want == nil) {
			t.Errorf("%s: %q, %v, want %v", rank, got, err, want)
		}
	}
	if got, err := Accept("read", page(status.None), nil); got != "read" || err != nil {
		t.Errorf("nothing is missing: %q, %v", got, err)
	}
}

// TestDoubted: the doubt is noted, and a server that asks for patience gets it.
func TestDoubted(t *testing.T) {
	odd, busy := errors.New("odd"), &fetch.Error{Reason: fetch.RateLimited, RetryAfter: time.Minute, Err: errors.New("later")}
	for name, tt := range map[string]struct {
		page  status.Page
		doubt error
		good  bool
	}{
		"sure":               {status.Page{OnlyTroubles: true}, nil, true},
		"calm":               {status.Page{Components: []status.Component{{ID: "a"}}}, odd, false},
		"notice":             {status.Page{OnlyTroubles: true, Incidents: []status.Incident{{ID: "a"}}}, odd, false},
		"component":          {status.Page{Components: []status.Component{{ID: "a", Rank: status.Minor}}}, odd, true},
		"incident":           {status.Page{Incidents: []status.Incident{{ID: "a", Impact: status.Major}}}, odd, true},
		"incident, unranked": {status.Page{Incidents: []status.Incident{{ID: "a", Impact: status.IndicatorUnknown}}}, odd, true},
		"word":               {status.Page{Word: status.Word{Published: true, Rank: status.Minor}}, odd, true},
		"word, scoped":       {status.Page{Scoped: true, Word: status.Word{Published: true, Rank: status.Minor}}, odd, false},
		"patience":           {status.Page{Word: status.Word{Published: true, Rank: status.Minor}}, busy, false},
	} {
		page := tt.page
		r, err := Doubted(sources.Reading{Page: &page}, tt.doubt)
		switch doubted := tt.doubt != nil; {
		case !tt.good && (r.Page != nil || !errors.Is(err, tt.doubt)):
			t.Errorf("%s: %+v, %v; want the doubt alone", name, r, err)
		case tt.good && (err != nil || r.Page != &page || page.Doubtful != doubted || (len(r.Notes) == 1) != doubted):
			t.Errorf("%s: %+v, %v", name, r, err)
		}
	}
}

func TestUnread(t *testing.T) {
	listed := []status.Component{{ID: "a", Rank: status.Major}, {ID: "b", Maintenance: true}}
	want := []status.Component{{ID: "a", Rank: status.IndicatorUnknown}, {ID: "b", Rank: status.IndicatorUnknown}}
	if diff := cmp.Diff(want, Unread(listed)); diff != "" || listed[0].Rank != status.Major {
		t.Errorf("components (-want +got):\n%s, before %+v", diff, listed)
	}
}

func TestEscalate(t *testing.T) {
	const none, minor, major, critical, unknown = status.None, status.Minor, status.Major, status.Critical, status.IndicatorUnknown
	for name, c := range map[string]struct{ ranks, want []status.Indicator }{
		"one up":             {[]status.Indicator{major, none}, []status.Indicator{major, none}},
		"one slow":           {[]status.Indicator{major, minor}, []status.Indicator{major, minor}},
		"all down":           {[]status.Indicator{major, major}, []status.Indicator{critical, critical}},
		"rest unknown":       {[]status.Indicator{major, unknown}, []status.Indicator{critical, unknown}},
		"nothing understood": {[]status.Indicator{unknown}, []status.Indicator{unknown}},
	} {
		components := []status.Component{{ID: "m", Maintenance: true}}
		for _, r := range c.ranks {
			components = append(components, status.Component{Rank: r})
		}
		Escalate(components)
		got := []status.Indicator{}
		for _, c := range components[1:] {
			got = append(got, c.Rank)
		}
		if !cmp.Equal(c.want, got) || components[0].Rank != none {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}

func TestInMaintenance(t *testing.T) {
	got := InMaintenance([]status.Component{{ID: "a", Name: "A"}, {ID: "b", Name: "B", Maintenance: true}})
	want := []status.ComponentRef{{ID: "b", Name: "B", Rank: status.IndicatorUnknown}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("refs (-want +got):\n%s", diff)
	}
}
