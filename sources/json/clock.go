package json

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
	_ "time/tzdata" // zones are known wherever the program runs

	"github.com/downstatus/downstatus_exporter/sources"
	"github.com/downstatus/downstatus_exporter/sources/internal/feeddate"
	"github.com/downstatus/downstatus_exporter/sources/internal/jq"
)

// clock reads the times of a document.
type clock struct {
	layout string // empty: rfc3339 or numbers
	epoch  bool   // numbers only
	zone   *time.Location
}

// zoned finds what in a layout is a zone.
var zoned = regexp.MustCompile(`MST|-0700|-07|Z07`)

func readClock(format, zone string) (c clock, err error) {
	c.zone = time.UTC
	if zone != "" {
		if c.zone, err = time.LoadLocation(zone); err != nil || zone == "Local" {
			return c, fmt.Errorf("zone: %q is not known: want a name such as Europe/Berlin or UTC", zone)
		}
	}
	switch format {
	case "", "rfc3339":
	case "epoch_s", "epoch_ms":
		c.epoch = true
	default:
		c.layout = strings.Join(strings.Fields(format), " ")
		sample := time.Date(2001, 11, 12, 13, 14, 15, 0, time.UTC).Format(c.layout)
		if sample == c.layout {
			return c, fmt.Errorf("time_format: %q is none: want rfc3339, epoch_s, epoch_ms or a layout of Go such as 2006-01-02 15:04", format)
		}
		if !zoned.MatchString(c.layout) && zone == "" {
			return c, fmt.Errorf("zone is missing: time_format %q has none", format)
		}
		c.layout = strings.ReplaceAll(c.layout, "MST", "-0700") // see offset
	}
	return c, nil
}

// read reads a time, in UTC and cut to milliseconds. Zero is none; not ok is
// something that is no time.
func (c clock) read(v any) (t time.Time, ok bool) {
	text := strings.Join(strings.Fields(jq.Text(v)), " ")
	switch {
	case text == "":
		return time.Time{}, v == nil || v == ""
	case c.layout != "":
		t, err := time.ParseInLocation(c.layout, offset(text), c.zone)
		if err != nil {
			return time.Time{}, false
		}
		return t.UTC().Truncate(time.Millisecond), true
	case c.epoch || jq.IsNumber(v):
		return epoch(text)
	default:
		return sources.Time(text)
	}
}

// epoch reads seconds or milliseconds since 1970: documents mix them, and the
// size tells. Zero stands for no time.
func epoch(text string) (time.Time, bool) {
	const (
		seconds = 1e11 // as seconds that is the year 5138
		last    = 253402300800e3
	)
	f, err := strconv.ParseFloat(text, 64)
	if err != nil || !(f >= 0 && f < last) {
		return time.Time{}, false
	}
	if f == 0 {
		return time.Time{}, true
	}
	if f < seconds {
		f *= 1000
	}
	return time.UnixMilli(int64(f)).UTC(), true
}

var abbreviation = regexp.MustCompile(`\b[A-Z]{1,4}$`)

// offset puts a number in the place of a zone's abbreviation at the end of a
// time: the parser would take any name for UTC without a word. One that is
// not in the table stays, and does not fit the layout then.
func offset(text string) string {
	return abbreviation.ReplaceAllStringFunc(text, func(name string) string {
		midnight := time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)
		t, known := feeddate.Parse("1 Jan 2000 00:00 " + name)
		if !known {
			return name
		}
		minutes := int(midnight.Sub(t).Minutes())
		sign := "+"
		if minutes < 0 {
			sign, minutes = "-", -minutes
		}
		return fmt.Sprintf("%s%02d%02d", sign, minutes/60, minutes%60)
	})
}
