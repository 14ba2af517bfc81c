package alerts

import "time"

// vendorAlerts are about outages: what the page admits, and what users say.
var vendorAlerts = []Alert{
	{
		Name: "DownstatusVendorDown",
		Why: `The only critical alert about a vendor, and the only one that holds back
alerts of your own: the vendor says so itself.`,
		Expr: "slug:downstatus_service_official_severity:held == 2",
		For:  time.Minute, KeepFiringFor: gap,
		Severity: Critical, Kind: Outage, Dashboard: serviceDashboard,
		Summary:     "A vendor says that its service is down.",
		Description: "{name} is down. " + evidence,
	},
	{
		Name: "DownstatusVendorDegraded",
		Expr: "slug:downstatus_service_official_severity:held == 1",
		For:  15 * time.Minute, KeepFiringFor: gap,
		Severity: Warning, Kind: Outage, Dashboard: serviceDashboard,
		Summary:     "A vendor says that its service is degraded.",
		Description: "{name} is degraded. " + evidence,
	},
	{
		Name: "DownstatusUsersReport",
		Why: `What users say alone never pages, and holds nothing back: they are early,
and sometimes wrong. A page that cannot be read is silent too.`,
		Expr: `slug:downstatus_service_reports_severity:held >= 1
  unless on (namespace, slug) slug:downstatus_service_official_severity:held >= 1`,
		For: 5 * time.Minute, KeepFiringFor: gap,
		Severity: Warning, Kind: Outage, Dashboard: serviceDashboard,
		Summary:     "Users report trouble that the vendor's page does not show.",
		Description: "Users report trouble with {name}. " + evidence,
	},
	{
		Name:          "DownstatusOutageLong",
		Why:           "Whoever saw it first: the record of the outage is an hour old.",
		Expr:          "slug:downstatus_outage_duration_seconds:max > 3600",
		KeepFiringFor: gap,
		Severity:      Warning, Kind: Outage, Dashboard: serviceDashboard,
		Summary:     "An outage of a vendor has lasted longer than an hour.",
		Description: "{name} has been in trouble for more than an hour. " + evidence,
	},
}

// maintenanceAlerts are about what vendors announce. It is no outage.
var maintenanceAlerts = []Alert{
	{
		Name: "DownstatusMaintenanceSoon",
		Expr: `(slug:downstatus_service_maintenance_start_timestamp_seconds:min - time() > 0)
  and (slug:downstatus_service_maintenance_start_timestamp_seconds:min - time() <= 86400)`,
		KeepFiringFor: gap,
		Severity:      Info, Kind: Maintenance, Dashboard: serviceDashboard,
		Summary:     "A vendor announces maintenance within 24 hours.",
		Description: "{name} announces maintenance {window}.",
	},
	{
		Name:          "DownstatusMaintenanceUnderWay",
		Expr:          "slug:downstatus_service_maintenance:max == 1",
		KeepFiringFor: gap,
		Severity:      Info, Kind: Maintenance, Dashboard: serviceDashboard,
		Summary:     "Maintenance of a vendor is under way.",
		Description: "{name} is under maintenance, announced {window}.",
	},
}
