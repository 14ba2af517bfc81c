package board

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/go-kit/log"
	"github.com/go-kit/log/level"

	"github.com/downstatus/downstatus_exporter/internal/config"
	"github.com/downstatus/downstatus_exporter/internal/history"
	"github.com/downstatus/downstatus_exporter/internal/status"
	"github.com/downstatus/downstatus_exporter/sources"
)

// Store is where the board has its changes written before it shows them.
type Store interface {
	Save(ctx context.Context, c history.Changes) error
}

// Options are what a board needs.
type Options struct {
	Store Store
	Log   log.Logger
	// Saved is told the outcome of every write, nil for success.
	Saved func(error)
}

// Result is the outcome of one poll.
type Result struct {
	Key     string // of the source
	At      time.Time
	Reading sources.Reading
	Err     error // nil: the poll was good
}

// Board decides and remembers. Its methods may be called by any goroutine;
// they take turns. Readers use the embedded Reader and never wait.
type Board struct {
	Reader
	opts Options

	mu       sync.Mutex
	plan     *config.Plan
	sources  map[string]*source  // by key
	services map[string]*service // by slug
	parked   map[string]*service // known from earlier, not watched now
	saved    map[string]history.Reading
	unsaved  history.Changes // refused by the store, to be tried again
	changes  history.Changes // of the step under way
	last     Snapshot        // as published

	changed           bool // since the last publication, something but times
	componentsChanged bool
}

// New makes a board that knows what a store gave back. It shows nothing until
// Configure is called.
func New(state history.State, o Options) *Board {
	b := &Board{
		opts: o, sources: map[string]*source{}, services: map[string]*service{},
		parked: map[string]*service{}, saved: state.Readings, plan: &config.Plan{},
	}
	for slug, s := range state.Services {
		b.parked[slug] = restored(slug, s)
	}
	for _, o := range state.Outages {
		v := b.parked[o.Slug]
		if v == nil {
			v = restored(o.Slug, history.ServiceState{Slug: o.Slug, Status: status.Unknown, Official: status.Unknown, Reports: status.Unknown})
			b.parked[o.Slug] = v
		}
		v.outages = append(v.outages, &o)
	}
	b.publish(&Snapshot{})
	return b
}

// Configure puts a plan into force. Sources and services that stay keep
// everything that is known of them. A service taken out ends its open record,
// marked as no longer watched.
func (b *Board) Configure(plan *config.Plan, now time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.plan = plan
	b.changed, b.componentsChanged = true, true
	b.configureSources()
	for _, v := range b.services { // what the plan or a feed names is put under watch again below
		v.configured, v.def.Feeds = false, nil
	}
	keep := map[string]bool{}
	for _, def := range plan.Services {
		keep[def.Slug] = true
		b.watch(def, true, now)
	}
	for _, s := range b.sources {
		for _, slug := range b.adopt(s, now) {
			keep[slug] = true
		}
	}
	b.adoptOrphans(keep, now)
	for slug, v := range b.services {
		if !keep[slug] {
			b.park(v, now)
		}
	}
	b.unwatchParked(now)
	b.finish(b.services, now)
}

func (b *Board) configureSources() {
	next := make(map[string]*source, len(b.plan.Sources))
	for _, def := range b.plan.Sources {
		s := b.sources[def.Key]
		if s == nil {
			s = b.newSource(def)
		}
		s.def = def
		s.limit = max(b.plan.StaleAfter, 3*def.Interval)
		next[def.Key] = s
	}
	b.sources = next
}

// Apply takes in the outcomes of polls, writes what changed and shows it.
func (b *Board) Apply(results ...Result) {
	b.mu.Lock()
	defer b.mu.Unlock()
	dirty := map[string]*service{}
	var now time.Time
	for _, r := range results {
		now = status.Latest(now, r.At)
		if s := b.sources[r.Key]; s != nil { // else: taken out by a reload meanwhile
			b.take(s, r)
			b.adopt(s, r.At)
			b.markDirty(s, dirty)
		}
	}
	b.finish(dirty, now)
}

// Tick lets time pass: signals grow stale, windows open, holds expire.
func (b *Board) Tick(now time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	due := map[string]*service{}
	for slug, v := range b.services {
		if !v.due.IsZero() && !now.Before(v.due) {
			due[slug] = v
		}
	}
	if len(due) > 0 || !b.unsaved.Empty() {
		b.finish(due, now)
	}
}

// Flush writes the counters of all services, at the end of a run.
func (b *Board) Flush(now time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, v := range b.services {
		v.account(now)
		b.changes.Services = append(b.changes.Services, v.state())
	}
	b.save()
}

// markDirty collects the services that a source speaks of.
func (b *Board) markDirty(s *source, dirty map[string]*service) {
	for slug, v := range b.services {
		if _, mapped := v.def.Feeds[s.def.Key]; mapped || v.def.Official == s.def.Key {
			dirty[slug] = v
		}
	}
}

// finish judges services anew, has the changes written, and publishes.
func (b *Board) finish(dirty map[string]*service, now time.Time) {
	for _, v := range dirty {
		b.evaluate(v, now)
	}
	b.save()
	b.show(now)
}

// save writes the changes of a step. What a failing store refuses is kept and
// tried again at the next step; the exporter goes on.
func (b *Board) save() {
	c := merge(b.unsaved, b.changes)
	b.changes, b.unsaved = history.Changes{}, history.Changes{}
	if c.Empty() {
		return
	}
	err := b.opts.Store.Save(context.Background(), c)
	if err != nil {
		level.Error(b.opts.Log).Log("msg", "store cannot be written; going on without", "err", err)
		b.unsaved = c
	}
	b.opts.Saved(err)
}

// merge keeps the newest of each row, so that a store that fails for long does
// not fill the memory.
func merge(old, add history.Changes) history.Changes {
	if old.Empty() {
		return add
	}
	readings := slices.Clone(add.Readings)
	for _, o := range old.Readings {
		if i := slices.IndexFunc(readings, func(r history.Reading) bool { return r.Source == o.Source }); i < 0 {
			readings = append(readings, o)
		} else if readings[i].Body == nil {
			readings[i].Body = o.Body
		}
	}
	return history.Changes{
		Readings: readings,
		Services: newest(old.Services, add.Services, func(s history.ServiceState) string { return s.Slug }),
		Outages:  newest(old.Outages, add.Outages, func(o status.Outage) string { return o.ID }),
	}
}

func newest[T any](old, add []T, key func(T) string) []T {
	seen := map[string]bool{}
	var out []T
	for _, list := range [...][]T{add, old} {
		for _, v := range slices.Backward(list) {
			if !seen[key(v)] {
				seen[key(v)] = true
				out = append(out, v)
			}
		}
	}
	return out
}
