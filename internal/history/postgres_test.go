package history

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/downstatus/downstatus_exporter/internal/pgtest"
	"github.com/downstatus/downstatus_exporter/internal/status"
)

// change makes another address of one.
func change(t *testing.T, dsn string, edit func(*url.URL)) string {
	t.Helper()
	u, err := url.Parse(dsn)
	if err != nil {
		t.Fatal(err)
	}
	edit(u)
	return u.String()
}

// replicas are two runs on one new store.
func replicas(t *testing.T) (a, b *Store) {
	t.Helper()
	o := shared(t)
	for _, s := range []**Store{&a, &b} {
		var err error
		if *s, err = Open(t.Context(), o); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { (*s).Close() })
	}
	return a, b
}

func mustTry(t *testing.T, s *Store, want bool) {
	t.Helper()
	if held, err := s.TryLease(t.Context()); err != nil || held != want {
		t.Fatalf("lease held: %v (%v), want %v", held, err, want)
	}
}

// terminate ends the session that holds the lease, as an administrator or a
// lost connection does.
func terminate(t *testing.T, s *Store) {
	t.Helper()
	const holders = " FROM pg_locks WHERE locktype = 'advisory' AND classid = 1148678988 AND objid::bigint = " + schema + "::bigint & 4294967295"
	count := func(statement string) (n int) {
		if err := s.db.QueryRowContext(t.Context(), statement+holders).Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	if n := count("SELECT COUNT(pg_terminate_backend(pid))"); n != 1 {
		t.Fatalf("%d sessions ended, want 1", n)
	}
	for count("SELECT COUNT(*)") > 0 { // it ends when the server gets round to it
		runtime.Gosched()
	}
}

func TestCheckDSN(t *testing.T) {
	for dsn, want := range map[string]string{
		"postgres://bob:hunter2@db.acme.test:5432/outages":                           "",
		"postgresql://db.acme.test/outages?sslmode=verify-full":                      "",
		"postgres://bob@/outages?host=/run/postgresql":                               "",
		"postgres://bob:hunter2@a.test:1,b.test:2/o?target_session_attrs=read-write": "",
		"mysql://bob:hunter2@db.acme.test/outages":                                   "want postgres://",
		"host=db.acme.test password=hunter2":                                         "want postgres://",
		"postgres://bob:hun/ter2@db.acme.test/outages":                               "not well-formed: want postgres://",
		"postgres://bob:hunter2%@db.acme.test/outages":                               "not well-formed: want postgres://",
		"postgres://bob:hunter2@db.acme.test/outages?sslmode=hunter2":                "sslmode",
		"postgres://bob:hunter2@db.acme.test/o?sslrootcert=/none/hunter2":            "CA file",
	} {
		err := CheckDSN(dsn)
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%s: got %v, want %q", dsn, err, want)
		}
		if err != nil && (strings.Contains(err.Error(), "hunter2") || strings.Contains(err.Error(), "ter2")) {
			t.Errorf("%s: the error shows the password: %v", dsn, err)
		}
	}
}

