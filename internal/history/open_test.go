package history

import (
	"bufio"
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
)

// made returns a directory with a closed store that holds the sample.
func made(t *testing.T, demo bool) string {
	t.Helper()
	dir := t.TempDir()
	o := options(dir)
	o.Demo = demo
	s := mustOpen(t, o)
	mustSave(t, s, sample())
	mustClose(t, s)
	return dir
}

// run executes a statement on the closed store in dir.
func run(t *testing.T, dir, statement string) {
	t.Helper()
	db, err := sql.Open("sqlite", filepath.Join(dir, fileName))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.ExecContext(t.Context(), statement); err != nil {
		t.Fatal(err)
	}
}

// edit rewrites the file of the closed store in dir.
func edit(t *testing.T, dir string, change func([]byte) []byte) {
	t.Helper()
	path := filepath.Join(dir, fileName)
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, change(b), 0o644); err != nil {
		t.Fatal(err)
	}
}

func cut(size int) func([]byte) []byte { return func(b []byte) []byte { return b[:size] } }

// files are the contents of a directory: but the lock, whose content is free,
// and what SQLite keeps beside a file while it looks at it.
func files(dir string) map[string]string {
	all := make(map[string]string)
	paths, _ := filepath.Glob(filepath.Join(dir, "*")) // none where it is no directory
	for _, path := range paths {
		name := filepath.Base(path)
		b, err := os.ReadFile(path)
		switch {
		case name == "lock" || name == fileName+"-shm" || name == fileName+"-wal" && len(b) == 0:
		case err != nil:
			all[name] = err.Error()
		default:
			all[name] = string(b)
		}
	}
	return all
}

func TestOpenFailures(t *testing.T) {
	tests := []struct {
		name string
		make func(t *testing.T) (dir string)
		demo bool
		want string // after "store DIR"
	}{
		{name: "below a file", want: ": mkdir ", make: func(t *testing.T) string {
			dir := filepath.Join(t.TempDir(), "file")
			if err := os.WriteFile(dir, nil, 0o644); err != nil {
				t.Fatal(err)
			}
			return filepath.Join(dir, "data")
		}},
		{name: "directory is a file", want: ": mkdir ", make: func(t *testing.T) string {
			dir := filepath.Join(t.TempDir(), "file")
			if err := os.WriteFile(dir, nil, 0o644); err != nil {
				t.Fatal(err)
			}
			return dir
		}},
		{name: "read-only directory", want: "/lock: permission denied", make: func(t *testing.T) string {
			skipRoot(t)
			dir := t.TempDir()
			if err := os.Chmod(dir, 0o555); err != nil {
				t.Fatal(err)
			}
			return dir
		}},
		{name: "read-only file", want: "/downstatus.db: cannot be written: attempt to write a readonly database", make: func(t *testing.T) string {
			skipRoot(t)
			dir := made(t, false)
			if err := os.Chmod(filepath.Join(dir, fileName), 0o444); err != nil {
				t.Fatal(err)
			}
			return dir
		}},
		{name: "unreadable file", want: "/downstatus.db: cannot be opened: unable to open database file", make: func(t *testing.T) string {
			skipRoot(t)
			dir := made(t, false)
			if err := os.Chmod(filepath.Join(dir, fileName), 0); err != nil {
				t.Fatal(err)
			}
			return dir
		}},
		{name: "directory in place of the file", want: "/downstatus.db: not a regular file (drwxr-xr-x)", make: func(t *testing.T) string {
			dir := t.TempDir()
			if err := os.Mkdir(filepath.Join(dir, fileName), 0o755); err != nil {
				t.Fatal(err)
			}
			return dir
		}},
		{name: "directory in place of the lock", want: "/lock: is a directory", make: func(t *testing.T) string {
			dir := t.TempDir()
			if err := os.Mkdir(filepath.Join(dir, "lock"), 0o755); err != nil {
				t.Fatal(err)
			}
			return dir
		}},
		{name: "directory in place of the draft", want: ".new: directory not empty", make: func(t *testing.T) string {
			dir := t.TempDir()
			if err := os.MkdirAll(filepath.Join(dir, fileName+".new", "x"), 0o755); err != nil {
				t.Fatal(err)
			}
			return dir
		}},
		{name: "not a database", want: "/downstatus.db: damaged: file is not a database (26); restore it or move it away", make: func(t *testing.T) string {
			dir := t.TempDir()
			if err := os.WriteFile(filepath.Join(dir, fileName), bytes.Repeat([]byte("notes\n"), 1000), 0o644); err != nil {
				t.Fatal(err)
			}
			return dir
		}},
		{name: "empty file", want: "/downstatus.db: damaged: the file is empty", make: func(t *testing.T) string {
			dir := made(t, false)
			edit(t, dir, cut(0))
			return dir
		}},
		{name: "cut in the header", want: "/downstatus.db: damaged: database disk image is malformed (11); restore it or move it away", make: func(t *testing.T) string {
			dir := made(t, false)
			edit(t, dir, cut(60))
			return dir
		}},
		{name: "cut to a page", want: "/downstatus.db: damaged: ", make: func(t *testing.T) string {
			dir := made(t, false)
			edit(t, dir, cut(4096))
			return dir
		}},
		{name: "cut by a page", want: "/downstatus.db: damaged: ", make: func(t *testing.T) string {
			dir := made(t, false)
			edit(t, dir, func(b []byte) []byte { return b[:len(b)-4096] })
			return dir
		}},
		{name: "overwritten page", want: "/downstatus.db: damaged: ", make: func(t *testing.T) string {
			dir := made(t, false)
			edit(t, dir, func(b []byte) []byte {
				copy(b[3*4096:], bytes.Repeat([]byte{0xa5}, 4096))
				return b
			})
			return dir
		}},
		{name: "log without a file", want: "/downstatus.db: damaged: it is missing while its log ", make: func(t *testing.T) string {
			dir := t.TempDir()
			if err := os.WriteFile(filepath.Join(dir, fileName+"-wal"), []byte("x"), 0o644); err != nil {
				t.Fatal(err)
			}
			return dir
		}},
		{name: "another program's", want: "/downstatus.db: the database of another program (application_id 0)", make: func(t *testing.T) string {
			dir := t.TempDir()
			run(t, dir, "CREATE TABLE notes (text TEXT)")
			return dir
		}},
		{name: "newer", want: fmt.Sprintf("/downstatus.db: version 99 was made by a newer release: this one knows versions up to %d", len(migrations)), make: func(t *testing.T) string {
			dir := made(t, false)
			run(t, dir, "PRAGMA user_version = 99")
			return dir
		}},
		{name: "demo's", want: "/downstatus.db: made by a demo: a real run needs another --storage.path", make: func(t *testing.T) string { return made(t, true) }},
		{name: "real", demo: true, want: "/downstatus.db: made by a real run: a demo needs another --storage.path", make: func(t *testing.T) string { return made(t, false) }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir := tt.make(t)
			before := files(dir)
			o := options(dir)
			o.Demo = tt.demo
			s, err := Open(t.Context(), o)
			if err == nil {
				s.Close()
				t.Fatal("it opened")
			}
			if !strings.HasPrefix(err.Error(), "store "+dir) || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got  %v\nwant store %s … %s", err, dir, tt.want)
			}
			if diff := cmp.Diff(before, files(dir)); diff != "" {
				t.Errorf("a refused store was changed:\n%s", diff)
			}
		})
	}
}

