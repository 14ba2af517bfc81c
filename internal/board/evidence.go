package board

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/downstatus/downstatus_exporter/internal/detect"
	"github.com/downstatus/downstatus_exporter/internal/status"
)

// heldStep is how often the time of a held status is written.
const heldStep = 5 * time.Second

// evidence is everything that the sources of a service say at one moment.
type evidence struct {
	inputs  []status.Input
	missing bool                            // some of them is trouble that is not fresh
	last    map[status.Signal]status.Status // the worst that the sources of each signal said last

	official    status.Official
	components  []status.Component // of the page, also while it cannot be read
	unmatched   []string           // as in status.Official, whatever the page's age
	pageRead    bool               // the page has been read, whatever its age
	hasOfficial bool
	hasReports  bool
	counts      []FeedReports
	reports1h   int
	logo        string
	description string
	incidentURL string

	lastGood   time.Time
	heardAt    map[status.Signal]time.Time // newest good poll of each signal
	takenAt    time.Time
	stoodUntil time.Time // when the readings that the store gave back grow stale
	due        time.Time
}

// evidence collects what the sources of a service say.
func (b *Board) evidence(v *service, now time.Time) evidence {
	e := evidence{
		heardAt:  map[status.Signal]time.Time{},
		official: status.Official{Indicator: status.IndicatorUnknown, Severity: status.Unknown},
		last:     map[status.Signal]status.Status{status.OfficialStatusPage: status.Unknown, status.UserReports: status.Unknown},
	}
	understood := false
	if s := b.sources[v.def.Official]; s != nil {
		understood = e.addPage(v, s, now)
	}
	for _, key := range slices.Sorted(maps.Keys(v.def.Feeds)) {
		if s := b.sources[key]; s != nil {
			b.addFeed(&e, v, s, understood, now)
		}
	}
	e.standIn(v, status.OfficialStatusPage, e.hasOfficial)
	e.standIn(v, status.UserReports, e.hasReports)
	if in := e.official.Incidents; len(in) > 0 {
		e.description, e.incidentURL = in[0].Title, in[0].URL
	}
	return e
}

// addPage adds what the vendor's own page says; true if it is fresh and
// understood.
func (e *evidence) addPage(v *service, s *source, now time.Time) (understood bool) {
	e.hasOfficial = true
	if s.page == nil {
		e.miss(v, s, status.OfficialStatusPage)
		return false
	}
	e.touch(s, now)
	before := v.verdict.official
	v.judge(s.page, now)
	o, fresh := v.verdict.official, s.fresh(now) && !v.verdict.official.ScopeMissed
	v.reachBack(s, &o)
	e.pageRead, e.unmatched, e.components = true, o.Unmatched, o.Components
	switch {
	case o.ScopeMissed:
		e.official.ScopeMissed, e.official.Unmatched = true, o.Unmatched
	case fresh:
		e.official = o
		e.dueAt(v.verdict.until, now)
	default:
		e.components = v.verdict.unread
	}
	if fresh && o.Severity == status.Unknown { // read, but not understood
		e.inputs = append(e.inputs, status.Input{Signal: status.OfficialStatusPage, Severity: status.Unknown, Fresh: true})
	}
	e.hear(v, s, status.Input{
		Signal: status.OfficialStatusPage, Severity: o.Severity, Since: o.Since, Ended: v.officialEnd(s, before),
	}, now)
	return fresh && o.Severity != status.Unknown
}

// unread are components whose state is not known any more.
func unread(components []status.Component) []status.Component {
	out := slices.Clone(components)
	for i := range out {
		out[i].Rank, out[i].Maintenance = status.IndicatorUnknown, false
	}
	return out
}

// verdict is what a page says about one service, once for each reading and
// window.
type verdict struct {
	page      *status.Page
	official  status.Official
	unread    []status.Component
	at, until time.Time // until: when a window opens or closes; zero: never
}

// judge makes the verdict anew where the last one does not hold any more.
func (v *service) judge(p *status.Page, now time.Time) {
	last := v.verdict
	if last.page == p && !now.Before(last.at) && (last.until.IsZero() || now.Before(last.until)) {
		return
	}
	o := status.Judge(p, v.def.Scope, now)
	v.verdict = verdict{page: p, official: o, unread: unread(o.Components), at: now}
	for _, w := range p.Windows {
		for _, t := range [...]time.Time{w.Start, w.End} {
			if t.After(now) {
				v.verdict.until = status.Earliest(v.verdict.until, t)
			}
		}
	}
}

