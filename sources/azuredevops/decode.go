package azuredevops

import (
	"strings"

	"github.com/downstatus/downstatus_exporter/internal/status"
	"github.com/downstatus/downstatus_exporter/sources"
	"github.com/downstatus/downstatus_exporter/sources/fetch"
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
}

type wireHealth struct {
	Status *struct {
		Health sources.Str `json:"health"`
	} `json:"status"`
	Services sources.List[wireService] `json:"services"`
}

type wireService struct {
	ID          sources.Str                 `json:"id"`
	Geographies sources.List[wireGeography] `json:"geographies"`
}

type wireGeography struct {
	ID     sources.Str `json:"id"`
	Name   sources.Str `json:"name"`
	Health sources.Str `json:"health"`
}

// decode wants the verdict and at least one service in one geography.
func decode(body []byte) (health, error) {
	var doc wireHealth
	if err := sources.Unmarshal(body, &doc); err != nil {
		return health{}, err
	}
	if doc.Status == nil || doc.Status.Health == "" || doc.Services == nil {
		return health{}, fetch.Shapef("no status.health or no services: not the health of this API")
	}
	var h health
	h.word = status.Word{Published: true, Rank: h.rank("status", doc.Status.Health)}
	seen := map[string]bool{}
	for _, s := range doc.Services {
		h.addService(s, seen)
	}
	if len(h.components) == 0 {
		return health{}, fetch.Shapef("no service is listed with a geography")
	}
	return h, nil
}

func (h *health) addService(s wireService, seen map[string]bool) {
	service := text(s.ID)
	for _, g := range s.Geographies {
		id, name := text(g.ID), text(g.Name)
		if id == "" {
			id = name
		}
		if name == "" {
			name = id
		}
		if service == "" || id == "" {
			h.unknown = append(h.unknown, "component_id")
			continue
		}
		id = sources.Text(service+"/"+id, sources.TextLimit)
		if seen[id] {
			continue
		}
		seen[id] = true
		h.components = append(h.components, status.Component{
			ID: id, Name: name, Group: service, GroupID: service, Rank: h.rank("component_status", g.Health),
		})
	}
}

// rank reads a word of health; an empty one is as unknown as any other.
func (h *health) rank(field string, word sources.Str) status.Indicator {
	rank, known := ranks[strings.ToLower(strings.TrimSpace(string(word)))]
	if !known {
		h.unknown = append(h.unknown, field)
		return status.IndicatorUnknown
	}
	return rank
}

func text(s sources.Str) string { return sources.Text(string(s), sources.TextLimit) }
