package history

import (
	"context"
	"database/sql"
	"fmt"
	"math"
	"time"
)

// The statements, which PostgreSQL would take as well.
var (
	upsertService = services.upsert()
	upsertReading = readings.upsert()
	moveReading   = movedReadings.update()
	upsertOutage  = outages.upsert()
	upsertSource  = sourceStates.upsert()
	upsertLearned = detectors.upsert()
	upsertMoment  = transitions.upsert()

	selectServices = services.query("")
	selectReadings = readings.query("")
	selectSources  = sourceStates.query("")
	selectLearned  = detectors.query("ORDER BY id")
	selectOutages  = outages.query("WHERE resolved_at IS NULL OR resolved_at >= $1 ORDER BY started_at, id")
	selectMoments  = transitions.query("ORDER BY slug, since")

	pruneOutages  = "DELETE FROM outages WHERE resolved_at < $1"
	pruneReadings = "DELETE FROM readings WHERE last_good < $1"
	pruneSources  = "DELETE FROM sources WHERE asked < $1"
	pruneLearned  = "DELETE FROM detectors WHERE written < $1"
	// The newest one before the retention tells what it began with.
	pruneMoments = `DELETE FROM transitions WHERE EXISTS (SELECT 1 FROM transitions AS newer
		WHERE newer.slug = transitions.slug AND newer.since > transitions.since AND newer.since <= $1)`
)

// Load reads everything back, as of one moment. Times are in UTC, and exact
// to the millisecond.
func (s *Store) Load(ctx context.Context) (State, error) {
	state := State{Services: make(map[string]ServiceState), Readings: make(map[string]Reading), Sources: make(map[string]SourceState)}
	err := s.transact(ctx, "load", func(tx *sql.Tx) error {
		all, err := list(ctx, tx, services, selectServices)
		if err != nil {
			return err
		}
		for _, v := range all {
			state.Services[v.Slug] = v
		}
		good, err := list(ctx, tx, readings, selectReadings)
		if err != nil {
			return err
		}
		for _, v := range good {
			state.Readings[v.Source] = v
		}
		asked, err := list(ctx, tx, sourceStates, selectSources)
		if err != nil {
			return err
		}
		for _, v := range asked {
			state.Sources[v.Source] = v
		}
		if state.Detectors, err = list(ctx, tx, detectors, selectLearned); err != nil {
			return err
		}
		state.Outages, err = list(ctx, tx, outages, selectOutages, s.cutoff(s.now()))
		if err != nil {
			return err
		}
		state.Transitions, err = list(ctx, tx, transitions, selectMoments)
		return err
	})
	if err != nil {
		return State{}, err // no half of a state
	}
	return state, nil
}

// Save writes all of the changes or none of them; they are on the disk when it
// returns. Counters already stored are never lowered. A reading without a body
// moves the times of one that is there, else it is left out.
func (s *Store) Save(ctx context.Context, c Changes) error {
	if c.Empty() {
		return nil
	}
	var full, moved []Reading
	for _, r := range c.Readings {
		if r.Body == nil {
			moved = append(moved, r)
		} else {
			full = append(full, r)
		}
	}
	return s.transact(ctx, "save", func(tx *sql.Tx) error {
		if err := write(ctx, tx, services, upsertService, c.Services); err != nil {
			return err
		}
		if err := write(ctx, tx, readings, upsertReading, full); err != nil {
			return err
		}
		if err := write(ctx, tx, movedReadings, moveReading, moved); err != nil {
			return err
		}
		if err := write(ctx, tx, sourceStates, upsertSource, c.Sources); err != nil {
			return err
		}
		if err := write(ctx, tx, detectors, upsertLearned, c.Detectors); err != nil {
			return err
		}
		if err := write(ctx, tx, outages, upsertOutage, c.Outages); err != nil {
			return err
		}
		return write(ctx, tx, transitions, upsertMoment, c.Transitions)
	})
}

// Prune forgets outages that ended, transitions that were over, and readings,
// sources and detectors that were last in use, before the retention. Open
// outages stay, and so do services, whose rows count.
func (s *Store) Prune(ctx context.Context, now time.Time) error {
	cutoff := s.cutoff(now)
	return s.transact(ctx, "prune", func(tx *sql.Tx) error {
		for _, statement := range [...]string{pruneOutages, pruneMoments, pruneReadings, pruneSources, pruneLearned} {
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

// transact does something in one transaction, which an error undoes.
func (s *Store) transact(ctx context.Context, what string, do func(*sql.Tx) error) error {
	tx, err := s.db.BeginTx(ctx, nil)
	if err == nil {
		defer tx.Rollback() // does nothing after a commit
		if err = do(tx); err == nil {
			err = tx.Commit()
		}
	}
	if err != nil {
		return s.explain(fmt.Errorf("%s: %w", what, err))
	}
	return nil
}

// write runs a statement once for every row.
func write[T any](ctx context.Context, tx *sql.Tx, t table[T], statement string, rows []T) error {
	if len(rows) == 0 {
		return nil
	}
	prepared, err := tx.PrepareContext(ctx, statement)
	if err != nil {
		return fmt.Errorf("%s: %w", t.name, err)
	}
	defer prepared.Close()
	for i := range rows {
		if _, err := prepared.ExecContext(ctx, t.fields(&rows[i])...); err != nil {
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
