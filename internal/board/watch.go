package board

import (
	"slices"
	"time"

	"github.com/downstatus/downstatus_exporter/internal/config"
	"github.com/downstatus/downstatus_exporter/internal/history"
	"github.com/downstatus/downstatus_exporter/internal/status"
)

// definition says what to watch of one service.
type definition struct {
	config.Service
	configured bool // named in the configuration, not only listed by a feed
}

// alias is a row of a feed.
type alias struct{ feed, slug string }

// configureAliases notes the rows that have a service of the plan, perhaps
// under another name.
func (b *Board) configureAliases() {
	b.aliases = map[alias]bool{}
	for _, def := range b.plan.Services {
		for feed, slug := range def.Feeds {
			b.aliases[alias{feed, slug}] = true
		}
	}
}

// definitions are all services to watch, by slug: those of the plan, what the
// feeds list where the plan asks for all of it, and orphans.
func (b *Board) definitions() map[string]definition {
	defs := map[string]definition{}
	for _, def := range b.plan.Services {
		defs[def.Slug] = definition{def, true}
	}
	add := func(slug string) {
		if _, known := defs[slug]; !known {
			defs[slug] = b.listed(slug)
		}
	}
	for _, s := range b.sources {
		for _, slug := range b.unnamed(s) {
			add(slug)
		}
	}
	for _, pool := range [...]map[string]*service{b.services, b.parked} {
		for slug, v := range pool {
			if b.orphaned(v) {
				add(slug)
			}
		}
	}
	return defs
}

// unnamed are the rows of a feed that get a service although the plan names
// none for them.
func (b *Board) unnamed(s *source) []string {
	if !s.def.All || s.feed == nil {
		return nil
	}
	var slugs []string
	for slug := range s.feed.Services {
		if !b.aliases[alias{s.def.Key, slug}] {
			slugs = append(slugs, slug)
		}
	}
	return slugs
}

// listed defines a service that only feeds know; they name it when it is
// judged.
func (b *Board) listed(slug string) definition {
	def := config.Service{Slug: slug, Name: slug, Category: "other", Labels: map[string]string{}, Feeds: map[string]string{}}
	for _, name := range b.plan.Labels {
		def.Labels[name] = ""
	}
	for key, s := range b.sources {
		if s.def.All && !b.aliases[alias{key, slug}] {
			def.Feeds[key] = slug
		}
	}
	return definition{Service: def}
}

// orphaned is true for a service that only a feed made one, while its record
// is open: that the feed stopped listing it clears nothing. After a restart
// any feed may have been the one, unless the record tells of a page.
func (b *Board) orphaned(v *service) bool {
	if v.def.configured || !v.last().Open() {
		return false
	}
	for key, s := range b.sources {
		_, known := v.def.Feeds[key]
		if s.def.All && (known || !v.judged && len(v.last().Evidence) == 0) {
			return true
		}
	}
	return false
}

// adopt makes services of what a feed newly lists.
func (b *Board) adopt(s *source, now time.Time) {
	for _, slug := range b.unnamed(s) {
		if b.services[slug] == nil {
			b.watch(b.listed(slug), now)
		}
	}
}

// watch puts a service under watch, or gives a watched one a new definition.
func (b *Board) watch(def definition, now time.Time) {
	v := b.services[def.Slug]
	if v == nil {
		v = b.parked[def.Slug]
		delete(b.parked, def.Slug)
	}
	if v == nil {
		v = newService(def.Slug)
		v.since = now
	}
	v.def, v.verdict, v.knobs = def, verdict{}, b.plan.Detection
	b.services[def.Slug] = v
}

// park takes a service out of the watch. What is left of it are its records
// and counters.
func (b *Board) park(v *service, now time.Time) {
	b.endWatch(v, now)
	v.account(v.status, now)
	state := v.state()
	state.Status, state.Since, state.Official, state.Reports = status.Unknown, now, status.Unknown, status.Unknown
	left := newService(v.def.Slug)
	left.restore(state)
	b.noteUnknown(v, now)
	left.outages, left.transitions, left.watchers = v.outages, v.transitions, v.watchers
	for at := range v.watchers {
		b.writeLearned(v, at, now)
	}
	b.pending.service(left)
	b.parked[v.def.Slug] = left
	delete(b.services, v.def.Slug)
}

func (b *Board) endWatch(v *service, now time.Time) {
	if last := v.last(); last.Open() && b.leads {
		ended := status.Unwatch(last, now)
		v.replaceLast(ended)
		b.pending.outage(ended)
	}
}

// newService is a service of which nothing is known.
func newService(slug string) *service {
	v := &service{
		def: definition{Service: config.Service{Slug: slug}}, heard: map[voice]said{}, watchers: map[countRow]*watcher{},
	}
	v.restore(history.ServiceState{Slug: slug, Status: status.Unknown, Official: status.Unknown, Reports: status.Unknown})
	return v
}

// restore takes up what a store holds of the service itself.
func (v *service) restore(s history.ServiceState) {
	v.status, v.since, v.seconds, v.accounted, v.lastGood = s.Status, s.Since, s.Seconds, s.Accounted, s.LastGood
	v.known = map[status.Signal]status.Status{status.OfficialStatusPage: s.Official, status.UserReports: s.Reports}
	v.disagreed, v.count = s.Disagreements, map[status.Signal]uint64{}
	for _, signal := range status.Signals {
		v.count[signal] = s.OutageCount[signal]
	}
}

// put adds a record in its place, or replaces the one with its id.
func (v *service) put(o *status.Outage) {
	at := len(v.outages)
	for i, known := range v.outages {
		if known.ID == o.ID {
			v.outages = slices.Clone(v.outages)
			v.outages[i] = o
			return
		}
	}
	for at > 0 && v.outages[at-1].StartedAt.After(o.StartedAt) {
		at--
	}
	v.outages = slices.Insert(slices.Clone(v.outages), at, o)
}
