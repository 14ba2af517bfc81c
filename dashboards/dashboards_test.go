package dashboards

import (
	"flag"
	"os"
	"path/filepath"
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
			if err := os.WriteFile(file, want, 0o644); err != nil {
				t.Fatal(err)
			}
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
