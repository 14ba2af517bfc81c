package auto

import (
	"context"
	"net/url"

	"github.com/downstatus/downstatus_exporter/sources/fetch"
)

// What one detection may cost, whatever the page.
const (
	MaxRequests = 12      // redirects included
	MaxBytes    = 4 << 20 // of bodies
	maxHTML     = 1 << 20 // of a page's HTML that is looked at, in bytes
)

// asker asks for documents within what a detection may cost.
type asker struct {
	ctx    context.Context // draws on left
	client *fetch.Client
	left   *fetch.Allowance
	home   string // host of the page: when it is silent, nothing more is asked

	stopped bool
	open    error // the first failure that proves nothing, such as a timeout
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
		return body, final, true
	}
	reason := fetch.ReasonOf(err)
	spent := a.left.Requests <= 0 || a.left.Bytes <= 0
	a.stopped = spent || a.ctx.Err() != nil || u.Host == a.home && silent(reason)
	if !explained(reason) && !spent && a.open == nil {
		a.open = err
	}
	return nil, nil, false
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
