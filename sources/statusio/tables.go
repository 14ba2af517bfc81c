package statusio

import (
	"github.com/downstatus/downstatus_exporter/internal/status"
	"github.com/downstatus/downstatus_exporter/sources/internal/pages"
)

// code is a number of Status.io's tables, as text. Its texts for people vary
// from page to page and over the years; the numbers do not.
type code string

// conditions are the status codes.
var conditions = map[code]pages.Condition{
	"100": {Rank: status.None},                    // Operational
	"200": {Rank: status.None, Maintenance: true}, // Planned Maintenance
	"300": {Rank: status.Minor},                   // Degraded Performance
	"400": {Rank: status.Major},                   // Partial Service Disruption
	"500": {Rank: status.Critical},                // Service Disruption
	"600": {Rank: status.Major},                   // Security Event: services may well be up
}

// stages are the states of messages.
var stages = map[code]pages.Stage{
	"100":    {},                 // Investigating
	"200":    {},                 // Identified
	"300":    {Monitoring: true}, // Monitoring
	resolved: {Over: true},
}

const resolved code = "400"
