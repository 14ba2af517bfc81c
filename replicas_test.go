package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/downstatus/downstatus_exporter/internal/pgtest"
)

const (
	pollInterval = 10 * time.Second // the floor of a loopback host too
	pages        = 6
)

// upstream is six pages in Statuspage's shape. It notes who asked what when.
type upstream struct {
	*httptest.Server
	mu        sync.Mutex
	indicator string
	asked     map[string][]time.Time // by path
	slow      chan struct{}          // answers wait for it to be closed; nil: they do not
}

func newUpstream(t *testing.T) *upstream {
	u := &upstream{indicator: "major", asked: map[string][]time.Time{}}
	began := time.Now().Add(-7 * time.Minute).UTC().Format(time.RFC3339)
	u.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		u.mu.Lock()
		u.asked[r.URL.Path] = append(u.asked[r.URL.Path], time.Now())
		word, slow := u.indicator, u.slow
		u.mu.Unlock()
		if slow != nil {
			<-slow
		}
		open := []any{}
		if word != "none" {
			open = append(open, map[string]any{"id": "i" + r.URL.Path, "name": "Broken", "status": "investigating", "impact": word, "started_at": began, "created_at": began})
		}
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(map[string]any{
			"page": map[string]any{"id": "abcdefghijkl", "name": "Acme"}, "status": map[string]any{"indicator": word},
			"components": []any{}, "incidents": open, "scheduled_maintenances": []any{},
		})
	}))
	t.Cleanup(u.Close)
	return u
}

func (u *upstream) say(word string) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.indicator = word
}

// total is how often the pages themselves were asked.
func (u *upstream) total() (n int) {
	u.mu.Lock()
	defer u.mu.Unlock()
	for path, all := range u.asked {
		if strings.HasSuffix(path, "/summary.json") {
			n += len(all)
		}
	}
	return n
}

// wantFloor checks that no URL was asked twice within the floor. A request
// takes its time to come in, so a little less counts as the floor too.
func (u *upstream) wantFloor(t *testing.T) {
	t.Helper()
	u.mu.Lock()
	defer u.mu.Unlock()
	least := time.Hour
	for path, all := range u.asked {
		for i := 1; i < len(all); i++ {
			gap := all[i].Sub(all[i-1])
			least = min(least, gap)
			if gap < pollInterval-time.Second {
				t.Errorf("%s was asked twice within %v", path, gap)
			}
		}
	}
	t.Logf("%d URLs, least time between two polls of one: %v", len(u.asked), least)
}

// team is a set of replicas on one database.
type team struct {
	t        *testing.T
	upstream *upstream
	dsn      string
	config   string
}

