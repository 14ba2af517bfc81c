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
		Probes: []sources.Probe{{Path: currentPath, Own: true, Root: true, Match: sources.Decodes(whole)}},
	})
}

// whole reads a document of which nothing is in doubt.
func whole(body []byte) (*current, error) {
	c, err := decode(body)
	if err == nil {
		err = c.doubt
	}
	return c, err
}
