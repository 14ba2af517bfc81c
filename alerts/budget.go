package alerts

import "fmt"

// objective is the availability that the budget alerts hold vendors to: what
// most of them promise.
const objective = 0.999

// burning is true while the budget of 30 days burns faster than rate, by a
// long window, and by a short one, so that it ends soon after the trouble.
func burning(long, short string, rate float64) string {
	limit := rate * (1 - objective)
	const ratio = "slug:downstatus_service_unavailability:ratio"
	return fmt.Sprintf("(%s%s > %.4f and %s%s > %.4f)", ratio, long, limit, ratio, short, limit)
}

func unavailability(window string) record {
	r := availability(window)
	return record{name: "slug:downstatus_service_unavailability:ratio" + window, expr: "1 - " + r.expr}
}

var budgetRecords = []record{
	unavailability("5m"), unavailability("30m"), unavailability("1h"), unavailability("6h"), unavailability("3d"),
}

// budgetAlerts are by time, not by reports: a service with few users has too
// few of those for a rate.
var budgetAlerts = []Alert{
	{
		Name: "DownstatusBudgetBurnFast",
		Why:  "2 % of the month's budget within an hour, or 5 % within 6 hours.",
		Expr: burning("1h", "5m", 14.4) + "\n  or " + burning("6h", "30m", 6),
		For:  sample, KeepFiringFor: gap,
		Severity: Warning, Kind: Budget, Dashboard: serviceDashboard,
		Summary:     "A vendor uses up its error budget fast.",
		Description: "{name} was not available for {{ $value | humanizePercentage }} of the last hours; 0.1% over 30 days is the budget. " + evidence,
	},
	{
		Name: "DownstatusBudgetBurnSlow",
		Why:  "10 % of the month's budget within 3 days.",
		Expr: burning("3d", "6h", 1),
		For:  3 * sample, KeepFiringFor: gap,
		Severity: Warning, Kind: Budget, Dashboard: serviceDashboard,
		Summary:     "A vendor will use up its error budget.",
		Description: "{name} was not available for {{ $value | humanizePercentage }} of the last 3 days; 0.1% over 30 days is the budget. " + evidence,
	},
}
