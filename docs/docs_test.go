// Package docs_test holds the documentation against the code: what the program
// knows has a row, and every row is something that the program knows.
package docs_test

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/downstatus/downstatus_exporter/alerts/bridge"
	"github.com/downstatus/downstatus_exporter/collector"
	"github.com/downstatus/downstatus_exporter/internal/config"
	"github.com/downstatus/downstatus_exporter/sources"
	_ "github.com/downstatus/downstatus_exporter/sources/all"
	"github.com/downstatus/downstatus_exporter/sources/fetch"
)

var update = flag.Bool("update", false, "write the tables that are made of the code")

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// section is what stands under a heading, up to the next one.
func section(t *testing.T, text, heading string) string {
	t.Helper()
	_, after, found := strings.Cut(text, "\n"+heading+"\n")
	if !found {
		t.Fatalf("there is no heading %q", heading)
	}
	body, _, _ := strings.Cut(after, "\n#")
	return body
}

// rows are the table rows of a text whose first cell is code, as a whole.
var row = regexp.MustCompile("(?m)^\\| \\[?`([^`]+)`.*$")

// firstCells are the names in the first cells of tables, sorted.
func firstCells(text string) []string {
	var out []string
	for _, m := range row.FindAllStringSubmatch(text, -1) {
		out = append(out, m[1])
	}
	slices.Sort(out)
	return out
}

