package command

import (
	"cmp"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/time/rate"

	"github.com/downstatus/downstatus_exporter/internal/catalog"
	"github.com/downstatus/downstatus_exporter/sources"
	"github.com/downstatus/downstatus_exporter/sources/auto"
	"github.com/downstatus/downstatus_exporter/sources/fetch"
)

// CatalogCheck is what catalog check takes.
type CatalogCheck struct {
	Pattern string   // as in CatalogQuery
	Engine  string   // likewise
	Slugs   []string // exactly these; empty: all
	Limit   int      // rows a run; zero: all
	JSON    bool     // an array of objects, those that are ok included

	pace *rate.Limiter // of requests; nil: the usual one
}

const (
	// perSecond requests keep a run over the whole catalog from being a
	// nuisance. They are made one after another.
	perSecond = 2
	// staleAfter is how long a page that is alive may go without a word.
	staleAfter = 365 * 24 * time.Hour
)

// verdict is what a check says of a row.
type verdict string

const (
	verdictOK            verdict = "ok"
	verdictEngineChanged verdict = "engine changed"
	verdictOtherProduct  verdict = "product changed" // of one dialect: the row's engine reads it as well
	verdictRedirect      verdict = "redirect"
	verdictNameMismatch  verdict = "name mismatch"
	verdictStale         verdict = "stale"
	verdictHTML          verdict = "html" // where a document was expected
	verdictBlocked       verdict = "blocked"
	verdictGone          verdict = "gone"
	verdictUnreadable    verdict = "unreadable"
)

var verdicts = [...]verdict{
	verdictOK, verdictEngineChanged, verdictOtherProduct, verdictRedirect, verdictNameMismatch, verdictStale,
	verdictHTML, verdictBlocked, verdictGone, verdictUnreadable,
}

// checked is one row and what became of its page.
type checked struct {
	Slug    string  `json:"slug"`
	Verdict verdict `json:"verdict"`
	Detail  string  `json:"detail"` // empty if ok
	Engine  string  `json:"engine"` // as found; the row's own if nothing was
	URL     string  `json:"url"`    // likewise

	row, next catalog.Entry // as it is, and as it should be
}

// CheckCatalog asks the pages of the rows that a query wants, one after the
// other, and prints which rows no longer hold, with a patch for those whose
// new engine or address is known. It changes no file. What was checked is
// printed, and an error returned, if the context ends first.
func CheckCatalog(ctx context.Context, w io.Writer, client *fetch.Client, c catalog.Catalog, q CatalogCheck) error {
	ctx = fetch.Paced(ctx, cmp.Or(q.pace, rate.NewLimiter(perSecond, 1)))
	done := []checked{}
	stopped := ctx.Err()
	for _, e := range q.rows(c) {
		if stopped != nil {
			break
		}
		row := checkRow(ctx, client, e)
		if stopped = ctx.Err(); stopped != nil {
			break // what failed, failed because of that
		}
		done = append(done, row)
	}
	if q.JSON {
		return errors.Join(printJSON(w, done), stopped)
	}
	_, err := io.WriteString(w, findings(done)+patch(c, done)+counts(done))
	return errors.Join(err, stopped)
}

// rows are those that can be checked.
func (q CatalogCheck) rows(c catalog.Catalog) []catalog.Entry {
	query := CatalogQuery{Pattern: q.Pattern, Engine: q.Engine}
	all := slices.DeleteFunc(c.All(), func(e catalog.Entry) bool {
		return e.StatusPageURL == "" || e.Engine == "" || e.Engine == "none" || !query.matches(e) ||
			len(q.Slugs) > 0 && !slices.Contains(q.Slugs, e.Slug)
	})
	if q.Limit > 0 {
		all = all[:min(q.Limit, len(all))]
	}
	return all
}

// seen is what a page showed of itself.
type seen struct {
	name    string
	last    time.Time // the newest change or event that it tells of; zero if none
	dialect bool      // the row's own engine read it
}

