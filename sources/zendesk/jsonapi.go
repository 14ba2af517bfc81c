package zendesk

import (
	"cmp"
	"encoding/json"
	"regexp"
	"slices"

	"github.com/downstatus/downstatus_exporter/internal/status"
	"github.com/downstatus/downstatus_exporter/sources"
	"github.com/downstatus/downstatus_exporter/sources/fetch"
)

// document is a list in the manner of JSON:API.
type document struct {
	Data     *[]resource            `json:"data"`
	Included sources.List[resource] `json:"included"`

	strange error // what is in the list and not understood: it might be the trouble
}

// resource is any object of such a document.
type resource struct {
	Type          string          `json:"type"`
	ID            sources.Str     `json:"id"`
	Attributes    *attributes     `json:"attributes"`
	Relationships map[string]link `json:"relationships"`
}

// attributes are those of all types together; every type has its part.
type attributes struct {
	Title       sources.Str  `json:"title"`
	Impact      sources.Str  `json:"impact"`
	Status      sources.Str  `json:"status"`
	Outage      sources.Bool `json:"outage"`
	Degradation sources.Bool `json:"degradation"`
	StartedAt   sources.Str  `json:"started_at"`
	ResolvedAt  sources.Str  `json:"resolved_at"`
	CreatedAt   sources.Str  `json:"created_at"`

	MaintenanceStart sources.Str `json:"maintenance_start_time"`
	MaintenanceEnd   sources.Str `json:"maintenance_end_time"`

	IncidentID sources.Str `json:"incident_id"` // of an incident_service
	ServiceID  sources.Str `json:"service_id"`
	Name       sources.Str `json:"name"` // of a service
	Slug       sources.Str `json:"slug"`
}

// link is a relationship: to one resource or to a list of them.
type link struct {
	Data idents `json:"data"`
}

// idents are the ids of related resources.
type idents []sources.Str

// UnmarshalJSON reads one identifier like a list of one.
func (l *idents) UnmarshalJSON(b []byte) error {
	type ident struct {
		ID sources.Str `json:"id"`
	}
	list := make([]ident, 1)
	var into any = &list[0]
	if b[0] == '[' {
		into = &list
	}
	if err := json.Unmarshal(b, into); err != nil {
		return err
	}
	for _, one := range list {
		if one.ID != "" {
			*l = append(*l, one.ID)
		}
	}
	return nil
}

// maxID is the longest id that is kept, in bytes.
const maxID = 64

// ids are those that may become part of an address.
var ids = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)

// check holds a listed object against what an incident must have.
func (r resource) check() error {
	if r.Type != "incident" || !ids.MatchString(string(r.ID)) || r.Attributes == nil {
		return fetch.Shapef("an object of type %q with id %q under data is no incident",
			sources.Text(r.Type, maxID), sources.Text(string(r.ID), maxID))
	}
	return nil
}

// isMaintenance tells planned work by having a schedule and no course.
func (r resource) isMaintenance() bool {
	a := r.Attributes
	return a.MaintenanceStart != "" && a.StartedAt == "" && a.Status == ""
}

// unresolved holds for a time that is not understood, too.
func (r resource) unresolved() bool { return instant(r.Attributes.ResolvedAt).IsZero() }

// related is the id that an attribute gives, else a relationship.
func (r resource) related(attribute sources.Str, name string) sources.Str {
	if ids := r.Relationships[name].Data; attribute == "" && len(ids) > 0 {
		return ids[0]
	}
	return attribute
}

// index finds the included resources of a document.
type index struct {
	parts   map[sources.Str][]resource // incident_services, by the incident that they name
	loose   map[sources.Str]resource   // incident_services that name none, by their own id
	updates map[sources.Str]resource   // by their own id: they never name an incident
	names   map[sources.Str]string     // of services, by id
}

// newIndex goes through the included resources once: an incident may have many.
func newIndex(included []resource) index {
	x := index{map[sources.Str][]resource{}, map[sources.Str]resource{}, map[sources.Str]resource{}, map[sources.Str]string{}}
	for _, r := range included {
		if r.Attributes == nil {
			continue
		}
		switch owner := r.related(r.Attributes.IncidentID, "incident"); {
		case r.Type == "service":
			x.names[r.ID] = cmp.Or(r.Attributes.Name, r.Attributes.Slug).Text()
		case r.Type == "incident_update":
			x.updates[r.ID] = r
		case r.Type == "incident_service" && owner == "":
			x.loose[r.ID] = r
		case r.Type == "incident_service":
			x.parts[owner] = append(x.parts[owner], r)
		}
	}
	return x
}

// affected are the incident_services of an incident. The ids under its
// relationships can be those of other records than the included ones, so they
// decide only where an incident_service does not name its incident.
func (x index) affected(incident resource) []resource {
	out := slices.Clone(x.parts[incident.ID])
	for _, id := range incident.Relationships["incident_services"].Data {
		if r, ok := x.loose[id]; ok {
			out = append(out, r)
		}
	}
	return out
}

// ref names the service of an incident_service; false where it names none.
func (x index) ref(r resource) (status.ComponentRef, bool) {
	id := r.related(r.Attributes.ServiceID, "service")
	return status.ComponentRef{ID: sources.Text(string(id), maxID), Name: x.names[id]}, id != ""
}
