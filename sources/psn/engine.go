// Package psn reads the service status of the PlayStation Network.
package psn

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/downstatus/downstatus_exporter/sources"
	"github.com/downstatus/downstatus_exporter/sources/fetch"
	"github.com/downstatus/downstatus_exporter/sources/internal/keep"
	"github.com/downstatus/downstatus_exporter/sources/internal/vendors"
)

var site = vendors.Site{
	Page:    "https://status.playstation.com",
	Origin:  "https://status.playstation.com",
	Path:    "/data/statuses/region/",
	Suffix:  ".json",
	Domains: []string{"playstation.com"},
}

// documents are the regions that have one. The last one goes by two names.
var documents = []string{"SCEA", "SCEE", "SCEJ", "SCEJA"}

func init() {
	sources.Register(sources.Engine{
		Name:  "psn",
		Title: "PlayStation Network Service Status",
		Reads: site.Origin + site.Path + "REGION.json",
		Options: []sources.Option{
			{Name: "regions", Help: "the document: SCEA (Americas, the default), SCEE (Europe) or SCEJ (Japan and Asia; SCEJA if that is not found); and the countries in it that count, such as GB", List: true},
			{Name: "services", Help: "services that count, by name or id, such as PlayStation Store; without it all of them", List: true},
		},
		Target:      target,
		Open:        open,
		MinInterval: 5 * time.Minute, // some 340 kB
	})
}

// country is the form of a country's code, or of a pattern for some of them.
var country = regexp.MustCompile(`^[A-Za-z*?]{1,2}$`)

func target(c sources.Config) (sources.Target, error) {
	document, _, err := regions(c.Options["regions"])
	if err != nil {
		return sources.Target{}, err
	}
	document = cmp.Or(document, strings.ToUpper(site.Region(c.URL)), documents[0])
	if !slices.Contains(documents, document) {
		return sources.Target{}, fmt.Errorf("url: there is no document of %q: want one of %s", document, strings.Join(documents, ", "))
	}
	return site.Target(c, document)
}

// regions takes the option apart: one document, and any number of countries.
func regions(option string) (document string, countries []string, err error) {
	for _, r := range vendors.ParseList(option) {
		switch name := strings.ToUpper(r); {
		case slices.Contains(documents, name) && (document == "" || document == name):
			document = name
		case slices.Contains(documents, name):
			return "", nil, fmt.Errorf("regions: %s and %s are two documents: a service for each is the way to watch both", document, name)
		case country.MatchString(r):
			countries = append(countries, r)
		default:
			return "", nil, fmt.Errorf("regions: %q is neither a document (%s) nor the code of a country, such as GB", r, strings.Join(documents, ", "))
		}
	}
	return document, countries, nil
}

func open(t sources.Target, c *fetch.Client) sources.Source {
	_, countries, _ := regions(t.Options["regions"]) // checked with the target
	v := viewer{page: t.Page.String(), countries: countries, services: vendors.ParseList(t.Options["services"])}
	return keep.Open(t, c, decode, v.read)
}
