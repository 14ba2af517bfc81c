package slack

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"

	"github.com/downstatus/downstatus_exporter/internal/status"
	"github.com/downstatus/downstatus_exporter/sources"
	"github.com/downstatus/downstatus_exporter/sources/fetch"
	"github.com/downstatus/downstatus_exporter/sources/internal/enginetest"
	"github.com/downstatus/downstatus_exporter/sources/internal/pages"
	"github.com/downstatus/downstatus_exporter/sources/internal/vendors"
)

const home = "https://slack-status.com"

func read(t testing.TB, file, services string) *listing {
	t.Helper()
	l, err := reader{services: vendors.ParseList(services), home: home}.current([]byte(enginetest.Load(t, file)))
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// spelled has the exported fields that golden files spell out.
type spelled struct {
	Open, Over []status.Incident
	Windows    []status.Window
	Unknown    []string
}

func TestGolden(t *testing.T) {
	for _, name := range []string{"ok", "active", "odd"} {
		l := read(t, name+".json", "")
		enginetest.Golden(t, name, spelled{l.open, l.over, l.windows, l.unknown})
	}
	l, err := reader{home: home}.history([]byte(enginetest.Load(t, "history.json")))
	if err != nil {
		t.Fatal(err)
	}
	enginetest.Golden(t, "history", spelled{l.open, l.over, l.windows, l.unknown})
}

// TestWordsGolden reads every row of the mapping tables, and words that are in
// none, against what was written down by hand.
func TestWordsGolden(t *testing.T) {
	var want map[string]map[string]string
	if err := json.Unmarshal([]byte(enginetest.Load(t, "words.golden.json")), &want); err != nil {
		t.Fatal(err)
	}
	rows := map[string][]string{"type": {maintenance}}
	for word := range ranks {
		rows["type"] = append(rows["type"], word)
	}
	for word := range stages {
		rows["status"] = append(rows["status"], word)
		rows["maintenance"] = append(rows["maintenance"], word)
	}
	for field, words := range rows {
		for _, word := range words {
			if _, ok := want[field][word]; !ok {
				t.Errorf("%s %q has no golden reading", field, word)
			}
		}
	}
	for field, words := range want {
		for word, meaning := range words {
			if got := readWord(t, field, word); got != meaning {
				t.Errorf("%s %q reads as %q, want %q", field, word, got, meaning)
			}
		}
	}
}

func readWord(t *testing.T, field, word string) string {
	t.Helper()
	incident := map[string]string{"type": "incident", "status": "active", "services": "Files"}
	switch field {
	case "maintenance":
		incident["type"], incident["status"] = "maintenance", word
	default:
		incident[field] = word
	}
	l, err := reader{}.current(fmt.Appendf(nil, `{"status":"active","active_incidents":[{"id":1,"type":%q,"status":%q,"services":[%q]}]}`,
		incident["type"], incident["status"], incident["services"]))
	if err != nil {
		t.Fatal(err)
	}
	got := meaning(field, l)
	if len(l.unknown) > 0 {
		got += ", unknown word"
	}
	return got
}

func meaning(field string, l *listing) string {
	switch {
	case field == "maintenance" && l.windows[0].UnderWay(noon):
		return "under way"
	case field == "maintenance":
		return "not under way"
	case len(l.windows) > 0:
		return "window"
	case field == "status" && len(l.over) > 0:
		return "over"
	case field == "status":
		return "open"
	default:
		return slices.Concat(l.open, l.over)[0].Impact.String()
	}
}

func TestServicesFilter(t *testing.T) {
	tests := map[string]struct {
		open, windows []string
		want          string
	}{
		"":                 {[]string{"9001 minor", "9002 major", "9003 none"}, []string{"9004"}, "major down maintenance"},
		"Files":            {[]string{"9001 minor"}, nil, "minor degraded calm"},
		"Notifications":    {[]string{"9002 minor"}, nil, "minor degraded calm"},
		"mess*,Search":     {[]string{"9002 major", "9003 none"}, nil, "major down calm"},
		"Search":           {[]string{"9003 none"}, nil, "none operational calm"},
		"Huddles":          {nil, []string{"9004"}, "none operational maintenance"},
		"Link Previews":    {nil, nil, "none operational calm"},
		"Workflows, Posts": {nil, nil, "none operational calm"},
	}
	for services, tt := range tests {
		t.Run(services, func(t *testing.T) {
			l := read(t, "active.json", services)
			var open, windows []string
			for _, in := range l.open {
				open = append(open, in.ID+" "+in.Impact.String())
			}
			for _, w := range l.windows {
				windows = append(windows, w.ID)
			}
			if !slices.Equal(open, tt.open) || !slices.Equal(windows, tt.windows) {
				t.Errorf("open %q, windows %q; want %q and %q", open, windows, tt.open, tt.windows)
			}
			if got := enginetest.Judge(reader{services: vendors.ParseList(services)}.page(l), noon).String(); got != tt.want {
				t.Errorf("judged %+v, want %+v", got, tt.want)
			}
		})
	}
}

// TestNamesNothing: an incident that names no service concerns every one.
func TestNamesNothing(t *testing.T) {
	l := read(t, "odd.json", "Search")
	if len(l.open) != 3 {
		t.Fatalf("open %+v, want all three", l.open)
	}
	enginetest.Judged(t, reader{services: vendors.ParseList("Search")}.page(l), noon, "minor degraded calm")
}

func TestComponentsOfAService(t *testing.T) {
	page := reader{}.page(read(t, "active.json", ""))
	for pattern, want := range map[string]string{
		"Files":     "minor degraded calm",
		"Messaging": "major down calm",
		"Search":    "none operational calm",
		"Huddles":   "none operational maintenance",
	} {
		if got := enginetest.Judge(page, noon, pattern).String(); got != want {
			t.Errorf("%s: judged %+v, want %+v", pattern, got, want)
		}
	}
}

func TestNotUnderstood(t *testing.T) {
	for body, want := range map[string]fetch.Reason{
		``:                                      fetch.Decode,
		`<html>`:                                fetch.Decode,
		`{"status":"ok"`:                        fetch.Decode,
		`null`:                                  fetch.Shape,
		`[]`:                                    fetch.Shape,
		`{}`:                                    fetch.Shape,
		`"ok"`:                                  fetch.Shape,
		`{"status":"ok"}`:                       fetch.Shape,
		`{"active_incidents":[]}`:               fetch.Shape,
		`{"status":null,"active_incidents":[]}`: fetch.Shape,
		`{"status":"ok","active_incidents":{}}`: fetch.Shape,
		`{"status":"active","active_incidents":[]}`:                  fetch.Shape,
		`{"status":"active","active_incidents":[null]}`:              fetch.Shape,
		`{"status":"smouldering","active_incidents":[]}`:             fetch.Shape,
		`{"status":"active","active_incidents":[{}]}`:                fetch.Shape,
		`{"status":"active","active_incidents":[{"id":[],"x":"y"}]}`: fetch.Shape,
	} {
		l, err := reader{}.current([]byte(body))
		if err == nil {
			_, err = pages.Doubted(sources.Reading{Page: reader{}.page(l)}, l.doubt)
		}
		if err == nil || fetch.ReasonOf(err) != want {
			t.Errorf("%s: %+v, error %v; want one of reason %s", body, l, err, want)
		}
	}
	for body, want := range map[string]fetch.Reason{
		`null`: fetch.Shape, `{}`: fetch.Shape, `[`: fetch.Decode,
	} {
		if l, err := (reader{}).history([]byte(body)); err == nil || fetch.ReasonOf(err) != want {
			t.Errorf("history %s: %+v, error %v; want one of reason %s", body, l, err, want)
		}
	}
}

// TestDoubt: trouble counts next to what is not understood, and only trouble.
func TestDoubt(t *testing.T) {
	for _, body := range []string{`{"active_incidents":[{"id":1,"type":"outage"}]}`, `{"status":[],"active_incidents":[{"id":1,"type":"outage"}]}`} {
		site := enginetest.Start(t, body)
		enginetest.Judged(t, enginetest.Poll(t, site.Open(t, "slack", nil), noon).Page, noon, "major down calm")
	}
	for listed, want := range map[string]string{
		`{"id":1,"type":"outage"},null`:                        "major down calm",
		`{"id":1,"type":"outage"},{"id":2,"services":"Files"}`: "major down calm",
		`{"id":1,"type":"notice"},7`:                           "",
		`{"id":1,"type":"outage","status":"resolved"},[]`:      "",
	} {
		l, err := reader{}.current([]byte(`{"status":"active","active_incidents":[` + listed + `]}`))
		if err != nil {
			t.Fatal(err)
		}
		r, err := pages.Doubted(sources.Reading{Page: reader{}.page(l)}, l.doubt)
		if (err == nil) != (want != "") || err == nil && enginetest.Judge(r.Page, noon).String() != want {
			t.Errorf("%s: %+v, error %v; want %q", listed, r.Page, err, want)
		}
	}
}

// TestListedWhileOK: what is listed counts, whatever the word.
func TestListedWhileOK(t *testing.T) {
	l, err := reader{}.current([]byte(`{"status":"ok","active_incidents":[{"id":1,"type":"outage","status":"active"}]}`))
	if err != nil || len(l.open) != 1 {
		t.Errorf("listing %+v, error %v; want the outage", l, err)
	}
}

func FuzzDecode(f *testing.F) {
	for _, file := range []string{"ok", "active", "odd", "history"} {
		f.Add([]byte(enginetest.Load(f, file+".json")))
	}
	f.Add([]byte(`{"status":"ok","active_incidents":null}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		if l, err := (reader{}).current(body); err == nil {
			enginetest.Sound(t, sources.Reading{Page: reader{}.page(l), Ended: l.over})
		}
		if l, err := (reader{services: vendors.ParseList("Files,*search*")}).history(body); err == nil {
			enginetest.Sound(t, sources.Reading{Page: reader{}.page(l), Ended: l.over})
		}
	})
}
