package auto

import (
	"cmp"
	"context"
	"errors"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/downstatus/downstatus_exporter/sources"
	"github.com/downstatus/downstatus_exporter/sources/fetch"
)

// Finding is the engine of a page and what to configure to read it.
type Finding struct {
	Engine   string         // name of the engine
	Config   sources.Config // what reads the page
	Why      string         // what gave it away, for people
	Final    string         // the page's address after redirects, without password
	Requests int            // how many it took, redirects included

	// Operator is the engine that the host or the page's assets speak for,
	// where its documents do not answer; else empty.
	Operator string
}

// What detection can end in besides a finding, an error of the network, or an
// answer that leaves it open. Both are failed polls: nothing is known then.
var (
	ErrUnknownEngine = errors.New("no engine that this program knows answers there: set official.engine, if it is one of them")
	ErrAPIOff        = errors.New("its API does not answer: it may be switched off, or the page be private")
)

// Detect finds the engine of a page, given by its address or by that of one of
// its documents: by the address, by the documents that engines serve, and last
// by the page's HTML. It makes at most MaxRequests requests, one after another.
// Its error is a *fetch.Error, and wraps ErrUnknownEngine or ErrAPIOff where
// that is the outcome; the Finding then holds what the detection took.
func Detect(ctx context.Context, client *fetch.Client, page *url.URL) (Finding, error) {
	address := page
	page = pageOf(page)
	d := &detection{asker: newAsker(ctx, client, page.Host), final: page, engines: candidates(page)}
	f, ok := d.run(page, address)
	f.Requests = d.requests()
	if f.Final == "" {
		f.Final = d.final.Redacted()
	}
	if ok {
		return f, nil
	}
	f.Operator = d.operator()
	return f, d.outcome(f.Operator)
}

// candidate is an engine that the page may run on.
type candidate struct {
	name   string
	how    sources.Detection
	hinted bool // by the host name or the marks of the page
}

// candidates are all engines that say how they are recognised.
func candidates(page *url.URL) []*candidate {
	var out []*candidate
	for _, e := range sources.Engines() {
		if how, ok := sources.DetectionOf(e.Name); ok {
			out = append(out, &candidate{e.Name, how, sources.AtHost(page, how.Hosts...)})
		}
	}
	return out
}

// detection is one run.
type detection struct {
	asker
	engines []*candidate
	final   *url.URL // the page after redirects, as far as it was asked for
	asked   map[string]bool
}

// run goes step by step, the cheapest first. Most pages are done after one
// request: what few engines have waits for what the page's HTML hints at. A
// feed says less than any document.
func (d *detection) run(page, address *url.URL) (Finding, bool) {
	d.asked = map[string]bool{}
	if f, ok := d.address(page); ok {
		return f, true
	}
	if f, ok := d.documents(page, d.first); ok {
		return f, true
	}
	feed, isFeed := d.pasted(address)
	if f, ok := d.rest(page); ok || d.open != nil || !isFeed {
		return f, ok
	}
	return feed, true
}

// rest is what comes after the documents that many pages have.
func (d *detection) rest(page *url.URL) (Finding, bool) {
	html, ok := d.html(page)
	if !ok {
		return d.documents(page, everything)
	}
	return d.shown(page, html)
}

// shown goes on from the page itself, at the host that it has moved to.
func (d *detection) shown(page *url.URL, html sources.HTML) (Finding, bool) {
	if moved := html.Page.Host != page.Host; moved {
		page = trimmed(html.Page, "")
		d.final, d.home = page, page.Host
		if f, ok := d.address(page); ok {
			return f, true
		}
	}
	for _, c := range d.engines {
		if c.how.Inside != nil {
			if config, ok := c.how.Inside(html); ok {
				return Finding{Engine: c.name, Config: config, Why: "the page's HTML"}, true
			}
		}
		c.hinted = c.hinted || sources.AtHost(page, c.how.Hosts...) || c.how.Marks != nil && c.how.Marks(html)
	}
	if f, ok := d.documents(page, everything); ok {
		return f, true
	}
	return d.feed(html)
}

// address asks the engines whether the address alone tells.
func (d *detection) address(page *url.URL) (Finding, bool) {
	for _, c := range d.engines {
		if c.how.Address == nil {
			continue
		}
		if config, ok := c.how.Address(page); ok {
			return Finding{Engine: c.name, Config: config, Why: "the address", Final: page.Redacted()}, true
		}
	}
	return Finding{}, false
}

// question is a document, and a probe that it may answer.
type question struct {
	at     *url.URL
	base   *url.URL // the page that it belongs to, if it does
	engine *candidate
	probe  sources.Probe
}

// firstOrder is the last Order that is asked for before the page itself.
const firstOrder = 2

// first are the probes that come before the page itself.
func (d *detection) first(q question) bool {
	return q.engine.hinted || q.probe.Order <= firstOrder && !q.probe.Own || q.at.Host != q.base.Host
}

func everything(question) bool { return true }

