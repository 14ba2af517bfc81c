package command

import (
	"cmp"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"
	"unicode"

	"github.com/downstatus/downstatus_exporter/internal/config"
	"github.com/downstatus/downstatus_exporter/internal/status"
)

// ReportQuery is what report takes.
type ReportQuery struct {
	Since   time.Duration
	CSV     bool // a row for each service, in place of the table
	JSON    bool // an array of objects, in place of the table
	Outages bool // each outage below the table
}

// reported is one line of the report: a service, or all of them. Times are in
// minutes within the time of the report. A pointer is null where nothing is
// known.
type reported struct {
	Scope string    `json:"scope"` // service or all
	Slug  string    `json:"slug"`  // empty for all
	Name  string    `json:"name"`  // empty for all, and for what is not configured any more
	From  time.Time `json:"from"`
	To    time.Time `json:"to"`

	Outages  int `json:"outages"`  // under way at some time of the report
	Open     int `json:"open"`     // of these, not over
	Imported int `json:"imported"` // of these, from the page's or feed's own history

	Minutes         float64 `json:"outage_minutes"` // degraded or down, by any signal
	DownMinutes     float64 `json:"down_minutes"`   // of these, down
	OfficialMinutes float64 `json:"official_outage_minutes"`
	ReportsMinutes  float64 `json:"reports_outage_minutes"`
	Unadmitted      float64 `json:"unadmitted_minutes"` // users said trouble while the page said operational

	SeenByBoth    int      `json:"seen_by_both"`   // outages
	PageFirst     int      `json:"page_first"`     // of these, those that the page had first
	NeverAdmitted int      `json:"never_admitted"` // outages of users alone, over by now, in which the page said operational
	DelayMedian   *float64 `json:"official_delay_median_minutes"`
	DelayWorst    *float64 `json:"official_delay_worst_minutes"`

	KnownMinutes float64       `json:"known_minutes"` // of the combined status, since the first watch
	Availability *float64      `json:"availability"`
	List         []outageShown `json:"outage_list"` // the oldest first; of services alone

	spent  status.Availability
	delays []float64
}

// outageShown is one outage of the report, whole also where it began earlier.
type outageShown struct {
	ID            string        `json:"id"`
	StartedAt     time.Time     `json:"started_at"`
	DetectedAt    time.Time     `json:"detected_at"`
	ResolvedAt    *time.Time    `json:"resolved_at"`
	Minutes       float64       `json:"duration_minutes"`
	Worst         status.Status `json:"worst"`
	Signal        status.Signal `json:"signal"` // what opened it
	ReportsStart  *time.Time    `json:"reports_started_at"`
	ReportsEnd    *time.Time    `json:"reports_ended_at"`
	OfficialStart *time.Time    `json:"official_started_at"`
	OfficialEnd   *time.Time    `json:"official_ended_at"`
	Delay         *float64      `json:"official_delay_minutes"` // negative: the page was first
	PeakReports   int           `json:"peak_reports"`
	Imported      bool          `json:"imported"`
	Unwatched     bool          `json:"unwatched"` // ended because the service left the configuration
	Description   string        `json:"description"`
	IncidentURL   string        `json:"incident_url"`
}

// Report prints outages, downtime by signal, and how late the pages were.
func Report(ctx context.Context, w io.Writer, c *config.Config, storagePath string, q ReportQuery, now time.Time) error {
	switch {
	case q.CSV && q.JSON:
		return errors.New("--csv and --json: want one of them")
	case q.CSV && q.Outages:
		return errors.New("--outages goes with the table; --json has the outages always")
	case q.Since <= 0:
		return fmt.Errorf("--since=%s: want more than nothing", q.Since)
	}
	p, err := recall(ctx, c, storagePath, q.Since, now)
	if err != nil {
		return err
	}
	rows := p.report()
	switch {
	case q.JSON:
		enc := json.NewEncoder(w)
		enc.SetEscapeHTML(false)
		enc.SetIndent("", "  ")
		return enc.Encode(rows)
	case q.CSV:
		return writeCSV(w, rows)
	default:
		return p.print(w, rows, q.Outages)
	}
}

