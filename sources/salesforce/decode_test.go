package salesforce

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/downstatus/downstatus_exporter/internal/status"
	"github.com/downstatus/downstatus_exporter/sources"
	"github.com/downstatus/downstatus_exporter/sources/fetch"
	"github.com/downstatus/downstatus_exporter/sources/internal/enginetest"
	"github.com/downstatus/downstatus_exporter/sources/internal/vendors"
)

// noon is when the tests are polled.
var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

func body(t testing.TB, name string) string {
	return enginetest.Load(t, name+".json")
}

// page is what a list says under options.
func page(t testing.TB, doc, instances, products string) *builder {
	t.Helper()
	l, err := decodeList([]byte(doc))
	if err != nil {
		t.Fatal(err)
	}
	o := options{vendors.ParseList(instances), vendors.ParseList(products)}
	s := &source{root: "https://status.acme.test", home: "https://status.acme.test", options: o, places: []document{{place: place{url: &url.URL{}}}}}
	return s.build([]list{l}, noon)
}

func TestGolden(t *testing.T) {
	for name, instances := range map[string]string{"preview": "", "odd": "*"} {
		b := page(t, body(t, name), instances, "")
		enginetest.Golden(t, name, struct {
			Page *status.Page
			Over []status.Incident
		}{b.page, b.over})
	}
}

// TestWordsGolden reads every row of the mapping tables, and words that are in
// none, against what was written down by hand.
func TestWordsGolden(t *testing.T) {
	var want map[string]map[string]string
	if err := json.Unmarshal([]byte(enginetest.Load(t, "words.golden.json")), &want); err != nil {
		t.Fatal(err)
	}
	for word := range conditions {
		if _, ok := want["status"][word]; !ok {
			t.Errorf("status %q has no golden reading", word)
		}
	}
	for word := range severities {
		if _, ok := want["severity"][word]; !ok {
			t.Errorf("severity %q has no golden reading", word)
		}
	}
	rows := map[string]bool{}
	for field, words := range want {
		for word, meaning := range words {
			rows[field+vendors.Fold(word)] = true
			if got := readWord(t, field, word); got != meaning {
				t.Errorf("%s %q reads as %q, want %q", field, word, got, meaning)
			}
		}
	}
	for word := range windowStates {
		if !rows["eventStatus"+word] {
			t.Errorf("eventStatus %q has no golden reading", word)
		}
	}
}

func readWord(t *testing.T, field, word string) string {
	t.Helper()
	doc := map[string]string{
		"status":           `[{"key":"A","status":%q}]`,
		"severity":         `[{"key":"A","status":"OK","Incidents":[{"id":1,"IncidentImpacts":[{"severity":%q}]}]}]`,
		"noncore severity": `[{"key":"A","status":"OK","Incidents":[{"id":1,"isCore":false,"IncidentImpacts":[{"severity":%q}]}]}]`,
		"eventStatus":      `[{"key":"A","status":"OK","Maintenances":[{"id":1,"message":{"eventStatus":%q},"plannedStartTime":"2026-11-22T11:00:00Z"}]}]`,
	}[field]
	p := page(t, fmt.Sprintf(doc, word), "A", "").page
	got := p.Components[0].Rank.String()
	switch {
	case field == "eventStatus":
		got = map[status.WindowState]string{status.NoState: "by the clock", status.InProgress: "under way", status.Completed: "over"}[p.Windows[0].State]
	case field != "status":
		got = p.Incidents[0].Impact.String()
	case p.Components[0].Maintenance:
		got += ", maintenance"
	}
	if len(p.UnknownWords) > 0 {
		got += ", unknown word"
	}
	return got
}

func TestJudged(t *testing.T) {
	degraded := "minor degraded calm"
	down := "major down calm"
	for _, tt := range []struct {
		instances, products, component string
		want                           string
	}{
		{"", "", "", degraded}, // one of seven is major, and takes nobody down
		{"", "", "AC2", down},
		{"", "", "AC3", degraded},
		{"", "", "AC4", "none operational maintenance"},
		{"", "", "EMEA", "minor degraded maintenance"},
		{"", "", "AC1", "none operational calm"},
		{"AC2", "", "", down},
		{"ac1,AC5", "", "", "none operational calm"},
		{"AC3", "", "", degraded},
		{"AC4", "", "", "none operational maintenance"},
		{"AC[1]", "", "", "unknown unknown calm"},
		{"", "acme_service", "", degraded},
		{"", "*_Sales", "", "major down maintenance"},
		{"AC1", "Acme_Service", "", "none operational calm"},
	} {
		t.Run(tt.instances+" "+tt.products+" "+tt.component, func(t *testing.T) {
			var patterns []string
			if tt.component != "" {
				patterns = []string{tt.component}
			}
			p := page(t, body(t, "preview"), tt.instances, tt.products).page
			if len(p.Components) == 0 { // the source makes an error of it
				if !strings.Contains(tt.want, "unknown") {
					t.Error("no component")
				}
				return
			}
			if got := enginetest.Judge(p, noon, patterns...).String(); got != tt.want {
				t.Errorf("judged %+v, want %+v", got, tt.want)
			}
		})
	}
}

