package auto

import (
	"net/url"
	"regexp"
	"strings"

	"github.com/downstatus/downstatus_exporter/sources"
	"github.com/downstatus/downstatus_exporter/sources/fetch"
)

const (
	summaryPath = "/api/v2/summary.json"
	zendeskPath = "/api/incidents/active"
)

// ulid is an id of incident.io, whose pages answer like Statuspage's.
var ulid = regexp.MustCompile(`^[0-7][0-9A-HJKMNP-TV-Z]{25}$`)

// summary probes for the Statuspage family.
func (d *detection) summary(base *url.URL) (Finding, bool) {
	body, final, ok := d.get(base.JoinPath(summaryPath), fetch.JSON)
	if !ok {
		return Finding{}, false
	}
	engine := summaryEngine(body)
	return Finding{Engine: engine, URL: settled(base, final, summaryPath), Why: summaryPath}, engine != ""
}

// summaryEngine is the engine that serves this summary, or empty if it is
// none.
func summaryEngine(body []byte) string {
	var s struct {
		Page struct {
			ID string `json:"id"`
		} `json:"page"`
		Status struct {
			Indicator string `json:"indicator"`
		} `json:"status"`
		Components []struct{} `json:"components"`
	}
	switch {
	case sources.Unmarshal(body, &s) != nil, s.Page.ID == "", s.Status.Indicator == "", s.Components == nil:
		return ""
	case ulid.MatchString(s.Page.ID):
		return "incidentio"
	default:
		return "statuspage"
	}
}

// zendesk probes for Zendesk's list of incidents.
func (d *detection) zendesk(base *url.URL) (Finding, bool) {
	body, final, ok := d.get(base.JoinPath(zendeskPath), fetch.JSON)
	if !ok || !isZendesk(body) {
		return Finding{}, false
	}
	return Finding{Engine: "zendesk", URL: settled(base, final, zendeskPath), Why: zendeskPath}, true
}

// isZendesk reads a JSON:API list of incidents. An empty one is told from any
// other empty list by its second half.
func isZendesk(body []byte) bool {
	var l struct {
		Data []struct {
			Type string `json:"type"`
		} `json:"data"`
		Included []struct{} `json:"included"`
	}
	if sources.Unmarshal(body, &l) != nil || l.Data == nil {
		return false
	}
	for _, r := range l.Data {
		if r.Type != "incident" {
			return false
		}
	}
	return len(l.Data) > 0 || l.Included != nil
}

// settled is the page that a probe found its document at: after a redirect
// the page that the document belongs to now. A document that has moved to an
// address of another form is asked for at its old one.
func settled(base, final *url.URL, path string) string {
	if strings.HasSuffix(final.Path, path) {
		return trimmed(final, path).String()
	}
	return base.String()
}
