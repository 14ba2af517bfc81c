package dashboards

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/downstatus/downstatus_exporter/alerts"
)

// linted is what the lint reads of a dashboard's JSON, whoever made it.
type linted struct {
	ID            *int
	UID           string
	Title         string
	Description   string
	Refresh       string
	SchemaVersion int
	Tags          []string
	Links         []lintedLink
	Panels        []lintedPanel
	Annotations   struct{ List []lintedAnnotation }
	Templating    struct{ List []lintedVariable }
}

type lintedLink struct {
	Title, URL  string
	KeepTime    bool
	TargetBlank bool
}

type lintedAnnotation struct {
	BuiltIn    int
	Datasource datasource
	Expr       string
}

type lintedVariable struct {
	Name, Label, Type, Definition, AllValue, Description string
	IncludeAll                                           bool
	Refresh                                              int
	Datasource                                           *datasource
}

type lintedPanel struct {
	ID                       int
	Type, Title, Description string
	GridPos                  gridPos
	Datasource               datasource
	Targets                  []target
	FieldConfig              struct{ Defaults lintedField }
}

type lintedField struct {
	Unit, NoValue string
	Color         color
	Mappings      []struct {
		Type    string
		Options json.RawMessage
	}
}

// lint lists what is wrong with a dashboard.
func lint(text []byte) (faults []string) {
	var d linted
	if err := json.Unmarshal(text, &d); err != nil {
		return []string{err.Error()}
	}
	fault := func(where string, ok bool, what string) {
		if !ok {
			faults = append(faults, where+": "+what)
		}
	}
	fault("dashboard", d.ID == nil, "has an id; Grafana gives it")
	fault("dashboard", strings.HasPrefix(d.UID, "downstatus-") && d.Title != "" && d.Description != "", "uid, title or description is missing")
	fault("dashboard", d.SchemaVersion == schemaVersion, "schemaVersion is not that of Grafana 9.4")
	fault("dashboard", d.Refresh == "30s" || d.Refresh == "1m", "refreshes too often, or never")
	fault("dashboard", slices.Contains(d.Tags, "downstatus"), "has no tag downstatus")
	lintLinks(d, fault)
	lintVariables(d, string(text), fault)
	lintPlaces(d, fault)
	for _, p := range d.Panels {
		if p.Type != "row" {
			lintPanel(p, func(ok bool, what string) { fault("panel "+p.Title, ok, what) })
		}
	}
	for _, a := range d.Annotations.List {
		fault("annotation", a.BuiltIn == 1 || a.Datasource == prometheus && a.Expr != "", "the data source is not the variable's, or there is no query")
	}
	lintColors(string(text), fault)
	return faults
}

func lintLinks(d linted, fault func(string, bool, string)) {
	own := 0
	for _, l := range d.Links {
		fault("link "+l.Title, l.KeepTime && strings.HasPrefix(l.URL, "/d/downstatus-") || l.TargetBlank && strings.HasPrefix(l.URL, "https://"), "loses the time range, or leads nowhere")
		if l.KeepTime {
			own++
			fault("link "+l.Title, strings.Contains(l.URL, "${datasource:queryparam}"), "loses the data source")
		}
	}
	fault("dashboard", own == 3, "does not link to the other three")
}

var variableName = regexp.MustCompile(`\$\{?([a-z_]+)\b`)

// lintVariables: what is used is defined, and what is defined is used.
func lintVariables(d linted, text string, fault func(string, bool, string)) {
	used, defined := map[string]bool{"datasource": true}, map[string]bool{}
	for _, m := range variableName.FindAllStringSubmatch(text, -1) {
		used[m[1]] = true
	}
	for _, v := range d.Templating.List {
		defined[v.Name] = true
		fault("variable "+v.Name, used[v.Name], "is used nowhere")
		fault("variable "+v.Name, v.Label != "" && v.Description != "", "has no label or description")
		if v.Type == "query" {
			fault("variable "+v.Name, v.Datasource != nil && *v.Datasource == prometheus, "has a data source of its own")
			fault("variable "+v.Name, v.Refresh == 2, "does not follow the time range")
			fault("variable "+v.Name, !v.IncludeAll || v.AllValue == ".*", "All leaves out what has no such label")
		}
	}
	for _, name := range []string{"datasource", "job", "namespace"} {
		fault("variable "+name, defined[name], "is missing")
	}
	for name := range used {
		fault("variable "+name, defined[name] || strings.HasPrefix(name, "__"), "is not defined")
	}
}

