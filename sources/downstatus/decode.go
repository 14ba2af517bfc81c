package downstatus

import (
	"math"
	"strconv"
	"time"

	"github.com/downstatus/downstatus_exporter/internal/status"
	"github.com/downstatus/downstatus_exporter/sources"
	"github.com/downstatus/downstatus_exporter/sources/fetch"
)

// statuses are the words of a service's status.
var statuses = map[string]status.Status{
	"operational": status.Operational,
	"degraded":    status.Degraded,
	"down":        status.Down,
	"unknown":     status.Unknown, // another instance says so of what it cannot read
}

// indicators are the words of official_indicator; null is none of them.
var indicators = map[string]status.Indicator{
	"none":     status.None,
	"minor":    status.Minor,
	"major":    status.Major,
	"critical": status.Critical,
}

// signals are the words of an outage's source.
var signals = map[string]status.Signal{
	"user_reports":         status.UserReports,
	"official_status_page": status.OfficialStatusPage,
}

const (
	maxSlug    = 200  // bytes
	maxWord    = 100  // of a category or id, in bytes
	maxText    = 2000 // of a description, in bytes
	maxReports = 1e9  // more than this nobody has counted
)

// listing is one answer of /api/v1/services.
type listing struct {
	updated time.Time
	rows    []row
	asked   int // rows in the answer, also those left out
	unknown []string
}

// row is one service of a listing, with the fields in which a word was not
// known.
type row struct {
	status.FeedService
	unknown []string
}

// records are one answer of /api/v1/outages.
type records struct {
	outages []status.FeedOutage
	unknown []string
}

// envelope is what every answer comes in.
type envelope[T any] struct {
	OK    bool        `json:"ok"`
	Error sources.Str `json:"error"`
	Data  *[]T        `json:"data"`
	Meta  struct {
		UpdatedAt sources.Str `json:"updated_at"`
	} `json:"meta"`
}

// check accepts only a positive answer: a missing or null list is no empty one.
func (e envelope[T]) check() error {
	switch {
	case !e.OK && e.Error != "":
		return fetch.Shapef("the feed answers with an error: %s", e.Error.Text())
	case !e.OK:
		return fetch.Shapef("the answer does not say that it is ok")
	case e.Data == nil:
		return fetch.Shapef("no list under data")
	default:
		return nil
	}
}

// wireService is a row as it is sent. Null and missing differ from an empty
// word only where the reading has to tell them apart.
type wireService struct {
	Slug     sources.Str  `json:"slug"`
	Name     sources.Str  `json:"name"`
	Category sources.Str  `json:"category"`
	LogoURL  sources.Str  `json:"logo_url"`
	Status   *sources.Str `json:"status"`
	Official *sources.Str `json:"official_indicator"`
	R1h      sources.Str  `json:"report_count_1h"`
	R24h     sources.Str  `json:"report_count_24h"`
	PageURL  sources.Str  `json:"status_page_url"`
}

func decodeServices(body []byte) (*listing, error) {
	var doc envelope[wireService]
	if err := sources.Unmarshal(body, &doc); err != nil {
		return nil, err
	}
	if err := doc.check(); err != nil {
		return nil, err
	}
	out := &listing{updated: instant(doc.Meta.UpdatedAt), asked: len(*doc.Data)}
	for _, w := range *doc.Data {
		if !isSlug(w.Slug) {
			out.unknown = append(out.unknown, "slug")
			continue
		}
		out.rows = append(out.rows, w.row())
	}
	// A renamed field would otherwise look like a feed that lists nothing.
	if out.asked > 0 && out.rows == nil {
		return nil, fetch.Shapef("none of the %d rows under data has a slug", out.asked)
	}
	return out, nil
}

