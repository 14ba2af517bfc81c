package microsoft

import (
	"context"
	"slices"
	"time"

	"github.com/downstatus/downstatus_exporter/internal/status"
	"github.com/downstatus/downstatus_exporter/sources"
	"github.com/downstatus/downstatus_exporter/sources/fetch"
	"github.com/downstatus/downstatus_exporter/sources/internal/keep"
	"github.com/downstatus/downstatus_exporter/sources/internal/scopes"
)

type source struct {
	home      string
	services  scopes.List
	client    *fetch.Client
	documents []document

	page *status.Page // of the last good poll
}

type document struct {
	leaf
	fetch.Document[posts]
}

func newSource(t sources.Target, c *fetch.Client) sources.Source {
	s := &source{home: t.Page.String(), services: scopes.Parse(t.Options["services"]), client: c}
	for _, l := range needed(s.services) {
		s.documents = append(s.documents, document{l, fetch.Document[posts]{
			URL: documentURL(t.Page, l).String(), Media: fetch.JSON, Decode: l.decode,
		}})
	}
	return s
}

// Poll asks for all documents. Where one cannot be read, the others count only
// if they tell of trouble: the rest of them is no proof of calm.
func (s *source) Poll(ctx context.Context, _ time.Time) (sources.Reading, error) {
	var all posts
	var faults []string
	var first error
	for i := range s.documents {
		d := &s.documents[i]
		p, _, err := d.Get(ctx, s.client)
		if err != nil {
			p = posts{components: []status.Component{d.unread()}}
			faults = append(faults, d.id+": "+err.Error())
			if first == nil {
				first = err
			}
		}
		all.components = append(all.components, p.components...)
		all.incidents = append(all.incidents, p.incidents...)
		all.unknown = append(all.unknown, p.unknown...)
	}
	page, missing := s.makePage(all)
	switch {
	case first != nil && !troubled(page):
		return sources.Reading{}, first
	case len(page.Components) == 0:
		return sources.Reading{}, fetch.Shapef("services: the page lists nothing called %s", s.services)
	}
	r := sources.Reading{Page: keep.Page(s.page, page), Notes: faults}
	if r.Page != s.page {
		r.Notes = append(r.Notes, scopes.Note("services", missing)...)
	}
	s.page = r.Page
	return r, nil
}

// makePage picks the services that count, and what is said about them.
func (s *source) makePage(all posts) (page *status.Page, missing scopes.List) {
	picked, missing := s.services.Pick(all.components)
	page = &status.Page{
		Name: "Microsoft", URL: s.home, Components: picked, Scoped: s.services.Active(), UnknownWords: all.unknown,
	}
	for _, in := range all.incidents {
		about := func(c status.Component) bool { return c.ID == in.Components[0].ID }
		if slices.ContainsFunc(picked, about) {
			in.URL = s.home
			page.Incidents = append(page.Incidents, in)
		}
	}
	return page, missing
}

func troubled(p *status.Page) bool {
	return slices.ContainsFunc(p.Components, func(c status.Component) bool { return c.Rank >= status.Minor })
}
