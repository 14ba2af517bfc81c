// Package datadog reads pages of Datadog Status Pages.
package datadog

import (
	"context"
	"time"

	"github.com/downstatus/downstatus_exporter/sources"
	"github.com/downstatus/downstatus_exporter/sources/fetch"
	"github.com/downstatus/downstatus_exporter/sources/internal/hosted"
)

const configPath = "/config.json"

func init() {
	sources.Register(sources.Engine{
		Name:   "datadog",
		Title:  "Datadog Status Pages",
		Reads:  configPath,
		Target: hosted.Target(configPath),
		Open: func(t sources.Target, c *fetch.Client) sources.Source {
			home := t.Page.String()
			return &source{client: c, config: fetch.Document[*reading]{
				URL:    t.Document.String(),
				Media:  fetch.JSON,
				Decode: func(body []byte) (*reading, error) { return decode(body, home) },
			}}
		},
	})
}

type source struct {
	client *fetch.Client
	config fetch.Document[*reading]
}

// Poll asks for the document. It lists incidents that are over too: they are
// handed on once for each version of it.
func (s *source) Poll(ctx context.Context, _ time.Time) (sources.Reading, error) {
	doc, changed, err := s.config.Get(ctx, s.client)
	if err != nil {
		return sources.Reading{}, err
	}
	r := sources.Reading{Page: doc.page}
	if changed {
		r.Ended = doc.over
	}
	return r, nil
}
