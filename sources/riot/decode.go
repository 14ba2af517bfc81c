package riot

import (
	"cmp"
	"slices"
	"strings"

	"github.com/downstatus/downstatus_exporter/sources"
	"github.com/downstatus/downstatus_exporter/sources/fetch"
	"github.com/downstatus/downstatus_exporter/sources/internal/vendors"
)

type document struct {
	ID           sources.Str         `json:"id"`
	Name         sources.Str         `json:"name"`
	Maintenances vendors.Each[entry] `json:"maintenances"`
	Incidents    vendors.Each[entry] `json:"incidents"`
}

// entry is an incident or a maintenance.
type entry struct {
	ID        sources.Str               `json:"id"`
	Created   sources.Str               `json:"created_at"`
	Archived  sources.Str               `json:"archive_at"`
	Titles    vendors.Each[text]        `json:"titles"`
	Updates   vendors.Each[note]        `json:"updates"`
	Platforms vendors.Each[sources.Str] `json:"platforms"`
	Severity  sources.Str               `json:"incident_severity"`
	State     sources.Str               `json:"maintenance_status"`
}

type note struct {
	Created sources.Str `json:"created_at"`
}

type text struct {
	Locale  sources.Str `json:"locale"`
	Content sources.Str `json:"content"`
}

// title is the English one, American before British; else whichever comes
// first.
func (e entry) title() string {
	best, rank := "", -1
	for _, t := range e.Titles.All {
		locale := strings.ReplaceAll(strings.ToLower(string(t.Locale)), "-", "_")
		r := 0
		switch {
		case locale == "en_us":
			r = 2
		case strings.HasPrefix(locale, "en"):
			r = 1
		}
		if content := t.Content.Text(); content != "" && r > rank {
			best, rank = content, r
		}
	}
	return best
}

// decode wants the list of incidents, and the region's id or the other list:
// calm is only lists that are there and empty.
func decode(body []byte) (*document, error) {
	var d document
	if err := sources.Unmarshal(body, &d); err != nil {
		return nil, err
	}
	if !d.Incidents.Listed || d.ID == "" && !d.Maintenances.Listed {
		return nil, fetch.Shapef("not a status document of Riot: no list of incidents, or neither id nor maintenances")
	}
	return &d, nil
}

// doubt tells of what is missing or not understood.
func (d *document) doubt() error {
	if d.ID == "" || !d.Maintenances.Listed {
		return fetch.Shapef("not a status document of Riot: no id, or no list of maintenances")
	}
	for _, e := range slices.Concat(d.Maintenances.All, d.Incidents.All) {
		if id(e) == "" {
			return fetch.Shapef("an entry has neither id nor title")
		}
	}
	return cmp.Or(d.Incidents.Doubt, d.Maintenances.Doubt)
}
