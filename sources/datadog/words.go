package datadog

import (
	"github.com/downstatus/downstatus_exporter/internal/status"
	"github.com/downstatus/downstatus_exporter/sources/internal/pages"
)

// conditions are the words of components, also of those that an incident
// names.
var conditions = map[string]pages.Condition{
	"operational":    {Rank: status.None},
	"degraded":       {Rank: status.Minor},
	"partial_outage": {Rank: status.Major},
	"major_outage":   {Rank: status.Critical},
	"maintenance":    {Rank: status.None, Maintenance: true},
}

// stages are the words of incidents.
var stages = map[string]pages.Stage{
	"investigating": {},
	"identified":    {},
	"monitoring":    {Monitoring: true},
	"resolved":      {Over: true},
}

// states are the words of maintenances. One that is called off is as over as
// one that is done.
var states = map[string]status.WindowState{
	"scheduled":   status.Scheduled,
	"in_progress": status.InProgress,
	"completed":   status.Completed,
	"canceled":    status.Completed,
}