// lintPlaces: unique ids and titles, and a grid without overlap.
func lintPlaces(d linted, fault func(string, bool, string)) {
	ids, titles, taken := map[int]bool{}, map[string]bool{}, map[[2]int]bool{}
	for _, p := range d.Panels {
		fault("panel "+p.Title, p.ID > 0 && !ids[p.ID], "the id is not unique")
		fault("panel "+p.Title, p.Title != "" && !titles[p.Title], "the title is not unique, or missing")
		ids[p.ID], titles[p.Title] = true, true
		g := p.GridPos
		fault("panel "+p.Title, g.W > 0 && g.H > 0 && g.X >= 0 && g.X+g.W <= 24, "does not fit the grid")
		for x := g.X; x < g.X+g.W; x++ {
			for y := g.Y; y < g.Y+g.H; y++ {
				fault("panel "+p.Title, !taken[[2]int{x, y}], "lies on another")
				taken[[2]int{x, y}] = true
			}
		}
	}
}

// panelTypes are those of Grafana 9.4 that are in use.
var panelTypes = []string{"bargauge", "heatmap", "stat", "state-timeline", "status-history", "table", "timeseries"}

func lintPanel(p lintedPanel, fault func(bool, string)) {
	fault(slices.Contains(panelTypes, p.Type), "Grafana 9.4 has no type "+p.Type)
	fault(strings.HasSuffix(p.Description, "."), "has no description")
	fault(p.Datasource == prometheus, "the data source is not the variable's")
	f := p.FieldConfig.Defaults
	fault(f.Unit != "", "has no unit")
	fault(f.NoValue != "", "says nothing where there is no value")
	if p.Type == "state-timeline" || p.Type == "status-history" {
		fault(f.Color.Mode == "fixed" && f.Color.FixedColor == grey && len(f.Mappings) > 0, "words and colours show only with a fixed colour mode, and what has no word has to be grey")
	}
	lintMappings(f, fault)
	fault(len(p.Targets) > 0, "asks nothing")
	refs := map[string]bool{}
	for _, q := range p.Targets {
		fault(q.RefID != "" && !refs[q.RefID], "the letter of a query is not unique")
		refs[q.RefID] = true
		fault(q.Datasource == prometheus, "the data source of a query is not the variable's")
		fault(q.Expr != "" && q.Instant != q.Range, "a query is empty, or neither instant nor range")
		fault(q.LegendFormat != "" || q.Format == "table", "a series has no name")
	}
}

// lintMappings: unknown is grey, and green is nothing but what was read as well.
func lintMappings(f lintedField, fault func(bool, string)) {
	for _, m := range f.Mappings {
		if m.Type != "value" {
			continue
		}
		var values map[string]result
		fault(json.Unmarshal(m.Options, &values) == nil, "a mapping is none")
		for value, r := range values {
			fault(r.Text != "", "a value has no word")
			fault(r.Color != green || value == "0" && r.Text == "operational" || value == "1", "green is said of "+r.Text)
			fault(value != "-1" && r.Text != "unknown" || r.Color == grey, "unknown is not grey")
		}
	}
}

var colorOf = regexp.MustCompile(`"(?:color|fixedColor|iconColor|fill)": "([^"]+)"`)

// lintColors: those of the palette alone, which are tested.
func lintColors(text string, fault func(string, bool, string)) {
	palette := []string{red, amber, green, blue, grey, darkRed, plain}
	for _, m := range colorOf.FindAllStringSubmatch(text, -1) {
		fault("colour", slices.Contains(palette, m[1]), m[1]+" is not of the palette")
	}
}

func TestLint(t *testing.T) {
	for name, text := range files(t) {
		for _, f := range lint(text) {
			t.Errorf("%s: %s", name, f)
		}
	}
}

