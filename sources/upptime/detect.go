package upptime

import (
	"net/url"

	"github.com/downstatus/downstatus_exporter/sources"
)

func init() {
	sources.RegisterDetection("upptime", sources.Detection{
		Probes: []sources.Probe{{Path: documentPath, Order: 11, At: summaryOf, Match: sources.Decodes(decode)}},
	})
}

// summaryOf leads from a repository to the raw file in it.
func summaryOf(page *url.URL) *url.URL {
	t, err := target(sources.Config{URL: page.String()})
	if err != nil {
		return page.JoinPath(documentPath)
	}
	return t.Document
}
