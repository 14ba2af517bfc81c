package fetch

import (
	"errors"
	"fmt"
	"net/http"
	"time"
)

// Reason is why a poll failed: a closed set, the label of
// downstatus_poll_failures_total.
type Reason string

// The reasons.
const (
	Timeout     Reason = "timeout"      // no answer, or not all of it, in time
	DNS         Reason = "dns"          // the host name could not be resolved
	Connect     Reason = "connect"      // no connection, or it broke
	TLS         Reason = "tls"          // handshake or certificate
	HTTP4xx     Reason = "http_4xx"     // but for 429
	HTTP5xx     Reason = "http_5xx"     // also 503 with Retry-After
	HTTPOther   Reason = "http_other"   // any other status that is not an answer
	RateLimited Reason = "rate_limited" // 429
	TooLarge    Reason = "too_large"    // over the size limit, decompressed
	ContentType Reason = "content_type" // media type or first byte is not that of the document
	Decode      Reason = "decode"       // not well-formed
	Shape       Reason = "shape"        // well-formed, but not the document it should be
	Redirect    Reason = "redirect"     // too many, from https to http, or without a target
	Blocked     Reason = "blocked"      // a private address that nobody configured
	Stale       Reason = "stale"        // well-formed, but older than its own promise
	Canceled    Reason = "canceled"     // the program is stopping
)

// Reasons lists the closed set.
var Reasons = [...]Reason{
	Blocked, Canceled, Connect, ContentType, Decode, DNS, HTTP4xx, HTTP5xx, HTTPOther,
	RateLimited, Redirect, Shape, Stale, Timeout, TLS, TooLarge,
}

// Error is a failed poll.
type Error struct {
	Reason     Reason
	Status     int           // of an answer that is none, such as 403; zero: there was no answer, or a good one
	RetryAfter time.Duration // the upstream asked for this much silence; zero: it did not
	Err        error         // what happened, without credentials or queries of URLs
}

// Error says what happened, in words for a log line.
func (e *Error) Error() string { return string(e.Reason) + ": " + e.Err.Error() }

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// Shapef is the error of a decoder for a well-formed body that is not the
// document it should be.
func Shapef(format string, args ...any) error {
	return &Error{Reason: Shape, Err: fmt.Errorf(format, args...)}
}

// ReasonOf is the reason of any error that a source returns. One that names
// none came out of a decoder.
func ReasonOf(err error) Reason {
	var e *Error
	if errors.As(err, &e) {
		return e.Reason
	}
	return Decode
}

// Refused reports whether an error is an answer to the asker, not to the
// question: 401 or 403.
func Refused(err error) bool {
	var e *Error
	return errors.As(err, &e) && (e.Status == http.StatusUnauthorized || e.Status == http.StatusForbidden)
}

// RetryAfter is how long the upstream of a failed poll asked to be left alone.
func RetryAfter(err error) time.Duration {
	var e *Error
	if errors.As(err, &e) {
		return e.RetryAfter
	}
	return 0
}
