package microsoft

import (
	"strings"

	"github.com/downstatus/downstatus_exporter/sources"
)

func init() {
	sources.RegisterDetection("microsoft", sources.Detection{
		Address: sources.OnHosts(strings.TrimPrefix(defaultURL, "https://")),
	})
}
