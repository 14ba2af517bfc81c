package command

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/downstatus/downstatus_exporter/internal/config"
	"github.com/downstatus/downstatus_exporter/internal/history"
	"github.com/downstatus/downstatus_exporter/internal/status"
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

func minute(n float64) time.Time { return noon.Add(time.Duration(n * float64(time.Minute))) }

const (
	up, bad, down, none = status.Operational, status.Degraded, status.Down, status.Unknown
)

func shown(slug string, at float64, combined, official, reports status.Status) status.Transition {
	return status.Transition{Slug: slug, Since: minute(at), Status: combined, Official: official, Reports: reports}
}

// remembers is the hour after noon: acme has an outage that users see and its
// page admits late, one that the page never admits, and one still open; calm has
// none; past has one that was imported; gone was taken out.
func remembers() history.Changes {
	service := func(slug string, page, users uint64) history.ServiceState {
		return history.ServiceState{Slug: slug, Status: up, LastGood: minute(60), OutageCount: map[status.Signal]uint64{
			status.OfficialStatusPage: page, status.UserReports: users,
		}}
	}
	return history.Changes{
		Services: []history.ServiceState{service("acme", 4, 9), service("calm", 0, 0), service("gone", 0, 1), service("past", 0, 0)},
		Transitions: []status.Transition{
			shown("acme", -600, up, up, up),
			shown("acme", 10, down, up, down), shown("acme", 16, down, bad, down), shown("acme", 19.5, bad, bad, up), shown("acme", 22, up, up, up),
			shown("acme", 30, bad, up, bad), shown("acme", 33, up, up, up),
			shown("acme", 40, none, none, none), shown("acme", 44, up, up, up),
			shown("acme", 50.005, down, down, up),
			shown("calm", 20.25, none, none, none), shown("calm", 20.5, up, up, none),
			shown("gone", -30, bad, none, bad), shown("gone", 5, none, none, none),
			shown("past", 30, up, up, none),
		},
		Outages: []status.Outage{
			{
				ID: "1", Slug: "acme", Signal: status.UserReports, Worst: down, StartedAt: minute(8), DetectedAt: minute(10), ResolvedAt: minute(21),
				ReportsStartedAt: minute(8), ReportsEndedAt: minute(19.5), OfficialStartedAt: minute(14), OfficialEndedAt: minute(21),
				PeakReports: 70, Description: "Logins\tfail\x1b[31m", IncidentURL: "https://status.acme.test/1", Evidence: []string{"1"},
			},
			{
				ID: "2", Slug: "acme", Signal: status.UserReports, Worst: bad, StartedAt: minute(30), DetectedAt: minute(30), ResolvedAt: minute(33),
				ReportsStartedAt: minute(30), ReportsEndedAt: minute(33),
			},
			{
				ID: "3", Slug: "acme", Signal: status.OfficialStatusPage, Worst: down, StartedAt: minute(50.005), DetectedAt: minute(50.005),
				OfficialStartedAt: minute(50.005), Description: "Disks",
			},
			{
				ID: "4", Slug: "gone", Signal: status.UserReports, Worst: bad, StartedAt: minute(-30), DetectedAt: minute(-30), ResolvedAt: minute(5),
				ReportsStartedAt: minute(-30), Unwatched: true,
			},
			{
				ID: "5", Slug: "past", Signal: status.OfficialStatusPage, Worst: bad, Imported: true, StartedAt: minute(12), DetectedAt: minute(12),
				ResolvedAt: minute(18), OfficialStartedAt: minute(12), OfficialEndedAt: minute(18), Description: "Long ago",
			},
		},
	}
}

