// Package reply sends bodies over HTTP: compressed where the client likes that,
// and not at all where it has them already.
package reply

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
)

// gzipAbove is the size in bytes up to which compression gains nothing.
const gzipAbove = 1024

// Cached sends a good answer, or 304 to a client that has it already. It says
// nothing of how long the answer may be kept: the caller's headers do.
func Cached(w http.ResponseWriter, r *http.Request, body []byte) {
	sum := sha256.Sum256(body)
	tag := fmt.Sprintf(`"%x"`, sum[:16])
	w.Header().Set("ETag", tag)
	if matches(r.Header.Values("If-None-Match"), tag) {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	Send(w, r, http.StatusOK, body)
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

// Send writes a body, compressed where that is wanted and worth it. HEAD gets
// the same headers alone.
func Send(w http.ResponseWriter, r *http.Request, code int, body []byte) {
	h := w.Header()
	if len(body) > gzipAbove && AcceptsGzip(r.Header) {
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

// AcceptsGzip reports whether a client takes gzip and likes it no less than
// identity.
func AcceptsGzip(h http.Header) bool {
	gzip, rest, identity := -1.0, 0.0, 0.0
	for coding := range strings.SplitSeq(strings.Join(h.Values("Accept-Encoding"), ","), ",") {
		name, params, _ := strings.Cut(coding, ";")
		switch strings.ToLower(strings.TrimSpace(name)) {
		case "gzip":
			gzip = quality(params)
		case "*":
			rest = quality(params)
		case "identity":
			identity = quality(params)
		}
	}
	if gzip < 0 {
		gzip = rest
	}
	return gzip > 0 && gzip >= identity
}

// quality reads the q of one coding: 1 without one, 0 if it makes no sense.
func quality(params string) float64 {
	for param := range strings.SplitSeq(params, ";") {
		name, value, _ := strings.Cut(strings.TrimSpace(param), "=")
		if strings.EqualFold(strings.TrimSpace(name), "q") {
			q, err := strconv.ParseFloat(strings.TrimSpace(value), 64)
			if err != nil {
				return 0
			}
			return q
		}
	}
	return 1
}
