package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/pprof"
	"net/url"
	"os"
	"path"
	"strings"
	"time"

	"github.com/go-kit/log/level"
	"github.com/prometheus/common/version"
	toolkit "github.com/prometheus/exporter-toolkit/web"
	"go.yaml.in/yaml/v3"

	"github.com/downstatus/downstatus_exporter/collector"
	"github.com/downstatus/downstatus_exporter/internal/api"
	"github.com/downstatus/downstatus_exporter/internal/logging"
	"github.com/downstatus/downstatus_exporter/internal/web"
)

// WebOptions are the --web flags.
type WebOptions struct {
	Listen        []string
	ConfigFile    string // exporter-toolkit's: TLS, basic auth
	SystemdSocket bool
	TelemetryPath string
	ExternalURL   string // as others reach us; empty: the listen address
	RoutePrefix   string // empty: the path of ExternalURL
	Lifecycle     bool   // allow POST /-/reload
	Pprof         bool   // serve /debug/pprof
}

// shutdownAfter is how long answers under way may take when the run ends.
const shutdownAfter = 5 * time.Second

// listen takes the addresses before anything runs, so that a taken port is
// told at once. None with a systemd socket: exporter-toolkit takes that.
func (a *App) listen() ([]net.Listener, error) {
	if err := toolkit.Validate(a.opts.Web.ConfigFile); err != nil {
		return nil, fmt.Errorf("--web.config.file: %w", err)
	}
	if a.opts.Web.SystemdSocket {
		return nil, nil
	}
	var open []net.Listener
	for _, address := range a.opts.Web.Listen {
		l, err := net.Listen("tcp", address)
		if err != nil {
			for _, l := range open {
				l.Close()
			}
			return nil, fmt.Errorf("--web.listen-address=%s: %w; another program may hold the port: choose another address", address, err)
		}
		open = append(open, l)
	}
	return open, nil
}

// serve answers requests until the context ends.
func (a *App) serve(ctx context.Context, listeners []net.Listener) error {
	handler, err := a.handler(listeners)
	if err != nil {
		return err
	}
	log := logging.Slog(a.opts.Log)
	server := &http.Server{
		Handler: handler, ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute, WriteTimeout: 2 * time.Minute,
		MaxHeaderBytes: 64 << 10, ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}
	stopped := make(chan struct{})
	go func() {
		<-ctx.Done()
		limit, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownAfter)
		defer cancel()
		if err := server.Shutdown(limit); err != nil {
			level.Warn(a.opts.Log).Log("msg", "answers under way were cut off", "err", err)
			server.Close()
		}
		close(stopped)
	}()
	flags := &toolkit.FlagConfig{
		WebListenAddresses: &a.opts.Web.Listen, WebSystemdSocket: &a.opts.Web.SystemdSocket, WebConfigFile: &a.opts.Web.ConfigFile,
	}
	if a.opts.Web.SystemdSocket {
		err = toolkit.ListenAndServe(server, flags, log)
	} else {
		err = toolkit.ServeMultiple(listeners, server, flags, log)
	}
	if errors.Is(err, http.ErrServerClosed) {
		<-stopped
		return nil
	}
	return err
}

// handler wires every path under the route prefix.
func (a *App) handler(listeners []net.Listener) (http.Handler, error) {
	external, err := a.externalURL(listeners)
	if err != nil {
		return nil, err
	}
	prefix := a.opts.Web.RoutePrefix
	if prefix == "" {
		prefix = external.Path
	}
	prefix = "/" + strings.Trim(prefix, "/")
	pageURL, err := a.pageURL(listeners)
	if err != nil {
		return nil, err
	}

	mux := http.NewServeMux()
	mux.Handle(a.opts.Web.TelemetryPath, collector.NewHandler(&a.board.Reader, a.metrics.registry, collector.Options{
		BoardURL: pageURL, Now: time.Now,
		OnError: func(err error) { level.Error(a.opts.Log).Log("msg", "metrics incomplete", "err", err) },
	}))
	mux.Handle("/api/", api.New(&a.board.Reader, api.Options{PageURL: pageURL, Now: time.Now, RetryAfter: retryAfter}))
	mux.Handle("/", web.New(&a.board.Reader, web.Options{
		Prefix: strings.TrimSuffix(prefix, "/"), Version: version.Version, Now: time.Now,
		Store: func() web.Store { return web.Store{Kept: a.store.Kept(), Up: a.metrics.storeOK.Load()} },
	}))
	a.operatorPaths(mux)
	if prefix == "/" {
		return mux, nil
	}
	outer := http.NewServeMux()
	outer.Handle(prefix+"/", http.StripPrefix(prefix, mux))
	outer.Handle("/{$}", http.RedirectHandler(prefix+"/", http.StatusFound))
	return outer, nil
}

