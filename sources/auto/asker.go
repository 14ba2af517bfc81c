package auto

import (
	"cmp"
	"context"
	"fmt"
	"net/url"

	"github.com/downstatus/downstatus_exporter/sources/fetch"
)

// What one detection may cost, whatever the page.
const (
	MaxRequests = 12      // redirects included
	MaxBytes    = 4 << 20 // of bodies
	maxIll      = 2       // failures in a row of the page's host that prove nothing: each may take a whole timeout
	maxHTML     = 1 << 20 // of a page's HTML that is looked at, in bytes
)

// asker asks for documents within what a detection may cost.
type asker struct {
	ctx    context.Context // draws on left
	client *fetch.Client
	left   *fetch.Allowance
	home   string // host of the page: when it is silent, nothing more is asked

	stopped  bool
	answered bool  // something was: a refusal then says no more than that a document is not there
	open     error // the first failure that proves nothing, such as a timeout
	refused  error // the first answer that the asker may see nothing
	ill      int   // such failures in a row
}

func newAsker(ctx context.Context, client *fetch.Client, home string) asker {
	left := &fetch.Allowance{Requests: MaxRequests, Bytes: MaxBytes}
	return asker{ctx: fetch.Within(ctx, left), client: client, left: left, home: home}
}

// requests is how many have been made.
func (a *asker) requests() int { return MaxRequests - a.left.Requests }

// get asks for one document. Not ok is a document that is not there, or, with
// the error kept, one that could not be asked for.
func (a *asker) get(u *url.URL, media fetch.Media) ([]byte, *url.URL, bool) {
	if a.stopped {
		return nil, nil, false
	}
	body, final, err := a.client.Get(a.ctx, u.String(), media)
	if err == nil {
		a.ill, a.answered = 0, true
		return body, final, true
	}
	a.fail(u.Host, err)
	return nil, nil, false
}

// fail notes a failure, and stops where going on is no use, or no good
// manners. What is only not there proves that the host is well.
func (a *asker) fail(host string, err error) {
	reason, refused := fetch.ReasonOf(err), fetch.Refused(err) && !a.answered
	spent := a.left.Requests <= 0 || a.left.Bytes <= 0
	switch {
	case refused:
		a.refused = cmp.Or(a.refused, err)
	case a.left.Bytes <= 0:
		a.open = cmp.Or(a.open, error(&fetch.Error{Reason: fetch.TooLarge, Err: fmt.Errorf("answers of %s are over %d bytes together", host, MaxBytes)}))
	case !explained(reason) && !spent:
		a.open = cmp.Or(a.open, err)
	}
	if host == a.home && (refused || !explained(reason)) {
		a.ill++
	} else {
		a.ill = 0
	}
	a.stopped = spent || a.ctx.Err() != nil || a.ill >= maxIll ||
		host == a.home && (silent(reason) || fetch.RetryAfter(err) > 0)
}

// silent is true for the failures of a host as a whole, to which it is no use,
// or no good manners, to go on talking.
func silent(r fetch.Reason) bool {
	switch r {
	case fetch.DNS, fetch.Connect, fetch.TLS, fetch.Blocked, fetch.Canceled, fetch.RateLimited:
		return true
	}
	return false
}
