package downstatus

import (
	"context"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"time"

	"github.com/downstatus/downstatus_exporter/internal/status"
	"github.com/downstatus/downstatus_exporter/sources"
	"github.com/downstatus/downstatus_exporter/sources/fetch"
)

const (
	// full is how many services one answer can hold: so many may not be all.
	full = 500
	// maxCategories bounds the requests of a poll, whatever a feed invents.
	maxCategories = 40
)

// documented are the categories of the public service.
var documented = []string{"cloud", "email", "finance", "gaming", "internet", "other", "social", "streaming", "telecom"}

// source polls one feed and remembers its last good reading.
type source struct {
	client     *fetch.Client
	target     sources.Target
	services   *fetch.Document[*listing]
	categories map[string]*fetch.Document[*listing] // empty until one answer was full
	ongoing    outages
	resolved   outages
	last       *status.Feed
}

func newSource(t sources.Target, c *fetch.Client) sources.Source {
	at := t.Page.JoinPath(outagesPath)
	return &source{
		client:     c,
		target:     t,
		services:   newDocument(t.Document, "limit=500", decodeServices),
		categories: map[string]*fetch.Document[*listing]{},
		ongoing:    outages{document: newDocument(at, "status=ongoing&limit=100", decodeOutages), wanted: true},
		resolved:   outages{document: newDocument(at, "status=resolved&limit=100", decodeOutages), wanted: true},
	}
}

func newDocument[T any](at *url.URL, query string, decode func([]byte) (T, error)) *fetch.Document[T] {
	u := *at
	u.RawQuery = query
	return &fetch.Document[T]{URL: u.String(), Media: fetch.JSON, Budget: budget, Decode: decode}
}

// Poll asks for all services at once, and for outages only when they can have
// changed.
func (s *source) Poll(ctx context.Context, _ time.Time) (sources.Reading, error) {
	var r sources.Reading
	lists, err := s.list(ctx, &r)
	if err != nil {
		return sources.Reading{}, err
	}
	f := merge(lists)
	s.readOutages(ctx, &r, f)
	// The same pointer tells the caller that nothing has changed.
	if s.last == nil || !equal(s.last, f) {
		s.last = f
	}
	r.Feed = s.last
	return r, nil
}

// list asks for the services: in one answer, or where that is full by category
// as well.
func (s *source) list(ctx context.Context, r *sources.Reading) ([]*listing, error) {
	all, _, err := s.services.Get(ctx, s.client)
	if err != nil {
		return nil, err
	}
	lists := []*listing{all}
	if all.asked < full {
		return lists, nil
	}
	s.learnCategories(all, r)
	for _, name := range slices.Sorted(maps.Keys(s.categories)) {
		part, _, err := s.categories[name].Get(ctx, s.client)
		if err != nil {
			return nil, fmt.Errorf("category %q: %w", name, err)
		}
		if part.asked >= full {
			r.Notes = append(r.Notes, fmt.Sprintf("category %q fills a whole answer: services beyond the first %d cannot be seen", name, full))
		}
		lists = append(lists, part)
	}
	return lists, nil
}

// learnCategories keeps what was seen once: a category can be absent from the
// first rows and still have services.
func (s *source) learnCategories(all *listing, r *sources.Reading) {
	names := slices.Clone(documented)
	for _, row := range all.rows {
		names = append(names, row.Category)
	}
	for _, name := range names {
		switch {
		case name == "" || s.categories[name] != nil:
		case len(s.categories) == maxCategories:
			r.Notes = append(r.Notes, fmt.Sprintf("more than %d categories: some services may not be seen", maxCategories))
			return
		default:
			s.categories[name] = newDocument(s.target.Document, "category="+url.QueryEscape(name)+"&limit=500", decodeServices)
		}
	}
}

// merge is the union of listings; the first one leads and dates the whole.
func merge(lists []*listing) *status.Feed {
	f := &status.Feed{UpdatedAt: lists[0].updated, Services: make(map[string]status.FeedService, lists[0].asked)}
	for _, l := range lists {
		f.UnknownWords = append(f.UnknownWords, l.unknown...)
		for _, row := range l.rows {
			if _, known := f.Services[row.Slug]; !known {
				f.Services[row.Slug] = row.FeedService
				f.UnknownWords = append(f.UnknownWords, row.unknown...)
			}
		}
	}
	return f
}

// readOutages asks for the records that the services of a new reading give
// reason to ask for. Faults are notes: the services stand without them.
func (s *source) readOutages(ctx context.Context, r *sources.Reading, f *status.Feed) {
	left := s.left(f)
	s.ongoing.forget(left)
	s.ongoing.wanted = s.ongoing.wanted || anyTrouble(f)
	s.resolved.wanted = s.resolved.wanted || len(left) > 0
	for _, list := range [...]*outages{&s.ongoing, &s.resolved} {
		if err := list.get(ctx, s.client); err != nil {
			r.Notes = append(r.Notes, fmt.Sprintf("outages could not be read: %v", err))
		}
		f.UnknownWords = append(f.UnknownWords, list.unknown...)
	}
	f.Ongoing, f.Ended = open(s.ongoing.known), ended(s.resolved.known)
}

// anyTrouble tells whether there can be an open record worth asking for.
func anyTrouble(f *status.Feed) bool {
	for _, row := range f.Services {
		if row.Status.Trouble() {
			return true
		}
	}
	return false
}

// left are the slugs that were in trouble at the last reading and are not now.
func (s *source) left(f *status.Feed) map[string]bool {
	slugs := map[string]bool{}
	if s.last == nil {
		return slugs
	}
	for slug, row := range s.last.Services {
		now, listed := f.Services[slug]
		if row.Status.Trouble() && !(listed && now.Status.Trouble()) {
			slugs[slug] = true
		}
	}
	return slugs
}

// outages are one list of records, as it was last read.
type outages struct {
	document *fetch.Document[*records]
	wanted   bool // until it was read
	known    []status.FeedOutage
	unknown  []string
}

// get asks if the list is wanted; on a fault it stays so.
func (o *outages) get(ctx context.Context, c *fetch.Client) error {
	if !o.wanted {
		return nil
	}
	read, _, err := o.document.Get(ctx, c)
	if err != nil {
		return err
	}
	o.wanted, o.known, o.unknown = false, read.outages, read.unknown
	return nil
}

// forget drops the records of slugs: their start must not date later trouble.
func (o *outages) forget(slugs map[string]bool) {
	o.known = slices.DeleteFunc(slices.Clone(o.known), func(have status.FeedOutage) bool { return slugs[have.Slug] })
}

// open are the records without an end; of two for one slug the earlier.
func open(known []status.FeedOutage) map[string]status.FeedOutage {
	out := map[string]status.FeedOutage{}
	for _, o := range known {
		have, twice := out[o.Slug]
		if o.Resolved.IsZero() && (!twice || o.Started.Before(have.Started)) {
			out[o.Slug] = o
		}
	}
	return out
}

// ended are the records with an end.
func ended(known []status.FeedOutage) []status.FeedOutage {
	return slices.DeleteFunc(slices.Clone(known), func(o status.FeedOutage) bool { return o.Resolved.IsZero() })
}

// equal compares by value: another body may say the same, with rows in another
// order or split into other answers.
func equal(a, b *status.Feed) bool {
	return a.UpdatedAt.Equal(b.UpdatedAt) && maps.Equal(a.Services, b.Services) && maps.Equal(a.Ongoing, b.Ongoing) &&
		slices.Equal(a.Ended, b.Ended) && slices.Equal(a.UnknownWords, b.UnknownWords)
}
