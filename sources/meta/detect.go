package meta

import "github.com/downstatus/downstatus_exporter/sources"

func init() {
	sources.RegisterDetection("meta", sources.Detection{
		Address: sources.OnHosts("metastatus.com", "www.metastatus.com"),
	})
}
