package command

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/downstatus/downstatus_exporter/internal/config"
	"github.com/downstatus/downstatus_exporter/internal/status"
	_ "github.com/downstatus/downstatus_exporter/sources/all"
	"github.com/downstatus/downstatus_exporter/sources/auto"
)

var update = flag.Bool("update", false, "write the golden files")

const acmeSummary = `{
	"page": {"id": "kctbh9vrtdwd", "name": "Acme Status", "url": "https://status.acme.test"},
	"status": {"indicator": "minor", "description": "Minor Outage"},
	"components": [
		{"id": "g1", "name": "Europe", "status": "degraded_performance", "group": true, "components": ["c1"]},
		{"id": "c1", "name": "API", "status": "degraded_performance", "group_id": "g1"},
		{"id": "c2", "name": "Website", "status": "operational", "group_id": null},
		{"id": "c3", "name": "Mail", "status": "under_maintenance", "group_id": null}
	],
	"incidents": [{"id": "i1", "name": "Slow API", "status": "identified", "impact": "minor", "shortlink": "https://status.acme.test/i1",
		"started_at": "2026-11-20T10:00:00.000Z", "created_at": "2026-11-20T10:00:00.000Z"}],
	"scheduled_maintenances": [{"id": "m1", "name": "New disks", "status": "in_progress", "impact": "maintenance",
		"scheduled_for": "2026-11-20T09:00:00.000Z", "scheduled_until": "2096-11-20T12:00:00.000Z"}]
}`

// site answers one path, and the page of Statuspage's incidents as empty.
func detectSite(t *testing.T, path, body string) string {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != path {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprint(w, body)
	}))
	t.Cleanup(server.Close)
	return server.URL
}

func detect(t *testing.T, page string, asJSON bool) (string, error) {
	t.Helper()
	client, err := Client(config.Default(), page)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	var out bytes.Buffer
	err = Detect(t.Context(), &out, client, page, asJSON)
	return strings.ReplaceAll(out.String(), page, "http://status.acme.test"), err
}

func TestDetectGolden(t *testing.T) {
	for _, file := range []string{"detect.txt", "detect.json"} {
		got, err := detect(t, detectSite(t, "/api/v2/summary.json", acmeSummary), strings.HasSuffix(file, ".json"))
		if err != nil {
			t.Fatal(err)
		}
		golden := filepath.Join("testdata", file)
		if *update {
			if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(golden)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", file, diff)
		}
	}
}

// TestDetectSnippet: what is printed to be pasted is a configuration.
func TestDetectSnippet(t *testing.T) {
	out, err := detect(t, detectSite(t, "/api/v2/summary.json", acmeSummary), true)
	if err != nil {
		t.Fatal(err)
	}
	var d detected
	if err := json.Unmarshal([]byte(out), &d); err != nil {
		t.Fatal(err)
	}
	if _, err := config.Parse("pasted.yml", []byte(d.Config)); err != nil {
		t.Errorf("%s\n%v", d.Config, err)
	}
}

func TestDetectNot(t *testing.T) {
	out, err := detect(t, detectSite(t, "/", `{}`), false)
	if !errors.Is(err, auto.ErrUnknownEngine) || out != "" {
		t.Errorf("printed %q, error %v", out, err)
	}
	out, err = detect(t, detectSite(t, "/", `{}`), true)
	if !errors.Is(err, auto.ErrUnknownEngine) || !strings.Contains(out, `"engine": ""`) || !strings.Contains(out, `"indicator": "unknown"`) {
		t.Errorf("as JSON: printed %q, error %v", out, err)
	}
	if _, err := detect(t, "ftp://status.acme.test", false); err == nil {
		t.Error("no web address: want an error")
	}
}

// TestDetectOff: who runs the page is known, but there is nothing to read.
func TestDetectOff(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/" {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", "text/html")
		fmt.Fprint(w, `<html><link rel="icon" href="https://assets.incident.io/icon.png">`)
	}))
	t.Cleanup(server.Close)
	out, err := detect(t, server.URL, true)
	if !errors.Is(err, auto.ErrAPIOff) || errors.Is(err, auto.ErrUnknownEngine) {
		t.Errorf("error %v, want the API to be off", err)
	}
	var d detected
	if err := json.Unmarshal([]byte(out), &d); err != nil {
		t.Fatal(err)
	}
	if d.Engine != "incidentio" || d.Error == "" || d.Config != "" || d.Indicator != status.IndicatorUnknown || d.Status != status.Unknown {
		t.Errorf("%+v", d)
	}
}

// TestDetectUnread: the engine is known, but nothing of the page is.
func TestDetectUnread(t *testing.T) {
	out, err := detect(t, detectSite(t, "/api/v1/status", `{"data":{"status":"success"}}`), true)
	if err != nil {
		t.Fatal(err)
	}
	var d detected
	if err := json.Unmarshal([]byte(out), &d); err != nil {
		t.Fatal(err)
	}
	if d.Engine != "cachet" || d.Error == "" || d.Indicator.String() != "unknown" || d.Status.String() != "unknown" {
		t.Errorf("%+v", d)
	}
}

func TestSlugs(t *testing.T) {
	for name, want := range map[string]string{
		"Acme Status": "acme", "Acme, Inc.": "acme-inc", "acme status page": "acme", "Statusgator": "statusgator", "Status": "", "状态": "",
	} {
		if got := slugOf(name); got != want {
			t.Errorf("name %s: %q, want %q", name, got, want)
		}
	}
	for host, want := range map[string]string{
		"status.acme.com": "acme", "www.acmestatus.com": "acme", "acme.statuspage.io": "acme", "127.0.0.1": "service", "api.status.io": "service",
		"localhost": "localhost", "status.com": "service", "::1": "service",
	} {
		if got := slugOfHost(host); got != want {
			t.Errorf("host %s: %q, want %q", host, got, want)
		}
	}
}
