// Package alerts holds what is said when a vendor is down, and when the
// exporter itself is in trouble: names, labels and words of all alerts, in one
// table. The rule files are made of it, and so is what the bridge sends, so
// that both say the same.
package alerts

import (
	"slices"
	"time"
)

// Severity is how urgent an alert is.
type Severity string

// The severities. There is one critical alert about vendors: a person is woken
// by nothing else that a vendor does.
const (
	Critical Severity = "critical" // wakes a person
	Warning  Severity = "warning"  // waits for working hours
	Info     Severity = "info"     // good to know
	None     Severity = "none"     // tells that alerts arrive at all
)

// Kind is what an alert about a vendor is about; alerts about the exporter have
// none.
type Kind string

// The kinds.
const (
	Outage      Kind = "third_party_outage"
	Maintenance Kind = "third_party_maintenance"
	Budget      Kind = "third_party_budget" // too much downtime in all
)

// Alert is one alert: the rule that fires it, and what it says.
type Alert struct {
	Name          string
	Why           string // said above the rule
	Expr          string // PromQL; about a vendor: one series a namespace and slug
	For           time.Duration
	KeepFiringFor time.Duration
	Severity      Severity
	Kind          Kind   // empty: about the exporter
	Summary       string // the same for all services, so that it can head a group
	Description   string // with the words of words.go in braces
	Dashboard     string // uid
}

// gap is how long a firing alert outlives its series. Shorter holes in the data
// resolve nothing; after half of it DownstatusExporterAbsent tells.
const gap = 10 * time.Minute

// All lists every alert, those of the optional file included.
func All() []Alert {
	return slices.Concat(vendorAlerts, maintenanceAlerts, exporterAlerts, budgetAlerts)
}

// Lookup finds an alert by its name.
func Lookup(name string) (Alert, bool) {
	all := All()
	i := slices.IndexFunc(all, func(a Alert) bool { return a.Name == name })
	if i < 0 {
		return Alert{}, false
	}
	return all[i], true
}

// Labels are those that the alert sets itself, about a service where it is
// about one. Slug, namespace and the user's labels come from the series.
func (a Alert) Labels(slug string) map[string]string {
	labels := map[string]string{"severity": string(a.Severity)}
	if a.Kind != "" {
		labels["kind"], labels["depends_on"] = string(a.Kind), slug
	}
	return labels
}

// Annotations are the words of the alert about a service, as the bridge sends
// them. The rules render to the same.
func (a Alert) Annotations(f Facts) map[string]string {
	out := map[string]string{}
	for _, n := range a.annotations() {
		out[n.name] = say(n.text, f)
	}
	return out
}

// annotation is one annotation, its words still in braces.
type annotation struct{ name, text string }

func (a Alert) annotations() []annotation {
	out := []annotation{{"summary", a.Summary}, {"description", a.Description}}
	link := "/d/" + a.Dashboard
	if a.Kind != "" {
		link += "?var-slug={slug}"
		out = append(out, annotation{"board_url", "{board_url}"}, annotation{"official_url", "{official_url}"}, annotation{"incident_url", "{incident_url}"})
	}
	return append(out, annotation{"dashboard_url", link}, annotation{"runbook_url", runbooks + a.Name + ".md"})
}

// runbooks is where those of the alerts folder are read.
const runbooks = "https://github.com/downstatus/downstatus_exporter/blob/main/alerts/runbooks/"

// The dashboards, by uid. Their addresses are relative: Grafana's own, unless
// Options.GrafanaURL says where it is.
const (
	serviceDashboard  = "downstatus-service"
	exporterDashboard = "downstatus-exporter"
)
