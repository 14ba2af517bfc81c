package zendesk

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/downstatus/downstatus_exporter/internal/status"
	"github.com/downstatus/downstatus_exporter/sources"
	"github.com/downstatus/downstatus_exporter/sources/fetch"
	"github.com/downstatus/downstatus_exporter/sources/internal/keep"
	"github.com/downstatus/downstatus_exporter/sources/internal/pages"
)

// source polls the two lists.
type source struct {
	keep.Follower
	target      sources.Target
	client      *fetch.Client
	active      *fetch.Document[*incidents]
	maintenance *fetch.Document[*schedule]
	plan        *schedule // of the last good poll
}

func newSource(t sources.Target, c *fetch.Client) sources.Source {
	plan := *t.Document
	plan.Path = t.Page.JoinPath(maintenancePath).Path
	s := &source{
		target:      t,
		client:      c,
		plan:        &schedule{},
		active:      newDocument(t.Document.String(), decodeActive),
		maintenance: newDocument(plan.String(), decodeMaintenance),
	}
	s.History = s.ends
	return s
}

func newDocument[T any](url string, decode func([]byte) (T, error)) *fetch.Document[T] {
	return &fetch.Document[T]{URL: url, Media: fetch.JSON, Budget: budget, Decode: decode}
}

// Poll asks for both lists. Without the first the page is not known; without
// the second it is where the first tells of trouble, and the plan stays as it
// was.
func (s *source) Poll(ctx context.Context, now time.Time) (sources.Reading, error) {
	active, _, err := s.active.Get(ctx, s.client)
	if err != nil {
		return sources.Reading{}, err
	}
	plan, _, fault := s.maintenance.Get(ctx, s.client)
	if fault != nil {
		plan, fault = s.plan, fmt.Errorf("planned maintenance is not known: %w", fault)
	}
	read, err := pages.Doubted(sources.Reading{Page: s.makePage(active, plan)}, fault)
	if err != nil {
		return sources.Reading{}, err
	}
	s.plan = plan
	r := s.Follow(ctx, now, read.Page, s.placed(active.over))
	r.Notes = append(read.Notes, r.Notes...)
	return r, nil
}

// makePage puts both lists together.
func (s *source) makePage(active *incidents, plan *schedule) *status.Page {
	p := active.page()
	p.Name, p.URL, p.UnknownWords = "Zendesk", s.target.Page.String(), active.unknown
	p.Incidents = s.placed(p.Incidents)
	p.Windows = slices.Clone(plan.windows)
	for _, w := range active.windows {
		if !slices.ContainsFunc(p.Windows, func(have status.Window) bool { return have.ID == w.ID }) {
			p.Windows = append(p.Windows, w)
		}
	}
	for i := range p.Windows {
		p.Windows[i].URL = p.URL
	}
	return p
}

// placed are incidents with the address where people read about them. The API
// has none for one alone: all lead to the page.
func (s *source) placed(incidents []status.Incident) []status.Incident {
	incidents = slices.Clone(incidents)
	for i := range incidents {
		incidents[i].URL = s.target.Page.String()
	}
	return incidents
}

// ends asks for each incident that has left the list. Its rank and services
// stay as last seen open: when it is over, all of them are well.
func (s *source) ends(ctx context.Context, _ time.Time, gone []status.Incident) ([]status.Incident, error) {
	var faults []string
	for i := range gone {
		in := &gone[i]
		resolved, err := s.resolved(ctx, in.ID)
		if err != nil {
			faults = append(faults, fmt.Sprintf("the end of incident %s is not known: %v", in.ID, err))
			continue
		}
		in.Over, in.Monitoring, in.Resolved = true, false, status.Latest(resolved, in.Started)
	}
	if len(faults) > 0 {
		return gone, errors.New(strings.Join(faults, "; "))
	}
	return gone, nil
}

// resolved is when an incident ended, as its own document says.
func (s *source) resolved(ctx context.Context, id string) (time.Time, error) {
	d := newDocument(s.target.Page.JoinPath(incidentPath, id).String(), decodeEnd)
	t, _, err := d.Get(ctx, s.client)
	if err == nil && t.IsZero() {
		err = fetch.Shapef("it has no resolved_at")
	}
	return t, err
}
