package auto

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/downstatus/downstatus_exporter/sources"
	"github.com/downstatus/downstatus_exporter/sources/fetch"
	_ "github.com/downstatus/downstatus_exporter/sources/incidentio"
	_ "github.com/downstatus/downstatus_exporter/sources/statuspage"
	_ "github.com/downstatus/downstatus_exporter/sources/zendesk"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	pageID     = "64a000000000000000000000"
	atlassian  = `{"page":{"id":"kctbh9vrtdwd"},"status":{"indicator":"none"},"components":[]}`
	incidentIO = `{"page":{"id":"01JMDK9XYNY6RXSED6SDWW50WY"},"status":{"indicator":"minor"},"components":[{"id":"c"}]}`
	zendesk    = `{"data":[{"type":"incident","id":"1","attributes":{}}],"included":[]}`
	shell      = `<!DOCTYPE html><html><head><title>Status</title><script type="module" src="/assets/index.js"></script></head><body><div id="root"></div></body></html>`
	statusHTML = `<html><head><script src="https://cdn.status.io/page.js"></script></head><body><a href="/pages/history/` + pageID + `">History</a></body></html>`
)

// site is a fake page: a body for each path, "*" for all others.
type site struct {
	bodies map[string]string
	status int // of every answer; 0: 200
	hangs  bool
	asked  atomic.Int32
}

func (s *site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.asked.Add(1)
	body, ok := s.bodies[r.URL.Path]
	if !ok {
		body, ok = s.bodies["*"]
	}
	switch to, moved := strings.CutPrefix(body, "-> "); {
	case s.hangs:
		<-r.Context().Done()
	case s.status != 0:
		w.WriteHeader(s.status)
	case !ok:
		w.WriteHeader(http.StatusNotFound)
	case moved:
		http.Redirect(w, r, strings.ReplaceAll(to, "$PATH", r.URL.Path), http.StatusFound)
	case strings.HasPrefix(body, "<rss"), strings.HasPrefix(body, "<feed"), strings.HasPrefix(body, "<?xml"):
		w.Header().Set("Content-Type", "application/xml")
		fmt.Fprint(w, body)
	case strings.HasPrefix(body, "<"):
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprint(w, body)
	default:
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		fmt.Fprint(w, body)
	}
}