// checkRow asks the row's engine first, and looks for another one only after a
// failure that another one would explain.
func checkRow(ctx context.Context, client *fetch.Client, e catalog.Entry) checked {
	forNow := false // a redirect that need not last
	ctx = fetch.Watched(fetch.Share(ctx), func(r *http.Response) {
		switch r.StatusCode {
		case http.StatusFound, http.StatusSeeOther, http.StatusTemporaryRedirect:
			forNow = true
		}
	})
	var declared error
	if e.Engine != "auto" {
		next, page, err := pollRow(ctx, client, e)
		if err == nil {
			return judge(e, next, page, forNow, time.Now())
		}
		if !elsewhere(err) {
			return failed(e, err)
		}
		declared = err
	}
	next, page, err := detectRow(ctx, client, e)
	switch {
	case err == nil:
		return judge(e, next, page, forNow, time.Now())
	case declared != nil && !errors.Is(err, errUnclaimed) && !errors.Is(err, errChallenge):
		return failed(e, declared)
	default:
		return failed(e, err)
	}
}

// elsewhere is true for failures of a page that runs on another engine or is
// at another address by now. A host that refuses is not asked again.
func elsewhere(err error) bool {
	switch fetch.ReasonOf(err) {
	case fetch.Shape, fetch.ContentType, fetch.HTTP4xx, fetch.Redirect:
		return !refused(err)
	}
	return false
}

// pollRow reads the page as the row says. next is the row with what the answer
// shows to be different.
func pollRow(ctx context.Context, client *fetch.Client, e catalog.Entry) (next catalog.Entry, s seen, err error) {
	target, s, err := pollPage(ctx, client, e.Engine, rowConfig(e))
	if err != nil {
		return e, seen{}, err
	}
	s.dialect = true
	next = e
	engine, page := answered(ctx, client, e.Engine, target)
	next.Engine = engine
	switch {
	case page == "":
	case strings.Contains(e.EngineRef, "://"):
		next.EngineRef = page
	default:
		next.StatusPageURL = page
	}
	return next, s, nil
}

// rowConfig is what the row tells its engine.
func rowConfig(e catalog.Entry) sources.Config {
	address, options := e.Source()
	return sources.Config{URL: address, Options: options}
}

// pollPage asks a page once.
func pollPage(ctx context.Context, client *fetch.Client, name string, c sources.Config) (sources.Target, seen, error) {
	engine, ok := sources.Lookup(name)
	if !ok || engine.Feed {
		return sources.Target{}, seen{}, fmt.Errorf("no engine %q reads official pages", name)
	}
	target, err := engine.Target(c)
	if err != nil {
		return target, seen{}, err
	}
	reading, err := engine.Open(target, client).Poll(ctx, time.Now())
	if err != nil {
		return target, seen{}, err
	}
	s := seen{name: reading.Page.Name, last: newest(reading)}
	if how, _ := sources.DetectionOf(name); how.Updated != "" {
		if body, _, err := client.Get(ctx, target.Document.String(), fetch.JSON); err == nil { // out of the shared answers
			s.last = later(s.last, how.LastChange(body))
		}
	}
	return target, s, nil
}

// newest is the time of the newest incident or window that a page lists.
func newest(r sources.Reading) (last time.Time) {
	for _, in := range slices.Concat(r.Page.Incidents, r.Ended) {
		last = later(last, in.Started, in.Resolved)
	}
	for _, w := range r.Page.Windows {
		last = later(last, w.Start, w.End)
	}
	return last
}

func later(times ...time.Time) time.Time { return slices.MaxFunc(times, time.Time.Compare) }

// answered is the engine whose document a good poll has just read, and the
// page's address if another host gave it: dialects of one API can be read by
// each other's engines, and polls follow redirects. The document comes out of
// the shared answers, without another request. Documents of generic engines
// are their rows' own affair.
func answered(ctx context.Context, client *fetch.Client, declared string, t sources.Target) (engine, page string) {
	if _, known := sources.DetectionOf(declared); !known {
		return declared, ""
	}
	path := "/" + strings.TrimLeft(t.Document.Path, "/") // JoinPath leaves it out where the page has no path
	engine, lowest := declared, math.MaxInt
	for _, e := range sources.Engines() {
		how, _ := sources.DetectionOf(e.Name)
		for _, p := range how.Probes {
			if p.Path == "" || p.Order >= lowest || !strings.HasSuffix(path, p.Path) {
				continue
			}
			body, final, err := client.Get(ctx, t.Document.String(), fetch.JSON)
			if err != nil || !p.Match(body) {
				continue
			}
			engine, lowest = e.Name, p.Order
			if below, same := strings.CutSuffix(final.Path, p.Path); same && final.Host != t.Document.Host {
				page = final.Scheme + "://" + final.Host + below
			}
		}
	}
	return engine, page
}

