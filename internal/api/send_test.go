package api

import (
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func readAll(t *testing.T, r io.Reader) []byte {
	t.Helper()
	b, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestHeaders(t *testing.T) {
	r := ask(t, handler(fixture()), "GET", "/api/v1/status/acme")
	want := http.Header{
		"Access-Control-Allow-Origin":   {"*"},
		"Access-Control-Expose-Headers": {"ETag, Retry-After"},
		"Cache-Control":                 {"public, max-age=30"},
		"Content-Length":                {strconv.Itoa(len(golden(t, "status.json")))},
		"Content-Type":                  {"application/json; charset=utf-8"},
		"Etag":                          r.Header["Etag"],
		"Vary":                          {"Accept-Encoding"},
		"X-Content-Type-Options":        {"nosniff"},
	}
	if diff := cmp.Diff(want, r.Header); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestHeadHasTheHeadersOfGet(t *testing.T) {
	for _, target := range []string{"/api/v1/services", "/api/v1/status/umbrella", "/api/v1/services?limit=0", "/api/v1/openapi.json", "/api/x"} {
		for _, coding := range []string{"identity", "gzip"} {
			get := ask(t, handler(fixture()), "GET", target, "Accept-Encoding", coding)
			head := ask(t, handler(fixture()), "HEAD", target, "Accept-Encoding", coding)
			if diff := cmp.Diff(get.Header, head.Header); diff != "" || head.StatusCode != get.StatusCode {
				t.Errorf("%s %s: %d, want %d, (-get +head):\n%s", target, coding, head.StatusCode, get.StatusCode, diff)
			}
			if got := body(t, head); got != "" {
				t.Errorf("%s: HEAD has the body %q", target, got)
			}
			if got, want := len(body(t, get)), get.ContentLength; int64(got) != want {
				t.Errorf("%s: %d bytes, Content-Length %d", target, got, want)
			}
		}
	}
}

func TestPreflight(t *testing.T) {
	for asked, allowed := range map[string]string{"": "*", "authorization, x-trace": "authorization, x-trace"} {
		r := ask(t, handler(fixture()), "OPTIONS", "/api/v1/services",
			"Origin", "https://board.test", "Access-Control-Request-Method", "GET", "Access-Control-Request-Headers", asked)
		for name, want := range map[string]string{
			"Access-Control-Allow-Origin": "*", "Access-Control-Allow-Methods": "GET, HEAD, OPTIONS", "Access-Control-Allow-Headers": allowed,
			"Access-Control-Max-Age": "86400", "Allow": "GET, HEAD, OPTIONS",
		} {
			if got := r.Header.Get(name); got != want {
				t.Errorf("%s: %q, want %q", name, got, want)
			}
		}
		if got := body(t, r); got != "" || r.StatusCode != http.StatusNoContent {
			t.Errorf("%d %q, want 204 without a body", r.StatusCode, got)
		}
	}
}

func TestIfNoneMatch(t *testing.T) {
	h := handler(fixture())
	tag := ask(t, h, "GET", "/api/v1/services").Header.Get("ETag")
	other := ask(t, h, "GET", "/api/v1/outages").Header.Get("ETag")
	for held, want := range map[string]int{
		"": 200, tag: 304, "W/" + tag: 304, "*": 304, other: 200, `"a,b", ` + tag: 304, other + " , W/" + tag + `, "x"`: 304,
		strings.Trim(tag, `"`): 200, "w/" + tag: 200, `"*"`: 200, `W/"x"`: 200,
	} {
		for _, method := range []string{"GET", "HEAD"} {
			r := ask(t, h, method, "/api/v1/services", "If-None-Match", held, "Accept-Encoding", "gzip")
			if r.StatusCode != want {
				t.Errorf("%s %s: %d, want %d", method, held, r.StatusCode, want)
			}
			if want == 304 && (body(t, r) != "" || r.Header.Get("ETag") != tag || r.Header.Get("Cache-Control") == "" || r.Header.Get("Vary") == "") {
				t.Errorf("%s %s: 304 with %v", method, held, r.Header)
			}
		}
	}
	if r := ask(t, h, "GET", "/api/v1/services", "If-None-Match", other, "If-None-Match", tag); r.StatusCode != 304 {
		t.Errorf("two headers: %d, want 304", r.StatusCode)
	}
}

func TestTagFollowsTheBytes(t *testing.T) {
	moved := fixture()
	moved.Services[0].Moving = taken(0)
	was := ask(t, handler(fixture()), "GET", "/api/v1/status/acme").Header.Get("ETag")
	again := ask(t, handler(fixture()), "GET", "/api/v1/status/acme", "Accept-Encoding", "gzip").Header.Get("ETag")
	is := ask(t, handler(moved), "GET", "/api/v1/status/acme").Header.Get("ETag")
	if was != again || was == is || was == "" {
		t.Errorf("tags %s, %s and, after a newer reading, %s", was, again, is)
	}
}

func TestGzip(t *testing.T) {
	h := handler(fixture())
	plain := body(t, ask(t, h, "GET", "/api/v1/services"))
	for accept, want := range map[string]string{
		"": "", "gzip": "gzip", "deflate, GZIP;q=0.5": "gzip", "*": "gzip", "br;q=1.0, *;q=0.1": "gzip", "gzip; Q=1": "gzip",
		"identity": "", "gzip;q=0": "", "gzip;q=0.000, *": "", "*;q=0": "", "*, gzip;q=0": "", "gzip;q=x": "", "gzipped": "",
	} {
		r := ask(t, h, "GET", "/api/v1/services", "Accept-Encoding", accept)
		if got := r.Header.Get("Content-Encoding"); got != want {
			t.Errorf("%q: Content-Encoding %q, want %q", accept, got, want)
			continue
		}
		if want == "gzip" {
			z, err := gzip.NewReader(r.Body)
			if err != nil {
				t.Fatal(err)
			}
			r.Body = z
		}
		if diff := cmp.Diff(plain, body(t, r)); diff != "" {
			t.Errorf("%q (-plain +got):\n%s", accept, diff)
		}
	}
	if r := ask(t, h, "GET", "/api/v1/status/acme", "Accept-Encoding", "gzip"); r.Header.Get("Content-Encoding") != "" {
		t.Error("a short answer is compressed")
	}
}

// TestOverTheWire asks through net/http, which has its own ideas about headers
// and bodies.
func TestOverTheWire(t *testing.T) {
	srv := httptest.NewServer(handler(fixture()))
	defer srv.Close()
	for _, tc := range []struct {
		method, target, held string
		code                 int
		length               int64
	}{
		{"GET", "/api/v1/status/acme", "", 200, int64(len(golden(t, "status.json")))},
		{"HEAD", "/api/v1/status/acme", "", 200, int64(len(golden(t, "status.json")))},
		{"GET", "/api/v1/status/acme", "*", 304, 0},
		{"OPTIONS", "/api/v1/status/acme", "", 204, 0},
	} {
		req, err := http.NewRequestWithContext(t.Context(), tc.method, srv.URL+tc.target, nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("If-None-Match", tc.held)
		r, err := srv.Client().Do(req)
		if err != nil {
			t.Fatal(err)
		}
		readAll(t, r.Body)
		_ = r.Body.Close()
		if r.StatusCode != tc.code || r.ContentLength != tc.length {
			t.Errorf("%s %s: %d with %d bytes, want %d with %d", tc.method, tc.target, r.StatusCode, r.ContentLength, tc.code, tc.length)
		}
	}
}
