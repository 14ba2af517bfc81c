package apple

import (
	"cmp"
	"strings"
	"time"

	"github.com/downstatus/downstatus_exporter/internal/status"
	"github.com/downstatus/downstatus_exporter/sources"
	"github.com/downstatus/downstatus_exporter/sources/internal/pages"
	"github.com/downstatus/downstatus_exporter/sources/internal/vendors"
)

// viewer tells what a document means.
type viewer struct {
	page     string // address for people
	services vendors.List
}

// read puts the events of all services together. One event that strikes many
// services stands under each of them, and may be over for some: it is one
// incident of those for which it is not.
func (v viewer) read(d *document, now time.Time) (sources.Reading, error) {
	b := &board{page: &status.Page{Name: "Apple", URL: v.page}, now: now}
	for _, s := range d.Services.All {
		b.service(s)
	}
	r := sources.Reading{Page: b.page, Ended: b.over}
	if message := d.Message.Text(); bool(d.Posted) || message != "" {
		r.Notes = append(r.Notes, "the page carries a message of its own, which is not judged: "+message)
	}
	if err := vendors.Narrow(&r, "services", v.services); err != nil {
		return r, err
	}
	return pages.Doubted(r, d.doubt())
}

// board is a page being put together.
type board struct {
	page *status.Page
	over []status.Incident
	now  time.Time
}

func (b *board) service(s service) {
	if s.name() == "" {
		return
	}
	c := status.Component{ID: s.name(), Name: s.name()}
	maintenance := false
	for _, e := range s.Events.All {
		k, state := b.words(e)
		ref := status.ComponentRef{ID: c.ID, Name: c.Name, Rank: k.rank, Impact: k.rank, HasImpact: true}
		switch {
		case k.nothing:
		case k.maintenance:
			maintenance = b.window(e, state, ref) || maintenance
		case state == over:
			b.end(e, ref)
		case state != ahead:
			c.Rank = max(c.Rank, k.rank)
			b.page.Incidents = append(b.page.Incidents, b.make(e, ref))
		}
	}
	c.Maintenance = maintenance && c.Rank == status.None
	b.page.Components = append(b.page.Components, c)
}

// words looks up what an event is and how far it has come. What is not
// understood counts as trouble that goes on. An end that has passed is the end,
// but for maintenance: it is only planned there, and the word leads.
func (b *board) words(e event) (kind, state) {
	k, ok := kinds[vendors.Fold(e.Type)]
	if !ok {
		k = kind{rank: status.Minor}
		b.page.UnknownWords = append(b.page.UnknownWords, "status_type")
	}
	if k.rank == status.Major && strings.HasPrefix(strings.ToLower(strings.TrimSpace(string(e.Affected))), "all ") {
		k.rank = status.Critical
	}
	s, ok := states[vendors.Fold(e.Status)]
	if !ok {
		s = unclear
		b.page.UnknownWords = append(b.page.UnknownWords, "event_status")
	}
	if s != ahead && !k.maintenance && !e.end().IsZero() && !e.end().After(b.now) {
		s = over
	}
	return k, s
}

// id tells events apart. One without an id is that of its service.
func id(e event, ref status.ComponentRef) string {
	return cmp.Or(e.ID.Text(), ref.ID+" "+e.start().Format(time.RFC3339))
}

func (b *board) make(e event, ref status.ComponentRef) status.Incident {
	title := cmp.Or(e.Message.Text(), e.Type.Text(), ref.Name)
	return status.Incident{
		ID: id(e, ref), Title: title, URL: sources.Link(b.page.URL), Impact: ref.Rank,
		Components: []status.ComponentRef{ref}, Started: e.start(),
	}
}

func (b *board) end(e event, ref status.ComponentRef) {
	in := b.make(e, ref)
	in.Over, in.Resolved = true, status.Latest(e.end(), in.Started)
	if !e.end().IsZero() {
		b.over = append(b.over, in)
	}
}

// windows are the states of maintenance. Without a word that is known the
// clock decides.
var windows = map[state]status.WindowState{
	ongoing: status.InProgress,
	ahead:   status.Scheduled,
	unclear: status.NoState,
}

// window takes maintenance that is not over, and reports whether it is under
// way.
func (b *board) window(e event, s state, ref status.ComponentRef) bool {
	if s == over {
		return false
	}
	ref.Rank, ref.Impact, ref.HasImpact = status.IndicatorUnknown, status.None, false
	in := b.make(e, ref)
	w := status.Window{
		ID: in.ID, Title: in.Title, URL: in.URL, State: windows[s],
		Components: in.Components, Start: in.Started, End: e.end(),
	}
	b.page.Windows = append(b.page.Windows, w)
	return w.UnderWay(b.now)
}
