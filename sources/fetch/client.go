// Package fetch is the one HTTP client of the exporter: polite towards
// operators, suspicious of answers.
package fetch

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	promconfig "github.com/prometheus/common/config"
	"github.com/prometheus/common/version"
)

const (
	maxRedirects     = 3
	maxHeaderBytes   = 64 << 10
	defaultTimeout   = 10 * time.Second
	defaultBodyLimit = 8 << 20

	// A little longer than the usual poll interval, so that connections last
	// from poll to poll and those of slower sources do not pile up.
	idleTimeout = 90 * time.Second
)

// Settings are what a Client is made from. Zero values take the defaults.
type Settings struct {
	HTTP          promconfig.HTTPClientConfig // proxy, TLS, credentials; follow_redirects is not heeded
	Timeout       time.Duration               // of one request with its redirects and body; 10s
	HeaderTimeout time.Duration               // until the headers of one answer are there; Timeout
	BodyLimit     int64                       // of the decompressed body, in bytes; 8 MiB
	UserAgent     string                      // DefaultUserAgent()
	Guard         *Guard                      // which private hosts may be asked; none
	Budgets       *Budgets                    // shared by all clients of the program
}

// Client asks upstreams with one set of HTTP settings. It is safe for
// concurrent use.
type Client struct {
	settings Settings
	home     *http.Client // with the configured credentials
	away     *http.Client // without them, once a redirect has left the host
}

// DefaultUserAgent names the program and where to read about it.
func DefaultUserAgent() string {
	return fmt.Sprintf("downstatus_exporter/%s (+https://github.com/downstatus/downstatus_exporter)",
		cmp.Or(version.Version, "unknown"))
}

// NewClient makes a client. An error says what is wrong with the HTTP
// settings, such as a CA file that cannot be read.
func NewClient(s Settings) (*Client, error) {
	s.Timeout = cmp.Or(s.Timeout, defaultTimeout)
	s.HeaderTimeout = cmp.Or(s.HeaderTimeout, s.Timeout)
	s.BodyLimit = cmp.Or(s.BodyLimit, defaultBodyLimit)
	s.UserAgent = cmp.Or(s.UserAgent, DefaultUserAgent())
	if s.Guard == nil {
		s.Guard = NewGuard()
	}
	if s.Budgets == nil {
		s.Budgets = NewBudgets()
	}
	s.HTTP.FollowRedirects = false
	s.Guard.allowInfrastructure(s.HTTP)
	home, err := newHTTPClient(s, s.HTTP)
	if err != nil {
		return nil, err
	}
	away, err := newHTTPClient(s, withoutCredentials(s.HTTP))
	if err != nil {
		return nil, err
	}
	return &Client{settings: s, home: home, away: away}, nil
}

func newHTTPClient(s Settings, cfg promconfig.HTTPClientConfig) (*http.Client, error) {
	client, err := promconfig.NewClientFromConfig(cfg, "downstatus_exporter",
		promconfig.WithDialContextFunc(s.Guard.dialContext(s.Timeout)),
		promconfig.WithIdleConnTimeout(idleTimeout))
	if err != nil {
		return nil, fmt.Errorf("http_config: %w", err)
	}
	// Credentials and TLS files wrap the transport, and it keeps its 10 MiB.
	if t, ok := client.Transport.(*http.Transport); ok {
		t.MaxResponseHeaderBytes = maxHeaderBytes
	}
	return client, nil
}

// withoutCredentials is what of the settings may reach a host that they were
// not made for.
func withoutCredentials(cfg promconfig.HTTPClientConfig) promconfig.HTTPClientConfig {
	cfg.BasicAuth, cfg.Authorization, cfg.OAuth2, cfg.HTTPHeaders = nil, nil, nil, nil
	cfg.BearerToken, cfg.BearerTokenFile = "", ""
	tls := &cfg.TLSConfig
	tls.Cert, tls.CertFile, tls.CertRef = "", "", ""
	tls.Key, tls.KeyFile, tls.KeyRef = "", "", ""
	tls.ServerName = ""
	return cfg
}

// Close closes idle connections; the client stays usable.
func (c *Client) Close() {
	c.home.CloseIdleConnections()
	c.away.CloseIdleConnections()
}

// Get asks once, for detection and details. final is the address after
// redirects. The host's budget counts, as far as a Document has set one.
func (c *Client) Get(ctx context.Context, rawURL string, media Media) (body []byte, final *url.URL, err error) {
	a, err := c.sharing(ctx, request{url: rawURL, media: media})
	if err != nil {
		return nil, nil, err
	}
	a.release()
	return a.body, a.final, nil
}

// request is one question.
type request struct {
	url    string
	media  Media
	header http.Header
	budget Budget
	known  validators
}

// answer is a body of the right media, or the word that it is unchanged.
type answer struct {
	body       []byte // without BOM
	unchanged  bool   // 304: there is no body
	final      *url.URL
	validators validators
	release    func() // to be called when the body has been used
}

// validators are what an upstream gave to ask for changes only. They mean
// nothing at another address: a redirect may lead elsewhere by now.
type validators struct {
	url, etag, modified string
}

func (v validators) hold(u *url.URL) bool {
	return v.etag+v.modified != "" && v.url == u.String()
}

