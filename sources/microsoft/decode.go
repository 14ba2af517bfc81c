package microsoft

import (
	"fmt"
	"strings"
	"time"

	"github.com/downstatus/downstatus_exporter/internal/status"
	"github.com/downstatus/downstatus_exporter/sources"
	"github.com/downstatus/downstatus_exporter/sources/fetch"
)

// ranks are the words of a post, folded. There is none for an outage.
var ranks = map[string]status.Indicator{
	"available":          status.None,
	"operational":        status.None,
	"servicerestored":    status.None,
	"servicedegradation": status.Minor,
	"unknown":            status.IndicatorUnknown,
}

// fold makes words comparable: the page spells them with blanks and without.
func fold(word sources.Str) string {
	return strings.ToLower(strings.Join(strings.Fields(string(word)), ""))
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
}

// decode reads the document of a leaf: one post, or a list of them.
func (l leaf) decode(body []byte) (posts, error) {
	var list []wirePost
	var err error
	if l.many {
		err = sources.Unmarshal(body, (*sources.List[wirePost])(&list))
	} else {
		list = make([]wirePost, 1)
		err = sources.Unmarshal(body, &list[0])
	}
	if err != nil {
		return posts{}, err
	}
	if len(list) == 0 {
		return posts{}, fetch.Shapef("no post is listed")
	}
	var p posts
	seen := map[string]bool{}
	for _, w := range list {
		if err := l.check(w); err != nil {
			return posts{}, err
		}
		if c := l.component(w); !seen[c.ID] {
			seen[c.ID] = true
			p.add(w, c)
		}
	}
	return p, nil
}

// check demands what tells a post from any other JSON, and that the post is
// still being made anew.
func (l leaf) check(w wirePost) error {
	if w.ID == "" || w.Status == "" {
		return fetch.Shapef("no Id or no Status: not a post of this page")
	}
	if l.many && text(w.Name) == "" && text(w.Workload) == "" {
		return fetch.Shapef("a post names no service")
	}
	refreshed, _ := sources.Time(string(w.Refreshed))
	sent, _ := sources.Time(string(w.Sent))
	if lag := sent.Sub(refreshed); !refreshed.IsZero() && !sent.IsZero() && lag > frozen {
		return &fetch.Error{Reason: fetch.Stale, Err: fmt.Errorf("the post was made %s before it was sent", lag)}
	}
	return nil
}

func (l leaf) component(w wirePost) status.Component {
	if !l.many {
		return status.Component{ID: l.id, Name: l.name}
	}
	c := status.Component{ID: text(w.Workload), Name: text(w.Name), GroupID: l.id, Group: l.name}
	if c.ID == "" {
		c.ID = c.Name
	}
	if c.Name == "" {
		c.Name = c.ID
	}
	return c
}

// unread is the component of a leaf that could not be read.
func (l leaf) unread() status.Component {
	return status.Component{ID: l.id, Name: l.name, Rank: status.IndicatorUnknown}
}

// add adds a post. One in trouble is an incident too; when it began the post
// does not tell, as its dates are those of a text that stands for months.
func (p *posts) add(w wirePost, c status.Component) {
	rank, known := ranks[fold(w.Status)]
	if !known {
		rank = status.IndicatorUnknown
		p.unknown = append(p.unknown, "component_status")
	}
	c.Rank = rank
	p.components = append(p.components, c)
	if rank < status.Minor {
		return
	}
	title := text(w.Title)
	if title == "" {
		title = sources.Text(c.Name+": "+string(w.Status), sources.TextLimit)
	}
	p.incidents = append(p.incidents, status.Incident{
		ID: c.ID + "/" + text(w.ID), Title: title, Impact: rank,
		Components: []status.ComponentRef{{ID: c.ID, Name: c.Name, Rank: rank, Impact: rank, HasImpact: true}},
	})
}

func text(s sources.Str) string { return sources.Text(string(s), sources.TextLimit) }
