package history

import (
	"database/sql/driver"
	"fmt"
	"slices"
	"strings"

	"github.com/downstatus/downstatus_exporter/internal/status"
)

// table describes one kind of row: its columns, and where in a T each of them
// goes, so that saving and loading cannot come apart. Each row also has a
// version: the number of the save that wrote it last.
type table[T any] struct {
	name     string
	key      string   // its columns, with commas
	columns  []string // without the key and the counters
	counters []string // never lowered
	fields   func(*T) []any
}

var services = table[ServiceState]{
	name:    "services",
	key:     "slug",
	columns: []string{"status", "since", "official", "reports", "last_good", "accounted"},
	counters: []string{"seconds_unknown", "seconds_operational", "seconds_degraded", "seconds_down",
		"opened_by_page", "opened_by_users", "disagreements"},
	fields: func(s *ServiceState) []any {
		return []any{
			&s.Slug, (*word)(&s.Status), (*millis)(&s.Since), (*word)(&s.Official), (*word)(&s.Reports),
			(*millis)(&s.LastGood), (*millis)(&s.Accounted),
			&s.Seconds[status.Unknown+1], &s.Seconds[status.Operational+1],
			&s.Seconds[status.Degraded+1], &s.Seconds[status.Down+1],
			tally{&s.OutageCount, status.OfficialStatusPage}, tally{&s.OutageCount, status.UserReports},
			&s.Disagreements,
		}
	},
}

var readings = table[Reading]{
	name:    "readings",
	key:     "source",
	columns: []string{"last_good", "observed", "body"},
	fields: func(r *Reading) []any {
		return append(movedReadings.fields(r), &r.Body)
	},
}

// movedReadings are rows whose body stays.
var movedReadings = table[Reading]{
	name:    "readings",
	key:     "source",
	columns: []string{"last_good", "observed"},
	fields: func(r *Reading) []any {
		return []any{&r.Source, (*millis)(&r.LastGood), (*millis)(&r.Observed)}
	},
}

var outages = table[status.Outage]{
	name: "outages",
	key:  "id",
	columns: []string{"slug", "opened_by", "started_at", "detected_at", "resolved_at", "not_before",
		"reports_started_at", "official_started_at", "reports_ended_at", "official_ended_at",
		"worst", "peak_reports", "description", "incident_url", "evidence", "reopened", "imported", "unwatched"},
	fields: func(o *status.Outage) []any {
		return []any{
			&o.ID, &o.Slug, (*signal)(&o.Signal),
			(*millis)(&o.StartedAt), (*millis)(&o.DetectedAt), (*millis)(&o.ResolvedAt), (*millis)(&o.NotBefore),
			(*millis)(&o.ReportsStartedAt), (*millis)(&o.OfficialStartedAt),
			(*millis)(&o.ReportsEndedAt), (*millis)(&o.OfficialEndedAt),
			(*word)(&o.Worst), &o.PeakReports, &o.Description, &o.IncidentURL, (*words)(&o.Evidence),
			&o.Reopened, &o.Imported, &o.Unwatched,
		}
	},
}

var sourceStates = table[SourceState]{
	name:    "sources",
	key:     "source",
	columns: []string{"asked", "up", "reason", "polls", "failures", "engine_changes", "unknown_words"},
	fields: func(s *SourceState) []any {
		return []any{&s.Source, (*millis)(&s.Asked), &s.Up, &s.Reason, &s.Polls, &s.Failures, &s.EngineChanges, (*tallies)(&s.Unknown)}
	},
}

var detectors = table[DetectorState]{
	name:    "detectors",
	key:     "id",
	columns: []string{"written", "disagrees", "body", "recent"},
	fields: func(d *DetectorState) []any {
		return []any{rowID{&d.Slug, &d.Source, &d.Row}, (*millis)(&d.Written), &d.Disagrees, &d.Body, &d.Recent}
	},
}

var transitions = table[status.Transition]{
	name:    "transitions",
	key:     "slug, since",
	columns: []string{"status", "official", "reports"},
	fields: func(t *status.Transition) []any {
		return []any{&t.Slug, (*millis)(&t.Since), (*word)(&t.Status), (*word)(&t.Official), (*word)(&t.Reports)}
	},
}

// all lists the columns in the order of the fields.
func (t table[T]) all() []string {
	return slices.Concat(strings.Split(t.key, ", "), t.columns, t.counters)
}

// upsert inserts a row or replaces the one with its key. Its arguments are
// those of values.
func (t table[T]) upsert() string {
	columns := append(t.all(), "version")
	marks := make([]string, len(columns))
	for i := range marks {
		marks[i] = fmt.Sprintf("$%d", i+1)
	}
	return fmt.Sprintf("INSERT INTO %s (%s) VALUES (%s) ON CONFLICT (%s) DO UPDATE SET %s",
		t.name, strings.Join(columns, ", "), strings.Join(marks, ", "), t.key, strings.Join(t.replace(), ", "))
}

// replace lists what an upsert does to a row that is there. SQLite's MAX and
// PostgreSQL's GREATEST are not one; CASE is.
func (t table[T]) replace() []string {
	var set []string
	for _, c := range append([]string{"version"}, t.columns...) {
		set = append(set, fmt.Sprintf("%s = excluded.%[1]s", c))
	}
	for _, c := range t.counters {
		set = append(set, fmt.Sprintf("%s = CASE WHEN excluded.%[1]s > %[2]s.%[1]s THEN excluded.%[1]s ELSE %[2]s.%[1]s END", c, t.name))
	}
	return set
}

// update changes the row of the key and inserts none. Its arguments are those
// of values.
func (t table[T]) update() string {
	var set []string
	for i, c := range append(slices.Clone(t.columns), "version") {
		set = append(set, fmt.Sprintf("%s = $%d", c, i+2))
	}
	return fmt.Sprintf("UPDATE %s SET %s WHERE %s = $1", t.name, strings.Join(set, ", "), t.key)
}

// since reads the rows with a version above $1, or those of them that a
// further clause leaves.
func (t table[T]) since(clause string) string {
	return fmt.Sprintf("SELECT %s FROM %s WHERE version > $1 %s", strings.Join(t.all(), ", "), t.name, clause)
}

// values are the columns of a row as every driver takes them.
func (t table[T]) values(row *T, version int64) ([]any, error) {
	fields := append(t.fields(row), version)
	for i, f := range fields {
		v, err := driver.DefaultParameterConverter.ConvertValue(f)
		if err != nil {
			return nil, err
		}
		switch text := v.(type) {
		case string:
			v = storable(text)
		case []byte:
			v = append([]byte{}, text...) // no bytes are not NULL
		}
		fields[i] = v
	}
	return fields, nil
}

// storable is a text without what PostgreSQL refuses: bytes that are no UTF-8,
// and NUL. An upstream that sends them must not stop all writing.
func storable(text string) string {
	const replacement = "\uFFFD"
	return strings.ReplaceAll(strings.ToValidUTF8(text, replacement), "\x00", replacement)
}
