package command

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/time/rate"

	"github.com/downstatus/downstatus_exporter/internal/catalog"
	"github.com/downstatus/downstatus_exporter/internal/config"
	"github.com/downstatus/downstatus_exporter/sources"
	"github.com/downstatus/downstatus_exporter/sources/auto"
	"github.com/downstatus/downstatus_exporter/sources/fetch"
)

const (
	checkInstatus = `{"page": {"name": "Acme", "url": "https://status.acme.test", "status": "UP"}}`
	checkULID     = "01JACMEPAGE000000000000000"
)

// answering is a host that answers every path with one status.
func answering(t *testing.T, code int, header map[string]string) string {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for name, value := range header {
			w.Header().Set(name, strings.ReplaceAll(value, "$PATH", r.URL.Path))
		}
		w.WriteHeader(code)
	}))
	t.Cleanup(server.Close)
	return server.URL
}

// abandoned is a page that nobody has touched for years.
var abandoned = strings.NewReplacer(`"url": "https://status.acme.test"`, `"updated_at": "2019-05-04T10:00:00Z"`, "2026-", "2018-", "2096-", "2018-").Replace(acmeSummary)

// htmlSite answers every path with the same page.
func htmlSite(t *testing.T, title string) string {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		fmt.Fprintf(w, "<!doctype html><html><head><title>%s</title></head></html>", title)
	}))
	t.Cleanup(server.Close)
	return server.URL
}

// checkHosts are the pages of a catalog, one host each.
func checkHosts(t *testing.T) map[string]string {
	summary := "/api/v2/summary.json"
	home := detectSite(t, summary, acmeSummary)
	closed := httptest.NewServer(http.NotFoundHandler())
	closed.Close()
	return map[string]string{
		"acme":    home,
		"auto":    detectSite(t, "/summary.json", checkInstatus),
		"blocked": answering(t, http.StatusForbidden, nil),
		"busy":    answering(t, http.StatusTooManyRequests, nil),
		"changed": detectSite(t, "/summary.json", checkInstatus),
		"closed":  closed.URL,
		"dialect": detectSite(t, summary, strings.ReplaceAll(acmeSummary, "kctbh9vrtdwd", checkULID)),
		"defied":  htmlSite(t, "Just a moment..."),
		"empty":   answering(t, http.StatusNotFound, nil),
		"html":    htmlSite(t, "Acme"),
		"idle":    detectSite(t, summary, abandoned),
		"lent":    answering(t, http.StatusFound, map[string]string{"Location": home + "$PATH"}),
		"locked":  answering(t, http.StatusUnauthorized, nil),
		"moved":   answering(t, http.StatusMovedPermanently, map[string]string{"Location": home + "$PATH"}),
		"other":   detectSite(t, summary, strings.ReplaceAll(acmeSummary, "Acme Status", "Casino News")),
	}
}

const checkRows = `slug,name,category,status_page_url,engine,engine_ref,homepage,wellknown
acme,Acme,cloud,http://acme,statuspage,,,yes
acme-auto,Acme,cloud,http://auto,auto,,,
acme-blocked,Acme,cloud,http://blocked,statuspage,,,
acme-busy,Acme,cloud,http://busy,instatus,,,
acme-changed,"Acme, Inc.",cloud,http://changed,statuspage,,,
acme-closed,Acme,cloud,http://closed,statuspage,,,
acme-defied,Acme,cloud,http://defied,statuspage,,,
acme-dialect,Acme,cloud,http://dialect,statuspage,,,
acme-empty,Acme,cloud,http://empty,statuspage,,,
acme-html,Acme,cloud,http://html,statuspage,,,
acme-idle,Acme,cloud,http://idle,statuspage,,,
acme-lent,Acme,cloud,http://lent,statuspage,,,
acme-locked,Acme,cloud,http://locked,auto,,,
acme-moved,Acme,cloud,http://moved,statuspage,,,
acme-none,Acme,cloud,http://empty,none,,,
acme-pageless,Acme,cloud,,statuspage,,,
acme-ref,Acme,cloud,http://empty,statuspage,http://moved/api/v2/summary.json,,
bolt,Bolt,cloud,http://other,statuspage,,https://bolt.test,
`

