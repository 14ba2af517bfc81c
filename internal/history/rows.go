package history

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/downstatus/downstatus_exporter/internal/status"
)

// The statements, which both databases take.
var (
	upsertService = services.upsert()
	upsertReading = readings.upsert()
	moveReading   = movedReadings.update()
	upsertOutage  = outages.upsert()
	upsertSource  = sourceStates.upsert()
	upsertLearned = detectors.upsert()
	upsertMoment  = transitions.upsert()

	selectServices = services.since("")
	selectReadings = readings.since("")
	selectSources  = sourceStates.since("")
	selectLearned  = detectors.since("ORDER BY id")
	selectOutages  = outages.since("AND (resolved_at IS NULL OR resolved_at >= $2) ORDER BY started_at NULLS FIRST, id")
	selectMoments  = transitions.since("ORDER BY slug, since")

	pruneOutages  = "DELETE FROM outages WHERE resolved_at < $1"
	pruneReadings = "DELETE FROM readings WHERE last_good < $1"
	pruneSources  = "DELETE FROM sources WHERE asked < $1"
	pruneLearned  = "DELETE FROM detectors WHERE written < $1"
	// The newest one before the retention tells what it began with.
	pruneMoments = `DELETE FROM transitions WHERE EXISTS (SELECT 1 FROM transitions AS newer
		WHERE newer.slug = transitions.slug AND newer.since > transitions.since AND newer.since <= $1)`

	selectVersion = "SELECT version FROM saves"
)

// Load reads everything back, as of one moment. Times are in UTC, and exact
// to the millisecond.
func (s *Store) Load(ctx context.Context) (State, error) {
	state, _, err := s.LoadSince(ctx, 0)
	return state, err
}

// LoadSince reads what saves after that version have written, as of one
// moment, and gives the version of that moment. Version 0 is before all saves.
// What Prune removed is not told.
func (s *Store) LoadSince(ctx context.Context, version int64) (State, int64, error) {
	state := State{Services: make(map[string]ServiceState), Readings: make(map[string]Reading), Sources: make(map[string]SourceState)}
	now := version
	err := s.read(ctx, "load", func(tx *sql.Tx) error {
		if err := tx.QueryRowContext(ctx, selectVersion).Scan(&now); err != nil || now == version {
			return err
		}
		return s.load(ctx, tx, version, &state)
	})
	if err != nil {
		return State{}, version, err // no half of a state
	}
	return state, now, nil
}

func (s *Store) load(ctx context.Context, tx *sql.Tx, version int64, state *State) error {
	all, err := list(ctx, tx, services, selectServices, version)
	if err != nil {
		return err
	}
	for _, v := range all {
		state.Services[v.Slug] = v
	}
	good, err := list(ctx, tx, readings, selectReadings, version)
	if err != nil {
		return err
	}
	for _, v := range good {
		state.Readings[v.Source] = v
	}
	asked, err := list(ctx, tx, sourceStates, selectSources, version)
	if err != nil {
		return err
	}
	for _, v := range asked {
		state.Sources[v.Source] = v
	}
	if state.Detectors, err = list(ctx, tx, detectors, selectLearned, version); err != nil {
		return err
	}
	if state.Outages, err = list(ctx, tx, outages, selectOutages, version, s.cutoff(s.now())); err != nil {
		return err
	}
	state.Transitions, err = list(ctx, tx, transitions, selectMoments, version)
	return err
}

// Save writes all of the changes or none of them; they are on the disk when it
// returns. Counters already stored are never lowered. A reading without a body
// moves the times of one that is there, else it is left out. In a shared store
// only the holder of the lease can save.
func (s *Store) Save(ctx context.Context, c Changes) error {
	if c.Empty() {
		return nil
	}
	return s.write(ctx, "save", func(ctx context.Context, tx *sql.Tx) error {
		version, err := s.next(ctx, tx)
		if err != nil {
			return err
		}
		return save(ctx, tx, c, version)
	})
}

func save(ctx context.Context, tx *sql.Tx, c Changes, version int64) error {
	if err := write(ctx, tx, services, upsertService, c.Services, version); err != nil {
		return err
	}
	var full, moved []Reading
	for _, r := range c.Readings {
		if r.Body == nil {
			moved = append(moved, r)
		} else {
			full = append(full, r)
		}
	}
	if err := write(ctx, tx, readings, upsertReading, full, version); err != nil {
		return err
	}
	if err := write(ctx, tx, movedReadings, moveReading, moved, version); err != nil {
		return err
	}
	if err := write(ctx, tx, sourceStates, upsertSource, c.Sources, version); err != nil {
		return err
	}
	if err := write(ctx, tx, detectors, upsertLearned, c.Detectors, version); err != nil {
		return err
	}
	if err := write(ctx, tx, outages, upsertOutage, endedFirst(c.Outages), version); err != nil {
		return err
	}
	return write(ctx, tx, transitions, upsertMoment, c.Transitions, version)
}

