// Package all registers every engine: one import line each.
package all

import (
	_ "github.com/downstatus/downstatus_exporter/sources/auto"
	_ "github.com/downstatus/downstatus_exporter/sources/downstatus"
	_ "github.com/downstatus/downstatus_exporter/sources/incidentio"
	_ "github.com/downstatus/downstatus_exporter/sources/statusio"
	_ "github.com/downstatus/downstatus_exporter/sources/statuspage"
	_ "github.com/downstatus/downstatus_exporter/sources/zendesk"
)