// check runs over checkRows; hosts are written by their names again.
func check(ctx context.Context, t *testing.T, q CatalogCheck) (string, error) {
	t.Helper()
	hosts := checkHosts(t)
	var in, out []string
	for name, address := range hosts {
		in = append(in, "http://"+name+",", address+",", "http://"+name+"/", address+"/")
		out = append(out, address, "http://"+name)
	}
	rows, err := catalog.Read(strings.NewReader(strings.NewReplacer(in...).Replace(checkRows)))
	if err != nil {
		t.Fatal(err)
	}
	guard := fetch.NewGuard()
	guard.Allow("127.0.0.1")
	client, err := fetch.NewClient(fetch.Settings{Timeout: 5 * time.Second, Guard: guard})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	if q.pace == nil {
		q.pace = rate.NewLimiter(rate.Inf, 1)
	}
	var b bytes.Buffer
	err = CheckCatalog(ctx, &b, client, rows, q)
	return strings.NewReplacer(out...).Replace(b.String()), err
}

func TestCheckText(t *testing.T) {
	got, err := check(t.Context(), t, CatalogCheck{})
	if err != nil {
		t.Fatal(err)
	}
	want := `acme-blocked: blocked: http_4xx: GET http://blocked/api/v2/summary.json: 403 Forbidden
acme-busy: blocked: rate_limited: GET http://busy/summary.json: 429 Too Many Requests
acme-changed: engine changed: statuspage to instatus
acme-closed: unreadable: connect: GET http://closed/api/v2/summary.json: connection refused
acme-defied: blocked: answers with a challenge for browsers
acme-dialect: product changed: statuspage to incidentio
acme-empty: unreadable: http_4xx: GET http://empty/api/v2/summary.json: 404 Not Found
acme-html: html: content_type: GET http://html/api/v2/summary.json: media type is "text/html"
acme-idle: stale: nothing newer than 2019-05-04
acme-lent: redirect: for now, to http://acme
acme-locked: blocked: http_4xx: GET http://locked: 401 Unauthorized
acme-moved: redirect: for good, to http://acme
acme-ref: redirect: for good, read at http://acme
bolt: name mismatch: the page calls itself "Casino News"

--- services.csv
+++ services.csv
@@ -6 +6 @@
-acme-changed,"Acme, Inc.",cloud,http://changed,statuspage,,,,
+acme-changed,"Acme, Inc.",cloud,http://changed,instatus,,,,
@@ -9 +9 @@
-acme-dialect,Acme,cloud,http://dialect,statuspage,,,,
+acme-dialect,Acme,cloud,http://dialect,incidentio,,,,
@@ -15 +15 @@
-acme-moved,Acme,cloud,http://moved,statuspage,,,,
+acme-moved,Acme,cloud,http://acme,statuspage,,,,
@@ -18 +18 @@
-acme-ref,Acme,cloud,http://empty,statuspage,http://moved/api/v2/summary.json,,,
+acme-ref,Acme,cloud,http://empty,statuspage,http://acme,,,

checked 16 rows: ok 2, engine changed 1, product changed 1, redirect 3, name mismatch 1, stale 1, html 1, blocked 4, gone 0, unreadable 2
`
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestCheckJSON(t *testing.T) {
	got, err := check(t.Context(), t, CatalogCheck{Pattern: "acme*", Engine: "statuspage", Limit: 3, JSON: true})
	if err != nil {
		t.Fatal(err)
	}
	var rows []map[string]string
	if err := json.Unmarshal([]byte(got), &rows); err != nil {
		t.Fatalf("%v\n%s", err, got)
	}
	want := []map[string]string{
		{"slug": "acme", "verdict": "ok", "detail": "", "engine": "statuspage", "url": "http://acme"},
		{
			"slug": "acme-blocked", "verdict": "blocked", "engine": "statuspage", "url": "http://blocked",
			"detail": "http_4xx: GET http://blocked/api/v2/summary.json: 403 Forbidden",
		},
		{"slug": "acme-changed", "verdict": "engine changed", "detail": "statuspage to instatus", "engine": "instatus", "url": "http://changed"},
	}
	if diff := cmp.Diff(want, rows); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if got, err := check(t.Context(), t, CatalogCheck{Pattern: "nobody", JSON: true}); err != nil || got != "[]\n" {
		t.Errorf("no rows: %q, %v", got, err)
	}
}

// TestCheckStopped: a run that is ended early says how far it got.
func TestCheckStopped(t *testing.T) {
	asked := 0
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	watched := fetch.Watched(ctx, func(*http.Response) {
		if asked++; asked == 4 { // in the third row
			cancel()
		}
	})
	got, err := check(watched, t, CatalogCheck{Pattern: "acme*", Slugs: []string{"acme", "acme-auto", "acme-dialect"}})
	if !strings.HasPrefix(got, "checked 1 rows: ok 1,") || !errors.Is(err, context.Canceled) {
		t.Errorf("stopped after %d requests: %q, %v", asked, got, err)
	}
	got, err = check(ctx, t, CatalogCheck{})
	if !strings.HasPrefix(got, "checked 0 rows: ") || !errors.Is(err, context.Canceled) {
		t.Errorf("stopped before: %q, %v", got, err)
	}
}

// TestCheckPace: each request waits for its turn, not only each row.
func TestCheckPace(t *testing.T) {
	pace := rate.NewLimiter(rate.Every(time.Hour), 100)
	if _, err := check(t.Context(), t, CatalogCheck{Slugs: []string{"acme"}, pace: pace}); err != nil {
		t.Fatal(err)
	}
	if left := pace.Tokens(); left > 98.5 {
		t.Errorf("%.0f turns left of 100, want two to be used", left)
	}
}

// TestCheckOnce: a page that is as its row says is asked for no document twice.
func TestCheckOnce(t *testing.T) {
	asked := map[string]int{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked[r.URL.Path]++
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprint(w, acmeSummary)
	}))
	defer server.Close()
	client, err := Client(config.Default(), server.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	c := checkRow(t.Context(), client, catalog.Entry{Slug: "acme", Engine: "statuspage", StatusPageURL: server.URL})
	want := map[string]int{"/api/v2/summary.json": 1, "/api/v2/incidents.json": 1}
	if diff := cmp.Diff(want, asked); diff != "" || c.Verdict != verdictOK {
		t.Errorf("%s, requests -want +got:\n%s", c.Verdict, diff)
	}
}