func newTeam(t *testing.T) *team {
	f := &team{t: t, dsn: pgtest.Address(t), upstream: newUpstream(t)}
	dir := t.TempDir()
	f.config = filepath.Join(dir, "config.yml")
	var text strings.Builder
	fmt.Fprintf(&text, "global: {poll_interval: %s}\nhistory: {dsn_file: dsn}\nfeeds: []\nservices:\n", pollInterval)
	for i := range pages {
		fmt.Fprintf(&text, "  - {slug: acme%d, official: {engine: statuspage, url: %s/%d}}\n", i, f.upstream.URL, i)
	}
	for file, content := range map[string]string{f.config: text.String(), filepath.Join(dir, "dsn"): f.dsn + "\n"} {
		if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return f
}

// report is what the command of that name prints while the replicas run.
func (f *team) report() string {
	f.t.Helper()
	cmd := exec.Command(os.Args[0], "report", "--config.file="+f.config, "--csv")
	cmd.Env = append(os.Environ(), "DOWNSTATUS_TEST_MAIN=1")
	out, err := cmd.CombinedOutput()
	if err != nil {
		f.t.Fatalf("report: %v\n%s", err, out)
	}
	return string(out)
}

// replica is a running exporter whose log can be read.
type replica struct {
	process
	logFile string
}

var onAddress = regexp.MustCompile(`msg="Listening on" address=(\S+)`)

// join starts one more replica.
func (f *team) join() *replica {
	f.t.Helper()
	r := &replica{logFile: filepath.Join(f.t.TempDir(), "log")}
	log, err := os.Create(r.logFile)
	if err != nil {
		f.t.Fatal(err)
	}
	defer log.Close()
	r.cmd = exec.Command(os.Args[0], "--config.file="+f.config, "--web.listen-address=127.0.0.1:0", "--web.external-url=https://status.acme.test")
	r.cmd.Env = append(os.Environ(), "DOWNSTATUS_TEST_MAIN=1")
	r.cmd.Stderr = log
	if err := r.cmd.Start(); err != nil {
		f.t.Fatal(err)
	}
	f.t.Cleanup(func() {
		_ = r.cmd.Process.Kill()
		_ = r.cmd.Wait()
		if text := r.text(f.t); strings.Contains(text, "hunter2") {
			f.t.Errorf("the log shows the password:\n%s", text)
		}
	})
	eventually(f.t, "the replica listens", func() bool {
		if m := onAddress.FindStringSubmatch(r.text(f.t)); m != nil {
			r.url = "http://" + m[1]
		}
		return r.url != ""
	})
	return r
}

func (r *replica) text(t *testing.T) string {
	b, err := os.ReadFile(r.logFile)
	if err != nil {
		t.Error(err)
	}
	return string(b)
}

// says counts the lines of the log with a message.
func (r *replica) says(t *testing.T, message string) int {
	return strings.Count(r.text(t), `msg="`+message)
}

const (
	leading   = "leading: this replica polls and writes"
	following = "following: another replica polls and writes"
	stepped   = "following: the lease is lost"
)

// eventually waits until something is so.
func eventually(t *testing.T, what string, so func() bool) {
	t.Helper()
	for deadline := time.Now().Add(60 * time.Second); !so(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("a minute has passed, but not: %s", what)
		}
	}
}

// polledAgain waits until every page has been asked since.
func (f *team) polledAgain() {
	f.t.Helper()
	since := time.Now()
	eventually(f.t, "every page is asked again", func() bool {
		f.upstream.mu.Lock()
		defer f.upstream.mu.Unlock()
		for i := range pages {
			all := f.upstream.asked[fmt.Sprintf("/%d/api/v2/summary.json", i)]
			if len(all) == 0 || all[len(all)-1].Before(since) {
				return false
			}
		}
		return true
	})
}

// agree waits until replicas give the same answers, and returns the records.
func (f *team) agree(a, b *replica) []map[string]any {
	f.t.Helper()
	answers := func(r *replica) map[string]string {
		all := map[string]string{}
		for _, path := range [...]string{"/api/v1/outages", "/api/v1/services", "/api/v1/status/acme1", "/status/acme1"} {
			_, all[path] = r.get(f.t, path)
		}
		return all
	}
	eventually(f.t, "the replicas agree", func() bool { return cmp.Equal(answers(a), answers(b)) })
	var got struct{ Data []map[string]any }
	if err := json.Unmarshal([]byte(answers(b)["/api/v1/outages"]), &got); err != nil {
		f.t.Fatal(err)
	}
	return got.Data
}

func (f *team) wantRecords(records []map[string]any, open bool) {
	f.t.Helper()
	if len(records) != pages {
		f.t.Errorf("%d records, want one for each of %d services: %v", len(records), pages, records)
	}
	for _, r := range records {
		if (r["resolved_at"] == nil) != open {
			f.t.Errorf("a record is open: %v, want %v: %v", !open, open, r)
		}
	}
}

