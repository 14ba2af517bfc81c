package app

import (
	"fmt"
	"time"

	"github.com/downstatus/downstatus_exporter/internal/config"
	"github.com/downstatus/downstatus_exporter/internal/poll"
	"github.com/downstatus/downstatus_exporter/sources"
	"github.com/downstatus/downstatus_exporter/sources/fetch"
)

// floor is the least time between two polls of a public host. Hosts that may
// be asked more often have a shorter interval.
const floor = 30 * time.Second

// clients are the HTTP clients of a run: one for each set of settings.
type clients struct {
	guard   *fetch.Guard
	budgets *fetch.Budgets
	open    map[string]*fetch.Client
}

func clientKey(s config.Source) string {
	return fmt.Sprintf("%s %s %d", s.HTTPKey, s.Timeout, s.BodyLimit)
}

// prepare makes the clients that a plan needs. Hosts that a person typed may
// be private from then on.
func (c *clients) prepare(plan *config.Plan) error {
	for _, s := range plan.Sources {
		if s.Typed {
			c.guard.Allow(s.Target.Page.Hostname())
			c.guard.Allow(s.Target.Document.Hostname())
		}
		key := clientKey(s)
		if c.open[key] != nil {
			continue
		}
		client, err := fetch.NewClient(fetch.Settings{
			HTTP: s.HTTP, Timeout: s.Timeout, BodyLimit: s.BodyLimit, Guard: c.guard, Budgets: c.budgets,
		})
		if err != nil {
			return fmt.Errorf("HTTP settings of source %s: %w", s.Name, err)
		}
		c.open[key] = client
	}
	return nil
}

// asked tells when the documents of a plan were last asked, by source key.
func (c *clients) asked(plan *config.Plan, asked map[string]time.Time) {
	for _, s := range plan.Sources {
		c.budgets.Asked(s.Target.Document.String(), asked[s.Key])
	}
}

// drop closes the clients that a plan does not need any more.
func (c *clients) drop(plan *config.Plan) {
	used := map[string]bool{}
	for _, s := range plan.Sources {
		used[clientKey(s)] = true
	}
	for key, client := range c.open {
		if !used[key] {
			client.Close()
			delete(c.open, key)
		}
	}
}

func (c *clients) close() { c.drop(&config.Plan{}) }

// jobs are the sources of a plan as the poller takes them, for a term.
func (a *App) jobs(plan *config.Plan, t *term) []poll.Job {
	together := map[string][]config.Source{} // by the key of the source that leads
	for _, s := range plan.Sources {
		if s.Of != "" {
			together[s.Of] = append(together[s.Of], s)
		}
	}
	jobs := make([]poll.Job, 0, len(plan.Sources))
	for _, s := range plan.Sources {
		if s.Of != "" {
			continue
		}
		all := append([]config.Source{s}, together[s.Key]...)
		client := a.clients.open[clientKey(s)] // now: sources are opened by goroutines of the poller
		version := clientKey(s)
		for _, other := range all[1:] {
			version += " " + other.Key
		}
		jobs = append(jobs, poll.Job{
			Key: s.Key, Engine: s.Engine.Name, Interval: s.Interval, Floor: min(s.Interval, floor), Version: version,
			Open: func() sources.Source { return a.claiming(s.Key, a.open(all, client), t) }, Asked: t.asked[s.Key],
		})
	}
	return jobs
}

// open makes one source of those that share their polls, and so their client.
func (a *App) open(all []config.Source, client *fetch.Client) sources.Source {
	members := make([]sources.Member, 0, len(all))
	for _, s := range all {
		source := s.Engine.Open(s.Target, client)
		if r, ok := source.(sources.Resumer); ok {
			if engine := a.board.Engine(s.Key); engine != s.Engine.Name {
				r.Resume(engine)
			}
		}
		members = append(members, sources.Member{Key: s.Key, Source: source})
	}
	return sources.Group(members)
}
