package bridge

import (
	"context"
	"slices"
	"sync"

	"github.com/go-kit/log"
	"github.com/go-kit/log/level"

	"github.com/downstatus/downstatus_exporter/internal/history"
)

// mostPeers bounds the values of the peer label: discovery may go wrong.
const mostPeers = 100

// fleet is the Alertmanagers of one configuration. A nil fleet is none.
type fleet struct {
	settings *settings
	log      log.Logger
	metrics  *metrics
	found    *found
	peers    map[string]*member
	stopAll  context.CancelFunc
	ctx      context.Context
	running  sync.WaitGroup
	lonely   bool // said that there is no peer
}

// member is a peer and how to end it.
type member struct {
	*peer
	stop context.CancelFunc
}

func startFleet(ctx context.Context, s *settings, l log.Logger, m *metrics) *fleet {
	if s == nil {
		return nil
	}
	f := &fleet{settings: s, log: l, metrics: m, peers: map[string]*member{}}
	f.ctx, f.stopAll = context.WithCancel(ctx)
	f.found = discover(f.ctx, &f.running, s.config, l)
	return f
}

func (f *fleet) settingsOf() *settings {
	if f == nil {
		return nil
	}
	return f.settings
}

// stop ends requests under way and waits for them.
func (f *fleet) stop() {
	if f == nil {
		return
	}
	f.stopAll()
	f.running.Wait()
	for name := range f.peers {
		f.metrics.end(name)
	}
	f.settings.client.close()
}

// forget empties all queues.
func (f *fleet) forget() {
	if f == nil {
		return
	}
	for _, p := range f.peers {
		p.queue.forget()
		p.count(0)
	}
}

func (f *fleet) put(all []history.Alert) {
	for _, p := range f.peers {
		p.put(all)
	}
}

// joined takes over what discovery has found, and returns the new peers.
func (f *fleet) joined() []*member {
	names, complete := f.found.now()
	if len(names) > mostPeers {
		names = names[:mostPeers]
	}
	for name, p := range f.peers {
		if !slices.Contains(names, name) {
			p.stop()
			delete(f.peers, name)
			level.Info(f.log).Log("msg", "Alertmanager left", "peer", name)
		}
	}
	var fresh []*member
	for _, name := range names {
		if f.peers[name] == nil {
			fresh = append(fresh, f.join(name))
		}
	}
	if alone := complete && len(f.peers) == 0; alone != f.lonely {
		f.lonely = alone
		if alone {
			level.Warn(f.log).Log("msg", "no Alertmanager is found; alerts wait for one")
		}
	}
	return fresh
}

func (f *fleet) join(name string) *member {
	ctx, cancel := context.WithCancel(f.ctx)
	p := &member{newPeer(name, f.settings.client, f.log, f.metrics), cancel}
	f.peers[name] = p
	f.running.Go(func() {
		p.run(ctx)
		if f.ctx.Err() == nil { // it left by itself; nobody counts it any more
			f.metrics.end(name)
		}
	})
	level.Info(f.log).Log("msg", "Alertmanager joined", "peer", name)
	return p
}

// found is what each way of discovery has found last.
type found struct {
	mu    sync.Mutex
	by    map[string][]string
	first map[string]bool // ways that have not ended their first search
}

func (f *found) set(way string, targets []string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.by[way] = targets
	delete(f.first, way)
}

// tried notes that a search has ended without a result.
func (f *found) tried(way string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.first, way)
}

// now is all targets, sorted, each once; complete is false while a first search
// is under way.
func (f *found) now() (targets []string, complete bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, some := range f.by {
		targets = append(targets, some...)
	}
	slices.Sort(targets)
	return slices.Compact(targets), len(f.first) == 0
}
