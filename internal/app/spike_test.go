package app

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
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
	"github.com/downstatus/downstatus_exporter/sources"
	"github.com/downstatus/downstatus_exporter/sources/fetch"
)

// spike is a feed in simulated time, read by the real source, and what the
// board makes of it on the paths that people read.
type spike struct {
	t       *testing.T
	now     time.Time
	raw     []int // reports of each minute, newest last
	source  sources.Source
	key     string
	board   *board.Board
	metrics http.Handler
	api     http.Handler
}

const spikeStatus = "operational" // the feed itself never notices

func newSpike(t *testing.T) *spike {
	s := &spike{t: t, now: time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC), raw: make([]int, 24*60)}
	for i := range s.raw {
		if i%30 == 0 { // two an hour
			s.raw[i] = 1
		}
	}
	server := httptest.NewServer(http.HandlerFunc(s.serve))
	t.Cleanup(server.Close)
	cfg, err := config.Parse("test", fmt.Appendf(nil, `
feeds: [{name: main, type: downstatus, url: %q, services: configured}]
services: [{slug: acme, name: Acme, category: cloud}]
`, server.URL))
	if err != nil {
		t.Fatal(err)
	}
	plan, err := cfg.Plan()
	if err != nil {
		t.Fatal(err)
	}
	store, err := history.Open(t.Context(), history.Options{Now: func() time.Time { return s.now }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	guard := fetch.NewGuard()
	guard.Allow("127.0.0.1")
	client, err := fetch.NewClient(fetch.Settings{Timeout: 5 * time.Second, Guard: guard})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	s.key, s.source = plan.Sources[0].Key, plan.Sources[0].Engine.Open(plan.Sources[0].Target, client)
	s.board = board.New(history.State{}, board.Options{Store: store, Log: log.NewNopLogger(), Saved: func(err error) {
		if err != nil {
			t.Error(err)
		}
	}})
	s.board.Configure(plan, s.now)
	clock := func() time.Time { return s.now }
	s.metrics = collector.NewHandler(&s.board.Reader, prometheus.NewRegistry(), collector.Options{Now: clock})
	s.api = api.New(&s.board.Reader, api.Options{Now: clock, PageURL: func(slug string) string { return "http://localhost/status/" + slug }})
	return s
}

func (s *spike) serve(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	rows := ""
	if strings.HasSuffix(r.URL.Path, "/services") {
		rows = fmt.Sprintf(`{"slug":"acme","name":"Acme","category":"cloud","status":%q,"official_indicator":null,"report_count_1h":%d,"report_count_24h":%d}`,
			spikeStatus, s.reports(60), s.reports(24*60))
	}
	fmt.Fprintf(w, `{"ok":true,"data":[%s],"meta":{"total":1,"updated_at":%q}}`, rows, s.now.Format("2006-01-02T15:04:05.000Z"))
}

func (s *spike) reports(minutes int) (sum int) {
	for _, n := range s.raw[len(s.raw)-minutes:] {
		sum += n
	}
	return sum
}

// pass lets minutes go by, each with some reports and a poll.
func (s *spike) pass(perMinute ...int) {
	s.t.Helper()
	for _, n := range perMinute {
		s.now = s.now.Add(time.Minute)
		s.raw = append(s.raw, n)
		r, err := s.source.Poll(context.Background(), s.now)
		if err != nil {
			s.t.Fatal(err)
		}
		s.board.Apply(board.Result{Key: s.key, At: s.now, Reading: r})
	}
}

func (s *spike) get(h http.Handler, path string) string {
	s.t.Helper()
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
	if w.Code != http.StatusOK {
		s.t.Fatalf("%s: %d %s", path, w.Code, w.Body)
	}
	return w.Body.String()
}

// wantMetrics checks lines of /metrics; one that ends in - must be absent.
func (s *spike) wantMetrics(lines ...string) {
	s.t.Helper()
	text := s.get(s.metrics, "/metrics")
	for _, line := range lines {
		name, absent := strings.CutSuffix(line, " -")
		if strings.Contains(text, "\n"+name) == absent {
			s.t.Errorf("%s: %q is not as wanted", s.now.Format(time.TimeOnly), line)
		}
	}
}

// record is what the API says of the newest outage.
type record struct {
	StartedAt  time.Time  `json:"started_at"`
	ResolvedAt *time.Time `json:"resolved_at"`
	Minutes    *int       `json:"duration_minutes"`
	Status     string     `json:"status"`
	Peak       int        `json:"peak_reports"`
	Source     string     `json:"source"`
	Detected   time.Time  `json:"detected_at"`
}

func (s *spike) records() []record {
	s.t.Helper()
	var answer struct {
		Data []record `json:"data"`
	}
	if err := json.Unmarshal([]byte(s.get(s.api, "/api/v1/outages?slug=acme")), &answer); err != nil {
		s.t.Fatal(err)
	}
	return answer.Data
}

// TestSpike: users complain for an hour while the feed itself calls it
// operational; its counts tell when that began, how bad it was and when it
// ended.
func TestSpike(t *testing.T) {
	s := newSpike(t)
	for range 60 {
		s.pass(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
	}
	s.wantMetrics(`downstatus_service_status{slug="acme",status="operational"} 1`, `downstatus_outage_start_timestamp_seconds{ -`)
	began := s.now
	for range 60 {
		s.pass(4)
	}
	s.wantMetrics(
		`downstatus_service_status{slug="acme",status="down"} 1`, `downstatus_service_reports_severity{slug="acme"} 2`,
		`downstatus_outage_peak_reports{signal="user_reports",slug="acme"} 240`,
		`downstatus_outages_total{signal="user_reports",slug="acme"} 1`, `downstatus_signal_disagreements_total{slug="acme"} 1`,
	)
	all := s.records()
	if len(all) != 1 || all[0].ResolvedAt != nil || all[0].Source != "user_reports" || all[0].Peak != 240 {
		t.Fatalf("ongoing: %+v", all)
	}
	if late := all[0].StartedAt.Sub(began); late < -2*time.Minute || late > 2*time.Minute {
		t.Errorf("started at %s, in truth at %s", all[0].StartedAt, began)
	}
	if late := all[0].Detected.Sub(began); late < 0 || late > 5*time.Minute {
		t.Errorf("detected at %s, began at %s", all[0].Detected, began)
	}
	ended := s.now
	for range 90 {
		s.pass(0)
	}
	s.wantMetrics(`downstatus_service_status{slug="acme",status="operational"} 1`, `downstatus_outage_start_timestamp_seconds{ -`)
	all = s.records()
	if len(all) != 1 || all[0].ResolvedAt == nil || all[0].Minutes == nil || all[0].Status != "resolved" {
		t.Fatalf("resolved: %+v", all)
	}
	if late := all[0].ResolvedAt.Sub(ended); late < -2*time.Minute || late > 5*time.Minute {
		t.Errorf("resolved at %s, in truth at %s", all[0].ResolvedAt, ended)
	}
}
