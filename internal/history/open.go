package history

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"modernc.org/sqlite" // registers the driver
	sqlite3 "modernc.org/sqlite/lib"
)

// fileName is the database inside of the store's directory.
const fileName = "downstatus.db"

// Options say where a store lives and what it keeps.
type Options struct {
	Dir       string           // made if missing; "" keeps everything in memory
	DSN       string           // postgres://…: a database in place of Dir, which several runs share
	Demo      bool             // the store of a demo, which a real run refuses, and the reverse
	Retention time.Duration    // how long resolved outages are kept; 0 keeps them all
	Now       func() time.Time // the clock; nil is time.Now
}

// Store is an open store. Its methods may be called from several goroutines.
type Store struct {
	db        *sql.DB
	path      string // for errors
	lock      *lock  // nil for one that is in memory, shared or only read
	lease     *lease // nil for one that is not shared
	retention time.Duration
	now       func() time.Time

	// What the databases do not say in one way:
	snapshot    *sql.TxOptions // a transaction that reads one moment
	nextVersion string         // raises the version of the store and gives it back
}

// Open opens the store of a run, and makes a new one only where there is none:
// whatever else stands in the way is an error that names the cause. The store
// is held until Close, or until the process ends in whatever way. A shared
// store is held by nobody: see TryLease.
func Open(ctx context.Context, o Options) (*Store, error) {
	if o.DSN != "" {
		return openShared(ctx, o)
	}
	if o.Dir == "" {
		return open(ctx, o, "in memory", ":memory:", mark(o.Demo), migrate)
	}
	if err := os.MkdirAll(o.Dir, 0o755); err != nil {
		return nil, fmt.Errorf("store %s: %w", o.Dir, err)
	}
	held, err := lockDir(o.Dir)
	if err != nil {
		return nil, err
	}
	s, err := openFile(ctx, o)
	if err != nil {
		return nil, errors.Join(err, held.release())
	}
	s.lock = held
	return s, nil
}

// OpenReadOnly opens a store for Load alone, also while a run holds it: where
// is its folder, or the postgres:// address of a shared one. It gives back
// everything that is stored, whatever the retention.
func OpenReadOnly(ctx context.Context, where string) (*Store, error) {
	if isDSN(where) {
		return openSharedReadOnly(ctx, where)
	}
	path := filepath.Join(where, fileName)
	found, err := inspect(path)
	if err != nil {
		return nil, err
	}
	if !found {
		return nil, fmt.Errorf("store %s: %w; a run makes it", path, os.ErrNotExist)
	}
	return open(ctx, Options{}, path, fileURI(path, "mode", "ro"), ours, current, intact)
}

func openFile(ctx context.Context, o Options) (*Store, error) {
	path := filepath.Join(o.Dir, fileName)
	found, err := inspect(path)
	if err != nil {
		return nil, err
	}
	if !found {
		if err := create(ctx, o, path); err != nil {
			return nil, err
		}
	}
	return open(ctx, o, path, fileURI(path), of(o.Demo), known, intact, writeAhead, migrate)
}

// inspect reports whether there is a file to open. It refuses what SQLite
// would silently take for a new database.
func inspect(path string) (bool, error) {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return false, orphaned(path)
	case err != nil:
		return false, fmt.Errorf("store %s: %w", path, err)
	case !info.Mode().IsRegular():
		return false, fmt.Errorf("store %s: not a regular file (%s)", path, info.Mode())
	case info.Size() == 0:
		return false, fmt.Errorf("store %s: damaged: the file is empty; restore it or move it away", path)
	}
	return true, nil
}

// orphaned refuses a write-ahead log that has lost its database: it holds the
// newest changes and would be played into a database that it does not fit.
func orphaned(path string) error {
	info, err := os.Stat(path + "-wal")
	if err == nil && info.Size() > 0 {
		return fmt.Errorf("store %s: damaged: it is missing while its log %s-wal is there; restore it or move the log away", path, path)
	}
	return nil
}

