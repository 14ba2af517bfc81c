package dashboards

import "fmt"

func overview() dashboard {
	return dashboard{
		uid: overviewUID, title: "Downstatus / Overview", since: "now-6h",
		description: "Which services are in trouble now, since when, who says so, and where the vendor's own words are.",
		variables:   variables("datasource", "job", "namespace", "category", "team", "slug"),
		annotations: []annotation{outageMarks(chosen)},
		sections: []section{
			{"Now", []panel{
				inState("Down", 2, red), inState("Degraded", 1, amber), inState("Unknown", -1, grey),
				maintained(), inState("Operational", 0, green), failing(), inTrouble(), openOutages(),
			}},
			{"Who says so", []panel{whoSays(), reports()}},
			{"Also", []panel{unreadable(), windows(), firing()}},
		},
	}
}

// inState counts services. Where nothing is known there is no figure, not even 0.
func inState(title string, value int, color string) panel {
	return number(view{
		title: title, description: "Services whose combined status, of users and of the official page, is " + severityWord(value) + ".",
		unit: count, none: "no data", w: 4, h: 4,
	}, from(plain, at(1, color)), now(title, fmt.Sprintf("sum(%s == bool %d)", services("slug", of(severity)), value)))
}

func severityWord(value int) string {
	return [...]string{"unknown", "operational", "degraded", "down"}[value+1]
}

func maintained() panel {
	return number(view{
		title: "In maintenance", description: "Services whose page says that maintenance is under way. It is no outage.", unit: count, none: "no data", w: 4, h: 4,
	}, from(plain, at(1, blue)), now("In maintenance", "sum("+services("slug", of("slug:downstatus_service_maintenance:max"))+")"))
}

func failing() panel {
	return linked(number(view{
		title: "Sources unreadable", description: "Pages and feeds that no replica can read. What they would say is unknown. If there are many, look at your own way out first.",
		unit: share, none: "no data", w: 4, h: 4,
	}, from(plain, at(0.001, amber), at(0.3, red)), now("Sources unreadable", `(sum(namespace:downstatus_sources_failing:count{namespace=~"$namespace"}) or 0 * sum(namespace:downstatus_sources:count{namespace=~"$namespace"}))
  / sum(namespace:downstatus_sources:count{namespace=~"$namespace"})`)),
		link{Title: "The exporter", URL: "/d/" + exporterUID + "?" + params([]string{"datasource", "job", "namespace"}) + "&${__url_time_range}"})
}

// inTrouble says nothing where nothing is known, and that all is well only of
// what can be read.
func inTrouble() panel {
	every := services("slug, name", of(severity))
	return linked(tiles(view{
		title: "In trouble now", description: "Services that are degraded or down, the gravest first. Follow one to see it in depth.", unit: asIs, none: "no data: see the Exporter dashboard", w: 24, h: 5,
	}, severities,
		now("{{name}}", fmt.Sprintf("sort_desc(%s > 0)", every)),
		now("Everything that can be read", fmt.Sprintf("max(%s) <= 0", every)),
	), link{Title: "This service in depth", URL: "/d/" + serviceUID + "?var-slug=${__field.labels.slug}&" + params([]string{"datasource", "job", "namespace"}) + "&${__url_time_range}"})
}

func openOutages() panel {
	open := func(expr string) string { return expr + " and on (slug) " + of(duration) }
	return table(view{
		title: "Open outages", description: "Every outage under way: since when, who saw it first, what users and page say now, and where the vendor writes about it. Empty if there is none.",
		unit: asIs, none: "–", w: 24, h: 9,
	}, sortBy{true, "Lasting"}, []column{
		name(), {field: "category", title: "Category", width: 110}, {field: "team", title: "Team", width: 110},
		{field: "C", title: "Status", words: severities, width: 110},
		{field: "A", title: "Started", unit: clock, width: 170}, {field: "B", title: "Lasting", unit: lasting, width: 190},
		{field: "signal", title: "Seen first by", words: signals, width: 130},
		{field: "D", title: "Users say", words: severities, width: 110}, {field: "E", title: "Page says", words: severities, width: 110},
		{field: "F", title: "Reports in 1h", unit: count, width: 120},
		page("url", "Incident", "incident"), page("official_url", "Vendor's page", "page"), page("board_url", "Our page", "board"), hiddenSlug,
	},
		now("", fmt.Sprintf("1000 * bottomk by (slug) (1, min by (slug, name, category, team, signal, official_url, board_url) (\n  %s\n  * on (namespace, slug) group_left (name, category, team, official_url, board_url) %s\n))",
			raw("downstatus_outage_start_timestamp_seconds"), described)),
		now("", services("slug", of(duration))),
		now("", open(services("slug", of(severity)))),
		now("", open(services("slug", of(reported)))),
		now("", open(services("slug", of(official)))),
		now("", open(services("slug", reportsIn("1h")))),
		now("", open("topk by (slug) (1, "+services("slug, url", of("slug:downstatus_incident_info:topk"))+")")),
	)
}

