package fetch

import (
	"context"
	"errors"
	"io"
	"net/http"
)

// Allowance is what a number of requests may cost together. It is used by one
// goroutine at a time.
type Allowance struct {
	Requests int   // how many more, redirects included
	Bytes    int64 // how much more of bodies, as they come over the wire
}

type allowanceKey struct{}

var errSpent = errors.New("as much has been asked for as is allowed")

// Within makes all requests under a context draw on one allowance. What goes
// beyond it fails: a request before it is sent, a body as one too large.
func Within(ctx context.Context, a *Allowance) context.Context {
	return context.WithValue(ctx, allowanceKey{}, a)
}

// roundTrip makes one request, within the allowance of its context if that has
// one.
func roundTrip(client *http.Client, req *http.Request) (*http.Response, error) {
	a, limited := req.Context().Value(allowanceKey{}).(*Allowance)
	if !limited {
		return sent(client, req)
	}
	if a.Requests <= 0 || a.Bytes <= 0 {
		return nil, &Error{Reason: TooLarge, Err: errSpent}
	}
	a.Requests--
	resp, err := sent(client, req)
	if err == nil {
		resp.Body = &metered{resp.Body, a}
	}
	return resp, err
}

// metered draws what is read of a body from an allowance.
type metered struct {
	io.ReadCloser
	a *Allowance
}

func (m *metered) Read(p []byte) (int, error) {
	if m.a.Bytes <= 0 {
		return 0, &http.MaxBytesError{}
	}
	n, err := m.ReadCloser.Read(p[:min(int64(len(p)), m.a.Bytes)])
	m.a.Bytes -= int64(n)
	return n, err
}
