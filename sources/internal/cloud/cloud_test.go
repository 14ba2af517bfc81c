package cloud

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/downstatus/downstatus_exporter/internal/status"
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

var (
	compute = Label{ID: "compute", Name: "Acme Compute", Also: []string{"Acme VMs"}}
	storage = Label{ID: "storage", Name: "Acme Storage"}
	east    = Label{ID: "east-1", Name: "Eastville", Also: []string{"east-1a"}}
	west    = Label{ID: "west-1", Name: "Westville"}
	all     = Label{ID: "global", Name: "Global"}
)

func isGlobal(l Label) bool { return l.ID == "global" }

func ranked(s, r Label, rank, peak status.Indicator) Part {
	return Part{ID: s.ID + "/" + r.ID, Service: s, Region: r, Global: isGlobal(r), Ranked: true, Rank: rank, Peak: peak}
}

func open(id string, impact status.Indicator, parts ...Part) Event {
	return Event{Incident: status.Incident{ID: id, Impact: impact, Started: noon.Add(-time.Hour)}, Parts: parts, Peak: impact}
}

func TestScopeOf(t *testing.T) {
	got := ScopeOf(map[string]string{"regions": " east-*, ,west-1", "services": ""})
	if diff := cmp.Diff(Scope{Regions: []string{"east-*", "west-1"}}, got); diff != "" {
		t.Error(diff)
	}
	if !got.Active() || ScopeOf(nil).Active() || ScopeOf(map[string]string{"regions": ", "}).Active() {
		t.Error("a scope is active with an option that names something, and only then")
	}
}

// TestOptions is what of an incident the options keep. The empty want is that
// it does not touch the scope.
func TestOptions(t *testing.T) {
	plain := func(services, regions []Label) Event {
		return open("1", status.Major, Cross(services, regions, isGlobal)...)
	}
	both := plain([]Label{compute, storage}, []Label{east, west})
	type want struct {
		impact     status.Indicator
		components int
		severity   status.Status
	}
	gone := want{severity: status.Operational}
	for name, tc := range map[string]struct {
		scope Scope
		event Event
		want  want
	}{
		"whole cloud":                {Scope{}, both, want{status.Major, 4, status.Degraded}},
		"region by id":               {Scope{Regions: []string{"east-1"}}, both, want{status.Major, 2, status.Down}},
		"region by name":             {Scope{Regions: []string{"westville"}}, both, want{status.Major, 2, status.Down}},
		"region by another name":     {Scope{Regions: []string{"EAST-1A"}}, both, want{status.Major, 2, status.Down}},
		"region by glob":             {Scope{Regions: []string{"*-1"}}, both, want{status.Major, 4, status.Down}},
		"another region":             {Scope{Regions: []string{"north-1"}}, both, gone},
		"service by id":              {Scope{Services: []string{"storage"}}, both, want{status.Major, 2, status.Down}},
		"service by name":            {Scope{Services: []string{"acme comp*"}}, both, want{status.Major, 2, status.Down}},
		"service by another name":    {Scope{Services: []string{"Acme VMs"}}, both, want{status.Major, 2, status.Down}},
		"another service":            {Scope{Services: []string{"mail"}}, both, gone},
		"both":                       {Scope{Services: []string{"storage"}, Regions: []string{"east-1"}}, both, want{status.Major, 1, status.Down}},
		"the service elsewhere":      {Scope{Services: []string{"storage"}, Regions: []string{"north-1"}}, both, gone},
		"global":                     {Scope{Regions: []string{"north-1"}}, plain([]Label{storage}, []Label{all}), want{status.Major, 1, status.Down}},
		"names no region":            {Scope{Regions: []string{"north-1"}}, plain([]Label{storage}, nil), want{status.Major, 1, status.Down}},
		"names no service":           {Scope{Services: []string{"storage"}}, plain(nil, []Label{east}), want{status.Major, 0, status.Degraded}},
		"names neither":              {Scope{Services: []string{"storage"}}, plain(nil, nil), want{status.Major, 0, status.Degraded}},
		"ranked: the parts lead":     {Scope{Services: []string{"storage"}}, open("1", status.Major, ranked(storage, east, status.Minor, status.Major), ranked(compute, east, status.Major, status.Major)), want{status.Minor, 1, status.Degraded}},
		"ranked: well again":         {Scope{Services: []string{"storage"}}, open("1", status.Major, ranked(storage, east, status.None, status.Major), ranked(compute, east, status.Major, status.Major)), gone},
		"ranked: the whole cloud":    {Scope{}, open("1", status.Major, ranked(storage, east, status.None, status.Major)), want{status.Major, 1, status.Degraded}},
		"ranked: global and well":    {Scope{Regions: []string{"west-1"}}, open("1", status.Major, ranked(storage, all, status.None, status.Major), ranked(compute, east, status.Major, status.Major)), gone},
		"ranked: global, in trouble": {Scope{Regions: []string{"west-1"}}, open("1", status.Major, ranked(storage, all, status.Major, status.Major)), want{status.Major, 1, status.Down}},
	} {
		p := Page{Scope: tc.scope}
		r := p.Read([]Event{tc.event}, nil, noon)
		got := want{severity: status.Judge(r.Page, status.Scope{}, noon).Severity}
		for _, in := range r.Page.Incidents {
			got.impact, got.components = in.Impact, len(in.Components)
		}
		if got != tc.want || r.Page.Scoped != tc.scope.Active() {
			t.Errorf("%s: %+v, scoped %t, want %+v", name, got, r.Page.Scoped, tc.want)
		}
	}
}

