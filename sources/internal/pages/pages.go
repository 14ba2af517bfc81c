// Package pages holds what the engines of status pages have in common: words
// looked up in tables, the ids and times of what a page lists, and the source
// of a page that is one document.
package pages

import (
	"strings"
	"time"

	"github.com/downstatus/downstatus_exporter/internal/status"
	"github.com/downstatus/downstatus_exporter/sources"
)

// Condition is what a component's word means.
type Condition struct {
	Rank        status.Indicator
	Maintenance bool
}

// Stage is what an incident's word means; the zero Stage is one under way.
type Stage struct {
	Monitoring bool
	Over       bool
}

// UnknownWord is the verdict of a page whose word is missing or not
// understood.
var UnknownWord = status.Word{Published: true, Rank: status.IndicatorUnknown}

// Text is an upstream's name or title, fit to be shown.
func Text(s sources.Str) string { return sources.Text(string(s), sources.TextLimit) }

// Target is the target of an engine whose every poll asks for one document
// under the page's own address. The addresses of further documents of the same
// page, given by their paths, are understood too; of paths that end alike the
// longer comes first.
func Target(document string, others ...string) func(sources.Config) (sources.Target, error) {
	return func(c sources.Config) (sources.Target, error) {
		u, err := sources.ParseURL(c.URL)
		if err != nil {
			return sources.Target{}, err
		}
		for _, path := range others {
			if page, ok := strings.CutSuffix(u.Path, path); ok {
				u.Path = page
				break
			}
		}
		c.URL = u.String()
		return sources.PageTarget(c, document)
	}
}

// Accept returns what was decoded from a document that lacks something
// essential, or nothing: lack. What it tells of trouble by its page counts all
// the same; where it tells of none it is not understood, and the lack is the
// error.
func Accept[T any](decoded T, page *status.Page, lack error) (T, error) {
	if lack == nil || status.Judge(page, status.Scope{}, time.Time{}).Severity.Trouble() {
		return decoded, nil
	}
	var none T
	return none, lack
}

// Escalate is for pages that know of each component only whether it is up or
// down, and rank the latter as major: where none is up any more, the outage is
// critical.
func Escalate(components []status.Component) {
	if !NothingStands(components) {
		return
	}
	for i := range components {
		if components[i].Rank >= status.Major {
			components[i].Rank = status.Critical
		}
	}
}

// NothingStands is true where every component that is understood, and not
// taken down on purpose, is down, and there is one.
func NothingStands(components []status.Component) bool {
	down := false
	for _, c := range components {
		switch {
		case c.Maintenance || c.Rank == status.IndicatorUnknown:
		case c.Rank < status.Major:
			return false
		default:
			down = true
		}
	}
	return down
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
