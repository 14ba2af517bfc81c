package auto

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/downstatus/downstatus_exporter/internal/status"
	"github.com/downstatus/downstatus_exporter/sources"
	"github.com/downstatus/downstatus_exporter/sources/fetch"
	_ "github.com/downstatus/downstatus_exporter/sources/statusio"
)

func TestTarget(t *testing.T) {
	for in, want := range map[string]string{
		"status.acme.test":                                                 "https://status.acme.test",
		"https://status.acme.test/":                                        "https://status.acme.test",
		"https://status.acme.test/api/v2/summary.json":                     "https://status.acme.test",
		"https://status.acme.test/eu/api/v2/scheduled-maintenances/a.json": "https://status.acme.test/eu",
		"https://status.acme.test/api/incidents/active":                    "https://status.acme.test",
		"https://status.acme.test/history.atom":                            "https://status.acme.test",
		"https://status.acme.test/eu":                                      "https://status.acme.test/eu",
		"https://api.status.io/1.0/status/" + pageID:                       "https://api.status.io/1.0/status/" + pageID,
	} {
		got, err := target(sources.Config{URL: in})
		if err != nil {
			t.Errorf("%s: %v", in, err)
			continue
		}
		if got.Page.String() != want || got.Document.String() != want {
			t.Errorf("%s: page %s, document %s; want %s", in, got.Page, got.Document, want)
		}
	}
	if _, err := target(sources.Config{}); err == nil {
		t.Error("no url: want an error")
	}
}

// engines are stand-ins that answer as they are told.
type engines struct {
	fail   map[string]error // by engine
	ids    []string         // of the components of all pages
	opened []string
}

func (e *engines) lookup(name string) (sources.Engine, bool) {
	return sources.Engine{
		Name: name,
		Target: func(c sources.Config) (sources.Target, error) {
			page, err := sources.ParseURL(c.URL)
			return sources.Target{Page: page, Document: page}, err
		},
		Open: func(t sources.Target, _ *fetch.Client) sources.Source {
			e.opened = append(e.opened, name)
			return &standIn{engines: e, name: name}
		},
	}, name != "zendesk"
}

type standIn struct {
	engines *engines
	name    string
}

func (s *standIn) Poll(context.Context, time.Time) (sources.Reading, error) {
	if err := s.engines.fail[s.name]; err != nil {
		return sources.Reading{}, err
	}
	page := &status.Page{Name: s.name}
	for _, id := range s.engines.ids {
		page.Components = append(page.Components, status.Component{ID: id})
	}
	return sources.Reading{Page: page}, nil
}

// watch is a source of one site whose engines are stand-ins.
func watch(t *testing.T, s *site) (*source, *engines) {
	t.Helper()
	e := &engines{fail: map[string]error{}}
	return &source{page: serve(t, s), client: newClient(t), lookup: e.lookup}, e
}

// inVain is what a detection costs where nothing is: all documents that engines
// have at the root of a host, and the page itself.
const inVain = 11

func TestPollFindsThenDelegates(t *testing.T) {
	web := &site{}
	s, _ := watch(t, web)
	if r, err := s.Poll(t.Context(), time.Now()); !errors.Is(err, ErrUnknownEngine) || r.Page != nil {
		t.Fatalf("nothing there: %+v, %v", r, err)
	}
	web.bodies = map[string]string{"/api/v2/summary.json": atlassian}
	for range 3 {
		r, err := s.Poll(t.Context(), time.Now())
		if err != nil {
			t.Fatal(err)
		}
		if r.Engine != "statuspage" || r.Page.Name != "statuspage" {
			t.Errorf("read %q by %q", r.Page.Name, r.Engine)
		}
	}
	if n := web.asked.Load(); n != inVain+1 {
		t.Errorf("%d requests, want %d of the failed detection and 1 of the other", n, inVain)
	}
}

