package azure

import (
	"net/url"
	"strings"

	"github.com/downstatus/downstatus_exporter/sources"
)

// old redirects people to the page, but has no such feed.
const old = "status.azure.com"

func init() {
	sources.RegisterDetection("azure", sources.Detection{Address: recognise})
}

func recognise(page *url.URL) (sources.Config, bool) {
	host := strings.TrimPrefix(home, "https://")
	if sources.AtHost(page, old, "www."+old) {
		return sources.Config{URL: home}, true
	}
	return sources.Config{URL: page.String()}, sources.AtHost(page, host, feedHost+host)
}
