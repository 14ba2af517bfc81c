// Package openstatus reads pages of openstatus, hosted and self-pages. They
// speak the words of Statuspage in a document of their own.
package openstatus

import (
	"time"

	"github.com/downstatus/downstatus_exporter/internal/status"
	"github.com/downstatus/downstatus_exporter/sources"
	"github.com/downstatus/downstatus_exporter/sources/fetch"
	"github.com/downstatus/downstatus_exporter/sources/internal/keep"
	"github.com/downstatus/downstatus_exporter/sources/internal/pages"
)

const summaryPath = "/summary.json"

func init() {
	sources.Register(sources.Engine{
		Name:   "openstatus",
		Title:  "openstatus",
		Reads:  summaryPath,
		Target: pages.Target(summaryPath, "/current.json", "/incidents.json", "/feed/json", "/feed/rss", "/feed/atom"),
		// The summary lists open incidents only, and no document tells the end of
		// one: that it is gone is all there is.
		Open: func(t sources.Target, c *fetch.Client) sources.Source {
			home := t.Page.String()
			decode := func(body []byte) (*status.Page, error) { return decode(body, home) }
			return keep.Open(t, c, decode, func(p *status.Page, _ time.Time) (sources.Reading, error) {
				return sources.Reading{Page: p}, nil
			})
		},
	})
}