func skipRoot(t *testing.T) {
	t.Helper()
	if os.Getuid() == 0 {
		t.Skip("root may write everywhere")
	}
}

// The promise that a saved change survives a loss of power hangs on these.
func TestSettings(t *testing.T) {
	s := mustOpen(t, options(t.TempDir()))
	for name, want := range map[string]string{"journal_mode": "wal", "synchronous": "2", "busy_timeout": "1000"} {
		var got string
		if err := s.db.QueryRowContext(t.Context(), "PRAGMA "+name).Scan(&got); err != nil || got != want {
			t.Errorf("%s is %q (%v), want %s", name, got, err, want)
		}
	}
}

func TestLockedByAnotherProgram(t *testing.T) {
	dir := made(t, false)
	db, err := sql.Open("sqlite", filepath.Join(dir, fileName))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	db.SetMaxOpenConns(1)
	if _, err := db.ExecContext(t.Context(), "BEGIN EXCLUSIVE"); err != nil {
		t.Fatal(err)
	}
	s, err := Open(t.Context(), options(dir))
	if err == nil {
		s.Close()
		t.Fatal("it opened")
	}
	if want := "downstatus.db: locked by another program: "; !strings.Contains(err.Error(), want) {
		t.Errorf("got %v, want %q", err, want)
	}
}

func TestSecondOpen(t *testing.T) {
	dir := t.TempDir()
	s := mustOpen(t, options(dir))
	_, err := Open(t.Context(), options(dir))
	if want := fmt.Sprintf("store %s: held by another process (pid %d)", dir, os.Getpid()); err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
	mustSave(t, s, sample()) // the first is none the worse for it
	mustClose(t, s)
	mustOpen(t, options(dir))
}

func TestHolder(t *testing.T) {
	tests := map[string]string{"": "", "\n": "", "17\n": " (pid 17)", "someone\n": "", strings.Repeat("1", 100): ""}
	for content, want := range tests {
		if got := holder(strings.NewReader(content)); got != want {
			t.Errorf("%q: got %q, want %q", content, got, want)
		}
	}
	if got := holder(io.MultiReader(strings.NewReader("1"), failing{})); got != "" {
		t.Errorf("a failing read: got %q", got)
	}
}

