// Package datadog reads pages of Datadog Status Pages.
package datadog

import (
	"github.com/downstatus/downstatus_exporter/sources"
	"github.com/downstatus/downstatus_exporter/sources/fetch"
	"github.com/downstatus/downstatus_exporter/sources/internal/keep"
	"github.com/downstatus/downstatus_exporter/sources/internal/pages"
)

const configPath = "/config.json"

func init() {
	sources.Register(sources.Engine{
		Name:   "datadog",
		Title:  "Datadog Status Pages",
		Reads:  configPath,
		Target: pages.Target(configPath),
		Open: func(t sources.Target, c *fetch.Client) sources.Source {
			home := t.Page.String()
			return keep.Open(t, c, func(body []byte) (*reading, error) { return decode(body, home) }, (*reading).at)
		},
	})
}
