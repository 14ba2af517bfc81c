package command

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"time"

	"github.com/downstatus/downstatus_exporter/internal/config"
	"github.com/downstatus/downstatus_exporter/internal/history"
	"github.com/downstatus/downstatus_exporter/internal/status"
)

// OpenHistory opens the store that a configuration and --storage.path name, for
// reading alone, also while a run holds it.
func OpenHistory(c *config.Config, storagePath string) (*history.Store, error) {
	if dsn := c.DSN(); dsn != "" {
		return history.OpenReadOnly(context.Background(), dsn)
	}
	if storagePath == "" {
		return nil, errors.New("--storage.path is empty, so that nothing is kept: name the folder of a run's store")
	}
	store, err := history.OpenReadOnly(context.Background(), storagePath)
	if errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("%w: name its folder with --storage.path", err)
	}
	return store, err
}

// past is what a store remembers of a time.
type past struct {
	from, until time.Time // nothing is known from until on
	services    []remembered
}

// remembered is one service of the past.
type remembered struct {
	status.History
	slug, name string
	counts     map[status.Signal]uint64 // outages opened until the end of the store
}

// recall reads the past since some time ago, as far back as history is kept,
// and up to when somebody watched: a store whose run has ended knows nothing of
// the present.
func recall(ctx context.Context, c *config.Config, storagePath string, since time.Duration, now time.Time) (past, error) {
	plan, err := c.Plan()
	if err != nil {
		return past{}, err
	}
	store, err := OpenHistory(c, storagePath)
	if err != nil {
		return past{}, err
	}
	state, err := store.Load(ctx)
	if err := errors.Join(err, store.Close()); err != nil {
		return past{}, err
	}
	if plan.Retention > 0 {
		since = min(since, plan.Retention)
	}
	p := past{from: now.Add(-since), until: status.Earliest(now, state.LastSeen().Add(plan.StaleAfter))}
	p.until = status.Latest(p.until, p.from)
	p.services = remember(state, names(plan))
	return p, nil
}

// names are those of the configured services, by slug.
func names(plan *config.Plan) map[string]string {
	out := make(map[string]string, len(plan.Services))
	for _, s := range plan.Services {
		out[s.Slug] = s.Name
	}
	return out
}

// remember sorts a store's rows by service.
func remember(state history.State, names map[string]string) []remembered {
	bySlug := map[string]*remembered{}
	of := func(slug string) *remembered {
		if bySlug[slug] == nil {
			bySlug[slug] = &remembered{slug: slug, name: names[slug], counts: state.Services[slug].OutageCount}
		}
		return bySlug[slug]
	}
	for _, t := range state.Transitions {
		s := of(t.Slug)
		s.Transitions = append(s.Transitions, t)
	}
	for _, o := range state.Outages {
		s := of(o.Slug)
		s.Outages = append(s.Outages, &o)
	}
	var out []remembered
	for _, slug := range slices.Sorted(maps.Keys(bySlug)) {
		out = append(out, *bySlug[slug])
	}
	return out
}
