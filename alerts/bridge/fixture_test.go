package bridge

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-kit/log"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/prometheus/common/expfmt"
	"go.uber.org/goleak"

	"github.com/downstatus/downstatus_exporter/internal/board"
	"github.com/downstatus/downstatus_exporter/internal/config"
	"github.com/downstatus/downstatus_exporter/internal/history"
	"github.com/downstatus/downstatus_exporter/internal/status"
	"github.com/downstatus/downstatus_exporter/sources"
	_ "github.com/downstatus/downstatus_exporter/sources/statuspage"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// manager is every Alertmanager of a test, behind the client's transport. How
// each answers is up to the test; without a word it takes everything.
type manager struct {
	mu      sync.Mutex
	posts   []post
	answers map[string]func(context.Context, []payload) (int, error) // by peer
}

type post struct {
	peer string
	at   time.Time
	all  []payload
	took bool
}

func (m *manager) answer(peer string, how func(context.Context, []payload) (int, error)) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.answers[peer] = how
}

// RoundTrip implements http.RoundTripper.
func (m *manager) RoundTrip(r *http.Request) (*http.Response, error) {
	p := post{peer: r.URL.Host, at: time.Now()}
	if err := json.NewDecoder(r.Body).Decode(&p.all); err != nil {
		return nil, err
	}
	m.mu.Lock()
	how := m.answers[p.peer]
	m.mu.Unlock()
	code, err := 200, error(nil)
	if how != nil {
		code, err = how(r.Context(), p.all)
	}
	p.took = err == nil && code == 200
	m.mu.Lock()
	m.posts = append(m.posts, p)
	m.mu.Unlock()
	if err != nil {
		return nil, err
	}
	return &http.Response{StatusCode: code, Status: fmt.Sprint(code), Body: io.NopCloser(strings.NewReader("")), Request: r}, nil
}

// taken are the alerts that a peer has taken since the last call, as one line
// each.
func (m *manager) taken(peer string) []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	var lines []string
	var rest []post
	for _, p := range m.posts {
		if p.peer != peer {
			rest = append(rest, p)
			continue
		}
		for _, a := range p.all {
			state := "firing"
			if !a.EndsAt.After(p.at) {
				state = "resolved"
			}
			if p.took {
				lines = append(lines, state+" "+a.Labels["alertname"]+" "+a.Labels["slug"])
			}
		}
	}
	m.posts = rest
	return lines
}

// sizes are those of the requests that taken would look at.
func (m *manager) sizes(peer string) (out []int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, p := range m.posts {
		if p.peer == peer {
			out = append(out, len(p.all))
		}
	}
	return out
}

// last is the newest post of any peer.
func (m *manager) last() post {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.posts[len(m.posts)-1]
}

// world is a bridge with all that is around it. It has to be made inside a
// bubble of synctest, which keeps its time.
type world struct {
	t        *testing.T
	dir      string
	plan     *config.Plan
	cfg      *config.Config
	store    *history.Store
	board    *board.Board
	bridge   *Bridge
	manager  *manager
	registry *prometheus.Registry
	log      strings.Builder
	leads    atomic.Bool
	age      time.Duration // of the incident that pages tell of
	stop     func()
}

const services = `
feeds: []
services:
  - {slug: acme, name: Acme, category: cloud, labels: {team: web, tier: ""}, official: {engine: statuspage, url: "https://status.acme.test"}}
  - {slug: bank, name: Bank, category: finance, official: {engine: statuspage, url: "https://status.bank.test"}}
alertmanager: {static_configs: [{targets: ["a:9093", "b:9093"]}]`

// newWorld runs a bridge with more keys of its section.
func newWorld(t *testing.T, more string) *world {
	w := &world{t: t, dir: t.TempDir(), age: 7 * time.Minute, manager: &manager{answers: map[string]func(context.Context, []payload) (int, error){}}}
	w.configure(services + more + "}\n")
	w.start()
	return w
}

func (w *world) configure(text string) {
	w.t.Helper()
	cfg, err := config.Parse("test", []byte(text))
	if err != nil {
		w.t.Fatal(err)
	}
	plan, err := cfg.Plan()
	if err != nil {
		w.t.Fatal(err)
	}
	w.cfg, w.plan = cfg, plan
}

