package downstatus

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/downstatus/downstatus_exporter/internal/status"
	"github.com/downstatus/downstatus_exporter/sources"
	"github.com/downstatus/downstatus_exporter/sources/fetch"
)

func load(t testing.TB, name string) []byte {
	t.Helper()
	body, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return body
}

func golden(t *testing.T, name string, v any) {
	t.Helper()
	if err := json.Unmarshal(load(t, name), v); err != nil {
		t.Fatal(err)
	}
}

// TestWordsGolden reads every row of the mapping tables, and words that are in
// none, against what was written down by hand.
func TestWordsGolden(t *testing.T) {
	var want map[string]map[string]string
	golden(t, "words.golden.json", &want)
	rows := map[string][]string{
		"status":             slices.Collect(maps.Keys(statuses)),
		"official_indicator": slices.Collect(maps.Keys(indicators)),
		"source":             slices.Collect(maps.Keys(signals)),
	}
	for field, words := range rows {
		for _, word := range words {
			if _, ok := want[field][word]; !ok {
				t.Errorf("%s %q has no golden reading", field, word)
			}
		}
		for word, meaning := range want[field] {
			if got := readWord(t, field, word); got != meaning {
				t.Errorf("%s %q reads as %q, want %q", field, word, got, meaning)
			}
		}
	}
}

func readWord(t *testing.T, field, word string) string {
	t.Helper()
	body := fmt.Appendf(nil, `{"ok":true,"data":[{"slug":"acme","service":{"slug":"acme"},"started_at":"2026-11-20T10:00:00Z",%q:%q}]}`, field, word)
	list, err := decodeServices(body)
	if err != nil {
		t.Fatal(err)
	}
	recs, err := decodeOutages(body)
	if err != nil {
		t.Fatal(err)
	}
	row := list.rows[0]
	var meaning string
	unknown := row.unknown
	switch field {
	case "status":
		meaning = row.Status.String()
	case "official_indicator":
		meaning = row.Official.String()
	default:
		meaning, unknown = string(recs.outages[0].Signal), recs.unknown
	}
	if slices.Contains(unknown, field) {
		meaning += ", unknown word"
	}
	return meaning
}

func TestCount(t *testing.T) {
	tests := []struct {
		raw  sources.Str
		want int
		ok   bool
	}{
		{"", 0, true},
		{"0", 0, true},
		{"17", 17, true},
		{"17.9", 17, true},
		{"1e3", 1000, true},
		{"-1", 0, false},
		{"NaN", 0, false},
		{"Inf", 0, false},
		{"1e300", 0, false},
		{"a few", 0, false},
		{"true", 0, false},
	}
	for _, tt := range tests {
		if n, ok := count(tt.raw); n != tt.want || ok != tt.ok {
			t.Errorf("count(%q) = %d, %t; want %d, %t", tt.raw, n, ok, tt.want, tt.ok)
		}
	}
}

// TestCountsGiven: no count is not the count of none, and an instance that
// cannot read a service has counted nothing.
func TestCountsGiven(t *testing.T) {
	type counts struct {
		R1h, R24h     int
		Has1h, Has24h bool
	}
	for fields, want := range map[string]counts{
		`"report_count_1h":3,"report_count_24h":"9"`:                    {3, 9, true, true},
		`"report_count_1h":0`:                                           {0, 0, true, false},
		`"report_count_24h":9`:                                          {0, 9, false, true},
		`"report_count_1h":null,"report_count_24h":"many"`:              {},
		`"status":"down","report_count_1h":3,"report_count_24h":9`:      {3, 9, true, true},
		`"status":"wobbling","report_count_1h":3,"report_count_24h":-1`: {3, 0, true, false},
		`"status":"unknown","report_count_1h":0,"report_count_24h":0`:   {},
		`"status":"unknown","report_count_1h":3,"report_count_24h":9`:   {},
		`"status":null,"report_count_1h":0,"report_count_24h":0`:        {0, 0, true, true},
	} {
		list, err := decodeServices([]byte(`{"ok":true,"data":[{"slug":"acme",` + fields + `}]}`))
		if err != nil {
			t.Fatal(err)
		}
		r := list.rows[0]
		if got := (counts{r.Reports1h, r.Reports24h, r.Has1h, r.Has24h}); got != want {
			t.Errorf("%s: %+v, want %+v", fields, got, want)
		}
	}
}

func TestNotUnderstood(t *testing.T) {
	bodies := map[string]fetch.Reason{
		``:                                     fetch.Decode,
		`<html>`:                               fetch.Decode,
		`{"ok":true,"data":[`:                  fetch.Decode,
		`null`:                                 fetch.Shape,
		`[]`:                                   fetch.Shape,
		`{}`:                                   fetch.Shape,
		`7`:                                    fetch.Shape,
		`{"data":[]}`:                          fetch.Shape,
		`{"ok":false,"data":[]}`:               fetch.Shape,
		`{"ok":"true","data":[]}`:              fetch.Shape,
		`{"ok":true}`:                          fetch.Shape,
		`{"ok":true,"data":null}`:              fetch.Shape,
		`{"ok":true,"data":{}}`:                fetch.Shape,
		`{"ok":true,"data":["acme"]}`:          fetch.Shape,
		`{"ok":false,"error":"out of\norder"}`: fetch.Shape,
	}
	for body, want := range bodies {
		t.Run(body, func(t *testing.T) {
			_, services := decodeServices([]byte(body))
			_, outages := decodeOutages([]byte(body))
			for _, err := range []error{services, outages} {
				if err == nil || fetch.ReasonOf(err) != want {
					t.Errorf("error %v, want one of reason %s", err, want)
				}
			}
		})
	}
}

func TestServerError(t *testing.T) {
	_, err := decodeServices([]byte(`{"ok":false,"error":"Too\nmany requests"}`))
	if want := "shape: the feed answers with an error: Too many requests"; err == nil || err.Error() != want {
		t.Errorf("error %v, want %q", err, want)
	}
}

func TestRowsWithoutSlug(t *testing.T) {
	if _, err := decodeServices([]byte(`{"ok":true,"data":[{"name":"Acme","status":"operational"}]}`)); fetch.ReasonOf(err) != fetch.Shape || err == nil {
		t.Errorf("error %v, want one of reason shape", err)
	}
}

func TestEmptyFeed(t *testing.T) {
	got, err := decodeServices([]byte(`{"ok":true,"data":[],"meta":null}`))
	if err != nil {
		t.Fatal(err)
	}
	want := &status.Feed{Services: map[string]status.FeedService{}}
	if diff := cmp.Diff(want, merge([]*listing{got})); diff != "" {
		t.Errorf("feed (-want +got):\n%s", diff)
	}
}

// TestRecorded reads a recorded answer for one service as a row of a list.
func TestRecorded(t *testing.T) {
	body, err := os.ReadFile("../../../shared/payloads/downstatus/status-github-2026-06-28.json")
	if err != nil {
		t.Skip("no recorded answers here")
	}
	var one struct{ Data json.RawMessage }
	if err := json.Unmarshal(body, &one); err != nil {
		t.Fatal(err)
	}
	got, err := decodeServices(fmt.Appendf(nil, `{"ok":true,"data":[%s]}`, one.Data))
	if err != nil {
		t.Fatal(err)
	}
	r := got.rows[0]
	if r.Slug != "github" || r.Status != status.Operational || r.HasOfficial || r.LogoURL == "" || len(r.unknown) > 0 {
		t.Errorf("row %+v, want github, operational, official null, with a logo and without unknown words", r)
	}
}
