package board

import (
	"slices"
	"strings"
	"time"

	"github.com/downstatus/downstatus_exporter/internal/status"
)

// heldStep is how often the time of a held status is written.
const heldStep = 5 * time.Second

// evidence is everything that the sources of a service say at one moment.
type evidence struct {
	inputs       []status.Input
	official     status.Official
	hasOfficial  bool
	officialRead bool // the page has been read, whatever its age
	hasReports   bool
	counts       []FeedReports
	reports1h    int
	logo         string
	description  string
	incidentURL  string
	lastGood     time.Time
	takenAt      time.Time
	limit        time.Duration // longest time that one of its readings stands
	due          time.Time
}

// inputs collects the evidence of a service.
func (b *Board) inputs(v *service, now time.Time) evidence {
	e := evidence{official: status.Official{Indicator: status.IndicatorUnknown, Severity: status.Unknown}}
	pageRead := false
	if s := b.sources[v.def.Official]; s != nil {
		pageRead = b.officialInput(&e, v, s, now)
	}
	for _, key := range feedKeys(v) {
		if s := b.sources[key]; s != nil {
			b.feedInput(&e, v, s, pageRead, now)
		}
	}
	if in := e.official.Incidents; len(in) > 0 {
		e.description, e.incidentURL = in[0].Title, in[0].URL
	}
	return e
}

func feedKeys(v *service) []string {
	keys := make([]string, 0, len(v.def.Feeds))
	for key := range v.def.Feeds {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}

// officialInput adds what the vendor's own page says; true if it was read.
func (b *Board) officialInput(e *evidence, v *service, s *source, now time.Time) bool {
	e.hasOfficial = true
	in := status.Input{Signal: status.OfficialStatusPage, Severity: v.official, LastGood: v.read[status.OfficialStatusPage]}
	defer func() { e.add(in, s, now) }()
	if s.page == nil {
		return false
	}
	e.officialRead = true
	o := status.Judge(s.page, v.def.Scope, now)
	if o.ScopeMissed {
		e.official.ScopeMissed, e.official.Unmatched = true, o.Unmatched
		return false
	}
	in = status.Input{
		Signal: status.OfficialStatusPage, Severity: o.Severity, LastGood: s.lastGood,
		Fresh: s.fresh(now), Since: o.Since, Ended: v.officialEnd(s),
	}
	if in.Fresh {
		e.official = o
		e.dueAtWindows(s.page.Windows, now)
	}
	return in.Fresh && o.Severity != status.Unknown
}

// officialEnd is the end that the page gives for all incidents of the open
// record; zero if one of them is not known to be over.
func (v *service) officialEnd(s *source) time.Time {
	last := v.last()
	if !last.Open() || len(last.Evidence) == 0 {
		return time.Time{}
	}
	var end time.Time
	for _, id := range last.Evidence {
		in, ok := s.ended[id]
		if !ok || in.Resolved.IsZero() {
			return time.Time{}
		}
		end = status.Latest(end, in.Resolved)
	}
	return end
}

// feedInput adds what one feed says. pageRead tells that official evidence
// comes from our own reading of the page.
func (b *Board) feedInput(e *evidence, v *service, s *source, pageRead bool, now time.Time) {
	slug := v.def.Feeds[s.def.Key]
	in := status.Input{Signal: status.UserReports, Severity: v.reports, LastGood: v.read[status.UserReports]}
	row, listed := status.FeedService{}, false
	if s.feed != nil {
		row, listed = s.feed.Services[slug]
	}
	v.listed[s.def.Key] = v.listed[s.def.Key] || listed
	if s.feed != nil && !v.listed[s.def.Key] && (!v.last().Open() || v.last().ReportsStartedAt.IsZero()) {
		return // the feed does not know this service: no signal to be missed
	}
	e.hasReports = true
	if listed {
		r := status.JudgeFeed(row, pageRead || v.def.Official == "")
		in = status.Input{
			Signal: status.UserReports, Severity: r.Severity, LastGood: s.lastGood,
			Fresh: s.fresh(now) && r.Severity != status.Unknown,
			Since: s.feed.Ongoing[slug].Started, Ended: v.feedEnd(s, slug),
		}
		e.describeFeed(s, row)
		e.relay(v, s, r, slug, now)
	}
	e.add(in, s, now)
}

// relay takes the official word that a feed carries, where no page of our own
// is polled.
func (e *evidence) relay(v *service, s *source, r status.Reports, slug string, now time.Time) {
	if v.def.Official != "" || !r.HasOfficial {
		return
	}
	e.hasOfficial = true
	in := status.Input{
		Signal: status.OfficialStatusPage, Severity: r.Official.Severity(), LastGood: s.lastGood,
		Fresh: s.fresh(now) && r.Official != status.IndicatorUnknown, Ended: v.feedEnd(s, slug),
	}
	if o := s.feed.Ongoing[slug]; o.Signal == status.OfficialStatusPage {
		in.Since = o.Started
	}
	if in.Fresh && in.Severity >= e.official.Severity {
		e.official.Indicator, e.official.Severity = r.Official, in.Severity
	}
	e.add(in, s, now)
}

// feedEnd is the end that a feed gives for the open record.
func (v *service) feedEnd(s *source, slug string) time.Time {
	var end time.Time
	last := v.last()
	if !last.Open() {
		return end
	}
	for _, o := range s.feed.Ended {
		if o.Slug == slug && o.Resolved.After(last.StartedAt) {
			end = status.Latest(end, o.Resolved)
		}
	}
	return end
}

// describeFeed takes the counts and words of one row.
func (e *evidence) describeFeed(s *source, row status.FeedService) {
	e.counts = append(e.counts, FeedReports{Feed: strings.TrimPrefix(s.def.Name, "feed/"), Reports1h: row.Reports1h, Reports24h: row.Reports24h})
	e.reports1h = max(e.reports1h, row.Reports1h)
	if e.logo == "" {
		e.logo = row.LogoURL
	}
	if o, ok := s.feed.Ongoing[row.Slug]; ok {
		e.reports1h = max(e.reports1h, o.PeakReports)
		e.description = o.Description
	}
}

// add takes one input and when time alone will change it.
func (e *evidence) add(in status.Input, s *source, now time.Time) {
	e.inputs = append(e.inputs, in)
	e.lastGood = status.Latest(e.lastGood, s.lastGood)
	e.takenAt = status.Latest(e.takenAt, s.takenAt)
	e.limit = max(e.limit, s.limit)
	if in.Fresh {
		e.dueAt(s.observed.Add(s.limit), now)
	}
}

func (e *evidence) dueAt(t, now time.Time) {
	if t.After(now) {
		e.due = status.Earliest(e.due, t)
	}
}

func (e *evidence) dueAtWindows(windows []status.Window, now time.Time) {
	for _, w := range windows {
		e.dueAt(w.Start, now)
		e.dueAt(w.End, now)
	}
}

func (e *evidence) nextDue(held bool, now time.Time) time.Time {
	if held {
		e.dueAt(now.Add(heldStep), now)
	}
	return e.due
}
