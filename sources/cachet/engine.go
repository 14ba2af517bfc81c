// Package cachet reads the pages of Cachet through their API. Versions 2 and 3
// differ in addresses, make and numbers; which of them answers is found out.
package cachet

import (
	"regexp"
	"time"

	"github.com/downstatus/downstatus_exporter/sources"
)

func init() {
	sources.Register(sources.Engine{
		Name:        "cachet",
		Title:       "Cachet",
		Reads:       "`status`, `components`, `incidents` and `schedules` under `/api/v1` (version 2) or `/api` (version 3); the names of groups once an hour",
		Target:      target,
		Open:        open,
		MinInterval: time.Minute, // every request is computed anew
	})
}

// inAPI is what an address of the API has behind that of the page.
var inAPI = regexp.MustCompile(`/api(/v1)?(/(status|components|component-groups|incidents|schedules|ping|version)(/.*)?)?$`)

// target takes the page's address or any in its API. The document is the root
// of the API: which of those below it is asked for depends on the version.
func target(c sources.Config) (sources.Target, error) {
	page, err := sources.ParseURL(c.URL)
	if err != nil {
		return sources.Target{}, err
	}
	page.Path = inAPI.ReplaceAllString(page.Path, "")
	return sources.Target{Page: page, Document: page.JoinPath("api")}, nil
}