// retryAfter is what a client of a service of unknown status is told to wait.
const retryAfter = 60 * time.Second

func (a *App) operatorPaths(mux *http.ServeMux) {
	mux.HandleFunc("GET /-/healthy", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintln(w, "Healthy.")
	})
	mux.HandleFunc("GET /-/ready", func(w http.ResponseWriter, _ *http.Request) {
		if !a.Ready() {
			http.Error(w, "Not ready: the first round of polls is under way.", http.StatusServiceUnavailable)
			return
		}
		fmt.Fprintln(w, "Ready.")
	})
	mux.HandleFunc("/-/reload", a.serveReload)
	mux.HandleFunc("GET /config", a.serveConfig)
	if !a.opts.Web.Pprof {
		return
	}
	mux.HandleFunc("/debug/pprof/", pprof.Index)
	mux.HandleFunc("/debug/pprof/cmdline", pprof.Cmdline)
	mux.HandleFunc("/debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("/debug/pprof/symbol", pprof.Symbol)
	mux.HandleFunc("/debug/pprof/trace", pprof.Trace)
}

func (a *App) serveReload(w http.ResponseWriter, r *http.Request) {
	switch {
	case r.Method != http.MethodPost && r.Method != http.MethodPut:
		w.Header().Set("Allow", "POST, PUT")
		http.Error(w, "Use POST.", http.StatusMethodNotAllowed)
	case !a.opts.Web.Lifecycle:
		http.Error(w, "Reloading over HTTP is off: start with --web.enable-lifecycle, or send SIGHUP.", http.StatusForbidden)
	default:
		if err := a.Reload(); err != nil {
			http.Error(w, "The old configuration stays in force:\n"+err.Error(), http.StatusInternalServerError)
			return
		}
		fmt.Fprintln(w, "Reloaded.")
	}
}

func (a *App) serveConfig(w http.ResponseWriter, _ *http.Request) {
	a.reloading.Lock()
	text := a.current.Redacted()
	a.reloading.Unlock()
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	_, _ = w.Write(text)
}

// pageURL is where others find our page of a service.
func (a *App) pageURL(listeners []net.Listener) (func(slug string) string, error) {
	external, err := a.externalURL(listeners)
	if err != nil {
		return nil, err
	}
	return func(slug string) string { return external.JoinPath("status", slug).String() }, nil
}

// externalURL is how others reach us: as the flag says, else the first listen
// address. It never depends on a request.
func (a *App) externalURL(listeners []net.Listener) (*url.URL, error) {
	if raw := a.opts.Web.ExternalURL; raw != "" {
		u, err := url.Parse(raw)
		if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
			return nil, fmt.Errorf("--web.external-url=%s: want an address such as https://status.example.org/downstatus", raw)
		}
		u.Path = strings.TrimSuffix(path.Clean("/"+u.Path), "/")
		return u, nil
	}
	u := &url.URL{Scheme: "http", Host: "localhost"}
	if a.tls() {
		u.Scheme = "https"
	}
	if len(listeners) > 0 {
		u.Host = reachable(listeners[0].Addr())
	}
	return u, nil
}

// reachable names this machine where the address listens everywhere.
func reachable(addr net.Addr) string {
	host, port, err := net.SplitHostPort(addr.String())
	if err != nil {
		return addr.String()
	}
	if ip := net.ParseIP(host); ip != nil && ip.IsUnspecified() {
		host = "localhost"
		if name, err := os.Hostname(); err == nil {
			host = name
		}
	}
	return net.JoinHostPort(host, port)
}

// tls reports whether the web configuration asks for TLS.
func (a *App) tls() bool {
	b, err := os.ReadFile(a.opts.Web.ConfigFile)
	if err != nil {
		return false
	}
	var c struct {
		TLS map[string]any `yaml:"tls_server_config"`
	}
	return yaml.Unmarshal(b, &c) == nil && len(c.TLS) > 0
}
