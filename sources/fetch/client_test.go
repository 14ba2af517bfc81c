package fetch

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/url"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	promconfig "github.com/prometheus/common/config"
)

// hijack answers with raw bytes and closes the connection.
func hijack(t *testing.T, w http.ResponseWriter, raw string) {
	conn, _, err := w.(http.Hijacker).Hijack()
	if err != nil {
		t.Error(err)
		return
	}
	conn.Write([]byte(raw))
	conn.Close()
}

func TestReasonsOfAnswers(t *testing.T) {
	zipped := func(body string) string {
		var buf bytes.Buffer
		w := gzip.NewWriter(&buf)
		w.Write([]byte(body))
		w.Close()
		return buf.String()
	}
	status := func(code int) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(code) }
	}
	body := func(contentType, encoding, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", contentType)
			if encoding != "" {
				w.Header().Set("Content-Encoding", encoding)
			}
			w.Write([]byte(body))
		}
	}
	raw := func(raw string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { hijack(t, w, raw) }
	}
	big := `"` + strings.Repeat("x", 1<<20) + `"`
	for name, tc := range map[string]struct {
		answer http.HandlerFunc
		want   Reason
	}{
		"204":                 {status(204), HTTPOther},
		"206":                 {status(206), HTTPOther},
		"300":                 {status(300), HTTPOther},
		"304 without a value": {status(304), HTTPOther},
		"400":                 {status(400), HTTP4xx},
		"404":                 {status(404), HTTP4xx},
		"429":                 {status(429), RateLimited},
		"500":                 {status(500), HTTP5xx},
		"503":                 {status(503), HTTP5xx},
		"999":                 {status(999), HTTPOther},
		"page":                {body("text/html; charset=utf-8", "", "<html>"), ContentType},
		"page as JSON":        {body("application/json", "", " <html>"), ContentType},
		"empty":               {body("application/json", "", ""), Decode},
		"blank":               {body("application/json", "", "\n \n"), Decode},
		"empty gzip":          {body("application/json", "gzip", ""), Decode},
		"not gzip":            {body("application/json", "gzip", "{}{}{}{}{}{}{}{}"), Decode},
		"corrupt gzip":        {body("application/json", "gzip", zipped("{}")[:10]+"\xff\xff"), Decode},
		"cut gzip":            {body("application/json", "gzip", zipped(big)[:500]), Connect},
		"brotli":              {body("application/json", "br", "{}"), ContentType},
		"huge, announced":     {body("application/json", "", big), TooLarge},
		"huge gzip":           {body("application/json", "gzip", zipped(big)), TooLarge},
		"long gzip of nothing": {body("application/json", "gzip",
			strings.Repeat(zipped(""), 100_000)), TooLarge},
		"closed":    {raw(""), Connect},
		"truncated": {raw("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{}"), Connect},
		"garbage":   {raw("\x00\x01\x02 nothing known\r\n\r\n"), Connect},
		"flood of headers": {raw("HTTP/1.1 200 OK\r\nX-Flood: " +
			strings.Repeat("x", 100<<10) + "\r\nContent-Type: application/json\r\n\r\n{}"), Connect},
	} {
		t.Run(name, func(t *testing.T) {
			s := serve(t, tc.answer)
			c := newClient(t, Settings{BodyLimit: 512 << 10})
			wantReason(t, get(t, c, s.URL+"/?token=s3cret"), tc.want)
		})
	}
}

