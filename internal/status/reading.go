package status

import "time"

// Page is one good reading of an official page, whatever its engine. A decoder
// returns one only for a body whose shape it checked.
type Page struct {
	Name string // the vendor's name for itself
	URL  string // where a person reads the page

	Word            Word        // the page's own verdict on the whole
	Components      []Component // what it watches, groups included
	Incidents       []Incident  // not yet over
	Windows         []Window    // maintenance, scheduled or under way
	OnlyTroubles    bool        // lists what is in trouble, not all it watches: a scope cannot be checked
	UnknownWords    []string    // fields in which the engine's table missed a word, one entry each time
	MaintenanceWord bool        // the engine has a word for maintenance of the whole page
	Scoped          bool        // an option of the engine has already narrowed it to what the service depends on
	Cloud           bool        // a vendor of many regions: one of them in trouble is not the vendor down (see Incident.Broad)
	Doubtful        bool        `json:",omitempty"` // a part was not understood: what is in trouble counts, but nothing proves calm
}

// Word is a page's own verdict on the whole.
type Word struct {
	Published   bool      // the page publishes one
	Rank        Indicator // IndicatorUnknown: a word the engine's table does not know
	Maintenance bool      // the word is the page's word for maintenance
}

// Component is a part of a service as its page lists it.
type Component struct {
	ID          string
	Name        string
	Group       string    // name of the group it belongs to, or empty
	GroupID     string    // id of that group, or empty
	IsGroup     bool      // a roll-up of others, not a leaf
	Rank        Indicator // None for maintenance; IndicatorUnknown for a word not understood
	Maintenance bool      // under maintenance
	OnlyIfBad   bool      // the page shows it only while it is degraded
	Hidden      bool      // seen earlier, left out now because it is well again (see CarryHidden)
}

// ComponentRef names a component inside an incident or a window.
type ComponentRef struct {
	ID     string
	Name   string
	Rank   Indicator // its state as the incident tells it; IndicatorUnknown if it does not
	Impact Indicator // this incident's impact on it alone, where the engine tells (see HasImpact)
	// HasImpact is true for engines that rank an incident per component. With
	// a scope, that rank stands in for the incident's.
	HasImpact bool
}

// Incident is an official statement about trouble.
type Incident struct {
	ID         string
	Title      string
	URL        string // where a person reads about it, or empty
	Impact     Indicator
	Monitoring bool // a fix is in place and being watched
	Over       bool // the vendor says that it has ended
	Broad      bool // global, or in at least half of a cloud's regions
	Components []ComponentRef
	Started    time.Time // earliest of its started_at, created_at and updates; zero if not given
	Resolved   time.Time // zero while open or not given
}

// WindowState is where a maintenance window stands, if its page says so.
type WindowState int8

// The states of a window. NoState leaves the decision to the clock.
const (
	NoState WindowState = iota
	Scheduled
	InProgress // in progress or verifying
	Completed
)

// Window is a scheduled maintenance.
type Window struct {
	ID         string
	Title      string
	URL        string
	State      WindowState
	Components []ComponentRef
	Start      time.Time
	End        time.Time // zero: open end
}

// UnderWay reports whether the window is in force. A state leads; the clock
// decides only without one.
func (w Window) UnderWay(now time.Time) bool {
	switch w.State {
	case InProgress:
		return true
	case Scheduled, Completed:
		return false
	default:
		return !w.Start.IsZero() && !now.Before(w.Start) && (w.End.IsZero() || now.Before(w.End))
	}
}

// Feed is one good reading of a user-report feed.
type Feed struct {
	UpdatedAt    time.Time              // when the feed took its own reading; zero if it does not say
	Services     map[string]FeedService // by the feed's slug
	Ongoing      map[string]FeedOutage  // open records of the feed, by its slug
	Ended        []FeedOutage           // records that the feed closed, as far as this poll asked for them
	UnknownWords []string               // as in Page
}

// FeedService is one row of a feed.
type FeedService struct {
	Slug        string
	Name        string
	Category    string
	LogoURL     string // or empty
	PageURL     string // where a person reads about it, or empty
	Status      Status // Unknown: the feed says so, or a word not understood
	HasStatus   bool   // false for feeds of counts only
	Official    Indicator
	HasOfficial bool // false: null
	Reports1h   int  // reports of the last hour; 0 where Has1h is false
	Reports24h  int  // reports of the last 24 hours; 0 where Has24h is false
	Has1h       bool // false: the feed does not count them
	Has24h      bool // likewise
}

// FeedOutage is an outage record of a feed.
type FeedOutage struct {
	ID          string
	Slug        string
	Signal      Signal
	Started     time.Time
	Resolved    time.Time // zero while open
	PeakReports int
	Description string
}

// CarryHidden keeps components that a page shows only while they are degraded:
// one that was listed earlier and is left out of a later good reading is well
// again, not gone. It returns next's components with such ones added, hidden.
func CarryHidden(prev, next []Component) []Component {
	listed := make(map[string]bool, len(next))
	for _, c := range next {
		listed[c.ID] = true
	}
	for _, c := range prev {
		if c.OnlyIfBad && !listed[c.ID] {
			c.Rank, c.Maintenance, c.Hidden = None, false, true
			next = append(next, c)
		}
	}
	return next
}
