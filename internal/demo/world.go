// Package demo is a simulated world on loopback: a user-report feed and
// official pages of several engines, served over real HTTP, that tell the
// story of a few outages within two minutes, and an Alertmanager for the bridge.
package demo

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/go-kit/log"
	"github.com/go-kit/log/level"
)

// World is the running simulation.
type World struct {
	server *http.Server
	base   string
	// budgeted is a second address of the same world: an operator's budget of
	// requests holds for a host, and must not slow down the other pages.
	budgeted string
}

// story is the world as a function of time.
type story struct{ started time.Time }

// Start begins the story and serves it on two free loopback ports. What arrives
// at its Alertmanager is logged.
func Start(l log.Logger) (*World, error) {
	var ports [2]net.Listener
	for i := range ports {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return nil, err
		}
		ports[i] = l
	}
	w := &World{base: "http://" + ports[0].Addr().String(), budgeted: "http://" + ports[1].Addr().String()}
	mux := http.NewServeMux()
	mux.Handle("/", story{started: time.Now()}.handler(time.Now))
	mux.Handle(inboxPath+"/", newInbox(time.Now, l).handler())
	w.server = &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second}
	level.Info(l).Log("msg", "demo: the bridge posts to a simulated Alertmanager", "alerts", w.base+inboxPath+"/api/v2/alerts")
	for _, l := range ports {
		go func() { _ = w.server.Serve(l) }() // ends with Close
	}
	return w, nil
}

// Close stops the simulation.
func (w *World) Close() error { return w.server.Close() }

// Config is the configuration that makes an exporter watch this world.
func (w *World) Config() []byte {
	var b strings.Builder
	fmt.Fprintf(&b, "global: {poll_interval: 10s, poll_timeout: 3s}\nfeeds: [{name: downstatus, type: downstatus, url: %s/feed, services: all}]\nservices:\n", w.base)
	for _, v := range cast {
		fmt.Fprintf(&b, "  - {slug: %s, name: %s (simulated), category: %s, official: %s", v.slug, v.name, v.category, w.official(v))
		if team := teams[v.category]; team != "" {
			fmt.Fprintf(&b, ", labels: {team: %s}", team)
		}
		b.WriteString("}\n")
	}
	fmt.Fprintf(&b, "alertmanager: {static_configs: [{targets: [%q]}], path_prefix: %s}\n", strings.TrimPrefix(w.base, "http://"), inboxPath)
	return []byte(b.String())
}

func (w *World) official(v service) string {
	switch v.engine {
	case "":
		return "{engine: none}"
	case "statusio":
		return fmt.Sprintf("{engine: statusio, url: %s/%s/1.0/status/%s}", w.base, v.slug, pageID(v))
	case "zendesk":
		return fmt.Sprintf("{engine: zendesk, url: %s/%s}", w.budgeted, v.slug)
	default:
		return fmt.Sprintf("{engine: %s, url: %s/%s}", v.engine, w.base, v.slug)
	}
}

// pageID is a made-up status.io page id.
func pageID(v service) string { return fmt.Sprintf("%024x", len(v.slug)*7919+v.busy) }

// moment is the world at one time: how much of the current telling has passed.
type moment struct {
	now     time.Time
	first   time.Time // when the story began
	began   time.Time // of this telling
	elapsed time.Duration
	round   int
}

func (s story) at(now time.Time) moment {
	since := now.Sub(s.started)
	round := int(since / period)
	began := s.started.Add(time.Duration(round) * period)
	return moment{now: now, first: s.started, began: began, elapsed: now.Sub(began), round: round}
}

// time is the moment at which an offset of this telling lies.
func (m moment) time(offset time.Duration) string { return stamp(m.began.Add(offset)) }

func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

func (s story) handler(now func() time.Time) http.Handler {
	mux := http.NewServeMux()
	feed := func(answer func(moment, *http.Request) any) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) { send(w, answer(s.at(now()), r)) }
	}
	mux.HandleFunc("/feed/api/v1/services", feed(services))
	mux.HandleFunc("/feed/api/v1/outages", feed(outages))
	page := func(answer func(moment, service) any) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			v, ok := find(r.PathValue("slug"))
			switch {
			case !ok:
				http.NotFound(w, r)
			case v.broken:
				http.Error(w, "<html><body>Bad gateway</body></html>", http.StatusBadGateway)
			default:
				send(w, answer(s.at(now()), v))
			}
		}
	}
	mux.HandleFunc("/{slug}/api/v2/summary.json", page(summary))
	mux.HandleFunc("/{slug}/api/v2/incidents.json", page(incidents))
	mux.HandleFunc("/{slug}/1.0/status/{id}", page(statusio))
	mux.HandleFunc("/{slug}/api/incidents/active", page(zendeskActive))
	mux.HandleFunc("/{slug}/api/incidents/maintenance", page(zendeskMaintenance))
	mux.HandleFunc("/{slug}/api/incidents/{id}", page(zendeskIncident))
	return mux
}

func send(w http.ResponseWriter, body any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	_ = json.NewEncoder(w).Encode(body) // a client that has gone needs no answer
}
