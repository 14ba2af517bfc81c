// Package uptimekuma reads the public status pages of an Uptime Kuma.
package uptimekuma

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/downstatus/downstatus_exporter/sources"
	"github.com/downstatus/downstatus_exporter/sources/fetch"
	"github.com/downstatus/downstatus_exporter/sources/internal/keep"
)

const (
	pagePath    = "/api/status-page/"           // and the slug
	beatsPath   = "/api/status-page/heartbeat/" // and the slug
	homePath    = "/status/"                    // and the slug
	defaultSlug = "default"

	// The server answers from a cache: the page is up to 5 minutes old,
	// heartbeats are up to one.
	pageEvery  = 5 * time.Minute
	beatsEvery = time.Minute
)

func init() {
	sources.Register(sources.Engine{
		Name:  "uptimekuma",
		Title: "Uptime Kuma",
		Reads: "`" + beatsPath + "SLUG`; `" + pagePath + "SLUG` every 5 minutes",
		Options: []sources.Option{
			{Name: "slug", Help: "which of its status pages: acme for /status/acme; found in the address, else default"},
		},
		Target:      target,
		Open:        open,
		MinInterval: beatsEvery,
	})
}

var (
	slugForm = regexp.MustCompile(`^[a-z0-9_-]+$`)
	// What may follow the address of the installation.
	inPath = regexp.MustCompile(`^(.*?)/(?:status|api/status-page/heartbeat|api/status-page)/([^/]+)$`)
)

// target takes the address of the installation, of a page or of one of its
// documents. The option leads over the address.
func target(c sources.Config) (sources.Target, error) {
	base, err := sources.ParseURL(c.URL)
	if err != nil {
		return sources.Target{}, err
	}
	slug := c.Options["slug"]
	if m := inPath.FindStringSubmatch(base.Path); m != nil {
		base.Path = m[1]
		if slug == "" {
			slug = m[2]
		}
	}
	t := sources.Target{Page: base, Value: strings.ToLower(slug)}
	slug = t.Value
	if slug == "" {
		slug = defaultSlug
	}
	if !slugForm.MatchString(slug) {
		return sources.Target{}, fmt.Errorf("slug %q is not the name of a status page: want acme for /status/acme", slug)
	}
	t.Document = base.JoinPath(beatsPath, slug)
	return t, nil
}

// source polls the heartbeats, and now and then the page that they belong to.
type source struct {
	keep.Follower
	client *fetch.Client
	home   string
	pages  *fetch.Document[*document]
	beats  *fetch.Document[heartbeats]

	doc  *document
	read time.Time // when doc was
}

func open(t sources.Target, c *fetch.Client) sources.Source {
	base, slug, _ := strings.Cut(t.Document.String(), beatsPath)
	return &source{
		client: c,
		home:   base + homePath + slug,
		pages:  &fetch.Document[*document]{URL: base + pagePath + slug, Media: fetch.JSON, Decode: decodePage},
		beats:  &fetch.Document[heartbeats]{URL: t.Document.String(), Media: fetch.JSON, Decode: decodeBeats},
	}
}

// Poll needs both documents: the page knows the monitors but not their state.
func (s *source) Poll(ctx context.Context, now time.Time) (sources.Reading, error) {
	if age := now.Sub(s.read); s.doc == nil || age < 0 || age >= pageEvery {
		doc, _, err := s.pages.Get(ctx, s.client)
		if err != nil {
			return sources.Reading{}, err
		}
		s.doc, s.read = doc, now
	}
	beats, _, err := s.beats.Get(ctx, s.client)
	if err != nil {
		return sources.Reading{}, err
	}
	return s.Follow(ctx, now, derive(s.doc, beats, s.home), nil), nil
}
