package feed

import (
	"regexp"
	"strconv"
	"strings"
	"time"

	"golang.org/x/net/html"

	"github.com/downstatus/downstatus_exporter/sources/internal/feeddate"
)

// text is what the body of an item says.
type text struct {
	plain  string // lines, without markup
	bold   []said // in order
	labels map[string]string
}

// said is a word in bold, and what stands between it and the one before it:
// updates begin with a date and a word.
type said struct{ word, before string }

// maxText is how much of an item's body is read, in bytes.
const maxText = 256 << 10

// reader takes the markup off a body.
type reader struct {
	text
	out, bold   strings.Builder
	depth       int // of bold elements
	mark, begin int // in out: the end of the last bold word, the start of this one
}

// readText takes the markup off a body.
func readText(body string) text {
	var r reader
	z := html.NewTokenizer(strings.NewReader(body[:min(len(body), maxText)]))
	for token := z.Next(); token != html.ErrorToken; token = z.Next() {
		if token == html.TextToken {
			r.write(html.UnescapeString(string(z.Text())))
			continue
		}
		name, _ := z.TagName()
		r.tag(string(name), token == html.StartTagToken)
	}
	r.plain = r.out.String()
	r.labels = labelsOf(r.plain)
	return r.text
}

func (r *reader) write(s string) {
	r.out.WriteString(s)
	if r.depth > 0 {
		r.bold.WriteString(s)
	}
}

func (r *reader) tag(name string, start bool) {
	switch name {
	case "br", "p", "div", "li", "ul", "tr", "h1", "h2", "h3", "h4", "h5", "h6":
		r.out.WriteByte('\n')
	case "strong", "b":
		r.out.WriteByte(' ')
		if start {
			r.depth++
			r.begin = r.out.Len()
		} else if r.depth > 0 {
			r.depth--
			r.text.bold = append(r.text.bold, said{r.bold.String(), r.out.String()[r.mark:r.begin]})
			r.mark, r.begin = r.out.Len(), r.out.Len()
			r.bold.Reset()
		}
	}
}

// labelsOf finds lines such as "Status: Resolved". Some feeds separate their
// labels by two blanks in place of lines. Of two alike the first counts.
func labelsOf(plain string) map[string]string {
	labels := map[string]string{}
	chunks := chunkEnd.Split(plain, -1)
	for i, chunk := range chunks {
		name, value, ok := strings.Cut(strings.TrimSpace(chunk), ":")
		name = strings.ToLower(strings.TrimSpace(name))
		if value = strings.TrimSpace(value); value == "" && i+1 < len(chunks) {
			value = strings.TrimSpace(chunks[i+1])
		}
		if _, twice := labels[name]; ok && !twice && len(name) < 32 {
			labels[name] = value
		}
	}
	return labels
}

var chunkEnd = regexp.MustCompile(`\s*\n\s*|[ \x{a0}]{2,}`)

// label is the value of the first of some labels that is there.
func (t text) label(names ...string) string {
	for _, n := range names {
		if v := t.labels[n]; v != "" {
			return v
		}
	}
	return ""
}

// yearless is a time of an update, such as "Aug 20, 14:43 UTC". Its year has to
// be found out.
var yearless = regexp.MustCompile(`\b([A-Z][a-z]{2})\s+(\d{1,2}),\s+(\d{2}:\d{2})(?:\s*-\s*(?:([A-Z][a-z]{2})\s+(\d{1,2}),\s+)?(\d{2}:\d{2}))?\s+([A-Z]{2,4})\b`)

// at is the date of an update; zero if it has none. It is not later than what
// the item itself says, but for a zone that is off.
func (s said) at(item time.Time) time.Time {
	found := yearless.FindAllStringSubmatch(s.before, -1)
	if len(found) == 0 || item.IsZero() {
		return time.Time{}
	}
	m := found[len(found)-1] // the texts of updates name times too
	if m[6] != "" {
		return time.Time{}
	}
	return dated(m[1], m[2], m[3], m[7], item.Add(24*time.Hour))
}

// event is when planned work begins and ends, as "Aug 20, 14:00 - 16:00 UTC":
// announced less than half a year ahead.
func (t text) event(said time.Time) (start, end time.Time) {
	for _, m := range yearless.FindAllStringSubmatch(t.plain, -1) {
		if m[6] == "" || said.IsZero() {
			continue
		}
		latest := said.AddDate(0, 6, 0)
		start = dated(m[1], m[2], m[3], m[7], latest)
		if m[4] == "" {
			m[4], m[5] = m[1], m[2]
		}
		if end = dated(m[4], m[5], m[6], m[7], latest.AddDate(0, 1, 0)); end.Before(start) {
			end = end.AddDate(0, 0, 1) // past midnight
		}
		return start, end
	}
	return start, end
}

// dated is the last time of that day and hour which is not after a limit; zero
// for what is no time, also for one in a zone that is not known.
func dated(month, day, clock, zone string, latest time.Time) time.Time {
	for year := latest.Year(); year >= latest.Year()-1; year-- {
		t, ok := feeddate.Parse(day + " " + month + " " + strconv.Itoa(year) + " " + clock + " " + zone)
		if ok && !t.After(latest) {
			return t
		}
	}
	return time.Time{}
}

// dateLayouts are dates in labels that are not those of feeds.
var dateLayouts = [...]string{"Mon Jan 2 2006 15:04:05 GMT-0700", "2006-01-02 15:04:05 -0700", "2006-01-02 15:04 -0700"}

// date reads a date; zero for what is none.
func date(raw string) time.Time {
	raw, _, _ = strings.Cut(raw, "(") // scripts append the name of the zone
	if t, ok := feeddate.Parse(raw); ok {
		return t
	}
	raw = strings.Join(strings.Fields(raw), " ")
	for zone, offset := range map[string]string{" UTC": " +0000", " GMT": " +0000", " Z": " +0000"} {
		if before, ok := strings.CutSuffix(raw, zone); ok {
			raw = before + offset
		}
	}
	for _, layout := range dateLayouts {
		if t, err := time.Parse(layout, raw); err == nil {
			return t.UTC().Truncate(time.Millisecond)
		}
	}
	return time.Time{}
}
