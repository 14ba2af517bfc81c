package collector

import (
	"bytes"
	"strconv"
	"strings"
)

// syntax is one of the two text formats.
type syntax int8

const (
	text        syntax = iota // Prometheus text 0.0.4
	openMetrics               // OpenMetrics 1.0.0
	syntaxes
)

// render writes a family as expfmt does; nothing if it has no rows. Names and
// help are ours and need no escaping.
func render(f *Family, t *table, s syntax) []byte {
	if t.len() == 0 {
		return nil
	}
	header := f.Name
	if s == openMetrics && f.Type == Counter {
		header = strings.TrimSuffix(header, "_total")
	}
	dst := make([]byte, 0, 512+t.len()*(len(f.Name)+64))
	dst = append(dst, "# HELP "+header+" "+f.Help+"\n# TYPE "+header+" "+string(f.Type)+"\n"...)
	before := separators(f.Name, t.labels)
	for i := range t.len() {
		for j, cell := range t.row(i) {
			dst = append(dst, before[j]...)
			dst = appendEscaped(dst, cell)
		}
		dst = append(dst, `"} `...)
		dst = appendValue(dst, t.values[i], s)
		dst = append(dst, '\n')
	}
	return dst
}

// separators is what stands before each label value.
func separators(name string, labels []string) []string {
	out := make([]string, len(labels))
	for i, l := range labels {
		out[i] = `",` + l + `="`
	}
	out[0] = name + `{` + labels[0] + `="`
	return out
}

func appendEscaped(dst []byte, s string) []byte {
	for i := range len(s) {
		switch s[i] {
		case '\\':
			dst = append(dst, `\\`...)
		case '\n':
			dst = append(dst, `\n`...)
		case '"':
			dst = append(dst, `\"`...)
		default:
			dst = append(dst, s[i])
		}
	}
	return dst
}

// appendValue writes a sample. OpenMetrics of client_golang marks every one
// as a float.
func appendValue(dst []byte, v float64, s syntax) []byte {
	start := len(dst)
	dst = strconv.AppendFloat(dst, v+0, 'g', -1, 64)
	if s == openMetrics && !bytes.ContainsAny(dst[start:], "e.IN") { // nor are +Inf and NaN whole numbers
		dst = append(dst, ".0"...)
	}
	return dst
}
