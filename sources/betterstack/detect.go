package betterstack

import "github.com/downstatus/downstatus_exporter/sources"

var hosts = []string{"betterstack.com", ".betterstack.com", "betteruptime.com", ".betteruptime.com"}

func init() {
	sources.RegisterDetection("betterstack", sources.Detection{
		Hosts: hosts,
		Probes: []sources.Probe{{Path: indexPath, Order: 4, Root: true, Match: sources.Decodes(func(body []byte) (*document, error) {
			return decode(body, "")
		})}},
		Updated: "data.attributes.updated_at",
		Marks:   func(h sources.HTML) bool { return h.Loads(hosts...) },
	})
}