// An endless body must neither be read to its end nor be kept.
func TestBodyLimit(t *testing.T) {
	const limit = 1 << 20
	for name, tc := range map[string]struct {
		size int
		want bool
	}{
		"at the limit":   {limit, true},
		"over the limit": {limit + 1, false},
	} {
		for _, zip := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, gzip %t", name, zip), func(t *testing.T) {
				s := serve(t, func(w http.ResponseWriter, r *http.Request) {
					w.Header().Set("Content-Type", "text/plain")
					w.(http.Flusher).Flush() // no length in advance
					w.Write([]byte(strings.Repeat("1", tc.size)))
				})
				if zip {
					s = serve(t, func(w http.ResponseWriter, r *http.Request) {
						w.Header().Set("Content-Type", "text/plain")
						w.Header().Set("Content-Encoding", "gzip")
						z := gzip.NewWriter(w)
						z.Write([]byte(strings.Repeat("1", tc.size)))
						z.Close()
					})
				}
				body, _, err := newClient(t, Settings{BodyLimit: limit}).Get(context.Background(), s.URL, JSON)
				if !tc.want {
					wantReason(t, err, TooLarge)
				} else if err != nil || len(body) != tc.size {
					t.Errorf("got %d bytes and %v, want %d", len(body), err, tc.size)
				}
			})
		}
	}
}

// Dozens of upstreams that send floods at the same time.
func TestFloodsAtOnce(t *testing.T) {
	chunk := bytes.Repeat([]byte("1"), 64<<10)
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		for sent := 0; sent < 1<<30; sent += len(chunk) {
			if _, err := w.Write(chunk); err != nil {
				return
			}
		}
	})
	c := newClient(t, Settings{})
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	var wg sync.WaitGroup
	for range 48 {
		wg.Go(func() {
			if err := get(t, c, s.URL); ReasonOf(err) != TooLarge {
				t.Errorf("got %v, want %s", err, TooLarge)
			}
		})
	}
	wg.Wait()
	runtime.ReadMemStats(&after)
	// Sys never shrinks, so it holds the peak.
	if grown := int64(after.Sys) - int64(before.Sys); grown > 180<<20 {
		t.Errorf("memory grew by %d MiB", grown>>20)
	}
	if len(slots) != 0 {
		t.Errorf("%d slots are still taken", len(slots))
	}
}

func TestTimeouts(t *testing.T) {
	const short = 50 * time.Millisecond
	for name, tc := range map[string]struct {
		settings Settings
		answer   http.HandlerFunc
		words    string
	}{
		"no headers": {
			Settings{HeaderTimeout: short},
			func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() },
			"no headers within 50ms",
		},
		"no headers, one timeout": {
			Settings{Timeout: short},
			func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() },
			"within 50ms",
		},
		"slow body": {
			Settings{Timeout: short, HeaderTimeout: time.Minute},
			func(w http.ResponseWriter, r *http.Request) {
				for r.Context().Err() == nil {
					w.Write([]byte("1"))
					w.(http.Flusher).Flush()
					runtime.Gosched()
				}
			},
			"no complete answer within 50ms",
		},
		"slow big body": {
			Settings{Timeout: 10 * short, HeaderTimeout: time.Minute},
			func(w http.ResponseWriter, r *http.Request) {
				w.Write(bytes.Repeat([]byte("1"), 2*freeBody))
				w.(http.Flusher).Flush()
				<-r.Context().Done()
			},
			"no complete answer within 500ms",
		},
		"slow redirects": {
			Settings{Timeout: short},
			func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path == "/slow" {
					<-r.Context().Done()
				}
				http.Redirect(w, r, "/slow", http.StatusFound)
			},
			"within 50ms",
		},
	} {
		t.Run(name, func(t *testing.T) {
			err := get(t, newClient(t, tc.settings), serve(t, tc.answer).URL)
			wantReason(t, err, Timeout)
			if !strings.Contains(err.Error(), tc.words) {
				t.Errorf("%q does not say %q", err, tc.words)
			}
		})
	}
}

func TestWaitForSlotIsBounded(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		answerJSON(w, strings.Repeat("1", 2*freeBody))
	})
	for range cap(slots) {
		slots <- struct{}{}
	}
	err := get(t, newClient(t, Settings{Timeout: 100 * time.Millisecond}), s.URL)
	for range cap(slots) {
		<-slots
	}
	wantReason(t, err, Timeout)
	if err := get(t, newClient(t, Settings{}), s.URL); err != nil {
		t.Errorf("with free slots: %v", err)
	}
}

