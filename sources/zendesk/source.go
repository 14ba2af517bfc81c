package zendesk

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/downstatus/downstatus_exporter/internal/status"
	"github.com/downstatus/downstatus_exporter/sources"
	"github.com/downstatus/downstatus_exporter/sources/fetch"
	"github.com/downstatus/downstatus_exporter/sources/internal/pages"
)

// source polls the two lists and remembers what was open.
type source struct {
	target      sources.Target
	client      *fetch.Client
	active      *fetch.Document[*incidents]
	maintenance *fetch.Document[*schedule]

	// The page of the last good poll and what it was made of.
	page *status.Page
	from *incidents
	plan *schedule
}

func newSource(t sources.Target, c *fetch.Client) sources.Source {
	plan := *t.Document
	plan.Path = t.Page.JoinPath(maintenancePath).Path
	return &source{
		target:      t,
		client:      c,
		plan:        &schedule{},
		active:      newDocument(t.Document.String(), decodeActive),
		maintenance: newDocument(plan.String(), decodeMaintenance),
	}
}

func newDocument[T any](url string, decode func([]byte) (T, error)) *fetch.Document[T] {
	return &fetch.Document[T]{URL: url, Media: fetch.JSON, Budget: budget, Decode: decode}
}

// Poll asks for both lists. Without the first the page is not known; without
// the second it is where the first tells of trouble, and the plan stays as it
// was.
func (s *source) Poll(ctx context.Context, _ time.Time) (sources.Reading, error) {
	active, _, err := s.active.Get(ctx, s.client)
	if err != nil {
		return sources.Reading{}, err
	}
	var r sources.Reading
	plan, _, err := s.maintenance.Get(ctx, s.client)
	if err != nil {
		r.Notes = append(r.Notes, fmt.Sprintf("planned maintenance is not known: %v", err))
		if plan, err = s.unplanned(active, err); err != nil {
			return sources.Reading{}, err
		}
	}
	if s.page != nil && active == s.from && plan == s.plan {
		r.Page = s.page
		return r, nil
	}
	r.Page = s.makePage(active, plan)
	s.end(ctx, &r, active)
	s.page, s.from, s.plan = r.Page, active, plan
	return r, nil
}

// unplanned is the plan as it was, for where it cannot be read now. The fault
// stays one unless there is trouble to tell of; and if the server asks for
// patience it gets it.
func (s *source) unplanned(active *incidents, fault error) (*schedule, error) {
	if fetch.RetryAfter(fault) > 0 {
		return nil, fault
	}
	return pages.Accept(s.plan, active.page(), fault)
}

// makePage puts both lists together. The API has no address for one incident:
// all lead to the page.
func (s *source) makePage(active *incidents, plan *schedule) *status.Page {
	home := s.target.Page.String()
	p := &status.Page{Name: "Zendesk", URL: home, OnlyTroubles: true, UnknownWords: active.unknown}
	p.Incidents = slices.Clone(active.open)
	for i := range p.Incidents {
		p.Incidents[i].URL = home
	}
	p.Windows = slices.Clone(plan.windows)
	for _, w := range active.windows {
		if !slices.ContainsFunc(p.Windows, func(have status.Window) bool { return have.ID == w.ID }) {
			p.Windows = append(p.Windows, w)
		}
	}
	for i := range p.Windows {
		p.Windows[i].URL = home
	}
	return p
}

// end fills in the incidents that are over: at the first poll those that are
// listed as such, later those that are no longer open.
func (s *source) end(ctx context.Context, r *sources.Reading, active *incidents) {
	if s.page == nil {
		for _, in := range active.over {
			in.URL = r.Page.URL
			r.Ended = append(r.Ended, in)
		}
		return
	}
	for _, in := range s.page.Incidents {
		if find(active.open, in.ID) != nil {
			continue
		}
		resolved, err := s.resolved(ctx, active, in.ID)
		if err != nil {
			r.Notes = append(r.Notes, fmt.Sprintf("the end of incident %s is not known: %v", in.ID, err))
			continue
		}
		// Its rank and services stay as last seen open: when it is over, all
		// of them are well.
		in.Over, in.Monitoring, in.Resolved = true, false, status.Latest(resolved, in.Started)
		r.Ended = append(r.Ended, in)
	}
}

// resolved is when an incident ended: as listed, else as its own document says,
// which is asked for once.
func (s *source) resolved(ctx context.Context, active *incidents, id string) (time.Time, error) {
	if in := find(active.over, id); in != nil && !in.Resolved.IsZero() {
		return in.Resolved, nil
	}
	d := newDocument(s.target.Page.JoinPath(incidentPath, id).String(), decodeEnd)
	t, _, err := d.Get(ctx, s.client)
	if err == nil && t.IsZero() {
		err = fetch.Shapef("it has no resolved_at")
	}
	return t, err
}

func find(list []status.Incident, id string) *status.Incident {
	i := slices.IndexFunc(list, func(in status.Incident) bool { return in.ID == id })
	if i < 0 {
		return nil
	}
	return &list[i]
}
