// Package api serves the v1 JSON API: the paths, parameters and shapes of the
// public DownStatus API, filled from the board, and additions of ours under
// /api/x/. Its own OpenAPI document describes all of it.
package api

import (
	_ "embed"
	"encoding/json"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/downstatus/downstatus_exporter/internal/board"
	"github.com/downstatus/downstatus_exporter/internal/reply"
)

// Options is what the API needs besides the board. All of it is required.
type Options struct {
	PageURL    func(slug string) string // our own page of a service, absolute
	Now        func() time.Time
	RetryAfter time.Duration // how soon to ask again for a status that is unknown; told in whole seconds, at least one
}

// New serves everything under /api/, CORS and errors included.
func New(r *board.Reader, opts Options) http.Handler {
	return &api{board: r, Options: opts}
}

type api struct {
	Options
	board *board.Reader
}

// openAPI describes the API. It is sent without its white space.
//
//go:embed openapi.json
var openAPI []byte

const methods = "GET, HEAD, OPTIONS"

// failure is an answer that is not ok.
type failure struct {
	code int
	text string
}

func (a *api) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Access-Control-Allow-Origin", "*")
	h.Set("Access-Control-Expose-Headers", "ETag, Retry-After")
	h.Set("Content-Type", "application/json; charset=utf-8")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Add("Vary", "Accept-Encoding")
	switch r.Method {
	case http.MethodGet, http.MethodHead:
		a.answer(w, r)
	case http.MethodOptions:
		preflight(w, r)
	default:
		h.Set("Allow", methods)
		a.fail(w, r, &failure{http.StatusMethodNotAllowed, "Method not allowed: use GET, HEAD or OPTIONS"})
	}
}

func (a *api) answer(w http.ResponseWriter, r *http.Request) {
	body, fault := a.route(r)
	if fault != nil {
		a.fail(w, r, fault)
		return
	}
	w.Header().Set("Cache-Control", "public, max-age=30")
	reply.Cached(w, r, encode(body))
}

// route makes the body of the answer from the snapshot of this moment.
func (a *api) route(r *http.Request) (any, *failure) {
	snap := a.board.Snapshot()
	if slug, ok := strings.CutPrefix(r.URL.Path, "/api/v1/status/"); ok {
		return a.status(snap, slug)
	}
	if slug, ok := availabilityOf(r.URL.Path); ok {
		return a.availability(snap, slug)
	}
	switch r.URL.Path {
	case "/api/v1/services":
		return a.services(snap, &query{raw: r.URL.RawQuery})
	case "/api/v1/outages":
		return a.outages(snap, &query{raw: r.URL.RawQuery})
	case "/api/v1/openapi.json":
		return json.RawMessage(openAPI), nil
	default:
		return nil, &failure{http.StatusNotFound, "Not found: see /api/v1/openapi.json"}
	}
}

func (a *api) fail(w http.ResponseWriter, r *http.Request, f *failure) {
	w.Header().Set("Cache-Control", "no-store")
	if f.code == http.StatusServiceUnavailable {
		seconds := max(1, math.Ceil(a.RetryAfter.Seconds()))
		w.Header().Set("Retry-After", strconv.Itoa(int(seconds)))
	}
	reply.Send(w, r, f.code, encode(struct {
		OK    bool   `json:"ok"`
		Error string `json:"error"`
	}{false, f.text}))
}

// preflight lets a script of any site ask: the API is public and has no
// credentials to protect.
func preflight(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	allowed := "*"
	if asked := r.Header.Get("Access-Control-Request-Headers"); asked != "" {
		allowed = asked // by name, because * leaves Authorization out
	}
	h.Set("Allow", methods)
	h.Set("Access-Control-Allow-Methods", methods)
	h.Set("Access-Control-Allow-Headers", allowed)
	h.Set("Access-Control-Max-Age", "86400")
	h.Add("Vary", "Access-Control-Request-Headers")
	w.WriteHeader(http.StatusNoContent)
}
