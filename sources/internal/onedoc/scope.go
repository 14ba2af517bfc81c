package onedoc

import (
	"slices"
	"strings"

	"github.com/downstatus/downstatus_exporter/internal/status"
	"github.com/downstatus/downstatus_exporter/sources"
	"github.com/downstatus/downstatus_exporter/sources/fetch"
)

// List takes apart an option that takes a list.
func List(option string) []string {
	var out []string
	for value := range strings.SplitSeq(option, ",") {
		if value = strings.TrimSpace(value); value != "" {
			out = append(out, value)
		}
	}
	return out
}

// Narrow keeps of a page what the patterns of an option name, as the scope of
// a service would. Without patterns the page stays whole. A pattern that names
// nothing is a note; if none names anything, the page cannot be read so.
func Narrow(r *sources.Reading, option string, patterns []string) error {
	if len(patterns) == 0 {
		return nil
	}
	p := r.Page
	missing := status.Scope{Include: patterns}.Missing(p.Components)
	if len(missing) == len(patterns) {
		return fetch.Shapef("%s names nothing that the page lists: %s", option, strings.Join(missing, ", "))
	}
	for _, pattern := range missing {
		r.Notes = append(r.Notes, option+": "+pattern+" names nothing that the page lists")
	}
	p.Scoped = true
	p.Components = slices.DeleteFunc(p.Components, func(c status.Component) bool { return !named(patterns, c) })
	kept := map[string]bool{}
	for _, c := range p.Components {
		kept[c.ID] = true
	}
	p.Incidents = touching(p.Incidents, func(in *status.Incident) *[]status.ComponentRef { return &in.Components }, kept)
	p.Windows = touching(p.Windows, func(w *status.Window) *[]status.ComponentRef { return &w.Components }, kept)
	return nil
}

// named reports whether a pattern means the component or its group.
func named(patterns []string, c status.Component) bool {
	return len(status.Scope{Include: patterns}.Missing([]status.Component{c})) < len(patterns)
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
