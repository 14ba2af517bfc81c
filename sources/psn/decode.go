package psn

import (
	"cmp"
	"slices"
	"time"

	"github.com/downstatus/downstatus_exporter/sources"
	"github.com/downstatus/downstatus_exporter/sources/fetch"
)

type document struct {
	Region    sources.Str `json:"regionName"`
	Status    []entry     `json:"status"`
	Countries []territory `json:"countries"`
}

// territory is a country.
type territory struct {
	Code     sources.Str `json:"countryCode"`
	Status   []entry     `json:"status"`
	Services []service   `json:"services"`
}

type service struct {
	ID        sources.Str            `json:"serviceId"`
	Label     sources.Str            `json:"serviceName"`
	Status    []entry                `json:"status"`
	Resources sources.List[resource] `json:"resources"`
}

// resource is a kind of device on which a service is used.
type resource struct {
	Status []entry `json:"status"`
}

type entry struct {
	ID      sources.Str `json:"statusId"`
	Type    sources.Str `json:"statusType"`
	Message sources.Str `json:"message"`
	Start   sources.Str `json:"startDate"`
	End     sources.Str `json:"endDate"`
	Created sources.Str `json:"createdDate"`
}

func (s service) name() string {
	return sources.Text(string(cmp.Or(s.Label, s.ID)), sources.TextLimit)
}

func (c territory) code() string { return sources.Text(string(c.Code), sources.TextLimit) }

// entries are those of the service, on whatever device.
func (s service) entries() []entry {
	all := slices.Clone(s.Status)
	for _, r := range s.Resources {
		all = append(all, r.Status...)
	}
	return all
}

// entries are those of the country's services.
func (c territory) entries() (all []entry) {
	for _, s := range c.Services {
		all = append(all, s.entries()...)
	}
	return all
}

// key tells entries apart. The same one stands under many services of many
// countries.
func (e entry) key() string {
	id := sources.Text(string(cmp.Or(e.ID, e.Type+" "+e.Start+" "+e.Message)), sources.TextLimit)
	return cmp.Or(id, "entry")
}

// started is when an entry began, or at least was written.
func (e entry) started() time.Time {
	return cmp.Or(instant(e.Start), instant(e.Created))
}

// check refuses a time that is not understood: entries are kept long after
// their end, so that this one could be over or not.
func (e entry) check() error {
	for _, raw := range [...]sources.Str{e.Start, e.End, e.Created} {
		if raw != "" && instant(raw).IsZero() {
			return fetch.Shapef("status %.40q: %.40q is not a time", e.ID, raw)
		}
	}
	return nil
}

// instant reads a time with a zone, with or without a colon in it; zero for
// anything else.
func instant(raw sources.Str) time.Time {
	if t, ok := sources.Time(string(raw)); ok {
		return t
	}
	t, err := time.Parse("2006-01-02T15:04:05Z0700", string(raw))
	if err != nil {
		return time.Time{}
	}
	return t.UTC().Truncate(time.Millisecond)
}

// decode wants a region with countries, whose services have lists of entries.
// Calm is only lists that are there and empty.
func decode(body []byte) (*document, error) {
	var d document
	if err := sources.Unmarshal(body, &d); err != nil {
		return nil, err
	}
	if d.Region == "" || d.Status == nil {
		return nil, fetch.Shapef("not a status document of PlayStation: no regionName or no list of status")
	}
	services, entries := 0, slices.Clone(d.Status)
	for _, c := range d.Countries {
		entries = append(entries, c.Status...)
		if c.code() == "" {
			return nil, fetch.Shapef("not a status document of PlayStation: a country has no code")
		}
		for _, s := range c.Services {
			if s.name() == "" || s.Status == nil {
				return nil, fetch.Shapef("not a status document of PlayStation: service %.40q of %.10q has no name or no list of status", s.Label, c.Code)
			}
			services++
			entries = append(entries, s.entries()...)
		}
	}
	if services == 0 {
		return nil, fetch.Shapef("not a status document of PlayStation: no services")
	}
	for _, e := range entries {
		if err := e.check(); err != nil {
			return nil, err
		}
	}
	return &d, nil
}
