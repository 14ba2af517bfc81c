package cstate

import "github.com/downstatus/downstatus_exporter/sources"

func init() {
	sources.RegisterDetection("cstate", sources.Detection{
		Probes: []sources.Probe{{Path: documentPath, Order: 4, Match: sources.Decodes(decode)}},
	})
}
