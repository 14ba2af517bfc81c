// Package generic is what the engines without a vendor of their own have in
// common: an address that is the document's own, and options that say what
// words mean.
package generic

import (
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/prometheus/common/model"

	"github.com/downstatus/downstatus_exporter/internal/status"
	"github.com/downstatus/downstatus_exporter/sources"
)

// PageOption is the option that Target understands.
var PageOption = sources.Option{Name: "page", Help: "address that people read; the document's own if left out"}

// Target takes the address of a document, with its query and as it is spelt.
func Target(c sources.Config) (sources.Target, error) {
	document, err := sources.ParseURL(c.URL)
	if err != nil {
		return sources.Target{}, err
	}
	page := *document
	if own := c.Options[PageOption.Name]; own != "" {
		p, err := sources.ParseURL(own)
		if err != nil {
			return sources.Target{}, fmt.Errorf("page: %w", err)
		}
		page = *p
	}
	before, query, _ := strings.Cut(strings.TrimSpace(c.URL), "?")
	document.RawQuery, _, _ = strings.Cut(query, "#")
	if path, _, _ := strings.Cut(before, "#"); strings.HasSuffix(path, "/") {
		document.Path += "/" // some servers tell it from the path without
	}
	if _, err := url.ParseQuery(document.RawQuery); err != nil {
		return sources.Target{}, fmt.Errorf("url: the query cannot be read: %w", err)
	}
	return sources.Target{Page: &page, Document: document, Options: c.Options}, nil
}

// Meaning is what a word stands for.
type Meaning struct {
	Rank        status.Indicator
	Maintenance bool
	Ignore      bool // what has this word does not count at all
}

// Unknown is the meaning of a word that is not understood.
var Unknown = Meaning{Rank: status.IndicatorUnknown}

// Meanings are the words of a configuration.
const Meanings = "none, minor, major, critical, maintenance, ignore, unknown"

// ParseMeaning reads a word of a configuration.
func ParseMeaning(word string) (Meaning, error) {
	switch word {
	case "maintenance":
		return Meaning{Maintenance: true}, nil
	case "ignore":
		return Meaning{Ignore: true}, nil
	case "unknown":
		return Unknown, nil
	}
	rank, ok := status.ParseIndicator(word)
	if !ok {
		return Unknown, fmt.Errorf("%q is no meaning: want one of %s", word, Meanings)
	}
	return Meaning{Rank: rank}, nil
}

// Entry is one WORD=MEANING of an option.
type Entry struct {
	Word string
	Meaning
}

// Entries reads an option that is a list of WORD=MEANING. A word may hold
// commas: only the last equals sign before the next comma ends it.
func Entries(option string) ([]Entry, error) {
	var out []Entry
	word := ""
	for part := range strings.SplitSeq(option, ",") {
		i := strings.LastIndex(part, "=")
		if i < 0 {
			word += part + ","
			continue
		}
		meaning, err := ParseMeaning(strings.TrimSpace(part[i+1:]))
		if err != nil {
			return nil, err
		}
		out = append(out, Entry{strings.TrimSpace(word + part[:i]), meaning})
		word = ""
	}
	if strings.Trim(word, ", ") != "" {
		return nil, fmt.Errorf("%q says no meaning: want WORD=MEANING", strings.Trim(word, ", "))
	}
	return out, nil
}

// Duration reads an option as Prometheus writes durations; fallback is for an
// empty one, and 0 is no limit.
func Duration(option string, fallback time.Duration) (time.Duration, error) {
	if option == "" {
		return fallback, nil
	}
	d, err := model.ParseDuration(option)
	if err != nil {
		return 0, fmt.Errorf("%q is not a duration: want something like 30m, 24h or 30d, or 0 for no limit", option)
	}
	return time.Duration(d), nil
}
