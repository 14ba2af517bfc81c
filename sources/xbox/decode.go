package xbox

import (
	"cmp"
	"encoding/json"

	"github.com/downstatus/downstatus_exporter/sources"
	"github.com/downstatus/downstatus_exporter/sources/fetch"
	"github.com/downstatus/downstatus_exporter/sources/internal/vendors"
)

type document struct {
	Status vendors.Maybe[struct {
		Overall vendors.Maybe[struct {
			State sources.Str `json:"State"`
		}] `json:"Overall"`
	}] `json:"Status"`
	Categories vendors.Each[category] `json:"CoreServices"`
	Titles     vendors.Each[category] `json:"Titles"`
}

// category is a group of scenarios, or a title.
type category struct {
	scenario
	Scenarios vendors.Each[scenario] `json:"Scenarios"`
}

// scenario has a description too, which is there when all is well and says
// what would be wrong.
type scenario struct {
	ID        sources.Str            `json:"Id"`
	Label     sources.Str            `json:"Name"`
	Status    word                   `json:"Status"`
	Incidents vendors.Each[incident] `json:"Incidents"`
}

type incident struct {
	ID    sources.Str `json:"Id"`
	Begin sources.Str `json:"Begin"`
	End   sources.Str `json:"End"`
	Stage word        `json:"Stage"`
	Level word        `json:"LevelOfImpact"`
}

// id tells incidents apart. One without an id is that of where it stands.
func (e incident) id(of scenario) string {
	return cmp.Or(e.ID, sources.Str(of.id())+" "+e.Begin).Text()
}

// word is a name or a message in an object of its own, or bare.
type word struct {
	Name    sources.Str `json:"Name"`
	Message sources.Str `json:"Message"`
}

// UnmarshalJSON accepts any value.
func (w *word) UnmarshalJSON(b []byte) error {
	*w = word{}
	if b[0] != '{' {
		return w.Name.UnmarshalJSON(b)
	}
	type plain word
	return json.Unmarshal(b, (*plain)(w))
}

func (s scenario) id() string {
	return cmp.Or(s.ID, s.Label).Text()
}

func (s scenario) name() string {
	return cmp.Or(s.Label, s.ID).Text()
}

// decode wants categories. A verdict on the whole that is missing is as unknown
// as any other word.
func decode(body []byte) (*document, error) {
	var d document
	if err := sources.Unmarshal(body, &d); err != nil {
		return nil, err
	}
	if len(d.Categories.All) == 0 {
		return nil, cmp.Or(d.Categories.Doubt, fetch.Shapef("not a service status of Xbox: no CoreServices"))
	}
	return &d, nil
}

// doubt tells of categories and scenarios that are not understood.
func (d *document) doubt() error {
	doubt := cmp.Or(d.Categories.Doubt, d.Titles.Doubt)
	for _, c := range d.Categories.All {
		if c.id() == "" {
			doubt = fetch.Shapef("a category has neither Id nor Name")
		}
		for _, s := range c.Scenarios.All {
			if s.id() == "" {
				doubt = fetch.Shapef("a scenario of %.40q has neither Id nor Name", c.name())
			}
			doubt = cmp.Or(doubt, s.Incidents.Doubt)
		}
		doubt = cmp.Or(doubt, c.Scenarios.Doubt, c.Incidents.Doubt)
	}
	return doubt
}
