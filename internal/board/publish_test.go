package board

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/downstatus/downstatus_exporter/internal/config"
	"github.com/downstatus/downstatus_exporter/internal/history"
	"github.com/downstatus/downstatus_exporter/internal/status"
	"github.com/downstatus/downstatus_exporter/sources"
)

func TestWrittenBeforeShown(t *testing.T) {
	w := newWorld(t, plan(acme()))
	w.page("page/acme", page(status.None))
	var seen []status.Status
	w.store.saving = func(c history.Changes) {
		for _, s := range c.Services {
			seen = append(seen, s.Status, w.service("acme").Status)
		}
		for _, o := range c.Outages {
			if w.service("acme").Outage != nil || len(w.Snapshot().Outages) > 0 || o.ID == "" {
				t.Errorf("shown before it was written: %+v", o)
			}
		}
	}
	w.page("page/acme", page(status.Major))
	if diff := cmp.Diff([]status.Status{status.Down, status.Operational}, seen); diff != "" {
		t.Errorf("written, and shown at that time (-want +got):\n%s", diff)
	}
	w.want("acme", status.Down, false)
	if s := w.service("acme"); len(w.store.of("acme")) != 1 || w.store.of("acme")[0].ID != s.Outage.ID {
		t.Error("not written")
	}
}

func TestStoreThatFails(t *testing.T) {
	p := plan(acme(), onlyFeeds("users", "feed/main"))
	w := newWorld(t, p)
	w.page("page/acme", page(status.None))
	w.saved = nil
	written := w.store.saves
	w.store.err = errors.New("disk full")
	bad := page(status.Major)
	w.page("page/acme", bad)
	w.want("acme", status.Down, false)
	w.feed("feed/main", feedAt(w.now, row("users", status.Down)))
	w.now = minute(1)
	w.page("page/acme", bad) // moves only the times
	w.Tick(minute(1))
	if len(w.saved) != 4 || slices.Contains(w.saved, nil) || w.store.saves != written {
		t.Errorf("told %v", w.saved)
	}
	w.store.err = nil
	w.Tick(minute(2))
	if len(w.saved) != 5 || w.saved[4] != nil {
		t.Errorf("told %v", w.saved)
	}
	w.Tick(minute(3))
	if len(w.saved) != 5 {
		t.Error("written again although nothing waits")
	}
	if w.lines("store cannot be written; going on without") != 1 || w.lines("store can be written again") != 1 {
		t.Errorf("log:\n%s", w.log.String())
	}
	before := w.Snapshot()
	w.now = minute(4)
	w.restart(p)
	for _, slug := range []string{"acme", "users"} {
		w.want(slug, status.Down, false)
		if diff := cmp.Diff(before.Service(slug).Outage, w.service(slug).Outage); diff != "" {
			t.Errorf("%s: record (-before +after):\n%s", slug, diff)
		}
	}
	if got := w.source("page/acme").Moving.LastSuccess; !got.Equal(minute(1)) {
		t.Errorf("last success %s", got)
	}
}

func TestWhatMovesTheGeneration(t *testing.T) {
	calm, words := page(status.None), page(status.None)
	words.UnknownWords = []string{"component.status"}
	component := page(status.None)
	component.Components[0].Rank = status.Minor
	reports := row("acme", status.Operational)
	reports.Reports1h++
	for _, tc := range []struct {
		name       string
		step       func(*world)
		generation uint64
		components uint64
	}{
		{"equal poll", func(w *world) { w.page("page/acme", calm) }, 0, 0},
		{"equal reading, newly decoded", func(w *world) { w.page("page/acme", page(status.None)) }, 0, 0},
		{"unknown source", func(w *world) { w.page("page/else", calm) }, 0, 0},
		{"passing of time", func(w *world) { w.pass(5 * time.Minute); w.page("page/acme", calm) }, 0, 0},
		{"status", func(w *world) { w.page("page/acme", page(status.Minor)) }, 1, 0},
		{"component", func(w *world) { w.page("page/acme", component) }, 1, 1},
		{"counts", func(w *world) { w.feed("feed/main", feedAt(w.now, reports)) }, 1, 0},
		{"failure", func(w *world) { w.fail("page/acme") }, 1, 0},
		{"the same failure again", func(w *world) { w.fail("page/acme"); w.fail("page/acme") }, 1, 0},
		{"unknown words", func(w *world) { w.page("page/acme", words) }, 1, 0},
		{"reload", func(w *world) { w.Configure(plan(acme("feed/main")), w.now) }, 1, 1},
	} {
		t.Run(tc.name, func(t *testing.T) {
			w := newWorld(t, plan(acme("feed/main")))
			w.page("page/acme", calm)
			w.feed("feed/main", feedAt(w.now, row("acme", status.Operational)))
			before := w.Snapshot()
			tc.step(w)
			after := w.Snapshot()
			if g, c := after.Generation-before.Generation, after.Components-before.Components; g != tc.generation || c != tc.components {
				t.Errorf("generation moved by %d, components by %d; want %d, %d", g, c, tc.generation, tc.components)
			}
			if after.Polls <= before.Polls {
				t.Error("polls did not grow")
			}
		})
	}
	w := newWorld(t, plan(acme()))
	before := w.Snapshot()
	w.Apply()
	w.Tick(minute(1))
	if w.Snapshot() != before {
		t.Error("published although nothing happened")
	}
}

