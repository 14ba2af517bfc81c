package alerts

import (
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the files that are made of the table")

// TestShippedRules holds the files of the folders to the table.
func TestShippedRules(t *testing.T) {
	for folder, o := range map[string]Options{"rules": {}, "operator": {Operator: true}} {
		files, err := Rules(o)
		if err != nil {
			t.Fatal(err)
		}
		shipped(t, folder, files)
	}
}

// shipped holds a folder to files that are made, or writes them.
func shipped(t *testing.T, folder string, files map[string][]byte) {
	t.Helper()
	for name, want := range files {
		file := filepath.Join(folder, name)
		if *update {
			if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(file, want, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		got, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), string(got)); diff != "" {
			t.Errorf("%s is not what go test ./alerts -update writes (-want +got):\n%s", file, diff)
		}
	}
}