var (
	// errUnclaimed is what becomes of a hosted page that nobody keeps any more.
	errUnclaimed = errors.New("leads to the home page of its host")
	// errChallenge is a test for browsers, in place of the page.
	errChallenge = errors.New("answers with a challenge for browsers")
	challenge    = regexp.MustCompile(`(?i)<title>\s*(?:just a moment|attention required|checking your browser|access denied|ddos-guard)`)
)

// detectRow finds the engine anew, and reads the page with it.
func detectRow(ctx context.Context, client *fetch.Client, e catalog.Entry) (next catalog.Entry, s seen, err error) {
	u, err := sources.ParseURL(e.StatusPageURL)
	if err != nil {
		return e, seen{}, err
	}
	found, err := auto.Detect(ctx, client, u)
	if unclaimed(u, found.Final) {
		return e, seen{}, errUnclaimed
	}
	if err != nil {
		// Detection goes on after a refusal; the page itself tells of it.
		html, _, plain := client.Get(ctx, u.String(), fetch.HTML)
		switch {
		case refused(plain):
			err = plain
		case challenge.Match(html):
			err = errChallenge
		}
		return e, seen{}, err
	}
	if _, s, err = pollPage(ctx, client, found.Engine, found.Config); err != nil {
		return e, seen{}, err
	}
	return foundRow(e, u, found), s, nil
}

// foundRow is the row for a page that was found. A row that leaves the engine
// open goes on doing so.
func foundRow(e catalog.Entry, page *url.URL, f auto.Finding) catalog.Entry {
	if final, err := url.Parse(f.Final); err == nil && final.Host != page.Host {
		e.StatusPageURL, page = f.Final, final
	}
	if e.Engine == "auto" {
		return e
	}
	e.Engine, e.EngineRef = f.Engine, ""
	if f.Config.URL != page.String() {
		e.EngineRef = f.Config.URL
	}
	for _, name := range slices.Sorted(maps.Keys(f.Config.Options)) {
		e.EngineRef = name + "=" + f.Config.Options[name]
	}
	return e
}

// unclaimed is true for a page below statuspage.io that leads to the vendor.
func unclaimed(page *url.URL, final string) bool {
	to, err := url.Parse(final)
	return err == nil && sources.AtHost(page, ".statuspage.io") &&
		sources.AtHost(to, "statuspage.io", "www.statuspage.io", "atlassian.com", "www.atlassian.com")
}

// judge compares a row with the page that was read. The name comes first: what
// is somebody else's page must not get into the catalog.
func judge(e, next catalog.Entry, s seen, forNow bool, now time.Time) checked {
	c := checked{Slug: e.Slug, Verdict: verdictOK, Engine: next.Engine, URL: next.StatusPageURL, row: e, next: next}
	moved := next.StatusPageURL != e.StatusPageURL
	if moved && forNow && next.Engine != e.Engine {
		next.StatusPageURL, moved = e.StatusPageURL, false // the old address leads there
		c.URL, c.next = e.StatusPageURL, next
	}
	switch {
	case !namesakes(s.name, e):
		c.Verdict, c.Detail, c.next = verdictNameMismatch, fmt.Sprintf("the page calls itself %q", s.name), e
	case !s.last.IsZero() && now.Sub(s.last) > staleAfter:
		c.Verdict, c.Detail, c.next = verdictStale, "nothing newer than "+s.last.Format(time.DateOnly), e
	case next.Engine != e.Engine:
		c.Verdict, c.Detail = verdictEngineChanged, e.Engine+" to "+next.Engine
		if s.dialect {
			c.Verdict = verdictOtherProduct
		}
		if moved {
			c.Detail += ", at " + next.StatusPageURL
		}
	case next != e && forNow:
		c.Verdict, c.Detail, c.next = verdictRedirect, "for now, "+place(e, next), e
	case next != e:
		c.Verdict, c.Detail = verdictRedirect, "for good, "+place(e, next)
	}
	return c
}

