package azuredevops

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/downstatus/downstatus_exporter/internal/status"
	"github.com/downstatus/downstatus_exporter/sources"
	"github.com/downstatus/downstatus_exporter/sources/fetch"
	"github.com/downstatus/downstatus_exporter/sources/internal/enginetest"
)

func body(t testing.TB, name string) string {
	return enginetest.Load(t, name+".json")
}

// poll reads one document under an option.
func poll(t *testing.T, doc, services string) (sources.Reading, error) {
	t.Helper()
	site := enginetest.Start(t, "")
	site.Say(healthPath, doc)
	return site.Open(t, "azuredevops", map[string]string{"services": services}).Poll(t.Context(), time.Now())
}

func TestTarget(t *testing.T) {
	const document = "https://status.dev.azure.com/_apis/status/health?api-version=7.1-preview.1"
	for _, url := range []string{"", defaultURL, defaultURL + "/", "status.dev.azure.com", document, defaultURL + healthPath + "?api-version=6.0-preview.1"} {
		got, err := target(sources.Config{URL: url})
		if err != nil || got.Name() != "status.dev.azure.com" || got.Document.String() != document {
			t.Errorf("%q: name %s, document %s, %v", url, got.Name(), got.Document, err)
		}
	}
	if _, err := target(sources.Config{URL: "mailto:x"}); err == nil {
		t.Error("no error for what is not a web address")
	}
}

func TestGolden(t *testing.T) {
	for _, name := range []string{"calm", "trouble", "odd"} {
		h, err := decode([]byte(body(t, name)))
		if err != nil {
			t.Fatal(err)
		}
		enginetest.Golden(t, name, status.Page{Word: h.word, Components: h.components, UnknownWords: h.unknown})
	}
}

// TestWordsGolden reads every row of the table, and words that are in none,
// against what was written down by hand.
func TestWordsGolden(t *testing.T) {
	var want map[string]string
	if err := json.Unmarshal([]byte(enginetest.Load(t, "words.golden.json")), &want); err != nil {
		t.Fatal(err)
	}
	for word := range ranks {
		if _, ok := want[word]; !ok {
			t.Errorf("%q has no golden reading", word)
		}
	}
	for word, meaning := range want {
		for _, form := range []string{fmt.Sprintf(`{"status":{"health":%q},"services":[{"id":"Boards","geographies":[{"id":"EU","health":"healthy"}]}]}`, word),
			fmt.Sprintf(`{"status":{"health":"healthy"},"services":[{"id":"Boards","geographies":[{"id":"EU","health":%q}]}]}`, word)} {
			h, err := decode([]byte(form))
			if err != nil {
				t.Fatal(err)
			}
			// The other field of the form is healthy, so the word's is the one that differs.
			got := h.word.Rank
			if strings.HasPrefix(form, `{"status":{"health":"healthy"}`) {
				got = h.components[0].Rank
			}
			text := got.String()
			if len(h.unknown) > 0 {
				text += ", unknown word"
			}
			if text != meaning {
				t.Errorf("%s: %q, want %q", form, text, meaning)
			}
		}
	}
}

func TestJudged(t *testing.T) {
	calm, down := "none operational calm", "minor down calm"
	for _, tt := range []struct {
		doc, services, components string
		want                      string
	}{
		{"calm", "", "", calm},
		{"calm", "Boards", "", calm},
		{"trouble", "", "", down}, // one leaf is major, one step above the page's own word
		{"trouble", "", "Boards", down},
		{"trouble", "", "Pipelines - Europe", down},
		{"trouble", "Boards/US", "", down},                    // listed twice: the worse counts
		{"trouble", "Repos/EU", "", "minor operational calm"}, // the page's word stays its word
		{"trouble", "boards", "", down},
		{"trouble", "*/US", "", down},
		{"trouble", "Repos/US", "", "minor unknown calm"},
	} {
		t.Run(tt.doc+" "+tt.services+" "+tt.components, func(t *testing.T) {
			r, err := poll(t, body(t, tt.doc), tt.services)
			if err != nil {
				t.Fatal(err)
			}
			var patterns []string
			if tt.components != "" {
				patterns = []string{tt.components}
			}
			if got := enginetest.Judge(r.Page, time.Now(), patterns...).String(); got != tt.want {
				t.Errorf("judged %+v, want %+v", got, tt.want)
			}
		})
	}
}

