package cloud

import (
	"cmp"
	"slices"
	"strings"

	"github.com/downstatus/downstatus_exporter/internal/status"
	"github.com/downstatus/downstatus_exporter/sources"
	"github.com/downstatus/downstatus_exporter/sources/internal/vendors"
)

// Options are the settings that all clouds take.
var Options = []sources.Option{
	{Name: "regions", Help: "only what touches these regions: names, ids or globs; what is global or names no region counts too", List: true},
	{Name: "services", Help: "only what touches these services: names, ids or globs; what names no service counts too, as minor at most", List: true},
}

// Scope is what the options choose; the zero Scope is the whole cloud.
type Scope struct {
	Regions  vendors.List
	Services vendors.List
}

// ScopeOf reads the options of a target.
func ScopeOf(options map[string]string) Scope {
	return Scope{Regions: vendors.ParseList(options["regions"]), Services: vendors.ParseList(options["services"])}
}

// Active reports whether the scope narrows anything.
func (s Scope) Active() bool { return len(s.Regions)+len(s.Services) > 0 }

// Label names a service or a region. The zero Label is one that the incident
// does not name.
type Label struct {
	ID   string
	Name string
	Also []string // other names that an option may use
}

func (l Label) named() bool { return l.key() != "" }

func (l Label) key() string { return cmp.Or(l.ID, l.Name) }

// in reports whether a list means the label, in favour of trouble where the
// incident does not name it.
func (l Label) in(list vendors.List) bool {
	return !l.named() || list.Covers(append([]string{l.ID, l.Name}, l.Also...)...)
}

// Part is one service in one region, as far as an incident names them.
type Part struct {
	ID      string // the same for the same service and region in every incident
	Service Label
	Region  Label
	Global  bool // not bound to a region: it concerns all of them

	// A cloud that ranks each part tells its state now and at the height.
	Ranked bool
	Rank   status.Indicator // IndicatorUnknown without Ranked
	Peak   status.Indicator
}

// covers reports whether the scope holds a part.
func (s Scope) covers(p Part) bool {
	return p.Service.in(s.Services) && (p.Global || p.Region.in(s.Regions))
}

// narrow keeps of an incident what the scope holds; not ok is one that does
// not touch it, or whose parts in it are all well again.
func (s Scope) narrow(in status.Incident, parts []Part) (status.Incident, []Part, bool) {
	kept := slices.DeleteFunc(slices.Clone(parts), func(p Part) bool { return !s.covers(p) })
	if len(parts) > 0 && len(kept) == 0 {
		return in, nil, false
	}
	if rank, ranked := worst(kept, in.Over); ranked && s.Active() {
		in.Impact = rank
		if rank == status.None && !in.Over {
			return in, nil, false
		}
	}
	if len(s.Services) > 0 {
		// Nobody knows whether these services are meant: like an incident that
		// names no component, such a part counts at most minor.
		kept = slices.DeleteFunc(kept, func(p Part) bool { return !p.Service.named() })
	}
	for _, p := range kept {
		in.Components = append(in.Components, p.ref(in.Over))
	}
	return in, kept, true
}

// worst is the highest rank of parts, where all of them have one.
func worst(parts []Part, over bool) (rank status.Indicator, ranked bool) {
	for _, p := range parts {
		if !p.Ranked {
			return status.IndicatorUnknown, false
		}
		rank = max(rank, p.rank(over))
	}
	return rank, len(parts) > 0
}

func (p Part) rank(over bool) status.Indicator {
	if over {
		return p.Peak
	}
	return p.Rank
}

func (p Part) ref(over bool) status.ComponentRef {
	r := status.ComponentRef{ID: p.ID, Name: p.name(), Rank: p.Rank, HasImpact: p.Ranked}
	if p.Ranked {
		r.Impact = p.rank(over)
	}
	return r
}

func (p Part) name() string { return cmp.Or(p.Service.Name, p.Service.ID, p.Region.Name, p.Region.ID) }

func (p Part) component() status.Component {
	return status.Component{
		ID: p.ID, Name: p.name(), Group: cmp.Or(p.Region.Name, p.Region.ID), GroupID: p.Region.ID,
		IsGroup: true, Rank: p.Rank,
	}
}

// Cross pairs every service with every region that an incident names, without
// ranks. Either list may be empty.
func Cross(services, regions []Label, global func(Label) bool) []Part {
	if len(services) == 0 && len(regions) == 0 {
		return nil
	}
	var out []Part
	for _, s := range orNone(services) {
		for _, r := range orNone(regions) {
			out = append(out, Part{
				ID: sources.Text(strings.Trim(s.key()+"/"+r.key(), "/"), sources.TextLimit), Service: s, Region: r,
				Global: r.named() && global(r), Rank: status.IndicatorUnknown,
			})
		}
	}
	return out
}

func orNone(labels []Label) []Label {
	if len(labels) == 0 {
		return []Label{{}}
	}
	return labels
}
