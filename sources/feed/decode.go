package feed

import (
	"bytes"
	"cmp"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/mmcdole/gofeed"

	"github.com/downstatus/downstatus_exporter/internal/status"
	"github.com/downstatus/downstatus_exporter/sources"
	"github.com/downstatus/downstatus_exporter/sources/fetch"
	"github.com/downstatus/downstatus_exporter/sources/internal/feeddate"
	"github.com/downstatus/downstatus_exporter/sources/internal/generic"
	"github.com/downstatus/downstatus_exporter/sources/internal/vendors"
)

// document is one good answer.
type document struct {
	name    string
	built   time.Time // the feed's own date; zero if it gives none
	entries []entry
	unknown []string
}

// post is one item.
type post struct {
	key, title, link string
	refs             []status.ComponentRef
	state            state
	planned          bool // it is about planned work
	meaning          generic.Meaning
	first, last      time.Time // of all that it tells; zero if nothing
	started, ended   time.Time // as labels or the announcement give them; zero if not
}

// decode reads a feed. Calm is only a feed that is there and names itself.
func (r rules) decode(body []byte) (*document, error) {
	if err := checkRoot(body); err != nil {
		return nil, err
	}
	f, err := gofeed.NewParser().Parse(bytes.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("not a feed: %w", err)
	}
	if f.FeedType != "rss" && f.FeedType != "atom" || f.Title == "" && f.Link == "" && len(f.Items) == 0 {
		return nil, fetch.Shapef("the feed has neither title nor link nor items")
	}
	d := &document{name: sources.Text(f.Title, sources.TextLimit)}
	d.built, _ = feeddate.Parse(cmp.Or(f.Updated, f.Published))
	d.entries = r.gather(r.posts(f.Items, d))
	return d, nil
}

// checkRoot tells another kind of document from a broken one.
func checkRoot(body []byte) error {
	x := xml.NewDecoder(bytes.NewReader(body))
	x.CharsetReader = func(_ string, in io.Reader) (io.Reader, error) { return in, nil } // names are plain ASCII
	for {
		token, err := x.Token()
		root, ok := token.(xml.StartElement)
		switch {
		case errors.Is(err, io.EOF):
			return errors.New("not XML: no element")
		case err != nil:
			return fmt.Errorf("not XML: %w", err)
		case ok && !slices.Contains([]string{"rss", "feed", "RDF"}, root.Name.Local):
			return fetch.Shapef("the document is <%.40s>, not a feed", root.Name.Local)
		case ok:
			return nil
		}
	}
}

func (r rules) posts(items []*gofeed.Item, d *document) []post {
	var out []post
	for i, item := range items[:min(len(items), r.items)] {
		p := r.post(item, d)
		p.key = cmp.Or(p.key, p.title, fmt.Sprintf("item %d", i+1))
		out = append(out, p)
	}
	return out
}

// post reads one item.
func (r rules) post(item *gofeed.Item, d *document) post {
	body := item.Content
	if len(item.Description) > len(body) {
		body = item.Description
	}
	t := readText(body)
	p := post{
		key: r.keyOf(item), title: sources.Text(item.Title, sources.TextLimit), link: sources.Link(item.Link),
		refs: references(item.Categories), meaning: r.severityOf(item, t),
	}
	p.setTimes(item, t, d)
	p.setState(r, t)
	return p
}

// keyOf is the key of the incident that an item is about. Where the
// expression finds nothing, the whole field is.
func (r rules) keyOf(item *gofeed.Item) string {
	field := map[string]string{
		"guid": cmp.Or(item.GUID, item.Link), "link": cmp.Or(item.Link, item.GUID), "title": item.Title,
	}[r.field]
	if r.key != nil {
		if m := r.key.FindStringSubmatch(field); m != nil {
			field = cmp.Or(m[min(1, len(m)-1)], m[0])
		}
	}
	return sources.Text(field, sources.TextLimit/2)
}

// references are the categories: many feeds name services or regions so.
func references(categories []string) []status.ComponentRef {
	var refs []status.ComponentRef
	for _, c := range categories {
		name := sources.Text(c, sources.TextLimit)
		ref := status.ComponentRef{ID: name, Name: name, Rank: status.IndicatorUnknown, Impact: status.IndicatorUnknown}
		if name != "" && !slices.Contains(refs, ref) {
			refs = append(refs, ref)
		}
	}
	return refs
}

// severityOf looks for words in the title and the categories, and in the body
// where it is to be searched too. The names of labels say nothing.
func (r rules) severityOf(item *gofeed.Item, t text) generic.Meaning {
	where := append([]string{item.Title}, item.Categories...)
	if r.inText {
		where = append(where, outageLabel.ReplaceAllString(t.plain, " "))
	}
	return r.meaning(where...)
}

var outageLabel = regexp.MustCompile(`(?i)\boutage (start|end)\s*:`)

// setTimes gathers the times. A hosted page's Atom feed gives the time of the
// last update as the time of publication; the start stands in the text.
func (p *post) setTimes(item *gofeed.Item, t text, d *document) {
	published, ok := feeddate.Parse(item.Published)
	updated, too := feeddate.Parse(item.Updated)
	if !ok && item.Published != "" || !too && item.Updated != "" {
		d.unknown = append(d.unknown, "date")
	}
	p.first, p.last = status.Earliest(published, updated), status.Latest(published, updated)
	p.started = date(t.label("outage start", "start time", "started at", "started", "start"))
	p.ended = date(t.label("outage end", "end time", "resolved at", "ended", "end"))
	if p.started.IsZero() && p.ended.IsZero() {
		p.started, p.ended = t.event(p.last)
	}
	for _, b := range t.bold {
		p.first = status.Earliest(p.first, b.at(p.last))
	}
}

// setState finds how far the item says that things have come: its title leads,
// then a label, then the newest bold word, which stands first.
func (p *post) setState(r rules, t text) {
	words := append(r.titleStates(p.title), r.stateOf(t.label("status", "state", "current status")))
	for _, b := range t.bold {
		words = append(words, r.stateOf(strings.TrimSuffix(strings.TrimSpace(b.word), ":")))
		p.planned = p.planned || strings.HasPrefix(strings.ToUpper(strings.TrimSpace(b.word)), "THIS IS A SCHEDULED EVENT")
	}
	about := t.label("type", "event type")
	for _, w := range append(words, r.stateOf(about)) {
		if p.state == untold || p.state == window && w != untold {
			p.state = w // that it is planned work does not say how far it is
		}
		p.planned = p.planned || w == window || w == planned
	}
	p.planned = p.planned || p.meaning.Maintenance
	if p.meaning.Ignore || r.stateOf(about) == ignored || slices.Contains(others, vendors.Fold(about)) {
		p.state = ignored
	}
	if p.state == over && p.ended.IsZero() && !p.planned {
		p.ended = r.endIn(t, p.last)
	}
}

// endIn is when the updates in a text say that it was over: news after the end
// are none.
func (r rules) endIn(t text, item time.Time) (end time.Time) {
	for _, b := range t.bold {
		switch r.stateOf(b.word) {
		case over:
			end = cmp.Or(b.at(item), end)
		case untold:
		default:
			return end
		}
	}
	return end
}
