// Package openstatus reads pages of openstatus, hosted and self-hosted. They
// speak the words of Statuspage in a document of their own.
package openstatus

import (
	"context"
	"time"

	"github.com/downstatus/downstatus_exporter/internal/status"
	"github.com/downstatus/downstatus_exporter/sources"
	"github.com/downstatus/downstatus_exporter/sources/fetch"
	"github.com/downstatus/downstatus_exporter/sources/internal/hosted"
)

const summaryPath = "/summary.json"

func init() {
	sources.Register(sources.Engine{
		Name:   "openstatus",
		Title:  "openstatus",
		Reads:  summaryPath,
		Target: hosted.Target(summaryPath, "/current.json", "/incidents.json", "/feed/json", "/feed/rss", "/feed/atom"),
		Open: func(t sources.Target, c *fetch.Client) sources.Source {
			home := t.Page.String()
			return &source{client: c, summary: fetch.Document[*status.Page]{
				URL:    t.Document.String(),
				Media:  fetch.JSON,
				Decode: func(body []byte) (*status.Page, error) { return decode(body, home) },
			}}
		},
	})
}

type source struct {
	client  *fetch.Client
	summary fetch.Document[*status.Page]
}

// Poll asks for the summary. It lists open incidents only, and no document
// tells the end of one: that it is gone is all there is.
func (s *source) Poll(ctx context.Context, _ time.Time) (sources.Reading, error) {
	page, _, err := s.summary.Get(ctx, s.client)
	if err != nil {
		return sources.Reading{}, err
	}
	return sources.Reading{Page: page}, nil
}
