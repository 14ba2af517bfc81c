package generic

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/downstatus/downstatus_exporter/internal/status"
	"github.com/downstatus/downstatus_exporter/sources"
)

func TestTarget(t *testing.T) {
	for _, tt := range []struct{ url, page, name, document string }{
		{"acme.test/feed.rss", "", "acme.test/feed.rss", "https://acme.test/feed.rss"},
		{"https://Acme.test/rss/", "", "acme.test/rss", "https://acme.test/rss/"},
		{"https://acme.test/api?product=a&x=%20#top", "", "acme.test/api", "https://acme.test/api?product=a&x=%20"},
		{"https://acme.test/rss/#top", "", "acme.test/rss", "https://acme.test/rss/"},
		{"https://data.acme.test/v1/all.json", "https://status.acme.test/", "status.acme.test", "https://data.acme.test/v1/all.json"},
	} {
		got, err := Target(sources.Config{URL: tt.url, Options: map[string]string{"page": tt.page}})
		if err != nil {
			t.Errorf("%+v: %v", tt, err)
			continue
		}
		if got.Name() != tt.name || got.Document.String() != tt.document {
			t.Errorf("%+v: name %s, document %s", tt, got.Name(), got.Document)
		}
	}
	for _, c := range []sources.Config{{}, {URL: "ftp://x"}, {URL: "https://x.test?a=%zz"}, {URL: "x.test", Options: map[string]string{"page": "ftp://x"}}} {
		if _, err := Target(c); err == nil {
			t.Errorf("%+v: no error", c)
		}
	}
}

func TestEntries(t *testing.T) {
	for option, want := range map[string][]Entry{
		"":                           nil,
		"Operational=none":           {{"Operational", Meaning{}}},
		" Up = none , a=b=critical,": {{"Up", Meaning{}}, {"a=b", Meaning{Rank: status.Critical}}},
		"Yes, but slow=minor,down=major,x=maintenance,y=ignore,z=unknown": {
			{"Yes, but slow", Meaning{Rank: status.Minor}}, {"down", Meaning{Rank: status.Major}},
			{"x", Meaning{Maintenance: true}}, {"y", Meaning{Ignore: true}}, {"z", Unknown},
		},
	} {
		got, err := Entries(option)
		if err != nil {
			t.Errorf("%q: %v", option, err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%q (-want +got):\n%s", option, diff)
		}
	}
	for _, option := range []string{"up", "up=none,down", "up=fine", "up="} {
		if got, err := Entries(option); err == nil {
			t.Errorf("%q: %v, want an error", option, got)
		}
	}
}

func TestDuration(t *testing.T) {
	for option, want := range map[string]time.Duration{"": time.Hour, "0": 0, "30m": 30 * time.Minute, "2d": 48 * time.Hour} {
		if got, err := Duration(option, time.Hour); err != nil || got != want {
			t.Errorf("%q: %v, %v, want %v", option, got, err, want)
		}
	}
	for _, option := range []string{"30", "-1h", "soon"} {
		if got, err := Duration(option, time.Hour); err == nil {
			t.Errorf("%q: %v, want an error", option, got)
		}
	}
}