type failing struct{}

func (failing) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

func TestFailedOpenLetsGo(t *testing.T) {
	dir := made(t, true)
	if s, err := Open(t.Context(), options(dir)); err == nil {
		s.Close()
		t.Fatal("a demo's store opened")
	}
	o := options(dir)
	o.Demo = true
	mustOpen(t, o)
}

func TestOpenAfterACrashWhileMaking(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, fileName+".new"), []byte("half"), 0o644); err != nil {
		t.Fatal(err)
	}
	mustSave(t, mustOpen(t, options(dir)), sample())
	if _, err := os.Stat(filepath.Join(dir, fileName+".new")); err == nil {
		t.Error("the draft is still there")
	}
}

func TestMigrateFromNothing(t *testing.T) {
	dir := t.TempDir()
	if err := create(t.Context(), options(dir), filepath.Join(dir, fileName)); err != nil {
		t.Fatal(err)
	}
	_, err := OpenReadOnly(t.Context(), dir)
	if want := fmt.Sprintf("version 0 is older than version %d of this release: a run updates it", len(migrations)); err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("read-only: got %v, want %q", err, want)
	}
	s := mustOpen(t, options(dir))
	mustSave(t, s, sample())
	if v, err := header(t.Context(), s.db, "user_version"); err != nil || v != len(migrations) {
		t.Errorf("version %d (%v), want %d", v, err, len(migrations))
	}
}

// setMigrations puts others in place for one test.
func setMigrations(t *testing.T, all ...string) {
	was := migrations
	migrations = all
	t.Cleanup(func() { migrations = was })
}

func TestMigrateToTheNext(t *testing.T) {
	dir := made(t, false)
	setMigrations(t, append(slices.Clone(migrations), "ALTER TABLE services ADD COLUMN more TEXT; UPDATE services SET more = slug")...)
	for range 2 { // the second start has nothing to do
		s := mustOpen(t, options(dir))
		var more string
		if err := s.db.QueryRowContext(t.Context(), "SELECT more FROM services").Scan(&more); err != nil || more != "acme" {
			t.Errorf("got %q (%v)", more, err)
		}
		if diff := cmp.Diff(stored(sample()), mustLoad(t, s)); diff != "" {
			t.Errorf("saved (-), loaded (+):\n%s", diff)
		}
		mustClose(t, s)
	}
}

func TestFailedMigrationChangesNothing(t *testing.T) {
	dir := made(t, false)
	known := migrations
	setMigrations(t, append(slices.Clone(known), "DROP TABLE services; ALTER TABLE nothing ADD COLUMN x TEXT")...)
	s, err := Open(t.Context(), options(dir))
	if err == nil {
		s.Close()
		t.Fatal("it opened")
	}
	if want := fmt.Sprintf("migration to version %d: ", len(known)+1); !strings.Contains(err.Error(), want) {
		t.Errorf("got %v, want %q", err, want)
	}
	setMigrations(t, known...)
	if diff := cmp.Diff(stored(sample()), mustLoad(t, mustOpen(t, options(dir)))); diff != "" {
		t.Errorf("saved (-), loaded (+):\n%s", diff)
	}
}

func TestMigrationsAreInOrder(t *testing.T) {
	got := readMigrations(fstest.MapFS{
		"migrations/0002_b.sql": {Data: []byte("b")}, "migrations/0001_a.sql": {Data: []byte("a")}, "migrations/README": {},
	})
	if diff := cmp.Diff([]string{"a", "b"}, got); diff != "" {
		t.Error(diff)
	}
	entries, err := migrationFiles.ReadDir("migrations")
	if err != nil {
		t.Fatal(err)
	}
	for i, e := range entries {
		if prefix := fmt.Sprintf("%04d_", i+1); !strings.HasPrefix(e.Name(), prefix) {
			t.Errorf("%s does not start with %s: numbers leave no gap", e.Name(), prefix)
		}
	}
}

func TestOpenReadOnly(t *testing.T) {
	dir := t.TempDir()
	s := mustOpen(t, options(dir))
	mustSave(t, s, aged())
	r, err := OpenReadOnly(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if got := len(mustLoad(t, r).Outages); got != len(aged().Outages) {
		t.Errorf("%d outages, want all %d, whatever the retention", got, len(aged().Outages))
	}
	mustSave(t, s, sample())
	if _, ok := mustLoad(t, r).Services["acme"]; !ok {
		t.Error("what the run has saved since is missing")
	}
	err = r.Save(t.Context(), sample())
	if want := "cannot be written: save: attempt to write a readonly database"; err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("save: got %v, want %q", err, want)
	}
}

