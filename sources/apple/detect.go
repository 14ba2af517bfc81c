package apple

import (
	"net/url"
	"strings"

	"github.com/downstatus/downstatus_exporter/sources"
)

func init() {
	sources.RegisterDetection("apple", sources.Detection{Address: recognise})
}

// recognise knows the two pages in any country, and their documents.
func recognise(page *url.URL) (sources.Config, bool) {
	path := page.Path + "/"
	ours := strings.Contains(path, "/support/systemstatus/") || strings.Contains(path, "/system-status/")
	return sources.Config{URL: page.String()}, ours && sources.AtHost(page, "apple.com", "www.apple.com", "developer.apple.com")
}
