package statuspage

import (
	"testing"

	"github.com/downstatus/downstatus_exporter/sources"
)

func TestTarget(t *testing.T) {
	tests := map[string]struct{ page, document, name string }{
		"https://status.acme.test":                                      {"https://status.acme.test", "https://status.acme.test/api/v2/summary.json", "status.acme.test"},
		"status.acme.test/":                                             {"https://status.acme.test", "https://status.acme.test/api/v2/summary.json", "status.acme.test"},
		"https://Status.Acme.test/eu/?x=1#top":                          {"https://status.acme.test/eu", "https://status.acme.test/eu/api/v2/summary.json", "status.acme.test/eu"},
		"https://status.acme.test/api/v2/summary.json":                  {"https://status.acme.test", "https://status.acme.test/api/v2/summary.json", "status.acme.test"},
		"https://status.acme.test/api/v2/status.json":                   {"https://status.acme.test", "https://status.acme.test/api/v2/summary.json", "status.acme.test"},
		"https://status.acme.test/eu/api/v2/incidents.json":             {"https://status.acme.test/eu", "https://status.acme.test/eu/api/v2/summary.json", "status.acme.test/eu"},
		"https://status.acme.test/api/v2/scheduled-maintenances/a.json": {"https://status.acme.test", "https://status.acme.test/api/v2/summary.json", "status.acme.test"},
		"http://127.0.0.1:8080/api/v2":                                  {"http://127.0.0.1:8080", "http://127.0.0.1:8080/api/v2/summary.json", "127.0.0.1:8080"},
		"https://status.acme.test/api/v20":                              {"https://status.acme.test/api/v20", "https://status.acme.test/api/v20/api/v2/summary.json", "status.acme.test/api/v20"},
	}
	for raw, want := range tests {
		got, err := target(sources.Config{URL: raw})
		if err != nil {
			t.Errorf("%s: %v", raw, err)
			continue
		}
		if got.Page.String() != want.page || got.Document.String() != want.document || got.Name() != want.name {
			t.Errorf("%s: page %s, document %s, name %s, want %+v", raw, got.Page, got.Document, got.Name(), want)
		}
	}
	for _, raw := range []string{"", "ftp://status.acme.test", "https://"} {
		if got, err := target(sources.Config{URL: raw}); err == nil {
			t.Errorf("%q is accepted as %s", raw, got.Document)
		}
	}
}
