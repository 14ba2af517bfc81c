package riot

import (
	"cmp"
	"time"

	"github.com/downstatus/downstatus_exporter/internal/status"
	"github.com/downstatus/downstatus_exporter/sources"
	"github.com/downstatus/downstatus_exporter/sources/internal/pages"
	"github.com/downstatus/downstatus_exporter/sources/internal/vendors"
)

// viewer tells what a document means.
type viewer struct {
	page      string // address for people, of the region
	platforms vendors.List
}

// read lists what is not archived. The document names troubles only, never all
// platforms.
func (v viewer) read(d *document, now time.Time) (sources.Reading, error) {
	p := &status.Page{Name: name(d), URL: v.page, OnlyTroubles: true, Scoped: v.platforms.Active()}
	for _, e := range d.Incidents.All {
		if refs, ok := v.concerns(e, now); ok {
			p.Incidents = append(p.Incidents, v.incident(e, refs, &p.UnknownWords))
		}
	}
	for _, e := range d.Maintenances.All {
		if refs, ok := v.concerns(e, now); ok {
			p.Windows = append(p.Windows, v.window(e, refs, &p.UnknownWords))
		}
	}
	return pages.Doubted(sources.Reading{Page: p}, d.doubt())
}

func name(d *document) string {
	return "Riot Games " + cmp.Or(d.Name, d.ID).Text()
}

// concerns returns the platforms of an entry that count; ok is false for an
// entry that is archived, or about other platforms only. One that names none is
// about all of them.
func (v viewer) concerns(e entry, now time.Time) (refs []status.ComponentRef, ok bool) {
	if id(e) == "" {
		return nil, false
	}
	if end := vendors.Instant(e.Archived); !end.IsZero() && !end.After(now) {
		return nil, false
	}
	named := false
	for _, s := range e.Platforms.All {
		name := s.Text()
		if name == "" {
			continue
		}
		named = true
		if v.platforms.Covers(name) {
			refs = append(refs, status.ComponentRef{ID: name, Name: name, Rank: status.IndicatorUnknown, Impact: status.IndicatorUnknown})
		}
	}
	return refs, len(refs) > 0 || !named
}

// incident reads one entry. When it ends is not told: it leaves the list.
func (v viewer) incident(e entry, refs []status.ComponentRef, unknown *[]string) status.Incident {
	impact, ok := severities[vendors.Fold(e.Severity)]
	if !ok {
		impact = status.Minor // it is listed, so it is trouble
		*unknown = append(*unknown, "incident_severity")
	}
	in := status.Incident{
		ID: id(e), Title: e.title(), URL: v.link(e), Impact: impact,
		Components: refs, Started: vendors.Instant(e.Created),
	}
	for _, u := range e.Updates.All {
		in.Started = status.Earliest(in.Started, vendors.Instant(u.Created))
	}
	return in
}

// window has no times: the document tells when it was written about, not when
// it is. A word that is not known leaves it to a clock that has nothing to go
// by, so that it is not under way.
func (v viewer) window(e entry, refs []status.ComponentRef, unknown *[]string) status.Window {
	state, ok := states[vendors.Fold(e.State)]
	if !ok {
		*unknown = append(*unknown, "maintenance_status")
	}
	return status.Window{ID: id(e), Title: e.title(), URL: v.link(e), State: state, Components: refs}
}

func id(e entry) string { return cmp.Or(e.ID.Text(), e.title()) }

func (v viewer) link(e entry) string { return sources.Link(v.page + "&id=" + id(e)) }
