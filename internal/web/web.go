// Package web shows the board to people: a page of all services at /, and one
// page for each at /status/SLUG. It needs no script.
package web

import (
	"bytes"
	"embed"
	"html/template"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/downstatus/downstatus_exporter/internal/board"
	"github.com/downstatus/downstatus_exporter/internal/status"
)

//go:embed templates
var files embed.FS

// Options are what the pages need beside the snapshot.
type Options struct {
	Prefix string // route prefix without trailing slash, for links
	Now    func() time.Time
}

type site struct {
	board *board.Reader
	opts  Options
	pages *template.Template
}

// New serves the pages.
func New(r *board.Reader, o Options) http.Handler {
	s := &site{board: r, opts: o}
	s.pages = template.Must(template.New("").Funcs(template.FuncMap{
		"ago": s.ago, "link": func(path string) string { return o.Prefix + path }, "safe": webAddress,
	}).ParseFS(files, "templates/*.html"))
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", s.index)
	mux.HandleFunc("GET /status/{slug}", s.service)
	mux.HandleFunc("GET /style.css", func(w http.ResponseWriter, r *http.Request) {
		http.ServeFileFS(w, r, files, "templates/style.css")
	})
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		s.send(w, http.StatusNotFound, "missing.html", r.URL.Path)
	})
	return mux
}

// index is what the first page shows.
type index struct {
	Counts   []count
	Services []*board.Service // worst first
	Sources  []*board.Source  // failing ones
	Total    int
}

type count struct {
	Status status.Status
	N      int
}

// order is by urgency: an unreadable service is more urgent than a well one.
var order = [...]status.Status{status.Down, status.Degraded, status.Unknown, status.Operational}

func (s *site) index(w http.ResponseWriter, _ *http.Request) {
	snap := s.board.Snapshot()
	page := index{Total: len(snap.Services)}
	for _, st := range order {
		n := 0
		for _, v := range snap.Services {
			if v.Status == st {
				n++
				page.Services = append(page.Services, v)
			}
		}
		page.Counts = append(page.Counts, count{st, n})
	}
	page.Sources = slices.DeleteFunc(slices.Clone(snap.Sources), func(v *board.Source) bool { return v.Up || !v.Polled })
	s.send(w, http.StatusOK, "index.html", page)
}

// detail is what the page of one service shows.
type detail struct {
	*board.Service
	Outages []*status.Outage // of the last days, newest first
}

func (s *site) service(w http.ResponseWriter, r *http.Request) {
	snap := s.board.Snapshot()
	v := snap.Service(r.PathValue("slug"))
	if v == nil {
		s.send(w, http.StatusNotFound, "missing.html", r.URL.Path)
		return
	}
	page := detail{Service: v}
	for _, o := range snap.Outages {
		if o.Slug == v.Slug {
			page.Outages = append(page.Outages, o)
		}
	}
	s.send(w, http.StatusOK, "service.html", page)
}

// send renders before it answers, so that a fault is a clean 500.
func (s *site) send(w http.ResponseWriter, code int, name string, data any) {
	var b bytes.Buffer
	if err := s.pages.ExecuteTemplate(&b, name, data); err != nil {
		http.Error(w, "The page could not be made.", http.StatusInternalServerError)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; form-action 'none'; frame-ancestors 'none'; base-uri 'none'")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cache-Control", "no-cache")
	w.WriteHeader(code)
	_, _ = w.Write(b.Bytes())
}

// ago says how long ago something was, in the two largest units.
func (s *site) ago(t time.Time) string {
	if t.IsZero() {
		return "never"
	}
	d := max(0, s.opts.Now().Sub(t)).Round(time.Second)
	switch {
	case d >= 48*time.Hour:
		return strconv.Itoa(int(d.Hours()/24)) + " days"
	case d >= time.Hour:
		return strings.TrimSuffix(d.Truncate(time.Minute).String(), "0s")
	default:
		return d.String()
	}
}

// webAddress lets only web addresses of upstreams become links.
func webAddress(raw string) string {
	if strings.HasPrefix(raw, "https://") || strings.HasPrefix(raw, "http://") {
		return raw
	}
	return ""
}