// TestReplicas: the leader is killed in the middle of an outage, and the next
// one loses its session. The other takes over each time: one record, the same
// answers from both, and no page asked twice within its floor.
func TestReplicas(t *testing.T) {
	t.Parallel()
	f := newTeam(t)
	a := f.join()
	eventually(t, "the first leads", func() bool { return a.says(t, leading) == 1 })
	b := f.join()
	eventually(t, "the second follows", func() bool { return b.says(t, following) == 1 })
	eventually(t, "the leader has polled", func() bool { return f.upstream.total() >= pages })
	b.await(t, `downstatus_outage_start_timestamp_seconds{signal="official_status_page",slug="acme5"}`)
	b.await(t, `downstatus_source_up{source="page/127.0.0.1`)
	if code, _ := b.get(t, "/-/ready"); code != http.StatusOK {
		t.Errorf("a follower is not ready: %d", code)
	}
	before := f.agree(a, b)
	f.wantRecords(before, true)

	killed := time.Now()
	a.stop(t, syscall.SIGKILL)
	eventually(t, "the second leads", func() bool { return b.says(t, leading) == 1 })
	took := time.Since(killed)
	t.Logf("taken over %v after the kill", took)
	if took > 2*pollInterval {
		t.Errorf("taken over after %v, want two intervals at most", took)
	}
	f.polledAgain()
	a = f.join()
	eventually(t, "the first follows", func() bool { return a.says(t, following) == 1 })
	after := f.agree(a, b)
	if diff := cmp.Diff(before, after); diff != "" {
		t.Errorf("records before (-) and after (+) the take-over:\n%s", diff)
	}

	f.upstream.say("none")
	pgtest.Exec(t, f.dsn, "SELECT pg_terminate_backend(pid) FROM pg_locks "+
		"WHERE locktype = 'advisory' AND objid::bigint = hashtext(current_schema())::bigint & 4294967295")
	eventually(t, "the second steps down", func() bool { return b.says(t, stepped) == 1 })
	eventually(t, "one leads again", func() bool { return a.says(t, leading)+b.says(t, leading) == 2 })
	f.polledAgain()
	f.polledAgain()
	f.wantRecords(f.agree(a, b), false)
	f.upstream.wantFloor(t)
	if report := f.report(); strings.Count(report, "acme") < pages {
		t.Errorf("the report misses services:\n%s", report)
	}
	for _, r := range []*replica{a, b} {
		r.await(t, `downstatus_outages_total{signal="official_status_page",slug="acme1"} 1`)
		r.await(t, "downstatus_store_up 1")
		if code := r.stop(t, syscall.SIGTERM); code != 0 {
			t.Errorf("SIGTERM: exit code %d", code)
		}
	}
}

// TestKilledInAPoll: nothing is stored yet of the polls that a killed leader
// had under way, and still the next one knows of them.
func TestKilledInAPoll(t *testing.T) {
	t.Parallel()
	f := newTeam(t)
	slow := make(chan struct{})
	f.upstream.slow = slow
	a := f.join()
	eventually(t, "every page is being asked", func() bool { return f.upstream.total() == pages })
	a.stop(t, syscall.SIGKILL)
	f.upstream.mu.Lock()
	f.upstream.slow = nil
	f.upstream.mu.Unlock()
	close(slow)
	b := f.join()
	eventually(t, "the second leads", func() bool { return b.says(t, leading) == 1 })
	f.polledAgain()
	f.upstream.wantFloor(t)
}

// TestFrozenReplica: a leader that stands still loses the lease, and asks
// nobody when it goes on.
func TestFrozenReplica(t *testing.T) {
	t.Parallel()
	f := newTeam(t)
	a := f.join()
	eventually(t, "the first leads", func() bool { return a.says(t, leading) == 1 })
	b := f.join()
	f.polledAgain()
	frozen := time.Now()
	if err := a.cmd.Process.Signal(syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the second leads", func() bool { return b.says(t, leading) == 1 })
	t.Logf("taken over %v after the freeze", time.Since(frozen))
	if err := a.cmd.Process.Signal(syscall.SIGCONT); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the first steps down", func() bool { return a.says(t, stepped) == 1 })
	f.polledAgain()
	f.wantRecords(f.agree(a, b), true)
	f.upstream.wantFloor(t)
}
