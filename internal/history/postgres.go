package history

import (
	"context"
	"database/sql"
	_ "embed" // the bookkeeping's tables
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
)

const (
	connectTimeout = 5 * time.Second // unless the dsn says otherwise
	sessions       = 4               // one holds the lease, the others read
)

// isDSN tells the address of a shared store from a folder.
func isDSN(where string) bool {
	return strings.HasPrefix(where, "postgres://") || strings.HasPrefix(where, "postgresql://")
}

// CheckDSN says what is wrong with the address of a shared store, without
// repeating any of it: it may hold a password.
func CheckDSN(dsn string) error {
	_, err := parseDSN(dsn)
	return err
}

func parseDSN(dsn string) (*pgx.ConnConfig, error) {
	const want = "want postgres://USER:PASSWORD@HOST:PORT/DATABASE"
	if !isDSN(dsn) {
		return nil, errors.New(want)
	}
	u, err := url.Parse(dsn)
	if err != nil {
		return nil, errors.New("not well-formed: " + want + ", with special characters of the password percent-encoded")
	}
	cfg, err := pgx.ParseConfig(dsn)
	if err != nil { // it repeats the dsn: only its cause is shown
		text := "its settings cannot be used"
		if cause := errors.Unwrap(err); cause != nil {
			text = cause.Error()
		}
		if password, ok := u.User.Password(); ok && password != "" {
			text = strings.ReplaceAll(text, password, "…")
		}
		return nil, errors.New(text)
	}
	if !u.Query().Has("connect_timeout") && os.Getenv("PGCONNECT_TIMEOUT") == "" {
		cfg.ConnectTimeout = connectTimeout
	}
	if cfg.RuntimeParams["application_name"] == "" {
		cfg.RuntimeParams["application_name"] = "downstatus_exporter"
	}
	return cfg, nil
}

// connectShared wires a store to its database. Nothing is sent yet.
func connectShared(cfg *pgx.ConnConfig) *Store {
	db := stdlib.OpenDB(*cfg)
	db.SetMaxOpenConns(sessions)
	address := url.URL{Scheme: "postgres", Host: net.JoinHostPort(cfg.Host, strconv.Itoa(int(cfg.Port))), Path: "/" + cfg.Database}
	if strings.HasPrefix(cfg.Host, "/") { // a socket's folder
		address.Host, address.RawQuery = "", "host="+cfg.Host
	}
	return &Store{
		db: db, path: address.String(), lease: &lease{db: db},
		snapshot:    &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true},
		nextVersion: "UPDATE saves SET version = version + 1 WHERE " + leaseHeld + " RETURNING version",
	}
}

func openShared(ctx context.Context, o Options) (*Store, error) {
	cfg, err := parseDSN(o.DSN)
	if err != nil {
		return nil, fmt.Errorf("history.dsn: %w", err)
	}
	return connectShared(cfg).prepare(ctx, o, []step{found(o.Demo), sharedOf(o.Demo), migrateShared})
}

func openSharedReadOnly(ctx context.Context, dsn string) (*Store, error) {
	cfg, err := parseDSN(dsn)
	if err != nil {
		return nil, fmt.Errorf("history.dsn: %w", err)
	}
	cfg.RuntimeParams["default_transaction_read_only"] = "on"
	return connectShared(cfg).prepare(ctx, Options{}, []step{sharedFound, sharedCurrent})
}

// oneLine puts an error of several lines into one.
func oneLine(err error) error {
	if !strings.Contains(err.Error(), "\n") {
		return err
	}
	return flat{err}
}

type flat struct{ error }

func (f flat) Error() string { return strings.Join(strings.Fields(f.error.Error()), " ") }

func (f flat) Unwrap() error { return f.error }

//go:embed postgres.sql
var bookkeeping string

// dialect puts a migration into PostgreSQL's words. Texts compare there as
// they do in SQLite: byte by byte.
var dialect = strings.NewReplacer("BLOB", "BYTEA", "TEXT", `TEXT COLLATE "C"`)

// Replicas that start at once take turns, within one schema of a database.
const (
	schema      = "hashtext(COALESCE(current_schema(), ''))"
	lockSchema  = "SELECT pg_advisory_xact_lock(1148678989, " + schema + ")" // "DwsM"
	isFound     = "SELECT to_regclass('downstatus_meta') IS NOT NULL"
	insertMeta  = "INSERT INTO downstatus_meta (id, demo, version) VALUES (1, $1, 0)"
	readMeta    = "SELECT demo, version FROM downstatus_meta"
	setMigrated = "UPDATE downstatus_meta SET version = $1"
)

// found makes the bookkeeping of a new store.
func found(demo bool) step {
	return func(ctx context.Context, db *sql.DB) error {
		return transact(ctx, "new store", db, nil, func(tx *sql.Tx) error {
			if _, err := tx.ExecContext(ctx, lockSchema); err != nil {
				return err
			}
			var there bool
			if err := tx.QueryRowContext(ctx, isFound).Scan(&there); err != nil || there {
				return err
			}
			if _, err := tx.ExecContext(ctx, dialect.Replace(bookkeeping)); err != nil {
				return err
			}
			_, err := tx.ExecContext(ctx, insertMeta, demo)
			return err
		})
	}
}

// sharedFound refuses a database without a store.
func sharedFound(ctx context.Context, db *sql.DB) error {
	var there bool
	err := db.QueryRowContext(ctx, isFound).Scan(&there)
	if err == nil && !there {
		err = errors.New("there is no store in it yet; a run makes it")
	}
	return err
}

// sharedOf refuses a demo's store to a real run, and the reverse.
func sharedOf(demo bool) step {
	return func(ctx context.Context, db *sql.DB) error {
		made, _, err := meta(ctx, db)
		switch {
		case err != nil:
			return err
		case made && !demo:
			return errors.New("made by a demo: a real run needs another history.dsn")
		case !made && demo:
			return errors.New("made by a real run: a demo needs another history.dsn")
		}
		return nil
	}
}

// sharedCurrent refuses a store that another release would have to read.
func sharedCurrent(ctx context.Context, db *sql.DB) error {
	_, version, err := meta(ctx, db)
	if err != nil {
		return err
	}
	return checkCurrent(version)
}

// migrateShared brings a store to the newest version.
func migrateShared(ctx context.Context, db *sql.DB) error {
	return transact(ctx, "migrate", db, nil, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, lockSchema); err != nil {
			return err
		}
		_, have, err := meta(ctx, tx)
		if err != nil {
			return err
		}
		if err := checkKnown(have); err != nil || have == len(migrations) {
			return err
		}
		for i, text := range migrations[have:] {
			if _, err := tx.ExecContext(ctx, dialect.Replace(text)); err != nil {
				return fmt.Errorf("to version %d: %w", have+i+1, err)
			}
		}
		_, err = tx.ExecContext(ctx, setMigrated, len(migrations))
		return err
	})
}

// meta says whose store it is, and how many migrations it has seen.
func meta(ctx context.Context, q interface {
	QueryRowContext(context.Context, string, ...any) *sql.Row
}) (demo bool, version int, err error) {
	err = q.QueryRowContext(ctx, readMeta).Scan(&demo, &version)
	return demo, version, err
}
