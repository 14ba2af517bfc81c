package bridge

import (
	"testing"
	"time"

	"github.com/downstatus/downstatus_exporter/alerts"
	"github.com/downstatus/downstatus_exporter/internal/board"
	"github.com/downstatus/downstatus_exporter/internal/config"
	"github.com/downstatus/downstatus_exporter/internal/status"
)

// TestName: which alert speaks about an open outage.
func TestName(t *testing.T) {
	const (
		unknown, calm, degraded, down = status.Unknown, status.Operational, status.Degraded, status.Down
	)
	ended := time.Now()
	for _, tc := range []struct {
		name             string
		shown, official  status.Status
		pageless         bool
		min              status.Status
		was              string
		admitted, silent bool // the record: the page has admitted it; and is silent again
		worst            status.Status
		want             string
	}{
		{"the page admits", down, down, false, degraded, "", true, false, down, vendorDown},
		{"the page admits less than users say", down, degraded, false, degraded, "", true, false, down, vendorDegraded},
		{"… and only down is worth an alert", down, degraded, false, down, "", true, false, down, vendorDegraded},
		{"below what is worth an alert", degraded, degraded, false, down, "", true, false, degraded, ""},
		{"the page is silent", down, calm, false, degraded, "", false, false, down, usersReport},
		{"the page is silent by now", down, calm, false, degraded, vendorDown, true, true, down, usersReport},
		{"there is no page", degraded, unknown, true, degraded, "", false, false, degraded, usersReport},
		{"the page cannot be read any more", down, unknown, false, degraded, vendorDown, true, false, down, vendorDown},
		{"… never read, users report", down, unknown, false, degraded, "", false, false, down, usersReport},
		{"… after a restart without memory", down, unknown, false, degraded, "", true, false, down, vendorDown},
		{"… likewise, degraded", degraded, unknown, false, degraded, "", true, false, degraded, vendorDegraded},
		{"… likewise, after the page's recovery", down, unknown, false, degraded, "", true, true, down, usersReport},
		{"nothing is known any more", unknown, unknown, false, degraded, vendorDegraded, true, false, degraded, vendorDegraded},
		{"nothing is known, and nothing was sent", unknown, unknown, false, degraded, "", true, false, degraded, ""},
	} {
		o := &status.Outage{Worst: tc.worst}
		if tc.admitted {
			o.OfficialStartedAt = ended.Add(-time.Hour)
		}
		if tc.silent {
			o.OfficialEndedAt = ended
		}
		v := &board.Service{Slug: "acme", Status: tc.shown, Outage: o, HasOfficial: !tc.pageless, Official: status.Official{Severity: tc.official}}
		s := selection{config: &config.Alertmanager{MinStatus: tc.min}, speaking: map[string]string{"acme": tc.was}}
		if got := s.name(v); got != tc.want {
			t.Errorf("%s: %q, want %q", tc.name, got, tc.want)
		}
	}
}

// TestTableHasThem: a name that the table does not have would stop the program.
func TestTableHasThem(t *testing.T) {
	for _, name := range []string{vendorDown, vendorDegraded, usersReport, outageLong} {
		if a, ok := alerts.Lookup(name); !ok || a.Kind != alerts.Outage {
			t.Errorf("%s is %+v in the table", name, a)
		}
	}
	if _, ok := alerts.Lookup(trialName); ok {
		t.Errorf("%s is an alert of the rules", trialName)
	}
}
