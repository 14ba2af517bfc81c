// Package onedoc is what the engines of single vendors have in common: one
// document, read again at every poll as time moves what it says, and options
// that narrow it to a part of the vendor.
package onedoc

import (
	"context"
	"reflect"
	"time"

	"github.com/downstatus/downstatus_exporter/internal/status"
	"github.com/downstatus/downstatus_exporter/sources"
	"github.com/downstatus/downstatus_exporter/sources/fetch"
)

// Source polls one document.
type Source[D any] struct {
	Client   *fetch.Client
	Document fetch.Document[D]

	// Read says what the document means at the time of a poll: its page, the
	// incidents that are over, and notes. It must not change the document.
	Read func(doc D, now time.Time) (sources.Reading, error)

	page *status.Page // of the last good poll
}

// Poll asks for the document and reads what is kept of it anew: an entry can
// begin or end while the document stays as it is.
func (s *Source[D]) Poll(ctx context.Context, now time.Time) (sources.Reading, error) {
	doc, changed, err := s.Document.Get(ctx, s.Client)
	if err != nil {
		return sources.Reading{}, err
	}
	r, err := s.Read(doc, now)
	if err != nil {
		return sources.Reading{}, err
	}
	if !reflect.DeepEqual(s.page, r.Page) {
		s.page = r.Page
		return r, nil
	}
	if !changed {
		r.Ended, r.Notes = nil, nil
	}
	r.Page = s.page
	return r, nil
}

// Instant reads a time of RFC 3339; zero for what is none.
func Instant(raw sources.Str) time.Time {
	t, _ := sources.Time(string(raw))
	return t
}
