// Package azure reads the RSS feed of Azure's status page, which lists the
// incidents that are open now and nothing else.
package azure

import (
	"cmp"
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/downstatus/downstatus_exporter/sources"
	"github.com/downstatus/downstatus_exporter/sources/fetch"
	"github.com/downstatus/downstatus_exporter/sources/internal/cloud"
	"github.com/downstatus/downstatus_exporter/sources/internal/keep"
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

// open makes a source. A feed that is not of now proves nothing, not even if
// the server says that it is unchanged.
func open(t sources.Target, c *fetch.Client) sources.Source {
	page := cloud.Page{Name: "Microsoft Azure", URL: t.Page.String(), Scope: cloud.ScopeOf(t.Options)}
	decode := func(body []byte) (*document, error) { return decode(body, page.URL) }
	s := keep.Open(t, c, decode, func(d *document, now time.Time) (sources.Reading, error) {
		if age := now.Sub(d.built); age > fresh {
			return sources.Reading{}, &fetch.Error{
				Reason: fetch.Stale,
				Err:    fmt.Errorf("%s was built %s ago, and is rebuilt every minute", t.Document, age.Round(time.Second)),
			}
		}
		return page.Read(d.events, d.unknown, now), nil
	})
	s.Document.Media = fetch.XML
	return s
}