// documents asks for the documents of engines, below the page and at its
// host's root: each of them once.
func (d *detection) documents(page *url.URL, wanted func(question) bool) (Finding, bool) {
	all := d.questions(page)
	for _, q := range all {
		address := q.at.String()
		if d.asked[address] || !wanted(q) {
			continue
		}
		d.asked[address] = true
		body, final, ok := d.get(q.at, fetch.JSON)
		if !ok {
			continue
		}
		for _, same := range all {
			if same.at.String() == address && same.probe.Match(body) {
				return same.finding(final), true
			}
		}
	}
	return Finding{}, false
}

// questions are sorted by what says most.
func (d *detection) questions(page *url.URL) []question {
	var out []question
	for _, base := range bases(page) {
		for _, c := range d.engines {
			for _, p := range c.how.Probes {
				if p.Own && !c.hinted || p.Root && base.Path != "" {
					continue
				}
				out = append(out, question{p.Document(base), base, c, p})
			}
		}
	}
	slices.SortStableFunc(out, func(a, b question) int {
		return cmp.Or(cmp.Compare(a.class(), b.class()), cmp.Compare(a.order(), b.order()))
	})
	return out
}

// class puts first what the form of the address leads to, then hinted engines.
func (q question) class() int {
	switch {
	case q.at.Host != q.base.Host:
		return 0
	case q.engine.hinted:
		return 1
	case q.probe.Order <= firstOrder:
		return 2
	case !strings.HasPrefix(q.at.Path, q.base.Path+"/"):
		return 3
	default:
		return 4
	}
}

// order is that of the probe. Documents below a page that is itself below its
// host come later: what is pasted is mostly a part of a page.
func (q question) order() int {
	if q.probe.Order > firstOrder && q.base.Path != "" && !q.engine.hinted {
		return 2*q.probe.Order + 11
	}
	return 2 * q.probe.Order
}

// finding is the page that the document was found for, after a redirect the
// one that it belongs to now. A document that has moved to an address of
// another form is asked for at its old one.
func (q question) finding(final *url.URL) Finding {
	page := *q.base
	switch path := q.probe.Path; {
	case final.Path == q.at.Path:
		if final.Host != q.at.Host {
			page.Scheme, page.User, page.Host = final.Scheme, final.User, final.Host
		}
	case path != "" && strings.HasSuffix(final.Path, path):
		page = *trimmed(final, path)
	}
	return Finding{Engine: q.engine.name, Config: sources.Config{URL: page.String()}, Why: q.at.Path, Final: page.Redacted()}
}

// html asks for the page itself.
func (d *detection) html(page *url.URL) (sources.HTML, bool) {
	body, final, ok := d.get(page, fetch.HTML)
	if !ok {
		return sources.HTML{}, false
	}
	return sources.HTML{Body: body[:min(len(body), maxHTML)], Page: final}, true
}

// outcome is the error of a detection that found nothing. A page that could
// not be asked in full is not called unknown.
func (d *detection) outcome(operator string) error {
	if d.open != nil {
		return d.open
	}
	if operator != "" {
		return fetch.Shapef("%s is a page of %s, but %w", d.final.Redacted(), operator, ErrAPIOff)
	}
	if d.refused != nil && !d.answered {
		return d.refused
	}
	return fetch.Shapef("%s: %w", d.final.Redacted(), ErrUnknownEngine)
}

// operator is the first engine that was hinted at.
func (d *detection) operator() string {
	for _, c := range d.engines {
		if c.hinted {
			return c.name
		}
	}
	return ""
}

// pageOf is the page that an address belongs to, which may be that of one of
// its documents.
func pageOf(u *url.URL) *url.URL {
	page := *u
	for _, e := range sources.Engines() {
		how, _ := sources.DetectionOf(e.Name)
		ends := make([]string, 0, len(how.Probes)+1)
		for _, p := range how.Probes {
			if p.Path != "" && p.At == nil {
				ends = append(ends, p.Path)
			}
		}
		ends = append(ends, ending(how.Ends, page.Path))
		for _, end := range ends {
			page.Path = strings.TrimSuffix(page.Path, end)
		}
	}
	return trimmed(&page, "")
}

func ending(ends *regexp.Regexp, path string) string {
	if ends == nil {
		return ""
	}
	return ends.FindString(path)
}

func bases(page *url.URL) []*url.URL {
	if page.Path == "" {
		return []*url.URL{root(page)}
	}
	return []*url.URL{page, root(page)}
}

func root(page *url.URL) *url.URL {
	return &url.URL{Scheme: page.Scheme, User: page.User, Host: page.Host}
}

// trimmed is the page that a document's address belongs to.
func trimmed(u *url.URL, suffix string) *url.URL {
	page := &url.URL{Scheme: u.Scheme, User: u.User, Host: u.Host}
	if path := strings.Trim(strings.TrimSuffix(u.Path, suffix), "/"); path != "" {
		page.Path = "/" + path
	}
	return page
}
