package incidentio

import (
	"bytes"
	"regexp"

	"github.com/downstatus/downstatus_exporter/internal/status"
	"github.com/downstatus/downstatus_exporter/sources"
	"github.com/downstatus/downstatus_exporter/sources/statuspage"
)

var hosts = []string{"incident.io", ".incident.io"}

func init() {
	sources.RegisterDetection("incidentio", sources.Detection{
		Hosts:   hosts,
		Probes:  []sources.Probe{{Path: "/api/v2/summary.json", Order: 1, Match: matches}},
		Updated: "page.updated_at",
		Marks:   marked,
		Wrote:   func(p *status.Page) bool { return statuspage.IDs(p, ulid) },
	})
}

// ulid is the form of this operator's ids.
var ulid = regexp.MustCompile(`^[0-7][0-9A-HJKMNP-TV-Z]{25}$`)

// matches tells a page from those of Statuspage, whose API it speaks, by its
// id.
func matches(body []byte) bool {
	id, ok := statuspage.PageID(body)
	return ok && ulid.MatchString(id)
}

// marked looks for the operator's assets, also in the data that the page's
// script is given.
func marked(h sources.HTML) bool {
	return h.Loads(hosts...) ||
		bytes.Contains(h.Body, []byte("self.__next_f.push")) && h.Own().Quotes(hosts...)
}
