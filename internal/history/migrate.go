package history

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"slices"
)

// Marks in the header of the file: that it is ours, and whose.
const (
	realID = 0x44777352 // "DwsR"
	demoID = 0x44777344 // "DwsD"
)

//go:embed migrations/*.sql
var migrationFiles embed.FS

// migrations are the statements that lead from each version to the next; the
// version of a store is how many of them it has seen.
var migrations = readMigrations(migrationFiles)

func readMigrations(files fs.FS) []string {
	names, err := fs.Glob(files, "migrations/*.sql")
	if err != nil {
		panic(err) // the pattern is a constant
	}
	slices.Sort(names)
	var all []string
	for _, name := range names {
		text, err := fs.ReadFile(files, name)
		if err != nil {
			panic(err) // the files are part of the binary
		}
		all = append(all, string(text))
	}
	return all
}

// mark makes an empty database ours.
func mark(demo bool) step {
	id := realID
	if demo {
		id = demoID
	}
	return func(ctx context.Context, db *sql.DB) error {
		_, err := db.ExecContext(ctx, fmt.Sprintf("PRAGMA application_id = %d", id))
		return err
	}
}

// ours refuses the database of another program.
func ours(ctx context.Context, db *sql.DB) error {
	id, err := header(ctx, db, "application_id")
	if err == nil && id != realID && id != demoID {
		err = fmt.Errorf("the database of another program (application_id %d)", id)
	}
	return err
}

// of refuses a demo's store to a real run, and the reverse.
func of(demo bool) step {
	return func(ctx context.Context, db *sql.DB) error {
		if err := ours(ctx, db); err != nil {
			return err
		}
		id, err := header(ctx, db, "application_id")
		switch {
		case err != nil:
			return err
		case id == demoID && !demo:
			return errors.New("made by a demo: a real run needs another --storage.path")
		case id == realID && demo:
			return errors.New("made by a real run: a demo needs another --storage.path")
		}
		return nil
	}
}

// known refuses a store that a newer release has changed.
func known(ctx context.Context, db *sql.DB) error {
	v, err := header(ctx, db, "user_version")
	if err != nil {
		return err
	}
	return checkKnown(v)
}

func checkKnown(version int) error {
	if version > len(migrations) {
		return fmt.Errorf("version %d was made by a newer release: this one knows versions up to %d", version, len(migrations))
	}
	return nil
}

// current is known for those that cannot migrate.
func current(ctx context.Context, db *sql.DB) error {
	v, err := header(ctx, db, "user_version")
	if err != nil {
		return err
	}
	return checkCurrent(v)
}

func checkCurrent(version int) error {
	if version < len(migrations) {
		return fmt.Errorf("version %d is older than version %d of this release: a run updates it", version, len(migrations))
	}
	return checkKnown(version)
}

// header reads a number out of the header of the file.
func header(ctx context.Context, db *sql.DB, name string) (n int, err error) {
	err = db.QueryRowContext(ctx, "PRAGMA "+name).Scan(&n)
	return n, err
}

// intact looks for damage in the whole of the file.
func intact(ctx context.Context, db *sql.DB) error {
	var first string
	err := db.QueryRowContext(ctx, "PRAGMA integrity_check(1)").Scan(&first)
	if err == nil && first != "ok" {
		err = fmt.Errorf("damaged: %s; restore it or move it away", first)
	}
	return err
}

// writeAhead lets others read while a run writes. The file remembers it.
func writeAhead(ctx context.Context, db *sql.DB) error {
	_, err := db.ExecContext(ctx, "PRAGMA journal_mode = WAL")
	return err
}

// migrate brings a store to the newest version. The version is written also
// where nothing changes: so a file that cannot be written is found at once.
func migrate(ctx context.Context, db *sql.DB) error {
	have, err := header(ctx, db, "user_version")
	if err != nil {
		return err
	}
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	for i, text := range migrations[have:] {
		if _, err := tx.ExecContext(ctx, text); err != nil {
			return fmt.Errorf("migration to version %d: %w", have+i+1, err)
		}
	}
	if _, err := tx.ExecContext(ctx, fmt.Sprintf("PRAGMA user_version = %d", len(migrations))); err != nil {
		return err
	}
	return tx.Commit()
}
