package psn

import "github.com/downstatus/downstatus_exporter/sources"

func init() {
	sources.RegisterDetection("psn", sources.Detection{
		Address: sources.OnHosts("status.playstation.com"),
	})
}
