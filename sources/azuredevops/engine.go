// Package azuredevops reads the Status API of Azure DevOps: one document with
// the health of every service in every geography.
package azuredevops

import (
	"net/url"
	"strings"
	"time"

	"github.com/downstatus/downstatus_exporter/internal/status"
	"github.com/downstatus/downstatus_exporter/sources"
	"github.com/downstatus/downstatus_exporter/sources/fetch"
	"github.com/downstatus/downstatus_exporter/sources/internal/keep"
	"github.com/downstatus/downstatus_exporter/sources/internal/pages"
	"github.com/downstatus/downstatus_exporter/sources/internal/vendors"
)

const (
	defaultURL = "https://status.dev.azure.com"
	healthPath = "/_apis/status/health"
	apiVersion = "7.1-preview.1"
)

func init() {
	sources.Register(sources.Engine{
		Name:  "azuredevops",
		Title: "Azure DevOps Status API",
		Reads: "`" + healthPath + "?api-version=" + apiVersion + "`",
		Options: []sources.Option{
			{Name: "services", Help: "services or geographies that count, such as Pipelines, Boards/EU or */US; without it all of them", List: true},
		},
		Target:      target,
		Open:        newSource,
		MinInterval: time.Minute, // the vendor caches answers as long
	})
}

// target takes the page or the document.
func target(c sources.Config) (sources.Target, error) {
	if strings.TrimSpace(c.URL) == "" {
		c.URL = defaultURL
	}
	t, err := sources.PageTarget(c, healthPath)
	if err != nil {
		return sources.Target{}, err
	}
	t.Document.RawQuery = url.Values{"api-version": {apiVersion}}.Encode()
	return t, nil
}

// newSource makes a source. The document carries a clock, so that a page is
// made anew only where something else has changed.
func newSource(t sources.Target, c *fetch.Client) sources.Source {
	services := vendors.ParseList(t.Options["services"])
	return keep.Open(t, c, decode, func(h health, _ time.Time) (sources.Reading, error) {
		r := sources.Reading{Page: &status.Page{
			Name: "Azure DevOps", URL: t.Page.String(), Word: h.word, Components: h.components, UnknownWords: h.unknown,
		}}
		if err := vendors.Narrow(&r, "services", services); err != nil {
			return r, err
		}
		return pages.Doubted(r, h.doubt)
	})
}
