package fetch

import (
	"context"
	"fmt"
	"hash/maphash"
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
	Decode func(body []byte) (T, error) // a BOM is already stripped; the body may be kept

	// What the last good body gave. It is replaced only after a body was
	// decoded: else a later 304 would pass a bad body for good.
	value      T
	known      bool
	validators validators
	hash       uint64
}

var hashSeed = maphash.MakeSeed()

// Get asks for the document. changed tells whether the value is a newly
// decoded one. On any error the last value is kept for later and the zero
// value is returned.
func (d *Document[T]) Get(ctx context.Context, c *Client) (value T, changed bool, err error) {
	a, err := c.sharing(ctx, request{d.URL, d.Media, d.Header, d.Budget, d.validators})
	if err != nil {
		return value, false, err
	}
	defer a.release()
	if a.unchanged {
		return d.value, false, nil
	}
	hash := maphash.Bytes(hashSeed, a.body)
	if changed = !d.known || hash != d.hash; changed {
		fresh, err := d.decode(ctx, a)
		if err != nil {
			return value, false, err
		}
		d.value, d.known, d.hash = fresh, true, hash
	}
	d.validators = a.validators
	return d.value, changed, nil
}

// decode calls Decode. Whatever an upstream sends, it must not end the
// program, so that a panic is an error like others.
func (d *Document[T]) decode(ctx context.Context, a *answer) (value T, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = failure(ctx, a.final, decodeError(fmt.Errorf("the decoder panicked: %v", p)))
		}
	}()
	value, err = d.Decode(a.body)
	if err != nil && !has[*Error](err) {
		err = failure(ctx, a.final, decodeError(err))
	}
	return value, err
}

func decodeError(err error) error { return &Error{Reason: Decode, Err: err} }
