package statuspage

import (
	"net/url"
	"path"
	"regexp"
	"slices"

	"github.com/downstatus/downstatus_exporter/internal/status"
	"github.com/downstatus/downstatus_exporter/sources"
)

func init() {
	sources.RegisterDetection("statuspage", sources.Detection{
		Hosts:   []string{"statuspage.io", ".statuspage.io", "status.atlassian.com"},
		Ends:    regexp.MustCompile(`/(?:api/v2/[a-z/-]+\.json|history\.(?:atom|rss))$`),
		Probes:  []sources.Probe{{Path: summaryPath, Order: 2, Match: matches}},
		Updated: "page.updated_at",
		Marks:   marked,
		Wrote:   func(p *status.Page) bool { return IDs(p, shortID) },
	})
}

// matches takes every page that speaks this API. Dialects with an engine of
// their own come first in Order.
func matches(body []byte) bool {
	_, ok := PageID(body)
	return ok
}

// PageID is the id of the page that a summary.json is of; false if the body is
// none.
func PageID(body []byte) (string, bool) {
	var doc wireDocument
	if sources.Unmarshal(body, &doc) != nil || !doc.Page.named() || doc.lack() != nil {
		return "", false
	}
	return string(doc.Page.ID), doc.Page.ID != ""
}

// shortID is the form of this operator's ids.
var shortID = regexp.MustCompile(`^[0-9a-z]{12}$`)

// IDs reports whether a page has components, and the ids of all of them a form.
func IDs(p *status.Page, form *regexp.Regexp) bool {
	return len(p.Components) > 0 && !slices.ContainsFunc(p.Components, func(c status.Component) bool { return !form.MatchString(c.ID) })
}

// marked looks for the operator's assets.
func marked(h sources.HTML) bool {
	return slices.ContainsFunc(h.Assets(), func(u *url.URL) bool {
		return sources.AtHost(u, "statuspage.io", ".statuspage.io", "dka575ofm4ao0.cloudfront.net") || path.Base(u.Path) == "se-v2.js"
	})
}