// place is the address of a row that differs from the one it had.
func place(e, next catalog.Entry) string {
	if next.StatusPageURL != e.StatusPageURL {
		return "to " + next.StatusPageURL
	}
	return "read at " + cmp.Or(next.EngineRef, next.StatusPageURL)
}

// failed is the verdict on a page that was not read. No failure changes a row.
func failed(e catalog.Entry, err error) checked {
	c := checked{Slug: e.Slug, Verdict: verdictUnreadable, Detail: err.Error(), Engine: e.Engine, URL: e.StatusPageURL, row: e, next: e}
	switch reason := fetch.ReasonOf(err); {
	case refused(err), errors.Is(err, errChallenge):
		c.Verdict = verdictBlocked
	case reason == fetch.ContentType:
		c.Verdict = verdictHTML
	case reason == fetch.DNS, reason == fetch.TLS, errors.Is(err, errUnclaimed):
		c.Verdict = verdictGone
	}
	return c
}

// refused is true for an answer to the asker, not to the question.
func refused(err error) bool {
	return fetch.Refused(err) || err != nil && fetch.ReasonOf(err) == fetch.RateLimited
}

// namesakes is true if a page's name has a word in common with its row, or says
// nothing.
func namesakes(name string, e catalog.Entry) bool {
	page := nameWords(name)
	own := slices.Concat(nameWords(e.Name), nameWords(e.Slug))
	if u, err := sources.ParseURL(e.Homepage); err == nil {
		host := u.Hostname()
		own = append(own, nameWords(host[:max(strings.LastIndex(host, "."), 0)])...)
	}
	return len(page) == 0 || slices.ContainsFunc(page, func(word string) bool { return slices.Contains(own, word) })
}

// commonWords say nothing about whose page it is.
var commonWords = []string{"status", "page", "system", "systems", "service", "services", "health", "the", "www"}

// nameWords are the words of 3 letters or more, and all of them as one: names
// are written together or apart.
func nameWords(text string) []string {
	all := strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	all = slices.DeleteFunc(all, func(word string) bool { return slices.Contains(commonWords, word) })
	if len(all) == 0 {
		return nil
	}
	whole := strings.Join(all, "")
	return append(slices.DeleteFunc(all, func(word string) bool { return utf8.RuneCountInString(word) < 3 }), whole)
}

// findings has a line for each row that is not ok.
func findings(done []checked) string {
	var out strings.Builder
	for _, c := range done {
		if c.Verdict != verdictOK {
			fmt.Fprintf(&out, "%s: %s: %s\n", c.Slug, c.Verdict, c.Detail)
		}
	}
	return out.String()
}

// patch is a unified diff of the table without context. The lines are numbered
// as in a table of the whole catalog, which is sorted by slug.
func patch(c catalog.Catalog, done []checked) string {
	line := map[string]int{}
	for i, e := range c.All() {
		line[e.Slug] = i + 2 // after the header, counted from 1
	}
	var out strings.Builder
	for _, c := range done {
		if c.next == c.row {
			continue
		}
		if out.Len() == 0 {
			out.WriteString("\n--- services.csv\n+++ services.csv\n")
		}
		fmt.Fprintf(&out, "@@ -%[1]d +%[1]d @@\n-%s+%s", line[c.Slug], csvLine(c.row), csvLine(c.next))
	}
	if out.Len() > 0 {
		out.WriteString("\n")
	}
	return out.String()
}

// csvLine is a row as the table has it.
func csvLine(e catalog.Entry) string {
	var out strings.Builder
	w := csv.NewWriter(&out)
	// A strings.Builder takes everything: there is no error to see.
	_ = w.Write([]string{
		e.Slug, e.Name, e.Category, e.StatusPageURL, e.Engine, e.EngineRef, e.Homepage, e.FeedSlug, mark(e.WellKnown, "yes", ""),
	})
	w.Flush()
	return out.String()
}

// counts is the last line.
func counts(done []checked) string {
	n := map[verdict]int{}
	for _, c := range done {
		n[c.Verdict]++
	}
	var each []string
	for _, v := range verdicts {
		each = append(each, fmt.Sprintf("%s %d", v, n[v]))
	}
	return fmt.Sprintf("checked %d rows: %s\n", len(done), strings.Join(each, ", "))
}
