package salesforce

import "github.com/downstatus/downstatus_exporter/internal/status"

// condition is what the state of an instance means.
type condition struct {
	rank        status.Indicator
	maintenance bool
}

// conditions are the states of instances.
var conditions = map[string]condition{
	"OK":                     {rank: status.None},
	"MAJOR_INCIDENT_CORE":    {rank: status.Major},
	"MAJOR_INCIDENT_NONCORE": {rank: status.Minor},
	"MINOR_INCIDENT_CORE":    {rank: status.Minor},
	"MINOR_INCIDENT_NONCORE": {rank: status.Minor},
	"MAINTENANCE_CORE":       {rank: status.None, maintenance: true},
	"MAINTENANCE_NONCORE":    {rank: status.None, maintenance: true},
	"INFORMATIONAL_CORE":     {rank: status.None},
	"INFORMATIONAL_NONCORE":  {rank: status.None},
}

// severities are those of the impacts of an incident. A major one that is not
// of the core counts as a state of an instance does.
var severities = map[string]status.Indicator{
	"major":       status.Major,
	"minor":       status.Minor,
	"maintenance": status.None,
}

// over is the state of an incident that has ended. Others leave it to the
// times of its impacts.
const over = "resolved"

// windowStates are the states of maintenance, folded. Those before its end
// leave it to the clock: nobody documents that they change in time.
var windowStates = map[string]status.WindowState{
	"scheduled":  status.NoState,
	"confirmed":  status.NoState,
	"inprogress": status.InProgress,
	"completed":  status.Completed,
	"cancelled":  status.Completed,
	"canceled":   status.Completed,
}