// create puts an empty, marked database in place. It is made under another
// name, so that a crash leaves either a whole one or none. The directory is
// synced with the first write to the log, which SQLite creates in it.
func create(ctx context.Context, o Options, path string) error {
	draft := path + ".new"
	if err := os.Remove(draft); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("store %s: %w", path, err)
	}
	s, err := open(ctx, o, draft, fileURI(draft), mark(o.Demo))
	if err != nil {
		return err
	}
	if err := s.Close(); err != nil {
		return err
	}
	if err := os.Rename(draft, path); err != nil {
		return fmt.Errorf("store %s: %w", path, err)
	}
	return nil
}

// step is a part of opening a database.
type step func(context.Context, *sql.DB) error

// open connects and takes the steps. There is one connection: an in-memory
// database lives in it, and a file has one writer anyway.
func open(ctx context.Context, o Options, path, source string, steps ...step) (*Store, error) {
	db, err := sql.Open("sqlite", source)
	if err != nil {
		return nil, fmt.Errorf("store %s: %w", path, err)
	}
	db.SetMaxOpenConns(1)
	s := &Store{db: db, path: path, nextVersion: "UPDATE saves SET version = version + 1 RETURNING version"}
	return s.prepare(ctx, o, steps)
}

// prepare takes the steps on a new connection, which it closes if one fails.
func (s *Store) prepare(ctx context.Context, o Options, steps []step) (*Store, error) {
	s.retention, s.now = o.Retention, o.Now
	if s.now == nil {
		s.now = time.Now
	}
	for _, do := range steps {
		if err := do(ctx, s.db); err != nil {
			return nil, errors.Join(s.explain(err), s.db.Close())
		}
	}
	return s, nil
}

// fileURI names a file with the settings of a connection, and further parameters
// of SQLite in pairs.
func fileURI(path string, pairs ...string) string {
	q := url.Values{
		"_error_rc": {"1"},
		"_pragma":   {"busy_timeout(1000)", "synchronous(FULL)"},
	}
	for i := 0; i < len(pairs); i += 2 {
		q.Set(pairs[i], pairs[i+1])
	}
	if abs, err := filepath.Abs(path); err == nil {
		path = abs // a connection made later must find the same file
	}
	u := url.URL{Scheme: "file", Path: filepath.ToSlash(path), OmitHost: true, RawQuery: q.Encode()}
	return u.String()
}

// explain says in words which store an error is about, and what to look at.
func (s *Store) explain(err error) error {
	if err == nil {
		return nil
	}
	e, ok := errors.AsType[*sqlite.Error](err)
	if !ok {
		return fmt.Errorf("store %s: %w", s.path, oneLine(err))
	}
	if e.Code() == sqlite3.SQLITE_READONLY_DIRECTORY { // even a reader needs the log beside the file
		return fmt.Errorf("store %s: its directory cannot be written: %w", s.path, err)
	}
	switch e.Code() & 0xff { // without the extended part
	case sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT:
		return fmt.Errorf("store %s: damaged: %w; restore it or move it away", s.path, err)
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED:
		return fmt.Errorf("store %s: locked by another program: %w", s.path, err)
	case sqlite3.SQLITE_READONLY:
		return fmt.Errorf("store %s: cannot be written: %w", s.path, err)
	case sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM:
		return fmt.Errorf("store %s: cannot be opened: %w", s.path, err)
	default:
		return fmt.Errorf("store %s: %w", s.path, err)
	}
}

// Close ends the use of the store and lets go of it. What was saved is in the
// files already; the last one to close also empties the write-ahead log.
func (s *Store) Close() error {
	var err error
	if s.lease != nil {
		err = s.lease.drop()
	}
	err = errors.Join(err, s.db.Close())
	if s.lock != nil {
		err = errors.Join(err, s.lock.release())
	}
	return s.explain(err)
}

// Kept reports whether what is saved outlives the run.
func (s *Store) Kept() bool { return s.lock != nil || s.Shared() }
