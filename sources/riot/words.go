package riot

import "github.com/downstatus/downstatus_exporter/internal/status"

// severities are the words of incident_severity. What is info stays listed for
// months.
var severities = map[string]status.Indicator{
	"info":     status.None,
	"warning":  status.Minor,
	"critical": status.Major,
}

// states are the words of maintenance_status, folded.
var states = map[string]status.WindowState{
	"scheduled":  status.Scheduled,
	"inprogress": status.InProgress,
	"complete":   status.Completed,
}

// platforms that the documents name.
var platforms = []string{"windows", "macos", "android", "ios", "ps4", "ps5", "xbone", "xbsx", "switch"}
