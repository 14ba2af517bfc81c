package feed

import (
	"cmp"
	"slices"
	"time"

	"github.com/downstatus/downstatus_exporter/internal/status"
	"github.com/downstatus/downstatus_exporter/sources"
)

// entry is an incident, or planned work, as its items tell it.
type entry struct {
	post
	id   string
	peak status.Indicator // the worst that was told of it
	end  time.Time        // from when on it is over; zero if not told
}

// gather makes incidents of items: one of each key, and for updates one of
// each run of a key.
func (r rules) gather(posts []post) []entry {
	byKey := map[string][]post{}
	var keys []string
	for _, p := range posts {
		if byKey[p.key] == nil {
			keys = append(keys, p.key)
		}
		byKey[p.key] = append(byKey[p.key], p)
	}
	var out []entry
	for _, key := range keys {
		out = append(out, r.follow(byKey[key])...)
	}
	return out
}

// follow goes through the items of one key from the oldest on, and returns the
// incidents that they tell of, the newest first.
func (r rules) follow(posts []post) []entry {
	slices.Reverse(posts) // feeds begin with the newest
	slices.SortStableFunc(posts, func(a, b post) int { return a.last.Compare(b.last) })
	var runs []entry
	for _, p := range posts {
		if len(runs) == 0 || r.begins(runs[len(runs)-1], p) {
			runs = append(runs, newEntry(p))
		} else {
			runs[len(runs)-1].add(p)
		}
	}
	slices.Reverse(runs)
	for i := range runs[min(1, len(runs)):] {
		runs[i+1].id = sources.Text(runs[i+1].key+" "+runs[i+1].first.Format(time.RFC3339), sources.TextLimit)
	}
	return runs
}

// begins reports whether an item is about another incident than the one
// before: only where a key stands for what is in trouble, not for one trouble.
func (r rules) begins(e entry, p post) bool {
	if r.kind != updates {
		return false
	}
	// News after the end are of the same one, unless they tell of trouble.
	again := e.state == over && p.state != over && (p.state != untold || p.meaning.Rank >= status.Minor)
	return again || r.maxAge > 0 && p.first.Sub(e.last) > r.maxAge
}

func newEntry(p post) entry {
	e := entry{post: p, id: p.key, peak: p.meaning.Rank}
	e.close(p)
	return e
}

// add takes a newer item: it leads, but keeps what it does not tell.
func (e *entry) add(p post) {
	before := *e
	e.post = p
	e.first = status.Earliest(before.first, p.first)
	e.last = status.Latest(before.last, p.last)
	e.started = status.Earliest(before.started, p.started)
	e.planned = before.planned || p.planned
	e.peak = max(before.peak, p.meaning.Rank)
	if p.state == untold {
		e.state = before.state
	}
	if p.meaning.Rank == status.IndicatorUnknown {
		e.meaning = before.meaning
	}
	if p.refs == nil {
		e.refs = before.refs
	}
	e.link, e.title = cmp.Or(p.link, before.link), cmp.Or(p.title, before.title)
	if before.state != over || p.state != untold && p.state != over {
		e.end = time.Time{}
		e.close(p)
	}
}

// close finds the end of what is over. An item with one date alone does not
// tell whether that is the start or the end.
func (e *entry) close(p post) {
	switch {
	case !p.ended.IsZero() && !e.planned:
		e.end = p.ended
	case e.state == over && e.last.After(e.first):
		e.end = e.last
	}
}

// read makes a page of what was kept: time alone ends what it lists.
func (r rules) read(d *document, now time.Time) (*status.Page, []status.Incident) {
	p := &status.Page{Name: d.name, OnlyTroubles: true, UnknownWords: slices.Clone(d.unknown)}
	var ended []status.Incident
	for _, e := range d.entries {
		in := e.incident(now)
		switch {
		case e.state == ignored:
		case e.planned:
			if w := e.window(r.kind); e.state != over && !e.forgotten(r.maxAge, now) && (w.End.IsZero() || w.End.After(now)) {
				p.Windows = append(p.Windows, w)
			}
		case in.Over:
			ended = append(ended, in)
		case !e.forgotten(r.maxAge, now):
			p.Incidents = append(p.Incidents, in)
			if e.state == untold && r.kind != active {
				p.UnknownWords = append(p.UnknownWords, "state")
			}
		}
	}
	return p, ended
}

// forgotten reports whether there was no news for too long. Without a date
// nobody can tell.
func (e entry) forgotten(maxAge time.Duration, now time.Time) bool {
	said := status.Latest(e.last, e.ended) // planned work may be announced long before
	return maxAge > 0 && !said.IsZero() && now.Sub(said) > maxAge
}

// incident is the entry as it stands at a time. What is open is trouble, of
// the least kind where it does not say more.
func (e entry) incident(now time.Time) status.Incident {
	in := status.Incident{
		ID: e.id, Title: e.title, URL: e.link, Components: e.refs, Monitoring: e.state == watching,
		Impact: e.meaning.Rank, Started: cmp.Or(e.started, e.first),
	}
	if e.state == over || !e.end.IsZero() && !e.end.After(now) {
		in.Over, in.Impact, in.Monitoring = true, e.peak, false
		if !e.end.IsZero() {
			in.Resolved = status.Latest(e.end, in.Started)
		}
	}
	if in.Impact == status.IndicatorUnknown {
		in.Impact = status.Minor
	}
	return in
}

// window is planned work. Its state leads where the words tell one; else the
// clock decides, or, where no times are given, that an active feed lists it.
func (e entry) window(k kind) status.Window {
	w := status.Window{ID: e.id, Title: e.title, URL: e.link, Components: e.refs, Start: e.started, End: e.ended}
	switch {
	case e.state == planned:
		w.State = status.Scheduled
	case e.state == underWay || e.state == watching:
		w.State = status.InProgress
	case w.Start.IsZero() && k == active:
		w.State = status.InProgress
	}
	if w.State == status.InProgress && w.Start.IsZero() {
		w.Start = e.first
	}
	return w
}
