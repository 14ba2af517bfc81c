package statuspage

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/downstatus/downstatus_exporter/internal/status"
	"github.com/downstatus/downstatus_exporter/sources"
	"github.com/downstatus/downstatus_exporter/sources/fetch"
	"github.com/downstatus/downstatus_exporter/sources/internal/keep"
)

// newSource makes a source. Where something has ended that the summary does not
// tell, incidents.json does.
func newSource(t sources.Target, c *fetch.Client, d Dialect) sources.Source {
	decode := func(body []byte) (Summary, error) {
		s, err := d.Summary(body)
		if err == nil && s.Page.URL == "" {
			s.Page.URL = t.Page.String()
		}
		return s, err
	}
	s := keep.Open(t, c, decode, func(s Summary, _ time.Time) (sources.Reading, error) {
		return sources.Reading{Page: s.Page, Ended: s.Over}, nil
	})
	s.History = func(ctx context.Context, _ time.Time, _ []status.Incident) ([]status.Incident, error) {
		body, _, err := c.Get(ctx, incidentsURL(t.Page), fetch.JSON)
		if err != nil {
			return nil, err
		}
		h, err := d.History(body)
		if len(h.UnknownWords) > 0 {
			err = fmt.Errorf("words not understood: %s", strings.Join(distinct(h.UnknownWords), ", "))
		}
		return h.Incidents, err
	}
	return s
}

func distinct(words []string) []string {
	words = slices.Clone(words)
	slices.Sort(words)
	return slices.Compact(words)
}
