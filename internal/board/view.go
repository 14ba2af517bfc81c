package board

import (
	"maps"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/downstatus/downstatus_exporter/internal/status"
)

// renew makes the service's view again, and notes whether it differs.
func (b *Board) renew(v *service, e evidence, c status.Combined) {
	next := &Service{
		Slug: v.def.Slug, Name: v.def.Name, Category: v.def.Category, LogoURL: e.logo,
		OfficialURL: v.def.OfficialURL, Labels: v.def.Labels, Configured: v.configured,
		Status: v.status, Since: v.since, Stale: c.Held,
		HasOfficial: e.hasOfficial, OfficialUp: c.OfficialUp, Official: e.official,
		HasReports: e.hasReports, ReportsUp: c.ReportsUp, ReportsSev: c.ReportsIs, Reports: e.counts,
		OutageCount: map[status.Signal]uint64{}, Disagreements: v.disagreed,
	}
	next.Components, next.Dropped = b.exported(v, e.official.Components)
	if o := v.last(); o.Open() {
		next.Outage = o
	}
	next.LastOutage, next.LastDelay, next.HasDelay = v.newestOutages()
	for _, s := range status.Signals {
		next.OutageCount[s] = v.count[s]
	}
	v.moving = &Moving{
		LastSuccess: e.lastGood, TakenAt: e.takenAt,
		seconds: v.seconds, accounted: v.accounted, current: v.status, held: c.Held,
	}
	if v.view == nil || !reflect.DeepEqual(withoutMoving(v.view), next) {
		b.changed = true
		b.componentsChanged = b.componentsChanged || v.view == nil || !reflect.DeepEqual(v.view.Components, next.Components)
	}
	next.Moving = v.moving
	v.view = next
}

func withoutMoving(s *Service) *Service {
	c := *s
	c.Moving = nil
	return &c
}

// exported are the components that get a series: those of services that the
// configuration names, up to the cap; a scope's own choice is never cut.
func (b *Board) exported(v *service, all []status.Component) (kept []status.Component, dropped int) {
	if !v.configured {
		return nil, 0
	}
	if v.def.Scope.Active() || len(all) <= b.plan.MaxComponents {
		return all, 0
	}
	return all[:b.plan.MaxComponents], len(all) - b.plan.MaxComponents
}

// show publishes the picture.
func (b *Board) show(now time.Time) {
	next := &Snapshot{
		Generation: b.last.Generation, Components: b.last.Components, Polls: b.last.Polls + 1,
		At: now, Labels: b.plan.Labels,
	}
	for _, slug := range slices.Sorted(maps.Keys(b.services)) {
		v := b.services[slug]
		next.Services = append(next.Services, v.view)
		next.Outages = append(next.Outages, v.recent(now)...)
	}
	slices.SortStableFunc(next.Outages, func(x, y *status.Outage) int { return y.StartedAt.Compare(x.StartedAt) })
	for _, s := range b.sources {
		next.Sources = append(next.Sources, s.view())
	}
	slices.SortFunc(next.Sources, func(x, y *Source) int { return strings.Compare(x.Name, y.Name) })
	if b.changed || b.componentsChanged {
		next.Generation++
	}
	if b.componentsChanged {
		next.Components++
	}
	b.changed, b.componentsChanged = false, false
	b.last = *next
	b.publish(next)
}

// recent are the records that the v1 API may list.
func (v *service) recent(now time.Time) []*status.Outage {
	var out []*status.Outage
	for _, o := range v.outages {
		if o.Open() || now.Sub(o.ResolvedAt) <= OutageWindow {
			out = append(out, o)
		}
	}
	return out
}
