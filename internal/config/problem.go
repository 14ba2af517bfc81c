package config

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Problems are all faults of a configuration, by file and line.
type Problems []Problem

// Error lists the problems, one a line as FILE:LINE: TEXT.
func (p Problems) Error() string {
	lines := make([]string, len(p))
	for i, problem := range p {
		lines[i] = problem.String()
	}
	return strings.Join(lines, "\n")
}

// String is FILE:LINE: TEXT, without the line where the file as a whole is
// meant.
func (p Problem) String() string {
	if p.Line == 0 {
		return fmt.Sprintf("%s: %s", p.File, p.Text)
	}
	return fmt.Sprintf("%s:%d: %s", p.File, p.Line, p.Text)
}

// sorted orders problems by file and line and drops what was said already.
func (p Problems) sorted() Problems {
	slices.SortStableFunc(p, func(a, b Problem) int {
		return cmp.Or(strings.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line))
	})
	var out Problems
	for _, problem := range p {
		if !slices.Contains(out, problem) {
			out = append(out, problem)
		}
	}
	return out
}

// add notes a problem.
func (p *Problems) add(at place, format string, args ...any) {
	*p = append(*p, Problem{File: at.file, Line: at.line, Text: fmt.Sprintf(format, args...)})
}

// suggest says what a mistyped word was meant to be, or which words there are.
func suggest(word string, known []string) string {
	best, distance := "", 3
	for _, k := range known {
		if d := editDistance(word, k); d < distance && d <= max(1, len(k)/2) {
			best, distance = k, d
		}
	}
	if best != "" {
		return fmt.Sprintf("did you mean %q?", best)
	}
	if len(known) == 0 {
		return "it takes none"
	}
	known = slices.Clone(known)
	slices.Sort(known)
	return "want one of " + strings.Join(slices.Compact(known), ", ")
}

// editDistance counts the letters to insert, drop or replace. Long words are
// not compared: they are no typing slips.
func editDistance(a, b string) int {
	if len(a) > 64 || len(b) > 64 {
		return 64
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			replaced := diagonal
			if a[i] != b[j] {
				replaced++
			}
			diagonal = row[j+1]
			row[j+1] = min(replaced, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
