package meta

import (
	"cmp"
	"time"

	"github.com/downstatus/downstatus_exporter/internal/status"
	"github.com/downstatus/downstatus_exporter/sources"
	"github.com/downstatus/downstatus_exporter/sources/fetch"
	"github.com/downstatus/downstatus_exporter/sources/internal/pages"
	"github.com/downstatus/downstatus_exporter/sources/internal/vendors"
)

// ranks are the words of a service's status, folded. "Resolved" stays for hours after
// the end.
var ranks = map[string]status.Indicator{
	"noknownissues":     status.None,
	"resolved":          status.None,
	"lowdisruptions":    status.Minor,
	"mediumdisruptions": status.Minor,
	"highdisruptions":   status.Major,
}

// product is what the document calls an org.
type product struct {
	ID       sources.Str           `json:"id"`
	Label    sources.Str           `json:"name"`
	Services vendors.Each[service] `json:"services"`
}

// service is a part of a product. Products share names of services, such as
// "Platform Status", and possibly ids.
type service struct {
	ID     sources.Str `json:"id"`
	Label  sources.Str `json:"name"`
	Status sources.Str `json:"status"`
}

// document is one good answer.
type document struct {
	products []product
	doubt    error // a part was not understood
}

// decode wants products with lists of services, and at least one service.
func decode(body []byte) (*document, error) {
	var list vendors.Each[product]
	if err := sources.Unmarshal(body, &list); err != nil {
		return nil, err
	}
	d, services := &document{doubt: list.Doubt}, 0
	for _, p := range list.All {
		if p.ID == "" || !p.Services.Listed {
			d.doubt = fetch.Shapef("not the list of Meta's products: %.40q has no id or no list of services", p.Label)
			continue
		}
		d.doubt = cmp.Or(d.doubt, p.Services.Doubt)
		services += len(p.Services.All)
		d.products = append(d.products, p)
	}
	if services == 0 {
		return nil, cmp.Or(d.doubt, fetch.Shapef("not the list of Meta's products: no services"))
	}
	return d, nil
}

// viewer tells what a document means.
type viewer struct {
	page     string // address for people
	services vendors.List
}

func (v viewer) read(d *document, _ time.Time) (sources.Reading, error) {
	page, doubt := &status.Page{Name: "Meta", URL: v.page}, d.doubt
	for _, p := range d.products {
		for _, s := range p.Services.All {
			if s.ID == "" && s.Label == "" {
				doubt = fetch.Shapef("a service of %.40q has neither id nor name", p.ID)
				continue
			}
			rank, ok := ranks[vendors.Fold(s.Status)]
			if !ok {
				rank = status.IndicatorUnknown
				page.UnknownWords = append(page.UnknownWords, "service_status")
			}
			page.Components = append(page.Components, component(p, s, rank))
		}
	}
	r := sources.Reading{Page: page}
	if err := vendors.Narrow(&r, option, v.services); err != nil {
		return r, err
	}
	return pages.Doubted(r, doubt)
}

func component(p product, s service, rank status.Indicator) status.Component {
	return status.Component{
		ID: (p.ID + "/" + cmp.Or(s.ID, s.Label)).Text(), Name: cmp.Or(s.Label, s.ID).Text(),
		Group: p.Label.Text(), GroupID: p.ID.Text(), Rank: rank,
	}
}
