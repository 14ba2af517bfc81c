package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/downstatus/downstatus_exporter/alerts/bridge"
	"github.com/downstatus/downstatus_exporter/internal/config"
)

// fireFor is long enough for Alertmanager to notify: it does so at once.
const fireFor = 5 * time.Second

// TestAlert fires an alert through the configured bridge and resolves it after
// a moment, also if the context ends meanwhile. It prints what each Alertmanager
// answers; one that does not take the alert is an error.
func TestAlert(ctx context.Context, w io.Writer, c *config.Config, slug string) error {
	return testAlert(ctx, w, c, slug, fireFor)
}

func testAlert(ctx context.Context, w io.Writer, c *config.Config, slug string, moment time.Duration) error {
	if c.Alertmanager == nil {
		return errors.New("test-alert: the configuration has no section alertmanager: name an Alertmanager there, such as\nalertmanager: {static_configs: [{targets: [\"127.0.0.1:9093\"]}]}")
	}
	service, err := serviceOf(c, slug)
	if err != nil {
		return err
	}
	if !bridge.Picks(c.Alertmanager.Match, service.Slug, service.Category, service.Labels) && slug != "" {
		fmt.Fprintf(w, "alertmanager.match leaves %s out: of its outages nothing is sent\n", slug)
	}
	trial, err := bridge.NewTrial(ctx, c.Alertmanager, service)
	if err != nil {
		return fmt.Errorf("test-alert: %w", err)
	}
	defer trial.Close()
	taken, failed := tell(w, "firing", trial.Fire(ctx))
	if trial.Missed != nil {
		failed = append(failed, fmt.Errorf("test-alert: %w", trial.Missed))
	}
	if len(taken) > 0 {
		select {
		case <-ctx.Done():
		case <-time.After(moment):
		}
		_, more := tell(w, "resolved", trial.Resolve(context.WithoutCancel(ctx), taken))
		failed = append(failed, more...)
	}
	return errors.Join(failed...)
}

// tell prints answers, and returns who took the alert and why others did not.
func tell(w io.Writer, state string, answers []bridge.Answer) (taken []string, failed []error) {
	for _, a := range answers {
		if a.Err != nil {
			fmt.Fprintf(w, "%s: %s: not taken\n", a.Peer, state)
			failed = append(failed, fmt.Errorf("test-alert: %s: %s: %w", a.Peer, state, a.Err))
			continue
		}
		fmt.Fprintf(w, "%s: %s: taken\n", a.Peer, state)
		taken = append(taken, a.Peer)
	}
	return taken, failed
}

// serviceOf is the service that the alert is about; a made-up one where none is
// named.
func serviceOf(c *config.Config, slug string) (config.Service, error) {
	if slug == "" {
		return config.Service{Slug: "test", Name: "no service", Category: "other"}, nil
	}
	plan, err := c.Plan()
	if err != nil {
		return config.Service{}, err
	}
	for _, s := range plan.Services {
		if s.Slug == slug {
			return s, nil
		}
	}
	if e, ok := c.Catalog().Lookup(slug); ok {
		return config.Service{Slug: slug, Name: e.Name, Category: e.Category}, nil
	}
	return config.Service{}, fmt.Errorf("test-alert: --slug=%s: neither the configuration nor the catalog has this service: `catalog list` shows slugs", slug)
}
