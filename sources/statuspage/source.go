package statuspage

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/downstatus/downstatus_exporter/internal/status"
	"github.com/downstatus/downstatus_exporter/sources"
	"github.com/downstatus/downstatus_exporter/sources/fetch"
)

// askAtMost is how many polls in a row ask incidents.json about one thing.
const askAtMost = 3

// history, in the place of an incident's id, asks for all that ended.
const history = ""

type source struct {
	dialect   Dialect
	client    *fetch.Client
	summary   fetch.Document[Summary]
	incidents string // address of incidents.json

	page *status.Page // of the last good poll

	// asking holds what incidents.json has still to answer: ids of incidents
	// that left the summary, or history. The number counts the polls that
	// asked in vain.
	asking map[string]int
}

func newSource(t sources.Target, c *fetch.Client, d Dialect) *source {
	decode := func(body []byte) (Summary, error) {
		s, err := d.Summary(body)
		if err == nil && s.Page.URL == "" {
			s.Page.URL = t.Page.String()
		}
		return s, err
	}
	return &source{
		dialect:   d,
		client:    c,
		summary:   fetch.Document[Summary]{URL: t.Document.String(), Media: fetch.JSON, Decode: decode},
		incidents: incidentsURL(t.Page),
		asking:    map[string]int{history: 0},
	}
}

// Poll asks for the summary, and for incidents.json where something has ended
// that the summary does not tell.
func (s *source) Poll(ctx context.Context, _ time.Time) (sources.Reading, error) {
	summary, changed, err := s.summary.Get(ctx, s.client)
	if err != nil {
		return sources.Reading{}, err
	}
	var r sources.Reading
	if changed {
		r.Ended = s.turn(summary)
	}
	r.Page = s.page
	s.ask(ctx, &r)
	return r, nil
}

// turn makes a new summary the current one. It returns the incidents that were
// open before and that the summary itself tells the end of; those that left it
// without a word are to be asked for.
func (s *source) turn(next Summary) (ended []status.Incident) {
	open := byID(next.Page.Incidents)
	for id := range s.asking {
		if _, again := open[id]; again {
			delete(s.asking, id)
		}
	}
	if s.page != nil {
		next.Page.Components = status.CarryHidden(s.page.Components, next.Page.Components)
		over := byID(next.Over)
		for _, in := range s.page.Incidents {
			end, told := over[in.ID]
			switch _, still := open[in.ID]; {
			case still:
			case told && !end.Resolved.IsZero():
				ended = append(ended, end)
			default:
				s.asking[in.ID] = 0
			}
		}
	}
	s.page = next.Page
	return ended
}

// ask asks incidents.json once if anything is to be asked, and adds all that it
// tells as over to the reading. That it fails spoils nothing: it is asked again at
// the next poll, a few times.
func (s *source) ask(ctx context.Context, r *sources.Reading) {
	if len(s.asking) == 0 {
		return
	}
	h, err := s.fetchHistory(ctx)
	if err != nil {
		r.Notes = append(r.Notes, "incidents.json: "+err.Error())
		s.inVain(func(string) bool { return true })
		return
	}
	if len(h.UnknownWords) > 0 {
		r.Notes = append(r.Notes, "incidents.json: words not understood: "+strings.Join(distinct(h.UnknownWords), ", "))
	}
	open := make(map[string]bool)
	for _, in := range h.Incidents {
		if in.Over {
			r.Ended = append(r.Ended, in) // also those nobody could see while they were open
		} else {
			open[in.ID] = true // an older copy than the summary, from some cache
		}
	}
	s.inVain(func(id string) bool { return open[id] })
}

// inVain counts a poll against everything that still waits and drops what was
// answered, or asked too often.
func (s *source) inVain(waits func(id string) bool) {
	for id := range s.asking {
		s.asking[id]++
		if !waits(id) || s.asking[id] >= askAtMost {
			delete(s.asking, id)
		}
	}
}

func (s *source) fetchHistory(ctx context.Context) (History, error) {
	body, _, err := s.client.Get(ctx, s.incidents, fetch.JSON)
	if err != nil {
		return History{}, err
	}
	return s.dialect.History(body)
}

func byID(list []status.Incident) map[string]status.Incident {
	out := make(map[string]status.Incident, len(list))
	for _, in := range list {
		out[in.ID] = in
	}
	return out
}

func distinct(words []string) []string {
	words = slices.Clone(words)
	slices.Sort(words)
	return slices.Compact(words)
}
