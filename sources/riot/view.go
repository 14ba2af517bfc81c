package riot

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/downstatus/downstatus_exporter/internal/status"
	"github.com/downstatus/downstatus_exporter/sources"
	"github.com/downstatus/downstatus_exporter/sources/internal/onedoc"
)

// viewer tells what a document means.
type viewer struct {
	page      string   // address for people, of the region
	platforms []string // patterns of the option
}

// read lists what is not archived. The document names troubles only, never all
// platforms.
func (v viewer) read(d *document, now time.Time) (sources.Reading, error) {
	p := &status.Page{Name: name(d), URL: v.page, OnlyTroubles: true, Scoped: len(v.platforms) > 0}
	for _, e := range d.Incidents {
		if refs, ok := v.concerns(e, now); ok {
			p.Incidents = append(p.Incidents, v.incident(e, refs, &p.UnknownWords))
		}
	}
	for _, e := range d.Maintenances {
		if refs, ok := v.concerns(e, now); ok {
			p.Windows = append(p.Windows, v.window(e, refs, &p.UnknownWords))
		}
	}
	return sources.Reading{Page: p}, nil
}

func name(d *document) string {
	return "Riot Games " + sources.Text(string(cmp.Or(d.Name, d.ID)), sources.TextLimit)
}

// concerns returns the platforms of an entry that count; ok is false for an
// entry that is archived, or about other platforms only. One that names none is
// about all of them.
func (v viewer) concerns(e entry, now time.Time) (refs []status.ComponentRef, ok bool) {
	if end := onedoc.Instant(e.Archived); !end.IsZero() && !end.After(now) {
		return nil, false
	}
	named := false
	for _, s := range e.Platforms {
		name := sources.Text(string(s), sources.TextLimit)
		if name == "" {
			continue
		}
		named = true
		meant := func(pattern string) bool { return status.Glob(pattern, name) }
		if len(v.platforms) == 0 || slices.ContainsFunc(v.platforms, meant) {
			refs = append(refs, status.ComponentRef{ID: name, Name: name, Rank: status.IndicatorUnknown, Impact: status.IndicatorUnknown})
		}
	}
	return refs, len(refs) > 0 || !named
}

// incident reads one entry. When it ends is not told: it leaves the list.
func (v viewer) incident(e entry, refs []status.ComponentRef, unknown *[]string) status.Incident {
	impact, ok := severities[fold(e.Severity)]
	if !ok {
		impact = status.Minor // it is listed, so it is trouble
		*unknown = append(*unknown, "incident_severity")
	}
	in := status.Incident{
		ID: id(e), Title: e.title(), URL: v.link(e), Impact: impact,
		Components: refs, Started: onedoc.Instant(e.Created),
	}
	for _, u := range e.Updates {
		in.Started = status.Earliest(in.Started, onedoc.Instant(u.Created))
	}
	return in
}

// window has no times: the document tells when it was written about, not when
// it is. A word that is not known leaves it to a clock that has nothing to go
// by, so that it is not under way.
func (v viewer) window(e entry, refs []status.ComponentRef, unknown *[]string) status.Window {
	state, ok := states[fold(e.State)]
	if !ok {
		*unknown = append(*unknown, "maintenance_status")
	}
	return status.Window{ID: id(e), Title: e.title(), URL: v.link(e), State: state, Components: refs}
}

func id(e entry) string { return sources.Text(string(e.ID), sources.TextLimit) }

func (v viewer) link(e entry) string { return sources.Link(v.page + "&id=" + id(e)) }

func fold(s sources.Str) string { return strings.ToLower(strings.TrimSpace(string(s))) }
