package keep

import (
	"maps"
	"slices"

	"github.com/downstatus/downstatus_exporter/internal/status"
)

// askAtMost is how many polls in a row ask about one thing.
const askAtMost = 3

// all, in the place of an incident's id, asks for everything that has ended.
const all = ""

// Ends finds out which incidents have to be asked for because they left the
// list of open ones. The zero value is ready to use.
type Ends struct {
	open   map[string]bool
	asking map[string]int // polls that asked in vain, by id
}

// AskHistory wants everything that the history holds, as at the first poll.
func (e *Ends) AskHistory() { e.ask(all) }

func (e *Ends) ask(id string) {
	if e.asking == nil {
		e.asking = map[string]int{}
	}
	e.asking[id] = 0
}

// Turn takes the open incidents of a new reading: those that are no longer
// among them are to be asked for.
func (e *Ends) Turn(open []status.Incident) {
	next := make(map[string]bool, len(open))
	for _, in := range open {
		next[in.ID] = true
		delete(e.asking, in.ID)
	}
	for id := range e.open {
		if !next[id] {
			e.ask(id)
		}
	}
	e.open = next
}

// Waiting reports whether there is anything to ask for.
func (e *Ends) Waiting() bool { return len(e.asking) > 0 }

// IDs lists the incidents to be asked for.
func (e *Ends) IDs() []string {
	return slices.DeleteFunc(slices.Sorted(maps.Keys(e.asking)), func(id string) bool { return id == all })
}

// Told notes that the end of an incident is known, and tells whether it was to
// be asked for.
func (e *Ends) Told(id string) bool {
	_, asked := e.asking[id]
	delete(e.asking, id)
	return asked
}

// Read takes a history and returns those of its incidents that are over, also
// those that nobody saw while they were open. One that was asked for and is
// still shown as open, as caches may, is asked for again; one that the history
// does not list is given up.
func (e *Ends) Read(history []status.Incident) (ended []status.Incident) {
	open := map[string]bool{}
	for _, in := range history {
		if in.Over {
			ended = append(ended, in)
		} else {
			open[in.ID] = true
		}
	}
	for id := range e.asking {
		if open[id] {
			e.Retry(id)
		} else {
			delete(e.asking, id)
		}
	}
	return ended
}

// Retry notes that these were asked for in vain; without ids, all of them.
func (e *Ends) Retry(ids ...string) {
	if len(ids) == 0 {
		ids = slices.Collect(maps.Keys(e.asking))
	}
	for _, id := range ids {
		if e.asking[id]++; e.asking[id] >= askAtMost {
			delete(e.asking, id)
		}
	}
}
