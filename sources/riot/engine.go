// Package riot reads the service status of Riot Games: one document for each
// game and region.
package riot

import (
	"cmp"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/downstatus/downstatus_exporter/internal/status"
	"github.com/downstatus/downstatus_exporter/sources"
	"github.com/downstatus/downstatus_exporter/sources/fetch"
	"github.com/downstatus/downstatus_exporter/sources/internal/keep"
	"github.com/downstatus/downstatus_exporter/sources/internal/vendors"
)

// game is what Riot publishes a status for.
type game struct {
	name   string // path of its page
	host   string // first label of the host of its documents
	title  string
	region string // by default; empty: it must be said
}

// games, the first of which is meant where an address names none.
var games = []game{
	{"lol", "lol", "League of Legends", "na1"},
	{"valorant", "valorant", "VALORANT", "na"},
	{"wildrift", "wildrift", "Wild Rift", "na"},
	{"lor", "bacon", "Legends of Runeterra", ""},
}

func (g game) site() vendors.Site {
	return vendors.Site{
		Page:    "https://status.riotgames.com/" + g.name,
		Origin:  "https://" + g.host + ".secure.dyn.riotcdn.net",
		Path:    "/channels/public/x/status/",
		Suffix:  ".json",
		Domains: []string{"riotgames.com", "riotcdn.net"},
	}
}

func init() {
	sources.Register(sources.Engine{
		Name:  "riot",
		Title: "Riot Games Service Status",
		Reads: "https://GAME.secure.dyn.riotcdn.net/channels/public/x/status/REGION.json",
		Options: []sources.Option{
			{Name: "regions", Help: "the one region whose document is asked for: na1, euw1, kr, … for League of Legends (default na1), na, eu, ap, … for the others (default na)", List: true},
			{Name: "services", Help: "platforms that count: " + strings.Join(platforms, ", ") + "; without it all of them", List: true},
		},
		Target:      target,
		Open:        open,
		MinInterval: time.Minute,
	})
}

var regionID = regexp.MustCompile(`^[a-z0-9]{2,16}$`)

// target takes the game from the address, and the region from the option, the
// document's name or the query of the page, in this order.
func target(c sources.Config) (sources.Target, error) {
	if err := checkPlatforms(vendors.ParseList(c.Options["services"])); err != nil {
		return sources.Target{}, err
	}
	g := gameOf(c.URL)
	regions := vendors.ParseList(c.Options["regions"])
	if len(regions) > 1 {
		return sources.Target{}, fmt.Errorf("regions: want one region, got %s: a service for each is the way to watch several", strings.Join(regions, ", "))
	}
	region := strings.ToLower(cmp.Or(strings.Join(regions, ""), g.site().Region(c.URL), query(c.URL), g.region))
	if !regionID.MatchString(region) {
		return sources.Target{}, fmt.Errorf("regions: %q is not a region of %s: want something like euw1 for League of Legends, or eu for other games", region, g.title)
	}
	return g.site().Target(c, region)
}

// gameOf finds the game in the host of a document or the path of a page.
func gameOf(raw string) game {
	u, err := sources.ParseURL(raw)
	if err != nil {
		return games[0]
	}
	host, _, _ := strings.Cut(u.Host, ".")
	path := strings.Split(u.Path, "/")
	for _, g := range games {
		if host == g.host || slices.Contains(path, g.name) {
			return g
		}
	}
	return games[0]
}

// query is the region in the address of a page, as its menu puts it there.
func query(raw string) string {
	u, err := url.Parse(strings.TrimSpace(raw))
	if err != nil {
		return ""
	}
	return u.Query().Get("region")
}

// checkPlatforms refuses a pattern that means no platform: the document lists
// troubles only, so that it would filter all of them out unnoticed.
func checkPlatforms(patterns []string) error {
	for _, p := range patterns {
		if !slices.ContainsFunc(platforms, func(name string) bool { return status.Glob(p, name) }) {
			return fmt.Errorf("services: %q is not a platform: want some of %s", p, strings.Join(platforms, ", "))
		}
	}
	return nil
}

func open(t sources.Target, c *fetch.Client) sources.Source {
	v := viewer{page: pageOf(t), platforms: vendors.ParseList(t.Options["services"])}
	return keep.Open(t, c, decode, v.read)
}

// pageOf is where people read about the region.
func pageOf(t sources.Target) string {
	u := *t.Page
	u.RawQuery = url.Values{"region": {t.Value}, "locale": {"en_US"}}.Encode()
	return u.String()
}
