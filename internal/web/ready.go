package web

import (
	"sync"
	"time"

	"github.com/downstatus/downstatus_exporter/internal/board"
)

const (
	readyFor  = 5 * time.Second // ages on a page are no older
	readyMost = 64              // pages: one for each filter that people look through
)

// ready keeps pages for the moments in which many ask for the same.
type ready struct {
	mu    sync.Mutex
	pages map[string]*readyPage
}

type readyPage struct {
	once       sync.Once
	generation uint64
	at         time.Time
	body       []byte
	err        error
}

// page gives the page of a key: made anew where the picture has changed, or its
// time is over. Those who ask while it is made wait for it.
func (r *ready) page(snap *board.Snapshot, key string, now time.Time, render func(*board.Snapshot) ([]byte, error)) ([]byte, error) {
	p := r.find(snap.Generation, key, now)
	p.once.Do(func() { p.body, p.err = render(snap) })
	return p.body, p.err
}

func (r *ready) find(generation uint64, key string, now time.Time) *readyPage {
	r.mu.Lock()
	defer r.mu.Unlock()
	if p := r.pages[key]; p != nil && p.generation == generation && now.Sub(p.at).Abs() < readyFor {
		return p
	}
	if r.pages == nil || len(r.pages) >= readyMost {
		r.pages = map[string]*readyPage{}
	}
	p := &readyPage{generation: generation, at: now}
	r.pages[key] = p
	return p
}
