// Package pages holds what the engines of status pages have in common: words
// looked up in tables, the ids and times of what a page lists, and what becomes
// of one that is understood in part.
package pages

import (
	"slices"
	"strings"
	"time"

	"github.com/downstatus/downstatus_exporter/internal/status"
	"github.com/downstatus/downstatus_exporter/sources"
	"github.com/downstatus/downstatus_exporter/sources/fetch"
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

// Accept returns what was decoded although a part was not understood, or
// nothing but that doubt. What its page tells of trouble counts all the same;
// where it tells of none it proves no calm. A server that asks for patience
// gets it.
func Accept[T any](decoded T, page *status.Page, doubt error) (T, error) {
	if doubt == nil {
		return decoded, nil
	}
	patience := fetch.RetryAfter(doubt) > 0 || fetch.ReasonOf(doubt) == fetch.RateLimited
	if !patience && status.Judge(page, status.Scope{}, time.Time{}).Severity.Trouble() {
		page.Doubtful = true
		return decoded, nil
	}
	var none T
	return none, doubt
}

// Doubted is Accept for a reading, which notes the doubt.
func Doubted(r sources.Reading, doubt error) (sources.Reading, error) {
	if doubt != nil {
		r.Notes = append(r.Notes, "a part was not understood: "+doubt.Error())
	}
	return Accept(r, r.Page, doubt)
}

// Unread are components whose states cannot be read now.
func Unread(components []status.Component) []status.Component {
	out := slices.Clone(components)
	for i := range out {
		out[i].Rank, out[i].Maintenance = status.IndicatorUnknown, false
	}
	return out
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
