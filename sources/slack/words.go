package slack

import "github.com/downstatus/downstatus_exporter/internal/status"

// The page's two words. They say whether anything is listed, not how bad it is.
const (
	allWell = "ok"
	active  = "active"
)

// maintenance is the type of what is planned.
const maintenance = "maintenance"

// ranks are the types of incidents.
var ranks = map[string]status.Indicator{
	"outage":   status.Major,
	"incident": status.Minor,
	"notice":   status.None,
}

// core are the parts without which Slack is of no use: an incident there is
// major.
var core = map[string]bool{
	"login/sso":    true,
	"messaging":    true,
	"connectivity": true,
}

// stages are the states of everything that is listed, as those of a window.
var stages = map[string]status.WindowState{
	"active":    status.InProgress,
	"scheduled": status.Scheduled,
	"resolved":  status.Completed,
	"completed": status.Completed,
	"cancelled": status.Completed,
	"canceled":  status.Completed,
}
