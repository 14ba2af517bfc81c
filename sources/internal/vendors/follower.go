package vendors

import (
	"context"
	"maps"
	"reflect"
	"slices"
	"time"

	"github.com/downstatus/downstatus_exporter/internal/status"
	"github.com/downstatus/downstatus_exporter/sources"
)

const (
	// past is how far back a history is read.
	past = 90 * 24 * time.Hour
	// askAtMost is how many polls in a row ask the history for one thing.
	askAtMost = 3
	// everything, in the place of an incident's id, asks for all that is over.
	everything = ""
)

// Follower follows a page from poll to poll: the zero value is ready to use.
type Follower struct {
	// History reads the vendor's document of past incidents, which may list
	// open ones too; nil: there is none. It is asked at the first poll, and
	// when an incident has left the page without a word about its end.
	History func(ctx context.Context, now time.Time) ([]status.Incident, error)

	page   *status.Page    // of the last good poll
	over   map[string]bool // what its document listed as over, with its end
	asking map[string]int  // polls that asked the history in vain, by id
}

// Follow makes a reading of a page and of the incidents that its document
// lists as over. The page is that of the poll before where both say the same.
// Those over are handed on once: all of them at the first poll. One that the
// page lists too is open, in part.
func (f *Follower) Follow(ctx context.Context, now time.Time, page *status.Page, over []status.Incident) sources.Reading {
	r := sources.Reading{}
	Unite(page)
	listed := make(map[string]bool, len(over))
	for _, in := range unique(over, idOf, uniteIncidents) {
		if open := find(page, in.ID); open != nil {
			open.Started = status.Earliest(open.Started, in.Started)
			continue
		}
		if in.Resolved.IsZero() {
			continue // the history may know when
		}
		if !f.over[in.ID] {
			r.Ended = append(r.Ended, in)
		}
		listed[in.ID] = true
	}
	f.over = listed
	f.wonder(page)
	if !reflect.DeepEqual(f.page, page) { // some documents carry a clock
		f.page = page
	}
	r.Page = f.page
	f.ask(ctx, now, &r)
	return r
}

// wonder notes which ends the history has to tell.
func (f *Follower) wonder(page *status.Page) {
	if f.page == nil {
		f.asking = map[string]int{everything: 0}
		return
	}
	for _, in := range f.page.Incidents {
		f.asking[in.ID] = 0
	}
	told := func(id string, _ int) bool { return f.over[id] || find(page, id) != nil }
	maps.DeleteFunc(f.asking, told)
}

// find is an open incident of a page; nil if there is none of that id.
func find(p *status.Page, id string) *status.Incident {
	i := slices.IndexFunc(p.Incidents, func(in status.Incident) bool { return in.ID == id })
	if i < 0 {
		return nil
	}
	return &p.Incidents[i]
}

// ask asks the history. That it fails spoils nothing: it is asked again at the
// next poll, a few times.
func (f *Follower) ask(ctx context.Context, now time.Time, r *sources.Reading) {
	if f.History == nil || len(f.asking) == 0 {
		f.asking = map[string]int{}
		return
	}
	list, err := f.History(ctx, now)
	if err != nil {
		r.Notes = append(r.Notes, "history: "+err.Error())
		f.retry(func(string) bool { return true })
		return
	}
	open := map[string]bool{}
	for _, in := range list {
		switch {
		case !in.Over:
			open[in.ID] = true // caches lag behind
		case f.wanted(in, now):
			r.Ended = append(r.Ended, in)
		}
	}
	f.retry(func(id string) bool { return open[id] })
}

// wanted reports whether the history is what tells the end of an incident. The
// page and what its document lists as over come first.
func (f *Follower) wanted(in status.Incident, now time.Time) bool {
	_, all := f.asking[everything]
	_, asked := f.asking[in.ID]
	return asked && !in.Resolved.IsZero() ||
		all && now.Sub(in.Resolved) <= past && !f.over[in.ID] && find(f.page, in.ID) == nil
}

// retry keeps for the next poll what was asked for in vain and is worth it.
func (f *Follower) retry(worth func(id string) bool) {
	for id := range f.asking {
		if f.asking[id]++; !worth(id) || f.asking[id] >= askAtMost {
			delete(f.asking, id)
		}
	}
}
