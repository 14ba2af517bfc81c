package gatus

import "github.com/downstatus/downstatus_exporter/sources"

func init() {
	sources.RegisterDetection("gatus", sources.Detection{
		Probes: []sources.Probe{{Path: documentPath, Order: 7, Root: true, Match: sources.Decodes(decode)}},
	})
}
