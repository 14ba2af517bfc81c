package dashboards

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the dashboards that are made of the code")

func read(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func write(t *testing.T, file string, text []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, text, 0o644); err != nil {
		t.Fatal(err)
	}
}

func files(t *testing.T) map[string][]byte {
	t.Helper()
	out, err := Files()
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// TestShipped holds the JSON of the folder to what the program exports.
func TestShipped(t *testing.T) {
	made := files(t)
	for name, want := range made {
		file := filepath.Join("grafana", name)
		if *update {
			write(t, file, want)
		}
		if diff := cmp.Diff(string(want), read(t, file)); diff != "" {
			t.Errorf("%s is not what go generate ./dashboards writes (-want +got):\n%s", file, diff)
		}
	}
	have, err := filepath.Glob("grafana/*")
	if err != nil {
		t.Fatal(err)
	}
	if len(have) != len(made) {
		t.Errorf("%d files in the folder, %d are made: %v", len(have), len(made), have)
	}
}

// TestDocumentation: its tables list the panels of every dashboard.
func TestDocumentation(t *testing.T) {
	const file = "../docs/dashboards.md"
	text := read(t, file)
	for _, d := range all() {
		table := regexp.MustCompile("(?s)(\nUid `" + d.uid + "`\\.\n\n[^\n]+\n[^\n]+\n)(.*?)(\n## )")
		m := table.FindStringSubmatch(text)
		if m == nil {
			t.Fatalf("%s has no table of %s", file, d.uid)
		}
		want := rows(d)
		if *update {
			text = strings.Replace(text, m[0], m[1]+want+m[3], 1)
			m[2] = want
		}
		if diff := cmp.Diff(want, m[2]); diff != "" {
			t.Errorf("%s, %s: not what go generate ./dashboards writes (-want +got):\n%s", file, d.uid, diff)
		}
	}
	if *update {
		write(t, file, []byte(text))
	}
}

func rows(d dashboard) string {
	var b strings.Builder
	for _, p := range d.board().Panels {
		if p.Type != "row" {
			fmt.Fprintf(&b, "| %s | %s |\n", p.Title, p.Description)
		}
	}
	return b.String()
}
