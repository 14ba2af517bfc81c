// Package dashboards makes the Grafana dashboards: what is broken, since when,
// who says so, and whether the exporter itself is well. They are built on the
// recording rules of package alerts. The JSON in the folder grafana is what
// Files returns.
package dashboards

//go:generate go test . -run ^(TestShipped|TestDocumentation)$ -update

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// The dashboards by uid. Alerts and bookmarks hold on to these.
const (
	overviewUID = "downstatus-overview"
	serviceUID  = "downstatus-service"
	vendorsUID  = "downstatus-vendors"
	exporterUID = "downstatus-exporter"
)

// dashboard is one dashboard before it takes Grafana's shape.
type dashboard struct {
	uid, title, description string
	since                   string // the time range that it opens with: now-6h
	variables               []variable
	annotations             []annotation
	sections                []section
}

// section is a row of Grafana's: a heading and its panels, laid out from left to
// right as they fit.
type section struct {
	title  string
	panels []panel
}

func all() []dashboard { return []dashboard{overview(), service(), vendors(), exporter()} }

// Files are the dashboards by file name, as Grafana's file provisioning reads
// them.
func Files() (map[string][]byte, error) {
	out := map[string][]byte{}
	for _, d := range all() {
		var b bytes.Buffer
		enc := json.NewEncoder(&b)
		enc.SetEscapeHTML(false)
		enc.SetIndent("", "  ")
		if err := enc.Encode(d.board()); err != nil {
			return nil, fmt.Errorf("%s: %w", d.uid, err)
		}
		out[d.uid+".json"] = b.Bytes()
	}
	return out, nil
}

func (d dashboard) board() board {
	people := annotation{
		BuiltIn: 1, Datasource: datasource{"grafana", "-- Grafana --"}, Enable: true, Hide: true,
		IconColor: blue, Name: "Annotations & Alerts", Type: "dashboard",
	}
	panels := d.layout()
	return board{
		Annotations: list[annotation]{append([]annotation{people}, marks(d.annotations, panels)...)}, Description: d.description, Editable: true, GraphTooltip: 1,
		Links: d.links(), Panels: panels, Refresh: "30s", Schema: schemaVersion, Style: "dark", Tags: []string{"downstatus"},
		Templating: list[variable]{d.variables}, Time: timeRange{d.since, "now"}, Timezone: "browser", Title: d.title, UID: d.uid, Version: 1,
	}
}

// layout gives every panel its place and its id.
func (d dashboard) layout() []panel {
	var out []panel
	id, y := 0, 0
	place := func(p panel, x, y int) {
		id++
		p.ID, p.GridPos.X, p.GridPos.Y = id, x, y
		out = append(out, p)
	}
	for _, s := range d.sections {
		place(panel{Type: "row", Title: s.title, Collapsed: new(bool), Panels: &[]panel{}, GridPos: gridPos{H: 1, W: 24}}, 0, y)
		y++
		x, tallest := 0, 0
		for _, p := range s.panels {
			if x+p.GridPos.W > 24 {
				x, y, tallest = 0, y+tallest, 0
			}
			place(p, x, y)
			x, tallest = x+p.GridPos.W, max(tallest, p.GridPos.H)
		}
		y += tallest
	}
	return out
}

// links lead to the other dashboards and to the runbooks.
func (d dashboard) links() []boardLink {
	var out []boardLink
	for _, to := range []struct{ uid, title string }{
		{overviewUID, "Overview"}, {serviceUID, "Service"}, {vendorsUID, "Vendors compared"}, {exporterUID, "Exporter"},
	} {
		if to.uid != d.uid {
			out = append(out, boardLink{
				Icon: "dashboard", KeepTime: true, Tags: []string{}, Title: to.title, Type: "link", URL: "/d/" + to.uid + "?" + d.kept(to.uid),
			})
		}
	}
	return append(out, boardLink{
		Icon: "doc", Tags: []string{}, TargetBlank: true, Title: "Runbooks", Tooltip: "What to do about each alert", Type: "link", URL: runbooks,
	})
}

