// Package examples_test holds the examples: configurations by check-config,
// everything that names something else against what it names, and all of it
// against the Dockerfile and the documentation.
package examples_test

import (
	"bytes"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"go.yaml.in/yaml/v3"
)

// used are the files that a test has read, as paths below this folder.
var used sync.Map

// TestMain wants each example to be read by a test, when all tests run.
func TestMain(m *testing.M) {
	flag.Parse()
	code := m.Run()
	if code == 0 && flag.Lookup("test.run").Value.String() == "" {
		for _, file := range files() {
			if _, ok := used.Load(file); !ok {
				fmt.Println("no test reads", file)
				code = 1
			}
		}
	}
	os.Exit(code)
}

// files are the examples: everything here but tests, and but the insides of the
// chart, which has tests of its own under helm/tests.
func files() []string {
	var out []string
	err := filepath.WalkDir(".", func(file string, d fs.DirEntry, err error) error {
		file = filepath.ToSlash(file)
		switch {
		case err != nil:
			return err
		case d.IsDir() && file == "helm":
			return fs.SkipDir
		case d.IsDir(), path.Ext(file) == ".go":
		default:
			out = append(out, file)
		}
		return nil
	})
	if err != nil {
		panic(err)
	}
	return out
}

func read(t *testing.T, file string) []byte {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	used.Store(file, true)
	return text
}

// parse reads a YAML file strictly.
func parse(t *testing.T, file string, into any) {
	t.Helper()
	d := yaml.NewDecoder(bytes.NewReader(read(t, file)))
	d.KnownFields(true)
	if err := d.Decode(into); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
}

// exists wants a file or folder.
func exists(t *testing.T, name string) {
	t.Helper()
	if _, err := os.Stat(name); err != nil {
		t.Error(err)
	}
}

// image is what the Dockerfile makes.
type image struct{ name, entrypoint, volume, port, user string }

// dockerfile reads the Dockerfile. The image's name is the Makefile's, its tag
// the version.
func dockerfile(t *testing.T) image {
	t.Helper()
	text := string(read(t, "../Dockerfile"))
	makefile := string(read(t, "../Makefile"))
	return image{
		name:       first(t, makefile, `(?m)^IMAGE\s+\?= (\S+)$`) + ":" + strings.TrimSpace(string(read(t, "../VERSION"))),
		entrypoint: first(t, text, `(?m)^ENTRYPOINT \["([^"]+)"\]$`),
		volume:     first(t, text, `(?m)^VOLUME (\S+)$`),
		port:       first(t, text, `(?m)^EXPOSE (\d+)$`),
		user:       first(t, text, `(?m)^USER (\d+):\d+$`),
	}
}

// first is the first group of the first match.
func first(t *testing.T, text, pattern string) string {
	t.Helper()
	m := regexp.MustCompile(pattern).FindStringSubmatch(text)
	if m == nil {
		t.Fatalf("nothing matches %s", pattern)
	}
	return m[1]
}

// checkFlags wants flags that the program has, by the README's table, which is
// held to the program.
func checkFlags(t *testing.T, args []string) {
	t.Helper()
	readme := string(read(t, "../README.md"))
	for _, a := range args {
		name, _, _ := strings.Cut(a, "=")
		if !strings.HasPrefix(name, "--") || !strings.Contains(readme, "| `"+name+"`") {
			t.Errorf("%s is no flag of the program", a)
		}
	}
}

// flagValue is the value of a flag on a command line.
func flagValue(t *testing.T, args []string, name string) string {
	t.Helper()
	for _, a := range args {
		if value, ok := strings.CutPrefix(a, name+"="); ok {
			return value
		}
	}
	t.Fatalf("no %s in %q", name, args)
	return ""
}

// TestDockerfile: the program's own defaults, and what it needs to run as
// somebody who may do nothing.
func TestDockerfile(t *testing.T) {
	i := dockerfile(t)
	want := image{"downstatus_exporter:" + strings.TrimSpace(string(read(t, "../VERSION"))), "/downstatus_exporter", "/data", "10980", "65532"}
	if i != want {
		t.Errorf("got %+v, want %+v", i, want)
	}
	text := string(read(t, "../Dockerfile"))
	for _, line := range []string{`CMD ["--storage.path=/data"]`, `CMD ["/downstatus_exporter", "healthcheck"]`, "ENV TMPDIR=/data", "FROM scratch", "--chown=65532:65532"} {
		if !strings.Contains(text, line) {
			t.Errorf("the Dockerfile has no %s", line)
		}
	}
	gomod := first(t, string(read(t, "../go.mod")), `(?m)^go (\d+\.\d+)`)
	if builder := first(t, text, `(?m)^FROM golang:(\S+) AS builder$`); builder != gomod {
		t.Errorf("the image is built with Go %s, go.mod wants %s", builder, gomod)
	}
}

// TestNamedInDocumentation finds examples that nobody is told of.
func TestNamedInDocumentation(t *testing.T) {
	var docs strings.Builder
	pages, _ := filepath.Glob("../docs/*.md")
	for _, page := range append(pages, "../README.md", "README.md") {
		docs.Write(read(t, page))
	}
	for _, file := range append(files(), "helm/downstatus-exporter", "helm/downstatus-exporter/values.yaml", "helm/tests") {
		if file != "README.md" && !strings.Contains(docs.String(), "examples/"+file) && !strings.Contains(docs.String(), "("+file+")") {
			t.Errorf("no documentation names examples/%s", file)
		}
	}
}

// TestLinks finds relative links that lead nowhere.
func TestLinks(t *testing.T) {
	for _, m := range regexp.MustCompile(`\]\(([^)#:]+)(?:#[^)]*)?\)`).FindAllStringSubmatch(string(read(t, "README.md")), -1) {
		exists(t, m[1])
	}
}

// subset is true if all pairs of a are in b, and there are some.
func subset(a, b map[string]string) bool {
	for k, v := range a {
		if b[k] != v {
			return false
		}
	}
	return len(a) > 0
}

func has[T comparable](t *testing.T, what string, all []T, one T) {
	t.Helper()
	if !slices.Contains(all, one) {
		t.Errorf("%s: %v is not among %v", what, one, all)
	}
}