func TestServicesThatAreNone(t *testing.T) {
	if r, err := poll(t, body(t, "calm"), "Pagers"); fetch.ReasonOf(err) != fetch.Shape || !strings.Contains(err.Error(), "Pagers") || r.Page != nil {
		t.Errorf("page %v, error %v; want one that names the service", r.Page, err)
	}
	r, err := poll(t, body(t, "calm"), "Pagers,Boards")
	if err != nil || len(r.Page.Components) != 2 || len(r.Notes) != 1 || !strings.Contains(r.Notes[0], "Pagers") {
		t.Errorf("reading %+v, error %v; want two components and a note", r, err)
	}
}

// TestClock: a document that only tells another time is the same page.
func TestClock(t *testing.T) {
	site := enginetest.Start(t, "")
	site.Say(healthPath, body(t, "calm"))
	src := site.Open(t, "azuredevops", nil)
	first, asked := site.Poll(t, src, time.Now())
	if !slices.Equal(asked, []string{healthPath + "?api-version=" + apiVersion}) {
		t.Errorf("asked %q", asked)
	}
	site.Say(healthPath, strings.Replace(body(t, "calm"), "T10:00:00", "T10:01:00", 1))
	if again, _ := site.Poll(t, src, time.Now()); again.Page != first.Page {
		t.Error("another page at another time")
	}
	site.Say(healthPath, body(t, "trouble"))
	if again, _ := site.Poll(t, src, time.Now()); again.Page == first.Page {
		t.Error("the same page in trouble")
	}
}

func TestBadAnswers(t *testing.T) {
	site := enginetest.Start(t, "")
	site.Say(healthPath, body(t, "trouble"))
	site.SurvivesJSON(t, site.Open(t, "azuredevops", nil), healthPath, time.Now())
}

func TestNotUnderstood(t *testing.T) {
	enginetest.Refused(t, "azuredevops", nil, time.Now(), fetch.Shape,
		`{"status":{"health":"healthy"}}`,
		`{"status":{"health":"healthy"},"services":null}`,
		`{"status":{"health":"healthy"},"services":[]}`,
		`{"status":{"health":"healthy"},"services":[{"id":"Boards","geographies":[]}]}`,
		`{"status":{"health":"healthy"},"services":[{"id":"Boards","geographies":[{"id":"EU","health":"healthy"}]},null]}`,
		`{"status":{"health":"healthy"},"services":[{"id":"Boards","geographies":[{"id":"EU","health":"healthy"}]},{"id":"Repos","geographies":7}]}`,
		`{"status":"healthy","services":[]}`,
		body(t, "odd"),
	)
}

// TestInParts: what is understood of trouble counts, and a verdict that is
// missing is no calm.
func TestInParts(t *testing.T) {
	const one = `"services":[{"id":"Boards","geographies":[{"id":"EU","health":%q}]},{"id":"Repos","geographies":[{"id":"EU","health":"healthy"}]}%s]}`
	for doc, want := range map[string]string{
		fmt.Sprintf(`{"status":{},`+one, "healthy", ""):                          "unknown unknown calm",
		fmt.Sprintf(`{`+one, "healthy", ""):                                      "unknown unknown calm",
		fmt.Sprintf(`{"status":7,`+one, "unhealthy", ""):                         "unknown down calm",
		fmt.Sprintf(`{"status":{"health":"degraded"},`+one, "degraded", ",null"): "minor degraded calm",
	} {
		r, err := poll(t, doc, "")
		if err != nil {
			t.Fatal(err)
		}
		enginetest.Judged(t, r.Page, time.Now(), want)
	}
}

func FuzzDecode(f *testing.F) {
	for _, name := range []string{"calm", "trouble", "odd"} {
		f.Add([]byte(body(f, name)))
	}
	f.Add([]byte(`{"status":{"health":4},"services":[{"id":1,"geographies":[{"id":2,"health":3}]}]}`))
	f.Fuzz(func(t *testing.T, doc []byte) {
		if h, err := decode(doc); err == nil {
			enginetest.Sound(t, sources.Reading{Page: &status.Page{Word: h.word, Components: h.components}})
		}
	})
}
