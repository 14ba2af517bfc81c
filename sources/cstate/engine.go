// Package cstate reads the index of a cState, a status page that is built once
// and served as files.
package cstate

import (
	"context"
	"time"

	"github.com/downstatus/downstatus_exporter/internal/status"
	"github.com/downstatus/downstatus_exporter/sources"
	"github.com/downstatus/downstatus_exporter/sources/fetch"
	"github.com/downstatus/downstatus_exporter/sources/internal/keep"
	"github.com/downstatus/downstatus_exporter/sources/internal/pages"
)

const (
	documentPath = "/index.json"
	historyPath  = "/issues/index.json"
)

func init() {
	sources.Register(sources.Engine{
		Name:        "cstate",
		Title:       "cState",
		Reads:       "`" + documentPath + "`; `" + historyPath + "` at the first poll and when an issue ends",
		Target:      pages.Target(documentPath, historyPath),
		Open:        open,
		MinInterval: 5 * time.Minute, // it changes only when it is built anew
	})
}

type source struct {
	index   sources.Source
	client  *fetch.Client
	history string // its address
	ends    keep.Ends
}

func open(t sources.Target, c *fetch.Client) sources.Source {
	s := &source{client: c, history: t.Page.JoinPath(historyPath).String()}
	s.index = pages.Open(t, c, decode, func(d *document, now time.Time) (*status.Page, []status.Incident) {
		return derive(d, t.Page.String(), now), nil
	})
	s.ends.AskHistory()
	return s
}

// Poll asks for the index, and for the list of all issues where one has ended:
// the index lists open ones only.
func (s *source) Poll(ctx context.Context, now time.Time) (sources.Reading, error) {
	r, err := s.index.Poll(ctx, now)
	if err != nil {
		return r, err
	}
	s.ends.Turn(r.Page.Incidents)
	if !s.ends.Waiting() {
		return r, nil
	}
	body, _, err := s.client.Get(ctx, s.history, fetch.JSON)
	var all []status.Incident
	if err == nil {
		all, err = decodeHistory(body)
	}
	if err != nil {
		s.ends.Retry()
		r.Notes = append(r.Notes, historyPath+": "+err.Error())
		return r, nil
	}
	r.Ended = s.ends.Read(all)
	return r, nil
}
