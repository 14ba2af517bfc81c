package history

import (
	"context"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/downstatus/downstatus_exporter/internal/pgtest"
	"github.com/downstatus/downstatus_exporter/internal/status"
	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	if dir := os.Getenv(childDir); dir != "" {
		os.Exit(child(dir))
	}
	goleak.VerifyTestMain(m, goleak.Cleanup(func(code int) {
		pgtest.Stop()
		os.Exit(code)
	}))
}

// noon is the time of every test, with a fraction that milliseconds keep.
var noon = time.Date(2026, 11, 22, 12, 0, 0, 345e6, time.UTC)

func at(minutes int) time.Time { return noon.Add(time.Duration(minutes) * time.Minute) }

func options(dir string) Options {
	return Options{Dir: dir, Retention: 90 * 24 * time.Hour, Now: func() time.Time { return noon }}
}

// onBoth runs a test on both databases, with the options of an empty store.
func onBoth(t *testing.T, test func(t *testing.T, o Options)) {
	t.Run("SQLite", func(t *testing.T) { test(t, options("")) })
	t.Run("PostgreSQL", func(t *testing.T) { test(t, shared(t)) })
}

// shared are the options of an empty store in PostgreSQL.
func shared(t testing.TB) Options {
	o := options("")
	o.DSN = pgtest.Address(t)
	return o
}

// mustOpen opens a store that can be written.
func mustOpen(t testing.TB, o Options) *Store {
	t.Helper()
	s, err := Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	if s.Shared() {
		if held, err := s.TryLease(t.Context()); err != nil || !held {
			t.Fatalf("no lease: %v", err)
		}
	}
	t.Cleanup(func() { s.Close() }) // fails where the test has closed it: mustClose looks at errors
	return s
}

func mustSave(t testing.TB, s *Store, c Changes) {
	t.Helper()
	if err := s.Save(t.Context(), c); err != nil {
		t.Fatal(err)
	}
}

