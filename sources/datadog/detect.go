package datadog

import "github.com/downstatus/downstatus_exporter/sources"

var hosts = []string{".statuspage.datadoghq.com", ".statuspage.datadoghq.eu"}

func init() {
	sources.RegisterDetection("datadog", sources.Detection{
		Hosts: hosts,
		Probes: []sources.Probe{{Path: configPath, Order: 9, Root: true, Match: sources.Decodes(func(body []byte) (*reading, error) {
			return decode(body, "")
		})}},
		Marks: func(h sources.HTML) bool { return h.Loads(hosts...) },
	})
}
