// Package gatus reads the results of the checks that a Gatus publishes.
package gatus

import (
	"slices"
	"time"

	"github.com/downstatus/downstatus_exporter/internal/status"
	"github.com/downstatus/downstatus_exporter/sources"
	"github.com/downstatus/downstatus_exporter/sources/fetch"
	"github.com/downstatus/downstatus_exporter/sources/internal/keep"
	"github.com/downstatus/downstatus_exporter/sources/internal/pages"
)

const documentPath = "/api/v1/endpoints/statuses"

func init() {
	sources.Register(sources.Engine{
		Name:   "gatus",
		Title:  "Gatus",
		Reads:  "`" + documentPath + "`",
		Target: func(c sources.Config) (sources.Target, error) { return sources.PageTarget(c, documentPath) },
		Open: func(t sources.Target, c *fetch.Client) sources.Source {
			return keep.Open(t, c, decode, func(all []endpoint, _ time.Time) (sources.Reading, error) {
				return sources.Reading{Page: derive(all, t.Page.String())}, nil
			})
		},
	})
}

// endpoint is something that Gatus checks.
type endpoint struct {
	Name    sources.Str          `json:"name"`
	Group   sources.Str          `json:"group"`
	Key     sources.Str          `json:"key"`
	Results sources.List[result] `json:"results"` // oldest first
}

// result is the outcome of one check.
type result struct {
	Success   sources.Str `json:"success"`
	Timestamp sources.Str `json:"timestamp"`
}

// outcomes are the values of success.
var outcomes = map[sources.Str]status.Indicator{
	"true":  status.None,
	"false": status.Major,
}

// decode refuses a list of nothing: who checks nothing knows nothing.
func decode(body []byte) ([]endpoint, error) {
	var all sources.List[endpoint]
	if err := sources.Unmarshal(body, &all); err != nil {
		return nil, err
	}
	if !slices.ContainsFunc(all, func(e endpoint) bool { return e.Key.Text() != "" && e.Results != nil }) {
		return nil, fetch.Shapef("no list of endpoints with key and results")
	}
	return all, nil
}

func derive(all []endpoint, home string) *status.Page {
	var r pages.Reader
	p, taken := &status.Page{URL: home}, pages.IDs{}
	for _, e := range all {
		id := r.Key("endpoint", e.Key, e.Name, taken)
		c := status.Component{
			ID: id, Name: pages.Named(e.Name, id),
			Group: e.Group.Text(), GroupID: e.Group.Text(), Rank: status.IndicatorUnknown,
		}
		if last, ok := newest(e.Results); ok {
			c.Rank = pages.Look(&r, "success", outcomes, last.Success, status.IndicatorUnknown)
		}
		p.Components = append(p.Components, c)
	}
	pages.Escalate(p.Components)
	p.UnknownWords = r.Unknown
	return p
}

// newest is the result of the latest time; where times are missing or equal,
// the later in the list. It is false before the first check.
func newest(results []result) (last result, ok bool) {
	var at time.Time
	for _, r := range results {
		t, _ := sources.Time(string(r.Timestamp))
		if t.IsZero() {
			t = at
		}
		if !t.Before(at) {
			last, at = r, t
		}
	}
	return last, len(results) > 0
}