func TestCheckFailures(t *testing.T) {
	e := catalog.Entry{Slug: "acme", Engine: "statuspage", StatusPageURL: "https://acme.statuspage.io"}
	for reason, want := range map[fetch.Reason]verdict{
		fetch.DNS: verdictGone, fetch.TLS: verdictGone, fetch.Timeout: verdictUnreadable, fetch.HTTP5xx: verdictUnreadable,
		fetch.RateLimited: verdictBlocked, fetch.HTTP4xx: verdictUnreadable, fetch.Blocked: verdictUnreadable,
	} {
		c := failed(e, &fetch.Error{Reason: reason, Err: errors.New("it failed")})
		if c.Verdict != want || c.next != e {
			t.Errorf("%s: %s, row %+v; want %s", reason, c.Verdict, c.next, want)
		}
	}
	if c := failed(e, errUnclaimed); c.Verdict != verdictGone {
		t.Errorf("unclaimed: %s", c.Verdict)
	}
}

func TestUnclaimed(t *testing.T) {
	for _, c := range []struct {
		page, final string
		want        bool
	}{
		{"https://acme.statuspage.io", "https://www.atlassian.com/software/statuspage", true},
		{"https://acme.statuspage.io", "https://www.statuspage.io", true},
		{"https://acme.statuspage.io", "https://status.acme.test", false},
		{"https://acme.statuspage.io", "https://acme.statuspage.io", false},
		{"https://status.acme.test", "https://www.statuspage.io", false},
	} {
		page, err := url.Parse(c.page)
		if err != nil {
			t.Fatal(err)
		}
		if got := unclaimed(page, c.final); got != c.want {
			t.Errorf("%s to %s: %v", c.page, c.final, got)
		}
	}
}

