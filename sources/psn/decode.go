package psn

import (
	"cmp"
	"slices"
	"time"

	"github.com/downstatus/downstatus_exporter/sources"
	"github.com/downstatus/downstatus_exporter/sources/fetch"
	"github.com/downstatus/downstatus_exporter/sources/internal/vendors"
)

type document struct {
	Region    sources.Str             `json:"regionName"`
	Status    vendors.Each[entry]     `json:"status"`
	Countries vendors.Each[territory] `json:"countries"`
}

// territory is a country.
type territory struct {
	Code     sources.Str           `json:"countryCode"`
	Status   vendors.Each[entry]   `json:"status"`
	Services vendors.Each[service] `json:"services"`
}

type service struct {
	ID        sources.Str            `json:"serviceId"`
	Label     sources.Str            `json:"serviceName"`
	Status    vendors.Each[entry]    `json:"status"`
	Resources vendors.Each[resource] `json:"resources"`
}

// resource is a kind of device on which a service is used.
type resource struct {
	Status vendors.Each[entry] `json:"status"`
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
	return cmp.Or(s.Label, s.ID).Text()
}

func (c territory) code() string { return c.Code.Text() }

// entries are those of the service, on whatever device.
func (s service) entries() []entry {
	all := slices.Clone(s.Status.All)
	for _, r := range s.Resources.All {
		all = append(all, r.Status.All...)
	}
	return all
}

// entries are those of the country's services.
func (c territory) entries() (all []entry) {
	for _, s := range c.Services.All {
		all = append(all, s.entries()...)
	}
	return all
}

// key tells entries apart. The same one stands under many services of many
// countries.
func (e entry) key() string {
	return cmp.Or(cmp.Or(e.ID, e.Type+" "+e.Start+" "+e.Message).Text(), "entry")
}

// started is when an entry began, or at least was written.
func (e entry) started() time.Time {
	return cmp.Or(instant(e.Start), instant(e.Created))
}

// check doubts a time that is not understood: entries are kept long after
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

// decode wants services in countries.
func decode(body []byte) (*document, error) {
	var d document
	if err := sources.Unmarshal(body, &d); err != nil {
		return nil, err
	}
	for _, c := range d.Countries.All {
		if len(c.Services.All) > 0 {
			return &d, nil
		}
	}
	return nil, cmp.Or(d.Countries.Doubt, fetch.Shapef("not a status document of PlayStation: no services"))
}

// doubt tells of what is missing or not understood. Calm is only lists that
// are there and empty.
func (d *document) doubt() error {
	doubt := cmp.Or(d.Countries.Doubt, d.Status.Doubt)
	if d.Region == "" || !d.Status.Listed {
		doubt = fetch.Shapef("not a status document of PlayStation: no regionName or no list of status")
	}
	entries := slices.Clone(d.Status.All)
	for _, c := range d.Countries.All {
		if c.code() == "" {
			doubt = fetch.Shapef("not a status document of PlayStation: a country has no code")
		}
		doubt = cmp.Or(doubt, c.Status.Doubt, c.Services.Doubt)
		for _, s := range c.Services.All {
			if s.name() == "" || !s.Status.Listed {
				doubt = fetch.Shapef("not a status document of PlayStation: service %.40q of %.10q has no name or no list of status", s.Label, c.Code)
			}
			doubt = cmp.Or(doubt, s.doubt())
		}
		entries = slices.Concat(entries, c.Status.All, c.entries())
	}
	for _, e := range entries {
		doubt = cmp.Or(doubt, e.check())
	}
	return doubt
}

func (s service) doubt() error {
	doubt := cmp.Or(s.Status.Doubt, s.Resources.Doubt)
	for _, r := range s.Resources.All {
		doubt = cmp.Or(doubt, r.Status.Doubt)
	}
	return doubt
}
