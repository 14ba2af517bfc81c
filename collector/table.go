package collector

import (
	"cmp"
	"slices"
	"strings"
	"unicode/utf8"
)

// maxValue is the longest label value shown, in bytes.
const maxValue = 256

// table holds the rows of one family: the label values in the order of the
// label names, and the sample.
type table struct {
	labels []string // sorted
	cells  []string // len(labels) a row
	values []float64
}

// add appends a row.
func (t *table) add(value float64, cells ...string) {
	for _, c := range cells {
		t.cells = append(t.cells, clean(c))
	}
	t.values = append(t.values, value)
}

func (t *table) len() int { return len(t.values) }

func (t *table) row(i int) []string {
	n := len(t.labels)
	return t.cells[i*n : (i+1)*n : (i+1)*n]
}

// sort orders the rows as client_golang does, by their label values. Of rows
// that would be the same series the highest value stays: trouble counts.
func (t *table) sort() {
	order := make([]int, t.len())
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int {
		if c := slices.Compare(t.row(a), t.row(b)); c != 0 {
			return c
		}
		return cmp.Compare(t.values[b], t.values[a])
	})
	order = slices.CompactFunc(order, func(a, b int) bool { return slices.Equal(t.row(a), t.row(b)) })
	sorted := table{
		labels: t.labels,
		cells:  make([]string, 0, len(order)*len(t.labels)),
		values: make([]float64, 0, len(order)),
	}
	for _, i := range order {
		sorted.cells = append(sorted.cells, t.row(i)...)
		sorted.values = append(sorted.values, t.values[i])
	}
	*t = sorted
}

// clean makes a foreign string fit to be a label value: valid UTF-8, cut
// between characters at maxValue bytes.
func clean(s string) string {
	if !utf8.ValidString(s) {
		s = strings.ToValidUTF8(s, string(utf8.RuneError))
	}
	if len(s) <= maxValue {
		return s
	}
	end := maxValue
	for !utf8.RuneStart(s[end]) {
		end--
	}
	return s[:end]
}
