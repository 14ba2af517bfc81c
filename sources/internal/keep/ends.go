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

// ends finds out which incidents a history has to be asked for, because they
// left the list of open ones. The zero value is ready to use.
type ends struct {
	open   map[string]status.Incident
	asking map[string]*question
}

type question struct {
	about status.Incident // as last seen open
	vain  int             // polls that asked in vain
}

// askAll wants everything that the history holds, as at the first poll.
func (e *ends) askAll() { e.ask(all, status.Incident{}) }

func (e *ends) ask(id string, about status.Incident) {
	if e.asking == nil {
		e.asking = map[string]*question{}
	}
	e.asking[id] = &question{about: about}
}

// turn takes the open incidents of a new reading: those that are no longer
// among them are to be asked for.
func (e *ends) turn(open []status.Incident) {
	next := make(map[string]status.Incident, len(open))
	for _, in := range open {
		next[in.ID] = in
		delete(e.asking, in.ID)
	}
	for id, in := range e.open {
		if _, still := next[id]; !still {
			e.ask(id, in)
		}
	}
	e.open = next
}

func (e *ends) waiting() bool { return len(e.asking) > 0 }

// gone lists the incidents to be asked for, as they were last seen.
func (e *ends) gone() (out []status.Incident) {
	for _, id := range slices.Sorted(maps.Keys(e.asking)) {
		if id != all {
			out = append(out, e.asking[id].about)
		}
	}
	return out
}

// told notes that the end of an incident is known.
func (e *ends) told(id string) { delete(e.asking, id) }

// read takes a history. What was asked for and is still shown as open, as
// caches may, is asked for again; what the history does not list is given up.
func (e *ends) read(history []status.Incident) {
	open := map[string]bool{}
	for _, in := range history {
		open[in.ID] = open[in.ID] || !in.Over
	}
	maps.DeleteFunc(e.asking, func(id string, _ *question) bool { return !open[id] })
	e.retry()
}

// retry notes that all was asked for in vain.
func (e *ends) retry() {
	maps.DeleteFunc(e.asking, func(_ string, q *question) bool {
		q.vain++
		return q.vain >= askAtMost
	})
}
