// Package feeddate reads the dates of RSS feeds.
package feeddate

import (
	"strings"
	"time"
)

// zones are the abbreviations that may stand for an offset. time.Parse takes
// any other for an offset of zero without a word, and these too where they are
// not those of the local zone: dates would be hours off.
var zones = map[string]string{
	"UTC": "+0000", "GMT": "+0000", "UT": "+0000", "Z": "+0000",
	"EST": "-0500", "EDT": "-0400",
	"CST": "-0600", "CDT": "-0500",
	"MST": "-0700", "MDT": "-0600",
	"PST": "-0800", "PDT": "-0700",
}

// layouts have a numeric zone; times of RFC 3339 are what Atom uses.
var layouts = [...]string{
	"Mon, 2 Jan 2006 15:04:05 -0700",
	"Mon, 2 Jan 2006 15:04:05 -07:00",
	"Mon, 2 Jan 2006 15:04 -0700",
	"2 Jan 2006 15:04:05 -0700",
	"2 Jan 2006 15:04 -0700",
	time.RFC3339,
}

// Parse reads a date of RFC 822 with a numeric zone or a known abbreviation,
// or one of RFC 3339, in UTC and cut to milliseconds. Not ok is anything else,
// also a date without a zone.
func Parse(raw string) (t time.Time, ok bool) {
	fields := strings.Fields(raw)
	if len(fields) == 0 {
		return time.Time{}, false
	}
	if offset, known := zones[strings.ToUpper(fields[len(fields)-1])]; known {
		fields[len(fields)-1] = offset
	}
	raw = strings.Join(fields, " ")
	for _, layout := range layouts {
		if t, err := time.Parse(layout, raw); err == nil {
			return t.UTC().Truncate(time.Millisecond), true
		}
	}
	return time.Time{}, false
}
