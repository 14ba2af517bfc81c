package collector

import (
	"slices"
	"time"

	"github.com/downstatus/downstatus_exporter/internal/board"
	"github.com/downstatus/downstatus_exporter/internal/status"
)

// Type is the type of a family, as both text formats write it.
type Type string

// The types in use. State sets are gauges.
const (
	Gauge   Type = "gauge"
	Counter Type = "counter"
)

// Family is one metric family that is made of the board.
type Family struct {
	Name       string
	Help       string // without characters that either format would escape
	Type       Type
	Labels     []string // sorted
	UserLabels bool     // the user labels of the configuration come on top

	pace    pace
	service func(t *table, s *board.Service, v view) // rows of one service, or nil
	source  func(t *table, s *board.Source, v view)  // rows of one source, or nil
}

// view is what rows are made of.
type view struct {
	*board.Snapshot
	now      time.Time
	boardURL func(slug string) string
}

// Families lists all families by name, for documentation. Those of the
// registry (polls, store, bridge, configuration, process) are not among them.
func Families() []Family {
	out := slices.Clone(families)
	for i := range out {
		out[i].Labels = slices.Clone(out[i].Labels)
	}
	return out
}

// names are the names of all families.
var names = func() map[string]bool {
	out := make(map[string]bool, len(families))
	for _, f := range families {
		out[f.Name] = true
	}
	return out
}()

// labelNames are the sorted names of all labels, user labels included.
func (f *Family) labelNames(s *board.Snapshot) []string {
	if !f.UserLabels {
		return f.Labels
	}
	all := slices.Concat(f.Labels, s.Labels)
	slices.Sort(all)
	return all
}

// table makes the rows of the family, sorted and without repetition.
func (f *Family) table(v view) *table {
	t := &table{labels: f.labelNames(v.Snapshot)}
	if f.service != nil {
		for _, s := range v.Services {
			f.service(t, s, v)
		}
	}
	if f.source != nil {
		for _, s := range v.Sources {
			f.source(t, s, v)
		}
	}
	t.sort()
	return t
}

// serviceInfo fills the labels by name, because user labels stand among ours.
func serviceInfo(t *table, s *board.Service, v view) {
	cells := make([]string, len(t.labels))
	for i, name := range t.labels {
		switch name {
		case "board_url":
			cells[i] = v.boardURL(s.Slug)
		case "category":
			cells[i] = s.Category
		case "name":
			cells[i] = s.Name
		case "official_url":
			cells[i] = s.OfficialURL
		case "slug":
			cells[i] = s.Slug
		default:
			cells[i] = s.Labels[name]
		}
	}
	t.add(1, cells...)
}

func serviceStatus(t *table, s *board.Service, _ view) {
	for _, word := range status.Statuses {
		t.add(oneIf(s.Status == word), s.Slug, word.String())
	}
}

func serviceSeverity(t *table, s *board.Service, _ view) {
	t.add(float64(s.Status), s.Slug)
}

func officialSeverity(t *table, s *board.Service, _ view) {
	if s.HasOfficial {
		t.add(float64(s.Official.Severity), s.Slug)
	}
}

func reportsSeverity(t *table, s *board.Service, _ view) {
	if s.HasReports {
		t.add(float64(s.ReportsSev), s.Slug)
	}
}

func officialIndicator(t *table, s *board.Service, _ view) {
	if !s.HasOfficial {
		return
	}
	for _, word := range status.Indicators {
		t.add(oneIf(s.Official.Indicator == word), word.String(), s.Slug)
	}
}

func signalUp(t *table, s *board.Service, _ view) {
	if s.HasOfficial {
		t.add(oneIf(s.OfficialUp), string(status.OfficialStatusPage), s.Slug)
	}
	if s.HasReports {
		t.add(oneIf(s.ReportsUp), string(status.UserReports), s.Slug)
	}
}

func serviceStale(t *table, s *board.Service, _ view) {
	t.add(oneIf(s.Stale), s.Slug)
}

func serviceReports(t *table, s *board.Service, _ view) {
	for _, r := range s.Reports {
		if r.Has1h {
			t.add(float64(r.Reports1h), r.Feed, s.Slug, "1h")
		}
		if r.Has24h {
			t.add(float64(r.Reports24h), r.Feed, s.Slug, "24h")
		}
	}
}

// maxIncidents is how many open incidents of a service are named.
const maxIncidents = 5

// incidents are the open ones, each id once, most severe first.
func incidents(s *board.Service) []status.Incident {
	seen := make(map[string]bool, len(s.Official.Incidents))
	var out []status.Incident
	for _, in := range s.Official.Incidents {
		if !seen[in.ID] {
			seen[in.ID] = true
			out = append(out, in)
		}
	}
	return out
}

