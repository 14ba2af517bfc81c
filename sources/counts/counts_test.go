package counts

import (
	"encoding/json"
	"flag"
	"os"
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

var now = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

var options = map[string]string{
	"items": ".queues[]", "require": ".queues", "slug": "service", "name": "label", "category": "kind",
	"reports_1h": ".open.hour", "reports_24h": ".open.day", "updated": ".generated",
}

func TestGolden(t *testing.T) {
	u := enginetest.Start(t, enginetest.Load(t, "queues.json"))
	s := u.Open(t, "counts", options)
	r := enginetest.Poll(t, s, now)
	got, err := json.MarshalIndent(r.Feed, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	if flag.Lookup("update").Value.String() == "true" {
		if err := os.WriteFile("testdata/queues.golden.json", append(got, '\n'), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(enginetest.Load(t, "queues.golden.json"), string(got)+"\n"); diff != "" {
		t.Errorf("the reading differs from the golden one (-want +got):\n%s", diff)
	}
	u.Body = strings.Replace(u.Body, "\n", " ", 1)
	if again := enginetest.Poll(t, s, now); again.Feed != r.Feed || again.Page != nil {
		t.Error("a body that says the same is another reading")
	}
}

func read(body string, o map[string]string) (*status.Feed, error) {
	r, err := readRules(o)
	if err != nil {
		return nil, err
	}
	return r.decode([]byte(body))
}

func TestCounts(t *testing.T) {
	for value, want := range map[string]int{
		`0`: 0, `7`: 7, `"7"`: 7, `7.9`: 7, `" 7 "`: 7, `2147483647`: 2147483647,
		`-1`: -1, `null`: -1, `"many"`: -1, `true`: -1, `[]`: -1, `1e99`: -1, `"NaN"`: -1,
	} {
		f, err := read(`[{"slug":"a","reports_1h":`+value+`},{"slug":"b","reports_1h":1}]`, map[string]string{"items": ".[]"})
		if err != nil {
			t.Errorf("%s: %v", value, err)
			continue
		}
		got, listed := f.Services["a"]
		if listed != (want >= 0) || listed && (got.Reports1h != want || !got.Has1h || got.Has24h) || listed == slices.Contains(f.UnknownWords, "report_count") {
			t.Errorf("%s: %+v, unknown %v", value, got, f.UnknownWords)
		}
		if got.HasStatus || got.HasOfficial {
			t.Errorf("%s: counts make no status: %+v", value, got)
		}
	}
}

// TestSum: rows of one slug are added up, and the day is known only where all of
// them tell it.
func TestSum(t *testing.T) {
	day := map[string]string{"items": ".[]", "reports_24h": "day"}
	for body, want := range map[string]status.FeedService{
		`[{"reports_1h":1,"day":5},{"reports_1h":2,"day":6}]`:                              {Reports1h: 3, Reports24h: 11, Has24h: true},
		`[{"reports_1h":1,"day":5},{"reports_1h":2}]`:                                      {Reports1h: 3},
		`[{"reports_1h":1},{"reports_1h":2,"day":6}]`:                                      {Reports1h: 3},
		`[{"reports_1h":1,"day":5},{"reports_1h":2},{"reports_1h":3,"day":7}]`:             {Reports1h: 6},
		`[{"reports_1h":2147483647,"day":2147483647},{"reports_1h":2147483647,"day":1e9}]`: {Reports1h: maxCount, Reports24h: maxCount, Has24h: true},
	} {
		f, err := read(strings.ReplaceAll(body, `{`, `{"slug":"a",`), day)
		if err != nil {
			t.Fatal(err)
		}
		got := f.Services["a"]
		if got.Reports1h != want.Reports1h || got.Reports24h != want.Reports24h || !got.Has1h || got.Has24h != want.Has24h {
			t.Errorf("%s: %+v", body, got)
		}
	}
}

// TestObject: counts by slug are often one object.
func TestObject(t *testing.T) {
	f, err := read(`{"a":3,"b":0}`, map[string]string{"items": "to_entries[]", "slug": "key", "reports_1h": "value"})
	if err != nil || f.Services["a"].Reports1h != 3 || len(f.Services) != 2 || f.Services["b"].Name != "b" {
		t.Errorf("%+v, %v", f, err)
	}
}

func TestUpdated(t *testing.T) {
	for value, want := range map[string]string{`"2026-11-22T13:00:00+01:00"`: "12:00", `1795348800`: "12:00", `null`: "", `"soon"`: "", `-1`: "", `1e99`: ""} {
		f, err := read(`{"at":`+value+`,"s":[{"slug":"a","reports_1h":1}]}`, map[string]string{"items": ".s[]", "updated": ".at"})
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		if !f.UpdatedAt.IsZero() {
			got = f.UpdatedAt.Format("15:04")
		}
		if got != want {
			t.Errorf("%s: %v", value, f.UpdatedAt)
		}
	}
}

func TestFails(t *testing.T) {
	u := enginetest.Start(t, "")
	s := u.Open(t, "counts", options)
	for body, want := range map[string]fetch.Reason{
		``: fetch.Decode, `{"queues":[`: fetch.Decode, `<!doctype html>`: fetch.ContentType, `{}`: fetch.Shape, `null`: fetch.Shape, `[]`: fetch.Shape,
		`{"queues":null}`: fetch.Shape, `{"queues":7}`: fetch.Shape, `{"queues":[{}]}`: fetch.Shape, `{"queues":[{"service":"a"}]}`: fetch.Shape, `{"error":"no"}`: fetch.Shape,
	} {
		u.Body, u.Code = body, 200
		r, err := s.Poll(t.Context(), now)
		if err == nil || fetch.ReasonOf(err) != want || r.Feed != nil {
			t.Errorf("%s: %v, %v, want reason %s", body, r.Feed, err, want)
		}
	}
	u.Body = `{"queues":[]}`
	if r := enginetest.Poll(t, s, now); len(r.Feed.Services) != 0 {
		t.Errorf("no queues: %+v", r.Feed)
	}
	u.Code = 503
	if _, err := s.Poll(t.Context(), now); fetch.ReasonOf(err) != fetch.HTTP5xx {
		t.Errorf("%v", err)
	}
}

func TestOptions(t *testing.T) {
	for _, o := range []map[string]string{{}, {"items": ".["}, {"items": "input"}, {"items": ".", "slug": ".["}, {"items": ".", "page": "ftp://x"}} {
		if _, err := target(sources.Config{URL: "https://acme.test/x", Options: o}); err == nil {
			t.Errorf("%v: no error", o)
		}
	}
	e, ok := sources.Lookup("counts")
	if !ok || !e.Feed {
		t.Error("not registered as a feed")
	}
	for _, o := range e.Options {
		if o.Help == "" || o.List || strings.Contains(o.Help, "|") {
			t.Errorf("%+v", o)
		}
	}
}

func FuzzDecode(f *testing.F) {
	enginetest.FuzzBodies(f, "queues.json")
	f.Fuzz(func(t *testing.T, body []byte) {
		feed, err := read(string(body), options)
		if (feed == nil) == (err == nil) {
			t.Fatalf("feed %v with error %v", feed, err)
		}
		if err != nil {
			return
		}
		for slug, s := range feed.Services {
			if slug == "" || s.Slug != slug || s.Name == "" || s.HasStatus || s.Reports1h < 0 || s.Reports24h < 0 || !s.Has1h || !s.Has24h && s.Reports24h != 0 {
				t.Errorf("%q: %+v", slug, s)
			}
		}
	})
}
