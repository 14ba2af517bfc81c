package web

import (
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/downstatus/downstatus_exporter/internal/board"
	"github.com/downstatus/downstatus_exporter/internal/status"
)

// detail is what the page of one service shows.
type detail struct {
	row
	Category    string
	OfficialURL string
	Strips      []strip
	Counts      *sparkline
	Window      *window
	Incidents   []incident
	Groups      []group
	Dropped     int
	Outages     []outage // of the last 7 days, newest first
	Available   []available
	Snippet     string
	API         string
}

type window struct{ Title, URL, Start, End string }

type incident struct {
	Impact, Title, URL, Started, For string
	Monitoring                       bool
}

type group struct {
	Name  string
	Parts []part
}

type part struct{ Name, Word string }

type outage struct {
	Started, Ended, Length string
	FirstBy, Word          string
	Title, URL             string
	Delay                  string // of the page after the users, or empty
	Peak                   int
}

type available struct{ Window, Combined, Official, Users string }

func (s *site) service(w http.ResponseWriter, r *http.Request) {
	slug := r.PathValue("slug")
	if s.board.Snapshot().Service(slug) == nil {
		s.missing(w, r, fmt.Sprintf("No service %q is watched.", slug))
		return
	}
	s.send(w, r, "/status/"+slug, "service.html", func(snap *board.Snapshot) layout {
		v := snap.Service(slug)
		if v == nil { // gone since
			return s.layout(snap, slug, s.opts.Now(), detail{row: row{Slug: slug, Name: slug, Word: "unknown"}})
		}
		page := newDetail(snap, v, s.opts.Now())
		page.API = s.opts.Prefix + "/api/v1/status/" + slug
		return s.layout(snap, v.Name+": "+page.Word, s.opts.Now(), page)
	})
}

func newDetail(snap *board.Snapshot, v *board.Service, now time.Time) detail {
	d := detail{
		row: newRow(v, now), Category: v.Category, OfficialURL: webAddress(v.OfficialURL), Counts: newSparkline(v.Moving.Counts, now),
		Groups: groups(v.Components), Dropped: v.Dropped, Snippet: snippet(v), Strips: strips(v, now), Available: availability(v, now),
	}
	if w := v.Official.Window; w != nil {
		d.Window = &window{w.Title, webAddress(w.URL), utc(w.Start), utc(w.End)}
		if w.End.IsZero() {
			d.Window.End = "open end"
		}
	}
	for _, in := range v.Official.Incidents {
		d.Incidents = append(d.Incidents, incident{in.Impact.String(), in.Title, webAddress(in.URL), utc(in.Started), ago(in.Started, now), in.Monitoring})
	}
	for _, o := range snap.Outages {
		if o.Slug == v.Slug {
			d.Outages = append(d.Outages, newOutage(o, now))
		}
	}
	return d
}

func newOutage(o *status.Outage, now time.Time) outage {
	out := outage{
		Started: utc(o.StartedAt), Ended: "under way", Length: length(o.Duration(now)), FirstBy: signalName(o.Signal), Word: o.Worst.String(),
		Title: o.Description, URL: webAddress(o.IncidentURL), Peak: o.PeakReports,
	}
	if !o.Open() {
		out.Ended = utc(o.ResolvedAt)
	}
	if delay, both := o.OfficialDelay(); both && delay >= 0 {
		out.Delay = length(delay) + " after users"
	} else if both {
		out.Delay = length(-delay) + " before users"
	}
	return out
}

// groups are the components as the page lists them, those of a group together.
func groups(all []status.Component) []group {
	var out []group
	for _, c := range all {
		i := slices.IndexFunc(out, func(g group) bool { return g.Name == c.Group })
		if i < 0 {
			i, out = len(out), append(out, group{Name: c.Group})
		}
		word := c.Rank.Severity().String()
		if c.Maintenance {
			word = "maintenance"
		}
		out[i].Parts = append(out[i].Parts, part{c.Name, word})
	}
	return out
}

// windows are the times over which availability is shown, in days.
var windows = [...]int{1, 7, 30, 90}

func availability(v *board.Service, now time.Time) []available {
	var out []available
	for _, days := range windows {
		from := now.Add(-time.Duration(days) * 24 * time.Hour)
		percent := func(signal status.Signal) string {
			a := v.History.Availability(signal, from, now)
			ratio, known := a.Ratio()
			if !known {
				return "not known"
			}
			return fmt.Sprintf("%.3f %% of %s known", 100*ratio, length(a.Known()))
		}
		out = append(out, available{
			fmt.Sprintf("%d d", days), percent(status.BothSignals), percent(status.OfficialStatusPage), percent(status.UserReports),
		})
	}
	return out
}
