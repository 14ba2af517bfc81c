package bridge

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net"
	"slices"
	"sync"
	"time"

	"github.com/downstatus/downstatus_exporter/alerts"
	"github.com/downstatus/downstatus_exporter/internal/config"
	"github.com/downstatus/downstatus_exporter/internal/history"
)

// trialName is an alert that no rule has: a test of the way to the pager must
// not hold back other alerts.
const trialName = "DownstatusTestAlert"

// Trial posts a test alert on the way that the bridge takes.
type Trial struct {
	// Missed is why some way of discovery failed; nil: none did.
	Missed error

	peers  []string
	client *client
	alert  history.Alert
}

// Answer is what one Alertmanager said; a nil error: it took the alert.
type Answer struct {
	Peer string
	Err  error
}

// NewTrial looks up the Alertmanagers once. The alert is as urgent as a vendor
// that is down, and carries the labels of a service.
func NewTrial(ctx context.Context, cfg *config.Alertmanager, service config.Service) (*Trial, error) {
	c, err := newClient(cfg)
	if err != nil {
		return nil, fmt.Errorf("alertmanager.http_config: %w", err)
	}
	peers, err := peersOf(ctx, cfg)
	if len(peers) == 0 {
		return nil, errors.Join(err, errors.New("no Alertmanager is found: look at static_configs, dns_sd_configs and file_sd_configs of section alertmanager"))
	}
	urgent, _ := alerts.Lookup(vendorDown)
	urgent.Name = trialName
	return &Trial{Missed: err, peers: peers, client: c, alert: history.Alert{
		Labels: labels(urgent, service.Slug, service.Labels), Slug: service.Slug,
		Annotations: map[string]string{
			"summary":     "This is a test: nothing is down.",
			"description": "downstatus_exporter test-alert tries the way to you, for " + service.Name + ". It resolves by itself.",
		},
		// As of long ago, so that Alertmanager does not wait for a group to fill.
		StartsAt: time.Now().Add(-time.Hour),
	}}, nil
}

// peersOf are the Alertmanagers of a configuration, by one look at each way.
func peersOf(ctx context.Context, cfg *config.Alertmanager) ([]string, error) {
	all := map[string]bool{}
	for _, target := range cfg.Static {
		all[target] = true
	}
	var errs []error
	for _, w := range ways(cfg, net.DefaultResolver) {
		targets, err := w.search(ctx)
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", w.name, err))
		}
		for _, target := range targets {
			all[target] = true
		}
	}
	return slices.Sorted(maps.Keys(all)), errors.Join(errs...)
}

// Fire posts the alert to every Alertmanager at once.
func (t *Trial) Fire(ctx context.Context) []Answer { return t.post(ctx, t.peers) }

// Resolve posts its end to some of them.
func (t *Trial) Resolve(ctx context.Context, peers []string) []Answer {
	t.alert.EndsAt = time.Now()
	return t.post(ctx, peers)
}

// Close frees the connections.
func (t *Trial) Close() { t.client.close() }

func (t *Trial) post(ctx context.Context, peers []string) []Answer {
	out := make([]Answer, len(peers))
	var all sync.WaitGroup
	for i, name := range peers {
		all.Go(func() {
			out[i] = Answer{name, t.client.post(ctx, name, []history.Alert{t.alert}, time.Now())}
		})
	}
	all.Wait()
	return out
}
