package alerts

import (
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/downstatus/downstatus_exporter/internal/status"
)

// Facts are what is known of a service when an alert about it speaks.
type Facts struct {
	Slug        string
	Name        string
	HasOfficial bool             // an official source is watched
	Indicator   status.Indicator // its word; unknown while it cannot be read
	HasReports  bool             // a feed counts user reports
	Reports1h   int              // the most that a feed counts within the last hour
	Since       time.Time        // start of the outage; zero if not known
	WindowStart time.Time        // of the current or next maintenance; zero if there is none
	WindowEnd   time.Time
	BoardURL    string // our page of the service
	OfficialURL string // the vendor's page, or empty
	IncidentURL string // the vendor's most severe open incident, or empty
}

// word is a part of an annotation that depends on the service: as a template
// that Prometheus fills from the recording rules, and as the bridge says it.
type word struct {
	template string
	say      func(Facts) string
}

// words are by name; texts have them in braces.
var words = map[string]word{
	"slug": {"{{ $labels.slug }}", func(f Facts) string { return f.Slug }},
	"name": {
		ask(info, `{{ . | first | label "name" }}`, "{{ $labels.slug }}"),
		func(f Facts) string { return f.Name },
	},
	"board_url":    {ask(info, `{{ . | first | label "board_url" }}`, ""), func(f Facts) string { return f.BoardURL }},
	"official_url": {ask(info, `{{ . | first | label "official_url" }}`, ""), func(f Facts) string { return f.OfficialURL }},
	"incident_url": {
		ask("slug:downstatus_incident_info:topk{SERVICE}", `{{ . | first | label "url" }}`, ""),
		func(f Facts) string { return f.IncidentURL },
	},
	"page": {
		ask(indicator, `{{ with . | first | label "indicator" }}{{ if eq . "unknown" }}`+unread+`{{ else }}`+says+`{{ . }}{{ end }}{{ end }}`, pageless),
		page,
	},
	"reports": {
		ask(`slug_window:downstatus_service_reports:max{SERVICE,window="1h"}`, counted+`{{ . | first | value | printf "%.0f" }}`, uncounted),
		reports,
	},
	"since": {
		ask("slug:downstatus_outage_start_timestamp_seconds:min{SERVICE}", "since "+clock, "start not known"),
		func(f Facts) string { return moment("since ", f.Since, "start not known") },
	},
	"window": {
		ask("slug:downstatus_service_maintenance_start_timestamp_seconds:min{SERVICE}", "from "+clock, "from a time not given") + " " +
			ask("slug:downstatus_service_maintenance_end_timestamp_seconds:max{SERVICE}", "to "+clock, "to a time not given"),
		func(f Facts) string {
			return moment("from ", f.WindowStart, "from a time not given") + " " + moment("to ", f.WindowEnd, "to a time not given")
		},
	},
}

// evidence ends the description of an outage.
const evidence = "{page}; {reports}; {since}."

const (
	says      = "The status page says "
	unread    = "The status page cannot be read"
	pageless  = "There is no status page"
	counted   = "user reports in the last hour: "
	uncounted = "user reports are not counted"
	layout    = "2006-01-02 15:04 UTC"
	clock     = `{{ (. | first | value | toTime).Format "` + layout + `" }}`
)

// Queries of templates; SERVICE stands for the selector of the service.
const (
	info = "slug:downstatus_service_info:group{SERVICE}"
	// A replica that has not read the page yet does not speak for the others.
	indicator = `slug_indicator:downstatus_service_official_indicator:max{SERVICE,indicator!="unknown"} == 1` +
		` or ignoring (indicator) slug_indicator:downstatus_service_official_indicator:max{SERVICE} == 1`
)

// ask is a template: what follows from the answer to a query, or otherwise.
func ask(query, then, otherwise string) string {
	query = strings.ReplaceAll(query, "SERVICE", "namespace=%[1]q,slug=%[2]q")
	if otherwise != "" {
		otherwise = "{{ else }}" + otherwise
	}
	return "{{ with printf `" + query + "` $labels.namespace $labels.slug | query }}" + then + otherwise + "{{ end }}"
}

// braces finds words, but not template actions.
var braces = regexp.MustCompile(`\{([a-z_]+)\}`)

// template is a text for Prometheus.
func template(text string) string {
	return braces.ReplaceAllStringFunc(text, func(w string) string { return words[w[1:len(w)-1]].template })
}

// say is a text about a service.
func say(text string, f Facts) string {
	return braces.ReplaceAllStringFunc(text, func(w string) string { return words[w[1:len(w)-1]].say(f) })
}

func page(f Facts) string {
	switch {
	case !f.HasOfficial:
		return pageless
	case f.Indicator == status.IndicatorUnknown:
		return unread
	default:
		return says + f.Indicator.String()
	}
}

func reports(f Facts) string {
	if !f.HasReports {
		return uncounted
	}
	return counted + strconv.Itoa(f.Reports1h)
}

func moment(before string, t time.Time, otherwise string) string {
	if t.IsZero() {
		return otherwise
	}
	return before + t.UTC().Format(layout)
}
