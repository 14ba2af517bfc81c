package dashboards

import "fmt"

// Conditions on the recorded severities of a service.
var (
	isDown      = of(severity) + " == bool 2"
	isDegraded  = of(severity) + " == bool 1"
	isUnknown   = of(severity) + " == bool -1"
	usersSuffer = of(reported) + " >= bool 1"
	pageAdmits  = of(official) + " >= bool 1"
	// A page that cannot be read denies nothing.
	unadmitted = "(" + usersSuffer + ") * (" + of(official) + " == bool 0)"
)

func vendors() dashboard {
	return dashboard{
		uid: vendorsUID, title: "Downstatus / Vendors compared", since: "now-7d",
		description: "How well each vendor did, and how honest its page was about it.",
		variables:   variables("datasource", "job", "namespace", "category", "team", "slug"),
		annotations: []annotation{},
		sections: []section{
			{"All of them", []panel{compared(), mean(), outagesInAll(), silence(), latest()}},
			{"The honesty table", []panel{honesty()}},
			{"Compared", []panel{leastAvailable(), longestDown(), mostLate(), mostSilent(), overTime(), atOnce()}},
		},
	}
}

func compared() panel {
	return number(view{title: "Services", description: "Services compared here.", unit: count, none: "no data", w: 4, h: 4}, from(plain),
		now("Services", "count("+services("slug", of(severity))+")"))
}

func mean() panel {
	return decimals(number(view{title: "Mean availability, 30 days", description: "Of all services, of the known time.", unit: share, none: "not known yet", w: 5, h: 4}, ratios,
		now("Mean", "avg("+services("slug", of(availability+"30d"))+")")), 3)
}

func outagesInAll() panel {
	return number(view{title: "Outages", description: "That began within the time shown.", unit: count, none: "not known yet", w: 5, h: 4}, from(plain),
		now("Outages", "sum(round("+services("slug", outages())+"))"))
}

func silence() panel {
	return number(view{
		title: "Trouble that pages denied", description: "Of the time in which users reported trouble: the share in which the vendor's page could be read and said operational. Without trouble there is no figure.",
		unit: share, none: "no trouble", w: 5, h: 4,
	}, from(plain, at(0.1, amber), at(0.5, red)), now("denied", fmt.Sprintf("sum(%s)\n  / (sum(%s) > 0)", services("slug", seconds(unadmitted)), services("slug", seconds(usersSuffer)))))
}

func latest() panel {
	return number(view{title: "Median delay of pages", description: "Of each service the newest outage that both saw: start by the page less start by users. Negative: the page was first.", unit: secs, none: "none is known", w: 5, h: 4}, late,
		now("delay", "quantile(0.5, "+services("slug", raw("downstatus_last_outage_official_delay_seconds"))+")"))
}

func honesty() panel {
	return table(view{
		title: "How well, and how honest", description: "Availability is of the known time. Outages and times are within the time shown, by minutes. Denied: users reported trouble while the page could be read and said operational. Late: in the newest outage that both saw; negative if the page was first.",
		unit: asIs, none: "–", w: 24, h: 16,
	}, sortBy{true, "Denied"}, []column{
		name(), {field: "category", title: "Category", width: 110},
		{field: "B", title: "Availability 7d", unit: share, steps: &ratios}, {field: "C", title: "Availability 30d", unit: share, steps: &ratios},
		{field: "D", title: "Outages", unit: count}, {field: "E", title: "Seen first by users", unit: count},
		{field: "F", title: "Down", unit: lasting}, {field: "G", title: "Degraded", unit: lasting},
		{field: "H", title: "Users complained", unit: lasting}, {field: "I", title: "Page admitted", unit: lasting}, {field: "J", title: "Denied", unit: lasting},
		{field: "K", title: "Late", unit: secs, steps: &late}, {field: "L", title: "Unknown", unit: lasting},
		page("official_url", "Vendor's page", "page"), hiddenSlug,
	},
		now("", "max by (slug, name, category, official_url) ("+described+")"),
		now("", services("slug", of(availability+"7d"))),
		now("", services("slug", of(availability+"30d"))),
		now("", "round("+services("slug", outages())+")"),
		now("", "round("+services("slug", outages(`signal="user_reports"`))+")"),
		now("", services("slug", seconds(isDown))),
		now("", services("slug", seconds(isDegraded))),
		now("", services("slug", seconds(usersSuffer))),
		now("", services("slug", seconds(pageAdmits))),
		now("", services("slug", seconds(unadmitted))),
		now("", services("slug", raw("downstatus_last_outage_official_delay_seconds"))),
		now("", services("slug", seconds(isUnknown))),
	)
}

func leastAvailable() panel {
	return decimals(between(bars(view{title: "Least available, 30 days", description: "The ten services with the lowest availability.", unit: share, none: "not known yet", w: 12, h: 9}, ratios,
		now("{{name}}", "sort(bottomk(10, "+services("slug, name", of(availability+"30d"))+"))")), 0, 1), 3)
}

func longestDown() panel {
	return decimals(bars(view{title: "Longest in trouble", description: "The ten services that were degraded or down longest within the time shown.", unit: lasting, none: "–", w: 12, h: 9}, from(amber),
		now("{{name}}", "sort_desc(topk(10, "+services("slug, name", seconds(of(severity)+" >= bool 1"))+"))")), 1)
}

func mostLate() panel {
	return bars(view{title: "Latest pages", description: "The ten pages that were latest in the newest outage that users saw, too.", unit: secs, none: "none is known", w: 12, h: 9}, late,
		now("{{name}}", "sort_desc(topk(10, "+services("slug, name", raw("downstatus_last_outage_official_delay_seconds"))+"))"))
}

func mostSilent() panel {
	return decimals(bars(view{title: "Longest denied", description: "The ten pages that said operational longest while users reported trouble, within the time shown.", unit: lasting, none: "–", w: 12, h: 9}, from(amber),
		now("{{name}}", "sort_desc(topk(10, "+services("slug, name", seconds(unadmitted))+"))")), 1)
}

func overTime() panel {
	return between(graph(view{title: "Availability over a day", description: "The last day at every moment, for the ten services with the lowest value now.", unit: share, none: "–", w: 12, h: 9},
		query("{{name}}", fmt.Sprintf("%s and on (slug) bottomk(10, max by (slug) (%s @ end() * on (namespace, slug) group_left () %s @ end()))",
			services("slug, name", of(availability+"1d")), of(availability+"1d"), described))), 0, 1)
}

func atOnce() panel {
	in := func(condition string) string { return "sum(" + services("slug", "("+condition+")") + ")" }
	return painted(graph(view{title: "Services in trouble at once", description: "By users, by official pages, and combined.", unit: count, none: "–", w: 12, h: 9},
		query("users", in(usersSuffer)), query("pages", in(pageAdmits)), query("combined", in(of(severity)+" >= bool 1"))),
		map[string]string{"users": amber, "pages": blue, "combined": red})
}
