// Package app is the whole program, embeddable in a test: New, Run, Reload.
package app

import (
	"context"
	"errors"
	"fmt"
	"math"
	"sync"
	"time"

	"github.com/go-kit/log"
	"github.com/go-kit/log/level"
	"golang.org/x/sync/errgroup"

	"github.com/downstatus/downstatus_exporter/alerts/bridge"
	"github.com/downstatus/downstatus_exporter/internal/board"
	"github.com/downstatus/downstatus_exporter/internal/config"
	"github.com/downstatus/downstatus_exporter/internal/demo"
	"github.com/downstatus/downstatus_exporter/internal/history"
	"github.com/downstatus/downstatus_exporter/internal/poll"
	"github.com/downstatus/downstatus_exporter/sources/fetch"
)

const (
	tickEvery  = time.Second // how soon the passing of time is noticed
	pruneEvery = time.Hour
	readyAfter = 60 * time.Second // ready by then, even if a first poll still hangs
)

// Options are the flags of a run.
type Options struct {
	ConfigFile  string // empty: the built-in configuration
	StoragePath string // empty: nothing is kept
	Demo        bool
	Web         WebOptions
	Log         log.Logger
}

// App is one run of the exporter.
type App struct {
	opts    Options
	metrics *metrics
	store   *history.Store
	board   *board.Board
	poller  *poll.Poller
	bridge  *bridge.Bridge
	world   *demo.World // nil without --demo
	clients clients
	results chan board.Result
	started time.Time

	reloading sync.Mutex
	current   *config.Config // guarded by reloading
	term      *term          // likewise; nil while this run must not poll
	replica   replica
}

// New loads the configuration, opens the store, and wires everything. It
// listens nowhere yet. The caller must call Close, also after Run.
func New(o Options) (*App, error) {
	a := &App{
		opts: o, results: make(chan board.Result, 1024), started: time.Now(),
		clients: clients{guard: fetch.NewGuard(), budgets: fetch.NewBudgets(), open: map[string]*fetch.Client{}},
	}
	a.metrics, a.replica = newMetrics(), newReplica()
	a.poller = poll.New(a.deliver)
	if o.Demo {
		w, err := demo.Start(o.Log)
		if err != nil {
			return nil, fmt.Errorf("demo: %w", err)
		}
		a.world = w
	}
	if err := a.openAll(); err != nil {
		return nil, errors.Join(err, a.Close())
	}
	return a, nil
}

func (a *App) openAll() error {
	cfg, plan, err := a.load()
	if err != nil {
		return err
	}
	a.current = cfg
	a.store, err = history.Open(context.Background(), history.Options{
		Dir: a.opts.StoragePath, DSN: plan.DSN, Demo: a.opts.Demo, Retention: plan.Retention, Now: time.Now,
	})
	if err != nil {
		return err
	}
	state, version, err := a.store.LoadSince(context.Background(), 0)
	if err != nil {
		return err
	}
	a.replica.heard(state, version)
	a.clients.asked(plan, a.replica.asked)
	a.metrics.storeIs(true)
	a.board = board.New(state, board.Options{Store: a.store, Log: a.opts.Log, Saved: a.saved, Follows: a.store.Shared()})
	a.board.Configure(plan, time.Now())
	a.metrics.reloaded(plan, time.Now())
	a.bridge = bridge.New(bridge.Options{
		Board: &a.board.Reader, Store: a.store, Log: a.opts.Log, Registry: a.metrics.registry, Saved: a.saved,
		Leads: func() bool { return !a.store.Shared() || a.replica.leads.Load() },
	})
	return errors.Join(a.clients.prepare(plan), a.bridge.Configure(cfg.Alertmanager))
}

// load reads the configuration that the flags name.
func (a *App) load() (*config.Config, *config.Plan, error) {
	cfg, err := a.parse()
	if err != nil {
		return nil, nil, err
	}
	plan, err := cfg.Plan()
	if err != nil {
		return nil, nil, err
	}
	if a.world != nil { // its story is told in seconds, and counts need minutes to calm down
		plan.Detection.Threshold = math.Inf(1)
	}
	for _, w := range plan.Warnings {
		level.Warn(a.opts.Log).Log("msg", "configuration", "file", w.File, "line", w.Line, "warning", w.Text)
	}
	return cfg, plan, nil
}

func (a *App) parse() (*config.Config, error) {
	switch {
	case a.world != nil:
		return config.Parse("demo", a.world.Config())
	case a.opts.ConfigFile == "":
		return config.Default(), nil
	default:
		return config.Load(a.opts.ConfigFile)
	}
}

