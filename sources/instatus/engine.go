// Package instatus reads pages of Instatus.
package instatus

import (
	"strings"

	"github.com/downstatus/downstatus_exporter/sources"
	"github.com/downstatus/downstatus_exporter/sources/fetch"
	"github.com/downstatus/downstatus_exporter/sources/internal/pages"
)

const summaryPath = "/summary.json"

// listPaths are where the list of components may be: the first that has it is
// asked from then on.
var listPaths = []string{"/v2/components.json", "/components.json", "/v3/components.json"}

func init() {
	sources.Register(sources.Engine{
		Name:   "instatus",
		Title:  "Instatus",
		Reads:  summaryPath + " and " + strings.Join(listPaths, ", else "),
		Target: pages.Target(summaryPath, "/v2/components.json", "/v3/components.json", "/components.json", "/v3/summary.json"),
		Open: func(t sources.Target, c *fetch.Client) sources.Source {
			return newSource(t, c)
		},
	})
}
