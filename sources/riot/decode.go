package riot

import (
	"strings"

	"github.com/downstatus/downstatus_exporter/sources"
	"github.com/downstatus/downstatus_exporter/sources/fetch"
)

type document struct {
	ID           sources.Str `json:"id"`
	Name         sources.Str `json:"name"`
	Maintenances []entry     `json:"maintenances"`
	Incidents    []entry     `json:"incidents"`
}

// entry is an incident or a maintenance.
type entry struct {
	ID        sources.Str               `json:"id"`
	Created   sources.Str               `json:"created_at"`
	Archived  sources.Str               `json:"archive_at"`
	Titles    sources.List[text]        `json:"titles"`
	Updates   sources.List[note]        `json:"updates"`
	Platforms sources.List[sources.Str] `json:"platforms"`
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
	for _, t := range e.Titles {
		locale := strings.ReplaceAll(strings.ToLower(string(t.Locale)), "-", "_")
		r := 0
		switch {
		case locale == "en_us":
			r = 2
		case strings.HasPrefix(locale, "en"):
			r = 1
		}
		if content := sources.Text(string(t.Content), sources.TextLimit); content != "" && r > rank {
			best, rank = content, r
		}
	}
	return best
}

// decode wants the region's id and both lists: calm is only lists that are
// there and empty.
func decode(body []byte) (*document, error) {
	var d document
	if err := sources.Unmarshal(body, &d); err != nil {
		return nil, err
	}
	if d.ID == "" || d.Maintenances == nil || d.Incidents == nil {
		return nil, fetch.Shapef("not a status document of Riot: no id, or no lists of maintenances and incidents")
	}
	for _, list := range [...][]entry{d.Maintenances, d.Incidents} {
		for _, e := range list {
			if sources.Text(string(e.ID), sources.TextLimit) == "" {
				return nil, fetch.Shapef("not a status document of Riot: an entry has no id")
			}
		}
	}
	return &d, nil
}
