// Package counts reads report counts by slug out of any JSON document: the
// tickets of a help desk, the mentions that a bot has seen.
package counts

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"time"

	"github.com/downstatus/downstatus_exporter/internal/status"
	"github.com/downstatus/downstatus_exporter/sources"
	"github.com/downstatus/downstatus_exporter/sources/fetch"
	"github.com/downstatus/downstatus_exporter/sources/internal/generic"
	"github.com/downstatus/downstatus_exporter/sources/internal/jq"
)

func init() {
	sources.Register(sources.Engine{
		Name:  "counts",
		Title: "Report counts, JSON of any kind",
		Reads: "the document at `url`",
		Feed:  true,
		Options: []sources.Option{
			{Name: "items", Help: "jq program that yields one item for each service, such as `.queues[]`; must be given"},
			{Name: "require", Help: "jq program: of what it yields nothing may be null or false, and it must yield something"},
			{Name: "slug", Help: "the service's slug. This and the following: the name of a field of the item, or a jq program; default `slug`"},
			{Name: "reports_1h", Help: "reports in the last hour; default `reports_1h`"},
			{Name: "reports_24h", Help: "reports in the last 24 hours; without it they are not known, and what is normal takes longer to learn"},
			{Name: "name", Help: "the service's name; the slug if left out"},
			{Name: "category", Help: "its category"},
			{Name: "updated", Help: "jq program on the whole document: when the counts were taken, as RFC 3339 or seconds since 1970"},
			generic.PageOption,
		},
		Target: target,
		Open:   open,
	})
}

func target(c sources.Config) (sources.Target, error) {
	if _, err := readRules(c.Options); err != nil {
		return sources.Target{}, err
	}
	return generic.Target(c)
}

// rules are the options, made ready.
type rules struct {
	items, require, updated jq.Program
	slug, name, category    jq.Program
	hour, day               jq.Program
}

func readRules(o map[string]string) (r rules, err error) {
	if o["items"] == "" {
		return r, errors.New("items is missing: want a jq program that yields one item for each service, such as .[]")
	}
	for name, p := range map[string]*jq.Program{"items": &r.items, "require": &r.require, "updated": &r.updated} {
		if o[name] == "" {
			continue
		}
		if *p, err = jq.Compile(o[name]); err != nil {
			return r, fmt.Errorf("%s: %w", name, err)
		}
	}
	fallback := map[string]string{"slug": "slug", "reports_1h": "reports_1h"}
	for name, p := range map[string]*jq.Program{
		"slug": &r.slug, "name": &r.name, "category": &r.category, "reports_1h": &r.hour, "reports_24h": &r.day,
	} {
		text := o[name]
		if text == "" {
			text = fallback[name]
		}
		if *p, err = jq.CompileField(text); err != nil {
			return r, fmt.Errorf("%s: %w", name, err)
		}
	}
	return r, nil
}

type source struct {
	client *fetch.Client
	doc    fetch.Document[*status.Feed]
	last   *status.Feed
}

func open(t sources.Target, c *fetch.Client) sources.Source {
	r, _ := readRules(t.Options) // checked by target
	return &source{
		client: c,
		doc: fetch.Document[*status.Feed]{
			URL: t.Document.String(), Media: fetch.Any, Header: http.Header{"Accept": {"application/json, */*;q=0.5"}}, Decode: r.decode,
		},
	}
}

// Poll asks for the document. Another body may say the same.
func (s *source) Poll(ctx context.Context, _ time.Time) (sources.Reading, error) {
	f, _, err := s.doc.Get(ctx, s.client)
	if err != nil {
		return sources.Reading{}, err
	}
	if s.last == nil || !equal(s.last, f) {
		s.last = f
	}
	return sources.Reading{Feed: s.last}, nil
}

func equal(a, b *status.Feed) bool {
	return a.UpdatedAt.Equal(b.UpdatedAt) && maps.Equal(a.Services, b.Services) && slices.Equal(a.UnknownWords, b.UnknownWords)
}
