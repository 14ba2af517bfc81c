package collector

import (
	"bytes"
	"fmt"
	"net/http"
	"strconv"
	"sync"

	"github.com/downstatus/downstatus_exporter/internal/board"
	"github.com/downstatus/downstatus_exporter/internal/reply"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/common/expfmt"
)

// NewHandler makes the handler of the metrics page: the families of this
// package from the board, sorted by name, then those of the registry. An error
// of the registry goes to Options.OnError, and what there is is served.
func NewHandler(r *board.Reader, registry prometheus.Gatherer, opts Options) http.Handler {
	return newHandler(r.Snapshot, registry, opts)
}

func newHandler(snapshot func() *board.Snapshot, registry prometheus.Gatherer, opts Options) *handler {
	opts = opts.withDefaults()
	return &handler{shelf: shelf{snapshot: snapshot, opts: opts}, registry: registry, onError: opts.OnError}
}

type handler struct {
	shelf    shelf
	registry prometheus.Gatherer
	onError  func(error)
}

// offered are the formats we write; an offer of protobuf is passed over.
var offered = []expfmt.Format{expfmt.FmtOpenMetrics_1_0_0, expfmt.FmtOpenMetrics_0_0_1, expfmt.FmtText}

var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, "method not allowed", http.StatusMethodNotAllowed)
		return
	}
	own := buffers.Get().(*bytes.Buffer)
	defer buffers.Put(own)
	own.Reset()
	format, wanted := expfmt.NegotiateAccept(r.Header, offered...), newFilter(r)
	segments := h.shelf.current(wanted)
	h.gather(own, format, wanted)
	written := text
	if format.FormatType() == expfmt.TypeOpenMetrics {
		written = openMetrics
		own.WriteString("# EOF\n")
	}
	w.Header().Set("Content-Type", string(format))
	w.Header().Add("Vary", "Accept, Accept-Encoding")
	var pieces [][]byte
	if reply.AcceptsGzip(r.Header) {
		w.Header().Set("Content-Encoding", "gzip")
		pieces = gzipBody(segments, written, own.Bytes())
	} else {
		pieces = plainBody(segments, written, own.Bytes())
	}
	send(w, r, pieces)
}

// gather writes the registry's families. One that would repeat a family of
// ours, or that cannot be written, is left out.
func (h *handler) gather(out *bytes.Buffer, format expfmt.Format, wanted filter) {
	got, err := h.registry.Gather()
	if err != nil {
		h.onError(fmt.Errorf("gathering the exporter's own metrics: %w", err))
	}
	enc := expfmt.NewEncoder(out, format)
	for _, mf := range got {
		name := mf.GetName()
		if !wanted.has(name) {
			continue
		}
		if names[name] {
			h.onError(fmt.Errorf("metric family %s is in the registry and on the board: the board's is shown", name))
			continue
		}
		start := out.Len()
		if err := enc.Encode(mf); err != nil {
			out.Truncate(start)
			h.onError(fmt.Errorf("writing metric family %s: %w", name, err))
		}
	}
}

func plainBody(segments []*segment, s syntax, own []byte) [][]byte {
	pieces := make([][]byte, 0, len(segments)+1)
	for _, g := range segments {
		pieces = append(pieces, g.plain(s))
	}
	return append(pieces, own)
}

func gzipBody(segments []*segment, s syntax, own []byte) [][]byte {
	m := newMember(len(segments) + 1)
	for _, g := range segments {
		m.add(g.zip(s))
	}
	m.add(zip(own))
	return m.close()
}

// send writes the ready bytes. A client that went away is no error of ours.
func send(w http.ResponseWriter, r *http.Request, pieces [][]byte) {
	length := 0
	for _, p := range pieces {
		length += len(p)
	}
	w.Header().Set("Content-Length", strconv.Itoa(length))
	if r.Method == http.MethodHead {
		return
	}
	for _, p := range pieces {
		if _, err := w.Write(p); err != nil {
			return
		}
	}
}

// filter holds the names that a request asks for; nil is all.
type filter map[string]bool

func newFilter(r *http.Request) filter {
	if r.URL.RawQuery == "" {
		return nil
	}
	var f filter
	for _, name := range r.URL.Query()["name[]"] {
		if f == nil {
			f = filter{}
		}
		f[name] = true
	}
	return f
}

func (f filter) has(name string) bool { return f == nil || f[name] }
