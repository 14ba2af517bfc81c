// Package json reads status documents of any vendor that are JSON: small
// programs in the language of jq say where things are, tables what words mean.
package json

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/downstatus/downstatus_exporter/sources"
	"github.com/downstatus/downstatus_exporter/sources/fetch"
	"github.com/downstatus/downstatus_exporter/sources/internal/generic"
	"github.com/downstatus/downstatus_exporter/sources/internal/jq"
	"github.com/downstatus/downstatus_exporter/sources/internal/keep"
)

func init() {
	sources.Register(sources.Engine{
		Name:  "json",
		Title: "JSON of any kind",
		Reads: "the document at `url`",
		Options: []sources.Option{
			{Name: "as", Help: "what the items are: `components` (default: all that is watched, each with its state) or `incidents` (troubles and planned work)"},
			{Name: "items", Help: "jq program that yields the items, such as `.result[]`; must be given"},
			{Name: "require", Help: "jq program: of what it yields nothing may be null or false, and it must yield something, such as `.page.id, .data`; must be given with `as: incidents`, where no items are calm"},
			{Name: "where", Help: "jq program on an item: only items for which it is true count. Asked at every poll; `$now` is the time in seconds since 1970"},
			{Name: "key", Help: "an item's id. This and the following: the name of a field of the item, or a jq program; items of one key are one"},
			{Name: "title", Help: "its name or title"},
			{Name: "status", Help: "its word, which `map` looks up"},
			{Name: "group", Help: "the name of a component's group"},
			{Name: "started", Help: "when an incident began"},
			{Name: "updated", Help: "when something was last said of it"},
			{Name: "resolved", Help: "when it ended, or planned work will end: from then on it is over"},
			{Name: "url", Help: "where people read about an incident"},
			{Name: "components", Help: "what an incident touches: texts, or objects with `id` and `name`, or lists of them"},
			{Name: "time_format", Help: "`rfc3339` (default), `epoch_s`, `epoch_ms`, or a layout of Go such as `2006-01-02 15:04`; with MST in it, known abbreviations of zones are read"},
			{Name: "zone", Help: "zone of times without one, such as America/Los_Angeles; must be given with a layout that has none"},
			{Name: "map", Help: "what words mean, such as `Operational=none`; one of " + generic.Meanings + ". With `as: incidents`, none is over", List: true},
			{Name: "default", Help: "what any other word means: `unknown` (default), minor, major or critical"},
			{Name: "roll_up", Help: "how components make a verdict on the whole: `worst`, `first` (the first item is the verdict), or the number of components that must be as bad; without it the general rules"},
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

func open(t sources.Target, c *fetch.Client) sources.Source {
	r, _ := readRules(t.Options) // checked by target
	s := keep.Open(t, c, r.decode, func(d *document, now time.Time) (sources.Reading, error) {
		ctx, cancel := context.WithTimeout(context.Background(), jq.Limit)
		defer cancel()
		page, over, err := r.read(ctx, d, now)
		if err != nil {
			return sources.Reading{}, fmt.Errorf("%s: %w", t.Page, err)
		}
		page.Name, page.URL = t.Page.Host, t.Page.String()
		return sources.Reading{Page: page, Ended: over}, nil
	})
	s.Document.Media = fetch.Any // media types of such documents are anything; the decoder looks
	s.Document.Header = http.Header{"Accept": {"application/json, */*;q=0.5"}}
	return s
}
