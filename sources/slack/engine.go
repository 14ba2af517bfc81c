// Package slack reads Slack's own Status API, version 2.0.0: what is going on
// now, and a history that tells how it ended.
package slack

import (
	"strings"

	"github.com/downstatus/downstatus_exporter/sources"
)

const (
	defaultURL  = "https://slack-status.com"
	oldHost     = "status.slack.com" // leads to the present one
	currentPath = "/api/v2.0.0/current"
	historyPath = "/api/v2.0.0/history"
)

func init() {
	sources.Register(sources.Engine{
		Name:  "slack",
		Title: "Slack Status API",
		Reads: "`" + currentPath + "`; `" + historyPath + "` at the first poll and when an incident has left",
		Options: []sources.Option{
			{Name: "services", Help: "parts of Slack that count, such as Messaging or Login/SSO, with globs; without it all of them", List: true},
		},
		Target: target,
		Open:   newSource,
	})
}

// target takes the page or either document.
func target(c sources.Config) (sources.Target, error) {
	if strings.TrimSpace(c.URL) == "" {
		c.URL = defaultURL
	}
	page, err := sources.ParseURL(c.URL)
	if err != nil {
		return sources.Target{}, err
	}
	if page.Host == oldHost {
		page.Host = strings.TrimPrefix(defaultURL, "https://")
	}
	page.Path = strings.TrimSuffix(page.Path, historyPath)
	c.URL = page.String()
	return sources.PageTarget(c, currentPath)
}
