package xbox

import (
	"net/url"
	"strings"

	"github.com/downstatus/downstatus_exporter/sources"
)

func init() {
	sources.RegisterDetection("xbox", sources.Detection{Address: recognise})
}

// recognise knows the page among those of the support site, and the documents.
func recognise(page *url.URL) (sources.Config, bool) {
	ours := sources.AtHost(page, "xnotify.xboxlive.com") ||
		sources.AtHost(page, "support.xbox.com") && strings.HasSuffix(page.Path, "/xbox-live-status")
	return sources.Config{URL: page.String()}, ours
}
