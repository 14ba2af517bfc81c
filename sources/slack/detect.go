package slack

import (
	"strings"

	"github.com/downstatus/downstatus_exporter/sources"
)

func init() {
	sources.RegisterDetection("slack", sources.Detection{
		Address: sources.OnHosts(strings.TrimPrefix(defaultURL, "https://"), oldHost),
	})
}
