package api

import (
	"cmp"
	"math"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/downstatus/downstatus_exporter/internal/board"
	"github.com/downstatus/downstatus_exporter/internal/status"
)

// The order of fields below is that of the public documentation. A pointer is a
// field that may be null; none is ever left out.

type single struct {
	OK   bool   `json:"ok"`
	Data detail `json:"data"`
}

type list[Filters, Item any] struct {
	OK   bool          `json:"ok"`
	Meta meta[Filters] `json:"meta"`
	Data []Item        `json:"data"`
}

type meta[Filters any] struct {
	Total     int     `json:"total"` // rows returned
	Filters   Filters `json:"filters"`
	UpdatedAt instant `json:"updated_at"`
}

type service struct {
	Slug              string            `json:"slug"`
	Name              string            `json:"name"`
	Category          string            `json:"category"`
	LogoURL           *string           `json:"logo_url"`
	Status            status.Status     `json:"status"`
	OfficialIndicator *status.Indicator `json:"official_indicator"`
	ReportCount1h     int               `json:"report_count_1h"`
	ReportCount24h    int               `json:"report_count_24h"`
	StatusPageURL     string            `json:"status_page_url"`
}

type detail struct {
	service
	UpdatedAt instant `json:"updated_at"`
}

type serviceFilters struct {
	Category *string `json:"category"`
	Status   *string `json:"status"`
	Limit    int     `json:"limit"`
}

type outage struct {
	ID              string        `json:"id"`
	Service         outageService `json:"service"`
	StartedAt       instant       `json:"started_at"`
	ResolvedAt      *instant      `json:"resolved_at"`
	DurationMinutes *int          `json:"duration_minutes"`
	Status          string        `json:"status"`
	PeakReports     int           `json:"peak_reports"`
	Description     *string       `json:"description"`
	Source          status.Signal `json:"source"`

	// Additions of ours.
	DetectedAt        instant  `json:"detected_at"`
	ReportsStartedAt  *instant `json:"reports_started_at"`
	OfficialStartedAt *instant `json:"official_started_at"`
	IncidentURL       *string  `json:"incident_url"`
}

type outageService struct {
	Slug          string  `json:"slug"`
	Name          string  `json:"name"`
	Category      string  `json:"category"`
	LogoURL       *string `json:"logo_url"`
	StatusPageURL string  `json:"status_page_url"`
}

type outageFilters struct {
	Status *string `json:"status"`
	Slug   *string `json:"slug"`
	Limit  int     `json:"limit"`
}

// instant is a time in UTC with exactly three decimals.
type instant time.Time

// MarshalText writes the time as the documentation shows it.
func (t instant) MarshalText() ([]byte, error) {
	return time.Time(t).UTC().AppendFormat(nil, "2006-01-02T15:04:05.000Z"), nil
}

var (
	categories = []string{"telecom", "cloud", "gaming", "social", "finance", "streaming", "other", "email", "internet"}
	statuses   = []string{"operational", "degraded", "down", "unknown"}
)

// status has no word for unknown in v1, and any other word would be a lie: such
// a service is unavailable.
func (a *api) status(snap *board.Snapshot, slug string) (any, *failure) {
	s := snap.Service(slug)
	switch {
	case s == nil:
		return nil, &failure{http.StatusNotFound, "Service not found"}
	case s.Status == status.Unknown:
		return nil, &failure{http.StatusServiceUnavailable, "Status unknown: none of the service's sources has been read recently enough"}
	default:
		return single{true, detail{a.service(s), newest([]*board.Service{s})}}, nil
	}
}

func (a *api) services(snap *board.Snapshot, q *query) (any, *failure) {
	f := serviceFilters{
		Category: q.word("category", inUse(snap.Services)),
		Status:   q.word("status", statuses),
		Limit:    q.number("limit", 1, 500, 100),
	}
	offset := q.number("offset", 0, math.MaxInt32, 0)
	if q.fault != nil {
		return nil, q.fault
	}
	matching := f.matching(snap.Services)
	updated := newest(matching) // of all pages of the list, so that paging does not move it
	if len(matching) == 0 {
		updated = newest(snap.Services)
	}
	matching = matching[min(offset, len(matching)):]
	data := []service{}
	for _, s := range matching[:min(f.Limit, len(matching))] {
		data = append(data, a.service(s))
	}
	return list[serviceFilters, service]{true, meta[serviceFilters]{len(data), f, updated}, data}, nil
}

// inUse are the categories that a filter takes: the documented ones, and those
// that a configuration has made up.
func inUse(services []*board.Service) []string {
	words := slices.Clone(categories)
	for _, s := range services {
		if s.Category != "" && !slices.Contains(words, s.Category) {
			words = append(words, s.Category)
		}
	}
	return words
}

