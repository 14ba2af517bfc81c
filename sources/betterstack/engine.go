// Package betterstack reads pages of Better Stack, formerly Better Uptime.
package betterstack

import (
	"github.com/downstatus/downstatus_exporter/sources"
	"github.com/downstatus/downstatus_exporter/sources/fetch"
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
			return pages.Open(t, c, func(body []byte) (*document, error) { return decode(body, home) }, (*document).at)
		},
	})
}
