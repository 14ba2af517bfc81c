package alerts

import "time"

// exporterAlerts are about the exporter: what it cannot see or keep or send.
var exporterAlerts = []Alert{
	{
		Name: "DownstatusSourceStale",
		Why:  "By the best of all replicas: what one of them reads is known.",
		Expr: "source:downstatus_source_up:max == 0",
		For:  30 * time.Minute, KeepFiringFor: gap,
		Severity: Warning, Dashboard: exporterDashboard,
		Summary:     "A source has not been read for half an hour.",
		Description: "No poll of {{ $labels.source }} has succeeded for 30 minutes. What it would say is unknown.",
	},
	{
		Name: "DownstatusManySourcesFailing",
		Why: `Vendors rarely fail together: look at your own way out first. One source
alone is never many.`,
		Expr: `(namespace:downstatus_sources_failing:count / namespace:downstatus_sources:count > 0.3)
  and namespace:downstatus_sources_failing:count > 1`,
		For: 10 * time.Minute, KeepFiringFor: gap,
		Severity: Critical, Dashboard: exporterDashboard,
		Summary:     "Many sources cannot be read: probably our own way out.",
		Description: "{{ $value | humanizePercentage }} of all sources have not been read for 10 minutes. Of the services behind them nothing new is known.",
	},
	{
		Name: "DownstatusStoreFailing",
		Expr: "namespace:downstatus_store_up:min == 0",
		For:  5 * time.Minute, KeepFiringFor: gap,
		Severity: Warning, Dashboard: exporterDashboard,
		Summary:     "The exporter's store cannot be written.",
		Description: "Outages and counters of the last minutes would be lost by a restart.",
	},
	{
		Name: "DownstatusConfigReloadFailed",
		Expr: "namespace:downstatus_config_last_reload_successful:min == 0",
		For:  5 * time.Minute, KeepFiringFor: gap,
		Severity: Warning, Dashboard: exporterDashboard,
		Summary:     "The exporter's configuration could not be loaded.",
		Description: "The configuration before it is still in force. The log says what is wrong, with its line.",
	},
	{
		Name: "DownstatusExporterAbsent",
		Why: `Of all replicas, whatever the scrape job is called. The name of a label that
absent() should show would have to be in its selector.`,
		Expr:     "absent(downstatus_exporter_build_info)",
		For:      gap / 2,
		Severity: Critical, Dashboard: exporterDashboard,
		Summary:     "The exporter has disappeared: outages of vendors would not be seen.",
		Description: "Prometheus has had no metrics of downstatus_exporter for 5 minutes. Alerts about vendors that fire now resolve soon, without a recovery.",
	},
	{
		Name: "DownstatusSeriesDropped",
		Expr: "slug:downstatus_dropped_series:max > 0",
		For:  15 * time.Minute, KeepFiringFor: gap,
		Severity: Warning, Dashboard: exporterDashboard,
		Summary:     "Components of a service are left out of the metrics.",
		Description: "{{ $labels.slug }} has {{ $value }} components above max_components_per_service. Raise it, or name the components that matter.",
	},
	{
		Name: "DownstatusBridgeFailing",
		Why:  "Only where the bridge is in use. It reaches you by way of Prometheus.",
		Expr: `peer:downstatus_bridge_alerts_failed:rate5m > 0
  or peer:downstatus_bridge_alerts_dropped:rate5m > 0`,
		For: 5 * time.Minute, KeepFiringFor: gap,
		Severity: Warning, Dashboard: exporterDashboard,
		Summary:     "The bridge cannot deliver alerts to an Alertmanager.",
		Description: "Alerts for {{ $labels.peer }} are refused, time out, or find no room in the queue.",
	},
	{
		Name:     "DownstatusWatchdog",
		Why:      "Always fires. What is paged is its absence: see the route of the sample configuration.",
		Expr:     "vector(1)",
		Severity: None, Dashboard: exporterDashboard,
		Summary:     "Always firing: alerts arrive.",
		Description: "As long as this alert arrives, rules are evaluated and Alertmanager delivers.",
	},
}
