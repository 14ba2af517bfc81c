package collector

import (
	"bytes"
	stdflate "compress/flate"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"testing"
	"time"

	"github.com/downstatus/downstatus_exporter/internal/board"
	"github.com/klauspost/compress/flate"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// The board of the benchmarks: about 107,500 series.
const benchServices, benchComponents = 500, 170

func processRegistry() *prometheus.Registry {
	reg := prometheus.NewRegistry()
	reg.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return reg
}

// BenchmarkScrape compares the handler with a bare server of the same bytes,
// over loopback HTTP with a client that reads and discards.
func BenchmarkScrape(b *testing.B) {
	h := NewHandler(board.Fixed(large(benchServices, benchComponents)), processRegistry(), Options{})
	for _, coding := range []string{"identity", "gzip"} {
		b.Run("ready/"+coding, func(b *testing.B) { overLoopback(b, h, coding) })
		w := httptest.NewRecorder()
		r := httptest.NewRequest(http.MethodGet, "/metrics", nil)
		r.Header.Set("Accept-Encoding", coding)
		h.ServeHTTP(w, r)
		body := w.Body.Bytes()
		b.Run("bare/"+coding, func(b *testing.B) {
			overLoopback(b, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Encoding", coding)
				w.Header().Set("Content-Type", "text/plain")
				w.Header().Set("Content-Length", strconv.Itoa(len(body)))
				_, _ = w.Write(body)
			}), coding)
		})
	}
}

func overLoopback(b *testing.B, h http.Handler, coding string) {
	srv := httptest.NewServer(h)
	defer srv.Close()
	client := &http.Client{Transport: &http.Transport{DisableCompression: true}}
	defer client.CloseIdleConnections()
	get := func() int64 {
		req, err := http.NewRequest(http.MethodGet, srv.URL, nil)
		if err != nil {
			b.Fatal(err)
		}
		req.Header.Set("Accept-Encoding", coding)
		res, err := client.Do(req)
		if err != nil {
			b.Fatal(err)
		}
		defer res.Body.Close()
		n, err := io.Copy(io.Discard, res.Body)
		if err != nil {
			b.Fatal(err)
		}
		return n
	}
	b.SetBytes(get()) // and warm
	b.ReportAllocs()
	for b.Loop() {
		get()
	}
}

// BenchmarkServe is the handler alone, into a response that nobody reads.
func BenchmarkServe(b *testing.B) {
	s := large(benchServices, benchComponents)
	for _, coding := range []string{"identity", "gzip"} {
		r := httptest.NewRequest(http.MethodGet, "/metrics", nil)
		r.Header.Set("Accept-Encoding", coding)
		for name, h := range map[string]http.Handler{
			"board":    NewHandler(board.Fixed(s), prometheus.NewRegistry(), Options{}),
			"registry": NewHandler(board.Fixed(&board.Snapshot{}), processRegistry(), Options{}),
		} {
			b.Run(name+"/"+coding, func(b *testing.B) {
				h.ServeHTTP(discard{http.Header{}}, r) // warm
				b.ReportAllocs()
				for b.Loop() {
					h.ServeHTTP(discard{http.Header{}}, r)
				}
			})
		}
	}
}

// BenchmarkPromhttp is what the same board costs through the Collector.
func BenchmarkPromhttp(b *testing.B) {
	reg := prometheus.NewRegistry()
	reg.MustRegister(New(board.Fixed(large(benchServices, benchComponents)), Options{}))
	h := promhttp.HandlerFor(reg, promhttp.HandlerOpts{})
	r := httptest.NewRequest(http.MethodGet, "/metrics", nil)
	b.ReportAllocs()
	for b.Loop() {
		h.ServeHTTP(discard{http.Header{}}, r)
	}
}

// BenchmarkMake is what a change costs the first scrape after it, by what has
// to be made anew.
func BenchmarkMake(b *testing.B) {
	s := large(benchServices, benchComponents)
	for name, p := range map[string]pace{"components": perComponents, "generation": perGeneration, "polls": perPoll} {
		for _, zip := range []bool{false, true} {
			b.Run(name+map[bool]string{false: "/text", true: "/gzip"}[zip], func(b *testing.B) {
				bytes := 0
				for b.Loop() {
					bytes = makeAll(s, p, zip)
				}
				b.ReportMetric(float64(bytes), "B/body")
			})
		}
	}
}

func makeAll(s *board.Snapshot, p pace, zip bool) (size int) {
	v := view{Snapshot: s, now: testNow.Add(time.Second), boardURL: Options{}.withDefaults().BoardURL}
	for i := range families {
		if families[i].pace != p {
			continue
		}
		g := &segment{family: &families[i], view: v}
		if zip {
			size += len(g.zip(text).blocks)
		} else {
			size += len(g.plain(text))
		}
	}
	return size
}

// BenchmarkDeflate is why the deflaters are what they are.
func BenchmarkDeflate(b *testing.B) {
	s := large(benchServices, benchComponents)
	body := (&segment{family: &families[0], view: view{Snapshot: s}}).plain(text)
	type writer interface {
		io.Writer
		Reset(io.Writer)
		Flush() error
	}
	for name, open := range map[string]func(level int) (writer, error){
		"klauspost": func(level int) (writer, error) { return flate.NewWriter(nil, level) },
		"standard":  func(level int) (writer, error) { return stdflate.NewWriter(nil, level) },
	} {
		for _, level := range []int{1, 2, 4, 5, 6} {
			b.Run(name+"/"+strconv.Itoa(level), func(b *testing.B) {
				w, err := open(level)
				if err != nil {
					b.Fatal(err)
				}
				var out bytes.Buffer
				b.SetBytes(int64(len(body)))
				for b.Loop() {
					out.Reset()
					w.Reset(&out)
					_, _ = w.Write(body)
					_ = w.Flush()
				}
				b.ReportMetric(float64(len(body))/float64(out.Len()), "ratio")
			})
		}
	}
}
