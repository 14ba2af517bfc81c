package instatus

import (
	"github.com/downstatus/downstatus_exporter/internal/status"
	"github.com/downstatus/downstatus_exporter/sources/internal/pages"
)

// verdicts are the words of the whole page. HASISSUES has no severity: minor is
// the least it means, see severity.
var verdicts = map[string]status.Word{
	"UP":               {Published: true, Rank: status.None},
	"HASISSUES":        {Published: true, Rank: status.Minor},
	"UNDERMAINTENANCE": {Published: true, Rank: status.None, Maintenance: true},
}

// conditions are the words of components.
var conditions = map[string]pages.Condition{
	"OPERATIONAL":         {Rank: status.None},
	"DEGRADEDPERFORMANCE": {Rank: status.Minor},
	"MINOROUTAGE":         {Rank: status.Minor},
	"PARTIALOUTAGE":       {Rank: status.Major},
	"MAJOROUTAGE":         {Rank: status.Critical},
	"UNDERMAINTENANCE":    {Rank: status.None, Maintenance: true},
}

// stages are the words of incidents; their impact has the words of components.
var stages = map[string]pages.Stage{
	"INVESTIGATING": {},
	"IDENTIFIED":    {},
	"MONITORING":    {Monitoring: true},
	"RESOLVED":      {Over: true},
}

// states are the words of maintenances.
var states = map[string]status.WindowState{
	"NOTSTARTEDYET": status.Scheduled,
	"INPROGRESS":    status.InProgress,
	"COMPLETED":     status.Completed,
}
