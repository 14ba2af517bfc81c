package replay

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/go-kit/log"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/downstatus/downstatus_exporter/collector"
	"github.com/downstatus/downstatus_exporter/internal/api"
	"github.com/downstatus/downstatus_exporter/internal/board"
	"github.com/downstatus/downstatus_exporter/internal/config"
	"github.com/downstatus/downstatus_exporter/internal/history"
	"github.com/downstatus/downstatus_exporter/internal/status"
	"github.com/downstatus/downstatus_exporter/sources"
	_ "github.com/downstatus/downstatus_exporter/sources/all"
	"github.com/downstatus/downstatus_exporter/sources/fetch"
)

// program is the exporter without its clock: configuration, source, board and
// store, and what it shows.
type program struct {
	t      *testing.T
	plan   *config.Plan
	client *fetch.Client
	store  *history.Store
	board  *board.Board
	source sources.Source
	now    time.Time

	metrics, api http.Handler
	before       map[string]float64 // counters at the last look
}

const everything = 100 * 365 * 24 * time.Hour

// start runs the program against one page, with an empty store.
func start(t *testing.T, engine, url string, now time.Time) *program {
	t.Helper()
	return begin(t, now, fmt.Sprintf(`
feeds: []
services: [{slug: vendor, name: Vendor, category: cloud, official: {engine: %s, url: %q}}]
`, engine, url))
}

// begin runs the program on a configuration of one service, the vendor.
func begin(t *testing.T, now time.Time, configuration string) *program {
	t.Helper()
	p := &program{t: t, now: cut(now), before: map[string]float64{}}
	cfg, err := config.Parse("config.yml", fmt.Appendf(nil, "history: {retention: %dh}\n%s", everything/time.Hour, configuration))
	if err != nil {
		t.Fatal(err)
	}
	if p.plan, err = cfg.Plan(); err != nil {
		t.Fatal(err)
	}
	guard := fetch.NewGuard()
	guard.Allow("127.0.0.1")
	p.client, err = fetch.NewClient(fetch.Settings{Guard: guard, Budgets: fetch.NewBudgets()})
	if err != nil {
		t.Fatal(err)
	}
	p.store, err = history.Open(t.Context(), history.Options{Retention: everything, Now: func() time.Time { return p.now }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		p.client.Close()
		if err := p.store.Close(); err != nil {
			t.Error(err)
		}
	})
	p.restart()
	return p
}

// restart is a run that knows what the store knows.
func (p *program) restart() {
	p.t.Helper()
	p.board = board.New(p.stored(), board.Options{Store: p.store, Log: log.NewNopLogger(), Saved: func(err error) {
		if err != nil {
			p.t.Errorf("save: %v", err)
		}
	}})
	p.board.Configure(p.plan, p.now)
	at := slices.IndexFunc(p.plan.Sources, func(s config.Source) bool { return !s.Engine.Feed })
	p.source = p.plan.Sources[at].Engine.Open(p.plan.Sources[at].Target, p.client)
	clock := func() time.Time { return p.now }
	p.metrics = collector.NewHandler(&p.board.Reader, prometheus.NewRegistry(), collector.Options{Now: clock})
	p.api = api.New(&p.board.Reader, api.Options{PageURL: func(slug string) string { return "http://localhost/status/" + slug }, Now: clock})
}

func (p *program) stored() history.State {
	p.t.Helper()
	state, err := p.store.Load(context.Background())
	if err != nil {
		p.t.Fatal(err)
	}
	return state
}

// poll asks the page at a moment.
func (p *program) poll(now time.Time) {
	p.now = cut(now)
	p.board.Tick(p.now)
	r, err := p.source.Poll(p.t.Context(), p.now)
	p.board.Apply(board.Result{Key: p.plan.Sources[0].Key, At: p.now, Reading: r, Err: err})
}

func (p *program) service() *board.Service {
	p.t.Helper()
	s := p.board.Snapshot().Service("vendor")
	if s == nil {
		p.t.Fatal("the service is not shown")
	}
	return s
}

// opened is how many outages were counted.
func (p *program) opened() int {
	n := uint64(0)
	for _, c := range p.service().OutageCount {
		n += c
	}
	return int(n)
}

// records are the stored outages, oldest first, checked for what must hold of
// any.
func (p *program) records() []status.Outage {
	p.t.Helper()
	all := p.stored().Outages
	live := 0
	for i, o := range all {
		if !o.Open() && o.ResolvedAt.Before(o.StartedAt) {
			p.t.Errorf("a negative outage: %+v", o)
		}
		if i > 0 && (all[i-1].Open() || all[i-1].ResolvedAt.After(o.StartedAt)) {
			p.t.Errorf("outages overlap:\n%+v\n%+v", all[i-1], o)
		}
		if !o.Imported {
			live++
		}
	}
	if live != p.opened() {
		p.t.Errorf("%d outages counted, %d recorded", p.opened(), live)
	}
	return all
}

// look reads everything that the program shows: no duration is negative, and
// no counter goes back.
func (p *program) look() {
	p.t.Helper()
	for series, v := range p.scrape() {
		name, _, _ := strings.Cut(series, "{")
		counter := strings.HasSuffix(name, "_total")
		if (counter || strings.HasSuffix(name, "_duration_seconds")) && (v < 0 || math.IsNaN(v)) {
			p.t.Errorf("at %s: %s is %v", p.now, series, v)
		}
		stored := !strings.HasPrefix(name, "downstatus_source_") // those of a source begin with each run
		if counter && stored && v < p.before[series] {
			p.t.Errorf("at %s: %s is %v, was %v", p.now, series, v, p.before[series])
		}
		p.before[series] = v
	}
	for _, which := range [...]string{"ongoing", "resolved"} {
		for _, o := range p.outages(which) {
			if o.Minutes != nil && *o.Minutes < 0 || o.ResolvedAt != nil && o.ResolvedAt.Before(o.StartedAt) {
				p.t.Errorf("at %s: the API shows %+v", p.now, o)
			}
		}
	}
}

// scrape reads the metrics page.
func (p *program) scrape() map[string]float64 {
	p.t.Helper()
	w := httptest.NewRecorder()
	p.metrics.ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
	out := map[string]float64{}
	for line := range strings.Lines(w.Body.String()) {
		at := strings.LastIndexByte(line, ' ')
		if strings.HasPrefix(line, "#") || at < 0 {
			continue
		}
		v, err := strconv.ParseFloat(strings.TrimSpace(line[at:]), 64)
		if err != nil {
			p.t.Fatalf("%q: %v", line, err)
		}
		out[line[:at]] = v
	}
	if len(out) == 0 {
		p.t.Fatalf("nothing on the metrics page: %d %s", w.Code, w.Body)
	}
	return out
}

type shown struct {
	StartedAt  time.Time  `json:"started_at"`
	ResolvedAt *time.Time `json:"resolved_at"`
	Minutes    *int       `json:"duration_minutes"`
}

func (p *program) outages(which string) []shown {
	p.t.Helper()
	w := httptest.NewRecorder()
	p.api.ServeHTTP(w, httptest.NewRequest("GET", "/api/v1/outages?limit=100&status="+which, nil))
	var doc struct{ Data []shown }
	if err := json.Unmarshal(w.Body.Bytes(), &doc); err != nil || w.Code != http.StatusOK {
		p.t.Fatalf("%d %s (%v)", w.Code, w.Body, err)
	}
	return doc.Data
}
