package vendors

import (
	"testing"
	"time"

	"github.com/downstatus/downstatus_exporter/sources"
)

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
	for raw, want := range map[sources.Str]string{
		"1795339800": "2026-11-22T09:30:00Z", "1795339800000": "2026-11-22T09:30:00Z", "1795339800.5": "2026-11-22T09:30:00.5Z",
		"1.7953398e9": "2026-11-22T09:30:00Z", "2026-11-22T10:30:00+01:00": "2026-11-22T09:30:00Z",
		"": "", "0": "", "-5": "", "NaN": "", "Inf": "", "1e300": "", "soon": "", "7": "", "641142780": "",
		"2026-11-22T06:08:01.2710164+02:00": "2026-11-22T04:08:01.271Z",
	} {
		got := ""
		if at := Instant(raw); !at.IsZero() {
			got = at.Format(time.RFC3339Nano)
		}
		if got != want {
			t.Errorf("%q: %s, want %s", raw, got, want)
		}
	}
}

func TestFold(t *testing.T) {
	for _, word := range []string{"Under Maintenance", "under_maintenance", "UNDER-MAINTENANCE", " UnderMaintenance\n"} {
		if got := Fold(word); got != "undermaintenance" {
			t.Errorf("%q: %q", word, got)
		}
	}
}
