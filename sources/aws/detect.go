package aws

import (
	"strings"

	"github.com/downstatus/downstatus_exporter/sources"
)

func init() {
	sources.RegisterDetection("aws", sources.Detection{
		Address: sources.OnHosts(strings.TrimPrefix(home, "https://"), legacy),
	})
}
