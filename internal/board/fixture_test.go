package board

import (
	"bytes"
	"context"
	"errors"
	"maps"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-kit/log"

	"github.com/downstatus/downstatus_exporter/internal/config"
	"github.com/downstatus/downstatus_exporter/internal/detect"
	"github.com/downstatus/downstatus_exporter/internal/history"
	"github.com/downstatus/downstatus_exporter/internal/status"
	"github.com/downstatus/downstatus_exporter/sources"
	"github.com/downstatus/downstatus_exporter/sources/fetch"
)

const (
	staleAfter  = 15 * time.Minute
	holdOpenFor = 24 * time.Hour
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// minute is so many minutes after noon.
func minute(n int) time.Time { return noon.Add(time.Duration(n) * time.Minute) }

// memory is a store that keeps rows as the real one does, and can fail.
type memory struct {
	services map[string]history.ServiceState
	readings map[string]history.Reading
	outages  map[string]status.Outage
	sources  map[string]history.SourceState
	learned  map[string]history.DetectorState
	moments  map[moment]status.Transition
	saves    int
	err      error
	saving   func(history.Changes) // called first
}

func newMemory() *memory {
	return &memory{
		services: map[string]history.ServiceState{}, readings: map[string]history.Reading{},
		outages: map[string]status.Outage{}, sources: map[string]history.SourceState{},
		learned: map[string]history.DetectorState{}, moments: map[moment]status.Transition{}, saving: func(history.Changes) {},
	}
}

func (m *memory) Save(_ context.Context, c history.Changes) error {
	m.saving(c)
	if m.err != nil {
		return m.err
	}
	m.saves++
	for _, s := range c.Services {
		m.services[s.Slug] = s
	}
	for _, r := range c.Readings {
		if r.Body == nil {
			r.Body = m.readings[r.Source].Body
		}
		if r.Body != nil {
			m.readings[r.Source] = r
		}
	}
	for _, o := range c.Outages {
		o.Evidence = slices.Clone(o.Evidence)
		m.outages[o.ID] = o
	}
	for _, s := range c.Sources {
		s.Unknown = maps.Clone(s.Unknown)
		m.sources[s.Source] = s
	}
	for _, d := range c.Detectors {
		m.learned[d.Slug+"\n"+d.Source+"\n"+d.Row] = d
	}
	for _, t := range c.Transitions {
		m.moments[moment{t.Slug, t.Since.UnixMilli()}] = t
	}
	return nil
}

func (m *memory) state() history.State {
	return history.State{
		Services: maps.Clone(m.services), Readings: maps.Clone(m.readings),
		Outages: m.records(func(status.Outage) bool { return true }),
		Sources: maps.Clone(m.sources), Detectors: slices.Collect(maps.Values(m.learned)),
		Transitions: pending{moments: m.moments}.changes().Transitions,
	}
}

// records are the stored ones that a condition picks, oldest start first.
func (m *memory) records(pick func(status.Outage) bool) []status.Outage {
	var out []status.Outage
	for _, o := range m.outages {
		if pick(o) {
			out = append(out, o)
		}
	}
	slices.SortFunc(out, func(a, b status.Outage) int { return a.StartedAt.Compare(b.StartedAt) })
	return out
}

func (m *memory) of(slug string) []status.Outage {
	return m.records(func(o status.Outage) bool { return o.Slug == slug })
}

// world is a board with all that is around it.
type world struct {
	*Board
	t     testing.TB
	store *memory
	saved []error // outcomes the board told of
	log   bytes.Buffer
	now   time.Time
}

func newWorld(t testing.TB, plan *config.Plan) *world {
	w := &world{t: t, store: newMemory(), now: noon}
	w.restart(plan)
	return w
}

// restart begins a new run with what the store gives back. The run before it
// ends without a word, as after a crash.
func (w *world) restart(plan *config.Plan) {
	w.Board = New(w.store.state(), Options{
		Store: w.store, Log: log.NewLogfmtLogger(&w.log), Saved: func(err error) { w.saved = append(w.saved, err) },
	})
	w.Configure(plan, w.now)
}

// pass lets time pass in steps of at most a second over a minute, then of a
// minute.
func (w *world) pass(d time.Duration) {
	step := time.Second
	if d > 10*time.Minute {
		step = time.Minute
	}
	for end := w.now.Add(d); w.now.Before(end); {
		w.now = w.now.Add(min(step, end.Sub(w.now)))
		w.Tick(w.now)
	}
}

func (w *world) poll(key string, r sources.Reading) {
	w.Apply(Result{Key: key, At: w.now, Reading: r})
}

func (w *world) page(key string, p *status.Page, ended ...status.Incident) {
	w.poll(key, sources.Reading{Page: p, Ended: ended})
}

func (w *world) feed(key string, f *status.Feed) { w.poll(key, sources.Reading{Feed: f}) }

func (w *world) fail(key string) {
	w.Apply(Result{Key: key, At: w.now, Err: &fetch.Error{Reason: fetch.Timeout, Err: errors.New("no answer")}})
}

func (w *world) service(slug string) *Service {
	w.t.Helper()
	s := w.Snapshot().Service(slug)
	if s == nil {
		w.t.Fatalf("no service %s", slug)
	}
	return s
}

func (w *world) source(name string) *Source {
	w.t.Helper()
	for _, s := range w.Snapshot().Sources {
		if s.Name == name {
			return s
		}
	}
	w.t.Fatalf("no source %s", name)
	return nil
}

// want checks a service's status, and whether it is held.
func (w *world) want(slug string, want status.Status, stale bool) {
	w.t.Helper()
	if s := w.service(slug); s.Status != want || s.Stale != stale {
		w.t.Fatalf("%s at %s: %s, stale %v; want %s, %v", slug, w.now.Sub(noon), s.Status, s.Stale, want, stale)
	}
}

// lines are the log lines with a message.
func (w *world) lines(msg string) int { return strings.Count(w.log.String(), `msg="`+msg+`"`) }

// plan has services and the sources that they name.
func plan(services ...config.Service) *config.Plan {
	p := &config.Plan{
		Services: services, StaleAfter: staleAfter, HoldOpenFor: holdOpenFor, MaxComponents: 200, Retention: 90 * 24 * time.Hour,
		Detection: detect.Config{Threshold: 9, MinReports: 6, MinRatio: 2.5},
	}
	for _, s := range services {
		if s.Official != "" {
			withSource(p, s.Official)
		}
		for _, key := range slices.Sorted(maps.Keys(s.Feeds)) {
			withSource(p, key)
		}
	}
	return p
}

// withSource adds a source, polled every minute, whose key and name are one.
func withSource(p *config.Plan, name string) *config.Source {
	for i := range p.Sources {
		if p.Sources[i].Key == name {
			return &p.Sources[i]
		}
	}
	kind, host, _ := strings.Cut(name, "/")
	engine := map[string]string{"feed": "downstatus", "page": "statuspage"}[kind]
	at := &url.URL{Scheme: "https", Host: host}
	i, _ := slices.BinarySearchFunc(p.Sources, name, func(s config.Source, name string) int { return strings.Compare(s.Name, name) })
	p.Sources = slices.Insert(p.Sources, i, config.Source{
		Key: name, Name: name, Engine: sources.Engine{Name: engine, Feed: kind == "feed"},
		Target: sources.Target{Page: at, Document: at}, Interval: time.Minute,
	})
	return &p.Sources[i]
}

// showAll has every service of a feed shown.
func showAll(p *config.Plan, name string) *config.Plan {
	withSource(p, name).All = true
	return p
}

// acme is a service with a page of its own and a row in each of some feeds.
func acme(feeds ...string) config.Service {
	s := onlyFeeds("acme", feeds...)
	s.Name, s.Official, s.OfficialURL = "Acme", "page/acme", "https://status.acme.test"
	return s
}

func onlyFeeds(slug string, feeds ...string) config.Service {
	s := config.Service{Slug: slug, Name: slug, Category: "cloud", Labels: map[string]string{}, Feeds: map[string]string{}}
	for _, name := range feeds {
		s.Feeds[name] = slug
	}
	return s
}

func scoped(s config.Service, include ...string) config.Service {
	s.Scope.Include = include
	return s
}

// page says a word about the whole.
func page(word status.Indicator, incidents ...status.Incident) *status.Page {
	return &status.Page{
		Name: "Acme", Word: status.Word{Published: true, Rank: word}, Incidents: incidents,
		Components: []status.Component{{ID: "a", Name: "API"}, {ID: "b", Name: "Web"}},
	}
}

func incident(id string, impact status.Indicator, started time.Time) status.Incident {
	return status.Incident{ID: id, Title: "Trouble " + id, URL: "https://status.acme.test/" + id, Impact: impact, Started: started}
}

func over(in status.Incident, resolved time.Time) status.Incident {
	in.Over, in.Resolved = true, resolved
	return in
}

// feedAt is a reading of rows that the feed took at a time.
func feedAt(t time.Time, rows ...status.FeedService) *status.Feed {
	f := &status.Feed{UpdatedAt: t, Services: map[string]status.FeedService{}, Ongoing: map[string]status.FeedOutage{}}
	for _, r := range rows {
		f.Services[r.Slug] = r
	}
	return f
}

func row(slug string, s status.Status) status.FeedService {
	return status.FeedService{
		Slug: slug, Name: strings.ToUpper(slug), Category: "cloud", HasStatus: true, Status: s,
		Official: status.IndicatorUnknown, Reports1h: 10, Reports24h: 100, Has1h: true, Has24h: true,
	}
}

// relayed is a row that carries the vendor's word.
func relayed(slug string, s status.Status, official status.Indicator) status.FeedService {
	r := row(slug, s)
	r.HasOfficial, r.Official = true, official
	return r
}

// deep copies a value with all that it points to.
func deep[T any](t testing.TB, v T) T {
	t.Helper()
	return deepValue(reflect.ValueOf(v)).Interface().(T)
}

func deepValue(v reflect.Value) reflect.Value {
	out := reflect.New(v.Type()).Elem()
	out.Set(v)
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			out.Set(reflect.New(v.Type().Elem()))
			out.Elem().Set(deepValue(v.Elem()))
		}
	case reflect.Slice:
		if !v.IsNil() {
			out.Set(reflect.MakeSlice(v.Type(), v.Len(), v.Len()))
			for i := range v.Len() {
				out.Index(i).Set(deepValue(v.Index(i)))
			}
		}
	case reflect.Map:
		if !v.IsNil() {
			out.Set(reflect.MakeMap(v.Type()))
			for _, key := range v.MapKeys() {
				out.SetMapIndex(key, deepValue(v.MapIndex(key)))
			}
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if out.Field(i).CanSet() { // else copied as it is: times, and the parts of Moving
				out.Field(i).Set(deepValue(v.Field(i)))
			}
		}
	}
	return out
}
