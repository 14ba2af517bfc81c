// Package pgtest runs a PostgreSQL of its own for tests, from the binaries of
// the machine.
package pgtest

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // registers the driver
)

// Password is that of every role that tests connect as. Nothing may show it.
const Password = "hunter2/%"

// errNone is why there is no server to test with.
var errNone = errors.New("no PostgreSQL on this machine: install the package postgresql")

// server is the one of this test binary.
var server struct {
	*cluster
	err     error
	once    sync.Once
	schemas atomic.Int64
}

// Address makes an empty schema for one test and returns the address of the
// database with it. The test is skipped where the machine has no PostgreSQL.
func Address(t testing.TB) string {
	t.Helper()
	server.once.Do(func() { server.cluster, server.err = start() })
	if errors.Is(server.err, errNone) {
		t.Skip(server.err)
	}
	if server.err != nil {
		t.Fatal(server.err)
	}
	schema := fmt.Sprintf("test_%d", server.schemas.Add(1))
	Exec(t, server.dsn("public"), "CREATE SCHEMA "+schema)
	return server.dsn(schema)
}

// Exec runs a statement in a session of its own.
func Exec(t testing.TB, dsn, statement string) {
	t.Helper()
	db := Open(t, dsn)
	if _, err := db.ExecContext(t.Context(), statement); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
}

// Open connects to a database, until the test ends.
func Open(t testing.TB, dsn string) *sql.DB {
	t.Helper()
	db, err := sql.Open("pgx", dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

// Stop ends the server, if there is one, with all its data: at the end of
// TestMain.
func Stop() {
	if server.cluster != nil {
		server.stop()
	}
}

// cluster is a running server.
type cluster struct {
	dir  string
	port int
	cmd  *exec.Cmd
	hold io.Closer // the server lives as long as this is open
}

func (c *cluster) dsn(schema string) string {
	u := url.URL{
		Scheme: "postgres", User: url.UserPassword("tester", Password),
		Host: net.JoinHostPort("127.0.0.1", strconv.Itoa(c.port)), Path: "/postgres",
		RawQuery: url.Values{"search_path": {schema}}.Encode(),
	}
	return u.String()
}

// start makes a cluster and waits until it answers.
func start() (*cluster, error) {
	bin, err := binaries()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "pgtest")
	if err != nil {
		return nil, err
	}
	c := &cluster{dir: dir}
	if err := c.initialise(bin); err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	for range 3 { // another program may take the port first
		if err = c.run(bin); err == nil {
			return c, nil
		}
		c.end()
	}
	return nil, errors.Join(err, os.RemoveAll(dir))
}

// binaries is the folder of the newest server.
func binaries() (string, error) {
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/postgres")
	if err != nil {
		return "", err
	}
	if len(found) > 0 {
		return filepath.Dir(slices.Max(found)), nil
	}
	path, err := exec.LookPath("postgres")
	if err != nil {
		return "", errNone
	}
	return filepath.Dir(path), nil
}

// account is whom the server runs as: root may not.
func account() (*syscall.SysProcAttr, error) {
	if os.Getuid() != 0 {
		return nil, nil
	}
	for _, name := range [...]string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, uerr := strconv.ParseUint(u.Uid, 10, 32)
		gid, gerr := strconv.ParseUint(u.Gid, 10, 32)
		if uerr == nil && gerr == nil {
			return &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}}, nil
		}
	}
	return nil, fmt.Errorf("%w for a user that is not root", errNone)
}

func (c *cluster) initialise(bin string) error {
	as, err := account()
	if err != nil {
		return err
	}
	password := filepath.Join(c.dir, "password")
	if err := os.WriteFile(password, []byte(Password+"\n"), 0o600); err != nil {
		return err
	}
	if as != nil {
		for _, path := range [...]string{c.dir, password} {
			if err := os.Chown(path, int(as.Credential.Uid), int(as.Credential.Gid)); err != nil {
				return err
			}
		}
	}
	cmd := exec.Command(filepath.Join(bin, "initdb"), "--pgdata="+filepath.Join(c.dir, "data"), "--username=tester",
		"--pwfile="+password, "--auth=scram-sha-256", "--encoding=UTF8", "--locale=C", "--no-sync")
	cmd.Dir, cmd.SysProcAttr = c.dir, as
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("initdb: %w\n%s", err, out)
	}
	return nil
}

// watchdog runs the server until its own input ends: also when the test binary
// is killed.
const watchdog = `"$@" </dev/null & read -r _; kill -INT $!; wait $!`

func (c *cluster) run(bin string) error {
	as, err := account()
	if err != nil {
		return err
	}
	if c.port, err = freePort(); err != nil {
		return err
	}
	c.cmd = exec.Command("sh", "-c", watchdog, "sh", filepath.Join(bin, "postgres"), "-D", filepath.Join(c.dir, "data"),
		"-h", "127.0.0.1", "-p", strconv.Itoa(c.port), "-c", "unix_socket_directories=", "-c", "fsync=off")
	log, err := os.Create(filepath.Join(c.dir, "log")) // a file: pipes need goroutines, which leak detectors see
	if err != nil {
		return err
	}
	defer log.Close()
	c.cmd.Dir, c.cmd.SysProcAttr, c.cmd.Stdout, c.cmd.Stderr = c.dir, as, log, log
	if c.hold, err = c.cmd.StdinPipe(); err != nil {
		return err
	}
	if err := c.cmd.Start(); err != nil {
		return err
	}
	return c.await()
}

func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	port := l.Addr().(*net.TCPAddr).Port
	return port, l.Close()
}

// await returns when the server takes connections.
func (c *cluster) await() error {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	db, err := sql.Open("pgx", c.dsn("public"))
	if err != nil {
		return err
	}
	defer db.Close()
	for {
		if err = db.PingContext(ctx); err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			said, _ := os.ReadFile(filepath.Join(c.dir, "log"))
			return fmt.Errorf("PostgreSQL did not start: %w\n%s", err, said)
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// end stops the server process.
func (c *cluster) end() {
	if c.hold == nil || c.cmd.Process == nil {
		return
	}
	_ = c.hold.Close()
	_ = c.cmd.Wait()
}

func (c *cluster) stop() {
	c.end()
	_ = os.RemoveAll(c.dir)
}