// matching sorts by reports of the last hour, most first, then by slug. Unknown
// services are left out unless asked for: v1 has no word for them.
func (f serviceFilters) matching(services []*board.Service) []*board.Service {
	var out []*board.Service
	for _, s := range services {
		asked := f.Status == nil && s.Status != status.Unknown || f.Status != nil && *f.Status == s.Status.String()
		if asked && (f.Category == nil || *f.Category == s.Category) {
			out = append(out, s)
		}
	}
	slices.SortFunc(out, func(a, b *board.Service) int {
		most, _ := reports(b)
		less, _ := reports(a)
		return cmp.Or(cmp.Compare(most, less), strings.Compare(a.Slug, b.Slug))
	})
	return out
}

func (a *api) service(s *board.Service) service {
	hour, day := reports(s)
	out := service{
		Slug: s.Slug, Name: s.Name, Category: s.Category, LogoURL: orNull(s.LogoURL), Status: s.Status,
		ReportCount1h: hour, ReportCount24h: day, StatusPageURL: a.PageURL(s.Slug),
	}
	// The zero indicator is none, which only a good reading may say.
	if i := s.Official.Indicator; s.HasOfficial && s.OfficialUp && i != status.IndicatorUnknown {
		out.OfficialIndicator = &i
	}
	return out
}

// reports are the counts of the feed that knows most: feeds share users, so
// their counts do not add up.
func reports(s *board.Service) (hour, day int) {
	for _, r := range s.Reports {
		hour, day = max(hour, r.Reports1h), max(day, r.Reports24h, r.Reports1h)
	}
	return hour, day
}

func (a *api) outages(snap *board.Snapshot, q *query) (any, *failure) {
	f := outageFilters{
		Status: q.word("status", []string{"ongoing", "resolved"}),
		Slug:   q.slug("slug"),
		Limit:  q.number("limit", 1, 100, 20),
	}
	if q.fault != nil {
		return nil, q.fault
	}
	since := a.Now().Add(-board.OutageWindow) // a snapshot may stand for a while
	data := []outage{}
	for _, o := range snap.Outages {
		if len(data) < f.Limit && f.match(o) && (o.Open() || !o.ResolvedAt.Before(since)) {
			data = append(data, a.outage(snap, o))
		}
	}
	return list[outageFilters, outage]{true, meta[outageFilters]{len(data), f, newest(f.behind(snap))}, data}, nil
}

func (f outageFilters) match(o *status.Outage) bool {
	return (f.Status == nil || *f.Status == state(o)) && (f.Slug == nil || *f.Slug == o.Slug)
}

// behind are the services that an answer speaks of, also by leaving them out.
func (f outageFilters) behind(snap *board.Snapshot) []*board.Service {
	if f.Slug != nil {
		if s := snap.Service(*f.Slug); s != nil {
			return []*board.Service{s}
		}
	}
	return snap.Services
}

func state(o *status.Outage) string {
	if o.Open() {
		return "ongoing"
	}
	return "resolved"
}

func (a *api) outage(snap *board.Snapshot, o *status.Outage) outage {
	s := snap.Service(o.Slug)
	if s == nil { // no longer watched
		s = &board.Service{Slug: o.Slug, Name: o.Slug, Category: "other"}
	}
	out := outage{
		ID: o.ID, Service: outageService{s.Slug, s.Name, s.Category, orNull(s.LogoURL), a.PageURL(s.Slug)},
		StartedAt: instant(o.StartedAt), ResolvedAt: timeOrNull(o.ResolvedAt), Status: state(o),
		PeakReports: o.PeakReports, Description: orNull(o.Description), Source: o.Signal,
		DetectedAt: instant(o.DetectedAt), ReportsStartedAt: timeOrNull(o.ReportsStartedAt),
		OfficialStartedAt: timeOrNull(o.OfficialStartedAt), IncidentURL: orNull(o.IncidentURL),
	}
	if !o.Open() {
		minutes := int(math.Round(o.Duration(o.ResolvedAt).Minutes()))
		out.DurationMinutes = &minutes
	}
	return out
}

// newest is when the newest reading behind some services was taken. Where
// nothing was ever read it is the epoch, which nobody takes for fresh: v1 has no
// null here, and the present would be a lie.
func newest(services []*board.Service) instant {
	t := time.Unix(0, 0)
	for _, s := range services {
		taken := s.Moving.TakenAt
		if taken.IsZero() {
			taken = s.Moving.LastSuccess
		}
		t = status.Latest(t, taken)
	}
	return instant(t)
}

func orNull(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

func timeOrNull(t time.Time) *instant {
	if t.IsZero() {
		return nil
	}
	i := instant(t)
	return &i
}
