// Package aws reads the public AWS Health Dashboard: one document of the events
// that are open or just over, in all services and regions.
package aws

import (
	"cmp"
	"context"
	"net/url"
	"strings"
	"time"

	"github.com/downstatus/downstatus_exporter/sources"
	"github.com/downstatus/downstatus_exporter/sources/fetch"
	"github.com/downstatus/downstatus_exporter/sources/internal/cloud"
)

const (
	home     = "https://health.aws.amazon.com"
	pagePath = "/health/status"
	docPath  = "/public/currentevents"
	legacy   = "status.aws.amazon.com" // redirects people to the page, but has no such document
)

func init() {
	sources.Register(sources.Engine{
		Name:        "aws",
		Title:       "AWS Health Dashboard",
		Reads:       home + docPath,
		Options:     cloud.Options,
		Target:      target,
		Open:        open,
		MinInterval: time.Minute,
	})
}

// target takes the page or the document, here or on a mirror; there is one
// page, so that no address is needed.
func target(c sources.Config) (sources.Target, error) {
	u, err := sources.ParseURL(cmp.Or(strings.TrimSpace(c.URL), home))
	if err != nil {
		return sources.Target{}, err
	}
	if u.Hostname() == legacy {
		u = &url.URL{Scheme: "https", Host: strings.TrimPrefix(home, "https://")}
	}
	for _, end := range [...]string{docPath, pagePath, "/health"} {
		u.Path = strings.TrimSuffix(u.Path, end)
	}
	return sources.Target{Page: below(u, pagePath), Document: below(u, docPath), Options: c.Options}, nil
}

func below(u *url.URL, path string) *url.URL {
	out := *u
	out.Path += path
	return &out
}

type source struct {
	client *fetch.Client
	doc    fetch.Document[*document]
	page   cloud.Page
}

func open(t sources.Target, c *fetch.Client) sources.Source {
	page := t.Page.String()
	return &source{
		client: c,
		doc: fetch.Document[*document]{
			URL: t.Document.String(), Media: fetch.JSON,
			Decode: func(body []byte) (*document, error) { return decode(body, page) },
		},
		page: cloud.Page{Name: "Amazon Web Services", URL: page, Scope: cloud.ScopeOf(t.Options)},
	}
}

// Poll asks for the document.
func (s *source) Poll(ctx context.Context, now time.Time) (sources.Reading, error) {
	d, _, err := s.doc.Get(ctx, s.client)
	if err != nil {
		return sources.Reading{}, err
	}
	return s.page.Read(d.events, d.unknown, now), nil
}