// report has a row for each service, the longest outages first, then one for
// all.
func (p past) report() []*reported {
	total := &reported{Scope: "all", From: p.from, To: p.until, List: []outageShown{}}
	var rows []*reported
	for _, s := range p.services {
		r := p.reportOf(s)
		if r.spent.Known() > 0 || r.Outages > 0 {
			rows = append(rows, r)
			total.add(r)
		}
	}
	slices.SortStableFunc(rows, func(a, b *reported) int {
		return cmp.Or(cmp.Compare(b.Minutes, a.Minutes), cmp.Compare(b.Outages, a.Outages))
	})
	rows = append(rows, total)
	for _, r := range rows {
		r.sumUp()
	}
	return rows
}

func (p past) reportOf(s remembered) *reported {
	r := &reported{Scope: "service", Slug: s.slug, Name: s.name, From: p.from, To: p.until, List: []outageShown{}}
	all := s.Availability(status.BothSignals, p.from, p.until)
	official := s.Timeline(status.OfficialStatusPage, p.from, p.until)
	r.Minutes, r.DownMinutes = minutes(all.Trouble()), minutes(all.Down)
	r.OfficialMinutes = minutes(s.Availability(status.OfficialStatusPage, p.from, p.until).Trouble())
	r.ReportsMinutes = minutes(s.Availability(status.UserReports, p.from, p.until).Trouble())
	r.Unadmitted = minutes(unadmitted(s.Timeline(status.UserReports, p.from, p.until), official))
	if watched := s.WatchedSince(); !watched.IsZero() {
		r.spent = s.Availability(status.BothSignals, status.Latest(p.from, watched), p.until)
	}
	for _, o := range s.Outages {
		if o.StartedAt.Before(p.until) && (o.Open() || o.ResolvedAt.After(p.from)) {
			r.count(o, p.until, official)
		}
	}
	return r
}

// unadmitted is the time in which users said trouble while the page said
// operational.
func unadmitted(users, page []status.Span) time.Duration {
	var sum time.Duration
	for _, u := range users {
		for _, o := range page {
			if u.Status.Trouble() && o.Status == status.Operational {
				sum += max(0, status.Earliest(u.To, o.To).Sub(status.Latest(u.From, o.From)))
			}
		}
	}
	return sum
}

func (r *reported) count(o *status.Outage, until time.Time, official []status.Span) {
	shown := show(o, until)
	r.List = append(r.List, shown)
	r.Outages++
	r.Open += one(o.Open())
	r.Imported += one(o.Imported)
	if shown.Delay != nil {
		r.SeenByBoth++
		r.PageFirst += one(*shown.Delay < 0)
		r.delays = append(r.delays, *shown.Delay)
		return
	}
	whole := []status.Span{{From: o.StartedAt, To: o.StartedAt.Add(o.Duration(until)), Status: status.Down}}
	r.NeverAdmitted += one(!o.Open() && o.OfficialStartedAt.IsZero() && unadmitted(whole, official) > 0)
}

func show(o *status.Outage, until time.Time) outageShown {
	s := outageShown{
		ID: o.ID, StartedAt: o.StartedAt, DetectedAt: o.DetectedAt, ResolvedAt: given(o.ResolvedAt),
		Minutes: minutes(o.Duration(until)), Worst: o.Worst, Signal: o.Signal,
		ReportsStart: given(o.ReportsStartedAt), ReportsEnd: given(o.ReportsEndedAt),
		OfficialStart: given(o.OfficialStartedAt), OfficialEnd: given(o.OfficialEndedAt),
		PeakReports: o.PeakReports, Imported: o.Imported, Unwatched: o.Unwatched,
		Description: o.Description, IncidentURL: o.IncidentURL,
	}
	if delay, both := o.OfficialDelay(); both {
		late := minutes(delay)
		s.Delay = &late
	}
	return s
}

func one(yes bool) int {
	if yes {
		return 1
	}
	return 0
}

// minutes are cut to hundredths.
func minutes(d time.Duration) float64 { return math.Round(d.Minutes()*100) / 100 }

// add counts a service into the row for all.
func (r *reported) add(s *reported) {
	r.Outages += s.Outages
	r.Open += s.Open
	r.Imported += s.Imported
	r.Minutes += s.Minutes
	r.DownMinutes += s.DownMinutes
	r.OfficialMinutes += s.OfficialMinutes
	r.ReportsMinutes += s.ReportsMinutes
	r.Unadmitted += s.Unadmitted
	r.SeenByBoth += s.SeenByBoth
	r.PageFirst += s.PageFirst
	r.NeverAdmitted += s.NeverAdmitted
	r.delays = append(r.delays, s.delays...)
	r.spent.Operational += s.spent.Operational
	r.spent.Degraded += s.spent.Degraded
	r.spent.Down += s.spent.Down
}