func TestOpenSharedFailures(t *testing.T) {
	tests := []struct {
		name string
		make func(t *testing.T, o *Options)
		want string
	}{
		{"wrong scheme", func(_ *testing.T, o *Options) { o.DSN = "mysql" + strings.TrimPrefix(o.DSN, "postgres") }, "history.dsn: want postgres://"},
		{"nobody listens", func(t *testing.T, o *Options) {
			l, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			o.DSN = change(t, o.DSN, func(u *url.URL) { u.Host = l.Addr().String() })
			l.Close()
		}, "connection refused"},
		{"wrong password", func(t *testing.T, o *Options) {
			o.DSN = change(t, o.DSN, func(u *url.URL) { u.User = url.UserPassword("tester", "wr0ng"+pgtest.Password) })
		}, "password authentication failed"},
		{"no such database", func(t *testing.T, o *Options) {
			o.DSN = change(t, o.DSN, func(u *url.URL) { u.Path = "/nowhere" })
		}, `/nowhere: new store: failed to connect to`},
		{"no such schema", func(t *testing.T, o *Options) {
			o.DSN = change(t, o.DSN, func(u *url.URL) { u.RawQuery = "search_path=nowhere" })
		}, "no schema has been selected to create in"},
		{"another program's table", func(t *testing.T, o *Options) {
			pgtest.Exec(t, o.DSN, "CREATE TABLE services (text TEXT)")
		}, `relation "services" already exists`},
		{"newer", func(t *testing.T, o *Options) {
			mustClose(t, mustOpen(t, *o))
			pgtest.Exec(t, o.DSN, "UPDATE downstatus_meta SET version = 99")
		}, "version 99 was made by a newer release"},
		{"demo's", func(t *testing.T, o *Options) {
			demo := *o
			demo.Demo = true
			mustClose(t, mustOpen(t, demo))
		}, "made by a demo: a real run needs another history.dsn"},
		{"real", func(t *testing.T, o *Options) {
			mustClose(t, mustOpen(t, *o))
			o.Demo = true
		}, "made by a real run: a demo needs another history.dsn"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			o := shared(t)
			tt.make(t, &o)
			s, err := Open(t.Context(), o)
			if err == nil {
				s.Close()
				t.Fatal("it opened")
			}
			if !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
			u, _ := url.Parse(o.DSN)
			if where := "store postgres://" + u.Host + u.Path + ": "; isDSN(o.DSN) && !strings.HasPrefix(err.Error(), where) {
				t.Errorf("got %v, want it to begin with %q", err, where)
			}
			if strings.Contains(err.Error(), "hunter2") || strings.Contains(err.Error(), "\n") {
				t.Errorf("the error shows the password or is not one line: %q", err)
			}
		})
	}
}

func TestOpenSharedAtOnce(t *testing.T) {
	o := shared(t)
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			s, err := Open(t.Context(), o)
			if err != nil {
				t.Error(err)
				return
			}
			s.Close()
		})
	}
	all.Wait()
	s := mustOpen(t, o)
	if _, version, err := meta(t.Context(), s.db); err != nil || version != len(migrations) {
		t.Errorf("version %d (%v), want %d", version, err, len(migrations))
	}
	mustSave(t, s, sample())
}

func TestMigrateSharedToTheNext(t *testing.T) {
	o := shared(t)
	s := mustOpen(t, o)
	mustSave(t, s, sample())
	setMigrations(t, append(migrations[:len(migrations):len(migrations)], "ALTER TABLE services ADD COLUMN more TEXT; UPDATE services SET more = slug")...)
	for range 2 { // the second has nothing to do; a run of the older release goes on
		next, err := Open(t.Context(), o)
		if err != nil {
			t.Fatal(err)
		}
		mustClose(t, next)
		mustSave(t, s, sample())
	}
	if diff := cmp.Diff(stored(sample()), mustLoad(t, s)); diff != "" {
		t.Errorf("saved (-), loaded (+):\n%s", diff)
	}
}

func TestFailedSharedMigrationChangesNothing(t *testing.T) {
	o := shared(t)
	s := mustOpen(t, o)
	mustSave(t, s, sample())
	known := migrations
	setMigrations(t, append(known[:len(known):len(known)], "DROP TABLE services; ALTER TABLE nothing ADD COLUMN x TEXT")...)
	if next, err := Open(t.Context(), o); err == nil {
		next.Close()
		t.Error("it opened")
	} else if want := fmt.Sprintf("migrate: to version %d: ", len(known)+1); !strings.Contains(err.Error(), want) {
		t.Errorf("got %v, want %q", err, want)
	}
	if diff := cmp.Diff(stored(sample()), mustLoad(t, s)); diff != "" {
		t.Errorf("saved (-), loaded (+):\n%s", diff)
	}
}

