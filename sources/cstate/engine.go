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

// open makes a source. The index lists open issues only: the list of all of
// them tells when one has ended.
func open(t sources.Target, c *fetch.Client) sources.Source {
	s := keep.Open(t, c, decode, func(d *document, now time.Time) (sources.Reading, error) {
		return sources.Reading{Page: derive(d, t.Page.String(), now)}, nil
	})
	s.History = func(ctx context.Context, _ time.Time, _ []status.Incident) ([]status.Incident, error) {
		body, _, err := c.Get(ctx, t.Page.JoinPath(historyPath).String(), fetch.JSON)
		if err != nil {
			return nil, err
		}
		return decodeHistory(body)
	}
	return s
}
