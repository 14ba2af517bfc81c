package dashboards

import (
	"fmt"
	"strings"
)

// Matchers by the variables. Recording rules have no job.
const (
	ours   = `job=~"$job",namespace=~"$namespace"` // the exporter's own series
	chosen = `namespace=~"$namespace",slug=~"$slug"`
	one    = `namespace=~"$namespace",slug="$slug"`
)

// Recording rules that many panels ask.
const (
	severity     = "slug:downstatus_service_severity:max"
	official     = "slug:downstatus_service_official_severity:max"
	reported     = "slug:downstatus_service_reports_severity:max"
	duration     = "slug:downstatus_outage_duration_seconds:max"
	availability = "slug:downstatus_service_availability:ratio"
)

// described are the services of all variables, with their names and links.
const described = `slug:downstatus_service_info:group{` + chosen + `,category=~"$category",team=~"$team"}`

// of selects the chosen services of a recording rule.
func of(metric string) string { return metric + "{" + chosen + "}" }

// raw selects them of what the exporter serves itself, with more matchers.
func raw(metric string, more ...string) string {
	return metric + "{" + strings.Join(append([]string{`job=~"$job"`, chosen}, more...), ",") + "}"
}

// ofOne and rawOfOne select the one service of the variable.
func ofOne(metric string, more ...string) string {
	return metric + "{" + strings.Join(append([]string{one}, more...), ",") + "}"
}

func rawOfOne(metric string) string { return metric + `{job=~"$job",` + one + "}" }

// services is one series a service: the largest of all replicas and namespaces.
// What it is by comes from the description.
func services(by, expr string) string {
	var taken []string
	for label := range strings.SplitSeq(by, ", ") {
		if label != "slug" {
			taken = append(taken, label)
		}
	}
	return fmt.Sprintf("max by (%s) (\n  %s\n  * on (namespace, slug) group_left (%s) %s\n)", by, expr, strings.Join(taken, ", "), described)
}

// troubled are the services with the gravest trouble at any time shown, so that
// their rows reach from one edge to the other. Twelve, to stay readable.
const troubled = `topk(12, max by (slug) (
  max_over_time(` + severity + `{` + chosen + `}[$__range] @ end())
  * on (namespace, slug) group_left () ` + described + ` @ end()
) > 0)`

// seconds is for how long a condition held in the time shown, counted by
// minutes. It is robust against replicas that come and go.
func seconds(condition string) string {
	return fmt.Sprintf("60 * sum_over_time((%s)[$__range:1m])", condition)
}

// outages are those that began in the time shown. Replicas count the same ones.
func outages(more ...string) string {
	return fmt.Sprintf("max by (namespace, slug) (\n    sum without (signal) (increase(%s[$__range]))\n  )", raw("downstatus_outages_total", more...))
}
