package xbox

import (
	"cmp"
	"encoding/json"

	"github.com/downstatus/downstatus_exporter/sources"
	"github.com/downstatus/downstatus_exporter/sources/fetch"
)

type document struct {
	Status struct {
		Overall struct {
			State sources.Str `json:"State"`
		} `json:"Overall"`
	} `json:"Status"`
	Categories sources.List[category] `json:"CoreServices"`
	Titles     sources.List[category] `json:"Titles"`
}

// category is a group of scenarios, or a title.
type category struct {
	scenario
	Scenarios sources.List[scenario] `json:"Scenarios"`
}

// scenario has a description too, which is there when all is well and says
// what would be wrong.
type scenario struct {
	ID        sources.Str            `json:"Id"`
	Label     sources.Str            `json:"Name"`
	Status    word                   `json:"Status"`
	Incidents sources.List[incident] `json:"Incidents"`
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
	return sources.Text(string(cmp.Or(e.ID, sources.Str(of.id())+" "+e.Begin)), sources.TextLimit)
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
	return sources.Text(string(cmp.Or(s.ID, s.Label)), sources.TextLimit)
}

func (s scenario) name() string {
	return sources.Text(string(cmp.Or(s.Label, s.ID)), sources.TextLimit)
}

// decode wants a verdict on the whole, and categories that can be told apart.
func decode(body []byte) (*document, error) {
	var d document
	if err := sources.Unmarshal(body, &d); err != nil {
		return nil, err
	}
	switch {
	case d.Status.Overall.State == "":
		return nil, fetch.Shapef("not a service status of Xbox: no Status.Overall.State")
	case len(d.Categories) == 0:
		return nil, fetch.Shapef("not a service status of Xbox: no CoreServices")
	}
	for _, c := range d.Categories {
		if c.id() == "" {
			return nil, fetch.Shapef("not a service status of Xbox: a category has neither Id nor Name")
		}
		for _, s := range c.Scenarios {
			if s.id() == "" {
				return nil, fetch.Shapef("not a service status of Xbox: a scenario of %.40q has neither Id nor Name", c.name())
			}
		}
	}
	return &d, nil
}
