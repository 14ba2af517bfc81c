package statusio

import "github.com/downstatus/downstatus_exporter/internal/status"

// code is a number of Status.io's tables. Its texts vary from page to page and
// over the years; the numbers do not.
type code int

// ranks are the status codes.
var ranks = map[code]status.Indicator{
	100: status.None,     // Operational
	200: status.None,     // Planned Maintenance
	300: status.Minor,    // Degraded Performance
	400: status.Major,    // Partial Service Disruption
	500: status.Critical, // Service Disruption
	600: status.Major,    // Security Event: services may well be up
}

const underMaintenance code = 200

// stage is how far an incident has come.
type stage struct{ monitoring, over bool }

// stages are the states of messages.
var stages = map[code]stage{
	100: {},                 // Investigating
	200: {},                 // Identified
	300: {monitoring: true}, // Monitoring
	400: {over: true},       // Resolved
}

const resolved code = 400
