package xbox

import (
	"github.com/downstatus/downstatus_exporter/internal/status"
	"github.com/downstatus/downstatus_exporter/sources/internal/vendors"
)

// states are the words for the whole, a category or a scenario. Only None was
// ever recorded; the others are reported by readers of the document.
var states = map[string]status.Indicator{
	"none":        status.None,
	"impacted":    status.Minor,
	"limited":     status.Minor,
	"disrupted":   status.Minor,
	"unavailable": status.Major,
}

// levels are the words for the impact of an incident. None was recorded.
var levels = map[string]status.Indicator{
	"minor": status.Minor,
	"major": status.Major,
}

// signIn is the scenario without which nothing else works.
const (
	signInID   = "35048"
	signInName = "signin"
)

func (s scenario) isSignIn() bool {
	return string(s.ID) == signInID || vendors.Fold(s.Label) == signInName
}