// TestLintSeesFaults breaks a dashboard in every way that the lint is for.
func TestLintSeesFaults(t *testing.T) {
	text := string(files(t)["downstatus-overview.json"])
	for _, tc := range []struct{ old, new, want string }{
		{`"id": null`, `"id": 7`, "has an id"},
		{`"schemaVersion": 38`, `"schemaVersion": 41`, "schemaVersion"},
		{`"refresh": "30s"`, `"refresh": "5s"`, "too often"},
		{`"uid": "downstatus-overview"`, `"uid": ""`, "uid"},
		{`"keepTime": true`, `"keepTime": false`, "loses the time range"},
		{`${datasource:queryparam}`, ``, "loses the data source"},
		{`"uid": "${datasource}"`, `"uid": "prometheus"`, "data source is not the variable's"},
		{`"name": "team"`, `"name": "squad"`, "variable team: is not defined"},
		{`"allValue": ".*"`, `"allValue": ""`, "All leaves out"},
		{`"id": 3,`, `"id": 2,`, "id is not unique"},
		{`"x": 4,`, `"x": 3,`, "lies on another"},
		{`"w": 24,`, `"w": 25,`, "does not fit"},
		{`"type": "timeseries"`, `"type": "trend"`, "no type trend"},
		{`"unit": "short"`, `"unit": ""`, "no unit"},
		{`"noValue": "no data"`, `"noValue": ""`, "no value"},
		{`"mode": "fixed"`, `"mode": "thresholds"`, "fixed colour mode"},
		{`"legendFormat": "{{name}}"`, `"legendFormat": ""`, "no name"},
		{`"refId": "B"`, `"refId": "A"`, "letter"},
		{grey, green, "unknown is not grey"},
		{grey, "red", "not of the palette"},
		{`"text": "degraded"`, `"text": ""`, "no word"},
	} {
		changed := strings.ReplaceAll(text, tc.old, tc.new)
		if changed == text {
			t.Errorf("there is no %s", tc.old)
		}
		if got := lint([]byte(changed)); !slices.ContainsFunc(got, func(f string) bool { return strings.Contains(f, tc.want) }) {
			t.Errorf("%s in place of %s: want %q, got %q", tc.new, tc.old, tc.want, got)
		}
	}
}

// TestAddresses: of dashboards and runbooks, as alerts know them.
func TestAddresses(t *testing.T) {
	known := map[string]bool{}
	for _, d := range all() {
		if known[d.uid] {
			t.Errorf("%s is not unique", d.uid)
		}
		known[d.uid] = true
	}
	for _, a := range alerts.All() {
		if !known[a.Dashboard] {
			t.Errorf("%s leads to the dashboard %s, which does not exist", a.Name, a.Dashboard)
		}
		said := a.Annotations(alerts.Facts{})
		if want := runbooks + "/" + a.Name + ".md"; said["runbook_url"] != want {
			t.Errorf("the runbook of %s is at %s, not at %s", a.Name, said["runbook_url"], want)
		}
	}
	for name, text := range files(t) {
		for _, m := range regexp.MustCompile(`/d/([a-z-]+)`).FindAllStringSubmatch(string(text), -1) {
			if !known[m[1]] {
				t.Errorf("%s links to %s, which does not exist", name, m[1])
			}
		}
	}
}

// TestColumns: what a table promises is in its queries.
func TestColumns(t *testing.T) {
	for _, d := range all() {
		for _, p := range d.board().Panels {
			if p.Type != "table" {
				continue
			}
			order := p.Transformations[len(p.Transformations)-1].Options.(arrangement)
			exprs := ""
			for _, q := range p.Targets {
				exprs += q.Expr
			}
			for _, name := range sorted(order.IndexByName) {
				letter := strings.TrimPrefix(name, "Value #")
				ok := letter != name && slices.ContainsFunc(p.Targets, func(q target) bool { return q.RefID == letter })
				if !ok && name != "Value" && !regexp.MustCompile(`\b`+name+`\b`).MatchString(exprs) {
					t.Errorf("%s, %s: there is no %s", d.uid, p.Title, name)
				}
			}
			titles := map[string]bool{}
			for _, title := range order.RenameByName {
				if titles[title] {
					t.Errorf("%s, %s: two columns are called %s", d.uid, p.Title, title)
				}
				titles[title] = true
			}
			if sort := p.Options.(tableOptions).SortBy[0].DisplayName; !titles[sort] {
				t.Errorf("%s, %s: sorted by %s, which is no column", d.uid, p.Title, sort)
			}
		}
	}
}

// TestColorsStayApart: also for people who do not see red, green or blue. The
// limit is well above what can just be told apart (2 to 3).
func TestColorsStayApart(t *testing.T) {
	states := map[string]string{"down": red, "degraded": amber, "operational": green, "maintenance": blue, "unknown": grey}
	for sight, m := range sights {
		for _, a := range sorted(states) {
			for _, b := range sorted(states) {
				if d := distance(seen(states[a], m), seen(states[b], m)); a < b && d < 15 {
					t.Errorf("%s: %s and %s look alike (%.1f)", sight, a, b, d)
				}
			}
		}
	}
	if d := distance(seen("#c00000", sights["deuteranopia"]), seen("#707000", sights["deuteranopia"])); d > 15 {
		t.Errorf("the simulation sees a red and an olive that are alike to many as %.1f apart", d)
	}
}

// channels are the red, green and blue of a colour such as #c9223c, from 0 to 1.
func channels(hex string) (rgb [3]float64) {
	for i := range rgb {
		n, err := strconv.ParseUint(hex[1+2*i:3+2*i], 16, 8)
		if err != nil {
			panic(fmt.Sprintf("%s: %v", hex, err))
		}
		rgb[i] = float64(n) / 255
	}
	return rgb
}
