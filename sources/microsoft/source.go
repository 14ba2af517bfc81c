package microsoft

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"github.com/downstatus/downstatus_exporter/internal/status"
	"github.com/downstatus/downstatus_exporter/sources"
	"github.com/downstatus/downstatus_exporter/sources/fetch"
	"github.com/downstatus/downstatus_exporter/sources/internal/keep"
	"github.com/downstatus/downstatus_exporter/sources/internal/pages"
	"github.com/downstatus/downstatus_exporter/sources/internal/vendors"
)

type source struct {
	keep.Follower
	home      string
	services  vendors.List
	client    *fetch.Client
	documents []document
}

type document struct {
	leaf
	fetch.Document[posts]
}

func newSource(t sources.Target, c *fetch.Client) sources.Source {
	s := &source{home: t.Page.String(), services: vendors.ParseList(t.Options["services"]), client: c}
	for _, l := range needed(s.services) {
		s.documents = append(s.documents, document{l, fetch.Document[posts]{
			URL: documentURL(t.Page, l).String(), Media: fetch.JSON, Decode: l.decode,
		}})
	}
	return s
}

// Poll asks for all documents. Where one cannot be read, the others count only
// if they tell of trouble: the rest of them is no proof of calm.
func (s *source) Poll(ctx context.Context, now time.Time) (sources.Reading, error) {
	page := &status.Page{Name: "Microsoft", URL: s.home}
	var fault error
	for i := range s.documents {
		d := &s.documents[i]
		p, _, err := d.Get(ctx, s.client)
		if err != nil {
			p = posts{components: []status.Component{d.unread()}, doubt: fmt.Errorf("%s: %w", d.id, err)}
		}
		page.Components = append(page.Components, p.components...)
		page.Incidents = append(page.Incidents, p.incidents...)
		page.UnknownWords = append(page.UnknownWords, p.unknown...)
		fault = cmp.Or(fault, p.doubt)
	}
	for i := range page.Incidents {
		page.Incidents[i].URL = s.home
	}
	read := sources.Reading{Page: page}
	if err := vendors.Narrow(&read, "services", s.services); err != nil {
		return sources.Reading{}, cmp.Or(fault, err)
	}
	read, err := pages.Doubted(read, fault)
	if err != nil {
		return sources.Reading{}, err
	}
	r := s.Follow(ctx, now, page, nil)
	r.Notes = read.Notes
	return r, nil
}
