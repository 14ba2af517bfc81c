package auto

import (
	"context"
	"errors"
	"net/url"
	"strings"

	"github.com/downstatus/downstatus_exporter/sources"
	"github.com/downstatus/downstatus_exporter/sources/fetch"
	"github.com/downstatus/downstatus_exporter/sources/statusio"
)

// Finding is the engine of a page and what to configure to read it.
type Finding struct {
	Engine string // name of the engine
	URL    string // the page, after redirects
	PageID string // options.page_id of statusio, or empty
	Why    string // what gave it away, for people
}

// Config is the finding as a configuration of its engine.
func (f Finding) Config() sources.Config {
	c := sources.Config{URL: f.URL, Options: map[string]string{}}
	if f.PageID != "" {
		c.Options["page_id"] = f.PageID
	}
	return c
}

// What detection can end in besides a finding, an error of the network, or an
// answer that leaves it open. Both are failed polls: nothing is known then.
var (
	ErrUnknownEngine = errors.New("no engine that this program knows answers there: set official.engine, if it is one of them")
	ErrAPIOff        = errors.New("its API does not answer: it may be switched off, or the page be private")
)

// Detect finds the engine of a page, given by its address or by that of one of
// its documents: by the host name, by the documents that engines serve, and
// last by the page's HTML. It makes at most 7 requests, one after another. Its error is a *fetch.Error, and wraps ErrUnknownEngine or
// ErrAPIOff where that is the outcome.
func Detect(ctx context.Context, client *fetch.Client, page *url.URL) (Finding, error) {
	page = pageOf(page)
	hint := byHost(page)
	switch {
	case statusio.AddressID(page) != "":
		return Finding{Engine: "statusio", URL: page.String(), Why: "page id in the address"}, nil
	case hint == "statusio" || hint == "zendesk":
		return Finding{Engine: hint, URL: page.String(), Why: "host name"}, nil
	}
	d := &detection{ctx: ctx, client: client}
	if f, ok := d.documents(page); ok {
		return f, nil
	}
	f, marked, ok := d.html(page)
	if ok {
		return f, nil
	}
	if hint == "" {
		hint = marked
	}
	return Finding{}, d.outcome(page, hint)
}

// hosts are the domains of operators. A page there may still be moved: what
// its documents say leads.
var hosts = []struct{ suffix, engine string }{
	{"statuspage.incident.io", "incidentio"},
	{"incident.io", "incidentio"},
	{"statuspage.io", "statuspage"},
	{"status.atlassian.com", "statuspage"},
	{"status.zendesk.com", "zendesk"},
	{"status.io", "statusio"},
}

func byHost(page *url.URL) string {
	for _, h := range hosts {
		if under(page.Hostname(), h.suffix) {
			return h.engine
		}
	}
	return ""
}

// under is true for the domain itself and everything below it.
func under(host, domain string) bool {
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	return host == domain || strings.HasSuffix(host, "."+domain)
}

// detection is one run.
type detection struct {
	ctx    context.Context
	client *fetch.Client
	open   error // the first failure that proves nothing, such as a timeout
}

// documents asks for the documents of engines, below the page and at its
// host's root.
func (d *detection) documents(page *url.URL) (Finding, bool) {
	for _, base := range bases(page) {
		if f, ok := d.summary(base); ok {
			return f, true
		}
	}
	return d.zendesk(root(page))
}

func bases(page *url.URL) []*url.URL {
	if page.Path == "" || page.Path == "/" {
		return []*url.URL{root(page)}
	}
	return []*url.URL{page, root(page)}
}

func root(page *url.URL) *url.URL { return &url.URL{Scheme: page.Scheme, Host: page.Host} }

// html asks for the page itself. One that has moved to another host is probed
// there too; what is found then is told from an engine that merely shows.
func (d *detection) html(page *url.URL) (f Finding, marked string, ok bool) {
	body, final, ok := d.get(page, fetch.HTML)
	if !ok {
		return Finding{}, "", false
	}
	if final.Host != page.Host {
		if f, ok := d.documents(trimmed(final, "")); ok {
			return f, "", true
		}
	}
	if id, ok := statusio.PageID(body, final); ok && marks(body, final).statusio {
		return Finding{Engine: "statusio", URL: root(final).String(), PageID: id, Why: "page id in the page"}, "", true
	}
	return Finding{}, marks(body, final).engine(), false
}

// get asks for one document. Not ok is a document that is not there, or, with
// the error kept, one that could not be asked for.
func (d *detection) get(u *url.URL, media fetch.Media) ([]byte, *url.URL, bool) {
	body, final, err := d.client.Get(d.ctx, u.String(), media)
	if err == nil {
		return body, final, true
	}
	if !explained(fetch.ReasonOf(err)) && d.open == nil {
		d.open = err
	}
	return nil, nil, false
}

// outcome is the error of a detection that found nothing. A page that could
// not be asked in full is not called unknown.
func (d *detection) outcome(page *url.URL, engine string) error {
	switch {
	case d.open != nil:
		return d.open
	case engine != "":
		return fetch.Shapef("%s is a page of %s, but %w", page.Redacted(), engine, ErrAPIOff)
	default:
		return fetch.Shapef("%s: %w", page.Redacted(), ErrUnknownEngine)
	}
}

// trimmed is the page that a document's address belongs to.
func trimmed(u *url.URL, suffix string) *url.URL {
	page := root(u)
	page.Path = strings.TrimRight(strings.TrimSuffix(u.Path, suffix), "/")
	return page
}