// A reader in the middle of a long look neither stops a run nor sees half.
func TestReaderDoesNotBlock(t *testing.T) {
	dir := made(t, false)
	s := mustOpen(t, options(dir))
	r, err := OpenReadOnly(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	tx, err := r.db.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback()
	count := func() (n int) {
		if err := tx.QueryRowContext(t.Context(), "SELECT COUNT(*) FROM outages").Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	before := count()
	mustSave(t, s, aged())
	mustClose(t, s)
	if after := count(); after != before {
		t.Errorf("the reader saw %d outages, then %d", before, after)
	}
}

func TestOpenReadOnlyFailures(t *testing.T) {
	tests := []struct {
		name string
		make func(t *testing.T) string
		want string
	}{
		{"no directory", func(t *testing.T) string { return filepath.Join(t.TempDir(), "none") }, "file does not exist; a run makes it"},
		{"no store", func(t *testing.T) string { return t.TempDir() }, "file does not exist; a run makes it"},
		{"empty file", func(t *testing.T) string {
			dir := made(t, false)
			edit(t, dir, cut(0))
			return dir
		}, "damaged: the file is empty"},
		{"cut", func(t *testing.T) string {
			dir := made(t, false)
			edit(t, dir, cut(4096))
			return dir
		}, "damaged: "},
		{"another program's", func(t *testing.T) string {
			dir := t.TempDir()
			run(t, dir, "CREATE TABLE notes (text TEXT)")
			return dir
		}, "the database of another program"},
		{"read-only directory", func(t *testing.T) string {
			skipRoot(t)
			dir := made(t, false)
			if err := os.Chmod(dir, 0o555); err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { os.Chmod(dir, 0o755) }) // to be removed
			return dir
		}, "downstatus.db: its directory cannot be written: "},
		{"newer", func(t *testing.T) string {
			dir := made(t, false)
			run(t, dir, "PRAGMA user_version = 99")
			return dir
		}, "version 99 was made by a newer release"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir := tt.make(t)
			s, err := OpenReadOnly(t.Context(), dir)
			if err == nil {
				s.Close()
				t.Fatal("it opened")
			}
			if !strings.HasPrefix(err.Error(), "store "+dir) || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got  %v\nwant store %s … %s", err, dir, tt.want)
			}
			if _, err := os.Stat(filepath.Join(dir, "lock")); tt.name == "no directory" && err == nil {
				t.Error("reading made a directory")
			}
		})
	}
}

// What was saved is in the files at once: a copy taken without any closing,
// as after a loss of power, has it all.
func TestCopyWithoutClose(t *testing.T) {
	dir, other := t.TempDir(), t.TempDir()
	s := mustOpen(t, options(dir))
	mustSave(t, s, sample())
	for name, content := range files(dir) {
		if err := os.WriteFile(filepath.Join(other, name), []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(stored(sample()), mustLoad(t, mustOpen(t, options(other)))); diff != "" {
		t.Errorf("saved (-), loaded (+):\n%s", diff)
	}
}

// childDir names the environment variable that makes this test binary a run
// on its own, in that directory.
const childDir = "HISTORY_TEST_CHILD_DIR"

// child saves the sample, says so and holds the store until it is killed.
func child(dir string) int {
	ctx := context.Background()
	s, err := Open(ctx, options(dir))
	if err == nil {
		err = s.Save(ctx, sample())
	}
	if err != nil {
		fmt.Println(err)
		return 1
	}
	fmt.Println("saved")
	io.Copy(io.Discard, os.Stdin) // also ends with its parent
	return 0
}

// startChild returns when the child has saved.
func startChild(t *testing.T, dir string) *exec.Cmd {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childDir+"="+dir)
	if _, err := cmd.StdinPipe(); err != nil { // open until Wait
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cmd.Process.Kill()
		cmd.Wait()
	})
	if line, err := bufio.NewReader(out).ReadString('\n'); line != "saved\n" {
		t.Fatalf("the child said %q (%v)", line, err)
	}
	return cmd
}

func TestKilledProcess(t *testing.T) {
	dir := t.TempDir()
	cmd := startChild(t, dir)

	_, err := Open(t.Context(), options(dir))
	if want := fmt.Sprintf("held by another process (pid %d)", cmd.Process.Pid); err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("while it runs: got %v, want %q", err, want)
	}
	r, err := OpenReadOnly(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(stored(sample()), mustLoad(t, r)); diff != "" {
		t.Errorf("while it runs: saved (-), read (+):\n%s", diff)
	}
	mustClose(t, r)

	if err := cmd.Process.Signal(syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err == nil || err.Error() != "signal: killed" {
		t.Fatalf("the child ended with %v", err)
	}
	if diff := cmp.Diff(stored(sample()), mustLoad(t, mustOpen(t, options(dir)))); diff != "" {
		t.Errorf("after the kill: saved (-), loaded (+):\n%s", diff)
	}
}
