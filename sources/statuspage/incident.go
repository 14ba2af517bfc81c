package statuspage

import (
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/downstatus/downstatus_exporter/internal/status"
	"github.com/downstatus/downstatus_exporter/sources"
	"github.com/downstatus/downstatus_exporter/sources/internal/pages"
)

// wireIncident is an incident or a scheduled maintenance: they share one form.
type wireIncident struct {
	ID             sources.Str                 `json:"id"`
	Name           sources.Str                 `json:"name"`
	Status         sources.Str                 `json:"status"`
	Impact         sources.Str                 `json:"impact"`
	Shortlink      sources.Str                 `json:"shortlink"`
	CreatedAt      sources.Str                 `json:"created_at"`
	StartedAt      sources.Str                 `json:"started_at"`
	ResolvedAt     sources.Str                 `json:"resolved_at"`
	ScheduledFor   sources.Str                 `json:"scheduled_for"`
	ScheduledUntil sources.Str                 `json:"scheduled_until"`
	Components     sources.List[wireComponent] `json:"components"`
	Updates        sources.List[wireUpdate]    `json:"incident_updates"`
}

type wireUpdate struct {
	Status    sources.Str                `json:"status"`
	CreatedAt sources.Str                `json:"created_at"`
	DisplayAt sources.Str                `json:"display_at"`
	Affected  sources.List[wireAffected] `json:"affected_components"`
}

type wireAffected struct {
	Code      sources.Str `json:"code"`
	Name      sources.Str `json:"name"` // "Group - Leaf"
	NewStatus sources.Str `json:"new_status"`
}

// update is an update of an incident with its times read.
type update struct {
	wireUpdate
	first time.Time // the earlier of its two times: vendors back-date display_at
	last  time.Time
}

// split reads a list of incidents. Maintenances that stand among them are
// handed back unread.
func (r *reader) split(list []wireIncident) (incidents []status.Incident, windows []wireIncident) {
	taken := pages.IDs{}
	for _, w := range list {
		if r.scheduled(w) {
			windows = append(windows, w)
		} else {
			incidents = append(incidents, r.incident(r.Key("incident", w.ID, w.Name, taken), w))
		}
	}
	return incidents, windows
}

func (r *reader) scheduled(w wireIncident) bool {
	_, maintenance := r.dialect.Maintenances[string(w.Status)]
	_, incident := r.dialect.Incidents[string(w.Status)]
	return w.ScheduledFor != "" || maintenance && !incident
}

func (r *reader) incident(id string, w wireIncident) status.Incident {
	stage := pages.Look(&r.Reader, "incident_status", r.dialect.Incidents, w.Status, pages.Stage{})
	updates := r.updates(w.Updates)
	in := status.Incident{
		ID:         id,
		Title:      w.Name.Text(),
		URL:        r.link(id, w.Shortlink),
		Impact:     pages.Look(&r.Reader, "incident_impact", r.dialect.Impacts, w.Impact, status.IndicatorUnknown),
		Monitoring: stage.Monitoring,
		Over:       stage.Over,
		Components: r.affected(w.Components, updates),
		Started:    status.Earliest(r.Time(w.StartedAt), r.Time(w.CreatedAt)),
	}
	for _, u := range updates {
		in.Started = status.Earliest(in.Started, u.first)
	}
	if in.Over {
		in.Resolved = r.resolved(w.ResolvedAt, updates, in.Started)
	}
	return in
}

// resolved is the end of an incident that is over. Back-filled ones end before
// they start: those last no time.
func (r *reader) resolved(at sources.Str, updates []update, started time.Time) time.Time {
	end := r.Time(at)
	if end.IsZero() {
		end = lastUpdate(updates)
	}
	if end.IsZero() {
		return end
	}
	return status.Latest(end, started)
}

// lastUpdate is when the newest update was made. A postmortem is written days
// after the end, so it does not count.
func lastUpdate(updates []update) time.Time {
	for _, u := range updates {
		if u.Status != "postmortem" && !u.last.IsZero() {
			return u.last
		}
	}
	return time.Time{}
}

// updates reads the times of an incident's updates and sorts them, newest
// first.
func (r *reader) updates(list []wireUpdate) []update {
	out := make([]update, 0, len(list))
	for _, w := range list {
		created, display := r.Time(w.CreatedAt), r.Time(w.DisplayAt)
		out = append(out, update{
			wireUpdate: w,
			first:      status.Earliest(created, display),
			last:       status.Latest(created, display),
		})
	}
	slices.SortStableFunc(out, func(a, b update) int { return b.last.Compare(a.last) })
	return out
}

// affected are the components that an incident names: its own list, else that
// of the newest update that names any.
func (r *reader) affected(listed []wireComponent, updates []update) []status.ComponentRef {
	if refs := r.refs(listed); len(refs) > 0 {
		return refs
	}
	for _, u := range updates {
		var refs []status.ComponentRef
		for _, a := range u.Affected {
			// Without a code it is a remark, such as that none were affected.
			if a.Code != "" {
				refs = append(refs, r.ref(a.Code, a.Name, a.NewStatus))
			}
		}
		if len(refs) > 0 {
			return refs
		}
	}
	return nil
}

func (r *reader) refs(list []wireComponent) []status.ComponentRef {
	var refs []status.ComponentRef
	for _, c := range list {
		if c.ID != "" || c.Name != "" {
			refs = append(refs, r.ref(c.ID, c.Name, c.Status))
		}
	}
	return refs
}

// ref reads a reference to a component. One without a status merely does not
// tell it.
func (r *reader) ref(id, name, word sources.Str) status.ComponentRef {
	ref := status.ComponentRef{ID: id.Text(), Name: name.Text(), Rank: status.IndicatorUnknown}
	if ref.ID == "" {
		ref.ID = ref.Name // as in the list of components
	}
	if word != "" {
		ref.Rank = r.Condition(r.dialect.Components, word).Rank
	}
	return ref
}

// windows reads scheduled maintenances. Their started_at is when they were
// announced, so only what was scheduled counts.
func (r *reader) windows(list []wireIncident) []status.Window {
	var out []status.Window
	taken := pages.IDs{}
	for _, w := range list {
		if taken[w.ID.Text()] > 0 {
			continue // it stands in both lists
		}
		id := r.Key("maintenance", w.ID, w.Name, taken)
		out = append(out, status.Window{
			ID:         id,
			Title:      w.Name.Text(),
			URL:        r.link(id, w.Shortlink),
			State:      pages.Look(&r.Reader, "maintenance_status", r.dialect.Maintenances, w.Status, status.NoState),
			Components: r.affected(w.Components, r.updates(w.Updates)),
			Start:      r.Time(w.ScheduledFor),
			End:        r.Time(w.ScheduledUntil),
		})
	}
	return out
}

// link is where a person reads about an incident: the vendor's own short link,
// else the page's usual place for it.
func (r *reader) link(id string, shortlink sources.Str) string {
	if link := sources.Link(string(shortlink)); link != "" || r.base == "" {
		return link
	}
	return sources.Link(strings.TrimRight(r.base, "/") + "/incidents/" + url.PathEscape(id))
}
