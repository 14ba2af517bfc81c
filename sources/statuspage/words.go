package statuspage

import (
	"github.com/downstatus/downstatus_exporter/internal/status"
	"github.com/downstatus/downstatus_exporter/sources/internal/pages"
)

// Dialect holds the words of one vendor's edition of the API. A word that is
// in none of its tables is unknown, never calm.
type Dialect struct {
	Indicators   map[string]status.Word        // status.indicator
	Components   map[string]pages.Condition    // status of a component
	Impacts      map[string]status.Indicator   // impact of an incident
	Incidents    map[string]pages.Stage        // status of an incident
	Maintenances map[string]status.WindowState // status of a scheduled maintenance
}

// Standard is the API as Atlassian's Statuspage speaks it.
var Standard = Dialect{
	Indicators: map[string]status.Word{
		"none":        {Published: true, Rank: status.None},
		"minor":       {Published: true, Rank: status.Minor},
		"major":       {Published: true, Rank: status.Major},
		"critical":    {Published: true, Rank: status.Critical},
		"maintenance": {Published: true, Rank: status.None, Maintenance: true},
	},
	Components: map[string]pages.Condition{
		"operational":          {Rank: status.None},
		"degraded_performance": {Rank: status.Minor},
		"partial_outage":       {Rank: status.Major},
		"major_outage":         {Rank: status.Critical},
		"full_outage":          {Rank: status.Critical}, // incident.io's word: pages change engine under a fixed address
		"under_maintenance":    {Rank: status.None, Maintenance: true},
	},
	Impacts: map[string]status.Indicator{
		"none":        status.None,
		"minor":       status.Minor,
		"major":       status.Major,
		"critical":    status.Critical,
		"maintenance": status.None,
	},
	Incidents: map[string]pages.Stage{
		"investigating": {},
		"identified":    {},
		"monitoring":    {Monitoring: true},
		"resolved":      {Over: true},
		"postmortem":    {Over: true},
		"completed":     {Over: true},
	},
	Maintenances: map[string]status.WindowState{
		"scheduled":   status.Scheduled,
		"in_progress": status.InProgress,
		"verifying":   status.InProgress,
		"completed":   status.Completed,
	},
}