func TestOpenSharedReadOnly(t *testing.T) {
	o := shared(t)
	if _, err := OpenReadOnly(t.Context(), o.DSN); err == nil || !strings.Contains(err.Error(), "there is no store in it yet") {
		t.Errorf("an empty database: got %v", err)
	}
	s := mustOpen(t, o)
	mustSave(t, s, aged())
	r, err := OpenReadOnly(t.Context(), o.DSN)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if got := len(mustLoad(t, r).Outages); got != len(aged().Outages) {
		t.Errorf("%d outages, want all %d, whatever the retention", got, len(aged().Outages))
	}
	if held, err := r.TryLease(t.Context()); err == nil || held || !strings.Contains(err.Error(), "takes no writes") {
		t.Errorf("a reader took the lease: %v", err)
	}
	if err := r.Save(t.Context(), sample()); !errors.Is(err, ErrNoLease) {
		t.Errorf("save: got %v", err)
	}
	pgtest.Exec(t, o.DSN, "UPDATE downstatus_meta SET version = 1")
	if _, err := OpenReadOnly(t.Context(), o.DSN); err == nil || !strings.Contains(err.Error(), "version 1 is older") {
		t.Errorf("an older store: got %v", err)
	}
}

func TestOneReplicaLeads(t *testing.T) {
	a, b := replicas(t)
	mustTry(t, a, true)
	mustTry(t, b, false)
	mustTry(t, a, true) // it holds it already
	mustSave(t, a, sample())
	for what, err := range map[string]error{
		"save": b.Save(t.Context(), sample()), "claim": b.Claim(t.Context(), "s"), "keep": b.KeepLease(t.Context()),
	} {
		if !errors.Is(err, ErrNoLease) {
			t.Errorf("%s of a follower: got %v", what, err)
		}
	}
	if diff := cmp.Diff(stored(sample()), mustLoad(t, b)); diff != "" {
		t.Errorf("saved (-), loaded by the other (+):\n%s", diff)
	}
	if err := a.DropLease(); err != nil {
		t.Fatal(err)
	}
	mustTry(t, b, true)
	mustClose(t, b) // gives it back too
	mustTry(t, a, true)
}

// A leader that has lost its session writes nothing more, whoever leads then.
func TestLostLease(t *testing.T) {
	for name, step := range map[string]func(context.Context, *Store) error{
		"save":  func(ctx context.Context, s *Store) error { return s.Save(ctx, sample()) },
		"claim": func(ctx context.Context, s *Store) error { return s.Claim(ctx, "s") },
		"keep":  func(ctx context.Context, s *Store) error { return s.KeepLease(ctx) },
		"prune": func(ctx context.Context, s *Store) error { return s.Prune(ctx, noon) },
	} {
		t.Run(name, func(t *testing.T) {
			a, b := replicas(t)
			mustTry(t, a, true)
			terminate(t, b)
			mustTry(t, b, true)
			if err := step(t.Context(), a); !errors.Is(err, ErrNoLease) || !strings.HasPrefix(err.Error(), "store postgres://127.0.0.1:") {
				t.Errorf("got %v, want that the lease is lost", err)
			}
			state, version, err := b.LoadSince(t.Context(), 0)
			if err != nil || version != 1 || len(state.Services) > 0 {
				t.Errorf("version %d (%v): the lost leader wrote", version, err)
			}
			mustTry(t, a, false)
			mustClose(t, b)
			mustTry(t, a, true)
			mustSave(t, a, sample())
		})
	}
}

// What the lock is worth is asked in the save itself: a pooler that resets its
// sessions takes it away without a word.
func TestLockTakenAway(t *testing.T) {
	a, b := replicas(t)
	mustTry(t, a, true)
	if _, err := a.lease.conn.ExecContext(t.Context(), "SELECT pg_advisory_unlock_all()"); err != nil {
		t.Fatal(err)
	}
	mustTry(t, b, true)
	if err := a.Save(t.Context(), sample()); !errors.Is(err, ErrNoLease) {
		t.Errorf("got %v", err)
	}
	if n := len(mustLoad(t, b).Services); n > 0 {
		t.Errorf("%d services were written", n)
	}
}

