// Package bridge posts alerts about outages to Alertmanager itself, for those
// who have no Prometheus rules. It says what the rules say, by the same table.
package bridge

import (
	"context"
	"fmt"
	"reflect"
	"sync/atomic"
	"time"

	"github.com/go-kit/log"
	"github.com/go-kit/log/level"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/downstatus/downstatus_exporter/internal/board"
	"github.com/downstatus/downstatus_exporter/internal/config"
	"github.com/downstatus/downstatus_exporter/internal/history"
)

const (
	lookEvery = time.Second // how soon a change of the board is noticed
	// ResendEvery is how often an alert is sent again: Alertmanager keeps none
	// across a restart.
	ResendEvery = time.Minute
	lease       = 4 * ResendEvery // an alert that is not sent again for so long has ended
	resolvedFor = 5 * time.Minute // how long the end of an alert is told
)

// Store is where the bridge remembers what it has fired.
type Store interface {
	Alerts(ctx context.Context) ([]history.Alert, error)
	SaveAlerts(ctx context.Context, saved, forgotten []history.Alert) error
}

// Options are what a bridge needs.
type Options struct {
	Board    *board.Reader
	Store    Store
	Log      log.Logger
	Registry prometheus.Registerer
	// Saved is told the outcome of every write, nil for success.
	Saved func(error)
	// Leads reports whether this replica is the one that posts; nil: always.
	Leads func() bool
}

// Bridge follows the board and posts to every Alertmanager. It does nothing
// until it is configured.
type Bridge struct {
	opts     Options
	metrics  *metrics
	settings atomic.Pointer[settings]
	dial     func(*config.Alertmanager) (*client, error)

	// Of Run alone.
	fleet *fleet
	book  *book // nil while another replica leads
}

// New makes a bridge and registers its metrics.
func New(o Options) *Bridge {
	if o.Leads == nil {
		o.Leads = func() bool { return true }
	}
	return &Bridge{opts: o, metrics: newMetrics(o.Registry), dial: newClient}
}

// settings are a configuration with the client it makes.
type settings struct {
	config *config.Alertmanager
	client *client
}

// Configure puts settings into force at the next look at the board; nil turns
// the bridge off. After an error the old ones stay.
func (b *Bridge) Configure(cfg *config.Alertmanager) error {
	old := b.settings.Load()
	if cfg == nil {
		b.settings.Store(nil)
		return nil
	}
	if old != nil && reflect.DeepEqual(old.config, cfg) {
		return nil
	}
	c, err := b.dial(cfg)
	if err != nil {
		return fmt.Errorf("alertmanager.http_config: %w", err)
	}
	b.settings.Store(&settings{cfg, c})
	return nil
}

// Run posts until the context ends. Alerts that fire then go on firing for the
// time of their lease: a restart is no recovery. page is our page of a service.
func (b *Bridge) Run(ctx context.Context, page func(slug string) string) error {
	defer func() { b.fleet.stop() }()
	look := time.NewTicker(lookEvery)
	defer look.Stop()
	for {
		b.step(ctx, time.Now(), page)
		select {
		case <-ctx.Done():
			return nil
		case <-look.C:
		}
	}
}

// step takes one look at the board.
func (b *Bridge) step(ctx context.Context, now time.Time, page func(string) string) {
	s := b.settings.Load()
	if s != b.fleet.settingsOf() {
		b.fleet.stop()
		b.fleet = startFleet(ctx, s, b.opts.Log, b.metrics)
	}
	snapshot := b.opts.Board.Snapshot()
	if s == nil || !b.opts.Leads() {
		b.book = nil
		b.fleet.forget()
		return
	}
	if snapshot.Generation == 0 { // nothing is known yet, not even what is watched
		return
	}
	now = now.UTC().Truncate(time.Millisecond) // as the store gives it back
	if b.book == nil {
		b.book = b.load(ctx, now)
	}
	b.book.follow(selection{s.config, page, b.book.speaking(), now}.wanted(snapshot), ending(snapshot), now)
	b.save(ctx)
	if due := b.book.due(now); len(due) > 0 {
		b.fleet.put(due)
	}
	for _, p := range b.fleet.joined() {
		p.put(b.book.all())
	}
}

// load takes up what an earlier run, or the replica that led before, has fired.
func (b *Bridge) load(ctx context.Context, now time.Time) *book {
	all, err := b.opts.Store.Alerts(ctx)
	if err != nil {
		level.Error(b.opts.Log).Log("msg", "fired alerts cannot be read from the store; those that ended meanwhile lapse", "err", err)
	}
	return newBook(all, now)
}

// save writes what changed. What a failing store refuses is tried again at the
// next look.
func (b *Bridge) save(ctx context.Context) {
	saved, forgotten := b.book.unsaved()
	if len(saved)+len(forgotten) == 0 {
		return
	}
	err := b.opts.Store.SaveAlerts(context.WithoutCancel(ctx), saved, forgotten)
	if b.opts.Saved != nil {
		b.opts.Saved(err)
	}
	if err == nil {
		b.book.written()
	}
}