func TestPollFollowsAMove(t *testing.T) {
	for _, reason := range []fetch.Reason{fetch.Shape, fetch.ContentType, fetch.HTTP4xx} {
		t.Run(string(reason), func(t *testing.T) {
			web := &site{bodies: map[string]string{"/api/v2/summary.json": atlassian}}
			s, e := watch(t, web)
			poll(t, s, nil)
			web.bodies = map[string]string{"/api/v2/summary.json": incidentIO}
			e.fail["statuspage"] = &fetch.Error{Reason: reason, Err: errors.New("not what it was")}
			for range patience {
				poll(t, s, e.fail["statuspage"])
			}
			if r := poll(t, s, nil); r.Engine != "incidentio" {
				t.Errorf("read by %q after the move", r.Engine)
			}
		})
	}
}

// TestPollAdopts: pages of dialects of one API are read by either engine.
func TestPollAdopts(t *testing.T) {
	web := &site{bodies: map[string]string{"/api/v2/summary.json": atlassian}}
	s, e := watch(t, web)
	for _, step := range []struct{ id, want string }{
		{"kctbh9vrtdwd", "statuspage"},
		{"01JMDK9XYNY6RXSED6SDWW50WY", "incidentio"},
		{"own-form-1", "incidentio"}, // nobody's ids: no reason to change
		{"kctbh9vrtdwd", "statuspage"},
	} {
		e.ids = []string{step.id}
		for range 2 {
			if r := poll(t, s, nil); r.Engine != step.want {
				t.Errorf("ids like %s: read by %q, want %q", step.id, r.Engine, step.want)
			}
		}
	}
	if n := web.asked.Load(); n != 1 {
		t.Errorf("%d requests, want the first detection alone", n)
	}
}

func TestPollKeepsTheEngine(t *testing.T) {
	web := &site{bodies: map[string]string{"/api/v2/summary.json": atlassian}}
	s, e := watch(t, web)
	poll(t, s, nil)
	asked := web.asked.Load()

	e.fail["statuspage"] = &fetch.Error{Reason: fetch.Timeout, Err: errors.New("slow")}
	for range 2 * patience {
		poll(t, s, e.fail["statuspage"])
	}
	if n := web.asked.Load(); n != asked {
		t.Errorf("%d requests for an engine after timeouts", n-asked)
	}

	web.bodies = nil // the page is gone: nothing better is found
	e.fail["statuspage"] = fetch.Shapef("gone")
	for vain := range int32(3) { // each in vain doubles the patience
		for range patience << vain {
			poll(t, s, e.fail["statuspage"])
			if n := web.asked.Load() - asked; n != vain*inVain {
				t.Fatalf("%d requests, want %d detections of %d", n, vain, inVain)
			}
		}
	}
	delete(e.fail, "statuspage")
	if r := poll(t, s, nil); r.Engine != "statuspage" || len(e.opened) != 1 {
		t.Errorf("read by %q, opened %q", r.Engine, e.opened)
	}
}

// TestPollCountsFromTheLastGood: failures are only counted in a row.
func TestPollCountsFromTheLastGood(t *testing.T) {
	web := &site{bodies: map[string]string{"/api/v2/summary.json": atlassian}}
	s, e := watch(t, web)
	for range 3 {
		delete(e.fail, "statuspage")
		poll(t, s, nil)
		e.fail["statuspage"] = fetch.Shapef("for now")
		for range patience - 1 {
			poll(t, s, e.fail["statuspage"])
		}
	}
	if n := web.asked.Load(); n != 1 {
		t.Errorf("%d requests, want the first detection alone", n)
	}
}

// poll wants exactly this error.
func poll(t *testing.T, s *source, want error) sources.Reading {
	t.Helper()
	r, err := s.Poll(t.Context(), time.Now())
	if err != want {
		t.Fatalf("error %v, want %v", err, want)
	}
	return r
}

