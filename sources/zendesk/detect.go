package zendesk

import (
	"regexp"

	"github.com/downstatus/downstatus_exporter/sources"
)

func init() {
	sources.RegisterDetection("zendesk", sources.Detection{
		Address: sources.OnHosts("status.zendesk.com", ".status.zendesk.com"),
		Ends:    regexp.MustCompile(`/api/incidents/[a-z]+$`),
		Probes:  []sources.Probe{{Path: activePath, Order: 10, Root: true, Match: matches}},
	})
}

// matches tells an empty list from any other empty list by its second half.
func matches(body []byte) bool {
	doc, err := decodeList(body)
	return err == nil && doc.strange == nil && (len(*doc.Data) > 0 || doc.Included != nil)
}
