// Package heroku reads version 4 of Heroku's own status API. Heroku is moving
// to Salesforce Trust, which the engine salesforce reads.
package heroku

import (
	"cmp"
	"context"
	"net/url"
	"strings"
	"time"

	"github.com/downstatus/downstatus_exporter/internal/status"
	"github.com/downstatus/downstatus_exporter/sources"
	"github.com/downstatus/downstatus_exporter/sources/fetch"
	"github.com/downstatus/downstatus_exporter/sources/internal/keep"
)

const (
	defaultURL  = "https://status.heroku.com"
	currentPath = "/api/v4/current-status"
	historyPath = "/api/v4/incidents"
	historySize = "25"
)

func init() {
	sources.Register(sources.Engine{
		Name:   "heroku",
		Title:  "Heroku Status (version 4, legacy)",
		Reads:  "`" + currentPath + "`; `" + historyPath + "?limit=" + historySize + "` at the first poll and when an incident has left",
		Target: target,
		Open:   newSource,
	})
}

// target takes the page or either document.
func target(c sources.Config) (sources.Target, error) {
	page, err := sources.ParseURL(cmp.Or(strings.TrimSpace(c.URL), defaultURL))
	if err != nil {
		return sources.Target{}, err
	}
	page.Path = strings.TrimSuffix(page.Path, historyPath)
	c.URL = page.String()
	return sources.PageTarget(c, currentPath)
}

type source struct {
	home    string
	client  *fetch.Client
	current fetch.Document[*current]
	history string // its address

	page *status.Page // of the last good poll
	ends keep.Ends
}

func newSource(t sources.Target, c *fetch.Client) sources.Source {
	history := t.Page.JoinPath(historyPath)
	history.RawQuery = url.Values{"limit": {historySize}}.Encode()
	s := &source{
		home: t.Page.String(), client: c, history: history.String(),
		current: fetch.Document[*current]{URL: t.Document.String(), Media: fetch.JSON, Decode: decode},
	}
	s.ends.AskHistory()
	return s
}

// Poll asks for the current state, and for the history where something has
// ended.
func (s *source) Poll(ctx context.Context, _ time.Time) (sources.Reading, error) {
	now, changed, err := s.current.Get(ctx, s.client)
	if err != nil {
		return sources.Reading{}, err
	}
	var r sources.Reading
	if changed {
		s.page = keep.Page(s.page, now.page(s.home))
		s.ends.Turn(s.page.Incidents)
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

// ask reads the history. That it fails spoils nothing: it is asked again at
// the next poll, a few times.
func (s *source) ask(ctx context.Context, r *sources.Reading) {
	body, _, err := s.client.Get(ctx, s.history, fetch.JSON)
	if err == nil {
		var past []status.Incident
		if past, err = decodeHistory(body); err == nil {
			r.Ended = append(r.Ended, s.ends.Read(past)...)
			return
		}
	}
	s.ends.Retry()
	r.Notes = append(r.Notes, "history: "+err.Error())
}