// Run polls and serves until the context is cancelled, then stops cleanly.
// A fault of the listeners ends it too.
func (a *App) Run(ctx context.Context) error {
	listeners, err := a.listen()
	if err != nil {
		return err
	}
	pageURL, err := a.pageURL(listeners)
	if err != nil {
		return err
	}
	g, ctx := errgroup.WithContext(ctx)
	if a.store.Shared() {
		g.Go(func() error { return a.replicate(ctx) })
	} else if err := a.startPolling(ctx, nil); err != nil {
		return err
	}
	g.Go(func() error { return a.serve(ctx, listeners) })
	g.Go(func() error { return a.write(ctx) })
	g.Go(func() error { return a.bridge.Run(ctx, pageURL) })
	return g.Wait()
}

// deliver hands a poll's outcome to the writer.
func (a *App) deliver(o poll.Outcome) {
	a.metrics.polled(o)
	a.results <- board.Result{Key: o.Key, At: o.End, Reading: o.Reading, Err: o.Err}
	for _, other := range o.Reading.Others {
		a.results <- board.Result{Key: other.Key, At: o.End, Reading: other.Reading, Err: other.Err}
	}
}

// write is the one writer of the board. It takes in everything that is
// waiting at once, so that a busy round is few steps.
func (a *App) write(ctx context.Context) error {
	tick, prune := time.NewTicker(tickEvery), time.NewTicker(pruneEvery)
	defer tick.Stop()
	defer prune.Stop()
	stopped := a.pollingStopped(ctx)
	for {
		select {
		case r := <-a.results:
			a.board.Apply(append([]board.Result{r}, a.waiting()...)...)
		case <-tick.C:
			a.board.Tick(time.Now()) // the tick itself may have waited behind a later poll
		case now := <-prune.C:
			a.prune(now)
		case <-stopped:
			a.board.Apply(a.waiting()...)
			a.board.Flush(time.Now())
			return nil
		}
	}
}

func (a *App) pollingStopped(ctx context.Context) <-chan struct{} {
	done := make(chan struct{})
	go func() {
		<-ctx.Done()
		if a.store.Shared() {
			<-a.replica.ended // nothing new is polled after that
		}
		a.poller.Wait()
		close(done)
	}()
	return done
}

func (a *App) waiting() []board.Result {
	var all []board.Result
	for {
		select {
		case r := <-a.results:
			all = append(all, r)
		default:
			return all
		}
	}
}

func (a *App) prune(now time.Time) {
	a.board.Prune(now)
	if a.store.Shared() && !a.replica.leads.Load() {
		return
	}
	if err := a.store.Prune(context.Background(), now); err != nil {
		level.Error(a.opts.Log).Log("msg", "old outages cannot be removed from the store", "err", err)
		a.metrics.storeErrors.WithLabelValues("prune").Inc()
	}
}

// Reload puts the configuration file into force. On any error the old
// configuration stays.
func (a *App) Reload() error {
	a.reloading.Lock()
	defer a.reloading.Unlock()
	cfg, plan, err := a.load()
	if err == nil {
		err = a.clients.prepare(plan)
	}
	if err == nil {
		err = a.bridge.Configure(cfg.Alertmanager)
	}
	if err != nil {
		a.metrics.reloadOK.Set(0)
		level.Error(a.opts.Log).Log("msg", "configuration not reloaded; the old one stays in force", "err", err)
		return err
	}
	if a.current.DSN() != cfg.DSN() {
		level.Warn(a.opts.Log).Log("msg", "another history.dsn counts from the next start on")
	}
	a.current = cfg
	a.board.Configure(plan, time.Now())
	if a.term != nil {
		a.poller.Configure(a.term.ctx, a.jobs(plan, a.term))
	}
	a.clients.drop(plan)
	a.metrics.reloaded(plan, time.Now())
	level.Info(a.opts.Log).Log("msg", "configuration reloaded", "services", len(plan.Services), "sources", len(plan.Polled()))
	return nil
}

// Ready reports whether the first round of polls has ended, or had its time,
// or another replica does the polling.
func (a *App) Ready() bool {
	if a.replica.followed.Load() {
		return true
	}
	select {
	case <-a.poller.FirstRound():
		return true
	default:
		return time.Since(a.started) > readyAfter
	}
}

// Close frees what New took.
func (a *App) Close() error {
	var errs []error
	if a.store != nil {
		errs = append(errs, a.store.Close())
	}
	if a.world != nil {
		errs = append(errs, a.world.Close())
	}
	a.clients.close()
	return errors.Join(errs...)
}
