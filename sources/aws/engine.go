// Package aws reads the public AWS Health Dashboard: one document of the events
// that are open or just over, in all services and regions, and one of the past.
package aws

import (
	"cmp"
	"context"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/downstatus/downstatus_exporter/internal/status"
	"github.com/downstatus/downstatus_exporter/sources"
	"github.com/downstatus/downstatus_exporter/sources/fetch"
	"github.com/downstatus/downstatus_exporter/sources/internal/cloud"
	"github.com/downstatus/downstatus_exporter/sources/internal/keep"
	"github.com/downstatus/downstatus_exporter/sources/internal/pages"
)

const (
	home        = "https://health.aws.amazon.com"
	pagePath    = "/health/status"
	docPath     = "/public/currentevents"
	historyPath = "/historyevents.json"
	legacy      = "status.aws.amazon.com" // redirects people to the page, but has no such document
)

func init() {
	sources.Register(sources.Engine{
		Name:        "aws",
		Title:       "AWS Health Dashboard",
		Reads:       home + docPath + "; the history at the first poll and when an event has left",
		Options:     cloud.Options,
		Target:      target,
		Elsewhere:   func(t sources.Target) []*url.URL { return histories(t.Document) },
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

// historyHost has the events of the last twelve months. Any of the regions will
// do; a mirror has them next to the current events.
const historyHost = "history-events-%s-prod.s3.amazonaws.com"

var historyRegions = []string{"us-west-2", "us-east-1", "eu-west-1", "ap-northeast-1"}

func histories(document *url.URL) (out []*url.URL) {
	if "https://"+document.Host != home {
		mirror := *document
		mirror.Path = strings.TrimSuffix(mirror.Path, docPath) + historyPath
		return []*url.URL{&mirror}
	}
	for _, region := range historyRegions {
		out = append(out, &url.URL{Scheme: "https", Host: fmt.Sprintf(historyHost, region), Path: historyPath})
	}
	return out
}

func open(t sources.Target, c *fetch.Client) sources.Source {
	page := cloud.Page{Name: "Amazon Web Services", URL: t.Page.String(), Scope: cloud.ScopeOf(t.Options)}
	decode := func(body []byte) (*document, error) { return decode(body, page.URL) }
	s := keep.Open(t, c, decode, func(d *document, now time.Time) (sources.Reading, error) {
		return pages.Doubted(page.Read(d.events, d.unknown, now), d.doubt)
	})
	s.History = func(ctx context.Context, now time.Time, _ []status.Incident) ([]status.Incident, error) {
		return past(ctx, c, page, histories(t.Document), now)
	}
	return s
}

// past asks for the history, of the first region that has a good one.
func past(ctx context.Context, c *fetch.Client, page cloud.Page, places []*url.URL, now time.Time) (list []status.Incident, err error) {
	for _, place := range places {
		body, _, fault := c.Get(ctx, place.String(), fetch.JSON)
		var events []cloud.Event
		if fault == nil {
			events, fault = decodeHistory(body, page.URL)
		}
		if fault == nil {
			r := page.Read(events, nil, now)
			return append(r.Ended, r.Page.Incidents...), nil
		}
		err = cmp.Or(err, fault)
	}
	return nil, err
}
