package uptimekuma

import (
	"net/url"
	"regexp"

	"github.com/downstatus/downstatus_exporter/sources"
)

func init() {
	sources.RegisterDetection("uptimekuma", sources.Detection{
		Probes: []sources.Probe{{Order: 8, At: pageDocument, Match: sources.Decodes(decodePage)}},
		Marks:  func(h sources.HTML) bool { return preload.Match(h.Body) },
	})
}

// preload is the data that the page comes with: in a script, and in later
// versions in an attribute of one. The words alone may be anybody's.
var preload = regexp.MustCompile(`<script\b[^>]*(?:\bid="preload-data"|>[^<]*\bwindow\.preloadData\s*=)`)

// pageDocument is the document of the page that an address shows, else of the
// default one.
func pageDocument(page *url.URL) *url.URL {
	slug := defaultSlug
	if m := inPath.FindStringSubmatch(page.Path); m != nil {
		base := *page
		base.Path, slug = m[1], m[2]
		page = &base
	}
	return page.JoinPath(pagePath, slug)
}
