package cachet

import (
	"encoding/json"
	"slices"
	"strconv"

	"github.com/downstatus/downstatus_exporter/sources"
	"github.com/downstatus/downstatus_exporter/sources/fetch"
)

// UnmarshalJSON reads a plain value, as in version 2, or the value of an
// object that holds a text for people beside it.
func (c *code) UnmarshalJSON(b []byte) error {
	v := struct {
		Value sources.Str `json:"value"`
	}{}
	var err error
	if b[0] == '{' {
		err = json.Unmarshal(b, &v)
	} else {
		err = json.Unmarshal(b, &v.Value)
	}
	*c = code(v.Value)
	return err
}

// system is the page's verdict on the whole.
type system struct {
	Word code        `json:"status"`
	Name sources.Str `json:"name"`
}

func decodeSystem(body []byte) (*system, error) {
	var d struct {
		Data *struct {
			system
			Attributes *system `json:"attributes"` // in early versions 3
		} `json:"data"`
	}
	if err := sources.Unmarshal(body, &d); err != nil {
		return nil, err
	}
	if d.Data == nil {
		return nil, fetch.Shapef("no data: not the status of Cachet")
	}
	s := &d.Data.system
	if d.Data.Attributes != nil {
		s = d.Data.Attributes
	}
	if s.Word == "" {
		return nil, fetch.Shapef("no data.status: not the status of Cachet")
	}
	return s, nil
}

// record is a component, a group, an incident or a schedule. Its times are
// left out: they are local to the server, and the API does not tell its zone.
type record struct {
	ID         sources.Str             `json:"id"`
	Name       sources.Str             `json:"name"`
	Status     code                    `json:"status"`
	Latest     code                    `json:"latest_status"` // with what incidents or updates make of it
	Enabled    sources.Str             `json:"enabled"`
	GroupID    sources.Str             `json:"group_id"`
	Component  sources.Str             `json:"component_id"`
	Components sources.List[component] `json:"components"` // of a schedule of version 2
	IsResolved sources.Bool            `json:"is_resolved"`
	Permalink  sources.Str             `json:"permalink"`
	GUID       sources.Str             `json:"guid"`
}

// component is how an entry names a component that it is about.
type component struct {
	ID sources.Str `json:"component_id"`
}

// state is the newest word on an entry's state.
func (r record) state() code {
	if r.Latest != "" {
		return r.Latest
	}
	return r.Status
}

// item is an entry of a list: a record, or an object that holds one.
type item struct {
	record
	Attributes    *record   `json:"attributes"`
	Relationships relations `json:"relationships"`
}

// relations are the components that an object of version 3 names.
type relations struct{ components []component }

// UnmarshalJSON takes what is no object for none: PHP writes an empty one as a
// list.
func (r *relations) UnmarshalJSON(b []byte) error {
	var v struct {
		Components struct {
			Data sources.List[struct {
				ID sources.Str `json:"id"`
			}] `json:"data"`
		} `json:"components"`
	}
	if b[0] != '{' {
		return nil
	}
	if err := json.Unmarshal(b, &v); err != nil {
		return err
	}
	for _, c := range v.Components.Data {
		r.components = append(r.components, component{c.ID})
	}
	return nil
}

// sheet is one page of a list.
type sheet struct {
	records []record
	more    bool // there is a next one
	last    int  // number of the last one; 0: not told
}

func decodeSheet(body []byte) (*sheet, error) {
	var d struct {
		Data sources.List[item] `json:"data"`
		Meta struct {
			Pagination struct {
				Current sources.Str `json:"current_page"`
				Total   sources.Str `json:"total_pages"`
			} `json:"pagination"` // version 2
		} `json:"meta"`
		Links struct {
			Next sources.Str `json:"next"`
		} `json:"links"` // version 3
	}
	if err := sources.Unmarshal(body, &d); err != nil {
		return nil, err
	}
	if d.Data == nil {
		return nil, fetch.Shapef("no list of data: not a list of Cachet")
	}
	current, last := number(d.Meta.Pagination.Current), number(d.Meta.Pagination.Total)
	s := &sheet{more: d.Links.Next != "" || current < last, last: last}
	for _, i := range d.Data {
		r := i.record
		if i.Attributes != nil {
			r = *i.Attributes
			r.ID = i.ID
		}
		r.Components = append(r.Components, i.Relationships.components...)
		s.records = append(s.records, r)
	}
	if len(s.records) > 0 && !slices.ContainsFunc(s.records, func(r record) bool { return r.ID.Text() != "" }) {
		return nil, fetch.Shapef("no entry with an id: not a list of Cachet")
	}
	return s, nil
}

// number is 0 for what is none.
func number(s sources.Str) int {
	n, err := strconv.Atoi(string(s))
	if err != nil || n < 0 {
		return 0
	}
	return n
}
