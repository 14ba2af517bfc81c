package fetch

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"code.dny.dev/ssrf"
	promconfig "github.com/prometheus/common/config"
	"golang.org/x/net/idna"
)

// Guard keeps requests away from private addresses, on any port, unless a
// person named the host. It is safe for concurrent use.
type Guard struct {
	addresses *ssrf.Guardian

	mu    sync.RWMutex
	hosts map[string]bool // may be asked
	dials map[string]bool // host:port that may be dialled, but not asked by way of a redirect
}

// NewGuard makes a guard that allows public addresses only.
func NewGuard() *Guard {
	return &Guard{
		addresses: ssrf.New(ssrf.WithAnyPort()),
		hosts:     map[string]bool{},
		dials:     map[string]bool{},
	}
}

// Allow lets a host be private: one that a person configured or typed, as a
// name or an IP address without port.
func (g *Guard) Allow(host string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.hosts[canonical(host)] = true
}

// check refuses hosts that are private by their very look. The dialer would
// find out too, but behind a proxy it sees only the proxy; names that resolve
// to private addresses are then for the proxy to refuse.
func (g *Guard) check(host string) error {
	host = canonical(host)
	g.mu.RLock()
	defer g.mu.RUnlock()
	if g.hosts[host] {
		return nil
	}
	if ip, err := netip.ParseAddr(host); err == nil {
		return g.addresses.SafeAddr(ip)
	}
	// Resolvers and proxies may read 127.1 or 0x7f000001 as an address.
	last := host[strings.LastIndexByte(host, '.')+1:]
	if _, err := strconv.ParseUint(last, 0, 64); err == nil || last == "localhost" {
		return fmt.Errorf("%w: %s", ssrf.ErrProhibitedIP, host)
	}
	return nil
}

// dialContext connects, and asks the guard after the name was resolved, so
// that no trick with names gets past it.
func (g *Guard) dialContext(timeout time.Duration) promconfig.DialContextFunc {
	plain := &net.Dialer{Timeout: timeout}
	guarded := &net.Dialer{Timeout: timeout, Control: g.addresses.Safe}
	return func(ctx context.Context, network, addr string) (net.Conn, error) {
		dialer := guarded
		if g.mayDial(addr) {
			dialer = plain
		}
		conn, err := dialer.DialContext(ctx, network, addr)
		if err == nil && ctx.Value(pollKey{}) == nil {
			// OAuth2 tokens are fetched without the context of the request
			// that needs them: only here can they be given an end.
			err = conn.SetDeadline(time.Now().Add(timeout))
		}
		return conn, err
	}
}

func (g *Guard) mayDial(addr string) bool {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return false
	}
	host = canonical(host)
	g.mu.RLock()
	defer g.mu.RUnlock()
	return g.hosts[host] || g.dials[net.JoinHostPort(host, port)]
}

// allowInfrastructure lets the proxies and the token server of the settings be
// private.
func (g *Guard) allowInfrastructure(cfg promconfig.HTTPClientConfig) {
	g.allowProxies(&cfg.ProxyConfig)
	if cfg.OAuth2 != nil {
		g.allowProxies(&cfg.OAuth2.ProxyConfig)
		if u, err := url.Parse(cfg.OAuth2.TokenURL); err == nil {
			g.allowDial(u)
		}
	}
}

// allowProxies asks the settings for the proxy of some public host, which
// covers the environment's proxies too.
func (g *Guard) allowProxies(cfg *promconfig.ProxyConfig) {
	proxy := cfg.Proxy()
	if proxy == nil {
		return
	}
	for _, scheme := range []string{"http", "https"} {
		u, err := proxy(&http.Request{URL: &url.URL{Scheme: scheme, Host: "proxied.invalid"}})
		if err == nil && u != nil {
			g.allowDial(u)
		}
	}
}

var defaultPorts = map[string]string{"http": "80", "https": "443", "socks5": "1080", "socks5h": "1080"}

func (g *Guard) allowDial(u *url.URL) {
	port := u.Port()
	if port == "" {
		port = defaultPorts[u.Scheme]
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.dials[net.JoinHostPort(canonical(u.Hostname()), port)] = true
}

// canonical is the one spelling of a host.
func canonical(host string) string {
	host = strings.TrimSuffix(strings.ToLower(strings.Trim(host, "[]")), ".")
	if ip, err := netip.ParseAddr(host); err == nil {
		return ip.Unmap().String()
	}
	if ascii, err := idna.Lookup.ToASCII(host); err == nil {
		return ascii
	}
	return host
}

// local tells whether a host is this machine or a name set aside for tests.
func local(host string) bool {
	host = canonical(host)
	if ip, err := netip.ParseAddr(host); err == nil {
		return ip.IsLoopback()
	}
	last := host[strings.LastIndexByte(host, '.')+1:]
	return last == "localhost" || last == "test" && last != host
}
