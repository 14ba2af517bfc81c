package auto

import (
	"net/url"
	"regexp"
	"strings"

	"github.com/downstatus/downstatus_exporter/sources"
	"github.com/downstatus/downstatus_exporter/sources/fetch"
)

var (
	link      = regexp.MustCompile(`(?i)<link\b[^>]*>`)
	attribute = regexp.MustCompile(`(?i)\s(rel|type|href)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))`)
	feedPath  = regexp.MustCompile(`(?i)\.(?:rss|atom|xml)$|/(?:feed|rss|atom)(?:/|$)`)
	feedRoot  = regexp.MustCompile(`(?i)<(?:rss|feed|rdf:rdf)\b`)
	// aboutStatus is said by addresses of status pages. Without it a feed is
	// taken for that of some blog, whose calm says nothing.
	aboutStatus = regexp.MustCompile(`(?i)status|incident|health|/history\.(?:atom|rss)$`)
)

// pasted is the feed that an address leads to, where it looks like one.
func (d *detection) pasted(u *url.URL) (Finding, bool) {
	if _, ok := sources.Lookup("feed"); !ok || !feedPath.MatchString(u.Path) || !aboutStatus.MatchString(u.Host+u.Path) {
		return Finding{}, false
	}
	body, _, ok := d.get(u, fetch.XML)
	if !ok || !feedRoot.Match(body) {
		return Finding{}, false
	}
	return Finding{Engine: "feed", Config: sources.Config{URL: u.String()}, Why: "the feed at the address", Final: u.Redacted()}, true
}

// feed is the last resort: a page that no engine knows, but that advertises a
// feed. It is not taken while a request that failed leaves an engine possible,
// nor for pages of an engine whose documents are switched off.
func (d *detection) feed(html sources.HTML) (Finding, bool) {
	if _, ok := sources.Lookup("feed"); !ok || d.open != nil || d.stopped || d.operator() != "" {
		return Finding{}, false
	}
	address, ok := advertised(html)
	if !ok {
		return Finding{}, false
	}
	return Finding{Engine: "feed", Config: sources.Config{URL: address}, Why: "a feed that the page advertises"}, true
}

// advertised is the first feed that the head of a status page names.
func advertised(html sources.HTML) (string, bool) {
	for _, tag := range link.FindAll(html.Body, -1) {
		said := map[string]string{}
		for _, m := range attribute.FindAllSubmatch(tag, -1) {
			said[strings.ToLower(string(m[1]))] = string(m[2]) + string(m[3]) + string(m[4])
		}
		kind := strings.ToLower(said["type"])
		if !strings.EqualFold(said["rel"], "alternate") || kind != "application/rss+xml" && kind != "application/atom+xml" {
			continue
		}
		u, err := html.Page.Parse(strings.ReplaceAll(said["href"], "&amp;", "&"))
		if err == nil && sources.Link(u.String()) != "" && about(html.Page, u) {
			return u.String(), true
		}
	}
	return "", false
}

// about reports whether the addresses of a page or of its feed speak of
// status.
func about(page, feed *url.URL) bool {
	return aboutStatus.MatchString(page.Host+page.Path) || aboutStatus.MatchString(feed.Host+feed.Path)
}
