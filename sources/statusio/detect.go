package statusio

import (
	"net/url"

	"github.com/downstatus/downstatus_exporter/sources"
)

var hosts = []string{"status.io", ".status.io"}

func init() {
	sources.RegisterDetection("statusio", sources.Detection{
		Hosts:   hosts,
		Address: recognise,
		Updated: "result.status_overall.updated",
		Marks:   marked,
		Inside:  inside,
	})
}

// recognise knows the operator's domain, and the ids in addresses elsewhere.
func recognise(page *url.URL) (sources.Config, bool) {
	return sources.Config{URL: page.String()}, AddressID(page) != "" || sources.AtHost(page, hosts...)
}

func marked(h sources.HTML) bool { return h.Loads(hosts...) || h.Own().Quotes(hosts...) }

// inside finds the page's id. One that other services have in addresses too
// counts only beside the operator's marks, or a link to it at the foot.
func inside(h sources.HTML) (sources.Config, bool) {
	id, ok := PageID(h.Own().Body, h.Page)
	if !ok || !h.Loads(hosts...) && !h.Quotes(hosts...) {
		return sources.Config{}, false
	}
	home := url.URL{Scheme: h.Page.Scheme, Host: h.Page.Host}
	return sources.Config{URL: home.String(), Options: map[string]string{"page_id": id}}, true
}
