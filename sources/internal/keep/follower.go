package keep

import (
	"context"
	"reflect"
	"slices"
	"time"

	"github.com/downstatus/downstatus_exporter/internal/status"
	"github.com/downstatus/downstatus_exporter/sources"
)

// Follower follows a page from poll to poll: the zero value is ready to use.
type Follower struct {
	// History reads the page's document of past incidents, which may list open
	// ones too; nil: there is none. It is asked at the first poll, and when
	// incidents have left the page without a word about their end: gone are
	// those, as last seen. What it returns beside an error counts.
	History func(ctx context.Context, now time.Time, gone []status.Incident) ([]status.Incident, error)

	page *status.Page    // of the last good poll
	over map[string]bool // what its document listed as over, with its end
	ends ends            // what the history has still to tell
}

// Follow makes a reading of a page and of the incidents that its document
// lists as over. The page is that of the poll before where both say the same.
// Those over are handed on once: all of them at the first poll. What a history
// tells as over is handed on whenever it was asked, also what nobody saw while
// it was open. One that the page lists too is open, in part.
func (f *Follower) Follow(ctx context.Context, now time.Time, page *status.Page, over []status.Incident) sources.Reading {
	over = unique(over, idOf, uniteIncidents)
	if f.page == nil {
		f.ends.askAll()
	}
	if page != f.page { // else it is in use
		f.complete(page, over)
	}
	r := sources.Reading{Ended: f.listed(page, over)}
	if !reflect.DeepEqual(f.page, page) { // some documents carry a clock
		f.page = page
	}
	r.Page = f.page
	f.ask(ctx, now, &r)
	return r
}

// complete adds to a new page what others tell about what it lists.
func (f *Follower) complete(page *status.Page, over []status.Incident) {
	Unite(page)
	if f.page != nil {
		page.Components = status.CarryHidden(f.page.Components, page.Components)
	}
	for _, in := range over {
		if open := find(page, in.ID); open != nil {
			open.Started = status.Earliest(open.Started, in.Started)
		}
	}
}

// listed are those of the incidents over that were not before, and notes which
// ends are known by that.
func (f *Follower) listed(page *status.Page, over []status.Incident) (news []status.Incident) {
	f.ends.turn(page.Incidents)
	known := make(map[string]bool, len(over))
	for _, in := range over {
		if find(page, in.ID) != nil || in.Resolved.IsZero() {
			continue // the history may know when
		}
		if !f.over[in.ID] {
			news = append(news, in)
		}
		known[in.ID] = true
		f.ends.told(in.ID)
	}
	f.over = known
	return news
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
	if f.History == nil {
		f.ends.asking = nil
	}
	if !f.ends.waiting() {
		return
	}
	list, err := f.History(ctx, now, f.ends.gone())
	if err != nil {
		r.Notes = append(r.Notes, "history: "+err.Error())
	}
	if err != nil && list == nil {
		f.ends.retry()
		return
	}
	for _, in := range list {
		if f.news(in) {
			r.Ended = append(r.Ended, in)
		}
	}
	f.ends.read(list)
}

// news reports whether the history is what tells the end of an incident. The
// page and what its document lists as over come first.
func (f *Follower) news(in status.Incident) bool {
	return in.Over && !in.Resolved.IsZero() && !f.over[in.ID] && find(f.page, in.ID) == nil
}
