package bridge

import (
	"context"
	"math/rand/v2"
	"time"

	"github.com/go-kit/log"
	"github.com/go-kit/log/level"

	"github.com/downstatus/downstatus_exporter/internal/history"
)

const (
	queueLimit = 10000 // alerts a peer; the newest state of each
	batchSize  = 64
	firstPause = time.Second // after a failure, doubled after each further one
	// longestPause leaves room for the 15 s within which an alert is promised
	// once a peer is back.
	longestPause = 10 * time.Second
)

// peer is one Alertmanager: alerts wait here for it alone, so that one that
// hangs holds up no other.
type peer struct {
	name    string // host:port
	client  *client
	queue   *queue
	log     log.Logger
	metrics *metrics
	failing bool // of run alone
}

func newPeer(name string, c *client, l log.Logger, m *metrics) *peer {
	m.begin(name)
	return &peer{name: name, client: c, queue: newQueue(queueLimit), log: log.With(l, "peer", name), metrics: m}
}

func (p *peer) put(all []history.Alert) { p.count(p.queue.put(all)) }

func (p *peer) count(dropped int) {
	p.metrics.dropped.WithLabelValues(p.name).Add(float64(dropped))
	p.metrics.queue.WithLabelValues(p.name).Set(float64(p.queue.length()))
}

// run sends what waits until the context ends.
func (p *peer) run(ctx context.Context) {
	pause := firstPause
	for ctx.Err() == nil {
		select {
		case <-ctx.Done():
			return
		case <-p.queue.wake:
		}
		for batch := p.queue.take(batchSize); len(batch) > 0; batch = p.queue.take(batchSize) {
			left, err := p.deliver(ctx, batch)
			p.count(p.queue.giveBack(left))
			if err == nil {
				pause = firstPause
				continue
			}
			p.tell(ctx, err)
			if !sleep(ctx, pause+rand.N(pause/4)) {
				return
			}
			pause = min(2*pause, longestPause)
		}
		p.count(0)
	}
}

// sleep is false if the context ends first.
func sleep(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}

// deliver sends a batch. Of one that is refused each alert is sent by itself,
// and those that are at fault are left out. It returns what is left to send
// after a failure of the peer.
func (p *peer) deliver(ctx context.Context, batch []history.Alert) (left []history.Alert, err error) {
	err = p.client.post(ctx, p.name, batch, time.Now())
	switch {
	case err == nil:
		p.sent(batch)
		return nil, nil
	case reasonOf(err) != refused:
		p.metrics.failed.WithLabelValues(p.name, string(reasonOf(err))).Add(float64(len(batch)))
		return batch, err
	case len(batch) == 1:
		p.refuse(batch[0], err)
		return nil, nil
	}
	for i := range batch {
		if _, err := p.deliver(ctx, batch[i:i+1]); err != nil {
			return batch[i:], err
		}
	}
	return nil, nil
}

func (p *peer) sent(batch []history.Alert) {
	p.metrics.sent.WithLabelValues(p.name).Add(float64(len(batch)))
	p.queue.clear(batch)
	if p.failing {
		level.Info(p.log).Log("msg", "Alertmanager takes alerts again")
	}
	p.failing = false
}

// refuse leaves an alert out, and says so once.
func (p *peer) refuse(a history.Alert, err error) {
	p.metrics.failed.WithLabelValues(p.name, string(refused)).Inc()
	if p.queue.suspect(a) {
		level.Error(p.log).Log("msg", "Alertmanager refuses an alert; it is left out", "alertname", a.Labels["alertname"], "slug", a.Slug, "err", err)
	}
}

// tell says once that a peer fails.
func (p *peer) tell(ctx context.Context, err error) {
	if p.failing || ctx.Err() != nil {
		return
	}
	p.failing = true
	level.Warn(p.log).Log("msg", "alerts cannot be sent; they wait, and are tried again", "err", err)
}