func mustLoad(t testing.TB, s *Store) State {
	t.Helper()
	state, err := s.Load(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return state
}

func mustClose(t testing.TB, s *Store) {
	t.Helper()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

// sample sets every field of everything that is stored.
func sample() Changes {
	return Changes{
		Services: []ServiceState{{
			Slug: "acme", Status: status.Down, Since: at(-50),
			Official: status.Degraded, Reports: status.Down,
			LastGood: at(-1), Accounted: at(-2),
			Seconds:       [4]time.Duration{time.Nanosecond, time.Hour, time.Minute, 1<<62 - 1},
			OutageCount:   map[status.Signal]uint64{status.UserReports: 3, status.OfficialStatusPage: 1 << 40},
			Disagreements: 7,
		}},
		Readings: []Reading{{Source: "statuspage|https://status.acme.test|1", LastGood: at(-1), Observed: at(-3), Body: []byte("{\x00\xff}")}},
		Outages: []status.Outage{{
			ID: "o1", Slug: "acme", Signal: status.UserReports,
			StartedAt: at(-60), DetectedAt: at(-58), ResolvedAt: at(-5), NotBefore: at(-90),
			ReportsStartedAt: at(-60), OfficialStartedAt: at(-40), ReportsEndedAt: at(-6), OfficialEndedAt: at(-5),
			Worst: status.Down, PeakReports: 412, Description: "Logins fail; \"quoted\" 'twice' – ⚡\n", IncidentURL: "https://status.acme.test/i/1",
			Evidence: []string{"i1", `i"2`}, Reopened: 2, Imported: true, Unwatched: true,
		}},
		Sources: []SourceState{{
			Source: "statuspage|https://status.acme.test|1", Asked: at(-1), Up: true, Reason: "timeout", Polls: 1 << 40, Failures: 2,
			EngineChanges: 1, Unknown: map[string]uint64{"component_status": 3},
		}},
		Detectors:   []DetectorState{{Slug: "acme", Source: "downstatus|https://feed.test|1", Row: "acme-inc", Written: at(-7), Disagrees: true, Body: []byte{1, 0, 255}, Recent: []byte{2, 0}}},
		Transitions: []status.Transition{{Slug: "acme", Since: at(-60), Status: status.Down, Official: status.Degraded, Reports: status.Down}},
	}
}

// stored is what a store that took nothing but c gives back.
func stored(c Changes) State {
	s := State{
		Services: map[string]ServiceState{}, Readings: map[string]Reading{}, Outages: c.Outages, Transitions: c.Transitions,
		Sources: map[string]SourceState{}, Detectors: c.Detectors,
	}
	for _, v := range c.Services {
		s.Services[v.Slug] = v
	}
	for _, v := range c.Readings {
		s.Readings[v.Source] = v
	}
	for _, v := range c.Sources {
		s.Sources[v.Source] = v
	}
	return s
}

func TestSampleIsWhole(t *testing.T) {
	c := sample()
	for _, v := range []any{c.Services[0], c.Readings[0], c.Outages[0], c.Transitions[0], c.Sources[0], c.Detectors[0]} {
		r := reflect.ValueOf(v)
		for i := range r.NumField() {
			if r.Field(i).IsZero() {
				t.Errorf("%s.%s is not in the sample, so nothing holds that it is stored", r.Type(), r.Type().Field(i).Name)
			}
		}
	}
}

func TestRoundTrip(t *testing.T) {
	noCounts := map[status.Signal]uint64{status.UserReports: 0, status.OfficialStatusPage: 0}
	tests := map[string]Changes{
		"everything": sample(),
		"least": {
			Services: []ServiceState{{Slug: "a", Status: status.Unknown, Official: status.Unknown, Reports: status.Unknown, OutageCount: noCounts}},
			Readings: []Reading{{Source: "s", Body: []byte("x")}},
			Outages:  []status.Outage{{ID: "1", Slug: "a", Signal: status.OfficialStatusPage}},
		},
		"before 1970": {Outages: []status.Outage{{ID: "1", Signal: status.UserReports, StartedAt: time.Unix(-1, 0).UTC()}}},
		"epoch":       {Outages: []status.Outage{{ID: "1", Signal: status.UserReports, StartedAt: time.Unix(0, 0).UTC()}}},
		"nothing":     {},
	}
	for name, c := range tests {
		test := func(t *testing.T, o Options) {
			s := mustOpen(t, o)
			mustSave(t, s, c)
			if diff := cmp.Diff(stored(c), mustLoad(t, s)); diff != "" {
				t.Errorf("saved (-), loaded (+):\n%s", diff)
			}
		}
		t.Run(name, func(t *testing.T) { onBoth(t, test) })
		t.Run(name+"/file", func(t *testing.T) { test(t, options(t.TempDir())) })
	}
}

func TestTimesAreUTCInMilliseconds(t *testing.T) {
	onBoth(t, func(t *testing.T, o Options) {
		s := mustOpen(t, o)
		local := noon.In(time.FixedZone("", 3600)).Add(999 * time.Microsecond)
		mustSave(t, s, Changes{Readings: []Reading{{Source: "s", LastGood: local, Body: []byte("x")}}})
		if got := mustLoad(t, s).Readings["s"].LastGood; got != noon {
			t.Errorf("got %v, want %v", got, noon)
		}
	})
}

func TestReopen(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "made", "on the way? #1 100%")
	s := mustOpen(t, options(dir))
	mustSave(t, s, sample())
	mustClose(t, s)
	if _, err := os.Stat(filepath.Join(dir, fileName+"-wal")); err == nil {
		t.Error("the log is still there after Close")
	}
	if diff := cmp.Diff(stored(sample()), mustLoad(t, mustOpen(t, options(dir)))); diff != "" {
		t.Errorf("saved (-), loaded (+):\n%s", diff)
	}
}

func TestUpsert(t *testing.T) {
	onBoth(t, func(t *testing.T, o Options) {
		s := mustOpen(t, o)
		mustSave(t, s, sample())

		c := sample()
		v := &c.Services[0]
		v.Status, v.Official, v.Reports = status.Operational, status.Operational, status.Unknown
		v.Since, v.LastGood, v.Accounted = at(1), time.Time{}, at(-3)
		v.Seconds[0], v.OutageCount[status.UserReports], v.Disagreements = time.Second, 4, 8
		c.Readings[0].LastGood, c.Readings[0].Body = at(1), []byte("new")
		r := &c.Outages[0]
		r.ResolvedAt, r.Evidence, r.Worst, r.Imported = time.Time{}, []string{}, status.Degraded, false
		c.Transitions[0].Status = status.Unknown
		mustSave(t, s, c)

		if diff := cmp.Diff(stored(c), mustLoad(t, s)); diff != "" {
			t.Errorf("saved (-), loaded (+):\n%s", diff)
		}
	})
}

func TestCountersNeverGoDown(t *testing.T) {
	onBoth(t, func(t *testing.T, o Options) {
		s := mustOpen(t, o)
		mustSave(t, s, sample())
		c := sample()
		v := &c.Services[0]
		v.Status, v.Seconds, v.OutageCount, v.Disagreements = status.Degraded, [4]time.Duration{}, nil, 0
		v.Seconds[1] = 2 * time.Hour
		mustSave(t, s, c)

		want := sample().Services[0]
		want.Status, want.Seconds[1] = status.Degraded, 2*time.Hour
		if diff := cmp.Diff(want, mustLoad(t, s).Services["acme"]); diff != "" {
			t.Errorf("want (-), got (+):\n%s", diff)
		}
	})
}

func TestReadingWithoutBody(t *testing.T) {
	onBoth(t, func(t *testing.T, o Options) {
		s := mustOpen(t, o)
		mustSave(t, s, sample())
		source := sample().Readings[0].Source
		mustSave(t, s, Changes{Readings: []Reading{
			{Source: source, LastGood: at(5), Observed: at(4)},
			{Source: "never seen", LastGood: at(5), Observed: at(4)},
		}})
		want := map[string]Reading{source: {Source: source, LastGood: at(5), Observed: at(4), Body: sample().Readings[0].Body}}
		if diff := cmp.Diff(want, mustLoad(t, s).Readings); diff != "" {
			t.Errorf("want (-), got (+):\n%s", diff)
		}
	})
}

func TestSaveIsAllOrNothing(t *testing.T) {
	onBoth(t, func(t *testing.T, o Options) {
		s := mustOpen(t, o)
		if _, err := s.db.ExecContext(t.Context(), "DROP TABLE outages"); err != nil {
			t.Fatal(err)
		}
		err := s.Save(t.Context(), sample())
		if err == nil || !strings.Contains(err.Error(), ": save: outages: ") {
			t.Errorf("the error does not say what failed: %v", err)
		}
		var n int
		if err := s.db.QueryRowContext(t.Context(), "SELECT COUNT(*) FROM services").Scan(&n); err != nil || n != 0 {
			t.Errorf("%d services were written (%v)", n, err)
		}
	})
}

func TestOutlivesACancelledSave(t *testing.T) {
	onBoth(t, func(t *testing.T, o Options) {
		s := mustOpen(t, o)
		mustSave(t, s, sample())
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if err := s.Save(ctx, sample()); err == nil {
			t.Error("a cancelled save reports no error")
		}
		if diff := cmp.Diff(stored(sample()), mustLoad(t, s)); diff != "" {
			t.Errorf("saved (-), loaded (+):\n%s", diff)
		}
	})
}

// aged are outages around a retention of 90 days, newest first.
func aged() Changes {
	days := func(n int) time.Time { return noon.AddDate(0, 0, n) }
	c := Changes{
		Services: []ServiceState{{Slug: "old", LastGood: days(-200), OutageCount: map[status.Signal]uint64{status.UserReports: 9, status.OfficialStatusPage: 0}}},
		Readings: []Reading{
			{Source: "old", LastGood: days(-90).Add(-time.Millisecond), Body: []byte("x")},
			{Source: "new", LastGood: days(-90), Body: []byte("x")},
		},
	}
	for _, o := range []status.Outage{
		{ID: "recent", StartedAt: days(-1), ResolvedAt: days(-1)},
		{ID: "edge", StartedAt: days(-91), ResolvedAt: days(-90)},
		{ID: "over", StartedAt: days(-92), ResolvedAt: days(-90).Add(-time.Millisecond)},
		{ID: "long", StartedAt: days(-100), ResolvedAt: days(-2)},
		{ID: "ancient", StartedAt: days(-150), ResolvedAt: days(-149)},
		{ID: "open", StartedAt: days(-200)},
	} {
		o.Slug, o.Signal = "old", status.UserReports
		c.Outages = append(c.Outages, o)
	}
	return c
}

func ids(all []status.Outage) (ids []string) {
	for _, o := range all {
		ids = append(ids, o.ID)
	}
	return ids
}

func TestRetention(t *testing.T) {
	all := []string{"open", "ancient", "long", "over", "edge", "recent"}
	kept := []string{"open", "long", "edge", "recent"}
	tests := []struct {
		name      string
		retention time.Duration
		prune     bool
		outages   []string // by Load
		left      int      // in the table
		readings  []string
	}{
		{"loaded", 90 * 24 * time.Hour, false, kept, 6, []string{"new", "old"}},
		{"pruned", 90 * 24 * time.Hour, true, kept, 4, []string{"new"}},
		{"no retention loaded", 0, false, all, 6, []string{"new", "old"}},
		{"no retention pruned", 0, true, all, 6, []string{"new", "old"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			onBoth(t, func(t *testing.T, o Options) {
				o.Retention = tt.retention
				s := mustOpen(t, o)
				mustSave(t, s, aged())
				if tt.prune {
					if err := s.Prune(t.Context(), noon); err != nil {
						t.Fatal(err)
					}
				}
				state := mustLoad(t, s)
				if diff := cmp.Diff(tt.outages, ids(state.Outages)); diff != "" {
					t.Errorf("outages: want (-), got (+):\n%s", diff)
				}
				if diff := cmp.Diff(tt.readings, slices.Sorted(maps.Keys(state.Readings))); diff != "" {
					t.Errorf("readings: want (-), got (+):\n%s", diff)
				}
				if diff := cmp.Diff(stored(aged()).Services, state.Services); diff != "" {
					t.Errorf("services: want (-), got (+):\n%s", diff)
				}
				var left int
				if err := s.db.QueryRowContext(t.Context(), "SELECT COUNT(*) FROM outages").Scan(&left); err != nil || left != tt.left {
					t.Errorf("%d outages are left (%v), want %d", left, err, tt.left)
				}
			})
		})
	}
}

// The state at the start of the retention is known only if the transition into
// it is kept, however old.
func TestTransitionsOfTheRetention(t *testing.T) {
	onBoth(t, func(t *testing.T, o Options) {
		s := mustOpen(t, o)
		days := func(slug string, n int) status.Transition {
			return status.Transition{Slug: slug, Since: noon.AddDate(0, 0, n)}
		}
		mustSave(t, s, Changes{Transitions: []status.Transition{
			days("calm", -300), days("edge", -91), days("edge", -90), days("moved", -200), days("moved", -100), days("moved", -80), days("new", -1),
		}})
		if err := s.Prune(t.Context(), noon); err != nil {
			t.Fatal(err)
		}
		want := []status.Transition{days("calm", -300), days("edge", -90), days("moved", -100), days("moved", -80), days("new", -1)}
		if diff := cmp.Diff(want, mustLoad(t, s).Transitions); diff != "" {
			t.Errorf("want (-), got (+):\n%s", diff)
		}
	})
}

func TestLastSeen(t *testing.T) {
	if got := (State{}).LastSeen(); !got.IsZero() {
		t.Errorf("nothing stored: %s", got)
	}
	for name, s := range map[string]State{
		"poll":       {Services: map[string]ServiceState{"a": {LastGood: at(-9)}}, Readings: map[string]Reading{"s": {LastGood: at(-1)}, "t": {LastGood: at(-2)}}},
		"service":    {Services: map[string]ServiceState{"a": {LastGood: at(-1), Accounted: at(-2)}, "b": {LastGood: at(-3)}}},
		"accounted":  {Services: map[string]ServiceState{"a": {LastGood: at(-2), Accounted: at(-1)}}},
		"transition": {Transitions: []status.Transition{{Since: at(-1)}, {Since: at(-2)}}},
	} {
		if got := s.LastSeen(); !got.Equal(at(-1)) {
			t.Errorf("%s: %s, want %s", name, got, at(-1))
		}
	}
}

// Values that no release wrote are an error, never a guess.
func TestLoadRefusesStrangeValues(t *testing.T) {
	const refused = "-" // PostgreSQL does not let such a value in
	tests := map[string]struct{ change, want, postgres string }{
		"status":     {"UPDATE services SET status = 'fine'", `unknown status "fine"`, `unknown status "fine"`},
		"worst":      {"UPDATE outages SET worst = x'00'", "status is []uint8", `unknown status "00000000"`},
		"opened by":  {"UPDATE outages SET opened_by = 'rumours'", `unknown signal "rumours"`, `unknown signal "rumours"`},
		"evidence":   {"UPDATE outages SET evidence = '{'", "unexpected end of JSON input", "unexpected end of JSON input"},
		"no list":    {"UPDATE outages SET evidence = 1.5", "cannot unmarshal number", "cannot unmarshal number"},
		"blob list":  {"UPDATE outages SET evidence = x'00'", "list is []uint8", "invalid character"},
		"time":       {"UPDATE outages SET started_at = 'yesterday'", "time is string", refused},
		"count":      {"UPDATE services SET opened_by_page = -1", "count is -1", "count is -1"},
		"readings":   {"UPDATE readings SET last_good = 'now'", "readings: ", refused},
		"no table":   {"DROP TABLE readings", "no such table: readings", `relation "readings" does not exist`},
		"no column":  {"ALTER TABLE services DROP COLUMN since", "no such column: since", `column "since" does not exist`},
		"no outages": {"DROP TABLE outages", "no such table: outages", `relation "outages" does not exist`},
		"no version": {"DELETE FROM saves", "no rows", "no rows"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			onBoth(t, func(t *testing.T, o Options) {
				want := tt.want
				if o.DSN != "" {
					want = tt.postgres
				}
				s := mustOpen(t, o)
				mustSave(t, s, sample())
				_, err := s.db.ExecContext(t.Context(), tt.change)
				if want == refused {
					if err == nil {
						t.Error("the value was let in")
					}
					return
				}
				if err != nil {
					t.Fatal(err)
				}
				state, err := s.Load(t.Context())
				if err == nil || !strings.Contains(err.Error(), want) {
					t.Errorf("got error %v, want %q", err, want)
				}
				if diff := cmp.Diff(State{}, state); diff != "" {
					t.Errorf("half of a state came with the error:\n%s", diff)
				}
			})
		})
	}
}

func TestEmpty(t *testing.T) {
	if !(Changes{}).Empty() {
		t.Error("no changes are not empty")
	}
	c := sample()
	for name, part := range map[string]Changes{"service": {Services: c.Services}, "reading": {Readings: c.Readings}, "outage": {Outages: c.Outages}, "transition": {Transitions: c.Transitions}} {
		if part.Empty() {
			t.Errorf("a %s is empty", name)
		}
	}
}
