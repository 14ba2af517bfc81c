package examples_test

import (
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

const unit = "systemd/downstatus_exporter.service"

// settings are a unit's lines by key.
func settings(t *testing.T) map[string][]string {
	t.Helper()
	out := map[string][]string{}
	for _, m := range regexp.MustCompile(`(?m)^(\w+)=(.*)$`).FindAllStringSubmatch(string(read(t, unit)), -1) {
		out[m[1]] = append(out[m[1]], m[2])
	}
	return out
}

func TestUnit(t *testing.T) {
	s := settings(t)
	start := strings.Fields(s["ExecStart"][0])
	checkFlags(t, start[1:])
	if store, want := flagValue(t, start, "--storage.path"), path.Join("/var/lib", s["StateDirectory"][0]); store != want {
		t.Errorf("the store is in %s, systemd makes %s", store, want)
	}
	for _, check := range []string{s["ExecStartPre"][0], s["ExecReload"][0]} {
		if check != start[0]+" check-config "+flagValue(t, start, "--config.file") {
			t.Errorf("%q checks another file than that of %q", check, start)
		}
	}
	has(t, "ExecReload", s["ExecReload"], "/bin/kill -HUP $MAINPID")
}

// analyze runs systemd-analyze on the unit, with a program that is there.
func analyze(t *testing.T, args ...string) string {
	t.Helper()
	if _, err := exec.LookPath("systemd-analyze"); err != nil {
		t.Skip(err)
	}
	program, err := exec.LookPath("true")
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), filepath.Base(unit))
	write(t, file, []byte(strings.ReplaceAll(string(read(t, unit)), "/usr/local/bin/downstatus_exporter", program)))
	out, err := exec.Command("systemd-analyze", append(args, file)...).CombinedOutput()
	if err != nil {
		t.Errorf("systemd-analyze %v: %v\n%s", args, err, out)
	}
	return string(out)
}

func TestUnitIsUnderstood(t *testing.T) {
	if out := analyze(t, "verify"); strings.Contains(out, "downstatus_exporter.service") {
		t.Error(out)
	}
}

// TestUnitIsHardened by systemd's own measure, from 0 to 10. What is left is the
// network.
func TestUnitIsHardened(t *testing.T) {
	help, err := exec.Command("systemd-analyze", "--help").Output()
	if err != nil || !strings.Contains(string(help), "--offline") {
		t.Skipf("systemd-analyze cannot judge a file: %v", err)
	}
	out := analyze(t, "security", "--offline=yes", "--no-pager")
	exposure, err := strconv.ParseFloat(first(t, out, `Overall exposure level for \S+: ([\d.]+)`), 64)
	if err != nil || exposure > 1.5 {
		t.Errorf("exposure %v, %v:\n%s", exposure, err, out)
	}
}