// matches finds all first submatches in files, sorted, each once.
func matches(t *testing.T, pattern *regexp.Regexp, glob string) []string {
	t.Helper()
	files, err := filepath.Glob(glob)
	if err != nil || len(files) == 0 {
		t.Fatalf("%s: no files, %v", glob, err)
	}
	var out []string
	for _, f := range files {
		for _, m := range pattern.FindAllStringSubmatch(read(t, f), -1) {
			out = append(out, m[1])
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func same(t *testing.T, code, docs []string) {
	t.Helper()
	if diff := cmp.Diff(code, docs); diff != "" {
		t.Errorf("the code (-) and the documentation (+) differ:\n%s", diff)
	}
}

// made holds the rows of a table that is made of the code, or writes them.
func made(t *testing.T, file, heading string, rows []string) {
	t.Helper()
	text := read(t, file)
	old := section(t, text, heading)
	if *update {
		head := strings.Index(old, " |\n| --- ")
		start := head + 3 + strings.Index(old[head+3:], "\n") + 1
		_, rest, _ := strings.Cut(old[start:], "\n\n")
		text = strings.Replace(text, old, old[:start]+strings.Join(rows, "\n")+"\n\n"+rest, 1)
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	same(t, rows, row.FindAllString(old, -1))
}

func TestMetricsOfTheBoard(t *testing.T) {
	var want []string
	for _, f := range collector.Families() {
		labels := "`" + strings.Join(f.Labels, "`, `") + "`"
		if f.UserLabels {
			labels += ", user labels"
		}
		want = append(want, fmt.Sprintf("| `%s` | %s | %s | %s |", f.Name, f.Type, labels, f.Help))
	}
	made(t, "metrics.md", "## Services and sources", want)
}

// The registry's own metrics are found by their names in the code.
func ownMetrics(t *testing.T) []string {
	name := regexp.MustCompile(`Name:\s+"(downstatus_[a-z_]+)"`)
	all := append(matches(t, name, "../internal/app/*.go"), matches(t, name, "../alerts/bridge/*.go")...)
	slices.Sort(all)
	return all
}

func TestMetricsOfTheExporter(t *testing.T) {
	docs := firstCells(section(t, read(t, "metrics.md"), "## The exporter itself"))
	docs = slices.DeleteFunc(docs, func(name string) bool {
		return strings.HasSuffix(name, "*") || name == "downstatus_exporter_build_info" // of libraries
	})
	same(t, ownMetrics(t), docs)
}

func TestMetricsThatAreMentioned(t *testing.T) {
	known := append(ownMetrics(t), "downstatus_exporter", "downstatus_exporter_build_info")
	for _, f := range collector.Families() {
		known = append(known, f.Name)
	}
	name := regexp.MustCompile(`(?:^|[^:\w])(downstatus_[a-z_]+)`) // recording rules are held by their own test
	for _, glob := range []string{"*.md", "../*.md"} {
		for _, mentioned := range matches(t, name, glob) {
			if !slices.Contains(known, mentioned) {
				t.Errorf("%s: there is no %s", glob, mentioned)
			}
		}
	}
}

func TestReasons(t *testing.T) {
	var want []string
	for _, r := range fetch.Reasons {
		want = append(want, string(r))
	}
	slices.Sort(want)
	same(t, want, firstCells(section(t, read(t, "metrics.md"), "### Reasons")))
}

func TestReasonsOfTheBridge(t *testing.T) {
	var want []string
	for _, r := range bridge.Reasons {
		want = append(want, string(r))
	}
	slices.Sort(want)
	same(t, want, firstCells(section(t, read(t, "metrics.md"), "### Reasons of the bridge")))
}

func TestEngineRows(t *testing.T) {
	var want, short []string
	for _, e := range sources.Engines() {
		short = append(short, fmt.Sprintf("| `%s` | %s |", e.Name, e.Title))
		options := "none"
		if len(e.Options) > 0 {
			var all []string
			for _, o := range e.Options {
				all = append(all, "`"+o.Name+"`: "+o.Help)
			}
			options = strings.Join(all, "; ")
		}
		want = append(want, fmt.Sprintf("| [`%s`](../sources/%[1]s/README.md) | %s | %s | %s |", e.Name, e.Title, e.Reads, options))
	}
	made(t, "engines.md", "## Engines", want)
	made(t, "../README.md", "## Engines", short)
}

// TestEngineFolders finds the folders of engines by what their code does, so
// that one without its import line is found too.
func TestEngineFolders(t *testing.T) {
	files, err := filepath.Glob("../sources/*/*.go")
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, file := range files {
		if strings.Contains(read(t, file), "sources.Register(") {
			names = append(names, filepath.Base(filepath.Dir(file)))
		}
	}
	var registered []string
	for _, e := range sources.Engines() {
		registered = append(registered, e.Name)
	}
	same(t, names, registered)
	for _, name := range names {
		t.Run(name, func(t *testing.T) { checkFolder(t, name) })
	}
}

// checkFolder wants what CONTRIBUTING.md asks of an engine.
func checkFolder(t *testing.T, name string) {
	folder := filepath.Join("..", "sources", name)
	if text := read(t, filepath.Join(folder, "README.md")); !strings.HasPrefix(text, "# ") {
		t.Error("README.md has no title")
	}
	if len(matches(t, regexp.MustCompile(`(?m)^func (Fuzz\w+)\(`), filepath.Join(folder, "*_test.go"))) == 0 {
		t.Error("no fuzz test")
	}
	golden := 0
	for _, glob := range [...]string{"*.golden.json", "*/*.golden.json"} { // an engine of several versions has a folder each
		found, err := filepath.Glob(filepath.Join(folder, "testdata", glob))
		if err != nil {
			t.Fatal(err)
		}
		golden += len(found)
	}
	if golden == 0 && name != "auto" { // it reads no document of its own
		t.Error("no golden reading under testdata")
	}
}

func TestFlags(t *testing.T) {
	help, err := exec.Command("go", "run", "..", "--help-long").Output()
	if err != nil {
		t.Fatal(err)
	}
	var want []string
	for _, m := range regexp.MustCompile(`(?m)^ {2,8}(?:-[a-z], )?(--[a-z.-]+)`).FindAllStringSubmatch(string(help), -1) {
		if !slices.Contains(want, m[1]) {
			want = append(want, m[1])
		}
	}
	slices.Sort(want)
	same(t, want, firstCells(section(t, read(t, "../README.md"), "## Flags")))
}

// TestConfigurationKeys asks the configuration itself: its error on a key that
// does not exist lists those that do.
func TestConfigurationKeys(t *testing.T) {
	text := read(t, "configuration.md")
	for heading, wrong := range map[string]string{
		"## Top level":    "zzz: 1",
		"## global":       "global: {zzz: 1}",
		"## feeds":        "feeds: [{zzz: 1}]",
		"## services":     "services: [{zzz: 1}]",
		"### components":  "services: [{components: {zzz: 1}}]",
		"### official":    "services: [{official: {zzz: 1}}]",
		"## catalog":      "catalog: {zzz: 1}",
		"## detection":    "detection: {zzz: 1}",
		"## alertmanager": "alertmanager: {zzz: 1}",
		"### match":       "alertmanager: {match: {zzz: 1}}",
		"## history":      "history: {zzz: 1}",
		"## http_config":  "global: {http_config: {zzz: 1}}",
	} {
		_, err := config.Parse("x.yml", []byte(wrong))
		m := regexp.MustCompile(`unknown key "zzz" .*: want one of (.*)`).FindStringSubmatch(fmt.Sprint(err))
		if m == nil {
			t.Fatalf("%s: %v", wrong, err)
		}
		t.Run(heading, func(t *testing.T) {
			same(t, strings.Split(m[1], ", "), firstCells(section(t, text, heading)))
		})
	}
}

func TestPathsOfTheAPI(t *testing.T) {
	described := matches(t, regexp.MustCompile(`"(/api/[^"]+)": \{`), "../internal/api/openapi.json")
	same(t, described, firstCells(section(t, read(t, "api.md"), "## The v1 JSON API")))
}

// TestLinks finds relative links that lead nowhere.
func TestLinks(t *testing.T) {
	link := regexp.MustCompile(`\]\(([^)#:]+)(?:#[^)]*)?\)`)
	for _, glob := range []string{"*.md", "../*.md", "../sources/*/*.md"} {
		files, _ := filepath.Glob(glob)
		for _, file := range files {
			for _, m := range link.FindAllStringSubmatch(read(t, file), -1) {
				if _, err := os.Stat(filepath.Join(filepath.Dir(file), m[1])); err != nil {
					t.Errorf("%s: %v", file, err)
				}
			}
		}
	}
}