// start begins a run with what the store holds.
func (w *world) start() {
	w.t.Helper()
	store, err := history.Open(w.t.Context(), history.Options{Dir: w.dir, Now: time.Now})
	if err != nil {
		w.t.Fatal(err)
	}
	state, err := store.Load(w.t.Context())
	if err != nil {
		w.t.Fatal(err)
	}
	saved := func(err error) {
		if err != nil {
			w.t.Error(err)
		}
	}
	l := log.NewLogfmtLogger(log.NewSyncWriter(&w.log))
	w.store, w.registry = store, prometheus.NewRegistry()
	w.board = board.New(state, board.Options{Store: store, Log: log.NewNopLogger(), Saved: saved})
	w.board.Configure(w.plan, time.Now())
	w.bridge = New(Options{Board: &w.board.Reader, Store: store, Log: l, Registry: w.registry, Saved: saved, Leads: w.leads.Load})
	w.leads.Store(true)
	w.bridge.dial = func(cfg *config.Alertmanager) (*client, error) {
		c, err := newClient(cfg)
		c.http.Transport = w.manager
		return c, err
	}
	w.reconfigure()
	ctx, cancel := context.WithCancel(w.t.Context())
	ended := make(chan error)
	go func() {
		ended <- w.bridge.Run(ctx, func(slug string) string { return "http://localhost/status/" + slug })
	}()
	w.stop = func() {
		cancel()
		if err := <-ended; err != nil {
			w.t.Error(err)
		}
		if err := store.Close(); err != nil {
			w.t.Error(err)
		}
	}
}

// reconfigure puts the section into force.
func (w *world) reconfigure() {
	w.t.Helper()
	if err := w.bridge.Configure(w.cfg.Alertmanager); err != nil {
		w.t.Fatal(err)
	}
}

// say polls the page of a service.
func (w *world) say(slug string, rank status.Indicator) {
	page := &status.Page{Word: status.Word{Published: true, Rank: rank}}
	if rank > status.None {
		page.Incidents = []status.Incident{{
			ID: "i1", Title: "Broken", URL: "https://status.acme.test/i1", Impact: rank, Started: time.Now().Add(-w.age),
		}}
	}
	w.read(slug, sources.Reading{Page: page}, nil)
}

func (w *world) read(slug string, r sources.Reading, err error) {
	for _, s := range w.plan.Services {
		if s.Slug == slug {
			w.board.Apply(board.Result{Key: s.Official, At: time.Now(), Reading: r, Err: err})
		}
	}
}

// pass lets time go by, in ticks of the board.
func (w *world) pass(d time.Duration) {
	tick := time.Second
	if d > 5*time.Minute {
		tick = 10 * time.Second
	}
	for end := time.Now().Add(d); time.Now().Before(end); {
		time.Sleep(min(tick, time.Until(end)))
		w.board.Tick(time.Now())
		synctest.Wait()
	}
}

// want checks what a peer has taken since the last check, in any order.
func (w *world) want(peer string, lines ...string) {
	w.t.Helper()
	w.compare(peer, w.manager.taken(peer), lines)
}

// wantDistinct is want for what may have been sent again meanwhile.
func (w *world) wantDistinct(peer string, lines ...string) {
	w.t.Helper()
	taken := w.manager.taken(peer)
	slices.Sort(taken)
	w.compare(peer, slices.Compact(taken), lines)
}

func (w *world) compare(peer string, taken, lines []string) {
	w.t.Helper()
	slices.Sort(taken)
	slices.Sort(lines)
	if got, want := strings.Join(taken, "\n"), strings.Join(lines, "\n"); got != want {
		w.t.Errorf("at %s %s took\n%s\nwant\n%s", time.Now().Format(time.TimeOnly), peer, got, want)
	}
}

func (w *world) wantMetric(line string) {
	w.t.Helper()
	name, _, _ := strings.Cut(line, "{")
	text, err := testutil.CollectAndFormat(w.registry, expfmt.TypeTextPlain, name)
	if err != nil {
		w.t.Fatal(err)
	}
	if !strings.Contains(string(text), line+"\n") {
		w.t.Errorf("no %s in\n%s", line, text)
	}
}
