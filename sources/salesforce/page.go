package salesforce

import (
	"cmp"
	"net/url"
	"slices"
	"time"

	"github.com/downstatus/downstatus_exporter/internal/status"
	"github.com/downstatus/downstatus_exporter/sources"
	"github.com/downstatus/downstatus_exporter/sources/internal/vendors"
)

// builder puts instances together to a page, as of a moment.
type builder struct {
	page *status.Page
	over []status.Incident // listed, though they have ended
	now  time.Time
	seen map[string]bool // instances that count

	instances, products vendors.List // patterns that mean nothing
}

// build makes the page of the instances that count.
func (s *source) build(lists []list, now time.Time) *builder {
	b := &builder{
		page: &status.Page{
			Name: "Salesforce", URL: s.home, Scoped: s.options.active(),
			// Somewhere among a thousand instances there is maintenance at any
			// time: without a scope, half of them have to be in it.
			MaintenanceWord: true,
		},
		now: now, seen: map[string]bool{}, instances: s.options.instances, products: s.options.products,
	}
	for n, list := range lists {
		for _, i := range list.instances {
			if s.covers(s.places[n].place, i) && !b.seen[i.component.ID] {
				b.add(i)
			}
		}
		if s.places[n].instance { // found, by whatever name
			b.instances = nil
		}
		if s.places[n].product {
			b.products = nil
		}
	}
	b.finish(s)
	return b
}

// covers reports whether an instance counts. One that was asked for by its key
// does; one of a product's own list may leave its products out.
func (s *source) covers(p place, i instance) bool {
	if !p.instance && !s.options.instances.Covers(i.component.ID) {
		return false
	}
	return s.options.products.Covers(i.products...) || p.product && len(i.products) == 0
}

func (b *builder) add(i instance) {
	b.seen[i.component.ID] = true
	b.instances, b.products = b.instances.Missing(i.component.ID), b.products.Missing(i.products...)
	b.page.Components = append(b.page.Components, i.at(b.now))
	b.page.UnknownWords = append(b.page.UnknownWords, i.unknown...)
	for _, in := range i.incidents {
		if worst, open := in.open(b.now); open {
			b.page.Incidents = b.listed(b.page.Incidents, in, worst, i.component)
			continue
		}
		b.over = b.listed(b.over, in, in.worst(), i.component)
	}
	for _, w := range i.windows {
		at := slices.IndexFunc(b.page.Windows, func(have status.Window) bool { return have.ID == w.ID })
		if at < 0 {
			at = len(b.page.Windows)
			b.page.Windows = append(b.page.Windows, w)
		}
		b.page.Windows[at].Components = append(b.page.Windows[at].Components,
			status.ComponentRef{ID: i.component.ID, Name: i.component.Name, Rank: status.IndicatorUnknown, Impact: status.IndicatorUnknown})
	}
}

// listed lists an incident once, with all instances that list it.
func (b *builder) listed(all []status.Incident, in incident, worst impact, c status.Component) []status.Incident {
	at := slices.IndexFunc(all, func(have status.Incident) bool { return have.ID == in.id })
	if at < 0 {
		at = len(all)
		end := in.end(b.now)
		all = append(all, status.Incident{
			ID: in.id, Title: cmp.Or(worst.title, "Incident "+in.id), Started: in.started, Over: !end.IsZero(), Resolved: end,
		})
	}
	one := &all[at]
	one.Impact = max(one.Impact, worst.rank)
	one.Components = append(one.Components,
		status.ComponentRef{ID: c.ID, Name: c.Name, Rank: status.IndicatorUnknown, Impact: worst.rank, HasImpact: true})
	return all
}

// finish adds addresses, and takes the ranks off.
func (b *builder) finish(s *source) {
	b.page.Incidents, b.over = s.finish(b.page.Incidents), s.finish(b.over)
	for i := range b.page.Windows {
		b.page.Windows[i].URL = sources.Link(s.root + "/maintenances/" + url.PathEscape(b.page.Windows[i].ID))
	}
}

// finish adds addresses. Without a scope an incident as such adds nothing to
// its instances, which count by how many they are: there is always one
// somewhere, and it must not take a thousand others down.
func (s *source) finish(all []status.Incident) []status.Incident {
	for i := range all {
		all[i].URL = sources.Link(s.root + "/incidents/" + url.PathEscape(all[i].ID))
		if !s.options.active() {
			all[i].Impact = status.None
		}
	}
	return all
}

// view is the page for people of what counts.
func (o options) view(root string) string {
	switch one := func(l vendors.List) bool { return l.Plain() && len(l) == 1 }; {
	case one(o.instances):
		return root + "/instances/" + o.instances[0]
	case one(o.products) && !o.instances.Active():
		return root + "/products/" + o.products[0]
	}
	return root
}
