package board

import (
	"context"
	"maps"
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
	// Follows is set for one of several replicas on one store: it decides and
	// writes nothing, and shows what another one stores, until it leads.
	Follows bool
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
	aliases  map[alias]bool      // feed rows that have a service of the plan

	saved       map[string]history.Reading     // of sources not in use, by key
	states      map[string]history.SourceState // likewise
	before      time.Time                      // newest that the run before saw
	clock       time.Time                      // newest that this one saw
	pending     pending                        // not written yet
	storeFailed bool                           // at the last write

	leads    bool // decides and writes; see Follow
	outdated bool // the store may hold less than is known here

	changed           bool // since the last publication, something but times
	componentsChanged bool
}

// New makes a board that knows what a store gave back. It shows nothing until
// Configure is called.
func New(state history.State, o Options) *Board {
	b := &Board{opts: o, plan: &config.Plan{}, leads: !o.Follows}
	b.load(state)
	b.publish(&Snapshot{})
	return b
}

// load replaces all that is known by what a store gave back.
func (b *Board) load(state history.State) {
	b.saved, b.states, b.pending = map[string]history.Reading{}, map[string]history.SourceState{}, newPending()
	b.sources, b.services, b.parked = map[string]*source{}, map[string]*service{}, map[string]*service{}
	b.before = state.LastSeen()
	maps.Copy(b.saved, state.Readings)
	maps.Copy(b.states, state.Sources)
	for slug, s := range state.Services {
		b.known(slug).restore(s)
	}
	for _, o := range state.Outages {
		b.known(o.Slug).put(&o)
	}
	for _, t := range state.Transitions {
		b.known(t.Slug).remember(t)
	}
	for _, d := range state.Detectors {
		b.learned(b.known(d.Slug), d)
	}
}

// known finds a service, watched or not; a new one knows nothing yet.
func (b *Board) known(slug string) *service {
	if v := b.services[slug]; v != nil {
		return v
	}
	v := b.parked[slug]
	if v == nil {
		v = newService(slug)
		b.parked[slug] = v
	}
	return v
}

// Configure puts a plan into force. Sources and services that stay keep
// everything that is known of them. A service taken out ends its open record,
// marked as no longer watched.
func (b *Board) Configure(plan *config.Plan, now time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.configure(plan, cut(now))
}

func (b *Board) configure(plan *config.Plan, now time.Time) {
	b.turn(now)
	b.plan = plan
	b.configureSources()
	b.configureAliases()
	wanted := b.definitions()
	for slug, v := range b.services {
		if _, stays := wanted[slug]; !stays {
			b.park(v, now)
		}
	}
	for _, def := range wanted {
		b.watch(def, now)
	}
	for _, v := range b.parked { // an earlier run may have left their records open
		b.endWatch(v, now)
		b.noteLapse(v, b.before.Add(b.plan.StaleAfter), now)
	}
	b.changed, b.componentsChanged = true, true
	b.finish(b.services, now)
}

// configureSources keeps the readings of sources taken out: they may come
// back.
func (b *Board) configureSources() {
	next := make(map[string]*source, len(b.plan.Sources))
	for _, def := range b.plan.Sources {
		s := b.sources[def.Key]
		if s == nil {
			s = b.newSource(def)
		}
		s.def = def
		s.limit = max(b.plan.StaleAfter, 3*def.Interval)
		b.renewSource(s)
		next[def.Key] = s
	}
	for key, s := range b.sources {
		if next[key] != nil {
			continue
		}
		b.states[key] = s.state()
		if s.read() {
			b.saved[key] = b.row(s, true)
		}
	}
	b.sources = next
}

// Engine is the name of the engine that answered last for a source, also in an
// earlier run; that of its configuration where none has answered yet.
func (b *Board) Engine(key string) string {
	b.mu.Lock()
	defer b.mu.Unlock()
	if s := b.sources[key]; s != nil {
		return s.engine
	}
	return ""
}

// Apply takes in the outcomes of polls, writes what changed and shows it.
func (b *Board) Apply(results ...Result) {
	if len(results) == 0 {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.leads { // polls that were under way when the lead was lost
		return
	}
	dirty := map[string]*service{}
	var now time.Time
	for _, r := range results {
		r.At = cut(r.At)
		now = status.Latest(now, r.At)
		if s := b.sources[r.Key]; s != nil { // else: taken out by a reload meanwhile
			b.take(s, r)
			b.adopt(s, r.At)
			b.markDirty(s, dirty)
		}
	}
	b.clock = status.Latest(b.clock, now) // polls may have ended before the newest tick
	b.finish(dirty, now)
}

// Tick lets time pass: signals grow stale, windows open, holds expire.
func (b *Board) Tick(now time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	now = cut(now)
	due, back := map[string]*service{}, b.turn(now)
	for slug, v := range b.services {
		if back || !v.due.IsZero() && !now.Before(v.due) {
			due[slug] = v
		}
	}
	if len(due) > 0 || !b.pending.empty() {
		b.finish(due, now)
	}
}

// Flush writes the counters of all services and what was learned of their
// reports, at the end of a run.
func (b *Board) Flush(now time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.leads {
		return
	}
	for _, v := range b.services {
		v.account(v.status, cut(now))
		b.pending.service(v)
		for at := range v.watchers {
			b.writeLearned(v, at, cut(now))
		}
	}
	b.save()
}

// cut makes a time what the store gives back for it.
func cut(t time.Time) time.Time { return t.UTC().Truncate(time.Millisecond) }

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
	for _, s := range b.sources {
		s.told = false
	}
	b.save()
	b.show(now)
}

// save writes what is pending. What a failing store refuses stays so, to be
// tried again at the next step; the exporter goes on.
func (b *Board) save() {
	if !b.leads { // what a reload leaves here is for the one that leads to write
		b.pending = newPending()
	}
	if b.pending.empty() {
		return
	}
	err := b.opts.Store.Save(context.Background(), b.pending.changes())
	b.opts.Saved(err)
	switch {
	case err != nil && !b.storeFailed:
		level.Error(b.opts.Log).Log("msg", "store cannot be written; going on without", "err", err)
	case err == nil && b.storeFailed:
		level.Info(b.opts.Log).Log("msg", "store can be written again")
	}
	b.storeFailed = err != nil
	if err == nil {
		b.pending = newPending()
	}
}
