// Package downstatus reads the v1 API of DownStatus, a feed of user reports.
// Another instance of this exporter serves the same API.
package downstatus

import (
	"strings"
	"time"

	"github.com/downstatus/downstatus_exporter/sources"
	"github.com/downstatus/downstatus_exporter/sources/fetch"
)

const (
	apiPath      = "/api/v1"
	servicesPath = apiPath + "/services"
	outagesPath  = apiPath + "/outages"
)

// budget is that of the public service, whose answers stand for 30 seconds.
var budget = fetch.Budget{SameURL: 30 * time.Second}

func init() {
	sources.Register(sources.Engine{
		Name:   "downstatus",
		Title:  "DownStatus v1 API",
		Reads:  "`/api/v1/services?limit=500`, by category too where that is not all; `/api/v1/outages` when something is, or was, in trouble",
		Feed:   true,
		Target: target,
		Open:   newSource,
		Budget: budget,
	})
}

// target accepts the site's address, or that of any document of its API.
func target(c sources.Config) (sources.Target, error) {
	site, err := sources.ParseURL(c.URL)
	if err != nil {
		return sources.Target{}, err
	}
	if i := strings.LastIndex(site.Path+"/", apiPath+"/"); i >= 0 {
		site.Path = strings.TrimRight(site.Path[:i], "/")
	}
	document := site.JoinPath(servicesPath)
	document.RawQuery = "limit=500"
	return sources.Target{Page: site, Document: document, Options: c.Options}, nil
}
