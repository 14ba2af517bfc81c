package collector

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/downstatus/downstatus_exporter/internal/board"
	"github.com/downstatus/downstatus_exporter/internal/status"
	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
)

const acceptOpenMetrics = "application/openmetrics-text;version=1.0.0"

type answer struct {
	code   int
	header http.Header
	body   []byte // decompressed
}

// scrape asks with GET; query may be empty.
func scrape(t *testing.T, h http.Handler, accept, query string, header ...string) answer {
	t.Helper()
	r := httptest.NewRequest(http.MethodGet, "/metrics?"+query, nil)
	r.Header.Set("Accept", accept)
	for i := 0; i < len(header); i += 2 {
		r.Header.Add(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	body := w.Body.Bytes()
	if got := w.Header().Get("Content-Length"); w.Code == http.StatusOK && got != fmt.Sprint(len(body)) && got != "" {
		t.Errorf("Content-Length is %s, of a body of %d bytes", got, len(body))
	}
	if w.Header().Get("Content-Encoding") == "gzip" {
		body = gunzipOne(t, body)
	}
	return answer{w.Code, w.Header(), body}
}

func fixtureHandler() http.Handler {
	return NewHandler(board.Fixed(fixture()), prometheus.NewRegistry(), testOptions())
}

// registry holds a Collector and nothing else.
func registry(t *testing.T, s *board.Snapshot) *prometheus.Registry {
	t.Helper()
	reg := prometheus.NewPedanticRegistry()
	reg.MustRegister(New(board.Fixed(s), testOptions()))
	return reg
}

func labelOf(pairs []*dto.LabelPair, name string) string {
	for _, p := range pairs {
		if p.GetName() == name {
			return p.GetValue()
		}
	}
	return ""
}

func TestEqualToPromhttp(t *testing.T) {
	hostile := large(3, 40)
	hostile.Labels = []string{"zone", "aaa"}
	slices.Reverse(hostile.Services)
	for i := range hostile.Services[0].Components {
		c := &hostile.Services[0].Components[i]
		c.Name = noise(i * 13)
	}
	boards := map[string]*board.Snapshot{"fixture": fixture(), "hostile": hostile, "empty": {}}
	for name, s := range boards {
		for _, accept := range []string{"", acceptOpenMetrics, "application/openmetrics-text;version=0.0.1"} {
			for _, coding := range []string{"identity", "gzip"} {
				t.Run(strings.Join([]string{name, accept, coding}, "/"), func(t *testing.T) {
					ours := NewHandler(board.Fixed(s), prometheus.NewRegistry(), testOptions())
					theirs := promhttp.HandlerFor(registry(t, s), promhttp.HandlerOpts{EnableOpenMetrics: true})
					got := scrape(t, ours, accept, "", "Accept-Encoding", coding)
					want := scrape(t, theirs, accept, "", "Accept-Encoding", coding)
					if diff := cmp.Diff(string(want.body), string(got.body)); diff != "" {
						t.Errorf("body (-promhttp +ours):\n%s", diff)
					}
					for _, key := range []string{"Content-Type", "Content-Encoding"} {
						if g, w := got.header.Get(key), want.header.Get(key); g != w {
							t.Errorf("%s: got %q, promhttp %q", key, g, w)
						}
					}
				})
			}
		}
	}
}

func TestNegotiation(t *testing.T) {
	const (
		plain = "text/plain; version=0.0.4; charset=utf-8; escaping=underscores"
		om1   = "application/openmetrics-text; version=1.0.0; charset=utf-8; escaping=underscores"
		om0   = "application/openmetrics-text; version=0.0.1; charset=utf-8; escaping=underscores"
		proto = "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited"
	)
	h := fixtureHandler()
	for _, tc := range []struct{ accept, want string }{
		{"", plain},
		{"*/*", plain},
		{"text/html,*/*;q=0.8", plain},
		{"text/plain;version=0.0.4", plain},
		{acceptOpenMetrics, om1},
		{"application/openmetrics-text", om0},
		{proto, plain},
		{proto + ";q=0.9," + acceptOpenMetrics + ";q=0.8,text/plain;version=0.0.4;q=0.7", om1},
		{proto + ",text/plain;version=1.0.0;q=0.8,text/plain;version=0.0.4;q=0.7", plain},
		{acceptOpenMetrics + ";q=0.1,text/plain;version=0.0.4;q=0.9", plain},
		{acceptOpenMetrics + ";escaping=allow-utf-8", strings.Replace(om1, "underscores", "allow-utf-8", 1)},
	} {
		t.Run(tc.accept, func(t *testing.T) {
			got := scrape(t, h, tc.accept, "")
			if ct := got.header.Get("Content-Type"); ct != tc.want {
				t.Errorf("Content-Type is %q, want %q", ct, tc.want)
			}
			if vary := got.header.Get("Vary"); vary != "Accept, Accept-Encoding" {
				t.Errorf("Vary is %q", vary)
			}
			wantEOF := 0
			if strings.HasPrefix(tc.want, "application/openmetrics") {
				wantEOF = 1
			}
			if n := bytes.Count(got.body, []byte("# EOF\n")); n != wantEOF {
				t.Errorf("%d ends, want %d", n, wantEOF)
			}
			if wantEOF == 1 && !bytes.HasSuffix(got.body, []byte("\n# EOF\n")) {
				t.Error("does not end with # EOF")
			}
		})
	}
}

func TestMethods(t *testing.T) {
	srv := httptest.NewServer(fixtureHandler())
	defer srv.Close()
	for _, tc := range []struct {
		method string
		code   int
		allow  string
	}{
		{http.MethodGet, 200, ""},
		{http.MethodHead, 200, ""},
		{http.MethodPost, 405, "GET, HEAD"},
		{http.MethodOptions, 405, "GET, HEAD"},
	} {
		t.Run(tc.method, func(t *testing.T) {
			req, err := http.NewRequest(tc.method, srv.URL, nil)
			if err != nil {
				t.Fatal(err)
			}
			req.Header.Set("Accept-Encoding", "identity")
			res, err := srv.Client().Do(req)
			if err != nil {
				t.Fatal(err)
			}
			defer res.Body.Close()
			body, err := io.ReadAll(res.Body)
			if err != nil {
				t.Fatal(err)
			}
			if res.StatusCode != tc.code || res.Header.Get("Allow") != tc.allow {
				t.Errorf("got %d, Allow %q", res.StatusCode, res.Header.Get("Allow"))
			}
			if want := int64(len(scrape(t, fixtureHandler(), "", "").body)); tc.code == 200 && res.ContentLength != want {
				t.Errorf("Content-Length is %d, want %d", res.ContentLength, want)
			}
			if (len(body) == 0) != (tc.method == http.MethodHead) {
				t.Errorf("the body has %d bytes", len(body))
			}
		})
	}
}

func ownMetrics() *prometheus.Registry {
	reg := prometheus.NewRegistry()
	up := prometheus.NewGauge(prometheus.GaugeOpts{Name: "downstatus_store_up", Help: "Up."})
	polls := prometheus.NewHistogram(prometheus.HistogramOpts{Name: "downstatus_poll_duration_seconds", Help: "Polls."})
	polls.Observe(0.2)
	reg.MustRegister(up, polls)
	return reg
}

func TestOwnFamiliesFollow(t *testing.T) {
	reg := ownMetrics()
	h := NewHandler(board.Fixed(fixture()), reg, testOptions())
	mirrored := scrape(t, fixtureHandler(), "", "").body
	own := scrape(t, promhttp.HandlerFor(reg, promhttp.HandlerOpts{}), "", "").body
	for _, coding := range []string{"identity", "gzip"} {
		got := scrape(t, h, "", "", "Accept-Encoding", coding).body
		if diff := cmp.Diff(string(mirrored)+string(own), string(got)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", coding, diff)
		}
		parser := expfmt.NewTextParser(model.LegacyValidation)
		if _, err := parser.TextToMetricFamilies(bytes.NewReader(got)); err != nil {
			t.Error(err)
		}
	}
}

func TestNameFilter(t *testing.T) {
	h := NewHandler(board.Fixed(fixture()), ownMetrics(), testOptions())
	for _, tc := range []struct {
		query string
		want  []string
	}{
		{"name[]=downstatus_source_up", []string{"downstatus_source_up"}},
		{"name[]=downstatus_source_up&name[]=downstatus_store_up", []string{"downstatus_source_up", "downstatus_store_up"}},
		{"name%5B%5D=downstatus_outage_duration_seconds", []string{"downstatus_outage_duration_seconds"}},
		{"name[]=downstatus_outages_total", []string{"downstatus_outages_total"}},
		{"name[]=nothing_of_that_name", nil},
	} {
		for _, coding := range []string{"identity", "gzip"} {
			t.Run(tc.query+"/"+coding, func(t *testing.T) {
				got := scrape(t, h, "", tc.query, "Accept-Encoding", coding).body
				if diff := cmp.Diff(tc.want, familyNames(got)); diff != "" {
					t.Error(diff)
				}
			})
		}
	}
	if all := familyNames(scrape(t, h, "", "other=1").body); len(all) != len(Families())+2 {
		t.Errorf("without a filter: %d families", len(all))
	}
	if got := scrape(t, h, acceptOpenMetrics, "name[]=none").body; string(got) != "# EOF\n" {
		t.Errorf("nothing in OpenMetrics is %q", got)
	}
}

var typeLine = regexp.MustCompile(`(?m)^# TYPE (\S+)`)

func familyNames(body []byte) []string {
	var out []string
	for _, m := range typeLine.FindAllSubmatch(body, -1) {
		out = append(out, string(m[1]))
	}
	return out
}

// A registry that fails, repeats a family of ours or holds one that cannot be
// written must not cost the rest.
func TestRegistryErrors(t *testing.T) {
	good := &dto.MetricFamily{
		Name: ptr("a_good_one"), Type: dto.MetricType_GAUGE.Enum(), Metric: []*dto.Metric{{Gauge: &dto.Gauge{Value: ptr(1.0)}}},
	}
	for name, tc := range map[string]struct {
		bad  *dto.MetricFamily
		err  error
		want string
	}{
		"gather":   {nil, errors.New("disk on fire"), "disk on fire"},
		"repeated": {counterFamily(&Family{Name: "downstatus_outages_total"}, 1), nil, "downstatus_outages_total"},
		"broken":   {&dto.MetricFamily{Name: ptr("broken"), Type: dto.MetricType_GAUGE.Enum(), Metric: []*dto.Metric{{}}}, nil, "broken"},
	} {
		t.Run(name, func(t *testing.T) {
			got := []*dto.MetricFamily{good}
			if tc.bad != nil {
				got = []*dto.MetricFamily{tc.bad, good}
			}
			var told []string
			opts := testOptions()
			opts.OnError = func(err error) { told = append(told, err.Error()) }
			h := NewHandler(board.Fixed(fixture()), prometheus.GathererFunc(func() ([]*dto.MetricFamily, error) { return got, tc.err }), opts)
			a := scrape(t, h, "", "")
			if want := string(scrape(t, fixtureHandler(), "", "").body) + "# TYPE a_good_one gauge\na_good_one 1\n"; string(a.body) != want || a.code != 200 {
				t.Errorf("code %d, body (-want +got):\n%s", a.code, cmp.Diff(want, string(a.body)))
			}
			if len(told) != 1 || !strings.Contains(told[0], tc.want) {
				t.Errorf("told %q, want one about %q", told, tc.want)
			}
		})
	}
}

// live is a handler over a snapshot and a clock that a test can move.
type live struct {
	*handler
	snap *board.Snapshot
	now  time.Time
}

func newLive(s *board.Snapshot) *live {
	l := &live{snap: s, now: testNow}
	opts := testOptions()
	opts.Now = func() time.Time { return l.now }
	l.handler = newHandler(func() *board.Snapshot { return l.snap }, prometheus.NewRegistry(), opts)
	return l
}

func (l *live) line(t *testing.T, series string) string {
	t.Helper()
	for line := range strings.Lines(string(scrape(t, l, "", "").body)) {
		if strings.HasPrefix(line, series) {
			return strings.TrimSpace(strings.TrimPrefix(line, series))
		}
	}
	return "absent"
}

// withPolls is the fixture after more polls that changed nothing else.
func withPolls(generation, polls uint64) *board.Snapshot {
	s := fixture()
	s.Generation, s.Polls = generation, polls
	s.Sources[0].Moving = &board.SourceMoving{Polls: polls}
	return s
}

func TestWhatMovesIsMadeAnew(t *testing.T) {
	const polls = `downstatus_source_polls_total{source="feed/downstatus"}`
	l := newLive(withPolls(1, 10))
	for _, step := range []struct {
		name  string
		after time.Duration
		snap  *board.Snapshot
		want  string
	}{
		{"first", 0, withPolls(1, 10), "10"},
		{"kept for a moment", maxAge - time.Millisecond, withPolls(1, 11), "10"},
		{"too old", maxAge, withPolls(1, 12), "12"},
		{"a new generation", maxAge, withPolls(2, 13), "13"},
		{"the clock went back", -time.Hour, withPolls(2, 14), "14"},
	} {
		l.now, l.snap = testNow.Add(step.after), step.snap
		if got := l.line(t, polls); got != step.want {
			t.Errorf("%s: got %s, want %s", step.name, got, step.want)
		}
	}
	if maxAge >= 5*time.Second {
		t.Error("what a scrape shows must not be older than 5 s")
	}
}

func TestOutageDurationIsAsOfTheScrape(t *testing.T) {
	l := newLive(fixture())
	const series = `downstatus_outage_duration_seconds{signal="user_reports",slug="acme"}`
	if got := l.line(t, series); got != "90" {
		t.Errorf("got %s, want 90", got)
	}
	l.now = testNow.Add(500 * time.Millisecond)
	if got := l.line(t, series); got != "90.5" {
		t.Errorf("half a second later: got %s, want 90.5", got)
	}
}

// A family is rendered anew only if its own number has moved.
func TestWhatIsKept(t *testing.T) {
	l := newLive(fixture())
	before := l.shelf.current(nil)
	next := fixture()
	next.Generation++
	l.snap = next
	after := l.shelf.current(nil)
	for i, f := range families {
		if kept := before[i] == after[i]; kept != (f.pace == perComponents) {
			t.Errorf("%s: kept over a generation: %v", f.Name, kept)
		}
	}
	next = fixture()
	next.Generation, next.Components = 3, 2
	l.snap = next
	if last := l.shelf.current(nil); last[0] == after[0] {
		t.Errorf("%s is kept over a change of components", families[0].Name)
	}
}

// Two services that no longer exist, or do so only now, must not linger.
func TestServicesComeAndGo(t *testing.T) {
	l := newLive(fixture())
	scrape(t, l, "", "")
	next := fixture()
	next.Generation, next.Components = 2, 2
	next.Services, next.Sources = next.Services[1:], next.Sources[:1]
	l.snap = next
	got := scrape(t, l, "", "").body
	if bytes.Contains(got, []byte("acme")) || !bytes.Contains(got, []byte(`slug="bolt"`)) {
		t.Errorf("acme is gone, bolt is not:\n%s", got)
	}
}

// Every scrape shows one generation, whatever happens meanwhile.
func TestConcurrentScrapes(t *testing.T) {
	const scrapers, generations = 6, 100
	var current atomic.Pointer[board.Snapshot]
	current.Store(numbered(1))
	h := newHandler(current.Load, ownMetrics(), testOptions())
	done := make(chan struct{})
	var wg sync.WaitGroup
	for i := range scrapers {
		wg.Go(func() {
			for {
				body := scrape(t, h, []string{"", acceptOpenMetrics}[i%2], "", "Accept-Encoding", []string{"identity", "gzip", "gzip"}[i%3]).body
				if seen := slices.Compact(numbers(body)); len(seen) != 1 {
					t.Errorf("one scrape shows the generations %q", seen)
				}
				select {
				case <-done:
					return
				default:
				}
			}
		})
	}
	for n := range generations {
		current.Store(numbered(n + 2))
	}
	close(done)
	wg.Wait()
	if got := numbers(scrape(t, h, "", "").body); got[0] != fmt.Sprint(generations+1) {
		t.Errorf("the last scrape shows %s", got[0])
	}
}

// numbered is a board that shows its generation in families of every pace.
func numbered(n int) *board.Snapshot {
	s := fixture()
	s.Generation, s.Components = uint64(n), uint64(n)
	for _, v := range s.Services {
		v.Slug = fmt.Sprintf("%s-g%d", v.Slug, n)
		v.OutageCount = map[status.Signal]uint64{}
	}
	return s
}

var generationOf = regexp.MustCompile(`slug="\w+-g(\d+)"`)

func numbers(body []byte) []string {
	var out []string
	for _, m := range generationOf.FindAllSubmatch(body, -1) {
		out = append(out, string(m[1]))
	}
	return out
}

// A warm scrape must not cost more allocations for more series.
func TestNoAllocationPerSeries(t *testing.T) {
	for _, coding := range []string{"identity", "gzip"} {
		small, big := scrapeAllocs(large(1, 1), coding), scrapeAllocs(large(50, 50), coding)
		if big > small+20 {
			t.Errorf("%s: %v allocations for 50 services, %v for one", coding, big, small)
		}
	}
}

func scrapeAllocs(s *board.Snapshot, coding string) float64 {
	for _, v := range s.Services {
		v.Outage = nil // its duration is made for every scrape
	}
	h := NewHandler(board.Fixed(s), prometheus.NewRegistry(), testOptions())
	r := httptest.NewRequest(http.MethodGet, "/metrics", nil)
	r.Header.Set("Accept-Encoding", coding)
	w := discard{http.Header{}}
	return testing.AllocsPerRun(20, func() { h.ServeHTTP(w, r) })
}

// discard is a response that nobody reads.
type discard struct{ header http.Header }

func (d discard) Header() http.Header       { return d.header }
func (discard) Write(p []byte) (int, error) { return len(p), nil }
func (discard) WriteHeader(int)             {}
