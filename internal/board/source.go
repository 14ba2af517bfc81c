package board

import (
	"encoding/json"
	"reflect"
	"slices"
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
	told  bool                       // something new that is over, in the step under way
	said  words                      // to open records, as the store gave it back

	lastGood time.Time // newest good poll
	observed time.Time // newest poll that brought a new observation
	takenAt  time.Time // when the origin took that observation
	restored time.Time // observed as the store gave it back; zero if it gave nothing

	up, polled      bool
	asked           time.Time // newest poll
	reason          string
	notes           []string // of the last good poll
	polls, failures uint64
	engine          string
	engineChanges   uint64
	unknown         map[string]uint64 // by field
	view            *Source
}

// stored is a reading as the store keeps it.
type stored struct {
	Page   *status.Page `json:",omitempty"`
	Feed   *status.Feed `json:",omitempty"`
	Engine string       `json:",omitempty"`
	Said   words        `json:",omitempty"` // before this reading, which may be silent about it
}

// newSource takes up a source where the store left it.
func (b *Board) newSource(def config.Source) *source {
	s := &source{def: def, engine: def.Engine.Name, ended: map[string]status.Incident{}, unknown: map[string]uint64{}}
	if state, ok := b.states[def.Key]; ok {
		delete(b.states, def.Key)
		s.restoreState(state)
		s.polled, s.up = s.polled && !b.leads, s.up && !b.leads // of this run, where it is the one that polls
	}
	b.restoreReading(s)
	return s
}

// restoreReading takes up the reading that the store gave back for a source.
func (b *Board) restoreReading(s *source) {
	saved, ok := b.saved[s.def.Key]
	if !ok {
		return
	}
	delete(b.saved, s.def.Key)
	var body stored
	if err := json.Unmarshal(saved.Body, &body); err != nil {
		level.Warn(b.opts.Log).Log("msg", "stored reading cannot be used; waiting for a new one", "source", s.def.Name, "err", err)
		return
	}
	s.page, s.feed, s.said, s.lastGood, s.observed = body.Page, body.Feed, body.Said, saved.LastGood, saved.Observed
	s.restored, s.takenAt = s.observed, s.originTime()
	if body.Engine != "" {
		s.engine = body.Engine
	}
}

// state is what is stored of the source besides its reading.
func (s *source) state() history.SourceState {
	return history.SourceState{
		Source: s.def.Key, Asked: s.asked, Up: s.up, Reason: s.reason, Polls: s.polls, Failures: s.failures,
		EngineChanges: s.engineChanges, Unknown: s.unknown,
	}
}

func (s *source) restoreState(from history.SourceState) {
	s.asked, s.up, s.polled, s.reason = from.Asked, from.Up, from.Polls > 0, from.Reason
	s.polls, s.failures, s.engineChanges = from.Polls, from.Failures, from.EngineChanges
	if s.unknown = from.Unknown; s.unknown == nil {
		s.unknown = map[string]uint64{}
	}
}

// row is the reading for the store; without its body only the times move.
func (b *Board) row(s *source, body bool) history.Reading {
	r := history.Reading{Source: s.def.Key, LastGood: s.lastGood, Observed: s.observed}
	if body {
		r.Body, _ = json.Marshal(stored{Page: s.page, Feed: s.feed, Engine: s.engine, Said: b.words(s)}) // plain data: cannot fail
	}
	return r
}

// take brings a source up to date with the outcome of a poll.
func (b *Board) take(s *source, r Result) {
	s.polls++
	if r.Err != nil {
		b.fail(s, r)
	} else {
		b.succeed(s, r)
	}
	s.polled, s.asked = true, r.At
	b.pending.source(s)
	b.renewSource(s)
}

// fail notes a failed poll; only the first of a row is worth a line.
func (b *Board) fail(s *source, r Result) {
	reason := string(fetch.ReasonOf(r.Err))
	if lead := b.sources[s.def.Of]; (s.up || !s.polled) && (lead == nil || lead.up) {
		level.Warn(b.opts.Log).Log("msg", "source failed", "source", s.def.Name, "reason", reason, "err", r.Err, "last_success", stamp(s.lastGood))
	}
	s.failures++
	s.lastGood = notAfter(s.lastGood, r.At)
	s.up, s.reason = false, reason
}

