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
	return string(enginetest.Read(t, "testdata/"+name+".json"))
}

// poll reads one document under an option.
func poll(t *testing.T, doc, services string) (sources.Reading, error) {
	t.Helper()
	site := enginetest.NewSite(t)
	site.Say(healthPath, doc)
	c := sources.Config{}
	if services != "" {
		c.Options = map[string]string{"services": services}
	}
	return site.Open(t, "azuredevops", c).Poll(t.Context(), time.Now())
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
	if err := json.Unmarshal(enginetest.Read(t, "testdata/words.golden.json"), &want); err != nil {
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
	calm, degraded, down := enginetest.Verdict{}, enginetest.Verdict{Indicator: status.Minor, Severity: status.Degraded}, enginetest.Verdict{Indicator: status.Minor, Severity: status.Down}
	unknown := enginetest.Verdict{Indicator: status.IndicatorUnknown, Severity: status.Unknown}
	for _, tt := range []struct {
		doc, services, components string
		want                      enginetest.Verdict
	}{
		{"calm", "", "", calm},
		{"calm", "Boards", "", calm},
		{"trouble", "", "", down}, // one leaf is major, one step above the page's own word
		{"trouble", "", "Boards", degraded},
		{"trouble", "", "Pipelines - Europe", down},
		{"trouble", "Boards/US", "", enginetest.Verdict{Indicator: status.Minor}}, // the page's word stays its word
		{"trouble", "boards", "", degraded},
		{"trouble", "*/US", "", degraded},
		{"trouble", "Repos/US", "", enginetest.Verdict{Indicator: status.Minor, Severity: status.Unknown}},
		{"odd", "", "", unknown},
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
			if got := enginetest.Judge(r.Page, time.Now(), patterns...); got != tt.want {
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
	site := enginetest.NewSite(t)
	site.Say(healthPath, body(t, "calm"))
	src := site.Open(t, "azuredevops", sources.Config{})
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
	site := enginetest.NewSite(t)
	site.Say(healthPath, body(t, "trouble"))
	site.BadAnswers(t, site.Open(t, "azuredevops", sources.Config{}), healthPath, time.Now())
}

func TestNotUnderstood(t *testing.T) {
	for _, doc := range []string{
		`{"status":{"health":"healthy"}}`,
		`{"status":{"health":"healthy"},"services":null}`,
		`{"status":{"health":"healthy"},"services":[]}`,
		`{"status":{"health":"healthy"},"services":[{"id":"Boards","geographies":[]}]}`,
		`{"status":{},"services":[{"id":"Boards","geographies":[{"id":"EU","health":"healthy"}]}]}`,
		`{"status":"healthy","services":[]}`,
		`{"services":[{"id":"Boards","geographies":[{"id":"EU","health":"healthy"}]}]}`,
	} {
		if h, err := decode([]byte(doc)); fetch.ReasonOf(err) != fetch.Shape || err == nil {
			t.Errorf("%s: %+v, %v; want an error of shape", doc, h, err)
		}
	}
}

func FuzzDecode(f *testing.F) {
	for _, name := range []string{"calm", "trouble", "odd"} {
		f.Add([]byte(body(f, name)))
	}
	f.Add([]byte(`{"status":{"health":4},"services":[{"id":1,"geographies":[{"id":2,"health":3}]}]}`))
	f.Fuzz(func(t *testing.T, doc []byte) {
		if h, err := decode(doc); err == nil {
			enginetest.CheckPage(t, &status.Page{Word: h.word, Components: h.components})
		}
	})
}
