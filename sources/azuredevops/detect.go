package azuredevops

import (
	"strings"

	"github.com/downstatus/downstatus_exporter/sources"
)

func init() {
	sources.RegisterDetection("azuredevops", sources.Detection{
		Address: sources.OnHosts(strings.TrimPrefix(defaultURL, "https://")),
	})
}
