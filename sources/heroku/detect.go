package heroku

import (
	"strings"

	"github.com/downstatus/downstatus_exporter/sources"
)

// The host may lead to Salesforce Trust one day, so that it does not decide
// alone.
func init() {
	sources.RegisterDetection("heroku", sources.Detection{
		Hosts:  []string{strings.TrimPrefix(defaultURL, "https://")},
		Probes: []sources.Probe{{Path: currentPath, Own: true, Root: true, Match: sources.Decodes(decode)}},
	})
}
