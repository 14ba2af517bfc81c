package main

import (
	"strings"

	"gopkg.in/alecthomas/kingpin.v2"

	"github.com/downstatus/downstatus_exporter/alerts"
	"github.com/downstatus/downstatus_exporter/internal/command"
)

// exportFlags are what the export commands take.
type exportFlags struct {
	command.Export
	labels      string
	maintenance string
	grafana     string
	operator    bool
	perVendor   bool
}

func (f *exportFlags) define(cli *kingpin.Application) {
	export := cli.Command("export", "Write files that are part of the program.")
	rules := export.Command("rules", "Recording and alerting rules, for Prometheus and Mimir.")
	f.folder(rules)
	rules.Flag("labels", "More labels of your services that alerts carry, beside team, owner and tier: a,b.").StringVar(&f.labels)
	rules.Flag("maintenance-severity", "Severity of alerts about maintenance: info or warning.").Default("info").EnumVar(&f.maintenance, "info", "warning")
	rules.Flag("grafana-url", "Where the dashboards are, for links. Without it: relative to Grafana.").StringVar(&f.grafana)
	rules.Flag("operator", "PrometheusRule manifests, for the Prometheus operator.").BoolVar(&f.operator)

	f.folder(export.Command("dashboards", "Grafana dashboards, for file provisioning or import."))

	am := export.Command("alertmanager", "A sample configuration of Alertmanager, with templates, also as values for kube-prometheus-stack.")
	f.folder(am)
	am.Flag("inhibit-per-vendor", "Print and include inhibition rules for alerts that depend on several of the configured services.").BoolVar(&f.perVendor)
}

func (f *exportFlags) folder(cmd *kingpin.CmdClause) {
	cmd.Arg("dir", "The folder; it is made where it is missing.").Required().StringVar(&f.Dir)
	cmd.Flag("force", "Overwrite files that hold something else.").BoolVar(&f.Force)
}

func (f *exportFlags) options() alerts.Options {
	o := alerts.Options{MaintenanceSeverity: alerts.Severity(f.maintenance), GrafanaURL: f.grafana, Operator: f.operator}
	if f.labels != "" {
		o.Labels = strings.Split(f.labels, ",")
	}
	return o
}
