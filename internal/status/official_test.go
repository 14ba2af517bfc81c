package status

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// page is a page with a word of its own.
func page(word Indicator, leaves ...Indicator) *Page {
	p := &Page{Word: Word{Published: true, Rank: word}, MaintenanceWord: true}
	for i, r := range leaves {
		p.Components = append(p.Components, Component{ID: string(rune('a' + i)), Name: "Part " + string(rune('A'+i)), Rank: r})
	}
	return p
}

// with adds incidents to a page.
func (p *Page) with(incidents ...Incident) *Page {
	p.Incidents = append(p.Incidents, incidents...)
	return p
}

func touching(impact Indicator, monitoring bool, ids ...string) Incident {
	in := Incident{ID: "i" + impact.String(), Title: "Trouble", Impact: impact, Monitoring: monitoring, Started: noon.Add(-time.Hour)}
	for _, id := range ids {
		in.Components = append(in.Components, ComponentRef{ID: id, Rank: IndicatorUnknown})
	}
	return in
}

// TestUnscopedSeverity is contract section 3, "official severity", without a
// scope.
func TestUnscopedSeverity(t *testing.T) {
	seventy := slices.Repeat([]Indicator{None}, 70)
	for _, tc := range []struct {
		name string
		page *Page
		want Status
		word Indicator
	}{
		{"calm", page(None, None, None), Operational, None},
		{"the word leads", page(Minor, None), Degraded, Minor},
		{"major is down", page(Major, None), Down, Major},
		{"critical is down", page(Critical, None), Down, Critical},
		{"an unknown word is unknown", page(IndicatorUnknown, None), Unknown, IndicatorUnknown},
		{"trouble counts beside an unknown word", page(IndicatorUnknown, Major, None), Down, IndicatorUnknown},
		{"impact of an open incident counts", page(None, None).with(touching(Major, false, "a")), Down, None},
		{"an incident of impact none is no trouble", page(None, None).with(touching(None, false, "a")), Operational, None},
		{"an incident of unknown impact is trouble", page(None, None).with(touching(IndicatorUnknown, false, "a")), Degraded, None},
		{"an incident that is over is none", page(None, None).with(Incident{ID: "x", Impact: Critical, Over: true}), Operational, None},
		{"one bad leaf of many: one step above the word", page(None, append([]Indicator{Critical}, seventy...)...), Degraded, None},
		{"one bad leaf of many: the word and one step", page(Minor, append([]Indicator{Critical}, seventy...)...), Down, Minor},
		{"half of the leaves count in full", page(None, Major, None), Down, None},
		{"less than half do not", page(None, Major, None, None), Degraded, None},
		{"half reach minor, one critical: the step is kept", page(None, Critical, Minor, None, None), Degraded, None},
		{"unknown leaves are not counted", page(None, Major, IndicatorUnknown, IndicatorUnknown), Down, None},
		{"an unknown leaf beside a word is no trouble", page(None, None, IndicatorUnknown), Operational, None},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got := Judge(tc.page, Scope{}, noon)
			if got.Severity != tc.want || got.Indicator != tc.word {
				t.Errorf("severity %s, indicator %s; want %s, %s", got.Severity, got.Indicator, tc.want, tc.word)
			}
		})
	}
}

func TestGroupsAndMaintenanceAreNotLeaves(t *testing.T) {
	p := page(None, Major, None, None)
	p.Components[0].IsGroup = true
	if got := Judge(p, Scope{}, noon).Severity; got != Operational {
		t.Errorf("a group's rollup counted: %s", got)
	}
	p = page(None, Major, None, None)
	p.Components[1].Maintenance, p.Components[2].Maintenance = true, true
	if got := Judge(p, Scope{}, noon).Severity; got != Down {
		t.Errorf("%s: a leaf in maintenance must not dilute the half", got)
	}
}