// A failed write is no reason to give up the lease.
func TestFailedSaveKeepsTheLease(t *testing.T) {
	s := mustOpen(t, shared(t))
	if _, err := s.db.ExecContext(t.Context(), "ALTER TABLE outages RENAME TO gone"); err != nil {
		t.Fatal(err)
	}
	if err := s.Save(t.Context(), sample()); err == nil || errors.Is(err, ErrNoLease) {
		t.Errorf("got %v, want a failed save", err)
	}
	if err := s.KeepLease(t.Context()); err != nil {
		t.Error(err)
	}
	if _, err := s.db.ExecContext(t.Context(), "ALTER TABLE gone RENAME TO outages"); err != nil {
		t.Fatal(err)
	}
	mustSave(t, s, sample())
}

func TestGuardedSession(t *testing.T) {
	s := mustOpen(t, shared(t))
	for name, want := range map[string]string{
		"tcp_keepalives_idle": "10", "tcp_keepalives_interval": "5", "tcp_keepalives_count": "3", "tcp_user_timeout": "25000",
		"idle_session_timeout": "15s", "idle_in_transaction_session_timeout": "15s",
	} {
		var got string
		if err := s.lease.conn.QueryRowContext(t.Context(), "SELECT current_setting($1, true)", name).Scan(&got); err != nil || got != want {
			t.Errorf("%s is %q (%v), want %s", name, got, err, want)
		}
	}
}

