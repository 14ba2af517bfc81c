package history

import (
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/downstatus/downstatus_exporter/internal/status"
)

// millis is a time as Unix milliseconds; the zero time is NULL.
type millis time.Time

// Value implements driver.Valuer.
func (m millis) Value() (driver.Value, error) {
	if time.Time(m).IsZero() {
		return nil, nil
	}
	return time.Time(m).UnixMilli(), nil
}

// Scan implements sql.Scanner. Times come back in UTC.
func (m *millis) Scan(v any) error {
	switch v := v.(type) {
	case nil:
		*m = millis{}
	case int64:
		*m = millis(time.UnixMilli(v).UTC())
	default:
		return fmt.Errorf("time is %T", v)
	}
	return nil
}

// word is a status as its word.
type word status.Status

// Value implements driver.Valuer.
func (w word) Value() (driver.Value, error) { return status.Status(w).String(), nil }

// Scan implements sql.Scanner. Anything but a word of a status is an error,
// never taken for one of them.
func (w *word) Scan(v any) error {
	s, ok := v.(string)
	if !ok {
		return fmt.Errorf("status is %T", v)
	}
	return (*status.Status)(w).UnmarshalText([]byte(s))
}

// signal is a status.Signal that is checked on the way out.
type signal status.Signal

// Value implements driver.Valuer.
func (s signal) Value() (driver.Value, error) { return string(s), nil }

// Scan implements sql.Scanner.
func (s *signal) Scan(v any) error {
	text, ok := v.(string)
	if !ok || !slices.Contains(status.Signals[:], status.Signal(text)) {
		return fmt.Errorf("unknown signal %q", v)
	}
	*s = signal(text)
	return nil
}

// words is a JSON list of strings.
type words []string

// Value implements driver.Valuer.
func (l words) Value() (driver.Value, error) {
	b, err := json.Marshal(l)
	return string(b), err
}

// Scan implements sql.Scanner.
func (l *words) Scan(v any) error {
	s, ok := v.(string)
	if !ok {
		return fmt.Errorf("list is %T", v)
	}
	return json.Unmarshal([]byte(s), l)
}

// tally is one entry of a map of counts. The map is made when it is scanned.
type tally struct {
	counts *map[status.Signal]uint64
	of     status.Signal
}

// Value implements driver.Valuer.
func (t tally) Value() (driver.Value, error) {
	return int64((*t.counts)[t.of]), nil
}

// Scan implements sql.Scanner.
func (t tally) Scan(v any) error {
	n, ok := v.(int64)
	if !ok || n < 0 {
		return fmt.Errorf("count is %v", v)
	}
	if *t.counts == nil {
		*t.counts = make(map[status.Signal]uint64, len(status.Signals))
	}
	(*t.counts)[t.of] = uint64(n)
	return nil
}

// tallies is a JSON object of counts.
type tallies map[string]uint64

// Value implements driver.Valuer.
func (t tallies) Value() (driver.Value, error) {
	b, err := json.Marshal(t)
	return string(b), err
}

// Scan implements sql.Scanner.
func (t *tallies) Scan(v any) error {
	s, ok := v.(string)
	if !ok {
		return fmt.Errorf("counts are %T", v)
	}
	return json.Unmarshal([]byte(s), t)
}

// rowID is a key of three parts, none of which holds a line break.
type rowID struct{ slug, source, row *string }

// Value implements driver.Valuer.
func (r rowID) Value() (driver.Value, error) {
	return *r.slug + "\n" + *r.source + "\n" + *r.row, nil
}

// Scan implements sql.Scanner.
func (r rowID) Scan(v any) error {
	s, ok := v.(string)
	parts := strings.Split(s, "\n")
	if !ok || len(parts) != 3 {
		return fmt.Errorf("key is %q", v)
	}
	*r.slug, *r.source, *r.row = parts[0], parts[1], parts[2]
	return nil
}
