package google

import (
	"net/url"
	"strings"

	"github.com/downstatus/downstatus_exporter/sources"
)

func init() {
	sources.RegisterDetection("google", sources.Detection{Address: dashboard})
}

// dashboard knows Google's dashboards. That of Workspace shares its host with
// everything else.
func dashboard(page *url.URL) (sources.Config, bool) {
	c := sources.Config{URL: page.String()}
	if page.Hostname() == "www.google.com" {
		_, ok := strings.CutPrefix(page.Path+"/", "/appsstatus/")
		c.URL = workspace
		return c, ok
	}
	_, ok := names[page.Hostname()]
	return c, ok
}

const workspace = "https://www.google.com/appsstatus/dashboard"
