// Package upptime reads the summary that an Upptime keeps in its repository.
package upptime

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/downstatus/downstatus_exporter/internal/status"
	"github.com/downstatus/downstatus_exporter/sources"
	"github.com/downstatus/downstatus_exporter/sources/fetch"
	"github.com/downstatus/downstatus_exporter/sources/internal/keep"
	"github.com/downstatus/downstatus_exporter/sources/internal/pages"
)

const (
	documentPath = "/history/summary.json"
	webHost      = "github.com"
	rawHost      = "raw.githubusercontent.com"
)

func init() {
	sources.Register(sources.Engine{
		Name:   "upptime",
		Title:  "Upptime",
		Reads:  "`" + documentPath + "` of the repository",
		Target: target,
		Open: func(t sources.Target, c *fetch.Client) sources.Source {
			return keep.Open(t, c, decode, func(all []site, _ time.Time) (sources.Reading, error) {
				return sources.Reading{Page: derive(all, t.Page.String())}, nil
			})
		},
		MinInterval: 5 * time.Minute, // both the checks and the copies at rawHost are that old
	})
}

// target leads from a repository to the raw file in it, and back: people read
// the repository. Elsewhere the summary is looked for below the address.
func target(c sources.Config) (sources.Target, error) {
	t, err := sources.PageTarget(c, documentPath)
	if err != nil {
		return sources.Target{}, err
	}
	parts := strings.Split(strings.Trim(t.Page.Path, "/"), "/")
	switch strings.TrimPrefix(t.Page.Host, "www.") {
	case webHost:
		if len(parts) < 2 {
			return sources.Target{}, fmt.Errorf("url %q names no repository: want https://%s/OWNER/REPO", c.URL, webHost)
		}
		return repository(t, parts[0], strings.TrimSuffix(parts[1], ".git"), branch(parts[2:])), nil
	case rawHost:
		if len(parts) < 3 {
			return sources.Target{}, fmt.Errorf("url %q names no file: want https://%s/OWNER/REPO/HEAD%s", c.URL, rawHost, documentPath)
		}
		return repository(t, parts[0], parts[1], strings.Join(parts[2:], "/")), nil
	default:
		return t, nil
	}
}

// branch is the one that an address of GitHub shows, else the default branch.
func branch(rest []string) string {
	if len(rest) > 1 && (rest[0] == "tree" || rest[0] == "blob") {
		return strings.Join(rest[1:], "/")
	}
	return "HEAD"
}

func repository(t sources.Target, owner, name, ref string) sources.Target {
	page, doc := *t.Page, *t.Page
	page.Host, page.Path = webHost, "/"+owner+"/"+name
	doc.Host, doc.Path = rawHost, page.Path+"/"+ref+documentPath
	t.Page, t.Document = &page, &doc
	return t
}

// site is something that Upptime checks.
type site struct {
	Name   sources.Str `json:"name"`
	Slug   sources.Str `json:"slug"`
	Status sources.Str `json:"status"`
}

// words are the values of status.
var words = map[sources.Str]status.Indicator{
	"up":       status.None,
	"degraded": status.Minor,
	"down":     status.Major,
}

// decode refuses a list of nothing: who checks nothing knows nothing.
func decode(body []byte) ([]site, error) {
	var all sources.List[site]
	if err := sources.Unmarshal(body, &all); err != nil {
		return nil, err
	}
	if !slices.ContainsFunc(all, func(s site) bool { return s.Slug.Text()+s.Name.Text() != "" && s.Status != "" }) {
		return nil, fetch.Shapef("no list of sites with name and status")
	}
	return all, nil
}

func derive(all []site, home string) *status.Page {
	var r pages.Reader
	p, taken := &status.Page{URL: home}, pages.IDs{}
	for _, s := range all {
		id := r.Key("site", s.Slug, s.Name, taken)
		p.Components = append(p.Components, status.Component{
			ID: id, Name: pages.Named(s.Name, id),
			Rank: pages.Look(&r, "component_status", words, s.Status, status.IndicatorUnknown),
		})
	}
	pages.Escalate(p.Components)
	p.UnknownWords = r.Unknown
	return p
}
