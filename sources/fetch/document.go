package fetch

import (
	"context"
	"net/http"
	"time"
)

// Media is what a body must be.
type Media int8

// The kinds of documents.
const (
	JSON Media = iota // JSON by media type and first byte
	XML               // XML by media type and first byte
	HTML              // a page for people
	Any               // no check
)

// Budget is what an operator allows, per host, whatever the number of sources
// there.
type Budget struct {
	Every   time.Duration // one request in this time on average; zero: no limit
	Burst   int           // so many at once; at least 1
	SameURL time.Duration // never the same URL twice within this time; zero: no limit. Not for loopback hosts
}

// Document is one URL that is polled again and again. It keeps the validators,
// the hash and the decoded value of the last good body, so that an unchanged
// body is not decoded again. It is not for concurrent use.
type Document[T any] struct {
	URL    string
	Media  Media
	Header http.Header                  // additional request headers, or nil
	Budget Budget                       // what the operator allows
	Decode func(body []byte) (T, error) // a BOM is already stripped

	value    T
	known    bool
	etag     string
	modified string
	hash     uint64
}

// Get asks for the document. changed tells whether the value is a newly
// decoded one. On any error the last value is kept for later and the zero
// value is returned.
func (d *Document[T]) Get(ctx context.Context, c *Client) (value T, changed bool, err error) {
	panic("to be written")
}
