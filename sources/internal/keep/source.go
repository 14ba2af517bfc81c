// Package keep is what a source keeps from poll to poll: its document, the page
// it made last, and the incidents whose end it has still to learn.
package keep

import (
	"context"
	"time"

	"github.com/downstatus/downstatus_exporter/sources"
	"github.com/downstatus/downstatus_exporter/sources/fetch"
)

// Source polls one document.
type Source[D any] struct {
	Document fetch.Document[D]
	Follower

	client *fetch.Client
	read   func(doc D, now time.Time) (sources.Reading, error)
}

// Open makes the source of a page that is one document of JSON. read says what
// the document means at the time of a poll: its page, all incidents that it
// lists as over, and notes. It must not change the document.
func Open[D any](t sources.Target, c *fetch.Client, decode func(body []byte) (D, error),
	read func(doc D, now time.Time) (sources.Reading, error)) *Source[D] {
	return &Source[D]{
		Document: fetch.Document[D]{URL: t.Document.String(), Media: fetch.JSON, Decode: decode},
		client:   c, read: read,
	}
}

// Poll asks for the document and reads what is kept of it anew: an entry can
// begin or end while the document stays as it is.
func (s *Source[D]) Poll(ctx context.Context, now time.Time) (sources.Reading, error) {
	doc, _, err := s.Document.Get(ctx, s.client)
	if err != nil {
		return sources.Reading{}, err
	}
	read, err := s.read(doc, now)
	if err != nil {
		return sources.Reading{}, err
	}
	r := s.Follow(ctx, now, read.Page, read.Ended)
	r.Notes = append(read.Notes, r.Notes...)
	return r, nil
}
