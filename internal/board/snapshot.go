// Package board holds the current picture of every service and source. One
// writer changes it; readers take an immutable snapshot without a lock.
package board

import (
	"sync/atomic"
	"time"

	"github.com/downstatus/downstatus_exporter/internal/status"
)

// Snapshot is the picture at one moment. It and everything it points to never
// change.
type Snapshot struct {
	// Generation grows whenever something but the passing of time has
	// changed; Components whenever a component series has.
	Generation uint64
	Components uint64
	// Polls grows with every poll.
	Polls uint64

	At       time.Time
	Labels   []string   // names of the user labels, sorted; every service carries all
	Services []*Service // by slug
	Sources  []*Source  // by name
	// Outages are those under way and those resolved within OutageWindow,
	// newest start first.
	Outages []*status.Outage
	// Retention is how far back the history of a service goes; 0: all of it.
	Retention time.Duration

	bySlug map[string]*Service
}

// OutageWindow is how long a resolved outage stays in the v1 API.
const OutageWindow = 7 * 24 * time.Hour

// Service finds a service by its slug; nil if there is none.
func (s *Snapshot) Service(slug string) *Service { return s.bySlug[slug] }

// Service is one service as it stands.
type Service struct {
	Slug        string
	Name        string
	Category    string
	LogoURL     string            // or empty
	OfficialURL string            // the vendor's page, or empty
	Labels      map[string]string // user labels
	Configured  bool              // named in the configuration, not only listed by a feed
	Scope       status.Scope      // components that count; the zero value is all
	Engine      string            // that reads its page, or empty

	Status status.Status // combined, held where Stale
	Since  time.Time     // when that status began
	Stale  bool          // a held status is shown

	HasOfficial bool            // an official source is configured, or a feed relays one
	OfficialUp  bool            // read within the stale limit
	Official    status.Official // zero value but for Indicator and Severity while not up
	HasReports  bool
	ReportsUp   bool
	ReportsSev  status.Status // users' verdict from fresh readings
	Reports     []FeedReports // by feed

	Components []status.Component // to be exported, after the cap
	Dropped    int                // components that the cap cut

	Outage      *status.Outage // open record, or nil
	LastOutage  *status.Outage // newest resolved record, or nil
	LastDelay   time.Duration  // official start minus reports' start, of the newest outage seen by both
	HasDelay    bool
	OutageCount map[status.Signal]uint64 // opened, both signals always present

	Disagreements uint64 // the feed's verdict against the detector's

	History status.History // within the retention

	Moving *Moving // what moves with every poll
}

// Moving is what changes with every poll or with time, kept apart so that the
// rest of a service stays equal.
type Moving struct {
	LastSuccess time.Time // newest good poll of any signal; zero if none
	TakenAt     time.Time // when the newest reading behind the service was taken by its origin
	OfficialAt  time.Time // newest good poll of each signal; zero if none
	ReportsAt   time.Time
	Counts      *Counts          // of the last day; nil where no feed counts
	seconds     [4]time.Duration // by status+1, up to accounted
	accounted   time.Time
	current     status.Status
	held        bool
}

// Seconds is the time spent in a status up to now. While a status is held it
// stands still between two writes: after a restart, time that was only shown
// could not be told from time in which nobody watched.
func (m *Moving) Seconds(s status.Status, now time.Time) time.Duration {
	d := m.seconds[s+1]
	if s == m.current && !m.held && now.After(m.accounted) {
		d += now.Sub(m.accounted)
	}
	return d
}

// FeedReports are the counts of one feed for one service.
type FeedReports struct {
	Feed       string
	Reports1h  int  // of the last hour
	Reports24h int  // of the last 24 hours
	Has1h      bool // false: the feed does not count them
	Has24h     bool
}

// Source is one upstream as it stands.
type Source struct {
	Name   string // feed/NAME or page/HOST[/PATH][#VALUE]
	Engine string
	Host   string
	Up     bool   // the last poll succeeded
	Reason string // why not, or empty
	Polled bool   // at least one poll has ended

	UnknownWords  map[string]uint64 // by field
	EngineChanges uint64

	Moving *SourceMoving
}

// SourceMoving is what changes with every poll.
type SourceMoving struct {
	LastSuccess time.Time
	Polls       uint64
	Failures    uint64
}

// Reader gives the current snapshot without a lock.
type Reader struct{ p atomic.Pointer[Snapshot] }

// Snapshot returns the current picture; never nil.
func (r *Reader) Snapshot() *Snapshot { return r.p.Load() }

// Fixed is a reader of one snapshot that never changes, for tests and
// benchmarks. It indexes the services by slug.
func Fixed(s *Snapshot) *Reader {
	r := &Reader{}
	r.publish(s)
	return r
}

func (r *Reader) publish(s *Snapshot) {
	s.bySlug = make(map[string]*Service, len(s.Services))
	for _, v := range s.Services {
		s.bySlug[v.Slug] = v
	}
	r.p.Store(s)
}
