// Package meta reads Meta's status page of its business products: ads, APIs
// and messaging for businesses. Facebook, Instagram and WhatsApp as people use
// them are not on it.
package meta

import (
	"maps"
	"net/url"
	"strings"
	"time"

	"github.com/downstatus/downstatus_exporter/sources"
	"github.com/downstatus/downstatus_exporter/sources/fetch"
	"github.com/downstatus/downstatus_exporter/sources/internal/keep"
	"github.com/downstatus/downstatus_exporter/sources/internal/vendors"
)

const (
	home         = "https://metastatus.com"
	documentPath = "/data/orgs.json"
	option       = "services"
)

func init() {
	sources.Register(sources.Engine{
		Name:  "meta",
		Title: "Meta Status",
		Reads: home + documentPath,
		Options: []sources.Option{
			{Name: option, Help: "products or services that count, by id or name, such as whatsapp-business-api or Graph API; without it all of them", List: true},
		},
		Target:      target,
		Open:        open,
		MinInterval: time.Minute,
	})
}

// target accepts the page, the document, or the page of one product, whose id
// is its path: that one is meant, unless the option says otherwise.
func target(c sources.Config) (sources.Target, error) {
	if strings.TrimSpace(c.URL) == "" {
		c.URL = home
	}
	page, err := sources.ParseURL(c.URL)
	if err != nil {
		return sources.Target{}, err
	}
	page.Path = strings.TrimSuffix(page.Path, documentPath)
	t := sources.Target{Page: page, Document: vendors.At(page, documentPath), Options: c.Options}
	if !vendors.Under(page.Hostname(), "metastatus.com") {
		t.Document = page.JoinPath(documentPath)
		return t, nil
	}
	t.Document = &url.URL{Scheme: "https", Host: "metastatus.com", Path: documentPath}
	if product := strings.Trim(page.Path, "/"); product != "" && c.Options[option] == "" {
		t.Options = maps.Clone(c.Options)
		if t.Options == nil {
			t.Options = map[string]string{}
		}
		t.Options[option] = product
	}
	return t, nil
}

func open(t sources.Target, c *fetch.Client) sources.Source {
	v := viewer{page: t.Page.String(), services: vendors.ParseList(t.Options[option])}
	return keep.Open(t, c, decode, v.read)
}
