// Package google reads the incident lists of Google's status dashboards: Cloud,
// Workspace, Firebase and others of the same make.
package google

import (
	"cmp"
	"strings"
	"time"

	"github.com/downstatus/downstatus_exporter/sources"
	"github.com/downstatus/downstatus_exporter/sources/fetch"
	"github.com/downstatus/downstatus_exporter/sources/internal/cloud"
	"github.com/downstatus/downstatus_exporter/sources/internal/keep"
	"github.com/downstatus/downstatus_exporter/sources/internal/pages"
)

const (
	home    = "https://status.cloud.google.com"
	docPath = "/incidents.json"
)

// names of the dashboards, by host. Any other is a mirror.
var names = map[string]string{
	"status.cloud.google.com":    "Google Cloud",
	"www.google.com":             "Google Workspace",
	"status.firebase.google.com": "Firebase",
	"status.search.google.com":   "Google Search",
}

// others are documents and views next to the one we read.
var others = []string{"/products.json", "/incidents.schema.json", "/feed.atom", "/en/feed.atom", "/summary", "/index.html", "/en"}

func init() {
	sources.Register(sources.Engine{
		Name:        "google",
		Title:       "Google Cloud, Workspace, Firebase",
		Reads:       "`/incidents.json` of the dashboard; without a url that of Google Cloud",
		Options:     cloud.Options,
		Target:      target,
		Open:        open,
		MinInterval: time.Minute,
	})
}

func target(c sources.Config) (sources.Target, error) {
	u, err := sources.ParseURL(cmp.Or(strings.TrimSpace(c.URL), home))
	if err != nil {
		return sources.Target{}, err
	}
	for _, end := range others {
		u.Path = strings.TrimSuffix(u.Path, end)
	}
	c.URL = u.String()
	return sources.PageTarget(c, docPath)
}

func open(t sources.Target, c *fetch.Client) sources.Source {
	page := cloud.Page{Name: cmp.Or(names[t.Page.Host], "Google"), URL: t.Page.String(), Scope: cloud.ScopeOf(t.Options)}
	decode := func(body []byte) (*document, error) { return decode(body, page.URL) }
	return keep.Open(t, c, decode, func(d *document, now time.Time) (sources.Reading, error) {
		return pages.Doubted(page.Read(d.events, d.unknown, now), d.doubt)
	})
}
