package status

import "strings"

// Scope picks the parts of a page that a service depends on, by names, ids or
// globs (* and ?), without regard to case. A group's name or id stands for its
// members. The zero Scope is the whole page.
type Scope struct {
	Include []string
	Exclude []string
}

// Active reports whether the scope narrows anything.
func (s Scope) Active() bool { return len(s.Include)+len(s.Exclude) > 0 }

// covers reports whether a component is in the scope.
func (s Scope) covers(c Component) bool {
	if matchesAny(s.Exclude, c) {
		return false
	}
	return len(s.Include) == 0 || matchesAny(s.Include, c)
}

// touches reports whether something that names components concerns the scope.
// One that names none concerns everything.
func (s Scope) touches(refs []ComponentRef, known map[string]Component) bool {
	if len(refs) == 0 || !s.Active() {
		return true
	}
	for _, r := range refs {
		if s.covers(r.component(known)) {
			return true
		}
	}
	return false
}

// component is the listed component that a reference means, or what the
// reference itself tells. An incident may keep a component's old name: the id
// leads.
func (r ComponentRef) component(known map[string]Component) Component {
	if c, ok := known[r.ID]; ok && r.ID != "" {
		return c
	}
	return Component{ID: r.ID, Name: r.Name, Rank: r.Rank}
}

// Missing returns the include patterns that match no component of the page.
func (s Scope) Missing(components []Component) []string {
	var missing []string
	for _, pattern := range s.Include {
		found := false
		for _, c := range components {
			found = found || matchesAny([]string{pattern}, c)
		}
		if !found {
			missing = append(missing, pattern)
		}
	}
	return missing
}

func matchesAny(patterns []string, c Component) bool {
	for _, p := range patterns {
		for _, name := range [...]string{c.ID, c.Name, c.GroupID, c.Group, qualified(c)} {
			if name != "" && Glob(p, name) {
				return true
			}
		}
	}
	return false
}

// qualified is the name that updates of an incident use: "Group - Leaf".
func qualified(c Component) string {
	if c.Group == "" {
		return ""
	}
	return c.Group + " - " + c.Name
}

// Glob matches a pattern of * (any run) and ? (any one character) against a
// whole name, without regard to case. Brackets mean themselves: they are
// common in component names.
func Glob(pattern, name string) bool {
	p, n := []rune(strings.ToLower(pattern)), []rune(strings.ToLower(name))
	pi, ni, star, mark := 0, 0, -1, 0
	for ni < len(n) {
		switch {
		case pi < len(p) && p[pi] == '*':
			star, mark = pi, ni
			pi++
		case pi < len(p) && (p[pi] == '?' || p[pi] == n[ni]):
			pi++
			ni++
		case star >= 0: // let the last star take one more character
			mark++
			pi, ni = star+1, mark
		default:
			return false
		}
	}
	for pi < len(p) && p[pi] == '*' {
		pi++
	}
	return pi == len(p)
}
