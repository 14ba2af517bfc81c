// Package statusio reads pages hosted by Status.io through its public status
// API 1.0.
package statusio

import (
	"context"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/downstatus/downstatus_exporter/internal/status"
	"github.com/downstatus/downstatus_exporter/sources"
	"github.com/downstatus/downstatus_exporter/sources/fetch"
	"github.com/downstatus/downstatus_exporter/sources/internal/keep"
)

const apiHost = "api.status.io"

func init() {
	sources.Register(sources.Engine{
		Name:  "statusio",
		Title: "Status.io",
		Reads: "https://api.status.io/1.0/status/PAGE_ID; the page itself until its id is known",
		Options: []sources.Option{
			{Name: "page_id", Help: "id of the page, 24 characters of 0-9 and a-f; found in the page's HTML if left out"},
		},
		Target:    target,
		Elsewhere: func(sources.Target) []*url.URL { return []*url.URL{{Scheme: "https", Host: apiHost}} },
		Open: func(t sources.Target, c *fetch.Client) sources.Source {
			return open(t, c, &url.URL{Scheme: "https", Host: apiHost})
		},
	})
}

func target(c sources.Config) (sources.Target, error) {
	id := strings.ToLower(strings.TrimSpace(c.Options["page_id"]))
	if id != "" && !isID(id) {
		return sources.Target{}, fmt.Errorf("page_id %q is not an id of Status.io: want 24 characters of 0-9 and a-f, such as 51f6f2088643809b7200000d", id)
	}
	api := &url.URL{Scheme: "https", Host: apiHost}
	t := sources.Target{Page: api, Document: document(api, id), Value: id, Options: c.Options}
	if strings.TrimSpace(c.URL) == "" {
		if id == "" {
			return sources.Target{}, fmt.Errorf("neither url nor page_id is set: want the page's address, or options.page_id with 24 characters of 0-9 and a-f")
		}
		return t, nil
	}
	page, err := sources.ParseURL(c.URL)
	if err != nil {
		return sources.Target{}, err
	}
	t.Page = page
	if id == "" {
		t.Document = documentOf(api, page)
	}
	return t, nil
}

// documentOf is the document that an address leads to. A document's own
// address stands for itself, but that of a hosted page has one form, so that
// services on one page share it. An address without an id is the page itself.
func documentOf(api, page *url.URL) *url.URL {
	id, isDocument := addressID(page)
	switch {
	case id == "" || isDocument && !hosted(page):
		return page
	default:
		return document(api, id)
	}
}

func document(api *url.URL, id string) *url.URL { return api.JoinPath("1.0/status", id) }

// hosted is true for an address of Status.io's own.
func hosted(u *url.URL) bool { return strings.HasSuffix(u.Hostname(), ".status.io") }

// source is one page. Its document is known from the start where its address
// or an option gives the id, else once the page's HTML has.
type source struct {
	keep.Follower
	target sources.Target
	client *fetch.Client
	api    *url.URL
	doc    *fetch.Document[*answer]
}

func open(t sources.Target, c *fetch.Client, api *url.URL) sources.Source {
	s := &source{target: t, client: c, api: api}
	if id, isDocument := addressID(t.Document); isDocument {
		s.doc = s.document(t.Document, id)
	}
	return s
}

// Poll asks for the document. There is no history: it lists what is resolved.
func (s *source) Poll(ctx context.Context, now time.Time) (sources.Reading, error) {
	if s.doc == nil {
		id, err := s.find(ctx)
		if err != nil {
			return sources.Reading{}, err
		}
		s.doc = s.document(document(s.api, id), id)
	}
	a, _, err := s.doc.Get(ctx, s.client)
	if err != nil {
		return sources.Reading{}, err
	}
	return s.Follow(ctx, now, a.page, a.ended), nil
}

func (s *source) document(u *url.URL, id string) *fetch.Document[*answer] {
	links := linker{origin: origin(s.target.Page), id: id}
	return &fetch.Document[*answer]{
		URL:    u.String(),
		Media:  fetch.JSON,
		Decode: func(body []byte) (*answer, error) { return decode(body, links) },
	}
}

func (s *source) find(ctx context.Context) (string, error) {
	html, final, err := s.client.Get(ctx, s.target.Document.String(), fetch.HTML)
	if err != nil {
		return "", err
	}
	id, ok := PageID(html, final)
	if !ok {
		return "", fetch.Shapef("status.io page id not found in the page: set options.page_id")
	}
	return id, nil
}

// origin is where people read the page, or empty if only the API is known.
func origin(page *url.URL) string {
	if page.Hostname() == apiHost {
		return ""
	}
	return page.Scheme + "://" + page.Host
}

// linker makes addresses of a page for people.
type linker struct{ origin, id string }

// to is the address of one event: kind is incident or maintenance.
func (l linker) to(kind, id string) string {
	if l.origin == "" || id == "" {
		return ""
	}
	return sources.Link(l.origin + "/pages/" + kind + "/" + l.id + "/" + url.PathEscape(id))
}

// answer is what one version of the document says.
type answer struct {
	page  *status.Page
	ended []status.Incident
}