func TestUnknownWordsCountOncePerDocument(t *testing.T) {
	w := newWorld(t, plan(acme("feed/main")))
	strange := page(status.None)
	strange.UnknownWords = []string{"component.status", "incident.impact", "component.status"}
	for range 5 {
		w.page("page/acme", strange)
	}
	w.fail("page/acme")
	w.page("page/acme", strange)
	want := map[string]uint64{"component.status": 2, "incident.impact": 1}
	if diff := cmp.Diff(want, w.source("page/acme").UnknownWords); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	again := *strange
	w.page("page/acme", &again)
	want = map[string]uint64{"component.status": 4, "incident.impact": 2}
	if diff := cmp.Diff(want, w.source("page/acme").UnknownWords); diff != "" {
		t.Errorf("decoded anew (-want +got):\n%s", diff)
	}
	f := feedAt(w.now, row("acme", status.Operational))
	f.UnknownWords = []string{"status"}
	w.feed("feed/main", f)
	w.feed("feed/main", f)
	if diff := cmp.Diff(map[string]uint64{"status": 1}, w.source("feed/main").UnknownWords); diff != "" {
		t.Errorf("feed (-want +got):\n%s", diff)
	}
}

func TestEngineChanges(t *testing.T) {
	p := plan(acme())
	withSource(p, "page/acme").Engine.Name = "auto"
	w := newWorld(t, p)
	calm := page(status.None)
	for i, step := range []struct {
		engine, shown string
		changes       uint64
	}{
		{"statuspage", "statuspage", 0}, {"statuspage", "statuspage", 0}, {"", "statuspage", 0},
		{"incidentio", "incidentio", 1}, {"statuspage", "statuspage", 2},
	} {
		w.poll("page/acme", sources.Reading{Page: calm, Engine: step.engine})
		if s := w.source("page/acme"); s.Engine != step.shown || s.EngineChanges != step.changes {
			t.Errorf("poll %d: %s, %d changes", i, s.Engine, s.EngineChanges)
		}
	}
	w.restart(p)
	if s := w.source("page/acme"); s.Engine != "statuspage" {
		t.Errorf("after a restart: %s", s.Engine)
	}
}

func TestLogLines(t *testing.T) {
	w := newWorld(t, plan(acme("feed/main")))
	calm := page(status.None)
	noted := sources.Reading{Page: calm, Notes: []string{"incidents.json: 404"}}
	for _, step := range []struct {
		do   func()
		want string // words of the one line; empty: none
	}{
		{func() { w.page("page/acme", calm) }, ""},
		{func() { w.page("page/acme", calm) }, ""},
		{func() { w.fail("page/acme") }, `level=warn msg="source failed" source=page/acme reason=timeout`},
		{func() { w.fail("page/acme") }, ""},
		{func() { w.page("page/acme", calm) }, `level=info msg="source recovered" source=page/acme`},
		{func() { w.fail("feed/main") }, `level=warn msg="source failed" source=feed/main`},
		{func() { w.fail("feed/main") }, ""},
		{func() { w.page("page/acme", page(status.Major, incident("i1", status.Major, noon))) }, `msg="service changed" slug=acme from=operational to=down`},
		{func() { w.page("page/acme", page(status.Critical, incident("i1", status.Critical, noon))) }, ""},
		{func() { w.pass(staleAfter) }, ""},
		{func() { w.page("page/acme", calm) }, `msg="service changed" slug=acme from=down to=operational`},
		{func() { w.pass(staleAfter) }, `msg="service changed" slug=acme from=operational to=unknown`},
		{func() { w.page("page/acme", calm) }, `msg="service changed" slug=acme from=unknown to=operational`},
		{func() { w.poll("page/acme", noted) }, `level=warn msg="source read in part" source=page/acme note="incidents.json: 404"`},
		{func() { w.poll("page/acme", noted) }, ""},
	} {
		w.log.Reset()
		step.do()
		lines := strings.Split(strings.TrimSuffix(w.log.String(), "\n"), "\n")
		if len(lines) != 1 || !strings.Contains(lines[0], step.want) || (step.want == "") != (lines[0] == "") {
			t.Errorf("log, want %q:\n%s", step.want, w.log.String())
		}
	}
}

