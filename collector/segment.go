package collector

import (
	"sync"
	"time"

	"github.com/downstatus/downstatus_exporter/internal/board"
)

// pace is how often the bytes of a family have to be made anew.
type pace int8

const (
	perGeneration pace = iota // with every change of the board
	perComponents             // with every change of a component series
	perPoll                   // moves with every poll or with time: after maxAge
	perScrape                 // as of the scrape
)

// maxAge is when what moves with every poll is made anew. A scrape promises
// nothing older than 5 s.
const maxAge = 4 * time.Second

// segment is one family of one snapshot as bytes, made on first demand.
type segment struct {
	family *Family
	view   view
	forms  [syntaxes]form
}

// form is a segment in one text format.
type form struct {
	plainOnce sync.Once
	plain     []byte
	zipOnce   sync.Once
	zipped    zipped
}

// plain returns the segment's text.
func (g *segment) plain(s syntax) []byte {
	f := &g.forms[s]
	f.plainOnce.Do(func() { f.plain = render(g.family, g.family.table(g.view), s) })
	return f.plain
}

// zip returns the segment's text as part of a gzip member.
func (g *segment) zip(s syntax) zipped {
	f := &g.forms[s]
	f.zipOnce.Do(func() { f.zipped = zip(g.plain(s)) })
	return f.zipped
}

// fits reports whether the segment still shows what v holds.
func (g *segment) fits(v view) bool {
	switch g.family.pace {
	case perComponents:
		return g.view.Components == v.Components
	case perGeneration:
		return g.view.Generation == v.Generation
	case perPoll:
		age := v.now.Sub(g.view.now)
		return g.view.Generation == v.Generation && age >= 0 && age < maxAge
	default:
		return false
	}
}

// shelf keeps the newest segment of every family.
type shelf struct {
	snapshot func() *board.Snapshot
	opts     Options

	mu       sync.Mutex
	segments []*segment // by name of the family
}

// current returns a segment for every wanted family. The snapshot is taken
// under the lock, so that a slow scrape cannot put an older one back; nothing
// is rendered there.
func (s *shelf) current(wanted filter) []*segment {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.segments == nil {
		s.segments = make([]*segment, len(families))
	}
	v := view{Snapshot: s.snapshot(), now: s.opts.Now(), boardURL: s.opts.BoardURL}
	out := make([]*segment, 0, len(families))
	for i := range families {
		f := &families[i]
		if !wanted.has(f.Name) {
			continue
		}
		if s.segments[i] == nil || !s.segments[i].fits(v) {
			s.segments[i] = &segment{family: f, view: v}
		}
		out = append(out, s.segments[i])
	}
	return out
}
