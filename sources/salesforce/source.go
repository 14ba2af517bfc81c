package salesforce

import (
	"context"
	"fmt"
	"net/url"
	"time"

	"github.com/downstatus/downstatus_exporter/internal/status"
	"github.com/downstatus/downstatus_exporter/sources"
	"github.com/downstatus/downstatus_exporter/sources/fetch"
	"github.com/downstatus/downstatus_exporter/sources/internal/keep"
	"github.com/downstatus/downstatus_exporter/sources/internal/scopes"
)

type source struct {
	target  *url.URL // the page
	root    string   // its address
	home    string   // address of its view of what counts
	options options
	client  *fetch.Client
	places  []document

	page *status.Page // of the last good poll
	ends keep.Ends
	last map[string]status.Incident // as last seen open, of those open or asked for
}

type document struct {
	place
	fetch.Document[[]instance]
}

func newSource(t sources.Target, c *fetch.Client) sources.Source {
	s := &source{
		target: t.Page, root: t.Page.String(), client: c, last: map[string]status.Incident{},
		options: options{scopes.Parse(t.Options["instances"]), scopes.Parse(t.Options["products"])},
	}
	s.home = s.options.view(s.root)
	for _, p := range s.options.places(t.Page) {
		d := document{p, fetch.Document[[]instance]{URL: p.url.String(), Media: fetch.JSON, Decode: decodeList}}
		if p.instance {
			d.Decode = decodeOne
		}
		s.places = append(s.places, d)
	}
	return s
}

// Poll asks for all documents: without one of them the page is not known. The
// times of impacts are judged anew each time, whether a document changed or
// not.
func (s *source) Poll(ctx context.Context, now time.Time) (sources.Reading, error) {
	lists := make([][]instance, len(s.places))
	for n := range s.places {
		list, _, err := s.places[n].Get(ctx, s.client)
		if err != nil {
			return sources.Reading{}, err
		}
		lists[n] = list
	}
	b := s.build(lists, now)
	if len(b.page.Components) == 0 {
		return sources.Reading{}, fetch.Shapef("no instance in use is called %s", s.options)
	}
	r := sources.Reading{Page: keep.Page(s.page, b.page)}
	if r.Page != s.page {
		r.Notes = append(scopes.Note("instances", b.instances), scopes.Note("products", b.products)...)
	}
	s.page = r.Page
	s.turn(b.over, &r)
	s.ask(ctx, &r, now)
	return r, nil
}

// turn hands on the incidents that the page itself tells the end of, and
// remembers the others for the time when they have left it.
func (s *source) turn(over []status.Incident, r *sources.Reading) {
	s.ends.Turn(s.page.Incidents)
	for _, in := range over {
		if !contains(s.page.Incidents, in.ID) && s.ends.Told(in.ID) {
			s.end(in.ID, in.Resolved, r)
		}
	}
	last := map[string]status.Incident{}
	for _, id := range s.ends.IDs() {
		last[id] = s.last[id]
	}
	for _, in := range s.page.Incidents {
		last[in.ID] = in
	}
	s.last = last
}

// askAtOnce is how many incidents one poll asks for, when many left the list.
const askAtOnce = 5

// ask asks for the ends of incidents that left the list, a few times each.
func (s *source) ask(ctx context.Context, r *sources.Reading, now time.Time) {
	ids := s.ends.IDs()
	for _, id := range ids[:min(len(ids), askAtOnce)] {
		at, err := s.resolved(ctx, id, now)
		if err != nil {
			r.Notes = append(r.Notes, fmt.Sprintf("the end of incident %s is not known: %v", id, err))
			s.ends.Retry(id)
			continue
		}
		s.ends.Told(id)
		s.end(id, at, r)
	}
}

func (s *source) resolved(ctx context.Context, id string, now time.Time) (time.Time, error) {
	body, _, err := s.client.Get(ctx, api(s.target, "incidents", url.PathEscape(id)).String(), fetch.JSON)
	if err != nil {
		return time.Time{}, err
	}
	at, err := decodeEnd(body, now)
	if err == nil && at.IsZero() {
		err = fetch.Shapef("it has not ended there")
	}
	return at, err
}

// end hands on an incident as it was last seen open: when it is over, all of
// its instances are well.
func (s *source) end(id string, at time.Time, r *sources.Reading) {
	in := s.last[id]
	in.Over, in.Resolved = true, at
	if !at.IsZero() {
		in.Resolved = status.Latest(at, in.Started)
	}
	r.Ended = append(r.Ended, in)
}

// String is what is asked for, as people write it.
func (o options) String() string {
	switch {
	case !o.products.Active():
		return o.instances.String()
	case !o.instances.Active():
		return o.products.String()
	}
	return o.instances.String() + " of " + o.products.String()
}
