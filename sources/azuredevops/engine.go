// Package azuredevops reads the Status API of Azure DevOps: one document with
// the health of every service in every geography.
package azuredevops

import (
	"context"
	"net/url"
	"strings"
	"time"

	"github.com/downstatus/downstatus_exporter/internal/status"
	"github.com/downstatus/downstatus_exporter/sources"
	"github.com/downstatus/downstatus_exporter/sources/fetch"
	"github.com/downstatus/downstatus_exporter/sources/internal/keep"
	"github.com/downstatus/downstatus_exporter/sources/internal/scopes"
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

type source struct {
	home     string
	services scopes.List
	client   *fetch.Client
	health   fetch.Document[health]

	page *status.Page // of the last good poll
}

func newSource(t sources.Target, c *fetch.Client) sources.Source {
	return &source{
		home:     t.Page.String(),
		services: scopes.Parse(t.Options["services"]),
		client:   c,
		health:   fetch.Document[health]{URL: t.Document.String(), Media: fetch.JSON, Decode: decode},
	}
}

// Poll asks for the document. It carries a clock, so that a page is made anew
// only where something else has changed.
func (s *source) Poll(ctx context.Context, _ time.Time) (sources.Reading, error) {
	h, changed, err := s.health.Get(ctx, s.client)
	if err != nil {
		return sources.Reading{}, err
	}
	components, missing := s.services.Pick(h.components)
	if len(components) == 0 {
		return sources.Reading{}, fetch.Shapef("services: the page lists nothing called %s", s.services)
	}
	r := sources.Reading{}
	if changed {
		s.page = keep.Page(s.page, &status.Page{
			Name: "Azure DevOps", URL: s.home, Word: h.word, Components: components,
			Scoped: s.services.Active(), UnknownWords: h.unknown,
		})
		r.Notes = scopes.Note("services", missing)
	}
	r.Page = s.page
	return r, nil
}
