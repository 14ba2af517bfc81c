// Package betterstack reads pages of Better Stack, formerly Better Uptime.
package betterstack

import (
	"context"
	"time"

	"github.com/downstatus/downstatus_exporter/internal/status"
	"github.com/downstatus/downstatus_exporter/sources"
	"github.com/downstatus/downstatus_exporter/sources/fetch"
	"github.com/downstatus/downstatus_exporter/sources/internal/hosted"
)

const indexPath = "/index.json"

func init() {
	sources.Register(sources.Engine{
		Name:   "betterstack",
		Title:  "Better Stack",
		Reads:  indexPath,
		Target: hosted.Target(indexPath),
		Open: func(t sources.Target, c *fetch.Client) sources.Source {
			home := t.Page.String()
			return &source{client: c, index: fetch.Document[*document]{
				URL:    t.Document.String(),
				Media:  fetch.JSON,
				Decode: func(body []byte) (*document, error) { return decode(body, home) },
			}}
		},
	})
}

type source struct {
	client *fetch.Client
	index  fetch.Document[*document]
	page   *status.Page // of the last good poll
}

// Poll asks for the document and judges its reports by the time of the poll:
// one with an end may be over although the document has not changed. Reports
// that are over are handed on whenever the page changes.
func (s *source) Poll(ctx context.Context, now time.Time) (sources.Reading, error) {
	doc, changed, err := s.index.Get(ctx, s.client)
	if err != nil {
		return sources.Reading{}, err
	}
	open, over := doc.split(now)
	if !changed && len(open) == len(s.page.Incidents) {
		return sources.Reading{Page: s.page}, nil
	}
	page := doc.page
	page.Incidents = open
	s.page = &page
	return sources.Reading{Page: s.page, Ended: over}, nil
}
