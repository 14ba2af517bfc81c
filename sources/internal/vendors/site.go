package vendors

import (
	"cmp"
	"net/url"
	"strings"

	"github.com/downstatus/downstatus_exporter/sources"
)

// Site is where a vendor publishes one document for each region.
type Site struct {
	Page    string   // where people read it
	Origin  string   // where the documents are
	Path    string   // of a document, before its region
	Suffix  string   // of a document, after its region
	Domains []string // the vendor's own: addresses there lead to Origin
}

// Region is the region that an address of a document names; empty for any
// other address.
func (s Site) Region(raw string) string {
	u, err := sources.ParseURL(raw)
	if err != nil {
		return ""
	}
	_, region, _ := strings.Cut(u.Path, s.Path)
	return strings.TrimSuffix(region, s.Suffix)
}

// Target is the document of one region. An address that is not the vendor's
// own is that of a mirror, which serves page and documents.
func (s Site) Target(c sources.Config, region string) (sources.Target, error) {
	t := sources.Target{Value: region, Options: c.Options}
	given, err := sources.ParseURL(cmp.Or(strings.TrimSpace(c.URL), s.Page))
	if err != nil {
		return t, err
	}
	origin := given
	if Under(given.Hostname(), s.Domains...) {
		if origin, err = sources.ParseURL(s.Origin); err != nil {
			return t, err
		}
	}
	before, _, isDocument := strings.Cut(given.Path, s.Path)
	if isDocument {
		given.Path = before
		if origin != given {
			given, err = sources.ParseURL(s.Page)
		}
	}
	t.Page, t.Document = given, origin.JoinPath(s.Path+region+s.Suffix)
	return t, err
}

// Under reports whether a host is one of the domains, or below one.
func Under(host string, domains ...string) bool {
	for _, d := range domains {
		if host == d || strings.HasSuffix(host, "."+d) {
			return true
		}
	}
	return false
}

// At is a document of another path at the origin of an address.
func At(u *url.URL, path string) *url.URL {
	return &url.URL{Scheme: u.Scheme, User: u.User, Host: u.Host, Path: path}
}