// sumUp fills what is made of everything that was added.
func (r *reported) sumUp() {
	r.KnownMinutes = minutes(r.spent.Known())
	if ratio, known := r.spent.Ratio(); known {
		r.Availability = &ratio
	}
	if n := len(r.delays); n > 0 {
		slices.Sort(r.delays)
		middle := (r.delays[(n-1)/2] + r.delays[n/2]) / 2
		r.DelayMedian, r.DelayWorst = &middle, &r.delays[n-1]
	}
}

// writeCSV writes plain numbers; an empty cell is not known.
func writeCSV(w io.Writer, rows []*reported) error {
	out := csv.NewWriter(w)
	header := []string{
		"scope", "slug", "name", "from", "to", "outages", "open", "imported",
		"outage_minutes", "down_minutes", "official_outage_minutes", "reports_outage_minutes", "unadmitted_minutes",
		"seen_by_both", "page_first", "never_admitted", "official_delay_median_minutes", "official_delay_worst_minutes",
		"known_minutes", "availability",
	}
	_ = out.Write(header) // Error tells
	for _, r := range rows {
		_ = out.Write([]string{
			r.Scope, r.Slug, r.Name, clock(&r.From), clock(&r.To), strconv.Itoa(r.Outages), strconv.Itoa(r.Open), strconv.Itoa(r.Imported),
			number(&r.Minutes), number(&r.DownMinutes), number(&r.OfficialMinutes), number(&r.ReportsMinutes), number(&r.Unadmitted),
			strconv.Itoa(r.SeenByBoth), strconv.Itoa(r.PageFirst), strconv.Itoa(r.NeverAdmitted), number(r.DelayMedian), number(r.DelayWorst),
			number(&r.KnownMinutes), number(r.Availability),
		})
	}
	out.Flush()
	return out.Error()
}

func number(v *float64) string {
	if v == nil {
		return ""
	}
	return strconv.FormatFloat(*v, 'f', -1, 64)
}

// print writes it for people.
func (p past) print(w io.Writer, rows []*reported, outages bool) error {
	fmt.Fprintf(w, "From %s to %s. Times in minutes.\n\n", clock(&p.from), clock(&p.until))
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "SERVICE\tOUTAGES\tMINUTES\tOF THESE DOWN\tBY PAGE\tBY USERS\tUNADMITTED\tPAGE LATE, MEDIAN\tWORST\tNEVER ADMITTED\tAVAILABILITY\tKNOWN")
	for _, r := range rows {
		fmt.Fprintf(table, "%s\t%d\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%d\t%s\t%s\n", cmp.Or(r.Slug, r.Scope), r.Outages,
			short(&r.Minutes), short(&r.DownMinutes), short(&r.OfficialMinutes), short(&r.ReportsMinutes), short(&r.Unadmitted),
			short(r.DelayMedian), short(r.DelayWorst), r.NeverAdmitted, percent(r.Availability), short(&r.KnownMinutes))
	}
	if err := table.Flush(); err != nil || !outages {
		return err
	}
	fmt.Fprintln(table, "\nSERVICE\tSTARTED\tRESOLVED\tMINUTES\tWORST\tFIRST SEEN BY\tPAGE LATE\tDESCRIPTION")
	for _, r := range rows {
		for _, o := range r.List {
			fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", r.Slug, clock(&o.StartedAt), clock(o.ResolvedAt), short(&o.Minutes),
				o.Worst, o.Signal, short(o.Delay), oneLine(o.Description))
		}
	}
	return table.Flush()
}

func short(v *float64) string {
	if v == nil {
		return "-"
	}
	return strconv.FormatFloat(*v, 'f', 1, 64)
}

// percent never rounds up to a whole that it is not.
func percent(v *float64) string {
	if v == nil {
		return "unknown"
	}
	return strconv.FormatFloat(math.Floor(*v*1e5)/1e3, 'f', 3, 64) + " %"
}

// oneLine makes words of an upstream fit for a terminal.
func oneLine(s string) string {
	words := strings.FieldsFunc(s, func(r rune) bool { return unicode.IsSpace(r) || !unicode.IsPrint(r) })
	runes := []rune(strings.Join(words, " "))
	if len(runes) > 80 {
		return string(runes[:79]) + "…"
	}
	return string(runes)
}