// copied is everything that a snapshot shows, in a copy of its own.
func copied(t *testing.T, s *Snapshot) Snapshot {
	t.Helper()
	c := *s
	c.bySlug = nil
	c.Services, c.Sources, c.Outages = nil, nil, nil
	for _, v := range s.Services {
		c.Services = append(c.Services, deep(t, v))
	}
	for _, v := range s.Sources {
		c.Sources = append(c.Sources, deep(t, v))
	}
	for _, v := range s.Outages {
		c.Outages = append(c.Outages, deep(t, v))
	}
	return c
}

func TestSnapshotsNeverChange(t *testing.T) {
	p := showAll(plan(acme("feed/main")), "feed/main")
	w := newWorld(t, p)
	troubled := page(status.Major, incident("i1", status.Major, minute(-5)))
	troubled.UnknownWords = []string{"component.status"}
	w.page("page/acme", troubled, over(incident("i0", status.Major, minute(-90)), minute(-60)))
	w.feed("feed/main", feedAt(w.now, row("acme", status.Degraded), row("listed", status.Operational)))
	kept := w.Snapshot()
	before := copied(t, kept)

	w.pass(time.Minute)
	next := page(status.None, incident("i2", status.Minor, minute(-1)))
	next.UnknownWords = []string{"component.status"}
	next.Components[0].Rank = status.Minor
	w.page("page/acme", next, over(incident("i-1", status.Major, minute(-300)), minute(-280)))
	w.feed("feed/main", feedAt(w.now, row("acme", status.Operational), row("more", status.Operational)))
	w.fail("page/acme")
	labelled := acme("feed/main")
	labelled.Labels = map[string]string{"team": "platform"}
	changed := showAll(plan(scoped(labelled, "Web")), "feed/main")
	changed.Labels = []string{"team"}
	w.Configure(changed, w.now)
	w.pass(holdOpenFor)
	w.Prune(w.now.Add(200 * 24 * time.Hour))
	w.Flush(w.now)
	w.Configure(plan(), w.now)

	if diff := cmp.Diff(before, copied(t, kept), cmp.AllowUnexported(Snapshot{}, Moving{})); diff != "" {
		t.Errorf("a snapshot changed (-before +after):\n%s", diff)
	}
}

// Readers share what a snapshot holds with the writer; the race detector tells.
func TestReadersNeverWait(t *testing.T) {
	w := newWorld(t, showAll(plan(acme("feed/main")), "feed/main"))
	var readers sync.WaitGroup
	stop := make(chan struct{})
	for range 2 {
		readers.Go(func() {
			for newest := uint64(0); ; {
				s := w.Snapshot()
				copied(t, s)
				if s.Polls < newest {
					t.Errorf("snapshot %d after %d", s.Polls, newest)
				}
				newest = s.Polls
				select {
				case <-stop:
					return
				default:
				}
			}
		})
	}
	for i := range 50 {
		w.now = minute(i)
		w.page("page/acme", page(status.Indicator(i%4), incident("i1", status.Minor, noon)))
		w.feed("feed/main", feedAt(w.now, row("acme", status.Status(i%3)), row("listed", status.Status(i%3))))
		w.fail("page/acme")
		w.Tick(w.now)
		w.Prune(w.now)
		w.Flush(w.now)
	}
	close(stop)
	readers.Wait()
}

