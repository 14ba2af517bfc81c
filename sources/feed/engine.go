// Package feed reads RSS and Atom feeds of any vendor: what they tell of
// incidents lies in dates and in the words of texts.
package feed

import (
	"fmt"
	"time"

	"github.com/downstatus/downstatus_exporter/sources"
	"github.com/downstatus/downstatus_exporter/sources/fetch"
	"github.com/downstatus/downstatus_exporter/sources/internal/generic"
	"github.com/downstatus/downstatus_exporter/sources/internal/keep"
)

func init() {
	sources.Register(sources.Engine{
		Name:  "feed",
		Title: "RSS and Atom feeds",
		Reads: "the feed at `url`",
		Options: []sources.Option{
			{Name: "kind", Help: "`history` (default: an item is an incident and its text tells how far it has come), `active` (what is listed is open) or `updates` (an item is one statement about what its key names)"},
			{Name: "key", Help: "what tells one incident from another: `guid` (default), `link` or `title`, also with a regular expression, such as `guid:#(.+)_\\d+$`, whose first group is the key"},
			{Name: "open", Help: "more words for an incident that is open, beside Investigating, Identified and others", List: true},
			{Name: "monitoring", Help: "more words for one whose repair is watched, beside Monitoring and others", List: true},
			{Name: "resolved", Help: "more words for one that is over, beside Resolved, Completed and others", List: true},
			{Name: "maintenance", Help: "more words for planned work, beside Scheduled, Maintenance and others", List: true},
			{Name: "ignore", Help: "more words for items that do not count, beside Announcement and others", List: true},
			{Name: "severity", Help: "words of titles and categories and what they mean, such as `Public Non-Regional=major`, looked up before the built-in ones; one of " + generic.Meanings, List: true},
			{Name: "severity_in", Help: "`title` (default) or `text`: whether the body is searched for such words too"},
			{Name: "items", Help: "how many items are read, from the first on; default 50"},
			{Name: "max_age", Help: "an incident without news for so long is not open any more, and for `updates` the next news are of another one; default 30d for `history`, 24h for `updates`, else 0: no limit"},
			{Name: "liveness", Help: "how old the feed's own date may be; default 24h for `active`, else 0: no limit"},
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

// open makes a source. The age of the feed, and that of its items, is judged
// anew at each poll.
func open(t sources.Target, c *fetch.Client) sources.Source {
	r, _ := readRules(t.Options) // checked by target
	s := keep.Open(t, c, r.decode, func(d *document, now time.Time) (sources.Reading, error) {
		if err := r.alive(d.built, now); err != nil {
			return sources.Reading{}, err
		}
		page, over := r.read(d, now)
		page.URL = t.Page.String()
		return sources.Reading{Page: page, Ended: over}, nil
	})
	s.Document.Media = fetch.XML
	return s
}

// alive refuses a feed that is not of now: what it lists, or does not list any
// more, proves nothing.
func (r rules) alive(built, now time.Time) error {
	age := now.Sub(built)
	switch {
	case r.liveness == 0:
		return nil
	case built.IsZero():
		return fetch.Shapef("the feed has no date of its own: whether it is of now cannot be told (liveness: 0 takes it all the same)")
	case age > r.liveness:
		return &fetch.Error{Reason: fetch.Stale, Err: fmt.Errorf("the feed is of %s ago, more than %s", age.Round(time.Second), r.liveness)}
	}
	return nil
}