// TestDerivedIndicator is for pages that publish no word of their own.
func TestDerivedIndicator(t *testing.T) {
	wordless := func(p *Page) *Page {
		p.Word, p.MaintenanceWord = Word{}, false
		return p
	}
	for _, tc := range []struct {
		name string
		page *Page
		want Indicator
		sev  Status
	}{
		{"nothing in trouble", wordless(page(None, None)), None, Operational},
		{"neither a word nor a component", wordless(page(None)), IndicatorUnknown, Unknown},
		{"worst of incidents", wordless(page(None)).with(touching(Major, false)), Major, Down},
		{"half of the leaves", wordless(page(None, Critical)), Critical, Down},
		{"one leaf of many", wordless(page(None, Major, None, None)), Minor, Degraded},
		{"no leaf understood", wordless(page(None, IndicatorUnknown)), IndicatorUnknown, Unknown},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got := Judge(tc.page, Scope{}, noon)
			if got.Indicator != tc.want || got.Severity != tc.sev {
				t.Errorf("indicator %s, severity %s; want %s, %s", got.Indicator, got.Severity, tc.want, tc.sev)
			}
		})
	}
}

// TestScopedSeverity is contract section 3, "with a scope".
func TestScopedSeverity(t *testing.T) {
	a := Scope{Include: []string{"Part A"}}
	for _, tc := range []struct {
		name  string
		page  *Page
		scope Scope
		want  Status
	}{
		{"the page's word does not enter", page(Critical, None, Critical), a, Operational},
		{"a scoped component counts in full", page(None, Major, None, None), a, Down},
		{"an incident that touches counts", page(None, None, None).with(touching(Major, false, "a")), a, Down},
		{"an incident elsewhere does not", page(None, None, None).with(touching(Major, false, "b")), a, Operational},
		{"an incident that names none is at most minor", page(None, None, None).with(touching(Critical, false)), a, Degraded},
		{"a scope that names nothing is unreadable", page(None, None), Scope{Include: []string{"Nope"}}, Unknown},
		{"a component of unknown state is unknown", page(None, IndicatorUnknown), a, Unknown},
		{"exclude alone narrows too", page(Critical, None, Critical), Scope{Exclude: []string{"Part B"}}, Operational},
		{"globs and ids", page(None, Major, None), Scope{Include: []string{"part ?"}, Exclude: []string{"b"}}, Down},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := Judge(tc.page, tc.scope, noon); got.Severity != tc.want {
				t.Errorf("severity %s, want %s", got.Severity, tc.want)
			}
		})
	}
}

func TestScopeThatMissesIsReported(t *testing.T) {
	got := Judge(page(None, None), Scope{Include: []string{"Nope", "Part A"}}, noon)
	if diff := cmp.Diff([]string{"Nope"}, got.Unmatched); diff != "" || got.ScopeMissed {
		t.Errorf("unmatched (-want +got):\n%s missed %v", diff, got.ScopeMissed)
	}
	got = Judge(page(Minor, None), Scope{Include: []string{"Nope"}}, noon)
	if !got.ScopeMissed || got.Indicator != IndicatorUnknown {
		t.Errorf("a scope that names nothing must read as unknown: %+v", got)
	}
	troubles := &Page{OnlyTroubles: true}
	if got := Judge(troubles, Scope{Include: []string{"Nope"}}, noon); got.ScopeMissed || got.Severity != Operational {
		t.Errorf("where a source lists only troubles, a scope is a filter: %+v", got)
	}
}

func TestGroupNamesStandForTheirMembers(t *testing.T) {
	p := page(None, Major, Major, None, None, None)
	p.Components[0].Group, p.Components[0].GroupID = "Europe", "g1"
	for _, pattern := range []string{"Europe", "g1", "Europe - Part A", "euro*"} {
		got := Judge(p, Scope{Include: []string{pattern}}, noon)
		if len(got.Components) != 1 || got.Components[0].ID != "a" {
			t.Errorf("%s: %v", pattern, got.Components)
		}
	}
}