// serviceIncidents counts by impact. An official source that is not read says
// nothing, and none open would be a claim.
func serviceIncidents(t *table, s *board.Service, _ view) {
	if !s.HasOfficial || !s.OfficialUp {
		return
	}
	var open [status.Critical + 1]int
	for _, in := range incidents(s) {
		impact := in.Impact
		if impact == status.IndicatorUnknown {
			impact = status.Minor // as the rules count it
		}
		open[impact]++
	}
	for impact, n := range open {
		t.add(float64(n), status.Indicator(impact).String(), s.Slug)
	}
}

func incidentInfo(t *table, s *board.Service, _ view) {
	open := incidents(s)
	for _, in := range open[:min(len(open), maxIncidents)] {
		t.add(1, in.Impact.String(), in.ID, s.Slug, in.URL)
	}
}

// serviceMaintenance is silent while the page is not read, as serviceIncidents
// is.
func serviceMaintenance(t *table, s *board.Service, _ view) {
	if s.HasOfficial && s.OfficialUp {
		t.add(oneIf(s.Official.Maintenance), s.Slug)
	}
}

func maintenanceStart(t *table, s *board.Service, _ view) {
	if w := s.Official.Window; w != nil {
		t.addTime(w.Start, s.Slug)
	}
}

func maintenanceEnd(t *table, s *board.Service, _ view) {
	if w := s.Official.Window; w != nil {
		t.addTime(w.End, s.Slug)
	}
}

func serviceLastSuccess(t *table, s *board.Service, _ view) {
	if s.Moving != nil {
		t.addTime(s.Moving.LastSuccess, s.Slug)
	}
}

func statusSeconds(t *table, s *board.Service, v view) {
	if s.Moving == nil {
		return
	}
	for _, word := range status.Statuses {
		t.add(s.Moving.Seconds(word, v.now).Seconds(), s.Slug, word.String())
	}
}

func componentSeverity(t *table, s *board.Service, _ view) {
	for _, c := range s.Components {
		t.add(float64(c.Rank.Severity()), c.Name, c.ID, c.Group, s.Slug)
	}
}

func outageStart(t *table, s *board.Service, _ view) {
	if o := s.Outage; o.Open() {
		t.addTime(o.StartedAt, string(o.Signal), s.Slug)
	}
}

func outageDuration(t *table, s *board.Service, v view) {
	if o := s.Outage; o.Open() {
		t.add(o.Duration(v.now).Seconds(), string(o.Signal), s.Slug)
	}
}

func outagePeak(t *table, s *board.Service, _ view) {
	if o := s.Outage; o.Open() {
		t.add(float64(o.PeakReports), string(o.Signal), s.Slug)
	}
}

func outagesTotal(t *table, s *board.Service, _ view) {
	for _, signal := range status.Signals {
		t.add(float64(s.OutageCount[signal]), string(signal), s.Slug)
	}
}

func lastOutageDuration(t *table, s *board.Service, v view) {
	if o := s.LastOutage; o != nil {
		t.add(o.Duration(v.now).Seconds(), s.Slug)
	}
}

func lastOutageDelay(t *table, s *board.Service, _ view) {
	if s.HasDelay {
		t.add(s.LastDelay.Seconds(), s.Slug)
	}
}

func disagreements(t *table, s *board.Service, _ view) {
	t.add(float64(s.Disagreements), s.Slug)
}

func droppedSeries(t *table, s *board.Service, _ view) {
	t.add(float64(s.Dropped), s.Slug)
}

func sourceInfo(t *table, s *board.Source, _ view) {
	t.add(1, s.Engine, s.Host, s.Name)
}

func sourceUp(t *table, s *board.Source, _ view) {
	t.add(oneIf(s.Up), s.Name)
}

func sourceLastSuccess(t *table, s *board.Source, _ view) {
	if s.Moving != nil {
		t.addTime(s.Moving.LastSuccess, s.Name)
	}
}

func sourcePolls(t *table, s *board.Source, _ view) {
	if s.Moving != nil {
		t.add(float64(s.Moving.Polls), s.Name)
	}
}

func sourceFailures(t *table, s *board.Source, _ view) {
	if s.Moving != nil {
		t.add(float64(s.Moving.Failures), s.Name)
	}
}

func sourceUnknownValues(t *table, s *board.Source, _ view) {
	for field, n := range s.UnknownWords {
		t.add(float64(n), field, s.Name)
	}
}

func sourceEngineChanges(t *table, s *board.Source, _ view) {
	t.add(float64(s.EngineChanges), s.Name)
}

// addTime appends a time in Unix seconds; a zero time is no row.
func (t *table) addTime(at time.Time, cells ...string) {
	if !at.IsZero() {
		t.add(float64(at.UnixMilli())/1000, cells...)
	}
}

func oneIf(b bool) float64 {
	if b {
		return 1
	}
	return 0
}
