package web

import (
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/downstatus/downstatus_exporter/internal/board"
	"github.com/downstatus/downstatus_exporter/internal/status"
)

// tooMany is the share of failing sources from which on the fault is probably
// not theirs.
const tooMany = 0.3

// conditions are what services are sorted by, the most urgent first: what
// cannot be read is more urgent than what is well.
var conditions = [...]condition{
	{"down", "Down"}, {"degraded", "Degraded"}, {"unknown", "Unreadable"}, {"maintenance", "Maintenance"}, {"operational", "Operational"},
}

type condition struct{ Word, Title string }

// conditionOf is a service's place among them.
func conditionOf(s *board.Service) string {
	if s.Status == status.Operational && s.Official.Maintenance {
		return "maintenance"
	}
	return s.Status.String()
}

// filter is what the address of the page asks for.
type filter struct {
	Text, Category, Status, Label string
	All                           bool // also what only feeds list
}

func readFilter(q url.Values) filter {
	return filter{
		Text: strings.TrimSpace(q.Get("q")), Category: q.Get("category"), Status: q.Get("status"), Label: q.Get("label"), All: q.Get("all") == "1",
	}
}

// query is the filter as the address writes it: the same for the same filter.
func (f filter) query() string {
	q := url.Values{}
	for name, value := range map[string]string{"q": f.Text, "category": f.Category, "status": f.Status, "label": f.Label} {
		if value != "" {
			q.Set(name, value)
		}
	}
	if f.All {
		q.Set("all", "1")
	}
	return q.Encode()
}

func (f filter) picks(s *board.Service) bool {
	name, value, _ := strings.Cut(f.Label, "=")
	return (f.All || s.Configured) && (f.Category == "" || f.Category == s.Category) && (f.Status == "" || f.Status == conditionOf(s)) &&
		(f.Label == "" || s.Labels[name] == value) && f.finds(s)
}

// finds reports whether the text is part of a name or label.
func (f filter) finds(s *board.Service) bool {
	text := strings.ToLower(f.Text)
	has := func(in string) bool { return strings.Contains(strings.ToLower(in), text) }
	return has(s.Slug) || has(s.Name) || slices.ContainsFunc(slices.Collect(maps.Values(s.Labels)), has)
}

// index is what the first page shows.
type index struct {
	Headline string
	Banner   string
	Sections []section
	Failing  []failing // sources
	Filter   filter
	Filtered bool

	Categories, Labels []string // to choose from
	Conditions         []condition
	Hidden             int    // services that only feeds list, not shown
	HiddenTrouble      int    // of them in trouble
	AllQuery           string // of the page that shows them
}

type section struct {
	condition
	Rows   []row
	Folded bool
}

type failing struct{ Name, Reason, Last string }

// row is one service as the board shows it.
type row struct {
	Slug, Name, Scope string
	Word              string // status
	Held              bool
	Since, For        string
	FirstBy           string // who said it first
	Official, Users   string
	Title, URL        string // of the vendor's incident
	Labels            []string
	Maintenance       bool
}

func (s *site) index(w http.ResponseWriter, r *http.Request) {
	f := readFilter(r.URL.Query())
	s.send(w, r, "/?"+f.query(), "index.html", func(snap *board.Snapshot) layout {
		page := newIndex(snap, f, s.opts.Now())
		return s.layout(snap, page.Headline, s.opts.Now(), page)
	})
}

