// Package betterstack reads pages of Better Stack, formerly Better Uptime.
package betterstack

import (
	"time"

	"github.com/downstatus/downstatus_exporter/sources"
	"github.com/downstatus/downstatus_exporter/sources/fetch"
	"github.com/downstatus/downstatus_exporter/sources/internal/keep"
	"github.com/downstatus/downstatus_exporter/sources/internal/pages"
)

const indexPath = "/index.json"

func init() {
	sources.Register(sources.Engine{
		Name:   "betterstack",
		Title:  "Better Stack",
		Reads:  indexPath,
		Target: pages.Target(indexPath),
		// Reports are judged by the time of each poll: one with an end may be over
		// although the document has not changed.
		Open: func(t sources.Target, c *fetch.Client) sources.Source {
			home := t.Page.String()
			decode := func(body []byte) (*document, error) { return decode(body, home) }
			return keep.Open(t, c, decode, func(d *document, now time.Time) (sources.Reading, error) {
				page, over := d.at(now)
				return sources.Reading{Page: page, Ended: over}, nil
			})
		},
	})
}
