package dashboards

import (
	"fmt"
	"strconv"
	"strings"
)

func service() dashboard {
	return dashboard{
		uid: serviceUID, title: "Downstatus / Service", since: "now-24h",
		description: "One service in depth: what users say, what its page says, since when, and how often.",
		variables:   single(variables("datasource", "job", "namespace", "category", "team", "slug"), "slug"),
		annotations: []annotation{outageMarks(one)},
		sections: []section{
			{"Now", []panel{
				statusOf("Status", "Combined: the worse of what users and page say.", severity), statusOf("Users say", "What user reports alone say.", reported),
				statusOf("Page says", "What the official page alone says, of what is in scope.", official), ownWord(),
				lastingNow(), reportsNow(), maintenanceNow(), lastRead(), about(),
			}},
			{"Over time", []panel{bothSignals(), reportsOf(), components(), readable()}},
			{"Incidents and maintenance", []panel{incidents(), openIncidents(), window()}},
			{"Record", []panel{availabilityOf(), timeIn(), outagesOf(), lastOutage(), delay(), disagreements()}},
		},
	}
}

func statusOf(title, description, metric string) panel {
	return word(view{title: title, description: description + " Grey: it cannot be read.", unit: asIs, none: "no source, or no data", w: 6, h: 4},
		severities, now(title, "max("+ofOne(metric)+")"))
}

// ownWord is the page's own. A replica that has not read the page yet does not
// speak for the others.
func ownWord() panel {
	const metric = "slug_indicator:downstatus_service_official_indicator:max"
	p := word(view{title: "The page's own word", description: "The indicator of the page as a whole, in its own word.", unit: asIs, none: "no page, or no data", w: 6, h: 4}, []mapping{},
		now("{{indicator}}", fmt.Sprintf("max by (indicator) (%s == 1)\n  or on () max by (indicator) (%s == 1)", ofOne(metric, `indicator!="unknown"`), ofOne(metric, `indicator="unknown"`))))
	o := p.Options.(statOptions)
	o.TextMode = "name"
	p.Options = o
	return painted(p, map[string]string{"none": green, "minor": amber, "major": red, "critical": red, "unknown": grey})
}

func lastingNow() panel {
	p := number(view{title: "Outage so far", description: "How long the outage under way has lasted.", unit: lasting, none: "none is known", w: 6, h: 4}, from(red),
		now("Outage so far", "max("+ofOne(duration)+")"))
	return decimals(p, 1)
}

func reportsNow() panel {
	in := func(window string) string {
		return "max(" + ofOne("slug_window:downstatus_service_reports:max", "window="+strconv.Quote(window)) + ")"
	}
	return number(view{title: "Reports now", description: "User reports within the last hour and the last day, of the feed that counts most. The windows overlap.", unit: count, none: "not counted", w: 6, h: 4}, from(plain),
		now("1 hour", in("1h")), now("24 hours", in("24h")))
}

func maintenanceNow() panel {
	return word(view{title: "Maintenance", description: "Whether the page says that maintenance is under way.", unit: asIs, none: "not known", w: 6, h: 4}, maintenance,
		now("Maintenance", "max("+ofOne("slug:downstatus_service_maintenance:max")+")"))
}

func lastRead() panel {
	p := number(view{title: "Newest reading", description: "Age of the newest good reading of any signal. Held: a status is shown only because its source cannot be read during an outage.", unit: lasting, none: "never", w: 6, h: 4}, from(plain, at(900, amber), at(3600, red)),
		now("age", "time() - max("+rawOfOne("downstatus_service_last_success_timestamp_seconds")+")"),
		now("held", "min("+rawOfOne("downstatus_service_stale")+")"))
	p.FieldConfig.Overrides = append(p.FieldConfig.Overrides, override{matcher{"byName", "held"}, []property{
		{"mappings", says(said{0, "not held", plain}, said{1, "held", grey})}, {"unit", asIs},
	}})
	return decimals(p, 0)
}

func about() panel {
	return table(view{title: "About", description: "Names and links of the service.", unit: asIs, none: "–", w: 24, h: 4}, sortBy{false, "Service"}, []column{
		{field: "name", title: "Service"}, {field: "category", title: "Category"}, {field: "team", title: "Team"},
		page("official_url", "Vendor's page", "page"), page("board_url", "Our page", "board"), {field: "namespace", title: "Namespace"},
	}, now("", "max by (namespace, name, category, team, official_url, board_url) ("+ofOne("slug:downstatus_service_info:group")+")"))
}

func bothSignals() panel {
	row := func(legend, metric string) target { return query(legend, "max("+ofOne(metric)+")") }
	return timeline(view{title: "Users and page", description: "Combined status, and each signal alone. Grey is unknown; a gap means that Prometheus had no data.", unit: asIs, none: "–", w: 24, h: 6}, severities,
		row("combined", severity), row("users", reported), row("page", official))
}

func reportsOf() panel {
	return graph(view{title: "User reports", description: "Reports within the last hour, and the most within any hour of the outage under way. Marks are outages.", unit: count, none: "–", w: 24, h: 8},
		query("last hour", "max("+ofOne("slug_window:downstatus_service_reports:max", `window="1h"`)+")"),
		query("peak of the outage", "max("+rawOfOne("downstatus_outage_peak_reports")+")"))
}

