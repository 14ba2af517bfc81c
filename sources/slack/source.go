package slack

import (
	"context"
	"time"

	"github.com/downstatus/downstatus_exporter/internal/status"
	"github.com/downstatus/downstatus_exporter/sources"
	"github.com/downstatus/downstatus_exporter/sources/fetch"
	"github.com/downstatus/downstatus_exporter/sources/internal/keep"
	"github.com/downstatus/downstatus_exporter/sources/internal/scopes"
)

type source struct {
	client  *fetch.Client
	reader  reader
	current fetch.Document[*listing]
	history string // its address

	page *status.Page // of the last good poll
	ends keep.Ends
}

func newSource(t sources.Target, c *fetch.Client) sources.Source {
	s := &source{
		client:  c,
		reader:  reader{services: scopes.Parse(t.Options["services"]), home: t.Page.String()},
		history: t.Page.JoinPath(historyPath).String(),
	}
	s.current = fetch.Document[*listing]{URL: t.Document.String(), Media: fetch.JSON, Decode: s.reader.current}
	s.ends.AskHistory()
	return s
}

// Poll asks what is going on, and for the history where something has ended.
func (s *source) Poll(ctx context.Context, _ time.Time) (sources.Reading, error) {
	now, changed, err := s.current.Get(ctx, s.client)
	if err != nil {
		return sources.Reading{}, err
	}
	var r sources.Reading
	if changed {
		s.page = s.makePage(now)
		s.ends.Turn(now.open)
		for _, in := range now.over {
			if s.ends.Told(in.ID) {
				r.Ended = append(r.Ended, in)
			}
		}
	}
	r.Page = s.page
	if s.ends.Waiting() {
		s.ask(ctx, &r)
	}
	return r, nil
}

// makePage lists troubles alone: the API does not tell what Slack is made of.
func (s *source) makePage(now *listing) *status.Page {
	return keep.Page(s.page, &status.Page{
		Name: "Slack", URL: s.reader.home, OnlyTroubles: true, Scoped: s.reader.services.Active(),
		Incidents: now.open, Windows: now.windows, UnknownWords: now.unknown,
	})
}

// ask reads the history. That it fails spoils nothing: it is asked again at
// the next poll, a few times.
func (s *source) ask(ctx context.Context, r *sources.Reading) {
	body, _, err := s.client.Get(ctx, s.history, fetch.JSON)
	if err == nil {
		var past *listing
		if past, err = s.reader.history(body); err == nil {
			r.Ended = append(r.Ended, s.ends.Read(append(past.over, past.open...))...)
			return
		}
	}
	s.ends.Retry()
	r.Notes = append(r.Notes, "history: "+err.Error())
}
