package salesforce

import "github.com/downstatus/downstatus_exporter/sources"

func init() {
	sources.RegisterDetection("salesforce", sources.Detection{
		Address: sources.OnHosts(pageHost, apiHost),
	})
}
