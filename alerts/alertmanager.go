package alerts

import (
	_ "embed" // the configuration
	"fmt"
	"regexp"
	"strings"
)

//go:embed alertmanager/alertmanager.yml
var configuration string

//go:embed alertmanager/downstatus.tmpl
var templates string

// Alertmanager are the files of the alertmanager folder by name. With slugs,
// the configuration also holds back alerts that depend on several vendors,
// named in the label depends_on_list: one rule for each of the slugs.
func Alertmanager(slugs []string) map[string][]byte {
	text := configuration
	if len(slugs) > 0 {
		text += "\n" + InhibitPerVendor(slugs)
	}
	return map[string][]byte{
		"alertmanager.yml":          []byte(text),
		"downstatus.tmpl":           []byte(templates),
		"kube-prometheus-stack.yml": []byte(values(text)),
	}
}

// InhibitPerVendor are inhibition rules for alerts with a list of slugs, such
// as depends_on_list="aws,github". Equality, which serves all vendors with one
// rule, knows no lists.
func InhibitPerVendor(slugs []string) string {
	var out strings.Builder
	out.WriteString(`  # Your own alerts that depend on several vendors, labelled
  # depends_on_list="SLUG,SLUG": held back while one of them is down.
`)
	for _, slug := range slugs {
		list := "(.*,)?" + regexp.QuoteMeta(slug) + "(,.*)?"
		fmt.Fprintf(&out, "  - source_matchers: [alertname=\"DownstatusVendorDown\", depends_on=%q]\n    target_matchers: ['depends_on_list=~%q']\n", slug, list)
	}
	return out.String()
}

// values are the same configuration for the Helm chart kube-prometheus-stack.
func values(text string) string {
	_, text, _ = strings.Cut(text, "\nglobal:")
	text = strings.NewReplacer(
		"templates: [downstatus.tmpl]", "templates: [/etc/alertmanager/config/downstatus.tmpl]",
		"_file: secrets/", "_file: /etc/alertmanager/secrets/downstatus/",
	).Replace("global:" + text)
	return `# Written by: downstatus_exporter export alertmanager
#
# Values for the Helm chart kube-prometheus-stack: the same configuration. Its
# lists take the place of the chart's own, which are repeated in them.
alertmanager:
  alertmanagerSpec:
    # Otherwise the operator adds namespace="..." to the matchers of every
    # AlertmanagerConfig: its routes would see only alerts of their own
    # namespace, and ours carry that of the exporter.
    alertmanagerConfigMatcherStrategy:
      type: None
    # A Secret with the keys slack_url, pagerduty_key and teams_url.
    secrets: [downstatus]
  templateFiles:
    downstatus.tmpl: |
` + indent(templates, 6) + "  config:\n" + indent(text, 4)
}

// indent moves a text to the right, but not its empty lines.
func indent(text string, by int) string {
	var out strings.Builder
	for line := range strings.Lines(text) {
		if line != "\n" {
			out.WriteString(strings.Repeat(" ", by))
		}
		out.WriteString(line)
	}
	return out.String()
}
