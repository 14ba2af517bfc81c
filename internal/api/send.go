package api

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
)

// gzipAbove is the size in bytes up to which compression gains nothing.
const gzipAbove = 1024

// encode writes one of the package's own shapes as JSON. That cannot fail: they
// hold strings, numbers and booleans, and the embedded document is valid.
func encode(v any) []byte {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(v)
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}

// sendCached sends a good answer, or 304 to a client that has it already.
func sendCached(w http.ResponseWriter, r *http.Request, body []byte) {
	sum := sha256.Sum256(body)
	tag := fmt.Sprintf(`"%x"`, sum[:16])
	w.Header().Set("ETag", tag)
	w.Header().Set("Cache-Control", "public, max-age=30")
	if matches(r.Header.Values("If-None-Match"), tag) {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	send(w, r, http.StatusOK, body)
}

// matches compares weakly, as If-None-Match asks for. Our tags hold no comma,
// so a foreign one that does cannot be taken for ours when it is split.
func matches(headers []string, tag string) bool {
	for held := range strings.SplitSeq(strings.Join(headers, ","), ",") {
		held = strings.TrimPrefix(strings.TrimSpace(held), "W/")
		if held == tag || held == "*" {
			return true
		}
	}
	return false
}

// send writes a body, compressed where that is wanted and worth it. HEAD gets
// the same headers alone.
func send(w http.ResponseWriter, r *http.Request, code int, body []byte) {
	h := w.Header()
	if len(body) > gzipAbove && acceptsGzip(r.Header.Values("Accept-Encoding")) {
		body = compress(body)
		h.Set("Content-Encoding", "gzip")
	}
	h.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(code)
	if r.Method != http.MethodHead {
		_, _ = w.Write(body) // a client that has left misses nothing
	}
}

// compressors are kept because a new one allocates some 800 kB.
var compressors = sync.Pool{New: func() any { return gzip.NewWriter(nil) }}

func compress(body []byte) []byte {
	var b bytes.Buffer
	z := compressors.Get().(*gzip.Writer)
	defer compressors.Put(z)
	z.Reset(&b)
	_, _ = z.Write(body) // into memory: cannot fail
	_ = z.Close()
	return b.Bytes()
}

// acceptsGzip reads Accept-Encoding: gzip by name leads, a star stands in.
func acceptsGzip(headers []string) bool {
	star := false
	for part := range strings.SplitSeq(strings.Join(headers, ","), ",") {
		coding, params, _ := strings.Cut(part, ";")
		switch strings.ToLower(strings.TrimSpace(coding)) {
		case "gzip":
			return wanted(params)
		case "*":
			star = wanted(params)
		}
	}
	return star
}

// wanted is false for a weight of zero, or one that is no number.
func wanted(params string) bool {
	weight, given := strings.CutPrefix(strings.ToLower(strings.TrimSpace(params)), "q=")
	if !given {
		return true
	}
	q, err := strconv.ParseFloat(weight, 64)
	return err == nil && q > 0
}
