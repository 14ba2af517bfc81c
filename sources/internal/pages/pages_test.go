package pages

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/downstatus/downstatus_exporter/internal/status"
)

func TestSame(t *testing.T) {
	page := func(rank status.Indicator) *status.Page {
		return &status.Page{Components: []status.Component{{ID: "a", Rank: rank}}}
	}
	old, next := page(status.None), page(status.Major)
	if Same(old, page(status.None)) != old {
		t.Error("an equal page is not the old one")
	}
	if Same(old, next) != next || Same(nil, next) != next {
		t.Error("another page is not taken")
	}
}

func TestUnique(t *testing.T) {
	ids, got := IDs{}, []string{}
	for _, id := range []string{"a", "a", "b", "a#2", "a", "a#2"} {
		got = append(got, ids.Unique(id))
	}
	if diff := cmp.Diff([]string{"a", "a#2", "b", "a#2#2", "a#3", "a#2#3"}, got); diff != "" {
		t.Errorf("ids (-want +got):\n%s", diff)
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
