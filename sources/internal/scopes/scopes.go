// Package scopes reads the options by which an engine narrows a page to what a
// service depends on: lists of names, ids or globs.
package scopes

import (
	"slices"
	"strings"

	"github.com/downstatus/downstatus_exporter/internal/status"
)

// List is such an option. An empty one is the whole page.
type List []string

// Parse reads a list as the configuration hands it on, joined by commas.
func Parse(joined string) List {
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

// Pick returns the components that are meant by any of their Names, and the
// patterns that mean none of them.
func (l List) Pick(all []status.Component) (picked []status.Component, missing List) {
	var names []string
	for _, c := range all {
		names = append(names, Names(c)...)
		if l.Covers(Names(c)...) {
			picked = append(picked, c)
		}
	}
	return picked, l.Missing(names...)
}

// Names are what people may call a component: its id and name, those of its
// group, and both together.
func Names(c status.Component) []string {
	names := []string{c.ID, c.Name, c.GroupID, c.Group}
	if c.Group != "" {
		names = append(names, c.Group+" - "+c.Name)
	}
	return names
}

// Note tells about patterns of an option that mean nothing while others do.
func Note(option string, missing List) []string {
	if !missing.Active() {
		return nil
	}
	return []string{option + ": the page lists nothing called " + missing.String()}
}
