package riot

import "github.com/downstatus/downstatus_exporter/sources"

func init() {
	sources.RegisterDetection("riot", sources.Detection{
		Address: sources.OnHosts("status.riotgames.com", ".secure.dyn.riotcdn.net"),
	})
}
