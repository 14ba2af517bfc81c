// Package vendors is what the engines of single vendors have in common: options
// that choose a part of the vendor, places of documents, and what a source
// keeps from poll to poll.
package vendors

import (
	"strings"
	"time"

	"github.com/downstatus/downstatus_exporter/sources"
)

// Text is a name or title as it is kept.
func Text(s sources.Str) string { return sources.Text(string(s), sources.TextLimit) }

// Fold makes spellings of a word alike: case, and blanks, dashes and
// underscores do not count. Vendors document one of them and send another.
func Fold[S ~string](word S) string {
	return strings.ToLower(strings.Map(func(r rune) rune {
		if strings.ContainsRune(" \t\r\n-_\u00a0", r) {
			return -1
		}
		return r
	}, string(word)))
}

// Instant reads a time of RFC 3339; zero for what is none.
func Instant(raw sources.Str) time.Time {
	t, _ := sources.Time(string(raw))
	return t
}
