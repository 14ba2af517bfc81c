package board

import (
	"maps"
	"reflect"
	"slices"
	"time"

	"github.com/downstatus/downstatus_exporter/internal/status"
)

// renew makes the service's view again, and notes whether it differs.
func (b *Board) renew(v *service, e evidence, c status.Combined) {
	next := &Service{
		Slug: v.def.Slug, Name: v.def.Name, Category: v.def.Category, LogoURL: e.logo,
		OfficialURL: v.def.OfficialURL, Labels: v.def.Labels, Configured: v.def.configured, Scope: v.def.Scope,
		Status: v.status, Since: v.since, Stale: c.Held,
		HasOfficial: e.hasOfficial, OfficialUp: c.OfficialUp, Official: e.official,
		HasReports: e.hasReports, ReportsUp: c.ReportsUp, ReportsSev: c.ReportsIs, Reports: e.counts,
		OutageCount: maps.Clone(v.count), Disagreements: v.disagreed,
		History: status.History{Transitions: v.transitions, Outages: v.outages},
	}
	if s := b.sources[v.def.Official]; s != nil {
		next.Engine = s.engine
	}
	next.Components, next.Dropped = b.exported(v, e.components)
	if o := v.last(); o.Open() {
		next.Outage = o
	}
	next.LastOutage, next.LastDelay, next.HasDelay = v.newestOutages()
	before := Service{} // equal to none
	if v.view != nil {
		before = *v.view
		before.Moving = nil
	}
	if !reflect.DeepEqual(&before, next) {
		b.changed = true
		b.componentsChanged = b.componentsChanged || !reflect.DeepEqual(before.Components, next.Components)
	}
	next.Moving = &Moving{
		LastSuccess: status.Latest(v.lastGood, e.lastGood), TakenAt: e.takenAt,
		OfficialAt: e.heardAt[status.OfficialStatusPage], ReportsAt: e.heardAt[status.UserReports], Counts: v.recent(),
		seconds: v.seconds, accounted: v.accounted, current: v.status, held: c.Held,
	}
	v.view = next
}

// exported are the components that get a series: those of services that the
// configuration names, up to the cap; a scope's own choice is never cut.
func (b *Board) exported(v *service, all []status.Component) (kept []status.Component, dropped int) {
	if !v.def.configured {
		return nil, 0
	}
	if v.def.Scope.Active() || len(all) <= b.plan.MaxComponents {
		return all, 0
	}
	return all[:b.plan.MaxComponents], len(all) - b.plan.MaxComponents
}

// show publishes the picture. What did not change is shared with the one
// before.
func (b *Board) show(now time.Time) {
	last := b.Snapshot()
	next := &Snapshot{
		Generation: last.Generation, Components: last.Components, Polls: last.Polls + 1,
		At: now, Labels: b.plan.Labels, Retention: b.plan.Retention,
	}
	for _, slug := range slices.Sorted(maps.Keys(b.services)) {
		v := b.services[slug]
		next.Services = append(next.Services, v.view)
		for _, o := range v.outages {
			if o.Open() || now.Sub(o.ResolvedAt) <= OutageWindow {
				next.Outages = append(next.Outages, o)
			}
		}
	}
	slices.SortStableFunc(next.Outages, func(x, y *status.Outage) int { return y.StartedAt.Compare(x.StartedAt) })
	for _, def := range b.plan.Sources { // by name
		if def.Of == "" {
			next.Sources = append(next.Sources, b.sources[def.Key].view)
		}
	}
	if b.changed || b.componentsChanged {
		next.Generation++
	}
	if b.componentsChanged {
		next.Components++
	}
	b.changed, b.componentsChanged = false, false
	b.publish(next)
}
