package bridge

import (
	"sync"

	"github.com/downstatus/downstatus_exporter/internal/history"
)

// queue holds the newest state of each alert until it is sent. When it is full
// the oldest goes: it comes again with the next round.
type queue struct {
	limit int

	mu       sync.Mutex
	order    []string // identities, oldest first
	waiting  map[string]history.Alert
	suspects map[string]bool // refused last time: not to be sent with others
	wake     chan struct{}   // has an element while there may be something to send
}

func newQueue(limit int) *queue {
	return &queue{limit: limit, waiting: map[string]history.Alert{}, suspects: map[string]bool{}, wake: make(chan struct{}, 1)}
}

// put adds alerts, or replaces their older states, and returns how many others
// had to go.
func (q *queue) put(all []history.Alert) (dropped int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, a := range all {
		id := identity(a)
		if _, ok := q.waiting[id]; !ok {
			q.order = append(q.order, id)
		}
		q.waiting[id] = a
	}
	dropped = q.trim()
	q.signal()
	return dropped
}

// giveBack puts alerts that could not be sent before all others, unless there
// is a newer state by now.
func (q *queue) giveBack(all []history.Alert) (dropped int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	var front []string
	for _, a := range all {
		id := identity(a)
		if _, newer := q.waiting[id]; !newer {
			q.waiting[id] = a
			front = append(front, id)
		}
	}
	q.order = append(front, q.order...)
	dropped = q.trim()
	q.signal()
	return dropped
}

func (q *queue) trim() (dropped int) {
	for ; len(q.order) > q.limit; dropped++ {
		delete(q.waiting, q.order[0])
		q.order = q.order[1:]
	}
	return dropped
}

func (q *queue) signal() {
	select {
	case q.wake <- struct{}{}:
	default:
	}
}

// take removes the oldest alerts, at most n. A suspect comes alone.
func (q *queue) take(n int) []history.Alert {
	q.mu.Lock()
	defer q.mu.Unlock()
	var out []history.Alert
	for len(q.order) > 0 && len(out) < n {
		id := q.order[0]
		if q.suspects[id] && len(out) > 0 {
			break
		}
		out = append(out, q.waiting[id])
		delete(q.waiting, id)
		q.order = q.order[1:]
		if q.suspects[id] {
			break
		}
	}
	return out
}

// suspect notes that an alert was refused; true if it was not known for that.
func (q *queue) suspect(a history.Alert) (first bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	id := identity(a)
	first = !q.suspects[id]
	if len(q.suspects) >= q.limit {
		clear(q.suspects)
	}
	q.suspects[id] = true
	return first
}

// clear notes that alerts were accepted.
func (q *queue) clear(all []history.Alert) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, a := range all {
		delete(q.suspects, identity(a))
	}
}

// forget empties the queue.
func (q *queue) forget() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.order = nil
	clear(q.waiting)
}

func (q *queue) length() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(q.order)
}
