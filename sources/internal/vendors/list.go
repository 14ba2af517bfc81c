package vendors

import (
	"slices"
	"strings"

	"github.com/downstatus/downstatus_exporter/internal/status"
	"github.com/downstatus/downstatus_exporter/sources"
	"github.com/downstatus/downstatus_exporter/sources/fetch"
)

// List is an option by which an engine narrows a page to what a service
// depends on: names, ids or globs. An empty one is the whole page.
type List []string

// ParseList reads a list as the configuration hands it on, joined by commas.
func ParseList(joined string) List {
	var l List
	for pattern := range strings.SplitSeq(joined, ",") {
		if pattern = strings.TrimSpace(pattern); pattern != "" {
			l = append(l, pattern)
		}
	}
	return l
}

// Active reports whether the list narrows anything.
func (l List) Active() bool { return len(l) > 0 }

// String is the list as people write it.
func (l List) String() string { return strings.Join(l, ", ") }

// Plain reports whether the list is made of names and ids alone, so that they
// can be asked for one by one.
func (l List) Plain() bool {
	return l.Active() && !slices.ContainsFunc(l, func(p string) bool { return strings.ContainsAny(p, "*?") })
}

// Covers reports whether something with these names is meant.
func (l List) Covers(names ...string) bool {
	return !l.Active() || slices.ContainsFunc(l, func(p string) bool { return covers(p, names) })
}

func covers(pattern string, names []string) bool {
	return slices.ContainsFunc(names, func(name string) bool { return name != "" && status.Glob(pattern, name) })
}

// Missing are the patterns that mean none of these names.
func (l List) Missing(names ...string) (missing List) {
	for _, p := range l {
		if !covers(p, names) {
			missing = append(missing, p)
		}
	}
	return missing
}

// Note tells about patterns of an option that mean nothing while others do.
func Note(option string, missing List) []string {
	if !missing.Active() {
		return nil
	}
	return []string{option + ": the page lists nothing called " + missing.String()}
}

// Narrow keeps of a page what an option means, as the scope of a service
// would. Without patterns the page stays whole. A pattern that means nothing is
// a note; if none means anything, the page cannot be read so.
func Narrow(r *sources.Reading, option string, l List) error {
	if !l.Active() {
		return nil
	}
	p := r.Page
	missing := List(status.Scope{Include: l}.Missing(p.Components))
	if len(missing) == len(l) {
		return fetch.Shapef("%s: the page lists nothing called %s", option, l)
	}
	r.Notes = append(r.Notes, Note(option, missing)...)
	p.Scoped = true
	p.Components = slices.DeleteFunc(slices.Clone(p.Components), func(c status.Component) bool { return !l.means(c) })
	kept := map[string]bool{}
	for _, c := range p.Components {
		kept[c.ID] = true
	}
	incident := func(in *status.Incident) *[]status.ComponentRef { return &in.Components }
	p.Incidents, r.Ended = touching(p.Incidents, incident, kept), touching(r.Ended, incident, kept)
	p.Windows = touching(p.Windows, func(w *status.Window) *[]status.ComponentRef { return &w.Components }, kept)
	return nil
}

// means reports whether a component, or its group, is meant.
func (l List) means(c status.Component) bool {
	return len(status.Scope{Include: l}.Missing([]status.Component{c})) < len(l)
}

// touching keeps what names a kept component, or none at all, with only the
// references that are kept.
func touching[T any](all []T, refs func(*T) *[]status.ComponentRef, kept map[string]bool) []T {
	var out []T
	for _, e := range all {
		list := refs(&e)
		was := len(*list)
		*list = slices.DeleteFunc(slices.Clone(*list), func(r status.ComponentRef) bool { return !kept[r.ID] })
		if was == 0 || len(*list) > 0 {
			out = append(out, e)
		}
	}
	return out
}
