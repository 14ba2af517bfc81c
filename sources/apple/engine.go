// Package apple reads Apple's two system status documents: the one for
// customers and the one for developers.
package apple

import (
	"net/url"
	"strings"
	"time"

	"github.com/downstatus/downstatus_exporter/sources"
	"github.com/downstatus/downstatus_exporter/sources/fetch"
	"github.com/downstatus/downstatus_exporter/sources/internal/keep"
	"github.com/downstatus/downstatus_exporter/sources/internal/vendors"
)

const (
	customerPage      = "https://www.apple.com/support/systemstatus"
	customerDocument  = "/support/systemstatus/data/system_status_en_US.js"
	developerPage     = "https://developer.apple.com/system-status"
	developerDocument = "/support/systemstatus/data/developer/system_status_en_US.js"
)

func init() {
	sources.Register(sources.Engine{
		Name:  "apple",
		Title: "Apple System Status",
		Reads: "https://www.apple.com" + customerDocument + ", or `data/developer/…` of the same name",
		Options: []sources.Option{
			{Name: "services", Help: "services that count, by name as the page lists them, such as iCloud Mail or iCloud *; without it all of them", List: true},
		},
		Target:      target,
		Open:        open,
		MinInterval: time.Minute,
	})
}

// target chooses the document by the address: a document's own, the page for
// developers, else the one for customers. A mirror serves both.
func target(c sources.Config) (sources.Target, error) {
	if strings.TrimSpace(c.URL) == "" {
		c.URL = customerPage
	}
	page, err := sources.ParseURL(c.URL)
	if err != nil {
		return sources.Target{}, err
	}
	own := vendors.Under(page.Hostname(), "apple.com")
	t := sources.Target{Page: page, Document: page, Options: c.Options}
	switch developer := forDevelopers(page); {
	case strings.HasSuffix(page.Path, ".js") && own:
		t.Page, err = sources.ParseURL(pageOf(developer))
	case strings.HasSuffix(page.Path, ".js"):
	case own:
		t.Document = &url.URL{Scheme: "https", Host: "www.apple.com", Path: documentOf(developer)}
	default:
		t.Document = vendors.At(page, documentOf(developer))
	}
	return t, err
}

func forDevelopers(u *url.URL) bool {
	return strings.HasPrefix(u.Host, "developer.") || strings.Contains(u.Path, "/developer/") || strings.HasSuffix(u.Path, "/system-status")
}

func pageOf(developer bool) string {
	if developer {
		return developerPage
	}
	return customerPage
}

func documentOf(developer bool) string {
	if developer {
		return developerDocument
	}
	return customerDocument
}

// open makes a source. Its document is JavaScript by name and media type, so
// that the decoder judges what it is.
func open(t sources.Target, c *fetch.Client) sources.Source {
	v := viewer{page: t.Page.String(), services: vendors.ParseList(t.Options["services"])}
	s := keep.Open(t, c, decode, v.read)
	s.Document.Media = fetch.Any
	return s
}