func TestClaims(t *testing.T) {
	a, b := replicas(t)
	mustTry(t, a, true)
	for _, source := range []string{"one", "two", "one"} {
		if err := a.Claim(t.Context(), source); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := b.db.ExecContext(t.Context(), "UPDATE claims SET asked = asked - 3600000 WHERE source = 'two'"); err != nil {
		t.Fatal(err)
	}
	claims, err := b.Claims(t.Context())
	if err != nil || len(claims) != 2 {
		t.Fatalf("%v (%v), want those of one and two", claims, err)
	}
	for source, want := range map[string]time.Duration{"one": 0, "two": time.Hour} {
		if age := time.Since(claims[source]); age < want || age > want+time.Minute {
			t.Errorf("%s was claimed %v ago, want %v", source, age, want)
		}
	}
	if err := a.Prune(t.Context(), time.Now().Add(a.retention-time.Minute)); err != nil {
		t.Fatal(err)
	}
	if left, err := b.Claims(t.Context()); err != nil || len(left) != 1 {
		t.Errorf("after a prune: %v (%v), want that of one", left, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := a.Claim(ctx, "three"); !errors.Is(err, context.Canceled) {
		t.Errorf("a cancelled claim: %v", err)
	}
	if err := a.KeepLease(t.Context()); err != nil {
		t.Errorf("a cancelled claim cost the lease: %v", err)
	}
}

func TestLoadSince(t *testing.T) {
	onBoth(t, func(t *testing.T, o Options) {
		s := mustOpen(t, o)
		since := func(version int64) (State, int64) {
			t.Helper()
			state, now, err := s.LoadSince(t.Context(), version)
			if err != nil {
				t.Fatal(err)
			}
			return state, now
		}
		none := stored(Changes{})
		if state, now := since(0); !cmp.Equal(none, state) || now != 1 {
			t.Errorf("new store: %v, version %d", state, now)
		}
		mustSave(t, s, sample())
		state, first := since(1)
		if diff := cmp.Diff(stored(sample()), state); diff != "" {
			t.Errorf("first save (-), loaded (+):\n%s", diff)
		}
		second := Changes{Readings: []Reading{{Source: "new", LastGood: at(1), Observed: at(1), Body: []byte("x")}}}
		mustSave(t, s, second)
		moved := Changes{Readings: []Reading{{Source: sample().Readings[0].Source, LastGood: at(2), Observed: at(2)}}}
		mustSave(t, s, moved)
		state, third := since(first)
		moved.Readings[0].Body = sample().Readings[0].Body
		if diff := cmp.Diff(stored(Changes{Readings: append(second.Readings, moved.Readings...)}), state); diff != "" {
			t.Errorf("later saves (-), loaded (+):\n%s", diff)
		}
		if state, now := since(third); !cmp.Equal(none, state) || now != third {
			t.Errorf("nothing new: %v, version %d, want %d", state, now, third)
		}
	})
}

func TestOneOpenRecord(t *testing.T) {
	onBoth(t, func(t *testing.T, o Options) {
		s := mustOpen(t, o)
		open := status.Outage{ID: "z", Slug: "acme", Signal: status.UserReports, StartedAt: at(0)}
		mustSave(t, s, Changes{Outages: []status.Outage{open}})
		next := status.Outage{ID: "a", Slug: "acme", Signal: status.UserReports, StartedAt: at(30)}
		if err := s.Save(t.Context(), Changes{Outages: []status.Outage{next}}); err == nil {
			t.Error("a second open record was written")
		}
		open.ResolvedAt = at(5) // in one save, whatever their order
		mustSave(t, s, Changes{Outages: []status.Outage{next, open}})
		if diff := cmp.Diff([]status.Outage{open, next}, mustLoad(t, s).Outages); diff != "" {
			t.Errorf("saved (-), loaded (+):\n%s", diff)
		}
	})
}

// An older store may hold several open records of a service.
func TestMigrateOpenRecords(t *testing.T) {
	const rows = "INSERT INTO outages SELECT id, slug, 'user_reports', started, NULL, ended, NULL, NULL, NULL, NULL, NULL, 'down', 0, '', '', 'null', 0, FALSE, FALSE FROM (" +
		"SELECT 'c' AS id, 'acme' AS slug, CAST(3000 AS BIGINT) AS started, CAST(NULL AS BIGINT) AS ended" +
		" UNION ALL SELECT 'b', 'acme', 2000, NULL UNION ALL SELECT 'past', 'acme', 1500, 1700 UNION ALL SELECT 'a', 'acme', 1000, NULL" +
		" UNION ALL SELECT 'alone', 'other', 1000, NULL UNION ALL SELECT 'same1', 'twin', 1000, NULL UNION ALL SELECT 'same2', 'twin', 1000, NULL) AS old"
	onBoth(t, func(t *testing.T, o Options) {
		if o.DSN == "" {
			o.Dir = t.TempDir()
		}
		o.Retention = 0
		all := migrations
		setMigrations(t, all[0])
		s := mustOpen(t, o)
		if _, err := s.db.ExecContext(t.Context(), rows); err != nil {
			t.Fatal(err)
		}
		mustClose(t, s)
		setMigrations(t, all...)
		got := map[string]string{}
		for _, v := range mustLoad(t, mustOpen(t, o)).Outages {
			got[v.ID] = "open"
			if !v.Open() {
				got[v.ID] = fmt.Sprint(v.ResolvedAt.UnixMilli(), " unwatched ", v.Unwatched)
			}
		}
		want := map[string]string{
			"a": "1500 unwatched true", "past": "1700 unwatched false", "b": "3000 unwatched true", "c": "open",
			"alone": "open", "same1": "1000 unwatched true", "same2": "open",
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("want (-), got (+):\n%s", diff)
		}
	})
}

// An upstream's text with bytes that PostgreSQL refuses stops no writing.
func TestTextThatIsNone(t *testing.T) {
	onBoth(t, func(t *testing.T, o Options) {
		s := mustOpen(t, o)
		c := sample()
		c.Outages[0].Description, c.Outages[0].Evidence = "a\x00b\xffc", []string{"i\x001"}
		mustSave(t, s, c)
		c.Outages[0].Description = "a\uFFFDb\uFFFDc"
		if diff := cmp.Diff(stored(c), mustLoad(t, s)); diff != "" {
			t.Errorf("want (-), got (+):\n%s", diff)
		}
	})
}