func (w wireService) row() row {
	r := row{FeedService: status.FeedService{
		Slug:     string(w.Slug),
		Name:     w.Name.Text(),
		Category: sources.Text(string(w.Category), maxWord),
		LogoURL:  sources.Link(string(w.LogoURL)),
		PageURL:  sources.Link(string(w.PageURL)),
		Status:   status.Unknown,
		Official: status.IndicatorUnknown,
	}}
	var known bool
	if w.Status != nil {
		r.HasStatus = true
		if r.Status, known = statuses[string(*w.Status)]; !known {
			r.Status = status.Unknown
			r.miss("status")
		}
	}
	if w.Official != nil {
		r.HasOfficial = true
		if r.Official, known = indicators[string(*w.Official)]; !known {
			r.Official = status.IndicatorUnknown
			r.miss("official_indicator")
		}
	}
	if w.Status == nil || *w.Status != "unknown" { // an instance that cannot read a service counts 0
		r.Reports1h, r.Has1h = r.count(w.R1h)
		r.Reports24h, r.Has24h = r.count(w.R24h)
	}
	return r
}

func (r *row) miss(field string) { r.unknown = append(r.unknown, field) }

// count notes a number that is none under one name for both windows, and tells
// whether there is one.
func (r *row) count(raw sources.Str) (n int, given bool) {
	n, ok := count(raw)
	if !ok {
		r.miss("report_count")
	}
	return n, ok && raw != ""
}

// count reads a number of reports; ok is false for what is none. A missing one
// is 0.
func count(raw sources.Str) (n int, ok bool) {
	if raw == "" {
		return 0, true
	}
	f, err := strconv.ParseFloat(string(raw), 64)
	if err != nil || math.IsNaN(f) || f < 0 || f > maxReports {
		return 0, false
	}
	return int(f), true
}

// wireOutage is a record as it is sent. Its duration and status follow from its
// times and are not read.
type wireOutage struct {
	ID      sources.Str `json:"id"`
	Service struct {
		Slug sources.Str `json:"slug"`
	} `json:"service"`
	StartedAt   sources.Str `json:"started_at"`
	ResolvedAt  sources.Str `json:"resolved_at"`
	Peak        sources.Str `json:"peak_reports"`
	Description sources.Str `json:"description"`
	Source      sources.Str `json:"source"`
}

func decodeOutages(body []byte) (*records, error) {
	var doc envelope[wireOutage]
	if err := sources.Unmarshal(body, &doc); err != nil {
		return nil, err
	}
	if err := doc.check(); err != nil {
		return nil, err
	}
	out := &records{}
	for _, w := range *doc.Data {
		out.add(w)
	}
	return out, nil
}

// add keeps a record if it says of whom and since when.
func (r *records) add(w wireOutage) {
	o := status.FeedOutage{
		ID: sources.Text(string(w.ID), maxWord), Slug: string(w.Service.Slug),
		Started: instant(w.StartedAt), Resolved: instant(w.ResolvedAt),
		Description: sources.Text(string(w.Description), maxText),
	}
	switch {
	case !isSlug(w.Service.Slug):
		r.unknown = append(r.unknown, "slug")
		return
	case o.Started.IsZero():
		r.unknown = append(r.unknown, "started_at")
		return
	}
	if !o.Resolved.IsZero() {
		o.Resolved = status.Latest(o.Resolved, o.Started)
	}
	var ok bool
	if o.Signal, ok = signals[string(w.Source)]; !ok {
		o.Signal = status.UserReports
		r.unknown = append(r.unknown, "source")
	}
	if o.PeakReports, ok = count(w.Peak); !ok {
		r.unknown = append(r.unknown, "peak_reports")
	}
	r.outages = append(r.outages, o)
}

// isSlug refuses what could not be shown as it is.
func isSlug(s sources.Str) bool {
	return s != "" && sources.Text(string(s), maxSlug) == string(s)
}

// instant is zero for what is not a time.
func instant(raw sources.Str) time.Time {
	t, _ := sources.Time(string(raw))
	return t
}
