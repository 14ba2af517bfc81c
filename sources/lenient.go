package sources

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/downstatus/downstatus_exporter/sources/fetch"
)

// Unmarshal reads a JSON body. A well-formed body of another make is a shape
// error, one that is not JSON a decoding error.
func Unmarshal(body []byte, v any) error {
	err := json.Unmarshal(body, v)
	if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return fetch.Shapef("the JSON has %s where it should not: %w", wrong.Value, err)
	}
	if err != nil {
		return fmt.Errorf("not JSON: %w", err)
	}
	return nil
}

// Str is a JSON string that some upstreams send as a number or leave null.
// Null, lists and objects are empty.
type Str string

// Text is a name or title, fit to be shown.
func (s Str) Text() string { return Text(string(s), TextLimit) }

// UnmarshalJSON accepts any value.
func (s *Str) UnmarshalJSON(b []byte) error {
	switch b[0] {
	case '"':
		var text string
		if err := json.Unmarshal(b, &text); err != nil {
			return err
		}
		*s = Str(text)
	case 'n', '[', '{':
		*s = ""
	default: // a number or truth value stands for itself
		*s = Str(b)
	}
	return nil
}

// Bool is a JSON truth value that some upstreams send as a string or number.
// What says neither is false.
type Bool bool

// UnmarshalJSON accepts any value.
func (v *Bool) UnmarshalJSON(b []byte) error {
	switch strings.ToLower(strings.Trim(string(b), `"`)) {
	case "true", "1", "yes":
		*v = true
	default:
		*v = false
	}
	return nil
}

// List is a JSON list that may be null or hold nulls, which are skipped. It is
// nil only where the key is missing.
type List[T any] []T

// UnmarshalJSON refuses anything but a list and null.
func (l *List[T]) UnmarshalJSON(b []byte) error {
	var elements []*T
	if err := json.Unmarshal(b, &elements); err != nil {
		return err
	}
	out := make(List[T], 0, len(elements))
	for _, e := range elements {
		if e != nil {
			out = append(out, *e)
		}
	}
	*l = out
	return nil
}

// Time reads a time of RFC 3339 in any zone, in UTC and cut to milliseconds.
// An empty string is the zero time; ok is false for one that is not a time.
func Time(raw string) (t time.Time, ok bool) {
	if raw == "" {
		return time.Time{}, true
	}
	t, err := time.Parse(time.RFC3339, raw)
	if err != nil {
		return time.Time{}, false
	}
	return t.UTC().Truncate(time.Millisecond), true
}
