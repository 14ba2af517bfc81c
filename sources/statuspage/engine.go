// Package statuspage reads pages of Atlassian's Statuspage and of whatever
// else serves its public API, version 2. Dialects of that API differ in words
// alone: see Dialect.
package statuspage

import (
	"net/url"
	"strings"

	"github.com/downstatus/downstatus_exporter/sources"
	"github.com/downstatus/downstatus_exporter/sources/fetch"
)

// The documents of the API, relative to the page.
const (
	api           = "/api/v2"
	summaryPath   = api + "/summary.json"
	incidentsPath = api + "/incidents.json"
)

func init() { sources.Register(NewEngine("statuspage", "Atlassian Statuspage", Standard)) }

// NewEngine is an engine for pages that speak a dialect of the API.
func NewEngine(name, title string, d Dialect) sources.Engine {
	return sources.Engine{
		Name:   name,
		Title:  title,
		Reads:  summaryPath + "; " + incidentsPath + " at the first poll and when an incident ends",
		Target: target,
		Open: func(t sources.Target, c *fetch.Client) sources.Source {
			return newSource(t, c, d)
		},
	}
}

// target takes the page's address or that of any document of its API.
func target(c sources.Config) (sources.Target, error) {
	u, err := sources.ParseURL(c.URL)
	if err != nil {
		return sources.Target{}, err
	}
	u.Path = cutAPI(u.Path)
	c.URL = u.String()
	return sources.PageTarget(c, summaryPath)
}

// cutAPI takes the API and what follows it off a path.
func cutAPI(path string) string {
	if i := strings.LastIndex(path+"/", api+"/"); i >= 0 {
		return path[:i]
	}
	return path
}

// incidentsURL is the address of a page's history.
func incidentsURL(page *url.URL) string { return page.JoinPath(incidentsPath).String() }
