package bridge

import (
	"maps"
	"slices"
	"time"

	"github.com/downstatus/downstatus_exporter/alerts"
	"github.com/downstatus/downstatus_exporter/internal/board"
	"github.com/downstatus/downstatus_exporter/internal/config"
	"github.com/downstatus/downstatus_exporter/internal/history"
	"github.com/downstatus/downstatus_exporter/internal/status"
)

// The alerts that the bridge sends, by their names in the table. The first
// three replace each other: one of them fires for each outage.
const (
	vendorDown     = "DownstatusVendorDown"
	vendorDegraded = "DownstatusVendorDegraded"
	usersReport    = "DownstatusUsersReport"
	outageLong     = "DownstatusOutageLong"
)

const (
	longAfter = time.Hour
	// justNow is how young an outage is whose detection is told as the start of
	// its alert. With an older start Alertmanager would not wait for a group to
	// fill.
	justNow = 15 * time.Second
)

// selection is what is wanted of a snapshot.
type selection struct {
	config   *config.Alertmanager
	page     func(slug string) string
	speaking map[string]string // the alert that fires already, by slug
	now      time.Time
}

// wanted are the alerts that should fire.
func (s selection) wanted(snapshot *board.Snapshot) []history.Alert {
	var out []history.Alert
	for _, v := range snapshot.Services {
		if v.Outage == nil || !Picks(s.config.Match, v.Slug, v.Category, v.Labels) {
			continue
		}
		name := s.name(v)
		if name == "" {
			continue
		}
		out = append(out, s.alert(name, v))
		if v.Outage.Duration(s.now) > longAfter {
			out = append(out, s.alert(outageLong, v))
		}
	}
	return out
}

// Picks reports whether a match wants the alerts of a service.
func Picks(m config.Match, slug, category string, labels map[string]string) bool {
	for name, value := range m.Labels {
		if labels[name] != value {
			return false
		}
	}
	globs := func(glob string) bool { return status.Glob(glob, slug) }
	return (len(m.Categories) == 0 || slices.Contains(m.Categories, category)) &&
		(len(m.Slugs) == 0 || slices.ContainsFunc(m.Slugs, globs))
}

// name is the alert about an open outage; empty if it is not worth one. Where
// nothing is known any more, what fires goes on: missing data is no recovery.
func (s selection) name(v *board.Service) string {
	was := s.speaking[v.Slug]
	switch {
	case v.Status == status.Unknown:
		return was
	case v.Status < s.config.MinStatus:
		return ""
	case v.Official.Severity == status.Down:
		return vendorDown
	case v.Official.Severity == status.Degraded:
		return vendorDegraded
	case v.HasOfficial && v.Official.Severity == status.Unknown:
		return held(was, v.Outage)
	default:
		return usersReport
	}
}

// held is the alert while the page cannot be read: what the page said last, and
// where nothing has been sent yet, what the record tells of it.
func held(was string, o *status.Outage) string {
	admitted := !o.OfficialStartedAt.IsZero() && o.OfficialEndedAt.IsZero()
	switch {
	case was != "":
		return was
	case admitted && o.Worst == status.Down:
		return vendorDown
	case admitted:
		return vendorDegraded
	default:
		return usersReport
	}
}

// alert is an alert as it begins. Its labels do not change while it fires: no
// counts, no status, nothing an upstream writes.
func (s selection) alert(name string, v *board.Service) history.Alert {
	a, known := alerts.Lookup(name)
	if !known {
		panic("no alert " + name) // the table is part of the binary
	}
	o := v.Outage
	start := s.now
	if age := s.now.Sub(o.DetectedAt); name != outageLong && s.speaking[v.Slug] == "" && o.Reopened == 0 && age >= 0 && age < justNow {
		start = o.DetectedAt
	}
	annotations := a.Annotations(facts(v, s.page(v.Slug)))
	annotations["started_at"] = o.StartedAt.UTC().Format(time.RFC3339)
	return history.Alert{
		Labels: labels(a, v.Slug, v.Labels), Annotations: annotations, Slug: v.Slug, Page: s.page(v.Slug), StartsAt: start,
	}
}

// labels are those of the rules, with all labels of the user, and the way it
// came. Alertmanager takes an empty value for none.
func labels(a alerts.Alert, slug string, user map[string]string) map[string]string {
	out := map[string]string{}
	for name, value := range user {
		if value != "" {
			out[name] = value
		}
	}
	maps.Copy(out, a.Labels(slug))
	out["alertname"], out["slug"], out["via"] = a.Name, slug, "bridge"
	return out
}

func facts(v *board.Service, page string) alerts.Facts {
	f := alerts.Facts{
		Slug: v.Slug, Name: v.Name, HasOfficial: v.HasOfficial, Indicator: v.Official.Indicator,
		Since: v.Outage.StartedAt, BoardURL: page, OfficialURL: v.OfficialURL, IncidentURL: v.Outage.IncidentURL,
	}
	for _, r := range v.Reports {
		f.HasReports = f.HasReports || r.Has1h
		f.Reports1h = max(f.Reports1h, r.Reports1h)
	}
	if i := slices.IndexFunc(v.Official.Incidents, func(in status.Incident) bool { return in.URL != "" }); i >= 0 {
		f.IncidentURL = v.Official.Incidents[i].URL
	}
	return f
}

// ending completes the annotations of an alert that does not fire any more:
// with the end of the outage, or why the alert ended without one.
func ending(snapshot *board.Snapshot) func(history.Alert) map[string]string {
	return func(a history.Alert) map[string]string {
		out := maps.Clone(a.Annotations)
		v := snapshot.Service(a.Slug)
		switch {
		case v == nil:
			out["note"] = "The service is no longer watched: nothing is known of its recovery."
		case v.Outage != nil:
			out["note"] = "The outage goes on: another alert is about it, or the configuration leaves it out."
		case v.LastOutage != nil && !v.LastOutage.Imported:
			out["resolved_at"] = v.LastOutage.ResolvedAt.UTC().Format(time.RFC3339)
		}
		return out
	}
}
