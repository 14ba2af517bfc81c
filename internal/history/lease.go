package history

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"sync"
	"time"
)

// ErrNoLease is why a replica cannot write to a shared store: it does not hold
// the lease, or not any more.
var ErrNoLease = errors.New("the lease is not held")

// patience is how long the database may take for one step of the holder. The
// session is given up after that.
const patience = 10 * time.Second

// lease is the right to write to a shared store: a lock that the database
// keeps for one session, and that ends with it. All writing goes through that
// session, so who has lost the lease cannot write any more.
type lease struct {
	db   *sql.DB
	mu   sync.Mutex // one step at a time
	conn *sql.Conn  // nil: not held
}

const (
	// takeLease is NULL where nothing can be written, as in a standby.
	takeLease = "SELECT CASE WHEN current_setting('transaction_read_only') = 'off'" +
		" THEN pg_try_advisory_lock(1148678988, " + schema + ") END" // "DwsL"

	giveLease = "SELECT pg_advisory_unlock(1148678988, " + schema + ")"

	leaseHeld = "EXISTS (SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND classid = 1148678988 AND granted AND pid = pg_backend_pid())"

	// guardSession lets the database end the session of a holder that is cut
	// off, frozen or lost with its machine, within half a minute. Releases of
	// PostgreSQL that lack a setting go without.
	guardSession = "SELECT set_config(name, value, false) FROM pg_settings JOIN (VALUES" +
		" ('tcp_keepalives_idle', '10'), ('tcp_keepalives_interval', '5'), ('tcp_keepalives_count', '3')," +
		" ('tcp_user_timeout', '25000'), ('idle_session_timeout', '15000'), ('idle_in_transaction_session_timeout', '15000')" +
		") AS guard (name, value) USING (name)"

	clock = "(EXTRACT(EPOCH FROM clock_timestamp()) * 1000)::bigint"

	writeClaim = "INSERT INTO claims (source, asked) SELECT $1::text, " + clock + " WHERE " + leaseHeld +
		" ON CONFLICT (source) DO UPDATE SET asked = excluded.asked"
	selectClaims = "SELECT source, " + clock + " - asked FROM claims"
	pruneClaims  = "DELETE FROM claims WHERE asked < $1"
)

// Shared reports whether other runs may use the store too. The methods about
// the lease are for such a store alone.
func (s *Store) Shared() bool { return s.lease != nil }

// TryLease takes the lease if nobody holds it, and reports whether this run
// holds it now.
func (s *Store) TryLease(ctx context.Context) (bool, error) {
	held, err := s.lease.try(ctx)
	return held, s.explain(err)
}

// KeepLease makes sure that the lease is still held. An error that is
// ErrNoLease says that it is not.
func (s *Store) KeepLease(ctx context.Context) error {
	return s.explain(s.lease.do(ctx, confirm))
}

// DropLease gives the lease back, if it is held.
func (s *Store) DropLease() error { return s.explain(s.lease.drop()) }

// Claim notes that a source is about to be asked. With an error that is
// ErrNoLease it must not be: another replica may be asking.
func (s *Store) Claim(ctx context.Context, source string) error {
	return s.explain(s.lease.do(ctx, func(ctx context.Context, conn *sql.Conn) error {
		result, err := conn.ExecContext(ctx, writeClaim, source)
		if err != nil {
			return fmt.Errorf("claim: %w", err)
		}
		if n, err := result.RowsAffected(); err != nil || n == 0 {
			return errors.Join(ErrNoLease, err)
		}
		return nil
	}))
}

// Claims tells when each source was last claimed, by the clock of this
// machine.
func (s *Store) Claims(ctx context.Context) (map[string]time.Time, error) {
	claims := map[string]time.Time{}
	now := time.Now()
	err := s.read(ctx, "claims", func(tx *sql.Tx) error {
		rows, err := tx.QueryContext(ctx, selectClaims)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var source string
			var age int64
			if err := rows.Scan(&source, &age); err != nil {
				return err
			}
			claims[source] = now.Add(-time.Duration(age) * time.Millisecond)
		}
		return rows.Err()
	})
	return claims, err
}

func (l *lease) try(ctx context.Context) (bool, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.conn != nil {
		return true, nil
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	conn, err := l.db.Conn(ctx)
	if err != nil {
		return false, fmt.Errorf("lease: %w", err)
	}
	var got sql.NullBool
	err = conn.QueryRowContext(ctx, takeLease).Scan(&got)
	switch {
	case err == nil && !got.Valid:
		err = errors.New("the database takes no writes: is it a standby?")
	case err == nil && got.Bool:
		_, err = conn.ExecContext(ctx, guardSession)
	}
	switch {
	case err != nil:
		return false, fmt.Errorf("lease: %w", errors.Join(err, discard(conn)))
	case !got.Bool:
		return false, conn.Close()
	}
	l.conn = conn
	return true, nil
}

// do takes one step in the session that holds the lease. A step is not cut
// short by the end of its caller: that would end the session. If the step fails
// and the session with it, the error is ErrNoLease.
func (l *lease) do(ctx context.Context, step func(context.Context, *sql.Conn) error) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.conn == nil {
		return ErrNoLease
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	ctx = context.WithoutCancel(ctx)
	limited, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	err := step(limited, l.conn)
	if err == nil {
		return nil
	}
	ctx, stop := context.WithTimeout(ctx, patience)
	defer stop()
	if confirm(ctx, l.conn) != nil {
		if !errors.Is(err, ErrNoLease) {
			err = fmt.Errorf("%w: %w", ErrNoLease, err)
		}
		_ = discard(l.conn) // it is broken already
		l.conn = nil
	}
	return err
}

// confirm asks the database whether the session holds the lease.
func confirm(ctx context.Context, conn *sql.Conn) error {
	var held bool
	err := conn.QueryRowContext(ctx, "SELECT "+leaseHeld).Scan(&held)
	if err == nil && !held {
		err = ErrNoLease
	}
	return err
}

func (l *lease) drop() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.conn == nil {
		return nil
	}
	conn := l.conn
	l.conn = nil
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	_, _ = conn.ExecContext(ctx, giveLease) // the end of the session does it too, a moment later
	return discard(conn)
}

// discard ends a session, so that nothing of it goes back to the pool.
func discard(conn *sql.Conn) error {
	err := conn.Raw(func(any) error { return driver.ErrBadConn })
	if errors.Is(err, driver.ErrBadConn) || errors.Is(err, sql.ErrConnDone) {
		err = nil
	}
	if cerr := conn.Close(); cerr != nil && !errors.Is(cerr, sql.ErrConnDone) {
		err = errors.Join(err, cerr)
	}
	return err
}
