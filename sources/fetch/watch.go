package fetch

import (
	"context"
	"net/http"

	"golang.org/x/time/rate"
)

type (
	paceKey  struct{}
	watchKey struct{}
)

// Paced makes each request under a context, redirects included, wait for its
// turn. The wait counts in the request's time.
func Paced(ctx context.Context, pace *rate.Limiter) context.Context {
	return context.WithValue(ctx, paceKey{}, pace)
}

// Watched shows each answer under a context to saw, before its body is read:
// status and header are all that saw may look at. Who watches already still
// does.
func Watched(ctx context.Context, saw func(*http.Response)) context.Context {
	outer, _ := ctx.Value(watchKey{}).(func(*http.Response))
	return context.WithValue(ctx, watchKey{}, func(r *http.Response) {
		saw(r)
		if outer != nil {
			outer(r)
		}
	})
}

// sent makes one request as its context wants it.
func sent(client *http.Client, req *http.Request) (*http.Response, error) {
	ctx := req.Context()
	if pace, ok := ctx.Value(paceKey{}).(*rate.Limiter); ok {
		if err := pace.Wait(ctx); err != nil {
			return nil, err
		}
	}
	resp, err := client.Transport.RoundTrip(req)
	if saw, ok := ctx.Value(watchKey{}).(func(*http.Response)); ok && err == nil {
		saw(resp)
	}
	return resp, err
}
