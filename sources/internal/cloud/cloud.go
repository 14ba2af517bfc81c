// Package cloud holds what the engines of the great clouds have in common:
// options that choose regions and services, and incidents that touch many
// services in many regions.
package cloud

import (
	"time"

	"github.com/downstatus/downstatus_exporter/internal/status"
	"github.com/downstatus/downstatus_exporter/sources"
)

// Event is one incident as its document tells it. Page judges it by the
// options and by the time of the poll.
type Event struct {
	status.Incident        // its Impact is the one while it is open; Components come from Parts
	Parts           []Part // what it touches; none: it does not say

	Peak status.Indicator // its impact at the height, once it is over
	End  time.Time        // from when on it is over; zero if not given
}

// at is the incident as it stands at a time.
func (e Event) at(now time.Time) status.Incident {
	in := e.Incident
	in.Over, in.Resolved = in.Over || !e.End.IsZero() && !e.End.After(now), time.Time{}
	if in.Over {
		in.Impact, in.Monitoring = e.Peak, false
		if !e.End.IsZero() {
			in.Resolved = status.Latest(e.End, in.Started)
		}
	}
	return in
}

// Page makes readings of the events of one cloud.
type Page struct {
	Name  string // of the vendor
	URL   string // where a person reads it
	Scope Scope  // what the options choose
}

// Read judges events at the time of a poll.
func (p Page) Read(events []Event, unknown []string, now time.Time) sources.Reading {
	r := sources.Reading{Page: &status.Page{
		Name: p.Name, URL: p.URL, Cloud: true, OnlyTroubles: true, Scoped: p.Scope.Active(), UnknownWords: unknown,
	}}
	parts := partList{}
	for _, e := range events {
		in, kept, ok := p.Scope.narrow(e.at(now), e.Parts)
		switch {
		case !ok:
		case in.Over:
			r.Ended = append(r.Ended, in)
		default:
			r.Page.Incidents = append(r.Page.Incidents, in)
			parts.add(kept)
		}
	}
	r.Page.Components = parts.components
	return r
}

// partList gathers the parts in trouble for the page.
//
// They are listed only so that a scope finds the region of what an incident
// names, which a reference alone cannot tell. Listed as leaves they would be
// taken for all that the cloud consists of, and half of it for down; so each
// stands as the roll-up that a service in a region is.
type partList struct {
	components []status.Component
	at         map[string]int // by id
}

func (l *partList) add(parts []Part) {
	if l.at == nil {
		l.at = map[string]int{}
	}
	for _, p := range parts {
		i, listed := l.at[p.ID]
		if !listed {
			l.at[p.ID] = len(l.components)
			l.components = append(l.components, p.component())
			continue
		}
		l.components[i].Rank = max(l.components[i].Rank, p.Rank)
	}
}

// Half reports whether n of all regions are at least half of them.
func Half(n, all int) bool { return 2*n >= all }
