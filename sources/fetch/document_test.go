package fetch

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// script answers one poll after the other and keeps what was asked.
type script struct {
	answer http.HandlerFunc
	asked  http.Header
}

func (s *script) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.asked = r.Header.Clone()
	s.answer(w, r)
}

func with(etag, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		if etag != "" {
			w.Header().Set("ETag", etag)
			w.Header().Set("Last-Modified", "Sun, 22 Nov 2026 10:00:00 GMT")
		}
		answerJSON(w, body)
	}
}

func code(n int) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(n) }
}

func TestDocument(t *testing.T) {
	var s script
	server := serve(t, s.ServeHTTP)
	c := newClient(t, Settings{})
	decoded := 0
	doc := Document[thing]{URL: server.URL, Decode: func(b []byte) (thing, error) {
		decoded++
		return decodeThing(b)
	}}
	for i, step := range []struct {
		answer  http.HandlerFunc
		etag    string // what we send
		dated   bool   // whether we send a date
		want    string
		changed bool
		reason  Reason
		decoded int
	}{
		{with("", `{"name":"a"}`), "", false, "a", true, "", 1},
		{code(304), "", false, "", false, HTTPOther, 1}, // we did not ask for changes only
		{with(`"v1"`, `{"name":"a"}`), "", false, "a", false, "", 1},
		{code(304), `"v1"`, true, "a", false, "", 1},
		{with(`"v2"`, `{"name":`), `"v1"`, true, "", false, Decode, 2},
		{with(`"v2"`, `{"name":""}`), `"v1"`, true, "", false, Shape, 3},
		{with(`"v2"`, ``), `"v1"`, true, "", false, Decode, 3},
		{code(503), `"v1"`, true, "", false, HTTP5xx, 3},
		{code(304), `"v1"`, true, "a", false, "", 3}, // the bad body's validators were not kept
		{with(`"v3"`, "\ufeff"+`{"name":"b"}`), `"v1"`, true, "b", true, "", 4},
		{with(`"v4"`, `{"name":"b"}`), `"v3"`, true, "b", false, "", 4},
		{code(304), `"v4"`, true, "b", false, "", 4},
		{with(`"`+strings.Repeat("v", 5000)+`"`, `{"name":"c"}`), `"v4"`, true, "c", true, "", 5}, // too long to carry back
		{with("", `{"name":"c"}`), "", true, "c", false, "", 5},
		{with("", `{"name":"a"}`), "", false, "a", true, "", 6},
	} {
		s.answer = step.answer
		got, changed, err := doc.Get(context.Background(), c)
		if step.reason != "" {
			wantReason(t, err, step.reason)
		} else if err != nil {
			t.Fatalf("poll %d: %v", i, err)
		}
		if got.Name != step.want || changed != step.changed || decoded != step.decoded {
			t.Errorf("poll %d: %q, changed %t, decoded %d; want %+v", i, got.Name, changed, decoded, step)
		}
		if sent := s.asked.Get("If-None-Match"); sent != step.etag {
			t.Errorf("poll %d: sent %s, want %s", i, sent, step.etag)
		}
		if dated := s.asked.Get("If-Modified-Since") != ""; dated != step.dated {
			t.Errorf("poll %d: If-Modified-Since sent: %t", i, dated)
		}
	}
}

// An ETag is the word of one address. Where a redirect leads elsewhere, an
// equal one means nothing.
func TestValidatorsBelongToTheFinalURL(t *testing.T) {
	to := "/a"
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		switch sent := r.Header.Get("If-None-Match"); {
		case r.URL.Path == "/":
			if sent != "" {
				t.Errorf("the redirecting address was sent %s", sent)
			}
			http.Redirect(w, r, to, http.StatusFound)
		case sent == `"1"`:
			w.WriteHeader(http.StatusNotModified)
		default:
			w.Header().Set("ETag", `"1"`)
			answerJSON(w, fmt.Sprintf(`{"name":%q}`, r.URL.Path))
		}
	})
	c := newClient(t, Settings{})
	doc := Document[thing]{URL: s.URL + "/", Decode: decodeThing}
	for i, step := range []struct {
		to      string
		changed bool
	}{{"/a", true}, {"/a", false}, {"/b", true}, {"/b", false}} {
		to = step.to
		got, changed, err := doc.Get(context.Background(), c)
		if err != nil || got.Name != step.to || changed != step.changed {
			t.Errorf("poll %d: %q, changed %t, %v; want %+v", i, got.Name, changed, err, step)
		}
	}
}

func TestDecodeErrors(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, _ *http.Request) { answerJSON(w, "{}") })
	c := newClient(t, Settings{})
	stale := &Error{Reason: Stale, Err: errors.New("old")}
	for name, tc := range map[string]struct {
		decode func([]byte) (thing, error)
		want   Reason
		same   error
	}{
		"plain":      {func([]byte) (thing, error) { return thing{"x"}, errors.New("odd") }, Decode, nil},
		"as it is":   {func([]byte) (thing, error) { return thing{"x"}, stale }, Stale, stale},
		"panic":      {func([]byte) (thing, error) { panic("odd") }, Decode, nil},
		"nil map":    {func([]byte) (thing, error) { var m map[string]int; m["x"]++; return thing{}, nil }, Decode, nil},
		"no decoder": {nil, Decode, nil},
	} {
		t.Run(name, func(t *testing.T) {
			doc := Document[thing]{URL: s.URL, Decode: tc.decode}
			got, changed, err := doc.Get(context.Background(), c)
			wantReason(t, err, tc.want)
			if tc.same != nil && err != tc.same {
				t.Errorf("got %v, want it as it was", err)
			}
			if got != (thing{}) || changed {
				t.Errorf("got %v, changed %t besides an error", got, changed)
			}
		})
	}
}

// The room for big bodies is given back whatever becomes of them.
func TestSlotsAreGivenBack(t *testing.T) {
	body := `{"name":"` + strings.Repeat("x", 2*freeBody) + `"}`
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/page":
			w.Header().Set("Content-Type", "text/html")
			w.Write([]byte(body))
		default:
			answerJSON(w, body)
		}
	})
	c := newClient(t, Settings{})
	for path, decode := range map[string]func([]byte) (thing, error){
		"/good":  decodeThing,
		"/bad":   func([]byte) (thing, error) { return thing{}, errors.New("odd") },
		"/panic": func([]byte) (thing, error) { panic("odd") },
		"/page":  decodeThing,
	} {
		doc := Document[thing]{URL: s.URL + path, Decode: decode}
		if _, _, err := doc.Get(context.Background(), c); (err == nil) != (path == "/good") {
			t.Errorf("%s: %v", path, err)
		}
		if len(slots) != 0 {
			t.Fatalf("%s: %d slots are still taken", path, len(slots))
		}
	}
}
