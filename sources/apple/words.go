package apple

import "github.com/downstatus/downstatus_exporter/internal/status"

// state is how far an event has come.
type state int8

const (
	ongoing state = iota
	over
	ahead
	unclear // a word that the table misses: trouble goes on, for maintenance the clock decides
)

// states are the words of eventStatus.
var states = map[string]state{
	"ongoing":   ongoing,
	"resolved":  over,
	"completed": over,
	"upcoming":  ahead,
}

// kind is what an event is.
type kind struct {
	rank        status.Indicator
	maintenance bool
	nothing     bool // the event tells that all is well
}

// kinds are the words of statusType. It may be left out.
var kinds = map[string]kind{
	"outage":      {rank: status.Major}, // critical where all users are affected
	"issue":       {rank: status.Minor},
	"performance": {rank: status.Minor},
	"":            {rank: status.Minor},
	"maintenance": {maintenance: true},
	"available":   {nothing: true},
}
