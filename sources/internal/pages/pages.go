// Package pages holds what the engines of self-hosted pages have in common.
package pages

import (
	"context"
	"fmt"
	"reflect"
	"time"

	"github.com/downstatus/downstatus_exporter/internal/status"
	"github.com/downstatus/downstatus_exporter/sources"
	"github.com/downstatus/downstatus_exporter/sources/fetch"
)

// Same returns prev where next says exactly the same, so that a page keeps its
// pointer although the body it came from has changed in details.
func Same(prev, next *status.Page) *status.Page {
	if prev != nil && reflect.DeepEqual(prev, next) {
		return prev
	}
	return next
}

// Text is a name or title of an upstream, fit to be shown.
func Text(s sources.Str) string { return sources.Text(string(s), sources.TextLimit) }

// IDs are the ids of one page that are taken.
type IDs map[string]int

// Unique returns the id, with a number behind it where it is taken already.
func (ids IDs) Unique(id string) string {
	free := id
	for ids[free] > 0 {
		ids[id]++
		free = fmt.Sprintf("%s#%d", id, ids[id])
	}
	ids[free] = 1
	return free
}

// Escalate is for pages that know of each component only whether it is up or
// down, and rank the latter as major: where none is up any more, the outage is
// critical.
func Escalate(components []status.Component) {
	for _, c := range components {
		if !c.Maintenance && c.Rank != status.IndicatorUnknown && c.Rank < status.Major {
			return
		}
	}
	for i := range components {
		if components[i].Rank >= status.Major {
			components[i].Rank = status.Critical
		}
	}
}

// InMaintenance refers to the components under maintenance, for windows of
// pages that do not say what a window touches.
func InMaintenance(components []status.Component) []status.ComponentRef {
	var refs []status.ComponentRef
	for _, c := range components {
		if c.Maintenance {
			refs = append(refs, status.ComponentRef{ID: c.ID, Name: c.Name, Rank: status.IndicatorUnknown})
		}
	}
	return refs
}

// Open makes a source of a single document that holds all there is to a page.
// derive makes the page anew at every poll from what was decoded: home is
// where people read it.
func Open[T any](t sources.Target, c *fetch.Client, decode func(body []byte) (T, error),
	derive func(doc T, home string, now time.Time) *status.Page) sources.Source {
	return &single[T]{
		client: c,
		doc:    &fetch.Document[T]{URL: t.Document.String(), Media: fetch.JSON, Decode: decode},
		derive: func(doc T, now time.Time) *status.Page { return derive(doc, t.Page.String(), now) },
	}
}

type single[T any] struct {
	client *fetch.Client
	doc    *fetch.Document[T]
	derive func(T, time.Time) *status.Page
	page   *status.Page // of the last good poll
}

// Poll asks for the document.
func (s *single[T]) Poll(ctx context.Context, now time.Time) (sources.Reading, error) {
	doc, _, err := s.doc.Get(ctx, s.client)
	if err != nil {
		return sources.Reading{}, err
	}
	s.page = Same(s.page, s.derive(doc, now))
	return sources.Reading{Page: s.page}, nil
}
