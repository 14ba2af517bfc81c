package xbox

import (
	"time"

	"github.com/downstatus/downstatus_exporter/internal/status"
	"github.com/downstatus/downstatus_exporter/sources"
	"github.com/downstatus/downstatus_exporter/sources/internal/pages"
	"github.com/downstatus/downstatus_exporter/sources/internal/vendors"
)

// viewer tells what a document means.
type viewer struct {
	page     string // address for people
	services vendors.List
}

func (v viewer) read(d *document, now time.Time) (sources.Reading, error) {
	b := &board{page: &status.Page{Name: "Xbox", URL: v.page}, now: now, at: map[string]int{}}
	troubled := 0
	for _, c := range d.Categories.All {
		if b.category(c) >= status.Minor {
			troubled++
		}
	}
	for _, c := range d.Titles.All {
		b.category(c)
	}
	whole := b.whole(d.Status.Value.Overall.Value.State)
	// The word does not tell one category from all of them.
	if whole == status.Minor && 2*troubled >= len(d.Categories.All) {
		whole = status.Major
	}
	b.page.Word = status.Word{Published: true, Rank: whole}
	r := sources.Reading{Page: b.page}
	for _, in := range b.all {
		if in.Over {
			r.Ended = append(r.Ended, in)
		} else {
			b.page.Incidents = append(b.page.Incidents, in)
		}
	}
	if err := vendors.Narrow(&r, "services", v.services); err != nil {
		return r, err
	}
	return pages.Doubted(r, d.doubt())
}

// board is a page being put together.
type board struct {
	page *status.Page
	now  time.Time
	all  []status.Incident // also those that are over
	at   map[string]int    // where an incident stands, by id
}

// rank looks a state up and notes one that the table misses: there is one word
// for calm, so that any other means trouble.
func (b *board) rank(field string, word sources.Str) status.Indicator {
	rank, ok := states[vendors.Fold(word)]
	switch {
	case ok:
		return rank
	case word == "":
		rank = status.IndicatorUnknown
	default:
		rank = status.Minor
	}
	b.page.UnknownWords = append(b.page.UnknownWords, field)
	return rank
}

// whole is the page's own word, which is not guessed at.
func (b *board) whole(word sources.Str) status.Indicator {
	rank, ok := states[vendors.Fold(word)]
	if !ok {
		rank = status.IndicatorUnknown
		b.page.UnknownWords = append(b.page.UnknownWords, "overall_state")
	}
	return rank
}

// category adds a category with its scenarios and returns the worst of them.
// The scenarios are the leaves; but a state that they do not explain is that
// of a leaf too.
func (b *board) category(c category) status.Indicator {
	if c.id() == "" {
		return status.IndicatorUnknown
	}
	own := b.rank("category_status", c.Status.Name)
	worst := status.None
	group := status.Component{ID: c.id(), Name: c.name(), Rank: own}
	var leaves []status.Component
	for _, s := range c.Scenarios.All {
		if s.id() == "" {
			continue
		}
		leaf := status.Component{
			ID: sources.Text(c.id()+"/"+s.id(), sources.TextLimit), Name: s.name(), Group: group.Name, GroupID: group.ID,
			Rank: b.rank("scenario_status", s.Status.Name),
		}
		if s.isSignIn() && leaf.Rank == status.Minor {
			leaf.Rank = status.Major
		}
		worst = max(worst, leaf.Rank)
		leaves = append(leaves, leaf)
		b.incidents(s, leaf)
	}
	group.IsGroup = len(leaves) > 0 && own != status.IndicatorUnknown && own <= worst
	for _, part := range append([]status.Component{group}, leaves...) {
		b.incidents(c.scenario, part)
	}
	b.page.Components = append(append(b.page.Components, group), leaves...)
	return max(own, worst)
}

// incidents adds those of one part. The same one may stand under many parts.
func (b *board) incidents(s scenario, part status.Component) {
	ref := status.ComponentRef{ID: part.ID, Name: part.Name, Rank: part.Rank, Impact: status.IndicatorUnknown}
	for _, e := range s.Incidents.All {
		if i, known := b.at[e.id(s)]; known {
			b.all[i].Components = append(b.all[i].Components, ref)
			continue
		}
		in := b.incident(e, s)
		in.Components = []status.ComponentRef{ref}
		b.at[in.ID] = len(b.all)
		b.all = append(b.all, in)
	}
}

func (b *board) incident(e incident, of scenario) status.Incident {
	level, ok := levels[vendors.Fold(e.Level.Name)]
	if !ok {
		level = status.Minor // it is listed, so it is trouble
		b.page.UnknownWords = append(b.page.UnknownWords, "level_of_impact")
	}
	title := of.name()
	if e.Stage.Message != "" {
		title += ": " + string(e.Stage.Message)
	}
	in := status.Incident{
		ID: e.id(of), Title: sources.Text(title, sources.TextLimit), URL: sources.Link(b.page.URL), Impact: level,
		Started: vendors.Instant(e.Begin),
	}
	if end := vendors.Instant(e.End); !end.IsZero() && !end.After(b.now) {
		in.Over, in.Resolved = true, status.Latest(end, in.Started)
	}
	return in
}
