package jq

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/downstatus/downstatus_exporter/sources/fetch"
)

func TestRefused(t *testing.T) {
	for _, text := range []string{".a |", "input", "inputs", "$now", `import "x" as x; .`, `include "x"; .`, "nothing_such", "get_search_list"} {
		if _, err := Compile(text); err == nil {
			t.Errorf("%q: no error", text)
		}
	}
}

// TestClosed: a program sees neither the environment nor the clock.
func TestClosed(t *testing.T) {
	t.Setenv("SECRET", "1")
	for text, want := range map[string]string{"env.SECRET": "", "$ENV.SECRET": "", "now": "", `"a"`: "a"} {
		p, err := Compile(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if got := Text(p.First(t.Context(), nil)); got != want {
			t.Errorf("%s: %q", text, got)
		}
	}
	p, err := CompileTimed("[now, $now] | tojson")
	if err != nil {
		t.Fatal(err)
	}
	if got, err := p.Values(t.Context(), nil, 7); err != nil || Text(got[0]) != "[7,7]" {
		t.Errorf("%v, %v", got, err)
	}
}

func TestFields(t *testing.T) {
	in := map[string]any{"length": "l", "a": map[string]any{"b": "c"}, "empty": 1.5, "n": 7, "t": true}
	for text, want := range map[string]string{"": "", "length": "l", "empty": "1.5", "n": "7", "t": "true", ".a.b": "c", "a": "", "x": "", ".n.x": "", "empty | .": ""} {
		p, err := CompileField(text)
		if err != nil {
			t.Errorf("%q: %v", text, err)
		} else if got := Text(p.First(t.Context(), in)); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

// TestEndless: neither programs nor what they yield go on for ever.
func TestEndless(t *testing.T) {
	many, err := Compile("range(1000000)")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := many.Values(t.Context(), nil); err == nil || !strings.Contains(err.Error(), "more than") {
		t.Errorf("many values: %v", err)
	}
	for _, text := range []string{"def f: f; f", "last(repeat(1))", "[limit(1; repeat(empty))]"} {
		p, err := Compile(text)
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
		_, err = p.Values(ctx, nil)
		cancel()
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func TestDecode(t *testing.T) {
	for body, want := range map[string]any{
		`[]`:                        []any{},
		`{"a":null}`:                map[string]any{"a": nil},
		"\xef\xbb\xbf[]":            []any{},
		`getJSON([true]);`:          []any{true},
		` /**/ a.b$c ( {"a":""} ) `: map[string]any{"a": ""},
	} {
		got, err := Decode([]byte(body))
		if err != nil {
			t.Errorf("%s: %v", body, err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", body, diff)
		}
	}
	for body, want := range map[string]fetch.Reason{
		``: fetch.Decode, `{`: fetch.Decode, `[] []`: fetch.Decode, `f([]`: fetch.Decode, `f()`: fetch.Decode, `sorry`: fetch.Decode,
		`<html>`: fetch.ContentType, " \n<!doctype html>": fetch.ContentType,
		`{}`: fetch.Shape, `null`: fetch.Shape, `7`: fetch.Shape, `"ok"`: fetch.Shape, `f({})`: fetch.Shape,
		`{"a":[` + strings.Repeat("9", 401) + `]}`: fetch.Shape,
	} {
		if got, err := Decode([]byte(body)); err == nil || fetch.ReasonOf(err) != want {
			t.Errorf("%.40s: %v, %v, want reason %s", body, got, err, want)
		}
	}
}

func TestRequire(t *testing.T) {
	in := map[string]any{"a": 1, "f": false}
	for text, good := range map[string]bool{".a": true, ".a, .b": false, ".f": false, "empty": false, ".a.b": false, `.a, "x"`: true} {
		p, err := Compile(text)
		if err != nil {
			t.Fatal(err)
		}
		if err := p.Require(t.Context(), in); (err == nil) != good || err != nil && fetch.ReasonOf(err) != fetch.Shape {
			t.Errorf("%s: %v", text, err)
		}
	}
}

// TestStopped: a poll that is stopped stops its programs.
func TestStopped(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	p, err := Compile(".")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.Values(ctx, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}
