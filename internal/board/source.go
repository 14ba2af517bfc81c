package board

import (
	"encoding/json"
	"reflect"
	"time"

	"github.com/go-kit/log/level"

	"github.com/downstatus/downstatus_exporter/internal/config"
	"github.com/downstatus/downstatus_exporter/internal/history"
	"github.com/downstatus/downstatus_exporter/internal/status"
	"github.com/downstatus/downstatus_exporter/sources/fetch"
)

// source is what the board knows of one upstream.
type source struct {
	def   config.Source
	limit time.Duration // how long a good reading stands

	page  *status.Page
	feed  *status.Feed
	ended map[string]status.Incident // over, by id, as far as the page told

	lastGood time.Time // newest good poll
	observed time.Time // newest poll that brought a new observation
	takenAt  time.Time // when the origin took that observation

	up, polled      bool
	reason, failure string
	polls, failures uint64
	engine          string
	engineChanges   uint64
	unknown         map[string]uint64
	words           *[]string // the list last counted, so that a kept reading counts once
}

// stored is a reading as the store keeps it.
type stored struct {
	Page   *status.Page `json:",omitempty"`
	Feed   *status.Feed `json:",omitempty"`
	Engine string       `json:",omitempty"`
}

// newSource takes up a source where the store left it.
func (b *Board) newSource(def config.Source) *source {
	s := &source{def: def, engine: def.Engine.Name, ended: map[string]status.Incident{}, unknown: map[string]uint64{}}
	saved, ok := b.saved[def.Key]
	if !ok {
		return s
	}
	var body stored
	if err := json.Unmarshal(saved.Body, &body); err != nil {
		level.Warn(b.opts.Log).Log("msg", "stored reading cannot be used; waiting for a new one", "source", def.Name, "err", err)
		return s
	}
	s.page, s.feed, s.lastGood, s.observed = body.Page, body.Feed, saved.LastGood, saved.Observed
	if body.Engine != "" {
		s.engine = body.Engine
	}
	s.takenAt = s.originTime()
	return s
}

// take brings a source up to date with the outcome of a poll.
func (b *Board) take(s *source, r Result) {
	before := s.view().stable()
	defer func() { b.changed = b.changed || !reflect.DeepEqual(before, s.view().stable()) }()
	s.polls++
	was := s.up || !s.polled
	s.polled = true
	if r.Err != nil {
		b.fail(s, r, was)
		return
	}
	if s.reason != "" {
		level.Info(b.opts.Log).Log("msg", "source recovered", "source", s.def.Name, "failed_for", r.At.Sub(s.lastGood).Round(time.Second))
	}
	s.up, s.reason, s.failure = true, "", ""
	changed := s.accept(r)
	for _, in := range r.Reading.Ended {
		s.ended[in.ID] = in
	}
	b.importHistory(s, r)
	row := history.Reading{Source: s.def.Key, LastGood: s.lastGood, Observed: s.observed}
	if changed {
		row.Body, _ = json.Marshal(stored{Page: s.page, Feed: s.feed, Engine: s.engine}) // plain data: cannot fail
	}
	b.changes.Readings = append(b.changes.Readings, row)
	for _, note := range r.Reading.Notes {
		level.Warn(b.opts.Log).Log("msg", "source read in part", "source", s.def.Name, "note", note)
	}
}

// fail notes a failed poll; only the first of a row is worth a line.
func (b *Board) fail(s *source, r Result, was bool) {
	s.failures++
	s.up = false
	reason := string(fetch.ReasonOf(r.Err))
	if was || s.reason != reason {
		level.Warn(b.opts.Log).Log("msg", "source failed", "source", s.def.Name, "reason", reason, "err", r.Err, "last_success", stamp(s.lastGood))
	}
	s.reason, s.failure = reason, r.Err.Error()
}

func stamp(t time.Time) string {
	if t.IsZero() {
		return "never"
	}
	return t.UTC().Format(time.RFC3339)
}

// accept keeps a good reading and reports whether it differs from the last.
func (s *source) accept(r Result) (changed bool) {
	s.lastGood = r.At
	if e := r.Reading.Engine; e != "" && e != s.engine {
		if s.engine != s.def.Engine.Name {
			s.engineChanges++
		}
		s.engine = e
	}
	changed = s.page != r.Reading.Page || s.feed != r.Reading.Feed
	fresh := r.Reading.Feed == nil || s.feed == nil || r.Reading.Feed.UpdatedAt.IsZero() ||
		!r.Reading.Feed.UpdatedAt.Equal(s.feed.UpdatedAt)
	s.page, s.feed = r.Reading.Page, r.Reading.Feed
	if fresh {
		s.observed = r.At
	}
	s.takenAt = s.originTime()
	s.countUnknown()
	return changed
}

// originTime is when the origin took the reading: a feed that repeats its own
// updated_at looks as old as it is.
func (s *source) originTime() time.Time {
	if s.feed != nil && !s.feed.UpdatedAt.IsZero() && s.feed.UpdatedAt.Before(s.observed) {
		return s.feed.UpdatedAt
	}
	return s.observed
}

// countUnknown counts the words that the engine's table missed, once for each
// newly decoded document.
func (s *source) countUnknown() {
	words := &[]string{}
	switch {
	case s.page != nil:
		words = &s.page.UnknownWords
	case s.feed != nil:
		words = &s.feed.UnknownWords
	}
	if words == s.words {
		return
	}
	s.words = words
	next := make(map[string]uint64, len(s.unknown))
	for field, n := range s.unknown {
		next[field] = n
	}
	for _, field := range *words {
		next[field]++
	}
	s.unknown = next
}

// fresh reports whether the last good reading still stands.
func (s *source) fresh(now time.Time) bool {
	return !s.observed.IsZero() && now.Sub(s.observed) < s.limit
}

// adopt makes services of what a feed lists, where the configuration asks for
// all of them. It returns the slugs that the feed lists.
func (b *Board) adopt(s *source, now time.Time) []string {
	if !s.def.All || s.feed == nil {
		return nil
	}
	mapped := map[string]bool{} // slugs of this feed that have a service of another name
	for _, def := range b.plan.Services {
		mapped[def.Feeds[s.def.Key]] = true
	}
	var listed []string
	for slug, row := range s.feed.Services {
		if mapped[slug] {
			continue
		}
		listed = append(listed, slug)
		if v := b.services[slug]; v == nil || !v.configured && v.def.Feeds[s.def.Key] == "" {
			b.watch(b.listedDef(row), false, now)
		}
	}
	return listed
}

// listedDef is the definition of a service that only feeds know.
func (b *Board) listedDef(row status.FeedService) config.Service {
	def := config.Service{Slug: row.Slug, Name: row.Name, Category: row.Category, Labels: map[string]string{}, Feeds: map[string]string{}}
	for _, name := range b.plan.Labels {
		def.Labels[name] = ""
	}
	for key, s := range b.sources {
		if s.def.All {
			def.Feeds[key] = row.Slug
		}
	}
	return def
}

// stable is the view without what moves with every poll.
func (v *Source) stable() Source {
	c := *v
	c.Moving = nil
	return c
}

func (s *source) view() *Source {
	return &Source{
		Name: s.def.Name, Engine: s.engine, Host: s.def.Target.Document.Hostname(),
		Up: s.up, Polled: s.polled, Reason: s.reason, Error: s.failure,
		UnknownWords: s.unknown, EngineChanges: s.engineChanges,
		Moving: &SourceMoving{LastSuccess: s.lastGood, Polls: s.polls, Failures: s.failures},
	}
}
