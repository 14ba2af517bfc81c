package demo

import (
	"encoding/json"
	"fmt"
	"hash/fnv"
	"maps"
	"mime"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/go-kit/log"
	"github.com/go-kit/log/level"
)

// inboxPath is where the simulated Alertmanager is.
const inboxPath = "/alertmanager"

// inbox is an Alertmanager of which there is only the v2 alerts API: it lists
// what arrived, and notifies nobody.
type inbox struct {
	now func() time.Time
	log log.Logger

	mu     sync.Mutex
	alerts map[string]posted // by labels
}

// posted is an alert as a client posts it.
type posted struct {
	Labels       map[string]string `json:"labels"`
	Annotations  map[string]string `json:"annotations"`
	StartsAt     time.Time         `json:"startsAt"`
	EndsAt       time.Time         `json:"endsAt"`
	GeneratorURL string            `json:"generatorURL"`

	updated time.Time
}

func newInbox(now func() time.Time, l log.Logger) *inbox {
	return &inbox{now: now, log: l, alerts: map[string]posted{}}
}

func (b *inbox) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST "+inboxPath+"/api/v2/alerts", b.take)
	mux.HandleFunc("GET "+inboxPath+"/api/v2/alerts", b.list)
	return mux
}

// take accepts a list of alerts, or refuses it as Alertmanager does.
func (b *inbox) take(w http.ResponseWriter, r *http.Request) {
	if media, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); media != "application/json" {
		http.Error(w, `unsupported media type: want application/json`, http.StatusUnsupportedMediaType)
		return
	}
	var all []posted
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 8<<20)).Decode(&all); err != nil {
		http.Error(w, "not a list of alerts: "+err.Error(), http.StatusBadRequest)
		return
	}
	var fault error
	for _, p := range all { // the good ones of a batch count
		if err := p.check(); err != nil {
			fault = err
			continue
		}
		b.keep(p)
	}
	if fault == nil {
		return
	}
	http.Error(w, fault.Error(), http.StatusBadRequest)
}

func (p posted) check() error {
	switch {
	case len(p.Labels) == 0:
		return fmt.Errorf("an alert has no labels")
	case !p.EndsAt.IsZero() && p.EndsAt.Before(p.StartsAt):
		return fmt.Errorf("start time must be before end time")
	}
	return nil
}

// keep takes an alert in, and logs what is new about it.
func (b *inbox) keep(p posted) {
	b.mu.Lock()
	defer b.mu.Unlock()
	id, now := fmt.Sprint(p.Labels), b.now() // fmt sorts the names
	before, known := b.alerts[id]
	p.updated = now
	b.alerts[id] = p
	state := "firing"
	if !p.EndsAt.After(now) {
		state = "resolved"
	}
	if fires := known && before.EndsAt.After(now); fires != (state == "firing") {
		level.Info(b.log).Log("msg", "demo Alertmanager: alert arrived", "state", state, "alertname", p.Labels["alertname"],
			"slug", p.Labels["slug"], "description", p.Annotations["description"])
	}
}

// list answers as Alertmanager does: with the alerts that fire.
func (b *inbox) list(w http.ResponseWriter, _ *http.Request) {
	b.mu.Lock()
	defer b.mu.Unlock()
	out := []object{}
	for _, id := range slices.Sorted(maps.Keys(b.alerts)) {
		p := b.alerts[id]
		if !p.EndsAt.After(b.now()) {
			continue
		}
		h := fnv.New64a()
		_, _ = h.Write([]byte(id)) // never fails
		out = append(out, object{
			"labels": p.Labels, "annotations": p.Annotations, "startsAt": p.StartsAt, "endsAt": p.EndsAt, "updatedAt": p.updated,
			"generatorURL": p.GeneratorURL, "fingerprint": fmt.Sprintf("%016x", h.Sum64()), "receivers": []object{{"name": "demo"}},
			"status": object{"state": "active", "inhibitedBy": []string{}, "silencedBy": []string{}, "mutedBy": []string{}},
		})
	}
	send(w, out)
}
