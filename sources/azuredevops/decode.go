package azuredevops

import (
	"cmp"

	"github.com/downstatus/downstatus_exporter/internal/status"
	"github.com/downstatus/downstatus_exporter/sources"
	"github.com/downstatus/downstatus_exporter/sources/fetch"
	"github.com/downstatus/downstatus_exporter/sources/internal/vendors"
)

// ranks are the words of health. The page's own data has them as numbers.
var ranks = map[string]status.Indicator{
	"healthy":   status.None,
	"advisory":  status.Minor,
	"degraded":  status.Minor,
	"unhealthy": status.Major,
	"unknown":   status.IndicatorUnknown,
	"4":         status.None,
	"3":         status.Minor,
	"2":         status.Minor,
	"1":         status.Major,
}

// health is what the document says.
type health struct {
	word       status.Word
	components []status.Component // a service in a geography each
	unknown    []string
	doubt      error // a part was not understood
}

type wireHealth struct {
	Status vendors.Maybe[struct {
		Health sources.Str `json:"health"`
	}] `json:"status"`
	Services vendors.Each[wireService] `json:"services"`
}

type wireService struct {
	ID          sources.Str                 `json:"id"`
	Geographies vendors.Each[wireGeography] `json:"geographies"`
}

type wireGeography struct {
	ID     sources.Str `json:"id"`
	Name   sources.Str `json:"name"`
	Health sources.Str `json:"health"`
}

// decode wants at least one service in one geography. A verdict that is missing
// is as unknown as any other word.
func decode(body []byte) (health, error) {
	var doc wireHealth
	if err := sources.Unmarshal(body, &doc); err != nil {
		return health{}, err
	}
	word := doc.Status.Value.Health
	if !doc.Services.Listed {
		return health{}, fetch.Shapef("no services: not the health of this API")
	}
	h := health{doubt: doc.Services.Doubt}
	h.word = status.Word{Published: true, Rank: h.rank("status", word)}
	for _, s := range doc.Services.All {
		h.addService(s)
	}
	if len(h.components) == 0 {
		return health{}, cmp.Or(h.doubt, fetch.Shapef("no service is listed with a geography"))
	}
	return h, nil
}

func (h *health) addService(s wireService) {
	h.doubt = cmp.Or(h.doubt, s.Geographies.Doubt)
	service := s.ID.Text()
	for _, g := range s.Geographies.All {
		id, name := cmp.Or(g.ID, g.Name).Text(), cmp.Or(g.Name, g.ID).Text()
		if service == "" || id == "" {
			h.unknown = append(h.unknown, "component_id")
			continue
		}
		h.components = append(h.components, status.Component{
			ID: sources.Text(service+"/"+id, sources.TextLimit), Name: name, Group: service, GroupID: service, Rank: h.rank("component_status", g.Health),
		})
	}
}

// rank reads a word of health; an empty one is as unknown as any other.
func (h *health) rank(field string, word sources.Str) status.Indicator {
	rank, known := ranks[vendors.Fold(word)]
	if !known {
		h.unknown = append(h.unknown, field)
		return status.IndicatorUnknown
	}
	return rank
}
