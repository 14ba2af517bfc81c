package dashboards

func exporter() dashboard {
	return dashboard{
		uid: exporterUID, title: "Downstatus / Exporter", since: "now-6h",
		description: "Whether the exporter itself is well: what it cannot see, keep or send.",
		variables:   variables("datasource", "job", "namespace"),
		annotations: []annotation{},
		sections: []section{
			{"Now", []panel{replicas(), sources(), sourcesFailing(), storeUp(), configLoaded(), held()}},
			{"What it reads", []panel{sourceStates(), sourceTable()}},
			{"Polls", []panel{latency(), quantiles(), polls(), failures(), age(), surprises()}},
			{"Bridge to Alertmanager", []panel{delivered(), undelivered(), refusals(), queued()}},
			{"Process", []panel{series(), memory(), processor(), goroutines(), scrapes(), storeErrors()}},
		},
	}
}

// self selects series of the exporter as a whole.
func self(metric string) string { return metric + "{" + ours + "}" }

// recordedOf selects a recording rule that has neither job nor slug.
func recordedOf(metric string) string { return metric + `{namespace=~"$namespace"}` }

func rate(metric string) string {
	return "rate(" + self(metric) + "[$__rate_interval])"
}

func replicas() panel {
	return number(view{title: "Replicas", description: "Exporters that Prometheus scrapes, by version.", unit: count, none: "none", w: 4, h: 4}, from(plain),
		now("{{version}}", "count by (version) ("+self("downstatus_exporter_build_info")+")"))
}

func sources() panel {
	return number(view{title: "Sources", description: "Pages and feeds that are polled. One page may serve several services.", unit: count, none: "no data", w: 4, h: 4}, from(plain),
		now("Sources", "sum("+recordedOf("namespace:downstatus_sources:count")+")"))
}

func sourcesFailing() panel {
	return number(view{title: "Unreadable", description: "Sources that no replica can read. Over 30 % at once: probably your own way out.", unit: count, none: "no data", w: 4, h: 4}, from(plain, at(1, amber)),
		now("Unreadable", "sum("+recordedOf("namespace:downstatus_sources_failing:count")+")\n  or 0 * sum("+recordedOf("namespace:downstatus_sources:count")+")"))
}

func storeUp() panel {
	return word(view{title: "Store", description: "Whether outages and counters are kept, by the worst replica.", unit: asIs, none: "no data", w: 4, h: 4}, says(said{0, "failing", red}, said{1, "working", green}),
		now("Store", "min("+recordedOf("namespace:downstatus_store_up:min")+")"))
}

func configLoaded() panel {
	return word(view{title: "Configuration", description: "Whether the last attempt to load it succeeded, by the worst replica. If not, the one before is in force.", unit: asIs, none: "no data", w: 4, h: 4}, says(said{0, "refused", red}, said{1, "loaded", green}),
		now("Configuration", "min("+recordedOf("namespace:downstatus_config_last_reload_successful:min")+")"))
}

func held() panel {
	return number(view{title: "Held, or unknown", description: "Services whose status is shown only because an outage is open and its source cannot be read, and services of which nothing is known.", unit: count, none: "no data", w: 4, h: 4}, from(plain, at(1, amber)),
		now("held", "sum(min by (namespace, slug) ("+self("downstatus_service_stale")+"))"),
		now("unknown", "sum("+recordedOf(severity)+" == bool -1)"))
}

func sourceStates() panel {
	return timeline(view{title: "Sources that failed", description: "Those that were not read at some moment of the time shown, the twenty worst. Read: by at least one replica.", unit: asIs, none: "–", w: 24, h: 9}, reading,
		query("{{source}}", "max by (source) ("+recordedOf("source:downstatus_source_up:max")+")\n  and on (source) bottomk(20, max by (source) (avg_over_time("+recordedOf("source:downstatus_source_up:max")+"[$__range] @ end())) < 1)"))
}

func sourceTable() panel {
	joined := func(expr string) string { return "max by (source) (" + expr + ")" }
	return table(view{title: "All sources", description: "What each is, whether it can be read, when it was last, and how often its polls failed within the time shown.", unit: asIs, none: "–", w: 24, h: 10}, sortBy{true, "Failed"}, []column{
		{field: "source", title: "Source"}, {field: "engine", title: "Engine", width: 130}, {field: "host", title: "Host"},
		{field: "B", title: "Now", words: reading, width: 110}, {field: "C", title: "Last read", unit: "dateTimeFromNow"},
		{field: "D", title: "Polls", unit: count}, {field: "E", title: "Failed", unit: count}, {field: "F", title: "Unknown words", unit: count}, {field: "G", title: "Engine changes", unit: count},
	},
		now("", "max by (source, engine, host) ("+self("downstatus_source_info")+")"),
		now("", joined(recordedOf("source:downstatus_source_up:max"))),
		now("", "1000 * "+joined(self("downstatus_source_last_success_timestamp_seconds"))),
		now("", "round("+joined("increase("+self("downstatus_source_polls_total")+"[$__range])")+")"),
		now("", "round("+joined("increase("+self("downstatus_source_poll_failures_total")+"[$__range])")+")"),
		now("", joined("sum without (field) ("+self("downstatus_source_unknown_values_total")+")")+"\n  or 0 * "+joined(self("downstatus_source_info"))),
		now("", joined(self("downstatus_source_engine_changes_total"))),
	)
}

func latency() panel {
	return heatmap(view{title: "Poll latency", description: "How long polls took, failed ones included: the darker, the more.", unit: secs, none: "–", w: 12, h: 9},
		"sum by (le) (increase("+self("downstatus_poll_duration_seconds_bucket")+"[$__rate_interval]))")
}

