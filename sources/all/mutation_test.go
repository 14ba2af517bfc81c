package all

import (
	"bytes"
	"context"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/downstatus/downstatus_exporter/internal/status"
	"github.com/downstatus/downstatus_exporter/sources"
	"github.com/downstatus/downstatus_exporter/sources/internal/enginetest"
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// page is a page of an engine: what its documents say, by files of the engine's
// testdata. The path "" is that of the document that every poll asks for.
type page struct {
	engine  string
	files   map[string]string
	at      string // path of the page or document at its host
	options map[string]string
	xml     bool
}

func one(engine, file string) page { return page{engine: engine, files: map[string]string{"": file}} }

// pages has at least one of each engine of pages but auto, which reads by
// another.
var pages = []page{
	one("apple", "customer.json"),
	one("aws", "currentevents.json"), one("aws", "mecentral.json"),
	{engine: "azure", files: map[string]string{"": "feed.xml"}, xml: true},
	one("azuredevops", "calm.json"), one("azuredevops", "trouble.json"),
	one("betterstack", "trouble.json"),
	{engine: "cachet", files: map[string]string{
		"/api/v1/status": "v2/status.json", "/api/v1/components": "v2/components.json", "/api/v1/incidents": "v2/incidents.json", "/api/v1/schedules": "v2/schedules.json",
	}},
	{engine: "cachet", files: map[string]string{
		"/api/status": "v3/status.json", "/api/components": "v3/components.json", "/api/incidents": "v3/incidents.json", "/api/schedules": "v3/schedules.json",
	}},
	one("cstate", "down.json"),
	one("datadog", "trouble.json"),
	{engine: "feed", files: map[string]string{"": "history.atom"}, xml: true},
	{engine: "feed", files: map[string]string{"": "active.rss"}, xml: true, options: map[string]string{"kind": "active"}},
	one("gatus", "statuses.json"),
	one("google", "incidents.json"),
	one("heroku", "calm.json"), one("heroku", "trouble.json"),
	one("incidentio", "maintenance.json"), one("incidentio", "trouble.json"),
	{engine: "instatus", files: map[string]string{"": "summary.json", "/v2/components.json": "components.json"}},
	{engine: "json", files: map[string]string{"": "components.json"}, options: map[string]string{
		"items": ".result[]", "key": "id", "title": "name", "status": ".status.production", "map": "Operational=none,Service Outage=major",
	}},
	one("meta", "orgs.json"),
	{engine: "microsoft", files: map[string]string{"/api/posts/mac": "mac.json"}, options: map[string]string{"services": "mac"}},
	{engine: "microsoft", files: map[string]string{"/api/posts/mac": "mac-degraded.json"}, options: map[string]string{"services": "mac"}},
	one("openstatus", "trouble.json"),
	one("psn", "region.json"),
	one("riot", "eu.json"),
	one("salesforce", "preview.json"),
	one("slack", "ok.json"), one("slack", "active.json"),
	{engine: "statusio", files: map[string]string{"": "operational.json"}, at: "/1.0/status/64a000000000000000000000"},
	{engine: "statusio", files: map[string]string{"": "incident.json"}, at: "/1.0/status/64a000000000000000000000"},
	one("statuspage", "calm.json"), one("statuspage", "maintenance.json"), one("statuspage", "trouble.json"),
	one("upptime", "summary.json"),
	{engine: "uptimekuma", files: map[string]string{"": "beats.json", "/api/status-page/default": "page.json"}},
	one("xbox", "trouble.json"),
	{engine: "zendesk", files: map[string]string{"": "active.json", "/api/incidents/maintenance": "maintenance.json"}},
}

func TestEveryEngineIsMutated(t *testing.T) {
	for _, e := range sources.Engines() {
		if !e.Feed && e.Name != "auto" && !slices.ContainsFunc(pages, func(p page) bool { return p.engine == e.Name }) {
			t.Errorf("%s: no page", e.Name)
		}
	}
}

// host serves a page, and polls it each time with a source of its own.
type host struct {
	*enginetest.Site
	good map[string]enginetest.Answer
	poll func() (sources.Reading, error)
}

// serve starts the host of a page that reads as it stands.
func serve(t *testing.T, p page) host {
	t.Helper()
	engine, _ := sources.Lookup(p.engine)
	h := host{Site: enginetest.Start(t, ""), good: map[string]enginetest.Answer{}}
	target, err := engine.Target(sources.Config{URL: h.URL + p.at, Options: p.options})
	if err != nil {
		t.Fatal(err)
	}
	for path, file := range p.files {
		body, err := os.ReadFile(filepath.Join("..", p.engine, "testdata", filepath.FromSlash(file)))
		if err != nil {
			t.Fatal(err)
		}
		if path == "" {
			path = "/" + strings.TrimPrefix(target.Document.Path, "/")
		}
		h.good[path] = enginetest.Answer{Body: string(bytes.TrimSpace(body))}
		if p.xml {
			h.good[path] = enginetest.Answer{Body: h.good[path].Body, Media: "application/xml"}
		}
	}
	client, now := enginetest.Client(t), noon
	if p.engine == "azure" {
		now = noon.Add(-2 * time.Hour) // it has to be fresh
	}
	h.poll = func() (sources.Reading, error) {
		if engine.Budget.Every > 0 {
			client = enginetest.Client(t) // that nobody has used up
		}
		return engine.Open(target, client).Poll(context.Background(), now)
	}
	h.say("", "")
	if _, err := h.poll(); err != nil {
		t.Fatal(err)
	}
	return h
}

// say serves the page with another body at one path.
func (h host) say(path, body string) {
	h.Answers = maps.Clone(h.good)
	if path != "" {
		h.Answers[path] = enginetest.Answer{Body: body, Media: h.good[path].Media}
	}
}

func severity(r sources.Reading) status.Status {
	return status.Judge(r.Page, status.Scope{}, noon).Severity
}

func each(t *testing.T, test func(t *testing.T, h host, path, body string)) {
	for _, p := range pages {
		for _, file := range slices.Sorted(maps.Values(p.files)) {
			t.Run(p.engine+"/"+file, func(t *testing.T) {
				h := serve(t, p)
				for path, answer := range h.good {
					if name, ok := p.files[path]; ok && name == file || !ok && p.files[""] == file {
						test(t, h, path, answer.Body)
					}
				}
			})
		}
	}
}

// TestTruncated: half a body is none. Where a page has several, the trouble
// that others tell counts, in doubt.
func TestTruncated(t *testing.T) {
	each(t, func(t *testing.T, h host, path, body string) {
		const cuts = 40
		for i := range cuts {
			h.say(path, body[:len(body)*i/cuts])
			r, err := h.poll()
			switch {
			case err != nil && r.Page != nil:
				t.Errorf("%d of %d bytes: a page beside the error %v", len(body)*i/cuts, len(body), err)
			case err == nil && (len(h.good) == 1 || !r.Page.Doubtful || !severity(r).Trouble()):
				t.Errorf("%d of %d bytes: %+v", len(body)*i/cuts, len(body), r.Page)
			}
		}
	})
}

var (
	// word finds the keys whose values are words or codes of a state.
	word = regexp.MustCompile(`(?i)(status|status_code|statustype|state|indicator|impact|severity|health|success|current|max)$`)
	// troubles finds the lists of what is in trouble or planned.
	troubles = regexp.MustCompile(`(?i)(incidents|maintenances|scheduled|schedules|issues)$`)
)

// bewilder makes every word of a document one that nobody knows; calm also
// empties the lists of troubles.
func bewilder(v any, calm bool) any {
	switch v := v.(type) {
	case []any:
		for i := range v {
			v[i] = bewilder(v[i], calm)
		}
	case map[string]any:
		for key, value := range v {
			_, list := value.([]any)
			switch {
			case calm && list && troubles.MatchString(key):
				v[key] = []any{}
			case word.MatchString(key):
				v[key] = strange(value, calm)
			default:
				v[key] = bewilder(value, calm)
			}
		}
	}
	return v
}

// strange is what stands in the place of a word, or of all in an object of
// them.
func strange(value any, calm bool) any {
	switch value := value.(type) {
	case nil, []any:
		return bewilder(value, calm)
	case map[string]any:
		for key, inner := range value {
			value[key] = strange(inner, calm)
		}
		return value
	case float64:
		return 4242
	}
	return "bewildered"
}

// TestWordsNotKnown: with all its words replaced a page is never operational,
// and the words are counted.
func TestWordsNotKnown(t *testing.T) {
	for _, p := range pages {
		if p.xml {
			continue // no words but those of texts
		}
		t.Run(p.engine+"/"+strings.Join(slices.Sorted(maps.Values(p.files)), "+"), func(t *testing.T) {
			h := serve(t, p)
			r, err := h.poll()
			if err != nil {
				t.Fatal(err)
			}
			for _, calm := range []bool{false, true} {
				if calm && r.Page.OnlyTroubles {
					continue // an empty list is calm
				}
				h.Answers = map[string]enginetest.Answer{}
				for path, answer := range h.good {
					var doc any
					if err := json.Unmarshal([]byte(answer.Body), &doc); err != nil {
						t.Fatal(err)
					}
					body, err := json.Marshal(bewilder(doc, calm))
					if err != nil {
						t.Fatal(err)
					}
					h.Answers[path] = enginetest.JSON(string(body))
				}
				if got, err := h.poll(); err == nil && (severity(got) == status.Operational || len(got.Page.UnknownWords) == 0) {
					t.Errorf("troubles left out %t: %s with unknown words %q: %+v", calm, severity(got), got.Page.UnknownWords, got.Page)
				}
			}
		})
	}
}

// leaves collects ways to change one string of a document: it is left out,
// null, or a word that nobody knows.
func leaves(v any, change func(any)) (out []func()) {
	switch v := v.(type) {
	case string:
		out = append(out, func() { change(nil) }, func() { change("bewildered") })
	case []any:
		for i := range v {
			out = append(out, leaves(v[i], func(w any) { v[i] = w })...)
		}
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(v)) {
			if _, ok := v[key].(string); ok {
				out = append(out, func() { delete(v, key) })
			}
			out = append(out, leaves(v[key], func(w any) { v[key] = w })...)
		}
	}
	return out
}

// TestOneString: whatever one string of a document becomes, there is an error
// or a sound page, and no decoder panics.
func TestOneString(t *testing.T) {
	each(t, func(t *testing.T, h host, path, body string) {
		var probe any
		if json.Unmarshal([]byte(body), &probe) != nil {
			t.Skip("no JSON")
		}
		for i := range leaves(probe, nil) {
			var doc any
			if err := json.Unmarshal([]byte(body), &doc); err != nil {
				t.Fatal(err)
			}
			leaves(doc, func(any) {})[i]()
			mutant, err := json.Marshal(doc)
			if err != nil {
				t.Fatal(err)
			}
			h.say(path, string(mutant))
			r, err := h.poll()
			switch {
			case err != nil && (r.Page != nil || strings.Contains(err.Error(), "panicked")):
				t.Errorf("change %d: page %+v, error %v", i, r.Page, err)
			case err == nil:
				enginetest.CheckPage(t, r.Page)
				enginetest.CheckIncidents(t, r.Ended)
			}
		}
	})
}
