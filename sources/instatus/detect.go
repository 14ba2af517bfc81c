package instatus

import (
	"github.com/downstatus/downstatus_exporter/internal/status"
	"github.com/downstatus/downstatus_exporter/sources"
)

var hosts = []string{".instatus.com"}

func init() {
	sources.RegisterDetection("instatus", sources.Detection{
		Hosts:  hosts,
		Probes: []sources.Probe{{Path: summaryPath, Order: 3, Root: true, Match: matches}},
		Marks:  func(h sources.HTML) bool { return h.Loads(hosts...) },
	})
}

// matches demands a word of the table: page.status alone is nothing special.
func matches(body []byte) bool {
	s, err := decodeSummary(body)
	return err == nil && s.word.Rank != status.IndicatorUnknown
}