// TestHalf: what half of the instances reach is true of the whole.
func TestHalf(t *testing.T) {
	doc := func(second string) string {
		incident := `{"id":1,"IncidentImpacts":[{"severity":"major","type":"serviceDisruption","startTime":"2026-11-22T11:00:00Z"}]}`
		return `[{"key":"A","status":"MAJOR_INCIDENT_CORE","Incidents":[` + incident + `]},{"key":"B","status":"` + second + `"},{"key":"C","status":"OK"},{"key":"D","status":"OK"}]`
	}
	for second, want := range map[string]status.Status{"OK": status.Degraded, "MINOR_INCIDENT_CORE": status.Degraded, "MAJOR_INCIDENT_CORE": status.Down} {
		o := status.Judge(page(t, doc(second), "", "").page, status.Scope{}, noon)
		if o.Severity != want || len(o.Evidence) != 1 || o.Since.IsZero() {
			t.Errorf("second %s: severity %v, evidence %q since %v; want %v", second, o.Severity, o.Evidence, o.Since, want)
		}
	}
}

// TestInstanceBehind: an open incident counts while the state of its instance
// still says OK.
func TestInstanceBehind(t *testing.T) {
	doc := `[{"key":"A","status":"OK","Incidents":[{"id":1,"IncidentImpacts":[{"severity":"major","startTime":"2026-11-22T11:00:00Z","endTime":null}]}]},{"key":"B","status":"OK"},{"key":"C","status":"OK"}]`
	if got := status.Judge(page(t, doc, "", "").page, status.Scope{}, noon); got.Severity != status.Degraded {
		t.Errorf("judged %+v, want degraded", got)
	}
	if got := status.Judge(page(t, doc, "A", "").page, status.Scope{}, noon); got.Severity != status.Down {
		t.Errorf("the instance alone is judged %+v, want down", got)
	}
}

func TestNotUnderstood(t *testing.T) {
	type decoder func([]byte) error
	decoders := map[string]decoder{
		"list": func(b []byte) error { _, err := decodeList(b); return err },
		"one":  func(b []byte) error { _, err := decodeOne(b); return err },
		"past": func(b []byte) error { _, err := decodeHistory(b, noon); return err },
	}
	for _, tt := range []struct {
		decoder, doc string
		want         fetch.Reason
	}{
		{"list", `null`, fetch.Shape},
		{"list", `{}`, fetch.Shape},
		{"list", `[]`, fetch.Shape},
		{"list", `[{"key":"A"}]`, fetch.Shape},
		{"list", `[{"key":"A"`, fetch.Decode},
		{"one", `null`, fetch.Shape},
		{"one", `[]`, fetch.Shape},
		{"one", `{"key":"A"}`, fetch.Shape},
		{"one", `{"key":"A","status":"OK","isActive":false}`, fetch.Shape},
		{"past", `null`, fetch.Shape},
		{"past", `{"id":1}`, fetch.Shape},
		{"past", `<`, fetch.Decode},
	} {
		if err := decoders[tt.decoder]([]byte(tt.doc)); err == nil || fetch.ReasonOf(err) != tt.want {
			t.Errorf("%s %s: %v, want an error of reason %s", tt.decoder, tt.doc, err, tt.want)
		}
	}
}

func FuzzDecode(f *testing.F) {
	for _, name := range []string{"preview", "odd"} {
		f.Add([]byte(body(f, name)))
	}
	f.Add([]byte(`{"key":"A","status":"OK","isActive":"true","Incidents":[{"id":1,"IncidentImpacts":[{"severity":"major","endTime":"2026-11-22T12:00:00Z"}]}]}`))
	f.Fuzz(func(t *testing.T, doc []byte) {
		s := &source{places: []document{{}}}
		for _, decode := range []func([]byte) (list, error){decodeList, decodeOne} {
			l, err := decode(doc)
			if err != nil {
				continue
			}
			if b := s.build([]list{l}, noon); len(b.page.Components) > 0 {
				enginetest.Sound(t, sources.Reading{Page: b.page, Ended: b.over})
			}
		}
		if past, err := decodeHistory(doc, noon); err == nil {
			enginetest.Sound(t, sources.Reading{Page: &status.Page{OnlyTroubles: true}, Ended: past})
		}
	})
}