// serve starts a site and returns its origin.
func serve(t *testing.T, s *site) *url.URL {
	t.Helper()
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	u, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func newClient(t *testing.T) *fetch.Client {
	t.Helper()
	guard := fetch.NewGuard()
	guard.Allow("127.0.0.1")
	client, err := fetch.NewClient(fetch.Settings{Timeout: 5 * time.Second, BodyLimit: 1 << 20, Guard: guard, Budgets: fetch.NewBudgets()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	return client
}

type found struct{ Engine, URL, PageID string }

func TestDetect(t *testing.T) {
	for name, c := range map[string]struct {
		path   string
		bodies map[string]string
		want   found // its URL is a path here
	}{
		"statuspage":            {"", map[string]string{"/api/v2/summary.json": atlassian, "*": shell}, found{Engine: "statuspage"}},
		"incident.io":           {"", map[string]string{"/api/v2/summary.json": incidentIO}, found{Engine: "incidentio"}},
		"page below a path":     {"/acme", map[string]string{"/acme/api/v2/summary.json": incidentIO}, found{Engine: "incidentio", URL: "/acme"}},
		"a page of the page":    {"/history", map[string]string{"/api/v2/summary.json": atlassian, "/history": shell}, found{Engine: "statuspage"}},
		"a document":            {"/acme/api/v2/status.json", map[string]string{"/acme/api/v2/summary.json": atlassian}, found{Engine: "statuspage", URL: "/acme"}},
		"path before root":      {"/acme", map[string]string{"/acme/api/v2/summary.json": incidentIO, "/api/v2/summary.json": atlassian}, found{Engine: "incidentio", URL: "/acme"}},
		"redirect to a path":    {"", map[string]string{"/api/v2/summary.json": "-> /eu/api/v2/summary.json", "/eu/api/v2/summary.json": atlassian}, found{Engine: "statuspage", URL: "/eu"}},
		"redirect to a file":    {"", map[string]string{"/api/v2/summary.json": "-> /static/s1.json", "/static/s1.json": atlassian}, found{Engine: "statuspage"}},
		"zendesk":               {"", map[string]string{"/api/incidents/active": zendesk, "*": shell}, found{Engine: "zendesk"}},
		"zendesk, all well":     {"", map[string]string{"/api/incidents/active": `{"data":[],"included":[]}`}, found{Engine: "zendesk"}},
		"status.io":             {"", map[string]string{"/": statusHTML}, found{Engine: "statusio", PageID: pageID}},
		"status.io, by links":   {"", map[string]string{"/": `<a href="/pages/history/` + pageID + `">History</a> <a href="https://status.io">by Status.io</a>`}, found{Engine: "statusio", PageID: pageID}},
		"status.io, a shell":    {"", map[string]string{"*": statusHTML}, found{Engine: "statusio", PageID: pageID}},
		"status.io, an address": {"/pages/history/" + pageID, nil, found{Engine: "statusio", URL: "/pages/history/" + pageID}},
	} {
		t.Run(name, func(t *testing.T) {
			s := &site{bodies: c.bodies}
			origin := serve(t, s)
			got, err := Detect(t.Context(), newClient(t), origin.JoinPath(c.path))
			if err != nil {
				t.Fatal(err)
			}
			if got.Engine != c.want.Engine || strings.TrimSuffix(got.Config.URL, "/") != origin.String()+c.want.URL || got.Config.Options["page_id"] != c.want.PageID || got.Why == "" {
				t.Errorf("found %+v, want %+v", got, c.want)
			}
			if n := s.asked.Load(); n != int32(got.Requests) {
				t.Errorf("%d requests, and %d told", n, got.Requests)
			}
		})
	}
}

func TestDetectNothing(t *testing.T) {
	for name, c := range map[string]struct {
		bodies map[string]string
		status int
		is     error // the outcome that is wrapped, or nil
		reason fetch.Reason
	}{
		"a shell everywhere":        {map[string]string{"*": shell}, 0, ErrUnknownEngine, fetch.Shape},
		"nothing anywhere":          {nil, 0, ErrUnknownEngine, fetch.Shape},
		"objects everywhere":        {map[string]string{"*": `{}`}, 0, ErrUnknownEngine, fetch.Shape},
		"empty lists everywhere":    {map[string]string{"*": `{"data":[]}`}, 0, ErrUnknownEngine, fetch.Shape},
		"other lists":               {map[string]string{"*": `{"data":[{"type":"user"}],"included":[]}`}, 0, ErrUnknownEngine, fetch.Shape},
		"half a summary":            {map[string]string{"/api/v2/summary.json": `{"page":{"id":"x"},"status":{"indicator":"none"}}`}, 0, ErrUnknownEngine, fetch.Shape},
		"broken JSON":               {map[string]string{"/api/v2/summary.json": `{"page":`}, 0, ErrUnknownEngine, fetch.Shape},
		"a vendor in running text":  {map[string]string{"/": `<html><p>see https://status.io and <a href="https://acme.statuspage.io">x</a>, incident.io`}, 0, ErrUnknownEngine, fetch.Shape},
		"status.io without an id":   {map[string]string{"/": `<html><script src="https://cdn.status.io/page.js">`}, 0, ErrAPIOff, fetch.Shape},
		"an id without status.io":   {map[string]string{"/": `<html><a href="/pages/history/` + pageID + `">`}, 0, ErrUnknownEngine, fetch.Shape},
		"words in a text":           {map[string]string{"/": `<html><script>var a = 1</script><p>window.preloadData = what?`}, 0, ErrUnknownEngine, fetch.Shape},
		"a link in a text":          {map[string]string{"/": `<html><p><a href="https://status.io/pages/` + pageID + `">x</a> <a href="https://api.status.io/1.0/status/` + pageID + `">y</a>`}, 0, ErrUnknownEngine, fetch.Shape},
		"a link, and a framework":   {map[string]string{"/": `<html><a href="https://status.incident.io">x</a><script>self.__next_f.push([1,""])</script>`}, 0, ErrUnknownEngine, fetch.Shape},
		"incident.io, API off":      {map[string]string{"/": `<html><link rel=icon href="https://statuspage.incident.io/icon.png">`}, 0, ErrAPIOff, fetch.Shape},
		"incident.io in a script":   {map[string]string{"/": `<html><script>self.__next_f.push([1,"{\"u\":\"https://app.incident.io/x\"}"])</script>`}, 0, ErrAPIOff, fetch.Shape},
		"statuspage, private":       {map[string]string{"/": `<html><script src="//dka575ofm4ao0.cloudfront.net/assets/a.js">`}, 0, ErrAPIOff, fetch.Shape},
		"upstream in trouble":       {nil, http.StatusServiceUnavailable, nil, fetch.HTTP5xx},
		"upstream asks for silence": {nil, http.StatusTooManyRequests, nil, fetch.RateLimited},
	} {
		t.Run(name, func(t *testing.T) {
			s := &site{bodies: c.bodies, status: c.status}
			f, err := Detect(t.Context(), newClient(t), serve(t, s))
			if err == nil {
				t.Fatalf("found %+v", f)
			}
			if got := fetch.ReasonOf(err); got != c.reason {
				t.Errorf("reason %s (%v), want %s", got, err, c.reason)
			}
			for _, outcome := range []error{ErrUnknownEngine, ErrAPIOff} {
				if errors.Is(err, outcome) != (outcome == c.is) {
					t.Errorf("error %v, want one of %v", err, c.is)
				}
			}
		})
	}
}

// TestDetectGivesUp: a host that is ill, or refuses, is not asked for a dozen
// documents. One that shows its page and refuses the rest is.
func TestDetectGivesUp(t *testing.T) {
	for name, c := range map[string]struct {
		site   *site
		page   string
		most   int
		reason fetch.Reason
	}{
		"hangs":            {&site{hangs: true}, "", maxIll, fetch.Timeout},
		"fails":            {&site{status: http.StatusBadGateway}, "", maxIll, fetch.HTTP5xx},
		"is over its head": {&site{status: http.StatusServiceUnavailable}, "/a", maxIll, fetch.HTTP5xx},
		"refuses":          {&site{status: http.StatusForbidden}, "", maxIll, fetch.HTTP4xx},
		"wants a password": {&site{status: http.StatusUnauthorized}, "/a", maxIll, fetch.HTTP4xx},
		"is not there":     {&site{status: http.StatusNotFound}, "", inVain, fetch.Shape},
	} {
		t.Run(name, func(t *testing.T) {
			guard := fetch.NewGuard()
			guard.Allow("127.0.0.1")
			client, err := fetch.NewClient(fetch.Settings{Timeout: 50 * time.Millisecond, Guard: guard})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(client.Close)
			f, err := Detect(t.Context(), client, serve(t, c.site).JoinPath(c.page))
			if fetch.ReasonOf(err) != c.reason || f.Engine != "" || f.Requests > c.most {
				t.Errorf("%+v, error %v; want %s after at most %d requests", f, err, c.reason, c.most)
			}
		})
	}
}

// TestDetectRefusedFiles: some stores of files refuse what they do not have.
func TestDetectRefusedFiles(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/":
			w.Header().Set("Content-Type", "text/html")
			fmt.Fprint(w, shell)
		case "/api/incidents/active":
			w.Header().Set("Content-Type", "application/json")
			fmt.Fprint(w, zendesk)
		default:
			w.WriteHeader(http.StatusForbidden)
		}
	}))
	t.Cleanup(server.Close)
	page, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	if f, err := Detect(t.Context(), newClient(t), page); err != nil || f.Engine != "zendesk" {
		t.Errorf("%+v, error %v", f, err)
	}
}