// TestRankPerComponent is for engines whose incidents rank each component.
func TestRankPerComponent(t *testing.T) {
	in := Incident{ID: "z", Impact: Major, Components: []ComponentRef{
		{ID: "1", Name: "Ticketing", Impact: Minor, Rank: Minor, HasImpact: true},
		{ID: "2", Name: "API", Impact: Major, Rank: Major, HasImpact: true},
	}}
	p := (&Page{OnlyTroubles: true}).with(in)
	for name, want := range map[string]Status{"Ticketing": Degraded, "API": Down, "Chat": Operational} {
		if got := Judge(p, Scope{Include: []string{name}}, noon).Severity; got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
	if got := Judge(p, Scope{}, noon); got.Severity != Down || got.Indicator != Major {
		t.Errorf("unscoped: %s, %s", got.Severity, got.Indicator)
	}
}

// TestCloud is the rule that one region does not take a whole cloud down.
func TestCloud(t *testing.T) {
	in := Incident{ID: "c", Impact: Major, Components: []ComponentRef{{ID: "ec2", Name: "EC2"}}}
	broad := in
	broad.Broad = true
	unnamed := Incident{ID: "u", Impact: Major}
	cloud := func(scoped bool, in Incident) *Page {
		return (&Page{OnlyTroubles: true, Cloud: true, Scoped: scoped}).with(in)
	}
	for _, tc := range []struct {
		name  string
		page  *Page
		scope Scope
		want  Status
	}{
		{"unscoped", cloud(false, in), Scope{}, Degraded},
		{"unscoped, global or half of the regions", cloud(false, broad), Scope{}, Down},
		{"scoped by components", cloud(false, in), Scope{Include: []string{"EC2"}}, Down},
		{"scoped by an option of the engine", cloud(true, in), Scope{}, Down},
		{"… and naming no component", cloud(true, unnamed), Scope{}, Degraded},
	} {
		if got := Judge(tc.page, tc.scope, noon).Severity; got != tc.want {
			t.Errorf("%s: %s, want %s", tc.name, got, tc.want)
		}
	}
}

// TestMonitoring is the rule that a fix under watch counts at most minor.
func TestMonitoring(t *testing.T) {
	for _, tc := range []struct {
		name string
		page *Page
		want Status
	}{
		{"components operational", page(None, None).with(touching(Critical, true, "a")), Degraded},
		{"components not stated", page(None, None).with(touching(Critical, true)), Degraded},
		{"a component still in trouble", page(None, Minor, None, None).with(touching(Critical, true, "a")), Down},
		{"not monitoring", page(None, None).with(touching(Critical, false, "a")), Down},
	} {
		if got := Judge(tc.page, Scope{}, noon).Severity; got != tc.want {
			t.Errorf("%s: %s, want %s", tc.name, got, tc.want)
		}
	}
}

// TestMaintenance is contract section 3, "maintenance".
func TestMaintenance(t *testing.T) {
	during := Window{State: InProgress, Start: noon.Add(-time.Hour), End: noon.Add(time.Hour), Components: []ComponentRef{{ID: "a"}}}
	word := page(None, None, None, None)
	word.Word.Maintenance = true
	half := page(None, None, None)
	half.Components[0].Maintenance = true
	windowed := page(None, None, None, None)
	windowed.Windows = []Window{during}
	wordless := page(None, None, None, None)
	wordless.MaintenanceWord, wordless.Word, wordless.Windows = false, Word{}, []Window{during}
	for _, tc := range []struct {
		name  string
		page  *Page
		scope Scope
		want  bool
	}{
		{"the page's own word", word, Scope{}, true},
		{"half of the leaves", half, Scope{}, true},
		{"a window alone, on a page with a word", windowed, Scope{}, false},
		{"a window alone, on a page without a word", wordless, Scope{}, true},
		{"a window that touches the scope", windowed, Scope{Include: []string{"a"}}, true},
		{"a window that does not", windowed, Scope{Include: []string{"b"}}, false},
	} {
		got := Judge(tc.page, tc.scope, noon)
		if got.Maintenance != tc.want || got.Severity != Operational {
			t.Errorf("%s: maintenance %v, severity %s; want %v, operational", tc.name, got.Maintenance, got.Severity, tc.want)
		}
	}
}

func TestWindowStateLeads(t *testing.T) {
	past, future := noon.Add(-time.Hour), noon.Add(time.Hour)
	for _, tc := range []struct {
		name   string
		window Window
		want   bool
	}{
		{"in progress after its end", Window{State: InProgress, Start: past, End: past}, true},
		{"scheduled within its time", Window{State: Scheduled, Start: past, End: future}, false},
		{"completed within its time", Window{State: Completed, Start: past, End: future}, false},
		{"no state, within", Window{Start: past, End: future}, true},
		{"no state, open end", Window{Start: past}, true},
		{"no state, before", Window{Start: future}, false},
		{"no state, at its end", Window{Start: past, End: noon}, false},
	} {
		if got := tc.window.UnderWay(noon); got != tc.want {
			t.Errorf("%s: %v", tc.name, got)
		}
	}
}

func TestCurrentOrNextWindow(t *testing.T) {
	at := func(hours int, state WindowState) Window {
		return Window{State: state, Start: noon.Add(time.Duration(hours) * time.Hour), End: noon.Add(time.Duration(hours+1) * time.Hour)}
	}
	for _, tc := range []struct {
		name    string
		windows []Window
		want    time.Time
	}{
		{"the current one", []Window{at(2, Scheduled), at(-1, InProgress)}, noon.Add(-time.Hour)},
		{"else the next", []Window{at(5, Scheduled), at(2, Scheduled)}, noon.Add(2 * time.Hour)},
		{"never a past one", []Window{at(-5, Scheduled), at(-3, Completed)}, time.Time{}},
	} {
		p := page(None, None)
		p.Windows = tc.windows
		var got time.Time
		if w := Judge(p, Scope{}, noon).Window; w != nil {
			got = w.Start
		}
		if !got.Equal(tc.want) {
			t.Errorf("%s: starts %s, want %s", tc.name, got, tc.want)
		}
	}
}

// TestEvidence finds the earliest start among the incidents that count.
func TestEvidence(t *testing.T) {
	old := touching(None, false, "b")
	old.ID, old.Started = "old", noon.Add(-300*time.Hour)
	hurting := touching(None, false, "a")
	hurting.ID, hurting.Started = "hurting", noon.Add(-3*time.Hour)
	minor := touching(Minor, false)
	got := Judge(page(Minor, Minor, None, None).with(old, hurting, minor), Scope{}, noon)
	if !got.Since.Equal(hurting.Started) {
		t.Errorf("since %s, want the start of the incident that touches the bad component, %s", got.Since, hurting.Started)
	}
	if diff := cmp.Diff([]string{"hurting", "iminor"}, got.Evidence); diff != "" {
		t.Errorf("evidence (-want +got):\n%s", diff)
	}
	if got.Incidents[0].ID != "iminor" {
		t.Errorf("most severe incident first: %v", got.Incidents)
	}
}

func TestCarryHidden(t *testing.T) {
	shy := Component{ID: "s", Name: "Shy", Rank: Major, OnlyIfBad: true}
	plain := Component{ID: "p", Name: "Plain"}
	got := CarryHidden([]Component{shy, plain}, nil)
	want := []Component{{ID: "s", Name: "Shy", Rank: None, OnlyIfBad: true, Hidden: true}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	p := page(None, None)
	p.Components = CarryHidden([]Component{shy}, p.Components)
	o := Judge(p, Scope{Include: []string{"Shy"}}, noon)
	if o.ScopeMissed || o.Severity != Operational || len(o.Components) != 0 {
		t.Errorf("a hidden component is well, and has no series: %+v", o)
	}
}

func TestGlob(t *testing.T) {
	for _, tc := range []struct {
		pattern, name string
		want          bool
	}{
		{"api", "API", true},
		{"api*", "API Requests", true},
		{"*req*", "API Requests", true},
		{"a?i", "api", true},
		{"a?i", "apii", false},
		{"*", "", true},
		{"IAD [Ashburn]*", "IAD [Ashburn] - (IAD)", true},
		{"*a*b", "xaxxb", true},
		{"*a*b", "xaxx", false},
		{"", "x", false},
		{"é*", "Édition", true},
	} {
		if got := Glob(tc.pattern, tc.name); got != tc.want {
			t.Errorf("Glob(%q, %q) = %v", tc.pattern, tc.name, got)
		}
	}
}

// TestDoubtful: where a part of a page was not understood, trouble counts and
// calm is unknown, also of a part that seems well.
func TestDoubtful(t *testing.T) {
	p := &Page{
		Components: []Component{{ID: "a", Name: "A", Rank: Major}, {ID: "b", Name: "B"}},
		Doubtful:   true,
	}
	for name, want := range map[string]Status{"": Down, "A": Down, "B": Unknown} {
		s := Scope{}
		if name != "" {
			s.Include = []string{name}
		}
		if got := Judge(p, s, time.Time{}); got.Severity != want {
			t.Errorf("%q: %v, want %v", name, got.Severity, want)
		}
	}
}