func TestNamesakes(t *testing.T) {
	for _, c := range []struct {
		page, name, slug, homepage string
		want                       bool
	}{
		{"Acme Status", "Acme", "acme", "", true},
		{"Digital Acme", "DigitalAcme", "da", "", true},
		{"Bolt", "Old Name", "old-name", "https://www.bolt.test", true},
		{"EA", "EA", "ea-games", "", true},
		{"System Status", "Acme", "acme", "", true},
		{"", "Acme", "acme", "", true},
		{"Casino Status Page", "Status Acme", "acme", "https://acme.test", false},
		{"Test", "Acme", "acme", "https://acme.test", false},
		{"Go to IT", "Go Acme", "go", "", false},
	} {
		e := catalog.Entry{Name: c.name, Slug: c.slug, Homepage: c.homepage}
		if got := namesakes(c.page, e); got != c.want {
			t.Errorf("%q for %+v: %v", c.page, c, got)
		}
	}
}

// TestFoundRow: what detection finds is told to the row so that its engine
// reads the same.
func TestFoundRow(t *testing.T) {
	page, err := url.Parse("https://status.acme.test")
	if err != nil {
		t.Fatal(err)
	}
	row := catalog.Entry{Slug: "acme", Engine: "statusio", EngineRef: "old", StatusPageURL: page.String()}
	for want, f := range map[string]auto.Finding{
		"https://status.acme.test instatus ":                              found("instatus", "https://status.acme.test", "https://status.acme.test", ""),
		"https://acme.test instatus ":                                     found("instatus", "https://acme.test", "https://acme.test", ""),
		"https://status.acme.test feed https://acme.test/feed":            found("feed", "https://acme.test/feed", "https://status.acme.test", ""),
		"https://status.acme.test statusio page_id=0123456789abcdef01234": found("statusio", "https://status.acme.test", "https://status.acme.test", "0123456789abcdef01234"),
	} {
		e := foundRow(row, page, f)
		if got := fmt.Sprint(e.StatusPageURL, " ", e.Engine, " ", e.EngineRef); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func found(engine, asked, final, id string) auto.Finding {
	f := auto.Finding{Engine: engine, Final: final}
	f.Config.URL = asked
	if id != "" {
		f.Config.Options = map[string]string{"page_id": id}
	}
	return f
}

// TestPatchLines: a patch fits the built-in table: each row is on the line
// that the patch gives it, as the patch writes it.
func TestPatchLines(t *testing.T) {
	table, err := os.ReadFile("../catalog/services.csv")
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.SplitAfter(string(table), "\n")
	for i, e := range catalog.Builtin().All() {
		if got, want := csvLine(e), lines[i+1]; got != want {
			t.Fatalf("line %d: %q, want %q", i+2, got, want)
		}
	}
}

func TestRowConfig(t *testing.T) {
	const page = "https://status.acme.test"
	recipe := &catalog.Recipe{Engine: "json", URL: "https://api.acme.test", Options: map[string]string{"status": ".state"}}
	for _, c := range []struct {
		engine, ref string
		recipe      *catalog.Recipe
		want        sources.Config
	}{
		{"statuspage", "", nil, sources.Config{URL: page}},
		{"statuspage", "https://acme.test/api", nil, sources.Config{URL: "https://acme.test/api"}},
		{"feed", "https://acme.test/feed?a=b", nil, sources.Config{URL: "https://acme.test/feed?a=b"}},
		{"slack", "services=Calls", nil, sources.Config{URL: page, Options: map[string]string{"services": "Calls"}}},
		{"statusio", "0123", nil, sources.Config{URL: page, Options: map[string]string{"page_id": "0123"}}},
		{"statuspage", "0123", nil, sources.Config{URL: page}},
		{"json", "", recipe, sources.Config{URL: recipe.URL, Options: recipe.Options}},
	} {
		got := rowConfig(catalog.Entry{StatusPageURL: page, Engine: c.engine, EngineRef: c.ref, Recipe: c.recipe})
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s %q (-want +got):\n%s", c.engine, c.ref, diff)
		}
	}
}