func quantiles() panel {
	return graph(view{title: "Poll latency by engine, 95 %", description: "95 % of the polls took at most so long.", unit: secs, none: "–", w: 12, h: 9},
		query("{{engine}}", "histogram_quantile(0.95, sum by (le, engine) ("+rate("downstatus_poll_duration_seconds_bucket")+"))"))
}

func polls() panel {
	return stacked(graph(view{title: "Polls by engine", description: "Polls a second, of all replicas.", unit: "reqps", none: "–", w: 12, h: 9},
		query("{{engine}}", "sum by (engine) ("+rate("downstatus_poll_duration_seconds_count")+")")))
}

func failures() panel {
	return stacked(graph(view{title: "Failed polls by reason", description: "Failures a second, of all replicas. The documentation of the metrics says what each reason means.", unit: "reqps", none: "–", w: 12, h: 9},
		query("{{engine}}: {{reason}}", "sum by (engine, reason) ("+rate("downstatus_poll_failures_total")+") > 0")))
}

func age() panel {
	return graph(view{title: "Age of readings", description: "Time since the last good poll, of the ten sources that were read longest ago. By default a signal is unknown after 15 minutes.", unit: secs, none: "–", w: 12, h: 9},
		query("{{source}}", "topk(10, time() - max by (source) ("+self("downstatus_source_last_success_timestamp_seconds")+" > 0))"))
}

func surprises() panel {
	return bars(view{title: "Words that no table knows", description: "What sources said that the exporter does not understand, since it started, by source and field. It reads as unknown: please report it.", unit: count, none: "no data", w: 12, h: 9}, from(plain, at(1, amber)),
		now("{{source}} {{field}}", "sort_desc(\n  topk(10, max by (source, field) ("+self("downstatus_source_unknown_values_total")+") > 0)\n  or on () label_replace(0 * sum("+recordedOf("namespace:downstatus_sources:count")+"), \"source\", \"none\", \"\", \"\")\n)"))
}

func delivered() panel {
	return graph(view{title: "Delivered", description: "Alerts a second that each Alertmanager accepted, re-sent ones included. Empty without a bridge.", unit: "ops", none: "–", w: 6, h: 8},
		query("{{peer}}", "sum by (peer) ("+rate("downstatus_bridge_alerts_sent_total")+")"))
}

func undelivered() panel {
	return graph(view{title: "Not delivered", description: "Alerts a second that failed in any way, and that found no room in the queue.", unit: "ops", none: "–", w: 6, h: 8},
		query("{{peer}}: failed", "sum by (peer) ("+recordedOf("peer:downstatus_bridge_alerts_failed:rate5m")+")"),
		query("{{peer}}: no room", "sum by (peer) ("+recordedOf("peer:downstatus_bridge_alerts_dropped:rate5m")+")"))
}

func refusals() panel {
	return bars(view{title: "Failed by reason", description: "Alerts that each attempt could not deliver, within the time shown, of all replicas.", unit: count, none: "no bridge", w: 6, h: 8}, from(plain, at(1, amber)),
		now("{{peer}}: {{reason}}", "round(sum by (peer, reason) (increase("+self("downstatus_bridge_alerts_failed_total")+"[$__range])))"))
}

func queued() panel {
	return graph(view{title: "Queue", description: "Alerts that wait to be sent, of the replica where most wait.", unit: count, none: "–", w: 6, h: 8},
		query("{{peer}}", "max by (peer) ("+self("downstatus_bridge_queue_length")+")"))
}

func series() panel {
	return graph(view{title: "Series", description: "Series that a scrape of each replica brings, and components that are left out because their service has more than the cap.", unit: count, none: "–", w: 8, h: 8},
		query("{{instance}}", perReplica("scrape_samples_scraped{"+ours+"}")),
		query("left out", "sum("+recordedOf("slug:downstatus_dropped_series:max")+")"))
}

func memory() panel {
	return graph(view{title: "Memory", description: "What each replica holds, and its Go heap in use.", unit: bytesOf, none: "–", w: 8, h: 8},
		query("{{instance}}", perReplica(self("process_resident_memory_bytes"))), query("{{instance}}: heap", perReplica(self("go_memstats_heap_inuse_bytes"))))
}

// perReplica leaves out other programs of the same job.
func perReplica(expr string) string {
	return "max by (instance) (" + expr + " and on (job, instance) " + self("downstatus_exporter_build_info") + ")"
}

func processor() panel {
	return graph(view{title: "Processor", description: "Share of one core that each replica uses.", unit: share, none: "–", w: 8, h: 8}, query("{{instance}}", perReplica(rate("process_cpu_seconds_total"))))
}

func goroutines() panel {
	return graph(view{title: "Goroutines and files", description: "Goroutines and open files of each replica: they do not grow.", unit: count, none: "–", w: 8, h: 8},
		query("{{instance}}: goroutines", perReplica(self("go_goroutines"))), query("{{instance}}: files", perReplica(self("process_open_fds"))))
}

func scrapes() panel {
	return graph(view{title: "Scrape duration", description: "How long Prometheus waited for the metrics of each replica.", unit: secs, none: "–", w: 8, h: 8},
		query("{{instance}}", perReplica("scrape_duration_seconds{"+ours+"}")))
}

func storeErrors() panel {
	return graph(view{title: "Errors of the store", description: "Operations a second that failed.", unit: "ops", none: "–", w: 8, h: 8},
		query("{{op}}", "sum by (op) ("+rate("downstatus_store_errors_total")+")"))
}