func newIndex(snap *board.Snapshot, f filter, now time.Time) index {
	asked := f
	named := slices.ContainsFunc(snap.Services, func(v *board.Service) bool { return v.Configured })
	f.All = f.All || !named // where nothing is named, the feeds' services are all there is
	page := index{Filter: asked, Filtered: asked != filter{All: asked.All}, Conditions: conditions[:], Banner: banner(snap), Failing: failingSources(snap, now)}
	rows := map[string][]row{}
	shown := 0
	for _, v := range snap.Services {
		switch {
		case f.picks(v):
			rows[conditionOf(v)] = append(rows[conditionOf(v)], newRow(v, now))
			shown++
		case !f.All && !v.Configured:
			page.Hidden++
			if v.Status.Trouble() {
				page.HiddenTrouble++
			}
		}
	}
	page.Headline = fmt.Sprintf("%d down, %d degraded, %d unreadable of %d", len(rows["down"]), len(rows["degraded"]), len(rows["unknown"]), shown)
	for _, c := range conditions {
		if all := rows[c.Word]; len(all) > 0 {
			page.Sections = append(page.Sections, section{c, all, c.Word == "operational" && f.Status == "" && f.Text == ""})
		}
	}
	page.choices(snap, f)
	return page
}

// choices are what the filters offer.
func (page *index) choices(snap *board.Snapshot, f filter) {
	categories, labels := map[string]bool{}, map[string]bool{}
	for _, v := range snap.Services {
		if !f.All && !v.Configured {
			continue
		}
		categories[v.Category] = true
		for name, value := range v.Labels {
			if value != "" {
				labels[name+"="+value] = true
			}
		}
	}
	page.Categories, page.Labels = slices.Sorted(maps.Keys(categories)), slices.Sorted(maps.Keys(labels))
	all := page.Filter
	all.All = true
	page.AllQuery = all.query()
}

func newRow(v *board.Service, now time.Time) row {
	r := row{
		Slug: v.Slug, Name: v.Name, Scope: scope(v.Scope), Word: conditionOf(v), Held: v.Stale, Since: utc(v.Since), For: ago(v.Since, now),
		Official: officialText(v, now), Users: usersText(v, now), Maintenance: v.Official.Maintenance,
	}
	if o := v.Outage; o != nil {
		r.Since, r.For, r.FirstBy = utc(o.StartedAt), ago(o.StartedAt, now), signalName(o.Signal)
		r.Title, r.URL = o.Description, webAddress(o.IncidentURL)
		if r.Title == "" && r.URL != "" {
			r.Title = "incident"
		}
	}
	for _, name := range slices.Sorted(maps.Keys(v.Labels)) {
		if v.Labels[name] != "" {
			r.Labels = append(r.Labels, name+"="+v.Labels[name])
		}
	}
	return r
}

// officialText is what the vendor's page says, and how old that is.
func officialText(v *board.Service, now time.Time) string {
	switch {
	case !v.HasOfficial:
		return "no page known"
	case !v.OfficialUp:
		return "unreadable, last read " + before(v.Moving.OfficialAt, now)
	default:
		return v.Official.Indicator.String() + ", read " + before(v.Moving.OfficialAt, now)
	}
}

// usersText is what users say, and how old that is.
func usersText(v *board.Service, now time.Time) string {
	switch {
	case !v.HasReports:
		return "no feed lists it"
	case !v.ReportsUp:
		return "unreadable, last read " + before(v.Moving.ReportsAt, now)
	}
	text := v.ReportsSev.String()
	for _, c := range v.Reports {
		if c.Has1h {
			text += fmt.Sprintf(", %d reports in 1 h", c.Reports1h)
		}
	}
	return text + ", read " + before(v.Moving.ReportsAt, now)
}

func before(t, now time.Time) string {
	if t.IsZero() {
		return "never"
	}
	return ago(t, now) + " ago"
}

// banner is for the reader whose own network fails.
func banner(snap *board.Snapshot) string {
	failed, polled := 0, 0
	for _, s := range snap.Sources {
		if s.Polled {
			polled++
			if !s.Up {
				failed++
			}
		}
	}
	if float64(failed) <= tooMany*float64(polled) {
		return ""
	}
	return fmt.Sprintf("%d of %d sources cannot be read: probably our own network, not theirs.", failed, polled)
}

func failingSources(snap *board.Snapshot, now time.Time) []failing {
	var out []failing
	for _, s := range snap.Sources {
		if s.Polled && !s.Up {
			out = append(out, failing{s.Name, s.Reason, before(s.Moving.LastSuccess, now)})
		}
	}
	return out
}
