//go:build e2e && linux

package e2e

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"
)

const incidentURL = "https://status.acme.example/incidents/1"

// vendor is a status page that is calm until it is told otherwise.
type vendor struct {
	*httptest.Server

	mu   sync.Mutex
	down time.Time // when the outage began; zero while there is none
}

func newVendor(t *testing.T) *vendor {
	v := &vendor{}
	v.Server = httptest.NewServer(v)
	t.Cleanup(v.Close)
	return v
}

func (v *vendor) fail(down bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.down = time.Time{}
	if down {
		v.down = time.Now()
	}
}

// ServeHTTP answers as Statuspage does.
func (v *vendor) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	v.mu.Lock()
	defer v.mu.Unlock()
	type object = map[string]any
	page := object{"id": "acmeacmeacme", "name": "Acme", "url": v.URL}
	indicator, incidents := "none", []any{}
	if !v.down.IsZero() {
		indicator = "critical"
		incidents = append(incidents, object{
			"id": "i1", "name": "Payments fail", "status": "investigating", "impact": "critical", "shortlink": incidentURL,
			"created_at": v.down.UTC().Format(time.RFC3339), "started_at": v.down.UTC().Format(time.RFC3339),
		})
	}
	w.Header().Set("Content-Type", "application/json")
	if strings.HasSuffix(r.URL.Path, "/incidents.json") {
		_ = json.NewEncoder(w).Encode(object{"page": page, "incidents": incidents})
		return
	}
	_ = json.NewEncoder(w).Encode(object{
		"page": page, "status": object{"indicator": indicator}, "components": []any{}, "incidents": incidents, "scheduled_maintenances": []any{},
	})
}

// alert is one of a notification, or of Alertmanager's list.
type alert struct {
	Status      json.RawMessage   `json:"status"` // firing or resolved; an object in the list
	Labels      map[string]string `json:"labels"`
	Annotations map[string]string `json:"annotations"`
	StartsAt    time.Time         `json:"startsAt"`
}

func (a alert) state() string { return strings.Trim(string(a.Status), `"`) }

// sink takes all notifications: webhooks by their path, and Slack's.
type sink struct {
	*httptest.Server

	mu    sync.Mutex
	got   map[string][]alert // by path
	slack []string           // bodies
}

func newSink(t *testing.T) *sink {
	s := &sink{got: map[string][]alert{}}
	s.Server = httptest.NewServer(s)
	t.Cleanup(s.Close)
	return s
}

// ServeHTTP implements http.Handler.
func (s *sink) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	body, err := io.ReadAll(r.Body)
	if r.URL.Path == "/slack" {
		s.slack = append(s.slack, string(body))
		return
	}
	var n struct{ Alerts []alert }
	if err == nil {
		err = json.Unmarshal(body, &n)
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	s.got[r.URL.Path] = append(s.got[r.URL.Path], n.Alerts...)
}

// count is how often an alert was notified in a state.
func (s *sink) count(path, name, state string) (n int, last alert) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, a := range s.got[path] {
		if a.Labels["alertname"] == name && a.state() == state {
			n++
			last = a
		}
	}
	return n, last
}

// notified is nil once an alert has been notified in a state.
func (s *sink) notified(path, name, state string) error {
	if n, _ := s.count(path, name, state); n > 0 {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return fmt.Errorf("no %s %s at %s, which has %d alerts", state, name, path, len(s.got[path]))
}

func (s *sink) slackSays(words ...string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, body := range s.slack {
		missing := false
		for _, w := range words {
			missing = missing || !strings.Contains(body, w)
		}
		if !missing {
			return nil
		}
	}
	return fmt.Errorf("no message with %q among %q", words, s.slack)
}

// get reads a JSON document of an Alertmanager.
func get(address, path string, into any) error {
	client := http.Client{Timeout: time.Second}
	resp, err := client.Get("http://" + address + path)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	return json.NewDecoder(resp.Body).Decode(into)
}

// listed are the alerts of a name that an Alertmanager has.
func listed(address, name string) ([]alert, error) {
	var all, out []alert
	if err := get(address, "/api/v2/alerts", &all); err != nil {
		return nil, err
	}
	for _, a := range all {
		if a.Labels["alertname"] == name {
			out = append(out, a)
		}
	}
	return out, nil
}

// settled is nil for one of two Alertmanagers that know each other.
func settled(address string) error {
	var answer struct {
		Cluster struct {
			Status string
			Peers  []any
		}
	}
	err := get(address, "/api/v2/status", &answer)
	if c := answer.Cluster; err == nil && (c.Status != "ready" || len(c.Peers) != 2) {
		err = fmt.Errorf("%s, with %d peers", c.Status, len(c.Peers))
	}
	return err
}

// metrics are the lines of the exporter that begin so.
func metrics(address, prefix string) (string, error) {
	client := http.Client{Timeout: time.Second}
	resp, err := client.Get("http://" + address + "/metrics")
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	var out []string
	for line := range strings.Lines(string(body)) {
		if strings.HasPrefix(line, prefix) {
			out = append(out, strings.TrimSpace(line))
		}
	}
	return strings.Join(out, "\n"), err
}
