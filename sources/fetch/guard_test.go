package fetch

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"code.dny.dev/ssrf"
	promconfig "github.com/prometheus/common/config"
)

func TestGuardCheck(t *testing.T) {
	g := NewGuard()
	for _, host := range []string{"10.0.0.9", "Status.Internal.", "[fd00::9]", "bücher.localhost"} {
		g.Allow(host)
	}
	for host, blocked := range map[string]bool{
		"10.0.0.9":                false,
		"10.0.0.9.":               false,
		"::ffff:10.0.0.9":         false,
		"10.0.0.8":                true,
		"status.internal":         false,
		"fd00:0::9":               false,
		"fd00::8":                 true,
		"xn--bcher-kva.localhost": false,
		"www.githubstatus.com":    false,
		"1.1.1.1":                 false,
		"2606:4700::1111":         false,
		"localhost":               true,
		"sub.LOCALHOST.":          true,
		"0.0.0.0":                 true,
		"100.64.0.1":              true,
		"fe80::1":                 true,
		"224.0.0.1":               true,
		"127.1":                   true,
		"017700000001":            true,
	} {
		if err := g.check(host); errors.Is(err, ssrf.ErrProhibitedIP) != blocked || (err != nil) != blocked {
			t.Errorf("%s: blocked %t, want %t (%v)", host, err != nil, blocked, err)
		}
	}
}

// A name may resolve to anything at the time of the dial, so that only the
// dialer knows.
func TestGuardDials(t *testing.T) {
	s := serve(t, func(http.ResponseWriter, *http.Request) {})
	_, port, err := net.SplitHostPort(s.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	g := NewGuard()
	dial := g.dialContext(5 * time.Second)
	for _, host := range []string{"127.0.0.1", "localhost"} {
		if _, err := dial(context.Background(), "tcp", net.JoinHostPort(host, port)); reasonOf(err) != Blocked {
			t.Errorf("%s: %v, want %s", host, err, Blocked)
		}
	}
	g.Allow("LOCALHOST")
	conn, err := dial(context.Background(), "tcp", net.JoinHostPort("localhost", port))
	if err != nil {
		t.Fatalf("an allowed name: %v", err)
	}
	conn.Close()
}

// proxy is a forward proxy that sends every request, whatever its host, to one
// upstream: in absolute form, and by CONNECT.
func proxy(t *testing.T, upstream *httptest.Server) *httptest.Server {
	return serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodConnect {
			tunnel(t, w, upstream.Listener.Addr().String())
			return
		}
		if !r.URL.IsAbs() {
			t.Errorf("the proxy was asked for %s", r.URL)
		}
		upstream.Config.Handler.ServeHTTP(w, r)
	})
}

func tunnel(t *testing.T, w http.ResponseWriter, addr string) {
	up, err := net.Dial("tcp", addr)
	if err != nil {
		t.Error(err)
		return
	}
	defer up.Close()
	down, _, err := w.(http.Hijacker).Hijack()
	if err != nil {
		t.Error(err)
		return
	}
	defer down.Close()
	io.WriteString(down, "HTTP/1.1 200 OK\r\n\r\n")
	go func() {
		io.Copy(up, down)
		up.(*net.TCPConn).CloseWrite()
	}()
	io.Copy(down, up)
}

func through(t *testing.T, p *httptest.Server) promconfig.ProxyConfig {
	u, err := url.Parse(strings.Replace(p.URL, "//", "//user:s3cret@", 1))
	if err != nil {
		t.Fatal(err)
	}
	return promconfig.ProxyConfig{ProxyURL: promconfig.URL{URL: u}}
}

func redirector(w http.ResponseWriter, r *http.Request) {
	if to := r.URL.Query().Get("to"); to != "" {
		http.Redirect(w, r, to, http.StatusFound)
		return
	}
	answerJSON(w, "{}")
}

func TestProxy(t *testing.T) {
	upstream := serve(t, redirector)
	p := proxy(t, upstream)
	c := newClient(t, Settings{Guard: NewGuard(), HTTP: promconfig.HTTPClientConfig{ProxyConfig: through(t, p)}})
	if err := get(t, c, "http://status.acme.test/?to=http://www.acme.test/"); err != nil {
		t.Errorf("by a proxy on loopback: %v", err)
	}
	// The dialer sees only the proxy; the proxy's own host is no way in either.
	for _, to := range []string{"http://169.254.169.254/", "http://10.0.0.1/", "http://localhost/", p.URL, upstream.URL} {
		wantReason(t, get(t, c, "http://status.acme.test/?to="+url.QueryEscape(to)), Blocked)
	}
	p.Close()
	wantReason(t, get(t, c, "http://status.acme.test/"), Connect)
}

func TestProxyByConnect(t *testing.T) {
	upstream := serveTLS(t, redirector)
	cfg := promconfig.HTTPClientConfig{TLSConfig: trust(upstream), ProxyConfig: through(t, proxy(t, upstream))}
	c := newClient(t, Settings{Guard: NewGuard(), HTTP: cfg})
	// The certificate of test servers names example.com.
	if err := get(t, c, "https://example.com/"); err != nil {
		t.Errorf("by CONNECT: %v", err)
	}
	wantReason(t, get(t, c, "https://acme.test/"), TLS)
}

func TestProxyFromEnvironment(t *testing.T) {
	p := proxy(t, serve(t, redirector))
	t.Setenv("HTTP_PROXY", p.URL)
	t.Setenv("NO_PROXY", "direct.test")
	c := newClient(t, Settings{Guard: NewGuard(), HTTP: promconfig.HTTPClientConfig{
		ProxyConfig: promconfig.ProxyConfig{ProxyFromEnvironment: true}}})
	if err := get(t, c, "http://status.acme.test/"); err != nil {
		t.Error(err)
	}
}

func TestLocal(t *testing.T) {
	for host, want := range map[string]bool{
		"127.0.0.1": true, "[::1]": true, "127.8.8.8": true, "LocalHost": true, "a.localhost.": true, "acme.test": true,
		"test": false, "10.0.0.1": false, "latest": false, "acme.com": false, "test.acme.com": false, "": false,
	} {
		if got := local(host); got != want {
			t.Errorf("local(%q) = %t", host, got)
		}
	}
}
