package fetch

import (
	"compress/flate"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"math"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"syscall"
	"time"

	"code.dny.dev/ssrf"
)

// maxRetryAfter is the longest silence that an upstream may ask for.
const maxRetryAfter = 24 * time.Hour

// overdue is the cause of a context that one of our own timers ended.
type overdue string

func (o overdue) Error() string { return string(o) }

func (o overdue) Timeout() bool { return true }

// failure is the error of a request to u, of whatever kind.
func failure(ctx context.Context, u *url.URL, err error) *Error {
	e, ok := errors.AsType[*Error](err)
	if !ok {
		e = classify(ctx, err)
	}
	place := url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path}
	return &Error{Reason: e.Reason, Status: e.Status, RetryAfter: e.RetryAfter, Err: fmt.Errorf("GET %s: %w", &place, e.Err)}
}

// classify finds the reason of an error of the network. What ended the context
// comes first: whatever else broke, broke because of it.
func classify(ctx context.Context, err error) *Error {
	if ctx.Err() != nil {
		cause := context.Cause(ctx)
		if timedOut(cause) || timedOut(ctx.Err()) {
			return &Error{Reason: Timeout, Err: cause}
		}
		return &Error{Reason: Canceled, Err: cause}
	}
	return &Error{Reason: reasonOf(err), Err: bare(err)}
}

func reasonOf(err error) Reason {
	switch {
	case errors.Is(err, ssrf.ErrProhibitedIP), errors.Is(err, ssrf.ErrProhibitedNetwork),
		errors.Is(err, ssrf.ErrInvalidHostPort):
		return Blocked
	case has[*http.MaxBytesError](err):
		return TooLarge
	case errors.Is(err, gzip.ErrHeader), errors.Is(err, gzip.ErrChecksum), has[flate.CorruptInputError](err):
		return Decode
	case has[*net.DNSError](err):
		return DNS
	case timedOut(err):
		return Timeout
	case errors.Is(err, http.ErrSchemeMismatch), strings.Contains(err.Error(), "tls: "),
		strings.Contains(err.Error(), "x509: "):
		// crypto/tls has no type for most of its errors, only this prefix.
		return TLS
	}
	return Connect
}

func has[E error](err error) bool {
	_, ok := errors.AsType[E](err)
	return ok
}

func timedOut(err error) bool {
	var t interface{ Timeout() bool }
	return errors.As(err, &t) && t.Timeout()
}

// bare is what happened, without what a log should not show: addresses with
// queries, and the answers of token servers.
func bare(err error) error {
	if errno, ok := errors.AsType[syscall.Errno](err); ok {
		return errno
	}
	if large, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return fmt.Errorf("the body is over %d bytes", large.Limit)
	}
	if outer, ok := errors.AsType[*url.Error](err); ok {
		err = outer.Err
	}
	if line, _, cut := strings.Cut(err.Error(), "\n"); cut {
		return errors.New(line)
	}
	return err
}

func redirectError(format string, args ...any) error {
	return &Error{Reason: Redirect, Err: fmt.Errorf(format, args...)}
}

// statusError is the error of an answer that is none.
func statusError(resp *http.Response, now time.Time) error {
	code := resp.StatusCode
	e := &Error{Reason: HTTPOther, Status: code, Err: errors.New(strings.TrimSpace(fmt.Sprintf("%d %s", code, http.StatusText(code))))}
	switch {
	case code == http.StatusTooManyRequests:
		e.Reason = RateLimited
	case code >= 400 && code < 500:
		e.Reason = HTTP4xx
	case code >= 500 && code < 600:
		e.Reason = HTTP5xx
	}
	if code == http.StatusTooManyRequests || code == http.StatusServiceUnavailable {
		e.RetryAfter = parseRetryAfter(resp.Header.Get("Retry-After"), now)
	}
	return e
}

// parseRetryAfter reads seconds, also with a fraction, or a date. It is never
// negative and never above maxRetryAfter; zero is what cannot be read.
func parseRetryAfter(value string, now time.Time) time.Duration {
	value = strings.TrimSpace(value)
	if at, err := http.ParseTime(value); err == nil {
		return min(max(at.Sub(now), 0), maxRetryAfter)
	}
	seconds, err := strconv.ParseFloat(value, 64)
	if err != nil && !errors.Is(err, strconv.ErrRange) || math.IsNaN(seconds) {
		return 0
	}
	return time.Duration(min(max(seconds, 0), maxRetryAfter.Seconds()) * float64(time.Second))
}