var signals = []mapping{{Type: "value", Options: map[string]result{
	"user_reports": {Index: 0, Text: "users"}, "official_status_page": {Index: 1, Text: "page"},
}}}

func reportsIn(window string) string {
	return fmt.Sprintf("slug_window:downstatus_service_reports:max{%s,window=%q}", chosen, window)
}

// whoSays has two rows a service, one below the other, so that the eye sees who
// was first.
func whoSays() panel {
	says := func(metric, who string) string {
		return fmt.Sprintf("label_replace(%s, \"who\", %q, \"\", \"\")", services("slug, name", of(metric)), who)
	}
	return timeline(view{
		title: "Users and page, side by side", description: "What users say and what the vendor's page says, for the twelve services in the gravest trouble within the time shown. Grey is unknown: the source could not be read.",
		unit: asIs, none: "–", w: 24, h: 14,
	}, severities, query("{{name}}: {{who}}", fmt.Sprintf("(%s or %s) and on (slug) %s", says(official, "page"), says(reported, "users"), troubled)))
}

func reports() panel {
	return graph(view{
		title: "User reports", description: "Reports within the last hour, for the ten services with the most of them in the time shown. Marks are outages.", unit: count, none: "–", w: 24, h: 9,
	}, query("{{name}}", fmt.Sprintf("%s and on (slug) topk(10, %s)", services("slug, name", reportsIn("1h")),
		fmt.Sprintf("max by (slug) (\n  max_over_time(%s[$__range] @ end())\n  * on (namespace, slug) group_left () %s @ end()\n)", reportsIn("1h"), described))))
}

func unreadable() panel {
	return table(view{
		title: "Signals that cannot be read", description: "Services with a page or feed that has not been read for too long, and the status that is shown in spite of it.", unit: asIs, none: "–", w: 12, h: 8,
	}, sortBy{false, "Service"}, []column{
		name(), {field: "signal", title: "Not read", words: signals}, {field: "A", title: "Status shown", words: severities}, hiddenSlug,
	}, now("", services("slug, name, signal", fmt.Sprintf("((max by (namespace, slug, signal) (%s) == 0) + on (namespace, slug) group_left () %s)", raw("downstatus_service_signal_up"), of(severity)))))
}

func windows() panel {
	return table(view{
		title: "Maintenance", description: "What vendors announce or are doing: the current or next window of each.", unit: asIs, none: "–", w: 12, h: 8,
	}, sortBy{false, "Starts"}, []column{
		name(), {field: "A", title: "Starts", unit: clock}, {field: "B", title: "Ends", unit: clock}, {field: "C", title: "Under way", words: maintenance, width: 110}, hiddenSlug,
	},
		now("", "1000 * "+services("slug, name", of("slug:downstatus_service_maintenance_start_timestamp_seconds:min"))),
		now("", "1000 * "+services("slug", of("slug:downstatus_service_maintenance_end_timestamp_seconds:max"))),
		now("", services("slug", of("slug:downstatus_service_maintenance:max"))+" and on (slug) "+of("slug:downstatus_service_maintenance_start_timestamp_seconds:min")),
	)
}

// firing are our alerts, those about the exporter included. Services and the
// rest are matched alike: the latter have no slug.
func firing() panel {
	runbook := link{TargetBlank: true, Title: "What to do", URL: runbooks + "/${__data.fields.alertname}.md"}
	return table(view{
		title: "Firing alerts", description: "Alerts of the exporter's rules that fire now. The name leads to the runbook. DownstatusWatchdog always fires.", unit: asIs, none: "–", w: 24, h: 8,
	}, sortBy{false, "Severity"}, []column{
		{field: "alertname", title: "Alert", link: &runbook}, {field: "severity", title: "Severity", words: urgency, width: 110},
		{field: "slug", title: "Service"}, {field: "source", title: "Source"}, {field: "team", title: "Team"},
	}, now("", `max by (alertname, severity, slug, source, team) (ALERTS{alertname=~"Downstatus.*",alertstate="firing",namespace=~"$namespace",slug=~"$slug|"})`))
}

var urgency = []mapping{{Type: "value", Options: map[string]result{
	"critical": {Color: red, Index: 0, Text: "critical"}, "warning": {Color: amber, Index: 1, Text: "warning"},
	"info": {Color: blue, Index: 2, Text: "info"}, "none": {Color: plain, Index: 3, Text: "none"},
}}}
