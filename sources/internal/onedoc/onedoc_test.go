package onedoc

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/downstatus/downstatus_exporter/internal/status"
	"github.com/downstatus/downstatus_exporter/sources"
	"github.com/downstatus/downstatus_exporter/sources/fetch"
)

func TestList(t *testing.T) {
	for option, want := range map[string][]string{
		"":              nil,
		" , ":           nil,
		"one":           {"one"},
		"one, Two & 3,": {"one", "Two & 3"},
	} {
		if diff := cmp.Diff(want, List(option)); diff != "" {
			t.Errorf("%q (-want +got):\n%s", option, diff)
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
		"one odd":   {[]string{"Store", "Shop"}, "1", "a:1 c:", "", []string{"services: Shop names nothing that the page lists"}},
	} {
		t.Run(name, func(t *testing.T) {
			r := reading()
			if err := Narrow(r, "services", tt.patterns); err != nil {
				t.Fatal(err)
			}
			parts, incidents, windows := "", "", ""
			for _, c := range r.Page.Components {
				parts += c.ID
			}
			for _, in := range r.Page.Incidents {
				incidents += " " + in.ID + ":" + ids(in.Components)
			}
			for _, w := range r.Page.Windows {
				windows += " " + w.ID + ":" + ids(w.Components)
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

func ids(refs []status.ComponentRef) (out string) {
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
	if err := Narrow(r, "services", []string{"Shop", "Mall"}); err == nil || fetch.ReasonOf(err) != fetch.Shape {
		t.Errorf("patterns that name nothing: error %v, want one of reason shape", err)
	}
}

func TestSite(t *testing.T) {
	site := Site{Page: "https://status.acme.test/help", Origin: "https://data.acme.test", Path: "/v1/", Suffix: ".json", Domains: []string{"acme.test"}}
	for _, tt := range []struct{ url, region, page, document string }{
		{"", "eu", "https://status.acme.test/help", "https://data.acme.test/v1/eu.json"},
		{"status.acme.test/de/help/", "eu", "https://status.acme.test/de/help", "https://data.acme.test/v1/eu.json"},
		{"https://data.acme.test/v1/us.json", "eu", "https://status.acme.test/help", "https://data.acme.test/v1/eu.json"},
		{"http://127.0.0.1:80", "eu", "http://127.0.0.1:80", "http://127.0.0.1:80/v1/eu.json"},
		{"http://127.0.0.1/acme/", "eu", "http://127.0.0.1/acme", "http://127.0.0.1/acme/v1/eu.json"},
		{"http://127.0.0.1/acme/v1/us.json", "us", "http://127.0.0.1/acme", "http://127.0.0.1/acme/v1/us.json"},
		{"https://notacme.test", "eu", "https://notacme.test", "https://notacme.test/v1/eu.json"},
	} {
		got, err := site.Target(sources.Config{URL: tt.url}, tt.region)
		if err != nil || got.Page.String() != tt.page || got.Document.String() != tt.document || got.Value != tt.region {
			t.Errorf("%+v: %v, page %s, document %s, value %s", tt, err, got.Page, got.Document, got.Value)
		}
	}
	if _, err := site.Target(sources.Config{URL: "ftp://x"}, "eu"); err == nil {
		t.Error("no error for an address that is none")
	}
	for url, want := range map[string]string{"https://data.acme.test/v1/us.json": "us", "https://status.acme.test": "", "": ""} {
		if got := site.Region(url); got != want {
			t.Errorf("region of %q is %q, want %q", url, got, want)
		}
	}
}

func TestInstant(t *testing.T) {
	want := time.Date(2026, 11, 22, 4, 8, 1, 271e6, time.UTC)
	if got := Instant("2026-11-22T06:08:01.2710164+02:00"); !got.Equal(want) || got.Location() != time.UTC {
		t.Errorf("got %v, want %v", got, want)
	}
	if got := Instant("11/22/2026"); !got.IsZero() {
		t.Errorf("got %v for what is no time", got)
	}
}
