package api

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// query reads the documented parameters out of a raw query and keeps the first
// fault. An empty value counts as not given. url.ParseQuery would not do: it
// drops a pair that it cannot decode, and a filter that is dropped answers
// another question than the one asked.
type query struct {
	raw   string
	fault *failure
}

// text is the first value of a parameter, or empty.
func (q *query) text(name, takes string) string {
	for pair := range strings.SplitSeq(q.raw, "&") {
		key, value, _ := strings.Cut(pair, "=")
		if k, err := url.QueryUnescape(key); err != nil || k != name {
			continue
		}
		v, err := url.QueryUnescape(value)
		if err != nil {
			q.refuse(name, takes)
		}
		return v
	}
	return ""
}

// slug is nil if not given.
func (q *query) slug(name string) *string { return orNull(q.text(name, "the slug of a service")) }

// word is nil if not given, else one of words.
func (q *query) word(name string, words []string) *string {
	takes := "one of " + strings.Join(words, ", ")
	v := q.text(name, takes)
	if v != "" && !slices.Contains(words, v) {
		q.refuse(name, takes)
	}
	return orNull(v)
}

// number is a whole number from low to high, or std if not given.
func (q *query) number(name string, low, high, std int) int {
	takes := fmt.Sprintf("a whole number from %d to %d", low, high)
	v := q.text(name, takes)
	if v == "" {
		return std
	}
	n, err := strconv.Atoi(v)
	if err != nil || n < low || n > high {
		q.refuse(name, takes)
	}
	return n
}

func (q *query) refuse(name, takes string) {
	if q.fault == nil {
		q.fault = &failure{http.StatusBadRequest, fmt.Sprintf("%s must be %s", name, takes)}
	}
}
