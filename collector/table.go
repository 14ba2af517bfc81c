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
	if t.sorted() {
		return
	}
	order := make([]int32, t.len())
	for i := range order {
		order[i] = int32(i) // rows are held in memory
	}
	slices.SortFunc(order, func(a, b int32) int {
		return cmp.Or(t.compare(int(a), int(b)), cmp.Compare(t.values[b], t.values[a]))
	})
	sorted := table{
		labels: t.labels,
		cells:  make([]string, 0, len(t.cells)),
		values: make([]float64, 0, len(t.values)),
	}
	for i, row := range order {
		if i > 0 && t.compare(int(order[i-1]), int(row)) == 0 {
			continue
		}
		sorted.cells = append(sorted.cells, t.row(int(row))...)
		sorted.values = append(sorted.values, t.values[row])
	}
	*t = sorted
}

// sorted reports whether the rows stand in order and none comes twice.
func (t *table) sorted() bool {
	for i := 1; i < t.len(); i++ {
		if t.compare(i-1, i) >= 0 {
			return false
		}
	}
	return true
}

func (t *table) compare(a, b int) int {
	x, y := t.row(a), t.row(b)
	for i := range x {
		if c := strings.Compare(x[i], y[i]); c != 0 {
			return c
		}
	}
	return 0
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
