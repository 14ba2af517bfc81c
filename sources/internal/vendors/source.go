package vendors

import (
	"context"
	"time"

	"github.com/downstatus/downstatus_exporter/sources"
	"github.com/downstatus/downstatus_exporter/sources/fetch"
)

// Source polls one document.
type Source[D any] struct {
	Client   *fetch.Client
	Document fetch.Document[D]

	// Read says what the document means at the time of a poll: its page, all
	// incidents that it lists as over, and notes. It must not change the
	// document.
	Read func(doc D, now time.Time) (sources.Reading, error)

	Follower
}

// Poll asks for the document and reads what is kept of it anew: an entry can
// begin or end while the document stays as it is.
func (s *Source[D]) Poll(ctx context.Context, now time.Time) (sources.Reading, error) {
	doc, _, err := s.Document.Get(ctx, s.Client)
	if err != nil {
		return sources.Reading{}, err
	}
	read, err := s.Read(doc, now)
	if err != nil {
		return sources.Reading{}, err
	}
	r := s.Follow(ctx, now, read.Page, read.Ended)
	r.Notes = append(read.Notes, r.Notes...)
	return r, nil
}