// TestComponents: a scope of the configuration finds services, regions and
// pairs of them, and none of them is taken for the whole cloud.
func TestComponents(t *testing.T) {
	p := Page{}
	page := p.Read([]Event{
		open("1", status.Major, Cross([]Label{compute, storage}, []Label{east}, isGlobal)...),
		open("2", status.Minor, Cross([]Label{storage}, []Label{east, west}, isGlobal)...),
	}, nil, noon).Page
	for _, tc := range []struct {
		scope status.Scope
		want  []string // ids of the incidents that touch it
	}{
		{status.Scope{}, []string{"1", "2"}},
		{status.Scope{Include: []string{"Acme Compute"}}, []string{"1"}},
		{status.Scope{Include: []string{"storage/west-1"}}, []string{"2"}},
		{status.Scope{Include: []string{"west-1"}}, []string{"2"}},
		{status.Scope{Include: []string{"eastville"}}, []string{"1", "2"}},
		{status.Scope{Include: []string{"Eastville - Acme Compute"}}, []string{"1"}},
		{status.Scope{Include: []string{"north-1"}}, nil},
		{status.Scope{Exclude: []string{"east-1"}}, []string{"2"}},
		{status.Scope{Exclude: []string{"Acme Storage"}}, []string{"1"}},
	} {
		o := status.Judge(page, tc.scope, noon)
		var got []string
		for _, in := range o.Incidents {
			got = append(got, in.ID)
		}
		if diff := cmp.Diff(tc.want, got); diff != "" {
			t.Errorf("%+v (-want +got):\n%s", tc.scope, diff)
		}
		if len(o.Components) > 0 || o.ScopeMissed || o.Unmatched != nil {
			t.Errorf("%+v: components %v, missed %t, unmatched %v", tc.scope, o.Components, o.ScopeMissed, o.Unmatched)
		}
	}
	if n := len(page.Components); n != 3 {
		t.Errorf("%d parts listed, want each pair once", n)
	}
}

// TestPartInTwoIncidents: the state of a part is the worst that is told of it.
func TestPartInTwoIncidents(t *testing.T) {
	p := Page{}
	page := p.Read([]Event{
		open("1", status.Minor, ranked(storage, east, status.Minor, status.Minor)),
		open("2", status.Major, ranked(storage, east, status.Major, status.Major)),
	}, nil, noon).Page
	if len(page.Components) != 1 || page.Components[0].Rank != status.Major {
		t.Errorf("%+v, want one part at major", page.Components)
	}
}

// TestEnds reads one list at two times: time alone ends what it lists.
func TestEnds(t *testing.T) {
	past := open("past", status.Major, Cross([]Label{storage}, []Label{east}, isGlobal)...)
	past.End = noon.Add(-30 * time.Minute)
	marked := open("marked", status.Minor)
	marked.Over = true
	late := open("late", status.Minor)
	late.Peak, late.End, late.Monitoring = status.Critical, noon.Add(10*time.Minute), true
	backfilled := open("backfilled", status.Minor)
	backfilled.End = backfilled.Started.Add(-time.Hour)
	events := []Event{past, marked, late, open("long", status.Minor), backfilled}

	p := Page{}
	first := p.Read(events, nil, noon)
	if got := ids(first.Ended); got != "past marked backfilled" || ids(first.Page.Incidents) != "late long" {
		t.Fatalf("first poll: ended %s, open %s", got, ids(first.Page.Incidents))
	}
	if in := first.Ended[0]; !in.Over || in.Resolved != past.End || in.Impact != status.Major {
		t.Errorf("%+v", in)
	}
	if in := first.Ended[1]; !in.Over || !in.Resolved.IsZero() {
		t.Errorf("an end without a time: %+v", in)
	}
	if in := first.Ended[2]; in.Resolved != in.Started {
		t.Errorf("an end before the start: %+v", in)
	}
	if in := first.Page.Incidents[0]; in.Over || !in.Resolved.IsZero() || !in.Monitoring || in.Impact != status.Minor {
		t.Errorf("not over yet: %+v", in)
	}
	later := p.Read(events, nil, noon.Add(10*time.Minute))
	if ids(later.Ended) != "past marked late backfilled" || ids(later.Page.Incidents) != "long" {
		t.Fatalf("the end has come: ended %s, open %s", ids(later.Ended), ids(later.Page.Incidents))
	}
	if in := later.Ended[2]; in.Impact != status.Critical || in.Monitoring {
		t.Errorf("%+v, want it at its height", in)
	}
}

func ids(list []status.Incident) string {
	out := ""
	for _, in := range list {
		if out != "" {
			out += " "
		}
		out += in.ID
	}
	return out
}

func TestCross(t *testing.T) {
	for name, tc := range map[string]struct {
		services, regions []Label
		want              []string
	}{
		"neither":  {nil, nil, nil},
		"services": {[]Label{compute, storage}, nil, []string{"compute", "storage"}},
		"regions":  {nil, []Label{east}, []string{"east-1"}},
		"no ids":   {[]Label{{Name: "Acme Mail"}}, []Label{{Name: "Westville"}}, []string{"Acme Mail/Westville"}},
		"both":     {[]Label{compute, storage}, []Label{east, all}, []string{"compute/east-1", "compute/global", "storage/east-1", "storage/global"}},
	} {
		var got []string
		for _, p := range Cross(tc.services, tc.regions, isGlobal) {
			got = append(got, p.ID)
			if p.Global != (p.Region.ID == "global") || p.Ranked || p.Rank != status.IndicatorUnknown {
				t.Errorf("%s: %+v", name, p)
			}
		}
		if diff := cmp.Diff(tc.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestHalf(t *testing.T) {
	if Half(16, 34) || !Half(17, 34) || !Half(21, 41) || Half(20, 41) {
		t.Error("half of 34 is 17, and at least half of 41 is 21")
	}
}
