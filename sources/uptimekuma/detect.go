package uptimekuma

import (
	"bytes"
	"net/url"

	"github.com/downstatus/downstatus_exporter/sources"
)

func init() {
	sources.RegisterDetection("uptimekuma", sources.Detection{
		Probes: []sources.Probe{{Order: 8, At: pageDocument, Match: sources.Decodes(decodePage)}},
		Marks:  func(h sources.HTML) bool { return bytes.Contains(h.Body, []byte("window.preloadData")) },
	})
}

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
