package meta

import (
	"strings"
	"time"

	"github.com/downstatus/downstatus_exporter/internal/status"
	"github.com/downstatus/downstatus_exporter/sources"
	"github.com/downstatus/downstatus_exporter/sources/fetch"
	"github.com/downstatus/downstatus_exporter/sources/internal/onedoc"
)

// ranks are the words of a service's status. "Resolved" stays for hours after
// the end.
var ranks = map[string]status.Indicator{
	"no known issues":    status.None,
	"resolved":           status.None,
	"low disruptions":    status.Minor,
	"medium disruptions": status.Minor,
	"high disruptions":   status.Major,
}

// product is what the document calls an org.
type product struct {
	ID       sources.Str `json:"id"`
	Label    sources.Str `json:"name"`
	Services []service   `json:"services"`
}

// service is a part of a product. Products share names of services, such as
// "Platform Status", and possibly ids.
type service struct {
	ID     sources.Str `json:"id"`
	Label  sources.Str `json:"name"`
	Status sources.Str `json:"status"`
}

// decode wants products with lists of services, and at least one service.
func decode(body []byte) ([]product, error) {
	var all sources.List[product]
	if err := sources.Unmarshal(body, &all); err != nil {
		return nil, err
	}
	services := 0
	for _, p := range all {
		if p.ID == "" || p.Services == nil {
			return nil, fetch.Shapef("not the list of Meta's products: %.40q has no id or no list of services", p.Label)
		}
		for _, s := range p.Services {
			if s.ID == "" && s.Label == "" {
				return nil, fetch.Shapef("not the list of Meta's products: a service of %.40q has neither id nor name", p.ID)
			}
		}
		services += len(p.Services)
	}
	if services == 0 {
		return nil, fetch.Shapef("not the list of Meta's products: no services")
	}
	return all, nil
}

// viewer tells what a document means.
type viewer struct {
	page     string   // address for people
	services []string // patterns of the option
}

func (v viewer) read(all []product, _ time.Time) (sources.Reading, error) {
	page := &status.Page{Name: "Meta", URL: v.page}
	for _, p := range all {
		for _, s := range p.Services {
			rank, ok := ranks[strings.ToLower(strings.TrimSpace(string(s.Status)))]
			if !ok {
				rank = status.IndicatorUnknown
				page.UnknownWords = append(page.UnknownWords, "service_status")
			}
			page.Components = append(page.Components, component(p, s, rank))
		}
	}
	r := sources.Reading{Page: page}
	err := onedoc.Narrow(&r, option, v.services)
	return r, err
}

func component(p product, s service, rank status.Indicator) status.Component {
	id, name := text(s.ID), text(s.Label)
	if id == "" {
		id = name
	}
	if name == "" {
		name = id
	}
	return status.Component{ID: text(p.ID) + "/" + id, Name: name, Group: text(p.Label), GroupID: text(p.ID), Rank: rank}
}

func text(s sources.Str) string { return sources.Text(string(s), sources.TextLimit) }
