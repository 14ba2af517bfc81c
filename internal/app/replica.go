package app

import (
	"context"
	"errors"
	"maps"
	"sync/atomic"
	"time"

	"github.com/go-kit/log/level"

	"github.com/downstatus/downstatus_exporter/internal/history"
	"github.com/downstatus/downstatus_exporter/internal/status"
	"github.com/downstatus/downstatus_exporter/sources"
)

// stepEvery is how often a replica looks at the shared store: the leader
// whether it still is, a follower what is new and whether it may lead.
const stepEvery = 2 * time.Second

// replica is what a run knows of its part among those on one shared store. One
// of them holds the lease: it polls and writes. The others show what it stores.
type replica struct {
	leads    atomic.Bool
	followed atomic.Bool   // at least once: it is ready, whatever it does later
	lost     chan struct{} // filled when a step of the leader found no lease
	ended    chan struct{} // closed when the run's part is over

	// For the goroutine of replicate alone:
	version int64                // of the store, up to which it has been loaded
	asked   map[string]time.Time // when each source was last asked, as the store tells
	failed  bool                 // the store, at the last step
}

func newReplica() replica {
	return replica{lost: make(chan struct{}, 1), ended: make(chan struct{}), asked: map[string]time.Time{}}
}

// heard takes what a store gave back.
func (r *replica) heard(state history.State, version int64) {
	r.version = version
	for key, v := range state.Readings {
		r.asked[key] = status.Latest(r.asked[key], v.LastGood)
	}
	for key, v := range state.Sources {
		r.asked[key] = status.Latest(r.asked[key], v.Asked)
	}
}

// term is the time in which this run polls.
type term struct {
	ctx   context.Context
	end   context.CancelFunc
	asked map[string]time.Time // when each source was last asked before, by key
}

// startPolling begins a term.
func (a *App) startPolling(ctx context.Context, asked map[string]time.Time) error {
	a.reloading.Lock()
	defer a.reloading.Unlock()
	plan, err := a.current.Plan()
	if err != nil {
		return err
	}
	snapshot := a.board.Snapshot()
	level.Info(a.opts.Log).Log("msg", "polling", "services", len(snapshot.Services), "sources", len(snapshot.Sources))
	t := &term{asked: asked}
	t.ctx, t.end = context.WithCancel(ctx)
	a.clients.asked(plan, asked)
	a.poller.Configure(t.ctx, a.jobs(plan, t))
	a.term = t
	return nil
}

// stopPolling ends the term. Polls under way are cut short.
func (a *App) stopPolling() {
	a.reloading.Lock()
	defer a.reloading.Unlock()
	if a.term != nil {
		a.term.end()
		a.poller.Configure(a.term.ctx, nil)
		a.term = nil
	}
}

// claiming makes a source of a shared store note in it each poll before it
// begins, so that whoever leads next knows even if this run dies meanwhile. A
// run that finds that it has lost the lease asks nobody any more.
func (a *App) claiming(key string, s sources.Source, t *term) sources.Source {
	if !a.store.Shared() {
		return s
	}
	return claimed{s, func(ctx context.Context) error {
		err := a.store.Claim(ctx, key)
		if errors.Is(err, history.ErrNoLease) {
			t.end() // before the poll fails: it says nothing about its upstream
			a.leaseLost()
			return err
		}
		return nil // the lease is held: a fault of the store stops no poll
	}}
}

// claimed is a source that is claimed before each poll.
type claimed struct {
	sources.Source
	claim func(context.Context) error
}

func (c claimed) Poll(ctx context.Context, now time.Time) (sources.Reading, error) {
	if err := c.claim(ctx); err != nil {
		return sources.Reading{}, err
	}
	return c.Source.Poll(ctx, now)
}

// saved takes the outcome of a write of the board.
func (a *App) saved(err error) {
	a.metrics.used("save", err)
	if errors.Is(err, history.ErrNoLease) {
		a.leaseLost()
	}
}

func (a *App) leaseLost() {
	select {
	case a.replica.lost <- struct{}{}:
	default: // it is known
	}
}

// replicate plays the run's part until the context ends.
func (a *App) replicate(ctx context.Context) error {
	defer close(a.replica.ended)
	tick := time.NewTicker(stepEvery)
	defer tick.Stop()
	for ctx.Err() == nil {
		a.step(ctx)
		select {
		case <-ctx.Done():
		case <-tick.C:
		case <-a.replica.lost:
		}
	}
	return nil
}

func (a *App) step(ctx context.Context) {
	if a.replica.leads.Load() {
		if err := a.store.KeepLease(ctx); errors.Is(err, history.ErrNoLease) {
			a.stepDown(err)
		}
		return
	}
	held, err := a.store.TryLease(ctx)
	op := "lease"
	if err == nil {
		op, err = "load", a.catchUp(ctx)
	}
	if err == nil && held {
		op, err = "lease", a.lead(ctx)
	}
	if ctx.Err() != nil {
		return // the run ends, and with it what was tried
	}
	a.metrics.used(op, err)
	a.tell(err)
	if held && err != nil {
		a.stepDown(err)
	}
	if !a.replica.leads.Load() && !a.replica.followed.Swap(true) {
		level.Info(a.opts.Log).Log("msg", "following: another replica polls and writes")
	}
}

// tell logs when the shared store fails and when it is back.
func (a *App) tell(err error) {
	switch {
	case err != nil && !a.replica.failed:
		level.Error(a.opts.Log).Log("msg", "shared store cannot be used; what is shown grows stale", "err", err)
	case err == nil && a.replica.failed:
		level.Info(a.opts.Log).Log("msg", "shared store can be used again")
	}
	a.replica.failed = err != nil
}

// catchUp shows what the leader has stored since the last step.
func (a *App) catchUp(ctx context.Context) error {
	r := &a.replica
	state, version, err := a.store.LoadSince(ctx, r.version)
	if err == nil && version < r.version { // the database was put back to an earlier state
		a.board.StepDown()
		state, version, err = a.store.LoadSince(ctx, 0)
	}
	if err != nil || version == r.version {
		return err
	}
	r.heard(state, version)
	a.board.Follow(state, time.Now())
	return nil
}

// lead begins to decide and to poll, where the last leader left off.
func (a *App) lead(ctx context.Context) error {
	claims, err := a.store.Claims(ctx)
	if err != nil {
		return err
	}
	asked := maps.Clone(a.replica.asked)
	for key, at := range claims {
		asked[key] = status.Latest(asked[key], at)
	}
	level.Info(a.opts.Log).Log("msg", "leading: this replica polls and writes")
	a.replica.leads.Store(true)
	a.board.Lead(time.Now())
	return a.startPolling(ctx, asked)
}

// stepDown ends deciding and polling: another replica may have begun. What is
// known stays on show, and is loaded anew as soon as the store answers.
func (a *App) stepDown(err error) {
	level.Warn(a.opts.Log).Log("msg", "following: the lease is lost", "err", err)
	a.stopPolling()
	a.replica.leads.Store(false)
	a.board.StepDown()
	a.replica.version = 0
	a.replica.followed.Store(true)
	a.metrics.used("lease", err)
	if err := a.store.DropLease(); err != nil {
		level.Warn(a.opts.Log).Log("msg", "lease not given back", "err", err)
	}
}
