// Package vendors is what the engines of single vendors have in common: options
// that choose a part of the vendor, places of documents, and what a source
// keeps from poll to poll.
package vendors

import (
	"strconv"
	"strings"
	"time"

	"github.com/downstatus/downstatus_exporter/sources"
)

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

// Instant reads a time of RFC 3339, or seconds or milliseconds since 1970; zero
// for what is none. Documents mix the two, and the size tells them apart: as
// seconds, 1e11 is the year 5138. Smaller numbers than those of 2001 are none.
func Instant(raw sources.Str) time.Time {
	if t, ok := sources.Time(string(raw)); ok {
		return t
	}
	n, err := strconv.ParseFloat(string(raw), 64)
	if err != nil || !(n >= 1e9 && n < 1e14) {
		return time.Time{}
	}
	if n < 1e11 {
		n *= 1000
	}
	return time.UnixMilli(int64(n)).UTC()
}