func TestReload(t *testing.T) {
	p := showAll(plan(acme("feed/main")), "feed/main")
	w := newWorld(t, p)
	partial := page(status.None)
	partial.Components[0].Rank = status.Major
	w.page("page/acme", partial)
	w.feed("feed/main", feedAt(w.now, row("acme", status.Operational), row("listed", status.Degraded)))
	w.fail("page/acme")
	w.now = minute(5)
	before := copied(t, w.Snapshot())
	w.Configure(p, w.now)
	after := copied(t, w.Snapshot())
	before.Generation, before.Components, before.Polls, before.At = after.Generation, after.Components, after.Polls, after.At
	if diff := cmp.Diff(before, after, cmp.AllowUnexported(Snapshot{}, Moving{})); diff != "" {
		t.Errorf("a reload without changes (-before +after):\n%s", diff)
	}

	w.Configure(showAll(plan(scoped(acme("feed/main"), "Web")), "feed/main"), w.now)
	w.want("acme", status.Operational, false)
	w.Configure(showAll(plan(scoped(acme("feed/main"), "API")), "feed/main"), w.now)
	w.want("acme", status.Down, false)

	labelled := acme("feed/main")
	labelled.Labels = map[string]string{"team": "platform"}
	next := showAll(plan(labelled), "feed/main")
	next.Labels = []string{"team"}
	w.Configure(next, w.now)
	for slug, team := range map[string]string{"acme": "platform", "listed": ""} {
		if diff := cmp.Diff(map[string]string{"team": team}, w.service(slug).Labels); diff != "" {
			t.Errorf("%s: labels (-want +got):\n%s", slug, diff)
		}
	}
	if diff := cmp.Diff([]string{"team"}, w.Snapshot().Labels); diff != "" {
		t.Errorf("labels (-want +got):\n%s", diff)
	}

	record := w.service("listed").Outage
	w.Configure(plan(acme("feed/main"), onlyFeeds("listed", "feed/main")), w.now)
	if s := w.service("listed"); !s.Configured || s.Outage != record {
		t.Errorf("named by the configuration: %+v", s)
	}
}

// A source that is taken out and comes back knows its newest reading, not the
// one that the run began with.
func TestSourceThatComesBack(t *testing.T) {
	p := plan(acme())
	w := newWorld(t, p)
	w.page("page/acme", page(status.None))
	w.restart(p)
	w.now = minute(1)
	w.page("page/acme", page(status.Major))
	w.Configure(plan(), w.now)
	w.Configure(p, w.now)
	w.want("acme", status.Down, false)
	if s := w.service("acme"); s.Outage == nil || s.Outage.Reopened != 1 || s.Outage.Unwatched {
		t.Errorf("%+v", s.Outage)
	}
}

func TestFixed(t *testing.T) {
	s := &Snapshot{Services: []*Service{{Slug: "a"}, {Slug: "b"}}}
	r := Fixed(s)
	if r.Snapshot() != s || s.Service("b") != s.Services[1] || s.Service("c") != nil {
		t.Errorf("%+v", r.Snapshot())
	}
	if b := New(history.State{}, Options{}); b.Snapshot() == nil || len(b.Snapshot().Services) > 0 {
		t.Error("a new board shows something")
	}
}

func TestSnapshotIsInOrder(t *testing.T) {
	var services []config.Service
	for _, slug := range []string{"c", "a", "b"} {
		s := onlyFeeds(slug)
		s.Official = "page/" + slug
		services = append(services, s)
	}
	w := newWorld(t, plan(services...))
	for i, slug := range []string{"b", "c", "a"} {
		w.now = minute(i)
		w.page("page/"+slug, page(status.Major))
	}
	var got bytes.Buffer
	for i := range services {
		got.WriteString(w.Snapshot().Services[i].Slug + w.Snapshot().Sources[i].Name + w.Snapshot().Outages[i].Slug + " ")
	}
	if want := "apage/aa bpage/bc cpage/cb "; got.String() != want {
		t.Errorf("%s, want %s", got.String(), want)
	}
}

// TestSharedPollsAreOneSource: what other options make of a document is judged
// by itself, but shown as one source.
func TestSharedPollsAreOneSource(t *testing.T) {
	east, west := acme(), acme()
	east.Slug, west.Slug, west.Official = "east", "west", "page/acme west"
	p := plan(east, west)
	withSource(p, "page/acme west").Of = "page/acme"
	w := newWorld(t, p)
	w.page("page/acme", page(status.None))
	w.page("page/acme west", page(status.Major))
	w.want("east", status.Operational, false)
	w.want("west", status.Down, false)
	if all := w.Snapshot().Sources; len(all) != 1 || all[0].Name != "page/acme" || all[0].Moving.Polls != 1 {
		t.Errorf("%d sources, the first %+v", len(all), all[0])
	}
	w.fail("page/acme")
	w.fail("page/acme west")
	if n := w.lines("source failed"); n != 1 {
		t.Errorf("%d lines for one failed poll", n)
	}
	w.page("page/acme", page(status.None))
	w.page("page/acme west", page(status.None))
	w.fail("page/acme west")
	if n := w.lines("source failed"); n != 2 {
		t.Errorf("%d lines: a fault of its own options is worth one", n)
	}
}
