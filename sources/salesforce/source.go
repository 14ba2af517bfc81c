package salesforce

import (
	"cmp"
	"context"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/downstatus/downstatus_exporter/internal/status"
	"github.com/downstatus/downstatus_exporter/sources"
	"github.com/downstatus/downstatus_exporter/sources/fetch"
	"github.com/downstatus/downstatus_exporter/sources/internal/keep"
	"github.com/downstatus/downstatus_exporter/sources/internal/pages"
	"github.com/downstatus/downstatus_exporter/sources/internal/vendors"
)

// The history that is asked for: what was under way in this time, at most so
// many incidents.
const (
	historyTime = 30 * 24 * time.Hour
	historySize = 1000
)

type source struct {
	keep.Follower
	target  *url.URL // the page
	root    string   // its address
	home    string   // address of its view of what counts
	options options
	client  *fetch.Client
	places  []document

	counts map[string]bool // instances, as of the last poll
}

type document struct {
	place
	fetch.Document[list]
}

func newSource(t sources.Target, c *fetch.Client) sources.Source {
	s := &source{
		target: t.Page, root: t.Page.String(), client: c,
		options: options{vendors.ParseList(t.Options["instances"]), vendors.ParseList(t.Options["products"])},
	}
	s.home = s.options.view(s.root)
	s.History = s.past
	for _, p := range s.options.places(t.Page) {
		d := document{p, fetch.Document[list]{URL: p.url.String(), Media: fetch.JSON, Decode: decodeList}}
		if p.instance {
			d.Decode = decodeOne
		}
		s.places = append(s.places, d)
	}
	return s
}

// Poll asks for all documents: without one of them the page is not known, but
// for the trouble in others. The times of impacts are judged anew each time,
// whether a document changed or not.
func (s *source) Poll(ctx context.Context, now time.Time) (sources.Reading, error) {
	lists := make([]list, len(s.places))
	var fault error
	for n := range s.places {
		l, _, err := s.places[n].Get(ctx, s.client)
		lists[n], fault = l, cmp.Or(fault, err, l.doubt)
	}
	b := s.build(lists, now)
	if len(b.page.Components) == 0 {
		return sources.Reading{}, cmp.Or(fault, fetch.Shapef("no instance in use is called %s", s.options))
	}
	read, err := pages.Doubted(sources.Reading{Page: b.page}, fault)
	if err != nil {
		return read, err
	}
	s.counts = b.seen
	r := s.Follow(ctx, now, b.page, b.over)
	r.Notes = slices.Concat(r.Notes, read.Notes, vendors.Note("instances", b.instances), vendors.Note("products", b.products))
	return r, nil
}

// past asks for the incidents of the last time, and keeps those of instances
// that count.
func (s *source) past(ctx context.Context, now time.Time, _ []status.Incident) ([]status.Incident, error) {
	u := api(s.target, "incidents")
	u.RawQuery = url.Values{
		"startTime": {now.Add(-historyTime).UTC().Format(time.RFC3339)}, "limit": {strconv.Itoa(historySize)},
	}.Encode()
	body, _, err := s.client.Get(ctx, u.String(), fetch.JSON)
	if err != nil {
		return nil, err
	}
	all, err := decodeHistory(body, now)
	if err != nil {
		return nil, err
	}
	other := func(r status.ComponentRef) bool { return !s.counts[r.ID] }
	var out []status.Incident
	for _, in := range all {
		if in.Components = slices.DeleteFunc(in.Components, other); len(in.Components) > 0 {
			out = append(out, in)
		}
	}
	return s.finish(out), nil
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
