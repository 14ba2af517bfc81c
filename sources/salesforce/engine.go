// Package salesforce reads the Trust API of Salesforce, version 1: the state of
// its instances, of which there are more than a thousand, and of the products
// that run on instances of their own, such as Heroku and Tableau.
package salesforce

import (
	"cmp"
	"net/url"
	"strings"
	"time"

	"github.com/downstatus/downstatus_exporter/sources"
	"github.com/downstatus/downstatus_exporter/sources/internal/vendors"
)

const (
	pageHost = "status.salesforce.com"
	apiHost  = "api.status.salesforce.com"
	apiPath  = "/v1"
	// few is how many instances or products are asked for one by one: more are
	// picked out of the document that has them all, of 1.5 MB.
	few = 8
)

func init() {
	sources.Register(sources.Engine{
		Name:  "salesforce",
		Title: "Salesforce Trust",
		Reads: "`/v1/instances/KEY/status` or `/v1/instances/status/preview?products=KEY`, else all of `/v1/instances/status/preview`; `/v1/incidents` at the first poll and when an incident has left",
		Options: []sources.Option{
			{Name: "instances", Help: "instances that count, such as NA137, with globs; without it all of them", List: true},
			{Name: "products", Help: "products whose instances count, such as Heroku or Sales_Cloud, with globs; without it all of them", List: true},
		},
		Target:      target,
		Open:        newSource,
		MinInterval: 5 * time.Minute,
	})
}

// target takes the page, its view of one instance or product, or a document.
func target(c sources.Config) (sources.Target, error) {
	page, err := sources.ParseURL(cmp.Or(strings.TrimSpace(c.URL), "https://"+pageHost))
	if err != nil {
		return sources.Target{}, err
	}
	base, instance, product := split(page.Path)
	if u, err := url.Parse(c.URL); err == nil && product == "" {
		product = u.Query().Get("products")
	}
	page.Path = base
	if page.Host == apiHost {
		page.Host = pageHost
	}
	o := options{vendors.ParseList(c.Options["instances"]), vendors.ParseList(c.Options["products"])}
	if !o.active() {
		o = options{vendors.ParseList(instance), vendors.ParseList(product)}
	}
	t := sources.Target{Page: page, Document: o.places(page)[0].url, Options: map[string]string{}}
	for name, list := range map[string]vendors.List{"products": o.products, "instances": o.instances} {
		if list.Active() {
			t.Options[name] = strings.Join(list, ",")
		}
	}
	t.Value = cmp.Or(t.Options["instances"], t.Options["products"])
	return t, nil
}

// split takes the view of one instance or product, or the document, off a path.
func split(path string) (base, instance, product string) {
	base, rest, isDocument := strings.Cut(path+"/", apiPath+"/")
	if !isDocument {
		base, rest = "", path
	}
	kind, key, _ := strings.Cut(strings.Trim(rest, "/"), "/")
	key, _, _ = strings.Cut(key, "/")
	switch {
	case kind == "instances" && key != "status":
		instance = key
	case kind == "products":
		product = key
	}
	return strings.TrimRight(base, "/"), instance, product
}

// options are what narrows the page.
type options struct{ instances, products vendors.List }

func (o options) active() bool { return o.instances.Active() || o.products.Active() }

// place is one document to be asked for.
type place struct {
	url      *url.URL
	instance bool // one instance, not a list
	product  bool // the list of one product
}

// places are the documents that have what counts.
func (o options) places(page *url.URL) []place {
	all := api(page, "instances", "status", "preview")
	var out []place
	switch {
	case o.instances.Plain() && len(o.instances) <= few:
		for _, key := range o.instances {
			out = append(out, place{url: api(page, "instances", url.PathEscape(key), "status"), instance: true})
		}
	case !o.instances.Active() && o.products.Plain() && len(o.products) <= few:
		for _, key := range o.products {
			one := *all
			one.RawQuery = url.Values{"products": {key}}.Encode()
			out = append(out, place{url: &one, product: true})
		}
	default:
		out = []place{{url: all}}
	}
	return out
}

// api is an address of the API behind a page.
func api(page *url.URL, path ...string) *url.URL {
	u := *page
	if u.Host == pageHost {
		u.Host = apiHost
	}
	return u.JoinPath(apiPath).JoinPath(path...)
}
