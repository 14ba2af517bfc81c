package pages

import (
	"context"
	"time"

	"github.com/downstatus/downstatus_exporter/internal/status"
	"github.com/downstatus/downstatus_exporter/sources"
	"github.com/downstatus/downstatus_exporter/sources/fetch"
	"github.com/downstatus/downstatus_exporter/sources/internal/keep"
)

// Open makes the source of a page that is one document. at makes the page from
// what was decoded, anew at every poll, with the incidents that the document
// still lists although they are over: those are handed on whenever anything
// changed.
func Open[T any](t sources.Target, c *fetch.Client, decode func(body []byte) (T, error),
	at func(doc T, now time.Time) (page *status.Page, over []status.Incident)) sources.Source {
	return &single[T]{
		client: c,
		doc:    fetch.Document[T]{URL: t.Document.String(), Media: fetch.JSON, Decode: decode},
		at:     at,
	}
}

type single[T any] struct {
	client *fetch.Client
	doc    fetch.Document[T]
	at     func(T, time.Time) (*status.Page, []status.Incident)
	page   *status.Page // of the last good poll
}

// Poll asks for the document.
func (s *single[T]) Poll(ctx context.Context, now time.Time) (sources.Reading, error) {
	doc, changed, err := s.doc.Get(ctx, s.client)
	if err != nil {
		return sources.Reading{}, err
	}
	before := s.page
	page, over := s.at(doc, now)
	s.page = keep.Page(before, page)
	r := sources.Reading{Page: s.page}
	if changed || s.page != before {
		r.Ended = over
	}
	return r, nil
}