func (b *Board) succeed(s *source, r Result) {
	if s.polled && !s.up && s.def.Of == "" {
		level.Info(b.opts.Log).Log("msg", "source recovered", "source", s.def.Name, "last_success", stamp(s.lastGood))
	}
	s.up, s.reason = true, ""
	b.pending.reading(b.row(s, s.accept(r)))
	for _, note := range r.Reading.Notes {
		if !slices.Contains(s.notes, note) {
			level.Warn(b.opts.Log).Log("msg", "source read in part", "source", s.def.Name, "note", note)
		}
	}
	s.notes = r.Reading.Notes
}

func stamp(t time.Time) string {
	if t.IsZero() {
		return "never"
	}
	return t.UTC().Format(time.RFC3339)
}

// accept keeps a good reading and reports whether it differs from the last.
func (s *source) accept(r Result) (changed bool) {
	changed = s.page != r.Reading.Page || s.feed != r.Reading.Feed
	if s.repeats(r.Reading.Feed) {
		s.lastGood = r.At
	} else {
		s.lastGood, s.observed = r.At, r.At
	}
	s.page, s.feed = r.Reading.Page, r.Reading.Feed
	s.takenAt = s.originTime()
	s.noteEngine(r.Reading.Engine)
	for _, in := range r.Reading.Ended {
		s.ended[in.ID] = in
	}
	if s.page != nil {
		for _, in := range s.page.Incidents { // it may have been reopened
			delete(s.ended, in.ID)
		}
	}
	s.told = s.told || len(r.Reading.Ended) > 0 || changed && s.feed != nil
	if changed {
		s.countUnknown()
	}
	return changed
}

// repeats reports whether a feed says again what it said: it dates its own
// reading, and the date is the old one.
func (s *source) repeats(f *status.Feed) bool {
	return f != nil && s.feed != nil && !f.UpdatedAt.IsZero() && f.UpdatedAt.Equal(s.feed.UpdatedAt)
}

// originTime is when the origin took the reading: a feed that repeats its own
// updated_at looks as old as it is.
func (s *source) originTime() time.Time {
	if s.feed != nil && !s.feed.UpdatedAt.IsZero() && s.feed.UpdatedAt.Before(s.observed) {
		return s.feed.UpdatedAt
	}
	return s.observed
}

// noteEngine counts when a page runs on another engine than before; finding it
// out for the first time is no change.
func (s *source) noteEngine(engine string) {
	if engine == "" || engine == s.engine {
		return
	}
	if s.engine != s.def.Engine.Name {
		s.engineChanges++
	}
	s.engine = engine
}

// countUnknown counts the words of a newly decoded document that the engine's
// table missed. Snapshots hold the old map.
func (s *source) countUnknown() {
	next := make(map[string]uint64, len(s.unknown))
	for field, n := range s.unknown {
		next[field] = n
	}
	for _, field := range s.unknownWords() {
		next[field]++
	}
	s.unknown = next
}

func (s *source) unknownWords() []string {
	switch {
	case s.page != nil:
		return s.page.UnknownWords
	case s.feed != nil:
		return s.feed.UnknownWords
	default:
		return nil
	}
}

// read reports whether there is a good reading, of whatever age.
func (s *source) read() bool { return s.page != nil || s.feed != nil }

// fresh reports whether the last good reading still stands. One from far in the
// future was dated by a clock that was wrong: its age is not known.
func (s *source) fresh(now time.Time) bool {
	return !s.observed.IsZero() && now.Sub(s.observed).Abs() < s.limit
}

// renewSource makes the source's view again, and notes whether it differs.
func (b *Board) renewSource(s *source) {
	next := &Source{
		Name: s.def.Name, Engine: s.engine, Host: s.def.Target.Document.Hostname(),
		Up: s.up, Polled: s.polled, Reason: s.reason,
		UnknownWords: s.unknown, EngineChanges: s.engineChanges,
	}
	if s.view != nil {
		before := *s.view
		before.Moving = nil
		b.changed = b.changed || !reflect.DeepEqual(&before, next)
	}
	next.Moving = &SourceMoving{LastSuccess: s.lastGood, Polls: s.polls, Failures: s.failures}
	s.view = next
}
