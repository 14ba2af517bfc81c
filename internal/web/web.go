// Package web shows the board to people: a page of all services at /, and one
// page for each at /status/SLUG. The pages are whole without a script; with one
// they renew themselves.
package web

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"html/template"
	"io/fs"
	"net/http"
	"net/url"
	"path"
	"strings"
	"time"

	"github.com/downstatus/downstatus_exporter/internal/board"
	"github.com/downstatus/downstatus_exporter/internal/reply"
)

//go:embed templates static
var files embed.FS

// policy lets a page load its own style, script and renewals, and nothing else
// from anywhere.
const policy = "default-src 'none'; img-src 'self'; style-src 'self'; script-src 'self'; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"

// Options are what the pages need beside the snapshot.
type Options struct {
	Prefix  string // route prefix without trailing slash, for links
	Version string // of the program
	Now     func() time.Time
	Store   func() Store
}

// Store is what the pages say of where the history is kept.
type Store struct {
	Kept bool // false: in memory, gone with the run
	Up   bool // the last use of it succeeded
}

func (s Store) String() string {
	switch {
	case !s.Up:
		return "store fails: after a restart what happened meanwhile is missing"
	case !s.Kept:
		return "store in memory: gone after a restart"
	default:
		return "store ok"
	}
}

type site struct {
	board *board.Reader
	opts  Options
	pages *template.Template
	ready ready
}

// New serves the pages.
func New(r *board.Reader, o Options) http.Handler {
	s := &site{board: r, opts: o}
	s.pages = template.Must(template.New("").Funcs(template.FuncMap{
		"link": func(path string) string { return o.Prefix + path }, "asset": s.asset, "safe": webAddress, "utc": utc, "length": length,
		"mark": mark, "signal": signalName, "lower": strings.ToLower,
	}).ParseFS(files, "templates/*.html"))
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", s.index)
	mux.HandleFunc("GET /status/{slug}", s.service)
	mux.HandleFunc("GET /static/{name}", s.static)
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		s.missing(w, r, "There is no page at "+r.URL.Path+".")
	})
	return mux
}

// layout is what every page has around its own content.
type layout struct {
	Title   string
	Version string
	Oldest  string // age of the oldest good poll
	Store   Store
	At      time.Time
	Body    any
}

func (s *site) layout(snap *board.Snapshot, title string, now time.Time, body any) layout {
	return layout{Title: title, Version: s.opts.Version, Oldest: oldestPoll(snap, now), Store: s.opts.Store(), At: now, Body: body}
}

// oldestPoll is how long ago the source was read that was read longest ago.
func oldestPoll(snap *board.Snapshot, now time.Time) string {
	var oldest time.Time
	for _, src := range snap.Sources {
		if at := src.Moving.LastSuccess; !at.IsZero() && (oldest.IsZero() || at.Before(oldest)) {
			oldest = at
		}
	}
	return ago(oldest, now)
}

// send renders a page, or takes it as it was rendered a moment ago.
func (s *site) send(w http.ResponseWriter, r *http.Request, key, name string, page func(*board.Snapshot) layout) {
	body, err := s.ready.page(s.board.Snapshot(), key, s.opts.Now(), func(snap *board.Snapshot) ([]byte, error) {
		var b bytes.Buffer
		err := s.pages.ExecuteTemplate(&b, name, page(snap))
		return b.Bytes(), err
	})
	if err != nil {
		http.Error(w, "The page could not be made.", http.StatusInternalServerError)
		return
	}
	s.headers(w)
	reply.Cached(w, r, body)
}

func (s *site) headers(w http.ResponseWriter) {
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", policy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cache-Control", "no-cache")
	h.Set("Vary", "Accept-Encoding")
}

func (s *site) missing(w http.ResponseWriter, r *http.Request, text string) {
	var b bytes.Buffer
	page := s.layout(s.board.Snapshot(), "Not found", s.opts.Now(), text)
	if err := s.pages.ExecuteTemplate(&b, "missing.html", page); err != nil {
		http.Error(w, text, http.StatusNotFound)
		return
	}
	s.headers(w)
	reply.Send(w, r, http.StatusNotFound, b.Bytes())
}

var kinds = map[string]string{".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}

// static serves the style and the script. Their addresses change with their
// content, so they may be kept.
func (s *site) static(w http.ResponseWriter, r *http.Request) {
	body, err := fs.ReadFile(files, "static/"+r.PathValue("name"))
	if err != nil {
		s.missing(w, r, "There is no page at "+r.URL.Path+".")
		return
	}
	w.Header().Set("Content-Type", kinds[path.Ext(r.PathValue("name"))]+"; charset=utf-8")
	w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Header().Set("Vary", "Accept-Encoding")
	reply.Cached(w, r, body)
}

// asset is the address of a file under static.
func (s *site) asset(name string) (string, error) {
	body, err := fs.ReadFile(files, "static/"+name)
	sum := sha256.Sum256(body)
	return s.opts.Prefix + "/static/" + name + "?v=" + hex.EncodeToString(sum[:6]), err
}

// webAddress lets only web addresses of upstreams become links.
func webAddress(raw string) string {
	u, err := url.Parse(raw)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
		return ""
	}
	return raw
}