func TestCanceled(t *testing.T) {
	ctx, cancel := context.WithCancelCause(context.Background())
	s := serve(t, func(_ http.ResponseWriter, r *http.Request) {
		cancel(errors.New("terminated signal received"))
		<-r.Context().Done()
	})
	c := newClient(t, Settings{})
	_, _, err := c.Get(ctx, s.URL, JSON)
	wantReason(t, err, Canceled)

	ctx, stop := context.WithTimeout(context.Background(), 0)
	defer stop()
	_, _, err = c.Get(ctx, s.URL, JSON)
	wantReason(t, err, Timeout)
}

func TestConnectAndTLS(t *testing.T) {
	plain := serve(t, func(w http.ResponseWriter, _ *http.Request) { answerJSON(w, "{}") })
	secure := serveTLS(t, func(w http.ResponseWriter, _ *http.Request) { answerJSON(w, "{}") })
	gone := serve(t, nil)
	gone.Close()
	c := newClient(t, Settings{})

	err := get(t, c, strings.Replace(gone.URL, "//", "//user:s3cret@", 1)+"/path?key=s3cret")
	wantReason(t, err, Connect)
	if want := "connect: GET " + gone.URL + "/path: connection refused"; err.Error() != want {
		t.Errorf("got %q, want %q", err, want)
	}
	wantReason(t, get(t, c, secure.URL), TLS)
	wantReason(t, get(t, c, strings.Replace(plain.URL, "http:", "https:", 1)), TLS)
	wantReason(t, get(t, c, "http://%zz"), Connect)
	wantReason(t, get(t, c, "ftp://127.0.0.1/"), Connect)

	trusting := newClient(t, Settings{HTTP: promconfig.HTTPClientConfig{TLSConfig: trust(secure)}})
	if err := get(t, trusting, secure.URL); err != nil {
		t.Errorf("with its CA: %v", err)
	}
}

// serveTLS starts an https upstream; what it thinks of clients that do not
// trust it is not printed.
func serveTLS(t *testing.T, h http.HandlerFunc) *httptest.Server {
	t.Helper()
	s := httptest.NewUnstartedServer(h)
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.StartTLS()
	t.Cleanup(s.Close)
	return s
}

// trust is the TLS settings that accept a server of a test.
func trust(s *httptest.Server) promconfig.TLSConfig {
	return promconfig.TLSConfig{CA: string(pem.EncodeToMemory(&pem.Block{
		Type: "CERTIFICATE", Bytes: s.Certificate().Raw}))}
}

func TestNewClientRefusesBadSettings(t *testing.T) {
	_, err := NewClient(Settings{HTTP: promconfig.HTTPClientConfig{
		TLSConfig: promconfig.TLSConfig{CAFile: "testdata/no-such-file.pem"}}})
	if err == nil || !strings.Contains(err.Error(), "no-such-file.pem") {
		t.Errorf("got %v, want an error that names the file", err)
	}
}

func TestRequestHeaders(t *testing.T) {
	var got http.Header
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		got = r.Header.Clone()
		answerJSON(w, "{}")
	})
	doc := Document[string]{URL: s.URL, Header: http.Header{"X-Api-Version": {"2"}},
		Decode: func(b []byte) (string, error) { return string(b), nil }}
	if _, _, err := doc.Get(context.Background(), newClient(t, Settings{})); err != nil {
		t.Fatal(err)
	}
	want := http.Header{"Accept": {"application/json"}, "Accept-Encoding": {"gzip"},
		"User-Agent": {DefaultUserAgent()}, "X-Api-Version": {"2"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestGzip(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Content-Encoding", "gzip")
		z := gzip.NewWriter(w)
		z.Write([]byte("\ufeff{\"name\":\"Acme\"}"))
		z.Close()
	})
	body, _, err := newClient(t, Settings{}).Get(context.Background(), s.URL, JSON)
	if err != nil || string(body) != `{"name":"Acme"}` {
		t.Errorf("got %q, %v", body, err)
	}
}

