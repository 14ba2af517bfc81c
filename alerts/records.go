package alerts

import (
	"fmt"
	"strings"
	"time"
)

// record is one recording rule.
type record struct {
	name, why, expr string
}

// largest takes the largest of all replicas: where they differ, one of them has
// seen trouble, or has read what another has not.
func largest(level, metric string) record {
	by := strings.ReplaceAll(level, "_", ", ")
	return record{name: level + ":" + metric + ":max", expr: fmt.Sprintf("max by (namespace, %s) (%s)", by, metric)}
}

// held keeps what a signal said last while it cannot be read and the exporter
// still shows an outage that is at least as bad.
func held(metric, who string) record {
	name := "slug:" + metric + ":"
	return record{
		name: name + "held",
		why: fmt.Sprintf(`A dead %s neither resolves nor fires: while it is unknown, trouble that it
admitted stands for as long as the exporter holds the outage open.`, who),
		expr: fmt.Sprintf(`(%[1]smax >= 0)
  or on (namespace, slug)
(
  (last_over_time(%[1]sheld[10m]) > 0)
    <= on (namespace, slug) slug:downstatus_service_severity:max
  and on (namespace, slug) %[1]smax == -1
)`, name),
	}
}

var serviceRecords = []record{
	largest("slug", "downstatus_service_severity"),
	largest("slug", "downstatus_service_official_severity"),
	largest("slug", "downstatus_service_reports_severity"),
	held("downstatus_service_official_severity", "page"),
	held("downstatus_service_reports_severity", "feed"),
	{
		name: "slug:downstatus_service_info:group",
		why:  "What an alert takes its names, links and labels from: one series a service,\nalso while two replicas describe it differently.",
		expr: `topk by (namespace, slug) (1,
  group without (instance, pod, container, endpoint, service, job) (downstatus_service_info)
)`,
	},
	largest("slug", "downstatus_outage_duration_seconds"),
	{
		name: "slug:downstatus_outage_start_timestamp_seconds:min",
		expr: "min by (namespace, slug) (downstatus_outage_start_timestamp_seconds)",
	},
	largest("slug_indicator", "downstatus_service_official_indicator"),
	largest("slug_window", "downstatus_service_reports"),
	{
		name: "slug:downstatus_incident_info:topk",
		why:  "The most severe open incident that has an address.",
		expr: `topk by (namespace, slug) (1,
  4 * group by (namespace, slug, incident_id, impact, url) (downstatus_incident_info{impact="critical",url!=""})
  or 3 * group by (namespace, slug, incident_id, impact, url) (downstatus_incident_info{impact="major",url!=""})
  or 2 * group by (namespace, slug, incident_id, impact, url) (downstatus_incident_info{impact=~"minor|unknown",url!=""})
  or group by (namespace, slug, incident_id, impact, url) (downstatus_incident_info{impact="none",url!=""})
)`,
	},
	largest("slug", "downstatus_service_maintenance"),
	{
		name: "slug:downstatus_service_maintenance_start_timestamp_seconds:min",
		expr: "min by (namespace, slug) (downstatus_service_maintenance_start_timestamp_seconds)",
	},
	largest("slug", "downstatus_service_maintenance_end_timestamp_seconds"),
}

var exporterRecords = []record{
	largest("source", "downstatus_source_up"),
	{
		name: "namespace:downstatus_sources:count",
		expr: "count by (namespace) (source:downstatus_source_up:max)",
	},
	{
		name: "namespace:downstatus_sources_failing:count",
		expr: "count by (namespace) (source:downstatus_source_up:max == 0)",
	},
	{
		name: "namespace:downstatus_store_up:min",
		expr: "min by (namespace) (downstatus_store_up)",
	},
	{
		name: "namespace:downstatus_config_last_reload_successful:min",
		expr: "min by (namespace) (downstatus_config_last_reload_successful)",
	},
	largest("slug", "downstatus_dropped_series"),
	{
		name: "peer:downstatus_bridge_alerts_failed:rate5m",
		expr: "sum by (namespace, peer) (rate(downstatus_bridge_alerts_failed_total[5m]))",
	},
	{
		name: "peer:downstatus_bridge_alerts_dropped:rate5m",
		expr: "sum by (namespace, peer) (rate(downstatus_bridge_alerts_dropped_total[5m]))",
	},
}

// sample is how often the shares of time are taken. A sum of them over a window
// costs a hundredth of increase() over the raw counters, and a month of these
// is too much for one query.
const sample = 5 * time.Minute

var availabilityRecords = []record{
	{
		name: "slug:downstatus_service_operational_seconds:rate5m",
		expr: `sum by (namespace, slug) (rate(downstatus_service_status_seconds_total{status="operational"}[5m]))`,
	},
	{
		name: "slug:downstatus_service_known_seconds:rate5m",
		expr: `sum by (namespace, slug) (rate(downstatus_service_status_seconds_total{status!="unknown"}[5m]))`,
	},
	availability("1h"), availability("1d"), availability("7d"), availability("30d"),
}

// availability is the share of the time that is known. Nothing known, nothing
// said.
func availability(window string) record {
	return record{
		name: "slug:downstatus_service_availability:ratio" + window,
		expr: fmt.Sprintf(`sum_over_time(slug:downstatus_service_operational_seconds:rate5m[%[1]s])
  / (sum_over_time(slug:downstatus_service_known_seconds:rate5m[%[1]s]) > 0)`, window),
	}
}