func components() panel {
	return history(view{title: "Components", description: "What the page says of each component. Only services that the configuration names have components. Empty if there are none.", unit: asIs, none: "–", w: 24, h: 10}, severities,
		query("{{group}} {{component}}", "max by (group, component) ("+rawOfOne("downstatus_component_severity")+")"))
}

func readable() panel {
	p := timeline(view{title: "Sources", description: "Whether each signal was read recently enough to count.", unit: asIs, none: "–", w: 24, h: 5}, reading,
		query("{{signal}}", "max by (signal) ("+rawOfOne("downstatus_service_signal_up")+")"))
	return p
}

func incidents() panel {
	p := stacked(graph(view{title: "Open incidents", description: "Incidents that the page has open, by impact. One of unknown impact counts as minor. A gap: the page cannot be read.", unit: count, none: "–", w: 12, h: 8},
		query("{{impact}}", "max by (impact) ("+rawOfOne("downstatus_service_incidents")+")")))
	return painted(p, map[string]string{"none": grey, "minor": amber, "major": red, "critical": darkRed})
}

func openIncidents() panel {
	return table(view{title: "Incidents open now", description: "The five gravest, with the vendor's own words behind the link. Empty if there are none.", unit: asIs, none: "–", w: 12, h: 8}, sortBy{false, "Impact"}, []column{
		{field: "impact", title: "Impact", width: 110}, {field: "incident_id", title: "Id"}, page("url", "Incident", "incident"),
	}, now("", "max by (impact, incident_id, url) ("+rawOfOne("downstatus_incident_info")+")"))
}

func window() panel {
	stamp := func(metric string) string { return "1000 * max(" + ofOne(metric) + ")" }
	return number(view{title: "Maintenance window", description: "The current or next one that the page announces.", unit: clock, none: "none is known", w: 24, h: 4}, from(plain),
		now("starts", stamp("slug:downstatus_service_maintenance_start_timestamp_seconds:min")), now("ends", stamp("slug:downstatus_service_maintenance_end_timestamp_seconds:max")))
}

// availabilityOf has three windows from recording rules; the fourth is cheap for
// one service alone.
func availabilityOf() panel {
	operational, known := ofOne("slug:downstatus_service_operational_seconds:rate5m"), ofOne("slug:downstatus_service_known_seconds:rate5m")
	recorded := func(window string) string { return "min(" + ofOne(availability+window) + ")" }
	p := number(view{title: "Availability", description: "Share of the known time in which the service was neither degraded nor down; of what Prometheus has, if that is less than the window.", unit: share, none: "not known yet", w: 12, h: 5}, ratios,
		now("1 day", recorded("1d")), now("7 days", recorded("7d")), now("30 days", recorded("30d")),
		now("90 days", fmt.Sprintf("min(\n  sum_over_time(%s[90d])\n  / (sum_over_time(%s[90d]) > 0)\n)", operational, known)))
	return decimals(p, 3)
}

func timeIn() panel {
	p := bars(view{title: "Time in each status", description: "Within the time shown, by the exporter's own count. Time in which nobody looked is unknown.", unit: lasting, none: "–", w: 12, h: 5}, from(grey),
		now("{{status}}", "max by (status) (increase("+rawOfOne("downstatus_service_status_seconds_total")+"[$__range]))"))
	return painted(decimals(p, 1), map[string]string{"operational": green, "degraded": amber, "down": red, "unknown": grey})
}

func outagesOf() panel {
	return number(view{title: "Outages", description: "That began within the time shown, by who saw them first.", unit: count, none: "not known yet", w: 6, h: 4}, from(plain),
		now("users", outagesBy("user_reports")), now("page", outagesBy("official_status_page")))
}

func outagesBy(signal string) string {
	return "round(max(" + strings.ReplaceAll(outages(fmt.Sprintf("signal=%q", signal)), chosen, one) + "))"
}

func lastOutage() panel {
	return decimals(number(view{title: "Last outage lasted", description: "The newest one that is over.", unit: lasting, none: "none is known", w: 6, h: 4}, from(plain),
		now("Last outage", "max("+rawOfOne("downstatus_last_outage_duration_seconds")+")")), 1)
}

func delay() panel {
	return number(view{title: "The page was late by", description: "In the newest outage that both saw: start by the page less start by users. Negative: the page was first.", unit: secs, none: "none is known", w: 6, h: 4}, late,
		now("delay", "max("+rawOfOne("downstatus_last_outage_official_delay_seconds")+")"))
}

// late is about a page: first, or behind its users.
var late = from(green, at(0, plain), at(300, amber), at(1800, red))

func disagreements() panel {
	return number(view{title: "Feed against detector", description: "How often the feed's verdict and that of our own detector came apart within the time shown.", unit: count, none: "not known yet", w: 6, h: 4}, from(plain),
		now("disagreements", "round(max(increase("+rawOfOne("downstatus_signal_disagreements_total")+"[$__range])))"))
}
