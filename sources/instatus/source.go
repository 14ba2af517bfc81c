package instatus

import (
	"context"
	"fmt"
	"time"

	"github.com/downstatus/downstatus_exporter/internal/status"
	"github.com/downstatus/downstatus_exporter/sources"
	"github.com/downstatus/downstatus_exporter/sources/fetch"
	"github.com/downstatus/downstatus_exporter/sources/internal/keep"
	"github.com/downstatus/downstatus_exporter/sources/internal/pages"
)

type source struct {
	keep.Follower
	home    string
	client  *fetch.Client
	summary fetch.Document[*summary]
	lists   []*fetch.Document[*list] // in the order of listPaths
	at      int                      // which of them to ask first
	found   bool                     // that one has answered

	listed []status.Component // of the last good poll
}

func newSource(t sources.Target, c *fetch.Client) *source {
	s := &source{
		home:    t.Page.String(),
		client:  c,
		summary: fetch.Document[*summary]{URL: t.Document.String(), Media: fetch.JSON, Decode: decodeSummary},
	}
	for _, path := range listPaths {
		s.lists = append(s.lists, &fetch.Document[*list]{URL: t.Page.JoinPath(path).String(), Media: fetch.JSON, Decode: decodeList})
	}
	return s
}

// Poll asks for both documents. Where the list cannot be read, the summary
// counts if it tells of trouble. The page tells nothing of what is over.
func (s *source) Poll(ctx context.Context, now time.Time) (sources.Reading, error) {
	from, _, err := s.summary.Get(ctx, s.client)
	if err != nil {
		return sources.Reading{}, err
	}
	with, notes, fault := s.components(ctx)
	if fault != nil {
		with = &list{components: pages.Unread(s.listed)}
	}
	read, err := pages.Doubted(sources.Reading{Page: makePage(from, with, s.home), Notes: notes}, fault)
	if err != nil {
		return sources.Reading{}, err
	}
	r := s.Follow(ctx, now, read.Page, nil)
	r.Notes, s.listed = read.Notes, r.Page.Components
	return r, nil
}

// components asks for the list where it was last, then in the other places. A
// page that never had one is read without: its word on the whole stands. One
// that had one is not.
func (s *source) components(ctx context.Context) (*list, []string, error) {
	var missing error
	for i := range s.lists {
		at := (s.at + i) % len(s.lists)
		got, _, err := s.lists[at].Get(ctx, s.client)
		if err == nil {
			s.at, s.found = at, true
			return got, nil, nil
		}
		if !elsewhere(fetch.ReasonOf(err)) {
			return nil, nil, err
		}
		if missing == nil {
			missing = err
		}
	}
	if s.found {
		return nil, nil, missing
	}
	return &noList, []string{fmt.Sprintf("no list of components, so that scopes match nothing: %v", missing)}, nil
}

// elsewhere is true for the failures of a document that is not there: the
// operator answers any path with a page for people, or with another document.
func elsewhere(r fetch.Reason) bool {
	return r == fetch.HTTP4xx || r == fetch.ContentType || r == fetch.Shape
}