// kept are the variables that a link to another dashboard takes along. The
// choice of one service does not follow to those that show many: whoever comes
// back from it wants to see all of them again.
func (d dashboard) kept(to string) string {
	names := []string{"datasource", "job", "namespace", "category", "team", "slug"}
	switch {
	case d.uid == exporterUID || to == exporterUID:
		names = names[:3]
	case d.uid == serviceUID || to == serviceUID:
		names = names[:5]
	}
	return params(names)
}

func params(names []string) string {
	var out []string
	for _, n := range names {
		out = append(out, "${"+n+":queryparam}")
	}
	return strings.Join(out, "&")
}

// toService is the way from a service to its dashboard, with the time shown.
func toService(slug string) link {
	return link{
		Title: "This service in depth",
		URL:   "/d/" + serviceUID + "?var-slug=" + slug + "&" + params([]string{"datasource", "job", "namespace"}) + "&${__url_time_range}",
	}
}

// runbooks is the folder in which every alert has one.
const runbooks = "https://github.com/downstatus/downstatus_exporter/blob/main/alerts/runbooks"

// marks keeps annotations to the graphs: in a timeline they would go through the
// rows of all services, those of healthy ones included.
func marks(all []annotation, panels []panel) []annotation {
	var graphs []int
	for _, p := range panels {
		if p.Type == "timeseries" {
			graphs = append(graphs, p.ID)
		}
	}
	for i := range all {
		all[i].Filter = &filter{IDs: graphs}
	}
	return all
}

// outageMarks draws the outages of the services that are chosen.
func outageMarks(selector string) annotation {
	return annotation{
		Datasource: prometheus, Enable: true, IconColor: red, Name: "Outages", Step: "60s", TagKeys: "slug,signal",
		Expr: fmt.Sprintf("max by (slug, name, signal, official_url) (\n  downstatus_outage_duration_seconds{job=~\"$job\",%s}\n  * on (namespace, slug) group_left (name, official_url) %s\n)",
			selector, strings.Replace(described, chosen, selector, 1)),
		TitleFormat: "{{name}}: outage", TextFormat: "seen first by {{signal}} {{official_url}}",
	}
}

// variables by name, in the order of the dashboard.
func variables(names ...string) []variable {
	var out []variable
	for _, v := range []variable{
		{
			Name: "datasource", Label: "Data source", Description: "The Prometheus that scrapes the exporter and has its recording rules.",
			Type: "datasource", Query: "prometheus", Refresh: 1, Current: map[string]any{}, Options: []any{},
		},
		asked("job", "Job", "Scrape job of the exporter.", `label_values(downstatus_exporter_build_info, job)`),
		asked("namespace", "Namespace", "Where the exporter runs. Replicas of one namespace count as one.", `label_values(downstatus_exporter_build_info{job=~"$job"}, namespace)`),
		asked("category", "Category", "Kind of service.", `label_values(slug:downstatus_service_info:group{namespace=~"$namespace"}, category)`),
		asked("team", "Team", "The label team of the exporter's configuration, where it is given.", `label_values(slug:downstatus_service_info:group{namespace=~"$namespace",category=~"$category"}, team)`),
		asked("slug", "Service", "Services, by slug.", `label_values(slug:downstatus_service_info:group{namespace=~"$namespace",category=~"$category",team=~"$team"}, slug)`),
	} {
		if slices.Contains(names, v.Name) {
			out = append(out, v)
		}
	}
	return out
}

// asked is a variable of which several values, or all, can be chosen.
func asked(name, label, description, query string) variable {
	return variable{
		Name: name, Label: label, Description: description, Type: "query", Datasource: &prometheus, Definition: query,
		Query: variableQuery{query, "StandardVariableQuery"}, Refresh: 2, Sort: 5, Options: []any{},
		// Also matches what has no such label.
		AllValue: ".*", IncludeAll: true, Multi: true, Current: map[string]any{"selected": true, "text": []string{"All"}, "value": []string{"$__all"}},
	}
}

// single makes the variable a choice of one.
func single(all []variable, name string) []variable {
	for i := range all {
		if all[i].Name == name {
			all[i].AllValue, all[i].IncludeAll, all[i].Multi, all[i].Current = "", false, false, map[string]any{}
		}
	}
	return all
}
