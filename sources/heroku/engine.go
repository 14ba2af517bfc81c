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
	"github.com/downstatus/downstatus_exporter/sources/internal/pages"
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

func newSource(t sources.Target, c *fetch.Client) sources.Source {
	history := t.Page.JoinPath(historyPath)
	history.RawQuery = url.Values{"limit": {historySize}}.Encode()
	s := keep.Open(t, c, decode, func(now *current, _ time.Time) (sources.Reading, error) {
		return pages.Doubted(sources.Reading{Page: now.page(t.Page.String()), Ended: now.over}, now.doubt)
	})
	s.History = func(ctx context.Context, _ time.Time, _ []status.Incident) ([]status.Incident, error) {
		body, _, err := c.Get(ctx, history.String(), fetch.JSON)
		if err != nil {
			return nil, err
		}
		return decodeHistory(body)
	}
	return s
}
