package config

import (
	"bytes"
	"errors"
	"io"
	"iter"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// document is one YAML file. Its nodes are free of aliases, merges and
// repeated keys, so that readers see plain trees.
type document struct {
	file     string
	root     *yaml.Node // nil if the file is empty
	problems *Problems
	warnings *Problems
	secrets  map[*yaml.Node]bool // values that must never be shown
}

// place is where something stands.
type place struct {
	file string
	line int
}

// origin is the node that a setting came from, to name lines later.
type origin struct {
	file string
	node *yaml.Node
}

// at is the place of a setting below the node, or of the closest one above it
// that was written.
func (o origin) at(path ...string) place {
	n := o.node
	for _, key := range path {
		next := child(n, key)
		if next == nil {
			break
		}
		n = next
	}
	if n == nil {
		return place{file: o.file}
	}
	return place{file: o.file, line: n.Line}
}

// has reports whether a setting is written at all, be it empty.
func (o origin) has(path ...string) bool {
	n := o.node
	for _, key := range path {
		if n = child(n, key); n == nil {
			return false
		}
	}
	return !isNull(n)
}

// child is the value of a key, or nil. Values that are null are given back too:
// they have a line.
func child(n *yaml.Node, key string) *yaml.Node {
	if n == nil {
		return nil
	}
	for k, v := range pairs(n) {
		if k.Value == key {
			return v
		}
	}
	return nil
}

// pairs walks the keys and values of a mapping.
func pairs(n *yaml.Node) iter.Seq2[*yaml.Node, *yaml.Node] {
	return func(yield func(k, v *yaml.Node) bool) {
		if n.Kind != yaml.MappingNode {
			return
		}
		for i := 0; i+1 < len(n.Content); i += 2 {
			if !yield(n.Content[i], n.Content[i+1]) {
				return
			}
		}
	}
}

// isNull reports whether a key was written without a value.
func isNull(n *yaml.Node) bool { return n.Kind == yaml.ScalarNode && n.ShortTag() == "!!null" }

func (d *document) place(n *yaml.Node) place { return place{file: d.file, line: n.Line} }

func (d *document) origin(n *yaml.Node) origin { return origin{file: d.file, node: n} }

// errorf notes a problem at the line of a node.
func (d *document) errorf(n *yaml.Node, format string, args ...any) {
	d.problems.add(d.place(n), format, args...)
}

// path is a file name of the document made relative to its folder.
func (d *document) path(name string) string {
	if name == "" || filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(filepath.Dir(d.file), name)
}

// parse reads the document from its bytes.
func (d *document) parse(data []byte) {
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	var first, second yaml.Node
	if err := decoder.Decode(&first); err != nil {
		if !errors.Is(err, io.EOF) {
			d.syntaxError(err, data)
		}
		return
	}
	switch err := decoder.Decode(&second); {
	case err == nil:
		d.errorf(&second, "a second document begins here: want one document a file")
	case !errors.Is(err, io.EOF):
		d.syntaxError(err, data)
	}
	e := expander{document: d, open: map[*yaml.Node]bool{}}
	if root := e.copy(first.Content[0]); !isNull(root) {
		d.root = root
	}
}

var (
	syntaxLine = regexp.MustCompile(`^(?:yaml: )?(?:line (\d+): )?`)
	tabIndent  = regexp.MustCompile(`^ *\t`)
)

// syntaxError reports what the parser says, at the line that really fails.
func (d *document) syntaxError(err error, data []byte) {
	text := err.Error()
	found := syntaxLine.FindStringSubmatch(text)
	text = strings.TrimPrefix(text, found[0])
	line, err := strconv.Atoi(found[1])
	if err != nil {
		line = 1
	}
	lines := bytes.SplitAfter(data, []byte("\n"))
	line = failingLine(data, lines, line)
	if tabIndent.Match(lines[line-1]) {
		text = "a tab in the indentation: YAML takes spaces only"
	}
	d.problems.add(place{d.file, line}, "not well-formed YAML: %s", text)
}

// failingLine is the line without which all before it is well-formed: the
// parser names the begin of the enclosing block, often far above. It gives up
// on large files, where trying takes too long.
func failingLine(data []byte, lines [][]byte, parsers int) int {
	end, budget := len(data), 4<<20
	for k := len(lines) - 1; k >= 0 && budget > 0; k-- {
		end -= len(lines[k])
		budget -= end
		if wellFormed(data[:end]) {
			return k + 1
		}
	}
	return min(parsers, len(lines))
}

// wellFormed reports whether all documents of a text can be read as YAML,
// whatever they say.
func wellFormed(data []byte) bool {
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	for {
		var n yaml.Node
		if err := decoder.Decode(&n); err != nil {
			return errors.Is(err, io.EOF)
		}
	}
}

// readRegular reads a file, but no pipe or device: those give their content
// once or never end.
func readRegular(name string) ([]byte, error) {
	if err := checkReadable(name); err != nil {
		return nil, err
	}
	return os.ReadFile(name)
}

// checkReadable says why a file cannot be read, before a poll needs it.
func checkReadable(name string) error {
	info, err := os.Stat(name)
	if err != nil {
		return err
	}
	if !info.Mode().IsRegular() {
		return &os.PathError{Op: "open", Path: name, Err: errors.New("not a regular file")}
	}
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	return f.Close()
}
