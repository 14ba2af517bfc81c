// Package history remembers: outages, the last good readings and the stored
// counters, in SQL.
package history

import (
	"time"

	"github.com/downstatus/downstatus_exporter/internal/status"
)

// State is everything that a store gives back at the start.
type State struct {
	Services  map[string]ServiceState // by slug
	Readings  map[string]Reading      // by source key
	Outages   []status.Outage         // within the retention, and all open ones; oldest start first
	Sources   map[string]SourceState  // by source key
	Detectors []DetectorState         // in the order of slug, source and row

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

// SourceState is what is stored of one source besides its last good reading.
type SourceState struct {
	Source        string    // key
	Asked         time.Time // the newest poll, good or not
	Up            bool      // it was good
	Reason        string    // why not, or empty
	Polls         uint64
	Failures      uint64
	EngineChanges uint64
	Unknown       map[string]uint64 // words that the engine's table missed, by field
}

// DetectorState is what a report detector has learned of one row of a feed for
// one service.
type DetectorState struct {
	Slug      string // of the service
	Source    string // key of the feed
	Row       string // slug in that feed
	Written   time.Time
	Disagrees bool   // with the feed's own verdict
	Body      []byte // as the detector encodes it
	Recent    []byte // counts of the last day, as the board encodes them
}

// Changes is what one step of the board has to have written before it is
// shown.
type Changes struct {
	Services  []ServiceState
	Readings  []Reading
	Outages   []status.Outage // inserted or replaced by id
	Sources   []SourceState
	Detectors []DetectorState

	Transitions []status.Transition // inserted or replaced by slug and time
}

// Empty reports whether there is nothing to write.
func (c Changes) Empty() bool {
	return len(c.Services)+len(c.Readings)+len(c.Outages)+len(c.Transitions)+len(c.Sources)+len(c.Detectors) == 0
}
