package enginetest

import (
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/downstatus/downstatus_exporter/internal/status"
	"github.com/downstatus/downstatus_exporter/sources"
)

var rewrite = flag.Bool("update", false, "write the golden readings anew")

// Read is a file of the package under test, such as testdata/calm.json.
func Read(t testing.TB, path string) []byte {
	t.Helper()
	body, err := os.ReadFile(filepath.FromSlash(path))
	if err != nil {
		t.Fatal(err)
	}
	return body
}

// Load is a file of testdata.
func Load(t testing.TB, name string) string {
	t.Helper()
	return string(Read(t, "testdata/"+name))
}

// Recorded is a recorded answer, kept outside of the project, or with the name
// of a vendor alone the folder of its answers. It skips the test where there
// is none.
func Recorded(t testing.TB, name string) string {
	t.Helper()
	path := filepath.Join("..", "..", "..", "shared", "payloads", name)
	info, err := os.Stat(path)
	if err != nil {
		t.Skip("no recorded answers here")
	}
	if info.IsDir() {
		return path
	}
	return string(Read(t, path))
}

// Golden holds v against testdata/NAME.golden.json, which a person checked.
func Golden(t *testing.T, name string, v any) {
	t.Helper()
	if r, ok := v.(sources.Reading); ok {
		v = struct {
			Page  *status.Page
			Ended []status.Incident
			Notes []string
		}{r.Page, r.Ended, r.Notes}
	}
	got, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	got = append(got, '\n')
	name += ".golden.json"
	if *rewrite {
		if err := os.WriteFile(filepath.Join("testdata", name), got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(Load(t, name), string(got)); diff != "" {
		t.Errorf("%s (-want +got, -update writes it anew):\n%s", name, diff)
	}
}

// GoldenIncidents compares the incidents and unknown words of a first reading
// with a file that spells out what is not zero. Links are relative to the site.
func GoldenIncidents(t *testing.T, name string, r sources.Reading, site string) {
	t.Helper()
	type golden struct {
		Open, Ended  []status.Incident
		UnknownWords []string
	}
	var want golden
	if err := json.Unmarshal([]byte(Load(t, name+".golden.json")), &want); err != nil {
		t.Fatal(err)
	}
	here := func(list []status.Incident) (out []status.Incident) {
		for _, in := range list {
			in.URL = strings.TrimPrefix(in.URL, site)
			out = append(out, in)
		}
		return out
	}
	if diff := cmp.Diff(want, golden{here(r.Page.Incidents), here(r.Ended), r.Page.UnknownWords}); diff != "" {
		t.Errorf("the reading differs from %s (-want +got):\n%s", name, diff)
	}
}