// endedFirst puts the records that ended before the open ones: a service may
// have only one open record at any moment.
func endedFirst(all []status.Outage) []status.Outage {
	ended := make([]status.Outage, 0, len(all))
	var open []status.Outage
	for _, o := range all {
		if o.Open() {
			open = append(open, o)
		} else {
			ended = append(ended, o)
		}
	}
	return append(ended, open...)
}

// Prune forgets outages that ended, transitions that were over, and readings,
// sources and detectors that were last in use, before the retention. Open
// outages stay, and so do services, whose rows count.
func (s *Store) Prune(ctx context.Context, now time.Time) error {
	cutoff := s.cutoff(now)
	return s.write(ctx, "prune", func(ctx context.Context, tx *sql.Tx) error {
		statements := []string{pruneOutages, pruneMoments, pruneReadings, pruneSources, pruneLearned}
		if s.Shared() {
			statements = append(statements, pruneClaims)
		}
		for _, statement := range statements {
			if _, err := tx.ExecContext(ctx, statement, cutoff); err != nil {
				return err
			}
		}
		return nil
	})
}

// cutoff is the start of the retention in Unix milliseconds.
func (s *Store) cutoff(now time.Time) int64 {
	if s.retention <= 0 {
		return math.MinInt64
	}
	return now.Add(-s.retention).UnixMilli()
}

// read does something in one transaction, which sees one moment.
func (s *Store) read(ctx context.Context, what string, do func(*sql.Tx) error) error {
	return s.explain(transact(ctx, what, s.db, s.snapshot, do))
}

// write does something in one transaction: that of the lease where there is
// one.
func (s *Store) write(ctx context.Context, what string, do func(context.Context, *sql.Tx) error) error {
	if s.lease == nil {
		return s.explain(transact(ctx, what, s.db, nil, func(tx *sql.Tx) error { return do(ctx, tx) }))
	}
	return s.explain(s.lease.do(ctx, func(ctx context.Context, conn *sql.Conn) error {
		return transact(ctx, what, conn, nil, func(tx *sql.Tx) error { return do(ctx, tx) })
	}))
}

// beginner is a database, or one session of it.
type beginner interface {
	BeginTx(context.Context, *sql.TxOptions) (*sql.Tx, error)
}

// transact does something in one transaction, which an error undoes.
func transact(ctx context.Context, what string, on beginner, o *sql.TxOptions, do func(*sql.Tx) error) error {
	tx, err := on.BeginTx(ctx, o)
	if err == nil {
		defer tx.Rollback() // does nothing after a commit
		if err = do(tx); err == nil {
			err = tx.Commit()
		}
	}
	if err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	return nil
}

// next is the version of the save that begins. No lease, no version.
func (s *Store) next(ctx context.Context, tx *sql.Tx) (version int64, err error) {
	err = tx.QueryRowContext(ctx, s.nextVersion).Scan(&version)
	if s.lease != nil && errors.Is(err, sql.ErrNoRows) {
		err = ErrNoLease
	}
	return version, err
}

// write runs a statement once for every row.
func write[T any](ctx context.Context, tx *sql.Tx, t table[T], statement string, rows []T, version int64) error {
	if len(rows) == 0 {
		return nil
	}
	prepared, err := tx.PrepareContext(ctx, statement)
	if err != nil {
		return fmt.Errorf("%s: %w", t.name, err)
	}
	defer prepared.Close()
	for i := range rows {
		values, err := t.values(&rows[i], version)
		if err == nil {
			_, err = prepared.ExecContext(ctx, values...)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", t.name, err)
		}
	}
	return nil
}

// list reads the rows of a query.
func list[T any](ctx context.Context, tx *sql.Tx, t table[T], query string, args ...any) ([]T, error) {
	rows, err := tx.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", t.name, err)
	}
	defer rows.Close()
	var all []T
	for rows.Next() {
		var v T
		if err := rows.Scan(t.fields(&v)...); err != nil {
			return nil, fmt.Errorf("%s: %w", t.name, err)
		}
		all = append(all, v)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("%s: %w", t.name, err)
	}
	return all, nil
}
