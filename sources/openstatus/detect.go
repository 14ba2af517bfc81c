package openstatus

import (
	"slices"

	"github.com/downstatus/downstatus_exporter/sources"
)

var hosts = []string{"openstatus.dev", ".openstatus.dev"}

func init() {
	sources.RegisterDetection("openstatus", sources.Detection{
		Hosts:  hosts,
		Probes: []sources.Probe{{Path: summaryPath, Order: 3, Match: matches}},
		Marks:  func(h sources.HTML) bool { return h.Loads(hosts...) },
	})
}

// matches tells this document from copies of Statuspage's by what it lacks:
// ids of components.
func matches(body []byte) bool {
	var doc wireSummary
	if sources.Unmarshal(body, &doc) != nil || !doc.named() || doc.lack() != nil {
		return false
	}
	return !slices.ContainsFunc(doc.Components, func(c wireComponent) bool { return c.ID != "" })
}