// pollKey marks the context of our own requests, see Guard.dialContext.
type pollKey struct{}

func (c *Client) ask(ctx context.Context, r request) (*answer, error) {
	u, err := url.Parse(r.url)
	if err != nil {
		return nil, &Error{Reason: Connect, Err: errors.New("the URL is not well-formed")}
	}
	if err := c.settings.Guard.check(u.Hostname()); err != nil {
		return nil, failure(ctx, u, err)
	}
	if err := c.settings.Budgets.wait(ctx, u, r.budget); err != nil {
		return nil, failure(ctx, u, err)
	}
	ctx, cancel := context.WithCancelCause(context.WithValue(ctx, pollKey{}, true))
	defer cancel(nil)
	late := overdue("no complete answer within " + c.settings.Timeout.String())
	defer time.AfterFunc(c.settings.Timeout, func() { cancel(late) }).Stop()
	return c.follow(ctx, cancel, hop{url: u}, r)
}

// follow asks hop after hop until one answers with anything but a redirect.
func (c *Client) follow(ctx context.Context, cancel context.CancelCauseFunc, h hop, r request) (*answer, error) {
	for range maxRedirects + 1 {
		resp, err := c.send(ctx, cancel, h, r)
		if err != nil {
			return nil, failure(ctx, h.url, err)
		}
		if !redirects(resp.StatusCode) {
			a, err := c.read(ctx, resp, h, r)
			if err != nil {
				return nil, failure(ctx, h.url, err)
			}
			return a, nil
		}
		discard(resp)
		next, err := h.next(resp.Header.Get("Location"), c.settings.Guard)
		if err != nil {
			return nil, failure(ctx, h.url, err)
		}
		h = next
	}
	return nil, failure(ctx, h.url, redirectError("more than %d redirects", maxRedirects))
}

// send makes one request and waits for the headers of its answer.
func (c *Client) send(ctx context.Context, cancel context.CancelCauseFunc, h hop, r request) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, h.url.String(), nil)
	if err != nil {
		return nil, errors.New("no valid request")
	}
	c.setHeader(req, h, r)
	late := overdue("no headers within " + c.settings.HeaderTimeout.String())
	defer time.AfterFunc(c.settings.HeaderTimeout, func() { cancel(late) }).Stop()
	client := c.home
	if h.away {
		client = c.away
	}
	// Not client.Do: it would follow and judge redirects by rules of its own.
	return roundTrip(client, req)
}

func (c *Client) setHeader(req *http.Request, h hop, r request) {
	req.Header.Set("Accept", accept[r.media])
	if !h.away {
		for name, values := range r.header {
			req.Header[http.CanonicalHeaderKey(name)] = values
		}
		if user := h.url.User; user != nil {
			password, _ := user.Password()
			req.SetBasicAuth(user.Username(), password)
		}
	}
	req.Header.Set("User-Agent", c.settings.UserAgent)
	req.Header.Set("Accept-Encoding", "gzip")
	if !r.known.hold(h.url) {
		return
	}
	if r.known.etag != "" {
		req.Header.Set("If-None-Match", r.known.etag)
	}
	if r.known.modified != "" {
		req.Header.Set("If-Modified-Since", r.known.modified)
	}
}

// read takes the answer of the last hop apart. It always closes the body.
func (c *Client) read(ctx context.Context, resp *http.Response, h hop, r request) (*answer, error) {
	defer discard(resp)
	if resp.StatusCode == http.StatusNotModified && r.known.hold(h.url) {
		return &answer{unchanged: true, final: h.url, release: func() {}}, nil
	}
	if resp.StatusCode != http.StatusOK {
		return nil, statusError(resp, time.Now())
	}
	body, release, err := readBody(ctx, resp, c.settings.BodyLimit)
	if err != nil {
		resp.Body.Close() // nothing worth waiting for
		return nil, err
	}
	body, err = sniff(r.media, resp.Header.Get("Content-Type"), body)
	if err != nil {
		release()
		return nil, err
	}
	given := validators{
		url:      h.url.String(),
		etag:     sendable(resp.Header.Get("ETag")),
		modified: sendable(resp.Header.Get("Last-Modified")),
	}
	return &answer{body: body, final: h.url, validators: given, release: release}, nil
}

// hop is one request on the way to the answer.
type hop struct {
	url  *url.URL
	away bool // a redirect has left the first host, once and for all
}

func redirects(code int) bool {
	switch code {
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther,
		http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
		return true
	}
	return false
}

// next is where a redirect leads.
func (h hop) next(location string, guard *Guard) (hop, error) {
	if location == "" {
		return hop{}, redirectError("redirected without a target")
	}
	to, err := h.url.Parse(location)
	if err != nil || to.Host == "" || to.Scheme != "http" && to.Scheme != "https" {
		return hop{}, redirectError("redirected to what is not a web address")
	}
	if err := guard.check(to.Hostname()); err != nil {
		return hop{}, err
	}
	if h.url.Scheme == "https" && to.Scheme == "http" {
		return hop{}, redirectError("redirected from https to http")
	}
	to.Fragment = ""
	to.User = nil
	away := h.away || !strings.EqualFold(to.Host, h.url.Host)
	if !away {
		to.User = h.url.User
	}
	return hop{url: to, away: away}, nil
}
