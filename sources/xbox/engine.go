// Package xbox reads the service status of the Xbox network.
package xbox

import (
	"cmp"
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/downstatus/downstatus_exporter/sources"
	"github.com/downstatus/downstatus_exporter/sources/fetch"
	"github.com/downstatus/downstatus_exporter/sources/internal/keep"
	"github.com/downstatus/downstatus_exporter/sources/internal/vendors"
)

var site = vendors.Site{
	Page:    "https://support.xbox.com/xbox-live-status",
	Origin:  "https://xnotify.xboxlive.com",
	Path:    "/servicestatusv6/",
	Domains: []string{"xbox.com", "xboxlive.com"},
}

const defaultRegion = "US/en-US"

func init() {
	sources.Register(sources.Engine{
		Name:  "xbox",
		Title: "Xbox Status",
		Reads: site.Origin + site.Path + "MARKET/LOCALE as JSON, by default " + defaultRegion,
		Options: []sources.Option{
			{Name: "regions", Help: "the one market whose document is asked for: GB, or with a locale GB/en-GB; by default " + defaultRegion, List: true},
			{Name: "services", Help: "categories or scenarios that count, by name or id, such as Account & profile or Sign-in; without it all of them", List: true},
		},
		Target:      target,
		Open:        open,
		MinInterval: time.Minute,
	})
}

// region is a market with its locale.
var region = regexp.MustCompile(`^[A-Z]{2}/[a-z]{2,3}(-[A-Za-z]{2,4})+$`)

func target(c sources.Config) (sources.Target, error) {
	markets := vendors.ParseList(c.Options["regions"])
	if len(markets) > 1 {
		return sources.Target{}, fmt.Errorf("regions: want one market, got %s: a service for each is the way to watch several", strings.Join(markets, ", "))
	}
	chosen := cmp.Or(strings.Join(markets, ""), site.Region(c.URL), defaultRegion)
	market, locale, _ := strings.Cut(chosen, "/")
	// English by default: categories and scenarios are known by their names.
	chosen = strings.ToUpper(market) + "/" + cmp.Or(locale, "en-US")
	if !region.MatchString(chosen) {
		return sources.Target{}, fmt.Errorf("regions: %q is not a market: want something like GB or GB/en-GB", market)
	}
	return site.Target(c, chosen)
}

// open makes a source. It asks for JSON, without which the answer is XML.
func open(t sources.Target, c *fetch.Client) sources.Source {
	v := viewer{page: t.Page.String(), services: vendors.ParseList(t.Options["services"])}
	return keep.Open(t, c, decode, v.read)
}
