package apple

import (
	"bytes"
	"cmp"
	"errors"
	"html"
	"regexp"
	"time"

	"github.com/downstatus/downstatus_exporter/sources"
	"github.com/downstatus/downstatus_exporter/sources/fetch"
	"github.com/downstatus/downstatus_exporter/sources/internal/vendors"
)

// document is either of the two documents. They have one shape.
type document struct {
	Posted   sources.Bool          `json:"drpost"`
	Message  sources.Str           `json:"drMessage"`
	Services vendors.Each[service] `json:"services"`
}

type service struct {
	Label  sources.Str         `json:"serviceName"`
	Events vendors.Each[event] `json:"events"`
}

// name is also the id: there is none else. The document for customers escapes
// it as if it were HTML.
func (s service) name() string {
	return sources.Text(html.UnescapeString(string(s.Label)), sources.TextLimit)
}

type event struct {
	ID       sources.Str `json:"messageId"`
	Type     sources.Str `json:"statusType"`
	Status   sources.Str `json:"eventStatus"`
	Affected sources.Str `json:"usersAffected"`
	Message  sources.Str `json:"message"`
	Start    sources.Str `json:"epochStartDate"`
	End      sources.Str `json:"epochEndDate"`
}

func (e event) start() time.Time { return vendors.Instant(e.Start) }

func (e event) end() time.Time { return vendors.Instant(e.End) }

// call is a document that comes as the argument of a function.
var call = regexp.MustCompile(`(?s)^(?:/\*\*/)?\s*[A-Za-z_$][\w.$]*\s*\((.*)\)\s*;?$`)

// decode reads JSON, bare or wrapped in a call. No service is no sign of calm.
func decode(body []byte) (*document, error) {
	body = bytes.TrimSpace(body)
	if len(body) == 0 {
		return nil, errors.New("the body is empty")
	}
	if body[0] == '<' {
		return nil, &fetch.Error{Reason: fetch.ContentType, Err: errors.New("the body starts like a page")}
	}
	if inner := call.FindSubmatch(body); inner != nil {
		body = inner[1]
	}
	var d document
	if err := sources.Unmarshal(body, &d); err != nil {
		return nil, err
	}
	if len(d.Services.All) == 0 {
		return nil, cmp.Or(d.Services.Doubt, fetch.Shapef("not a status document of Apple: no services"))
	}
	return &d, nil
}

// doubt tells of services that are not understood.
func (d *document) doubt() error {
	doubt := d.Services.Doubt
	for _, s := range d.Services.All {
		if s.name() == "" || !s.Events.Listed {
			doubt = fetch.Shapef("not a status document of Apple: service %.40q has no name or no list of events", s.Label)
		}
		doubt = cmp.Or(doubt, s.Events.Doubt)
	}
	return doubt
}