func TestKeepAlive(t *testing.T) {
	var peers sync.Map
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		peers.Store(r.RemoteAddr, true)
		code, _ := strconv.Atoi(r.URL.Query().Get("code"))
		switch code {
		case 302:
			http.Redirect(w, r, "/", code)
		case 0, 200:
			answerJSON(w, `"`+strings.Repeat("x", 100<<10)+`"`)
		default:
			http.Error(w, strings.Repeat("x", 20<<10), code)
		}
	})
	c := newClient(t, Settings{})
	for _, code := range []string{"200", "404", "500", "302", "200"} {
		get(t, c, s.URL+"/?code="+code)
	}
	n := 0
	peers.Range(func(any, any) bool { n++; return true })
	if n != 1 {
		t.Errorf("%d connections, want 1", n)
	}
}

func TestRedirects(t *testing.T) {
	location := ""
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		left, err := strconv.Atoi(strings.Trim(r.URL.Path, "/"))
		switch {
		case r.URL.Path == "/to":
			w.Header()["Location"] = []string{location}
			w.WriteHeader(http.StatusMovedPermanently)
		case r.URL.Path == "/bare":
			w.WriteHeader(http.StatusFound)
		case err == nil && left > 0:
			http.Redirect(w, r, fmt.Sprintf("/%d", left-1), http.StatusTemporaryRedirect)
		default:
			answerJSON(w, "{}")
		}
	})
	c := newClient(t, Settings{})
	_, final, err := c.Get(context.Background(), s.URL+"/3", JSON)
	if err != nil || final.String() != s.URL+"/0" {
		t.Errorf("three redirects: at %v, %v", final, err)
	}
	wantReason(t, get(t, c, s.URL+"/4"), Redirect)
	wantReason(t, get(t, c, s.URL+"/bare"), Redirect)
	for target, want := range map[string]Reason{
		"":                          Redirect,
		"http://[bad":               Redirect,
		"%zz?token=s3cret":          Redirect,
		"ftp://127.0.0.1/":          Redirect,
		"http:///path":              Redirect,
		"javascript:alert(1)":       Redirect,
		"http://10.1.2.3/":          Blocked,
		"http://192.168.0.1:8080/":  Blocked,
		"http://169.254.169.254/":   Blocked,
		"http://[::1]/":             Blocked,
		"http://[::ffff:10.0.0.1]/": Blocked,
		"http://[fd00:ec2::254]/":   Blocked,
		"http://127.0.0.2/":         Blocked,
		"http://127.0.0.2./":        Blocked,
		"http://127.1/":             Blocked,
		"http://0x7f000001/":        Blocked,
		"http://2130706433/":        Blocked,
		"http://a.localhost/":       Blocked,
		"http://LocalHost:1/":       Connect, // allowed by this test, but nobody listens
	} {
		location = target
		t.Run(target, func(t *testing.T) { wantReason(t, get(t, c, s.URL+"/to"), want) })
	}
}

func TestRedirectFromHTTPSToHTTP(t *testing.T) {
	plain := serve(t, func(w http.ResponseWriter, _ *http.Request) { answerJSON(w, "{}") })
	secure := serveTLS(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/safe" {
			answerJSON(w, "{}")
			return
		}
		http.Redirect(w, r, r.URL.Query().Get("to"), http.StatusFound)
	})
	c := newClient(t, Settings{HTTP: promconfig.HTTPClientConfig{TLSConfig: trust(secure)}})
	wantReason(t, get(t, c, secure.URL+"/?to="+plain.URL), Redirect)
	wantReason(t, get(t, c, secure.URL+"/?to=http://169.254.169.254/"), Blocked) // the graver reason
	if err := get(t, c, secure.URL+"/?to=/safe"); err != nil {
		t.Errorf("within https: %v", err)
	}
}

