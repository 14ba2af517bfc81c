package fetch

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"slices"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

const (
	// freeBody is what every request may read at any time, in bytes. Nearly
	// all documents fit.
	freeBody = 256 << 10
	// drained is how much of an unwanted body is read to keep its connection.
	drained = 64 << 10
)

// slots are for the bodies beyond freeBody, until they are decoded: however
// many upstreams send a flood at once, memory stays bounded.
var slots = make(chan struct{}, 2)

// readBody reads a body up to limit bytes, decompressed and, if it was UTF-16,
// as UTF-8. release gives back the room that it takes.
func readBody(ctx context.Context, resp *http.Response, limit int64) (body []byte, release func(), err error) {
	plain, err := decompressed(resp, limit)
	if err != nil {
		return nil, nil, err
	}
	r := &slotReader{ctx: ctx, r: plain, free: freeBody}
	if body, err = io.ReadAll(r); err == nil {
		body, err = inUTF8(resp.Header.Get("Content-Type"), body, limit)
	}
	if err != nil {
		r.release()
		return nil, nil, err
	}
	return body, r.release, nil
}

// slotReader takes a slot once the free bytes are read.
type slotReader struct {
	ctx   context.Context
	r     io.Reader
	free  int
	taken bool
}

func (s *slotReader) Read(p []byte) (int, error) {
	if s.free <= 0 && !s.taken {
		select {
		case slots <- struct{}{}:
			s.taken = true
		case <-s.ctx.Done():
			return 0, s.ctx.Err()
		}
	}
	n, err := s.r.Read(p)
	s.free -= n
	return n, err
}

func (s *slotReader) release() {
	if s.taken {
		<-slots
		s.taken = false
	}
}

// decompressed is the plain body, which fails beyond limit. What comes over
// the wire is limited too: gzip can be long and yet hold nothing.
func decompressed(resp *http.Response, limit int64) (io.Reader, error) {
	switch encoding := strings.ToLower(resp.Header.Get("Content-Encoding")); encoding {
	case "", "identity":
		if resp.ContentLength > limit {
			return nil, &http.MaxBytesError{Limit: limit}
		}
		return http.MaxBytesReader(nil, resp.Body, limit), nil
	case "gzip", "x-gzip":
		plain, err := gzip.NewReader(http.MaxBytesReader(nil, resp.Body, 2*limit))
		if errors.Is(err, io.EOF) {
			return bytes.NewReader(nil), nil
		}
		if err != nil {
			return nil, err
		}
		return http.MaxBytesReader(nil, plain, limit), nil
	default:
		return nil, contentTypeError("content encoding %.40q was not asked for", encoding)
	}
}

// discard closes a body, and reads its end if that is near, so that the
// connection can be used again.
func discard(resp *http.Response) {
	if resp.ContentLength <= drained {
		_, _ = io.CopyN(io.Discard, resp.Body, drained) // only worth trying
	}
	resp.Body.Close()
}

var accept = map[Media]string{
	JSON: "application/json",
	XML:  "application/atom+xml, application/rss+xml, application/xml;q=0.9, text/xml;q=0.9",
	HTML: "text/html",
	Any:  "*/*",
}

var (
	bom      = []byte("\xef\xbb\xbf")
	bomUTF16 = map[string]binary.ByteOrder{"\xfe\xff": binary.BigEndian, "\xff\xfe": binary.LittleEndian}
)

// inUTF8 turns UTF-16 into UTF-8; any other body stays as it is. The result
// is held to the limit too: it can be half as long again.
func inUTF8(contentType string, body []byte, limit int64) ([]byte, error) {
	order, text := utf16Order(contentType, body)
	if order == nil {
		return body, nil
	}
	if len(text)%2 != 0 {
		return nil, decodeError(errors.New("the body is UTF-16 that ends inside a character"))
	}
	out := make([]byte, 0, len(text)/2)
	for len(text) > 0 {
		r, size := firstRune(order, text)
		text = text[size:]
		if out = utf8.AppendRune(out, r); int64(len(out)) > limit {
			return nil, &http.MaxBytesError{Limit: limit}
		}
	}
	return out, nil
}

// firstRune is the first character of a text in UTF-16 and its size in bytes.
// Half a pair of surrogates is U+FFFD.
func firstRune(order binary.ByteOrder, text []byte) (rune, int) {
	r := rune(order.Uint16(text))
	if !utf16.IsSurrogate(r) {
		return r, 2
	}
	if len(text) >= 4 {
		if pair := utf16.DecodeRune(r, rune(order.Uint16(text[2:]))); pair != utf8.RuneError {
			return pair, 4
		}
	}
	return utf8.RuneError, 2
}

// utf16Order is the byte order of a body in UTF-16, and the body without its
// BOM; nil for a body in anything else. A BOM outweighs the media type, which
// without one means big endian (RFC 2781, 4.3).
func utf16Order(contentType string, body []byte) (binary.ByteOrder, []byte) {
	if order, marked := bomUTF16[string(body[:min(len(body), 2)])]; marked {
		return order, body[2:]
	}
	_, params, err := mime.ParseMediaType(contentType)
	if err != nil || bytes.HasPrefix(body, bom) {
		return nil, body
	}
	switch strings.ToLower(params["charset"]) {
	case "utf-16", "utf-16be":
		return binary.BigEndian, body
	case "utf-16le":
		return binary.LittleEndian, body
	}
	return nil, body
}

// sniff returns the body without BOM if it looks like the media. A status of
// 200 proves nothing: many hosts answer every path with the same page.
func sniff(media Media, contentType string, body []byte) ([]byte, error) {
	body = bytes.TrimPrefix(body, bom)
	if media == Any {
		return body, nil
	}
	name, _, _ := strings.Cut(contentType, ";")
	name = strings.ToLower(strings.TrimSpace(name))
	if !accepts(media, name) {
		return nil, contentTypeError("media type is %.80q", name)
	}
	start := bytes.TrimLeft(body, " \t\r\n")
	if len(start) == 0 {
		return nil, decodeError(errors.New("the body is empty"))
	}
	if !startsLike(media, start) {
		return nil, contentTypeError("the body starts with %.20q", start)
	}
	return body, nil
}

// accepts judges a media type. Many hosts of good documents name a careless
// one; that of a page for people is never that of a document.
func accepts(media Media, name string) bool {
	switch media {
	case JSON:
		return strings.HasSuffix(name, "+json") || slices.Contains([]string{"application/json", "text/json",
			"text/plain", "application/javascript", "application/octet-stream", ""}, name)
	case XML:
		return name != "application/xhtml+xml" && (strings.HasSuffix(name, "/xml") ||
			strings.HasSuffix(name, "+xml") || name == "text/plain" || name == "")
	default:
		return name == "text/html" || name == "application/xhtml+xml"
	}
}

func startsLike(media Media, start []byte) bool {
	switch media {
	case JSON:
		return bytes.IndexByte([]byte(`{["-0123456789tfn`), start[0]) >= 0
	case XML:
		word := bytes.ToLower(start[:min(len(start), 14)])
		return start[0] == '<' && !bytes.HasPrefix(word, []byte("<!doctype html")) &&
			!bytes.HasPrefix(word, []byte("<html"))
	default:
		return true
	}
}

// sendable is a validator that fits into a request: servers refuse very long
// headers, and one that comes back refused would spoil every later poll.
func sendable(validator string) string {
	if len(validator) > 1024 {
		return ""
	}
	return validator
}

func contentTypeError(format string, args ...any) error {
	return &Error{Reason: ContentType, Err: fmt.Errorf(format, args...)}
}
