// Package auto finds out which engine a page runs on, and then lets that
// engine read it.
package auto

import (
	"context"
	"net/url"
	"reflect"
	"time"

	"github.com/downstatus/downstatus_exporter/internal/status"
	"github.com/downstatus/downstatus_exporter/sources"
	"github.com/downstatus/downstatus_exporter/sources/fetch"
)

const name = "auto"

func init() {
	sources.Register(sources.Engine{
		Name:   name,
		Title:  "found out by itself",
		Reads:  "the documents of the engines it knows until one answers, then those of that engine",
		Target: target,
		Open: func(t sources.Target, c *fetch.Client) sources.Source {
			return &source{page: t.Page, client: c, lookup: sources.Lookup}
		},
	})
}

func target(c sources.Config) (sources.Target, error) {
	page, err := sources.ParseURL(c.URL)
	if err != nil {
		return sources.Target{}, err
	}
	page = pageOf(page)
	return sources.Target{Page: page, Document: page, Options: c.Options}, nil
}

// patience is how many polls may fail in a way that another engine would
// explain before the engine is looked for anew: pages move. Where that finds
// nothing else, it takes twice as many the next time, and so on.
const patience = 3

// source is a page whose engine has been found, or is still looked for.
type source struct {
	page   *url.URL
	client *fetch.Client
	lookup func(string) (sources.Engine, bool)

	found   Finding
	inner   sources.Source // nil until an engine is found
	read    *status.Page   // the last good reading
	strange int            // polls since the last good one that another engine would explain

	missed error // why the last detection found nothing
	misses int   // detections in a row that found nothing, or nothing new
	rest   int   // polls until the next one
}

// restMax is the longest rest between detections in vain, in polls.
const restMax = 64

// Resume starts with the engine of an earlier run. It is tried as if it had
// been found; having read nothing yet, it gets no patience. A page that was
// read by a feed it advertises is looked at again: the feed's address is not
// remembered.
func (s *source) Resume(engine string) {
	if _, known := sources.DetectionOf(engine); !known {
		return
	}
	how := Finding{Engine: engine, Config: sources.Config{URL: s.page.String()}}
	if s.inner == nil && s.open(how) == nil {
		s.strange = patience - 1
	}
}

// Poll finds the engine if it must, and asks it. While none is found, it looks
// again after one poll, two, four and so on: a detection costs its host far
// more than a poll does.
func (s *source) Poll(ctx context.Context, now time.Time) (sources.Reading, error) {
	if s.inner == nil && s.rest > 0 {
		s.rest--
		return sources.Reading{}, s.missed
	}
	if s.inner == nil || s.strange >= s.patience() {
		s.strange = 0
		if err := s.look(ctx); err != nil {
			return sources.Reading{}, err
		}
	}
	r, err := s.inner.Poll(ctx, now)
	switch {
	case err == nil:
		s.strange, s.misses = 0, 0
	case explained(fetch.ReasonOf(err)):
		s.strange++
	}
	if err != nil {
		return sources.Reading{}, err
	}
	s.adopt(r.Page)
	r.Engine = s.found.Engine
	return r, nil
}

// adopt goes on with another engine that wrote the page which the present one
// has read: without the change, nobody would learn that it has moved.
func (s *source) adopt(page *status.Page) {
	if page == s.read {
		return
	}
	s.read = page
	if how, _ := sources.DetectionOf(s.found.Engine); how.Wrote == nil || how.Wrote(page) {
		return
	}
	for _, e := range sources.Engines() {
		if how, _ := sources.DetectionOf(e.Name); how.Wrote != nil && how.Wrote(page) {
			_ = s.open(Finding{Engine: e.Name, Config: s.found.Config}) // else the present one goes on
			return
		}
	}
}

// patience is how many polls may fail now.
func (s *source) patience() int { return min(patience<<min(s.misses, 10), restMax) }

// look detects the engine, and notes it when that is in vain. Its error leaves
// nothing to poll.
func (s *source) look(ctx context.Context) error {
	before := s.inner
	err := s.detect(ctx)
	switch {
	case before == nil && err != nil:
		s.miss(err)
		return err
	case before == s.inner:
		s.misses++
	default:
		s.misses = 0
	}
	return nil
}

// miss notes a detection in vain. What looks like an engine that nobody knows
// will look so for long; a host that is out of reach is soon tried again.
func (s *source) miss(err error) {
	s.missed, s.rest = err, 0
	if !explained(fetch.ReasonOf(err)) {
		s.misses = 0
		return
	}
	s.rest = min(1<<min(s.misses, 10), restMax) - 1
	s.misses++
}

// explained is true for the failures of a page that runs on another engine by
// now.
func explained(r fetch.Reason) bool {
	return r == fetch.Shape || r == fetch.ContentType || r == fetch.HTTP4xx
}

// detect replaces the inner source if the page runs on another engine, or is
// elsewhere, than before. After an error all is as it was.
func (s *source) detect(ctx context.Context) error {
	found, err := Detect(ctx, s.client, s.page)
	if err != nil {
		return err
	}
	return s.open(found)
}

func (s *source) open(found Finding) error {
	if s.inner != nil && found.Engine == s.found.Engine && reflect.DeepEqual(found.Config, s.found.Config) {
		return nil
	}
	engine, ok := s.lookup(found.Engine)
	if !ok || engine.Feed || found.Engine == name {
		return fetch.Shapef("%s runs on %s, which this program does not read", s.page.Redacted(), found.Engine)
	}
	target, err := engine.Target(found.Config)
	if err != nil {
		return fetch.Shapef("%s runs on %s, but: %w", s.page.Redacted(), found.Engine, err)
	}
	s.found, s.inner = found, engine.Open(target, s.client)
	return nil
}
