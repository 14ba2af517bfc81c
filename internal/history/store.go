// Package history remembers: outages, the last good readings and the stored
// counters, in SQL.
package history

import (
	"time"

	"github.com/downstatus/downstatus_exporter/internal/status"
)

// State is everything that a store gives back at the start.
type State struct {
	Services map[string]ServiceState // by slug
	Readings map[string]Reading      // by source key
	Outages  []status.Outage         // within the retention, and all open ones; oldest start first

	Transitions []status.Transition // by slug, oldest first
}

// LastSeen is the newest sign that a run was watching; zero if there is none.
func (s State) LastSeen() time.Time {
	var t time.Time
	for _, v := range s.Services {
		t = status.Latest(t, status.Latest(v.LastGood, v.Accounted))
	}
	for _, r := range s.Readings {
		t = status.Latest(t, r.LastGood)
	}
	for _, v := range s.Transitions {
		t = status.Latest(t, v.Since)
	}
	return t
}

// ServiceState is what is stored of one service besides its outages.
type ServiceState struct {
	Slug          string
	Status        status.Status // last shown
	Since         time.Time     // when that status began
	Official      status.Status // last known severity of each signal
	Reports       status.Status
	LastGood      time.Time                // newest good poll of any signal
	Accounted     time.Time                // up to when Seconds are counted
	Seconds       [4]time.Duration         // by status+1
	OutageCount   map[status.Signal]uint64 // opened
	Disagreements uint64
}

// Reading is the last good reading of one source. Body is nil in a change
// that only moves the times.
type Reading struct {
	Source   string    // key of the source
	LastGood time.Time // newest good poll
	Observed time.Time // newest poll that brought a new observation
	Body     []byte    // the reading, as the board encodes it
}

// Changes is what one step of the board has to have written before it is
// shown.
type Changes struct {
	Services []ServiceState
	Readings []Reading
	Outages  []status.Outage // inserted or replaced by id

	Transitions []status.Transition // inserted or replaced by slug and time
}

// Empty reports whether there is nothing to write.
func (c Changes) Empty() bool {
	return len(c.Services)+len(c.Readings)+len(c.Outages)+len(c.Transitions) == 0
}
