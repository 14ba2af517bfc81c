// Package cstate reads the index of a cState, a status page that is built once
// and served as files.
package cstate

import (
	"time"

	"github.com/downstatus/downstatus_exporter/sources"
	"github.com/downstatus/downstatus_exporter/sources/fetch"
	"github.com/downstatus/downstatus_exporter/sources/internal/pages"
)

const documentPath = "/index.json"

func init() {
	sources.Register(sources.Engine{
		Name:   "cstate",
		Title:  "cState",
		Reads:  "`" + documentPath + "`",
		Target: func(c sources.Config) (sources.Target, error) { return sources.PageTarget(c, documentPath) },
		Open: func(t sources.Target, c *fetch.Client) sources.Source {
			return pages.Open(t, c, decode, derive)
		},
		MinInterval: 5 * time.Minute, // it changes only when it is built anew
	})
}