// What was configured for one host must not reach another, nor come back once
// a redirect went out and returned.
func TestCredentialsStayWithTheirHost(t *testing.T) {
	secrets := []string{"Authorization", "X-Token", "X-Doc"}
	seen := map[string][]string{} // by path: names of secret headers
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		for _, name := range secrets {
			if r.Header.Get(name) != "" {
				seen[r.URL.Path] = append(seen[r.URL.Path], name)
			}
		}
		if to := r.URL.Query().Get("to"); to != "" {
			http.Redirect(w, r, to, http.StatusFound)
			return
		}
		answerJSON(w, "{}")
	})
	headers := &promconfig.Headers{Headers: map[string]promconfig.Header{"X-Token": {Secrets: []promconfig.Secret{"s3cret"}}}}
	basic := &promconfig.BasicAuth{Username: "u", Password: "s3cret"}
	bearer := &promconfig.Authorization{Type: "Bearer", Credentials: "s3cret"}
	away := onLocalhost(t, s)
	tour := "/1?to=" + url.QueryEscape("/2?to="+url.QueryEscape(away+"/3?to="+url.QueryEscape(s.URL+"/4")))
	for name, tc := range map[string]struct {
		cfg  promconfig.HTTPClientConfig
		base string
		want []string
	}{
		"basic":    {promconfig.HTTPClientConfig{BasicAuth: basic, HTTPHeaders: headers}, s.URL, secrets},
		"bearer":   {promconfig.HTTPClientConfig{Authorization: bearer, HTTPHeaders: headers}, s.URL, secrets},
		"old form": {promconfig.HTTPClientConfig{BearerToken: "s3cret", HTTPHeaders: headers}, s.URL, secrets},
		"in the URL": {promconfig.HTTPClientConfig{}, strings.Replace(s.URL, "//", "//u:s3cret@", 1),
			[]string{"Authorization", "X-Doc"}},
	} {
		t.Run(name, func(t *testing.T) {
			clear(seen)
			doc := Document[string]{URL: tc.base + tour, Header: http.Header{"X-Doc": {"s3cret"}},
				Decode: func(b []byte) (string, error) { return string(b), nil }}
			if _, _, err := doc.Get(context.Background(), newClient(t, Settings{HTTP: tc.cfg})); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(map[string][]string{"/1": tc.want, "/2": tc.want}, seen); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestWithoutCredentials(t *testing.T) {
	ca := promconfig.TLSConfig{CAFile: "ca.pem", MinVersion: 1}
	tls := ca
	tls.Cert, tls.CertFile, tls.CertRef = "c", "c", "c"
	tls.Key, tls.KeyFile, tls.KeyRef = "k", "k", "k"
	tls.ServerName = "acme.test"
	got := withoutCredentials(promconfig.HTTPClientConfig{
		BasicAuth: &promconfig.BasicAuth{}, Authorization: &promconfig.Authorization{}, OAuth2: &promconfig.OAuth2{},
		BearerToken: "t", BearerTokenFile: "f", HTTPHeaders: &promconfig.Headers{}, TLSConfig: tls, EnableHTTP2: true,
	})
	want := promconfig.HTTPClientConfig{TLSConfig: ca, EnableHTTP2: true}
	if got.String() != want.String() {
		t.Errorf("got %s, want %s", got, want)
	}
}

// common fetches tokens without a context: a token server that never answers
// must not hang a poll.
func TestHangingTokenServer(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, _ *http.Request) { answerJSON(w, "{}") })
	stop := make(chan struct{})
	tokens := serve(t, func(http.ResponseWriter, *http.Request) { <-stop })
	defer close(stop)
	guard := NewGuard()
	guard.Allow("127.0.0.1")
	c := newClient(t, Settings{Timeout: 100 * time.Millisecond, Guard: guard, HTTP: promconfig.HTTPClientConfig{
		OAuth2: &promconfig.OAuth2{ClientID: "u", ClientSecret: "s3cret", TokenURL: tokens.URL + "/?k=s3cret"}}})
	wantReason(t, get(t, c, s.URL), Timeout)
}

func TestTokenServerRefuses(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, _ *http.Request) { answerJSON(w, "{}") })
	tokens := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, "wrong: s3cret", http.StatusUnauthorized)
	})
	c := newClient(t, Settings{HTTP: promconfig.HTTPClientConfig{
		OAuth2: &promconfig.OAuth2{ClientID: "u", ClientSecret: "s3cret", TokenURL: tokens.URL}}})
	wantReason(t, get(t, c, s.URL), Connect)
}
