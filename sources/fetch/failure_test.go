package fetch

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

func TestClassify(t *testing.T) {
	op := func(err error) error { return &net.OpError{Op: "dial", Net: "tcp", Err: err} }
	for _, tc := range []struct {
		err   error
		want  Reason
		words string
	}{
		{op(&net.DNSError{Err: "no such host", Name: "acme.test", IsNotFound: true}), DNS, "no such host"},
		{op(&net.DNSError{Err: "i/o timeout", Name: "acme.test", IsTimeout: true}), DNS, "i/o timeout"},
		{op(syscall.ECONNREFUSED), Connect, "connection refused"},
		{op(syscall.ECONNRESET), Connect, "connection reset by peer"},
		{op(syscall.ETIMEDOUT), Timeout, "connection timed out"},
		{io.ErrUnexpectedEOF, Connect, "unexpected EOF"},
		{x509.UnknownAuthorityError{}, TLS, "x509: certificate signed by unknown authority"},
		{errors.New("remote error: tls: handshake failure"), TLS, "remote error: tls: handshake failure"},
		{&url.Error{Op: "Post", URL: "https://id.test/?s3cret", Err: io.EOF}, Connect, "EOF"},
		{errors.New("oauth2: cannot fetch token: 401\nResponse: s3cret"), Connect, "oauth2: cannot fetch token: 401"},
		{fmt.Errorf("wrapped: %w", &Error{Reason: Stale, Err: errors.New("old")}), Stale, "old"},
	} {
		u := &url.URL{Scheme: "https", Host: "acme.test", Path: "/a", RawQuery: "s3cret", User: url.User("s3cret")}
		got := failure(context.Background(), u, tc.err)
		wantReason(t, got, tc.want)
		if want := "GET https://acme.test/a: " + tc.words; !strings.HasPrefix(got.Err.Error(), want) &&
			!strings.HasSuffix(got.Err.Error(), tc.words) {
			t.Errorf("got %q, want %q", got.Err, want)
		}
	}
}

func TestReasonsAreSortedAndDistinct(t *testing.T) {
	all := Reasons[:]
	if distinct := slices.Compact(slices.Sorted(slices.Values(all))); !slices.Equal(distinct, all) {
		t.Errorf("got %q", all)
	}
}

func TestRefused(t *testing.T) {
	for code, want := range map[int]bool{401: true, 403: true, 404: false, 429: false, 503: false} {
		err := failure(t.Context(), &url.URL{Scheme: "https", Host: "acme.test"}, statusError(&http.Response{StatusCode: code}, time.Time{}))
		if Refused(err) != want {
			t.Errorf("%d: refused %v", code, !want)
		}
	}
	if Refused(nil) || Refused(Shapef("403 Forbidden")) {
		t.Error("refused by no answer")
	}
}

func TestStatusError(t *testing.T) {
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	for _, tc := range []struct {
		code   int
		header string
		want   time.Duration
	}{
		{429, "120", 2 * time.Minute},
		{429, " 7200 ", 2 * time.Hour},
		{429, "1.5", 1500 * time.Millisecond},
		{429, "Sun, 22 Nov 2026 14:00:00 GMT", 2 * time.Hour},
		{429, "Sunday, 22-Nov-26 12:00:30 GMT", 30 * time.Second},
		{429, "Sun Nov 22 12:01:00 2026", time.Minute},
		{429, "Sun, 22 Nov 2026 11:00:00 GMT", 0},
		{429, "Sun, 22 Nov 2099 11:00:00 GMT", 24 * time.Hour},
		{429, "86401", 24 * time.Hour},
		{429, "99999999999999999999999", 24 * time.Hour},
		{429, "1e400", 24 * time.Hour},
		{429, "-1", 0},
		{429, "-1e400", 0},
		{429, "NaN", 0},
		{429, "0", 0},
		{429, "", 0},
		{429, "soon", 0},
		{503, "60", time.Minute},
		{500, "60", 0},
		{404, "60", 0},
	} {
		w := httptest.NewRecorder()
		w.Header().Set("Retry-After", tc.header)
		w.WriteHeader(tc.code)
		err := statusError(w.Result(), now)
		if got := RetryAfter(err); got != tc.want {
			t.Errorf("%d, %q: %v, want %v", tc.code, tc.header, got, tc.want)
		}
	}
}

func TestRetryAfterReachesTheCaller(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "3600")
		w.WriteHeader(http.StatusTooManyRequests)
	})
	err := get(t, newClient(t, Settings{}), s.URL+"/a")
	wantReason(t, err, RateLimited)
	if got := RetryAfter(err); got != time.Hour {
		t.Errorf("got %v, want an hour", got)
	}
	if want := "rate_limited: GET " + s.URL + "/a: 429 Too Many Requests"; err.Error() != want {
		t.Errorf("got %q, want %q", err, want)
	}
}

func FuzzRetryAfter(f *testing.F) {
	for _, seed := range []string{"1", "-1", "1e99", "0x1p-2", "Inf", "NaN", "Sun, 22 Nov 2026 14:00:00 GMT"} {
		f.Add(seed)
	}
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, value string) {
		if got := parseRetryAfter(value, now); got < 0 || got > maxRetryAfter {
			t.Errorf("%q: %v", value, got)
		}
	})
}