// officialEnd is the end that the page gives for all incidents of the open
// record; zero if one of them is not known to be over, or if the page was in
// trouble without any when it was judged before.
func (v *service) officialEnd(s *source, before status.Official) time.Time {
	last := v.last()
	bare := before.Severity.Trouble() && len(before.Evidence) == 0
	if !last.Open() || len(last.Evidence) == 0 || bare {
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

// addFeed adds what one feed says. understood tells that official evidence
// comes from our own reading of the page.
func (b *Board) addFeed(e *evidence, v *service, s *source, understood bool, now time.Time) {
	relays := v.def.Official == "" // the feed's official word counts where no page is polled
	row, listed := s.listed(v)
	if !listed {
		if s.feed == nil || v.mayHaveHeard(s, status.UserReports) {
			e.hasReports = true
			e.miss(v, s, status.UserReports)
		}
		if relays && v.mayHaveHeard(s, status.OfficialStatusPage) {
			e.hasOfficial = true
			e.miss(v, s, status.OfficialStatusPage)
		}
		return
	}
	e.touch(s, now)
	e.describe(v, s, row, now)
	r := status.JudgeFeed(row, understood || relays)
	ongoing, ended := s.feed.Ongoing[row.Slug], v.feedEnd(s, row.Slug)
	e.hasReports = true
	counted := b.watchCounts(v, s, row, detect.Context{
		Maintenance: e.official.Maintenance,
		Official:    e.last[status.OfficialStatusPage].Trouble() || relays && r.HasOfficial && r.Official.Severity().Trouble(),
	}, now)
	b.compare(v, s, row, r.Severity, counted.Severity, now)
	e.hear(v, s, status.Input{
		Signal: status.UserReports, Severity: status.WithCounts(row, r.Severity, counted.Severity),
		Since: status.Earliest(ongoing.Started, counted.Start), Ended: status.Latest(ended, counted.End),
	}, now)
	if relays && (r.HasOfficial || v.mayHaveHeard(s, status.OfficialStatusPage)) {
		e.relay(v, s, r, ongoing, ended, now)
	}
}

// listed is the service's row in a feed.
func (s *source) listed(v *service) (row status.FeedService, ok bool) {
	if s.feed == nil {
		return row, false
	}
	row, ok = s.feed.Services[v.def.Feeds[s.def.Key]]
	return row, ok
}

// relay takes the official word that a feed carries, where no page of our own
// is polled.
func (e *evidence) relay(v *service, s *source, r status.Reports, ongoing status.FeedOutage, ended, now time.Time) {
	e.hasOfficial = true
	in := status.Input{Signal: status.OfficialStatusPage, Severity: status.Unknown, Ended: ended}
	if r.HasOfficial {
		in.Severity = r.Official.Severity()
	}
	if ongoing.Signal == status.OfficialStatusPage {
		in.Since = ongoing.Started
	}
	if s.fresh(now) && in.Severity != status.Unknown {
		e.official.Indicator = max(e.official.Indicator, r.Official)
		e.official.Severity = max(e.official.Severity, in.Severity)
	}
	e.hear(v, s, in, now)
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

// describe takes the names, counts and words of one row. A feed names the
// services that only feeds know; counts that are not fresh are no counts.
func (e *evidence) describe(v *service, s *source, row status.FeedService, now time.Time) {
	if !v.def.configured {
		v.def.Name, v.def.Category = cmp.Or(row.Name, v.def.Name), cmp.Or(row.Category, v.def.Category)
	}
	e.logo = cmp.Or(e.logo, row.LogoURL)
	if !s.fresh(now) {
		return
	}
	ongoing := s.feed.Ongoing[row.Slug]
	if row.Has1h || row.Has24h {
		e.counts = append(e.counts, FeedReports{
			Feed: strings.TrimPrefix(s.def.Name, "feed/"), Reports1h: row.Reports1h, Reports24h: row.Reports24h, Has1h: row.Has1h, Has24h: row.Has24h,
		})
	}
	e.reports1h = max(e.reports1h, row.Reports1h, ongoing.PeakReports)
	e.description = cmp.Or(e.description, ongoing.Description)
}

// touch takes the times of a source that speaks of the service.
func (e *evidence) touch(s *source, now time.Time) {
	e.lastGood = status.Latest(e.lastGood, notAfter(s.lastGood, now))
	e.takenAt = status.Latest(e.takenAt, s.takenAt)
	if !s.restored.IsZero() {
		e.stoodUntil = status.Latest(e.stoodUntil, s.restored.Add(s.limit))
	}
	if s.fresh(now) {
		e.dueAt(s.observed.Add(s.limit), now)
	}
}

func (e *evidence) dueAt(t, now time.Time) {
	if t.After(now) {
		e.due = status.Earliest(e.due, t)
	}
}

// nextDue is when time alone may change the verdict; zero: never.
func (e *evidence) nextDue(held bool, now time.Time) time.Time {
	if held {
		e.dueAt(now.Add(heldStep), now)
	}
	return e.due
}