func TestDetectAfterMove(t *testing.T) {
	for name, bodies := range map[string]map[string]string{
		"every path": {"*": "-> $TO$PATH"},
		"page alone": {"/": "-> $TO/"},
	} {
		t.Run(name, func(t *testing.T) {
			to := serve(t, &site{bodies: map[string]string{"/api/v2/summary.json": atlassian, "/": shell}})
			for path, body := range bodies {
				bodies[path] = strings.ReplaceAll(body, "$TO", to.String())
			}
			got, err := Detect(t.Context(), newClient(t), serve(t, &site{bodies: bodies}))
			if err != nil {
				t.Fatal(err)
			}
			if got.Engine != "statuspage" || got.Config.URL != to.String() || got.Final != to.String() {
				t.Errorf("found %+v, want statuspage at %s", got, to)
			}
		})
	}
}

// TestHostAlone: these need no request, so that none may be made.
func TestHostAlone(t *testing.T) {
	for address, want := range map[string]string{
		"https://acme.status.io":                            "statusio",
		"https://api.status.io/1.0/status/" + pageID:        "statusio",
		"https://status.acme.test/pages/incident/" + pageID: "statusio",
		"https://status.zendesk.com":                        "zendesk",
	} {
		u, err := url.Parse(address)
		if err != nil {
			t.Fatal(err)
		}
		got, err := Detect(t.Context(), nil, u)
		if err != nil || got.Engine != want || got.Config.URL != address || got.Requests != 0 {
			t.Errorf("%s: %+v, %v; want %s", address, got, err, want)
		}
	}
}

func FuzzPage(f *testing.F) {
	for _, seed := range []string{shell, statusHTML, `<link rel=alternate type="application/rss+xml" href=/feed>`} {
		f.Add([]byte(seed))
	}
	page := &url.URL{Scheme: "https", Host: "status.acme.test"}
	f.Fuzz(func(t *testing.T, body []byte) {
		html := sources.HTML{Body: body, Page: page}
		if feed, ok := advertised(html); ok && sources.Link(feed) == "" {
			t.Errorf("no address of a feed: %q", feed)
		}
		for _, c := range candidates(page) {
			if c.how.Marks != nil && c.how.Marks(html) && !bytes.ContainsAny(body, `.`) {
				t.Errorf("marks of %s without a host in %q", c.name, body)
			}
		}
	})
}
