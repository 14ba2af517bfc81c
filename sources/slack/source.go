package slack

import (
	"context"
	"time"

	"github.com/downstatus/downstatus_exporter/internal/status"
	"github.com/downstatus/downstatus_exporter/sources"
	"github.com/downstatus/downstatus_exporter/sources/fetch"
	"github.com/downstatus/downstatus_exporter/sources/internal/keep"
	"github.com/downstatus/downstatus_exporter/sources/internal/pages"
	"github.com/downstatus/downstatus_exporter/sources/internal/vendors"
)

func newSource(t sources.Target, c *fetch.Client) sources.Source {
	r := reader{services: vendors.ParseList(t.Options["services"]), home: t.Page.String()}
	s := keep.Open(t, c, r.current, func(l *listing, _ time.Time) (sources.Reading, error) {
		return pages.Doubted(sources.Reading{Page: r.page(l), Ended: l.over}, l.doubt)
	})
	s.History = func(ctx context.Context, _ time.Time, _ []status.Incident) ([]status.Incident, error) {
		body, _, err := c.Get(ctx, t.Page.JoinPath(historyPath).String(), fetch.JSON)
		if err != nil {
			return nil, err
		}
		past, err := r.history(body)
		if err != nil {
			return nil, err
		}
		return append(past.over, past.open...), nil
	}
	return s
}

// page lists troubles alone: the API does not tell what Slack is made of.
func (r reader) page(l *listing) *status.Page {
	return &status.Page{
		Name: "Slack", URL: r.home, OnlyTroubles: true, Scoped: r.services.Active(),
		Incidents: l.open, Windows: l.windows, UnknownWords: l.unknown,
	}
}
