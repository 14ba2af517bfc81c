// Package azure reads the RSS feed of Azure's status page, which lists the
// incidents that are open now and nothing else.
package azure

import (
	"cmp"
	"context"
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/downstatus/downstatus_exporter/sources"
	"github.com/downstatus/downstatus_exporter/sources/fetch"
	"github.com/downstatus/downstatus_exporter/sources/internal/cloud"
)

const (
	home     = "https://azure.status.microsoft"
	pagePath = "/en-us/status"
	// feedHost serves the feed, but no page for people.
	feedHost = "rssfeed."
	// fresh is how old a feed may be. It is rebuilt every minute, and an empty
	// one means calm only if it is of now.
	fresh = 30 * time.Minute
)

func init() {
	sources.Register(sources.Engine{
		Name:        "azure",
		Title:       "Microsoft Azure",
		Reads:       home + pagePath + "/feed/",
		Options:     cloud.Options,
		Target:      target,
		Open:        open,
		MinInterval: time.Minute,
	})
}

// below takes the page in any language, the feed and other views off a path:
// the tables know English names.
var below = regexp.MustCompile(`(/[a-z]{2}-[a-z]{2})?/status(/feed|/history)?$`)

// target takes the page or the feed; there is one page, so that no address is
// needed.
func target(c sources.Config) (sources.Target, error) {
	u, err := sources.ParseURL(cmp.Or(strings.TrimSpace(c.URL), home))
	if err != nil {
		return sources.Target{}, err
	}
	u.Path = below.ReplaceAllString(u.Path, "") + pagePath
	page := *u
	page.Host = strings.TrimPrefix(page.Host, feedHost)
	return sources.Target{Page: &page, Document: u.JoinPath("feed/"), Options: c.Options}, nil
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
			URL: t.Document.String(), Media: fetch.XML,
			Decode: func(body []byte) (*document, error) { return decode(body, page) },
		},
		page: cloud.Page{Name: "Microsoft Azure", URL: page, Scope: cloud.ScopeOf(t.Options)},
	}
}

// Poll asks for the feed. One that is not of now proves nothing, not even if
// the server says that it is unchanged.
func (s *source) Poll(ctx context.Context, now time.Time) (sources.Reading, error) {
	d, _, err := s.doc.Get(ctx, s.client)
	if err != nil {
		return sources.Reading{}, err
	}
	if age := now.Sub(d.built); age > fresh {
		return sources.Reading{}, &fetch.Error{
			Reason: fetch.Stale,
			Err:    fmt.Errorf("%s was built %s ago, and is rebuilt every minute", s.doc.URL, age.Round(time.Second)),
		}
	}
	return s.page.Read(d.events, d.unknown, now), nil
}
