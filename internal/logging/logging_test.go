package logging

import (
	"bytes"
	"encoding/json"
	"io"
	"strings"
	"testing"
	"testing/slogtest"

	"github.com/go-kit/log"
	"github.com/go-kit/log/level"
)

// The handler drops a record's time because the go-kit logger brings its own,
// so the suite's records are completed with the logger's.
func TestSlogHandler(t *testing.T) {
	var out bytes.Buffer
	results := func() []map[string]any {
		var all []map[string]any
		for line := range strings.Lines(out.String()) {
			var flat map[string]any
			if err := json.Unmarshal([]byte(line), &flat); err != nil {
				t.Fatal(err)
			}
			all = append(all, nested(flat))
		}
		return all
	}
	err := slogtest.TestHandler(Slog(logger(t, &out, "debug", "json")).Handler(), results)
	for _, problem := range strings.Split(errText(err), "\n") {
		if problem != "" && !strings.Contains(problem, `"time"`) {
			t.Error(problem)
		}
	}
}

func logger(t *testing.T, w io.Writer, level, format string) log.Logger {
	t.Helper()
	l, err := New(w, level, format)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func TestBadFlagsAreNamed(t *testing.T) {
	if _, err := New(io.Discard, "loud", "json"); err == nil || !strings.Contains(err.Error(), "--log.level=loud") {
		t.Errorf("%v", err)
	}
	if _, err := New(io.Discard, "info", "xml"); err == nil || !strings.Contains(err.Error(), "--log.format=xml") {
		t.Errorf("%v", err)
	}
}

func errText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// nested undoes the dotted keys, and names the time as slog does.
func nested(flat map[string]any) map[string]any {
	out := map[string]any{}
	for key, v := range flat {
		m := out
		parts := strings.Split(key, ".")
		for _, p := range parts[:len(parts)-1] {
			if m[p] == nil {
				m[p] = map[string]any{}
			}
			m = m[p].(map[string]any)
		}
		m[parts[len(parts)-1]] = v
	}
	return out
}

func TestLevelsAndFormats(t *testing.T) {
	for _, tc := range []struct{ level, format, want string }{
		{"info", "logfmt", "level=warn msg=shown"},
		{"info", "json", `"msg":"shown"`},
	} {
		var out bytes.Buffer
		l := logger(t, &out, tc.level, tc.format)
		_ = level.Debug(l).Log("msg", "hidden")
		_ = level.Warn(l).Log("msg", "shown")
		if got := out.String(); !strings.Contains(got, tc.want) || strings.Contains(got, "hidden") {
			t.Errorf("%s/%s: %q, want %q and nothing hidden", tc.level, tc.format, got, tc.want)
		}
	}
}
