// Package microsoft reads the posts behind Microsoft's public service status
// page: one document each for the Microsoft 365 and Power Platform admin
// centres and for Azure, and one for the consumer services.
package microsoft

import (
	"net/url"
	"strings"
	"time"

	"github.com/downstatus/downstatus_exporter/internal/status"
	"github.com/downstatus/downstatus_exporter/sources"
	"github.com/downstatus/downstatus_exporter/sources/internal/vendors"
)

const (
	defaultURL = "https://status.cloud.microsoft"
	postsPath  = "/api/posts/" // and the leaf
)

// leaf is one document of posts.
type leaf struct {
	id, name string
	many     bool // a list of services, not one post
}

// leaves are all there are.
var leaves = []leaf{
	{id: "mac", name: "Microsoft 365 admin center"},   //nolint:misspell // the product's own name
	{id: "ppac", name: "Power Platform admin center"}, //nolint:misspell // the product's own name
	{id: "azure", name: "Microsoft Azure"},
	{id: "m365Consumer", name: "Microsoft 365 consumer services", many: true},
}

func init() {
	sources.Register(sources.Engine{
		Name:  "microsoft",
		Title: "Microsoft service status",
		Reads: "`" + postsPath + "mac`, `ppac`, `azure` and `m365Consumer`, as far as `services` needs them",
		Options: []sources.Option{
			{Name: "services", Help: "mac, ppac, azure, m365Consumer, or consumer services by name, such as Outlook.com, with globs; without it all of them", List: true},
		},
		Target:      target,
		Open:        newSource,
		MinInterval: 5 * time.Minute, // posts are made anew every ten minutes
	})
}

// target takes the page, or one document, which is then the only one read.
func target(c sources.Config) (sources.Target, error) {
	if strings.TrimSpace(c.URL) == "" {
		c.URL = defaultURL
	}
	page, err := sources.ParseURL(c.URL)
	if err != nil {
		return sources.Target{}, err
	}
	services := vendors.ParseList(c.Options["services"])
	if base, id, isDocument := strings.Cut(page.Path, postsPath); isDocument {
		page.Path = base
		if !services.Active() {
			services = vendors.List{id}
		}
	} else {
		page.Path = "" // the page has views of its own below its root
	}
	asked := needed(services)
	t := sources.Target{Page: page, Document: documentURL(page, asked[0]), Options: map[string]string{}}
	if services.Active() {
		t.Options["services"] = strings.Join(services, ",")
	}
	if len(asked) == 1 {
		t.Value = asked[0].id
	}
	return t, nil
}

func documentURL(page *url.URL, l leaf) *url.URL { return page.JoinPath(postsPath, l.id) }

// needed are the leaves that services may be found in. What is no leaf's name
// can only be a consumer service.
func needed(services vendors.List) []leaf {
	if !services.Active() {
		return leaves
	}
	var out []leaf
	for _, l := range leaves {
		if services.Covers(l.id, l.name) || l.many && !onlyLeaves(services) {
			out = append(out, l)
		}
	}
	return out
}

// onlyLeaves reports whether every pattern is the very name of a leaf.
func onlyLeaves(services vendors.List) bool {
	if !services.Plain() {
		return false
	}
	for _, s := range services {
		if !namesLeaf(s) {
			return false
		}
	}
	return true
}

func namesLeaf(name string) bool {
	for _, l := range leaves {
		if status.Glob(name, l.id) || status.Glob(name, l.name) {
			return true
		}
	}
	return false
}
