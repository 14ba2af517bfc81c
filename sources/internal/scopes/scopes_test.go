package scopes

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/downstatus/downstatus_exporter/internal/status"
)

func TestParse(t *testing.T) {
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
		got := Parse(joined)
		if diff := cmp.Diff(tt.want, got); diff != "" || got.Plain() != tt.plain || got.Active() != (len(tt.want) > 0) {
			t.Errorf("%q: plain %t, active %t, %s", joined, got.Plain(), got.Active(), diff)
		}
	}
	if got := Parse("a,b").String(); got != "a, b" {
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
		if got := Parse(tt.list).Covers(tt.names...); got != tt.want {
			t.Errorf("%q covers %q: %t, want %t", tt.list, tt.names, got, tt.want)
		}
	}
}

func TestPick(t *testing.T) {
	all := []status.Component{
		{ID: "boards/eu", Name: "Europe", GroupID: "boards", Group: "Boards"},
		{ID: "boards/us", Name: "United States", GroupID: "boards", Group: "Boards"},
		{ID: "portal", Name: "Portal"},
	}
	tests := map[string]struct{ picked, missing []string }{
		"":                       {[]string{"boards/eu", "boards/us", "portal"}, nil},
		"Boards":                 {[]string{"boards/eu", "boards/us"}, nil},
		"*/us,Portal":            {[]string{"boards/us", "portal"}, nil},
		"Boards - Europe,Pagers": {[]string{"boards/eu"}, []string{"Pagers"}},
		"europe":                 {[]string{"boards/eu"}, nil},
		"Pagers":                 {nil, []string{"Pagers"}},
	}
	for list, tt := range tests {
		picked, missing := Parse(list).Pick(all)
		var ids []string
		for _, c := range picked {
			ids = append(ids, c.ID)
		}
		if diff := cmp.Diff(tt.picked, ids) + cmp.Diff(tt.missing, []string(missing)); diff != "" {
			t.Errorf("%q: %s", list, diff)
		}
	}
}
