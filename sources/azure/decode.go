package azure

import (
	"bytes"
	"cmp"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/mmcdole/gofeed/rss"

	"github.com/downstatus/downstatus_exporter/internal/status"
	"github.com/downstatus/downstatus_exporter/sources"
	"github.com/downstatus/downstatus_exporter/sources/fetch"
	"github.com/downstatus/downstatus_exporter/sources/internal/cloud"
	"github.com/downstatus/downstatus_exporter/sources/internal/feeddate"
)

// document is one good answer.
type document struct {
	built   time.Time // lastBuildDate
	events  []cloud.Event
	unknown []string
}

// decode reads the feed. Calm is only a channel that is there, says when it was
// built and has no item.
func decode(body []byte, page string) (*document, error) {
	if err := checkRoot(body); err != nil {
		return nil, err
	}
	feed, err := (&rss.Parser{}).Parse(bytes.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("not RSS: %w", err)
	}
	if feed.Title == "" {
		return nil, fetch.Shapef("no channel with a title in the feed")
	}
	built, ok := feeddate.Parse(feed.LastBuildDate)
	if !ok {
		return nil, fetch.Shapef("lastBuildDate %.40q is not a date: whether the feed is of now cannot be told", feed.LastBuildDate)
	}
	d := &document{built: built}
	for _, item := range feed.Items {
		d.add(item, page)
	}
	return d, nil
}

// checkRoot tells another kind of document from a broken one.
func checkRoot(body []byte) error {
	x := xml.NewDecoder(bytes.NewReader(body))
	x.CharsetReader = func(_ string, r io.Reader) (io.Reader, error) { return r, nil } // names are plain ASCII
	for {
		token, err := x.Token()
		switch root, ok := token.(xml.StartElement); {
		case errors.Is(err, io.EOF):
			return errors.New("not XML: no element")
		case err != nil:
			return fmt.Errorf("not XML: %w", err)
		case ok && root.Name.Local != "rss":
			return fetch.Shapef("the document is <%.40s>, not <rss>", root.Name.Local)
		case ok:
			return nil
		}
	}
}

// add reads one item. There is no severity: an item is minor, and major where
// its categories say that it is everywhere. The vendor uses a guid again for
// another incident, so that the date makes it whole. The link of an item
// has been that of an internal host.
func (d *document) add(item *rss.Item, page string) {
	started, ok := feeddate.Parse(item.PubDate)
	if !ok {
		d.unknown = append(d.unknown, "pubDate")
	}
	services, regions := divide(item.Categories)
	impact, wide := status.Minor, broad(regions)
	if wide {
		impact = status.Major
	}
	d.events = append(d.events, cloud.Event{
		Incident: status.Incident{
			ID: id(item, started), Title: sources.Text(item.Title, sources.TextLimit), URL: page,
			Impact: impact, Broad: wide, Started: started,
		},
		Parts: cloud.Cross(services, regions, everywhere),
		Peak:  impact,
	})
}

func id(item *rss.Item, started time.Time) string {
	key := item.Title
	if item.GUID != nil {
		key = cmp.Or(strings.TrimSpace(item.GUID.Value), key)
	}
	when := item.PubDate
	if !started.IsZero() {
		when = started.Format(time.RFC3339)
	}
	return cmp.Or(sources.Text(sources.Text(key, sources.TextLimit/2)+" "+when, sources.TextLimit), "item")
}

// divide tells regions from services: both are categories, mixed. A name that
// is not that of a region we know is a service, but may be one that we do not:
// the option finds the regions next to it by that name too.
func divide(categories []*rss.Category) (services, regions []cloud.Label) {
	seen := map[string]bool{}
	var others []string
	for _, c := range categories {
		name := sources.Text(c.Value, sources.TextLimit)
		l := cloud.Label{ID: strings.ToLower(strings.ReplaceAll(name, " ", "")), Name: name}
		switch {
		case name == "" || seen[l.ID]:
			continue
		case isRegion[l.ID] || everywhere(l):
			regions = append(regions, l)
		default:
			others = append(others, l.ID, name)
			services = append(services, cloud.Label{ID: name, Name: name})
		}
		seen[l.ID] = true
	}
	for i := range regions {
		regions[i].Also = others
	}
	return services, regions
}