// keep makes a store, and leaves it as a run does.
func keep(t testing.TB, c history.Changes) string {
	t.Helper()
	dir := t.TempDir()
	s, err := history.Open(t.Context(), history.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Save(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return dir
}

func configured(t testing.TB) *config.Config {
	t.Helper()
	c, err := config.Parse("c.yml", []byte("feeds: []\nservices: [{slug: acme, name: Acme, official: {engine: statuspage, url: https://status.acme.test}}]\n"))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// fill runs backfill at one o'clock.
func fill(t testing.TB, dir string, q BackfillQuery) string {
	t.Helper()
	var out bytes.Buffer
	if err := Backfill(t.Context(), &out, configured(t), dir, q, minute(60)); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

var hour = BackfillQuery{Since: time.Hour, Step: 4 * time.Minute}

// held compares with a golden file, or writes it.
func held(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", name, diff)
	}
}

func TestBackfillGolden(t *testing.T) { held(t, "backfill.txt", fill(t, keep(t, remembers()), hour)) }

// points are the samples of one series, as "minute value".
func points(text, series string) string {
	var out []string
	for line := range strings.Lines(text) {
		if rest, ok := strings.CutPrefix(line, series+" "); ok {
			value, stamp, _ := strings.Cut(strings.TrimSpace(rest), " ")
			seconds, _ := strconv.ParseInt(stamp, 10, 64)
			out = append(out, fmt.Sprintf("%g %s", time.Unix(seconds, 0).Sub(noon).Minutes(), value))
		}
	}
	return strings.Join(out, ", ")
}

func TestBackfillTellsWhatIsKnown(t *testing.T) {
	text := fill(t, keep(t, remembers()), BackfillQuery{Since: time.Hour, Step: 280 * time.Second})
	for series, want := range map[string]string{
		// Imported: known while it lasted, and then unknown until the first watch.
		`downstatus_service_severity{slug="past"}`:                                      "12 1, 14 1, 18 -1, 30 0, 32.666666666666664 0, 37.333333333333336 0, 42 0, 46.666666666666664 0, 51.333333333333336 0, 56 0",
		`downstatus_service_reports_severity{slug="past"}`:                              "",
		`downstatus_service_reports_severity{slug="calm"}`:                              "",
		`downstatus_outages_total{signal="user_reports",slug="gone"}`:                   "0 1, 4.666666666666667 1, 9.333333333333334 1, 14 1, 18.666666666666668 1, 23.333333333333332 1, 28 1, 32.666666666666664 1, 37.333333333333336 1, 42 1, 46.666666666666664 1, 51.333333333333336 1, 56 1",
		`downstatus_outage_duration_seconds{signal="official_status_page",slug="acme"}`: "50.016666666666666 0.7, 51.333333333333336 79.7, 56 359.7, 59.983333333333334 598.7",
		`downstatus_outage_start_timestamp_seconds{signal="user_reports",slug="gone"}`:  "0 1795347000, 4.666666666666667 1795347000",
	} {
		if diff := cmp.Diff(want, points(text, series)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", series, diff)
		}
	}
	if got := points(text, `downstatus_service_severity{slug="calm"}`); !strings.HasPrefix(got, "20.25 -1, 20.5 0, ") {
		t.Errorf("calm: %s", got)
	}
}

// TestBackfillOfAStoppedRun: what nobody has seen is not told.
func TestBackfillOfAStoppedRun(t *testing.T) {
	c := remembers()
	for i := range c.Services {
		c.Services[i].LastGood = minute(20)
	}
	c.Transitions, c.Outages = c.Transitions[:1], nil
	for since, want := range map[time.Duration]string{time.Hour: "32 0", 20 * time.Minute: ""} {
		got := points(fill(t, keep(t, c), BackfillQuery{Since: since, Step: 4 * time.Minute}), `downstatus_service_severity{slug="acme"}`)
		if !strings.HasSuffix(got, want) || want == "" && got != "" {
			t.Errorf("%s: %s, want it to end with %q: the last poll was at 20, and stale 15 minutes later", since, got, want)
		}
	}
}

func TestBackfillUntil(t *testing.T) {
	q := hour
	q.Until = 30 * time.Minute
	if got := points(fill(t, keep(t, remembers()), q), `downstatus_service_severity{slug="past"}`); got != "12 1, 16 1, 18 -1" {
		t.Errorf("%s", got)
	}
}

// TestBackfillOrder holds what OpenMetrics asks for: families and series in one
// piece, samples with growing times, and an end.
func TestBackfillOrder(t *testing.T) {
	text := fill(t, keep(t, remembers()), BackfillQuery{Since: time.Hour, Step: time.Second})
	sample := regexp.MustCompile(`^([a-z_]+)(\{[^}]*\}) (\S+) ([0-9]+)$`)
	seen := map[string]bool{}
	var family, current string
	var last int
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	if end := lines[len(lines)-1]; end != "# EOF" {
		t.Fatalf("ends with %q", end)
	}
	for _, line := range lines[:len(lines)-1] {
		if strings.HasPrefix(line, "#") {
			family = strings.Fields(line)[2]
			continue
		}
		m := sample.FindStringSubmatch(line)
		if m == nil || strings.TrimSuffix(m[1], "_total") != family {
			t.Fatalf("%q in %s", line, family)
		}
		at, _ := strconv.Atoi(m[4])
		if series := m[1] + m[2]; series != current {
			if seen[series] {
				t.Fatalf("%s in two pieces", series)
			}
			seen[series], current, last = true, series, 0
		}
		if at <= last {
			t.Fatalf("%q after %d", line, last)
		}
		last = at
	}
	if len(seen) < 20 {
		t.Errorf("%d series", len(seen))
	}
}

func TestBackfillFile(t *testing.T) {
	dir := keep(t, remembers())
	q := hour
	q.Output = filepath.Join(t.TempDir(), "out.txt")
	if got := fill(t, dir, q); got != "" {
		t.Errorf("written beside the file: %.80s", got)
	}
	b, err := os.ReadFile(q.Output)
	if err != nil || string(b) != fill(t, dir, hour) {
		t.Errorf("%v, %.80s", err, b)
	}
	if err := writeFile(q.Output, func(io.Writer) error { return os.ErrInvalid }); err == nil {
		t.Error("no error")
	}
	if after, err := os.ReadFile(q.Output); err != nil || !bytes.Equal(after, b) {
		t.Errorf("a fault has changed the file: %v, %.80s", err, after)
	}
	if left, err := os.ReadDir(filepath.Dir(q.Output)); err != nil || len(left) != 1 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

// TestBackfillIntoPrometheus has promtool make blocks, and reads them back.
func TestBackfillIntoPrometheus(t *testing.T) {
	promtool, err := exec.LookPath("promtool")
	if err != nil {
		t.Skip("promtool is not installed")
	}
	data := t.TempDir()
	if out, err := exec.Command(promtool, "tsdb", "create-blocks-from", "openmetrics", "testdata/backfill.txt", data).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if err := os.Mkdir(filepath.Join(data, "wal"), 0o755); err != nil { // as a Prometheus would
		t.Fatal(err)
	}
	out, err := exec.Command(promtool, "tsdb", "dump", data).Output()
	if err != nil {
		t.Fatal(err)
	}
	golden, err := os.ReadFile("testdata/backfill.txt")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(canonical(string(golden)), canonical(string(out))); diff != "" {
		t.Errorf("written (-), stored (+):\n%s", diff)
	}
}

// canonical are the samples of either format, sorted: name{labels} value seconds.
func canonical(text string) []string {
	var out []string
	dumped := regexp.MustCompile(`^\{__name__="([a-z_]+)", (.*)\} (\S+) ([0-9]+)000$`)
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if m := dumped.FindStringSubmatch(line); m != nil {
			line = m[1] + "{" + strings.ReplaceAll(m[2], ", ", ",") + "} " + m[3] + " " + m[4]
		}
		fields := strings.Fields(line)
		if len(fields) != 3 {
			continue // comments
		}
		v, err := strconv.ParseFloat(fields[1], 64)
		out = append(out, fmt.Sprint(fields[0], v, err, fields[2]))
	}
	slices.Sort(out)
	return out
}

func TestBackfillFaults(t *testing.T) {
	dir := keep(t, remembers())
	for name, tc := range map[string]struct {
		path string
		q    BackfillQuery
		want string
	}{
		"step of none":     {dir, BackfillQuery{Since: time.Hour}, "--step=0s: want whole seconds, from 1s to 4m59s"},
		"step too long":    {dir, BackfillQuery{Since: time.Hour, Step: 5 * time.Minute}, "--step=5m0s"},
		"step of a part":   {dir, BackfillQuery{Since: time.Hour, Step: 1500 * time.Millisecond}, "--step=1.5s"},
		"ends before":      {dir, BackfillQuery{Since: time.Hour, Until: time.Hour, Step: time.Minute}, "--since=1h0m0s: want a time before --until=1h0m0s"},
		"nothing is kept":  {"", hour, "--storage.path is empty"},
		"no store":         {"nowhere", hour, "store nowhere/downstatus.db: file does not exist; a run makes it: name its folder with --storage.path"},
		"file in no place": {dir, BackfillQuery{Since: time.Hour, Step: time.Minute, Output: "nowhere/out.txt"}, "nowhere/out.txt"},
	} {
		t.Run(name, func(t *testing.T) {
			err := Backfill(t.Context(), &bytes.Buffer{}, configured(t), tc.path, tc.q, minute(60))
			if err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("got %v, want %q", err, tc.want)
			}
		})
	}
}

func report(t *testing.T, q ReportQuery) string {
	t.Helper()
	var out bytes.Buffer
	if err := Report(t.Context(), &out, configured(t), keep(t, remembers()), q, minute(60)); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestReportGolden(t *testing.T) {
	held(t, "report.txt", report(t, ReportQuery{Since: time.Hour, Outages: true}))
	held(t, "report.csv", report(t, ReportQuery{Since: time.Hour, CSV: true}))
	held(t, "report.json", report(t, ReportQuery{Since: time.Hour, JSON: true}))
}

// TestReportFormatsAgree: CSV and JSON have the same columns, all plain numbers.
func TestReportFormatsAgree(t *testing.T) {
	rows, err := csv.NewReader(strings.NewReader(report(t, ReportQuery{Since: time.Hour, CSV: true}))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var objects []map[string]any
	if err := json.Unmarshal([]byte(report(t, ReportQuery{Since: time.Hour, JSON: true})), &objects); err != nil || len(objects) != len(rows)-1 {
		t.Fatalf("%d objects, %d rows: %v", len(objects), len(rows), err)
	}
	for i, o := range objects {
		if len(o) != len(rows[0])+1 { // the list of outages
			t.Errorf("%d fields, %d columns", len(o), len(rows[0]))
		}
		for j, name := range rows[0] {
			want := rows[i+1][j]
			switch v := o[name].(type) {
			case nil:
				if want != "" {
					t.Errorf("row %d: %s is null, and %s", i, name, want)
				}
			case float64:
				if got, err := strconv.ParseFloat(want, 64); err != nil || got != v {
					t.Errorf("row %d: %s is %v, and %s", i, name, v, want)
				}
			default:
				if v != want {
					t.Errorf("row %d: %s is %v, and %s", i, name, v, want)
				}
			}
		}
	}
}

func TestReportFaults(t *testing.T) {
	for want, q := range map[string]ReportQuery{
		"--csv and --json": {Since: time.Hour, CSV: true, JSON: true},
		"--outages goes":   {Since: time.Hour, CSV: true, Outages: true},
		"--since=0s":       {},
		"store nowhere":    {Since: time.Hour},
	} {
		if err := Report(t.Context(), &bytes.Buffer{}, configured(t), "nowhere", q, noon); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
}

func TestReportOfAnEmptyStore(t *testing.T) {
	var out bytes.Buffer
	if err := Report(t.Context(), &out, configured(t), keep(t, history.Changes{}), ReportQuery{Since: time.Hour}, noon); err != nil {
		t.Fatal(err)
	}
	if lines := strings.Split(strings.TrimSpace(out.String()), "\n"); len(lines) != 4 || !strings.Contains(lines[3], "unknown") {
		t.Errorf("%s", out.String())
	}
}

func TestDelays(t *testing.T) {
	for _, tc := range []struct {
		delays        []float64
		median, worst float64
	}{{[]float64{5}, 5, 5}, {[]float64{9, -3}, 3, 9}, {[]float64{7, 1, 30}, 7, 30}, {[]float64{-4, -9}, -6.5, -4}} {
		r := reported{delays: tc.delays}
		if r.sumUp(); *r.DelayMedian != tc.median || *r.DelayWorst != tc.worst {
			t.Errorf("%v: median %g, worst %g", tc.delays, *r.DelayMedian, *r.DelayWorst)
		}
	}
}

func TestPercentNeverRoundsUp(t *testing.T) {
	for ratio, want := range map[float64]string{1: "100.000 %", .9999999: "99.999 %", 0: "0.000 %", .5: "50.000 %"} {
		if got := percent(&ratio); got != want {
			t.Errorf("%g: %s, want %s", ratio, got, want)
		}
	}
}

// BenchmarkBackfill is a week of 500 services, with an outage each a day.
func BenchmarkBackfill(b *testing.B) {
	var c history.Changes
	for i := range 500 {
		slug := fmt.Sprintf("service-%d", i)
		c.Services = append(c.Services, history.ServiceState{Slug: slug, LastGood: noon, OutageCount: map[status.Signal]uint64{status.UserReports: 7}})
		c.Transitions = append(c.Transitions, shown(slug, -8*24*60, up, up, up))
		for day := range 7 {
			at := float64(-day*24*60 - 600 - i)
			c.Transitions = append(c.Transitions, shown(slug, at, down, up, down), shown(slug, at+30, up, up, up))
			c.Outages = append(c.Outages, status.Outage{
				ID: fmt.Sprint(i, "-", day), Slug: slug, Signal: status.UserReports, Worst: down, StartedAt: minute(at), DetectedAt: minute(at),
				ResolvedAt: minute(at + 30), ReportsStartedAt: minute(at), ReportsEndedAt: minute(at + 30),
			})
		}
	}
	dir := keep(b, c)
	var w counter
	for b.Loop() {
		w = counter{}
		out := bufio.NewWriter(&w)
		if err := Backfill(b.Context(), out, configured(b), dir, BackfillQuery{Since: 7 * 24 * time.Hour, Step: 4 * time.Minute}, noon); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(w.bytes)/1e6, "MB")
	b.ReportMetric(float64(w.lines)/1e6, "Mlines")
}

// counter counts what is written.
type counter struct{ bytes, lines int }

func (c *counter) Write(b []byte) (int, error) {
	c.bytes += len(b)
	c.lines += bytes.Count(b, []byte("\n"))
	return len(b), nil
}
