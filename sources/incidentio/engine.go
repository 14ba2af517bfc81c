// Package incidentio reads pages of incident.io, which serves a dialect of the
// Statuspage API.
package incidentio

import (
	"maps"

	"github.com/downstatus/downstatus_exporter/internal/status"
	"github.com/downstatus/downstatus_exporter/sources"
	"github.com/downstatus/downstatus_exporter/sources/statuspage"
)

// Dialect is the API as incident.io speaks it: Statuspage's words, and the
// ones of its own that its widget uses for maintenances.
var Dialect = statuspage.Dialect{
	Indicators: statuspage.Standard.Indicators,
	Components: statuspage.Standard.Components,
	Impacts:    statuspage.Standard.Impacts,
	Incidents:  statuspage.Standard.Incidents,
	Maintenances: with(statuspage.Standard.Maintenances, map[string]status.WindowState{
		"maintenance_scheduled":   status.Scheduled,
		"maintenance_in_progress": status.InProgress,
		"maintenance_complete":    status.Completed,
	}),
}

func init() { sources.Register(statuspage.NewEngine("incidentio", "incident.io", Dialect)) }

// with is a table with rows added.
func with[T any](table, more map[string]T) map[string]T {
	out := maps.Clone(table)
	maps.Copy(out, more)
	return out
}
