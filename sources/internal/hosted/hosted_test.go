package hosted

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/downstatus/downstatus_exporter/internal/status"
	"github.com/downstatus/downstatus_exporter/sources"
	"github.com/downstatus/downstatus_exporter/sources/statuspage"
)

func TestLook(t *testing.T) {
	table := map[string]statuspage.Condition{"fine": {Rank: status.None}, "works": {Rank: status.None, Maintenance: true}}
	var r Reader
	if got := r.Condition(table, "works"); got != table["works"] || r.Unknown != nil {
		t.Errorf("%+v, unknown %v", got, r.Unknown)
	}
	if got := r.Condition(table, "Fine"); got != (statuspage.Condition{Rank: status.IndicatorUnknown}) {
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

func TestKey(t *testing.T) {
	var r Reader
	seen := map[string]int{}
	steps := []struct {
		id, name sources.Str
		want     string
	}{
		{"7", "API", "7"},
		{"7", "Another", ""},
		{"", "API", "API"},
		{"", "API", "API #2"},
		{"API #3", "", "API #3"},
		{"", "API", "API #4"},
		{"", "", ""},
		{"", sources.Str(strings.Repeat("x", 600)), strings.Repeat("x", keyLimit)},
	}
	for _, s := range steps {
		if got := r.Key("component_id", s.id, s.name, seen); got != s.want {
			t.Errorf("%q %.10q: %q, want %q", s.id, s.name, got, s.want)
		}
	}
	if diff := cmp.Diff([]string{"component_id"}, r.Unknown); diff != "" {
		t.Error(diff)
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
