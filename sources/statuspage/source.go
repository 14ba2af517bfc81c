package statuspage

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/downstatus/downstatus_exporter/internal/status"
	"github.com/downstatus/downstatus_exporter/sources"
	"github.com/downstatus/downstatus_exporter/sources/fetch"
	"github.com/downstatus/downstatus_exporter/sources/internal/keep"
)

type source struct {
	dialect   Dialect
	client    *fetch.Client
	summary   fetch.Document[Summary]
	incidents string // address of incidents.json

	page *status.Page // of the last good poll
	ends keep.Ends    // what incidents.json has still to answer
}

func newSource(t sources.Target, c *fetch.Client, d Dialect) *source {
	decode := func(body []byte) (Summary, error) {
		s, err := d.Summary(body)
		if err == nil && s.Page.URL == "" {
			s.Page.URL = t.Page.String()
		}
		return s, err
	}
	s := &source{
		dialect:   d,
		client:    c,
		summary:   fetch.Document[Summary]{URL: t.Document.String(), Media: fetch.JSON, Decode: decode},
		incidents: incidentsURL(t.Page),
	}
	s.ends.AskHistory()
	return s
}

// Poll asks for the summary, and for incidents.json where something has ended
// that the summary does not tell.
func (s *source) Poll(ctx context.Context, _ time.Time) (sources.Reading, error) {
	summary, changed, err := s.summary.Get(ctx, s.client)
	if err != nil {
		return sources.Reading{}, err
	}
	var r sources.Reading
	if changed {
		r.Ended = s.turn(summary)
	}
	r.Page = s.page
	s.ask(ctx, &r)
	return r, nil
}

// turn makes a new summary the current one. It returns the incidents that were
// open before and that the summary itself tells the end of; those that left it
// without a word are to be asked for.
func (s *source) turn(next Summary) (ended []status.Incident) {
	if s.page != nil {
		next.Page.Components = status.CarryHidden(s.page.Components, next.Page.Components)
	}
	s.page = next.Page
	s.ends.Turn(next.Page.Incidents)
	for _, in := range next.Over {
		if !in.Resolved.IsZero() && s.ends.Told(in.ID) {
			ended = append(ended, in)
		}
	}
	return ended
}

// ask asks incidents.json once if anything is to be asked, and adds all that it
// tells as over to the reading. That it fails spoils nothing: it is asked again at
// the next poll, a few times.
func (s *source) ask(ctx context.Context, r *sources.Reading) {
	if !s.ends.Waiting() {
		return
	}
	h, err := s.fetchHistory(ctx)
	if err != nil {
		r.Notes = append(r.Notes, "incidents.json: "+err.Error())
		s.ends.Retry()
		return
	}
	if len(h.UnknownWords) > 0 {
		r.Notes = append(r.Notes, "incidents.json: words not understood: "+strings.Join(distinct(h.UnknownWords), ", "))
	}
	r.Ended = append(r.Ended, s.ends.Read(h.Incidents)...)
}

func (s *source) fetchHistory(ctx context.Context) (History, error) {
	body, _, err := s.client.Get(ctx, s.incidents, fetch.JSON)
	if err != nil {
		return History{}, err
	}
	return s.dialect.History(body)
}

func distinct(words []string) []string {
	words = slices.Clone(words)
	slices.Sort(words)
	return slices.Compact(words)
}
