package vendors

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/downstatus/downstatus_exporter/internal/status"
	"github.com/downstatus/downstatus_exporter/sources"
	"github.com/downstatus/downstatus_exporter/sources/fetch"
)

func TestParseList(t *testing.T) {
	tests := map[string]struct {
		want  List
		plain bool
	}{
		"":                {nil, false},
		" , ":             {nil, false},
		"Boards":          {List{"Boards"}, true},
		"Boards, Repos ,": {List{"Boards", "Repos"}, true},
		"Boards,*":        {List{"Boards", "*"}, false},
		"NA13?":           {List{"NA13?"}, false},
	}
	for joined, tt := range tests {
		got := ParseList(joined)
		if diff := cmp.Diff(tt.want, got); diff != "" || got.Plain() != tt.plain || got.Active() != (len(tt.want) > 0) {
			t.Errorf("%q: plain %t, active %t, %s", joined, got.Plain(), got.Active(), diff)
		}
	}
	if got := ParseList("a,b").String(); got != "a, b" {
		t.Errorf("as text %q", got)
	}
}

func TestCovers(t *testing.T) {
	tests := []struct {
		list  string
		names []string
		want  bool
	}{
		{"", []string{"Search"}, true},
		{"", nil, true},
		{"search", []string{"Search"}, true},
		{"Files,Login*", []string{"Login/SSO"}, true},
		{"Files", []string{"Login/SSO", "Files"}, true},
		{"Files", []string{"Login/SSO"}, false},
		{"Files", nil, false},
		{"*", []string{""}, false},
	}
	for _, tt := range tests {
		if got := ParseList(tt.list).Covers(tt.names...); got != tt.want {
			t.Errorf("%q covers %q: %t, want %t", tt.list, tt.names, got, tt.want)
		}
	}
}

func reading() *sources.Reading {
	ref := func(ids ...string) (refs []status.ComponentRef) {
		for _, id := range ids {
			refs = append(refs, status.ComponentRef{ID: id})
		}
		return refs
	}
	return &sources.Reading{Page: &status.Page{
		Components: []status.Component{{ID: "1", Name: "Store"}, {ID: "2", Name: "Chat", Group: "Social", GroupID: "9"}, {ID: "3", Name: "Video"}},
		Incidents: []status.Incident{
			{ID: "a", Components: ref("1", "2")},
			{ID: "b", Components: ref("3")},
			{ID: "c"},
		},
		Windows: []status.Window{{ID: "d", Components: ref("3")}, {ID: "e", Components: ref("2", "3")}},
	}}
}

func TestNarrow(t *testing.T) {
	for name, tt := range map[string]struct {
		patterns         []string
		parts, incidents string
		windows          string
		notes            []string
	}{
		"name":      {[]string{"store"}, "1", "a:1 c:", "", nil},
		"id":        {[]string{"2"}, "2", "a:2 c:", "e:2", nil},
		"group":     {[]string{"Social"}, "2", "a:2 c:", "e:2", nil},
		"qualified": {[]string{"social - chat"}, "2", "a:2 c:", "e:2", nil},
		"glob":      {[]string{"*o*"}, "123", "a:12 b:3 c:", "d:3 e:23", nil},
		"one odd":   {[]string{"Store", "Shop"}, "1", "a:1 c:", "", []string{"services: the page lists nothing called Shop"}},
	} {
		t.Run(name, func(t *testing.T) {
			r := reading()
			if err := Narrow(r, "services", List(tt.patterns)); err != nil {
				t.Fatal(err)
			}
			parts, incidents, windows := "", "", ""
			for _, c := range r.Page.Components {
				parts += c.ID
			}
			for _, in := range r.Page.Incidents {
				incidents += " " + in.ID + ":" + refIDs(in.Components)
			}
			for _, w := range r.Page.Windows {
				windows += " " + w.ID + ":" + refIDs(w.Components)
			}
			if !r.Page.Scoped || parts != tt.parts || incidents != " "+tt.incidents || windows != prefixed(tt.windows) {
				t.Errorf("scoped %t, components %q, incidents %q, windows %q", r.Page.Scoped, parts, incidents, windows)
			}
			if diff := cmp.Diff(tt.notes, r.Notes); diff != "" {
				t.Errorf("notes (-want +got):\n%s", diff)
			}
		})
	}
}

func prefixed(s string) string {
	if s == "" {
		return ""
	}
	return " " + s
}

func refIDs(refs []status.ComponentRef) (out string) {
	for _, r := range refs {
		out += r.ID
	}
	return out
}

func TestNarrowNothing(t *testing.T) {
	r := reading()
	if err := Narrow(r, "services", nil); err != nil || r.Page.Scoped || len(r.Page.Incidents) != 3 {
		t.Errorf("no patterns: %v, %+v", err, r.Page)
	}
	if err := Narrow(r, "services", List{"Shop", "Mall"}); err == nil || fetch.ReasonOf(err) != fetch.Shape {
		t.Errorf("patterns that name nothing: error %v, want one of reason shape", err)
	}
}
