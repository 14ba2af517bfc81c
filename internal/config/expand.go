package config

import "go.yaml.in/yaml/v3"

// maxNodes bounds what aliases can make of a small file.
const maxNodes = 1 << 20

// expander copies a tree and replaces aliases and merges by what they mean.
type expander struct {
	*document
	open  map[*yaml.Node]bool // anchors being copied: one inside itself has no end
	count int
}

// copy copies a node and all below it. Lines stay those of the original, so
// that a fault in an anchor is named where it is written.
func (e *expander) copy(n *yaml.Node) *yaml.Node {
	if n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	e.count++
	if e.count == maxNodes {
		e.errorf(n, "too large: more than %d values once aliases are resolved", maxNodes)
	}
	if e.open[n] {
		e.errorf(n, "anchor %q contains itself", n.Anchor)
	}
	if e.open[n] || e.count >= maxNodes {
		return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!null", Line: n.Line}
	}
	if n.Anchor != "" {
		e.open[n] = true
		defer delete(e.open, n)
	}
	out := &yaml.Node{Kind: n.Kind, Tag: n.Tag, Value: n.Value, Style: n.Style, Line: n.Line}
	switch n.Kind {
	case yaml.MappingNode:
		e.copyPairs(out, n)
	case yaml.SequenceNode:
		for _, c := range n.Content {
			out.Content = append(out.Content, e.copy(c))
		}
	}
	return out
}

// copyPairs copies a mapping: its own keys first, then those it merges in.
func (e *expander) copyPairs(out, n *yaml.Node) {
	var merged []*yaml.Node
	lines := map[string]int{}
	for k, v := range pairs(n) {
		k, v = e.copy(k), e.copy(v)
		first, twice := lines[k.Value]
		switch {
		case k.Kind != yaml.ScalarNode:
			e.errorf(k, "a key must be a word")
		case k.ShortTag() == "!!merge":
			merged = append(merged, e.mergeable(v)...)
		case twice:
			e.errorf(k, "key %q is used twice: first at line %d", k.Value, first)
		default:
			lines[k.Value] = k.Line
			out.Content = append(out.Content, k, v)
		}
	}
	for _, m := range merged {
		for k, v := range pairs(m) {
			if _, own := lines[k.Value]; !own {
				lines[k.Value] = k.Line
				out.Content = append(out.Content, k, v)
			}
		}
	}
}

// mergeable lists the mappings that a << key names.
func (e *expander) mergeable(v *yaml.Node) []*yaml.Node {
	list := []*yaml.Node{v}
	if v.Kind == yaml.SequenceNode {
		list = v.Content
	}
	for _, m := range list {
		if m.Kind != yaml.MappingNode && !isNull(m) {
			e.errorf(m, "<<: want a mapping or a list of mappings")
		}
	}
	return list
}