func TestResume(t *testing.T) {
	web := &site{bodies: map[string]string{"/api/v2/summary.json": incidentIO}}
	s, e := watch(t, web)
	s.Resume("feed") // of an address that nobody remembers
	s.Resume("statuspage")
	if r := poll(t, s, nil); r.Engine != "statuspage" || web.asked.Load() != 0 {
		t.Errorf("read by %q after %d requests", r.Engine, web.asked.Load())
	}
	s.Resume("incidentio")
	if r := poll(t, s, nil); r.Engine != "statuspage" {
		t.Errorf("read by %q: what reads well was given up", r.Engine)
	}
	e.fail["statuspage"] = fetch.Shapef("moved")
	for range patience {
		poll(t, s, e.fail["statuspage"])
	}
	if r := poll(t, s, nil); r.Engine != "incidentio" {
		t.Errorf("read by %q after the move", r.Engine)
	}
}

// TestResumeInVain: what was remembered has no credit of its own.
func TestResumeInVain(t *testing.T) {
	for _, engine := range []string{"statuspage", "zendesk", "auto", "", "no such"} {
		t.Run(engine, func(t *testing.T) {
			s, e := watch(t, &site{bodies: map[string]string{"/api/v2/summary.json": incidentIO}})
			if engine != "statuspage" {
				s.lookup = func(name string) (sources.Engine, bool) {
					found, _ := e.lookup(name)
					return found, name == "incidentio" || name == "auto"
				}
			}
			s.Resume(engine)
			e.fail["statuspage"] = fetch.Shapef("moved long ago")
			if engine == "statuspage" {
				poll(t, s, e.fail["statuspage"])
			}
			if r := poll(t, s, nil); r.Engine != "incidentio" {
				t.Errorf("read by %q", r.Engine)
			}
		})
	}
}

func TestPollEngineMissing(t *testing.T) {
	s, _ := watch(t, &site{bodies: map[string]string{"/api/incidents/active": zendesk}})
	if _, err := s.Poll(t.Context(), time.Now()); fetch.ReasonOf(err) != fetch.Shape {
		t.Errorf("error %v, want one of shape", err)
	}
}

// TestRegistered reads a real engine's document from end to end.
// TestPollRestsBetweenDetections: a page that no engine reads is not asked for
// a dozen documents at every poll.
func TestPollRestsBetweenDetections(t *testing.T) {
	shellSite := &site{bodies: map[string]string{"*": shell}}
	page := serve(t, shellSite)
	s := &source{page: page, client: newClient(t), lookup: sources.Lookup}
	var asked []int32
	for range 12 {
		before := shellSite.asked.Load()
		if _, err := s.Poll(t.Context(), time.Now()); fetch.ReasonOf(err) != fetch.Shape {
			t.Fatalf("%v, want the page to stay unknown", err)
		}
		asked = append(asked, shellSite.asked.Load()-before)
	}
	for poll, want := range []bool{true, true, false, true, false, false, false, true, false, false, false, false} {
		if (asked[poll] > 0) != want {
			t.Errorf("poll %d made %d requests; want some: %v", poll, asked[poll], want)
		}
	}
}

func TestRegistered(t *testing.T) {
	const path = "/1.0/status/" + pageID
	origin := serve(t, &site{bodies: map[string]string{path: `{"result":{"status_overall":{"status_code":300},"status":[]}}`}})
	engine, ok := sources.Lookup("auto")
	if !ok {
		t.Fatal("not registered")
	}
	target, err := engine.Target(sources.Config{URL: fmt.Sprint(origin, path)})
	if err != nil {
		t.Fatal(err)
	}
	r, err := engine.Open(target, newClient(t)).Poll(t.Context(), time.Now())
	if err != nil {
		t.Fatal(err)
	}
	if r.Engine != "statusio" || r.Page.Word.Rank != status.Minor {
		t.Errorf("engine %q, word %v; want statusio, minor", r.Engine, r.Page.Word.Rank)
	}
}
