package microsoft

import (
	"cmp"
	"fmt"
	"time"

	"github.com/downstatus/downstatus_exporter/internal/status"
	"github.com/downstatus/downstatus_exporter/sources"
	"github.com/downstatus/downstatus_exporter/sources/fetch"
	"github.com/downstatus/downstatus_exporter/sources/internal/vendors"
)

// ranks are the words of a post, folded. There is none for an outage.
var ranks = map[string]status.Indicator{
	"available":          status.None,
	"operational":        status.None,
	"servicerestored":    status.None,
	"servicedegradation": status.Minor,
	"unknown":            status.IndicatorUnknown,
}

// frozen is how far the refresh of a post may lag the clock of the server that
// sent it. Posts are made anew every ten minutes.
const frozen = time.Hour

type wirePost struct {
	ID        sources.Str `json:"Id"`
	Refreshed sources.Str `json:"InternalDateTime"`
	Sent      sources.Str `json:"LastUpdatedTime"`
	Title     sources.Str `json:"Title"`
	Status    sources.Str `json:"Status"`
	Name      sources.Str `json:"ServiceDisplayName"`
	Workload  sources.Str `json:"ServiceWorkloadName"`
}

// posts is what one leaf says.
type posts struct {
	components []status.Component
	incidents  []status.Incident
	unknown    []string
	doubt      error // a part was not understood
}

// decode reads the document of a leaf: one post, or a list of them.
func (l leaf) decode(body []byte) (posts, error) {
	var list vendors.Each[wirePost]
	if l.many {
		if err := sources.Unmarshal(body, &list); err != nil {
			return posts{}, err
		}
	} else {
		list.All = make([]wirePost, 1)
		if err := sources.Unmarshal(body, &list.All[0]); err != nil {
			return posts{}, err
		}
	}
	p := posts{doubt: list.Doubt}
	for _, w := range list.All {
		if err := l.check(w); err != nil {
			p.doubt = err
			continue
		}
		p.add(w, l.component(w))
	}
	if len(p.components) == 0 {
		return posts{}, cmp.Or(p.doubt, fetch.Shapef("no post is listed"))
	}
	return p, nil
}

// check demands what tells a post from any other JSON, or a word for trouble,
// and that the post is still being made anew.
func (l leaf) check(w wirePost) error {
	if w.Status == "" || w.ID == "" && ranks[vendors.Fold(w.Status)] < status.Minor {
		return fetch.Shapef("no Id or no Status: not a post of this page")
	}
	if l.many && w.Name.Text() == "" && w.Workload.Text() == "" {
		return fetch.Shapef("a post names no service")
	}
	refreshed, sent := vendors.Instant(w.Refreshed), vendors.Instant(w.Sent)
	if lag := sent.Sub(refreshed); !refreshed.IsZero() && !sent.IsZero() && lag > frozen {
		return &fetch.Error{Reason: fetch.Stale, Err: fmt.Errorf("the post was made %s before it was sent", lag)}
	}
	return nil
}

func (l leaf) component(w wirePost) status.Component {
	if !l.many {
		return status.Component{ID: l.id, Name: l.name}
	}
	return status.Component{
		ID: cmp.Or(w.Workload, w.Name).Text(), Name: cmp.Or(w.Name, w.Workload).Text(), GroupID: l.id, Group: l.name,
	}
}

// unread is the component of a leaf that could not be read.
func (l leaf) unread() status.Component {
	return status.Component{ID: l.id, Name: l.name, Rank: status.IndicatorUnknown}
}

// add adds a post. One in trouble is an incident too; when it began the post
// does not tell, as its dates are those of a text that stands for months.
func (p *posts) add(w wirePost, c status.Component) {
	rank, known := ranks[vendors.Fold(w.Status)]
	if !known {
		rank = status.IndicatorUnknown
		p.unknown = append(p.unknown, "component_status")
	}
	c.Rank = rank
	p.components = append(p.components, c)
	if rank < status.Minor {
		return
	}
	title := w.Title.Text()
	if title == "" {
		title = sources.Text(c.Name+": "+string(w.Status), sources.TextLimit)
	}
	p.incidents = append(p.incidents, status.Incident{
		ID: sources.Text(c.ID+"/"+string(w.ID), sources.TextLimit), Title: title, Impact: rank,
		Components: []status.ComponentRef{{ID: c.ID, Name: c.Name, Rank: rank, Impact: rank, HasImpact: true}},
	})
}
