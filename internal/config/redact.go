package config

import (
	"bytes"
	"net/url"
	"strings"

	"go.yaml.in/yaml/v3"
)

const hidden = "<secret>"

// Redacted is the configuration as YAML without its secrets: the file itself,
// then each service file as a document of its own. Aliases are written out.
func (c *Config) Redacted() []byte {
	var out bytes.Buffer
	for i, d := range c.documents {
		if i > 0 {
			out.WriteString("---\n# " + strings.ReplaceAll(d.file, "\n", " ") + "\n")
		}
		if d.root == nil {
			continue
		}
		text, err := yaml.Marshal(d.redacted(d.root, false))
		if err != nil {
			text = []byte("# cannot be shown\n")
		}
		out.Write(text)
	}
	return out.Bytes()
}

// redacted copies a tree without what must not be shown: secrets, and all below
// a node marked as one.
func (d *document) redacted(n *yaml.Node, hide bool) *yaml.Node {
	hide = hide || d.secrets[n]
	out := &yaml.Node{Kind: n.Kind, Tag: n.Tag, Value: redactURL(n.Value), Style: n.Style}
	if hide && n.Kind == yaml.ScalarNode && n.Value != "" {
		return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: hidden}
	}
	for i, c := range n.Content {
		isKey := n.Kind == yaml.MappingNode && i%2 == 0
		out.Content = append(out.Content, d.redacted(c, hide && !isKey))
	}
	return out
}

// redactURL hides credentials and query of an address: both carry tokens.
func redactURL(raw string) string {
	if !strings.Contains(raw, "://") || !strings.ContainsAny(raw, "@?") {
		return raw
	}
	u, err := url.Parse(raw)
	if err != nil {
		return hidden
	}
	const mark = "HIDDEN" // as String leaves it: brackets would be escaped
	if u.User != nil {
		u.User = url.User(mark)
	}
	if u.RawQuery != "" {
		u.RawQuery = mark
	}
	return strings.ReplaceAll(u.String(), mark, hidden)
}
