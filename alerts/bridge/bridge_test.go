package bridge

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/downstatus/downstatus_exporter/internal/status"
	"github.com/downstatus/downstatus_exporter/sources"
)

// TestLife: opening, more trouble, less of it, the end, the tail, silence.
func TestLife(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, "")
		defer func() { w.stop() }()
		w.say("acme", status.None)
		w.say("bank", status.None)
		w.pass(2 * time.Second)
		w.want("a:9093")

		opened := time.Now()
		w.say("acme", status.Minor)
		w.pass(2 * time.Second)
		first := w.manager.last()
		want := []payload{{
			Labels: map[string]string{
				"alertname": vendorDegraded, "slug": "acme", "depends_on": "acme", "kind": "third_party_outage",
				"severity": "warning", "team": "web", "via": "bridge",
			},
			Annotations: map[string]string{
				"summary":       "A vendor says that its service is degraded.",
				"description":   "Acme is degraded. The status page says minor; user reports are not counted; since " + opened.Add(-7*time.Minute).UTC().Format("2006-01-02 15:04 UTC") + ".",
				"board_url":     "http://localhost/status/acme",
				"official_url":  "https://status.acme.test",
				"incident_url":  "https://status.acme.test/i1",
				"dashboard_url": "/d/downstatus-service?var-slug=acme",
				"runbook_url":   "https://github.com/downstatus/downstatus_exporter/blob/main/alerts/runbooks/DownstatusVendorDegraded.md",
				"started_at":    opened.Add(-7 * time.Minute).UTC().Format(time.RFC3339),
			},
			StartsAt: opened.UTC(), EndsAt: first.at.Add(4 * time.Minute).UTC(), GeneratorURL: "http://localhost/status/acme",
		}}
		if diff := cmp.Diff(want, first.all); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		w.want("a:9093", "firing DownstatusVendorDegraded acme")
		w.want("b:9093", "firing DownstatusVendorDegraded acme")

		w.pass(58 * time.Second)
		w.want("a:9093")
		w.pass(3 * time.Second)
		w.want("a:9093", "firing DownstatusVendorDegraded acme") // again

		w.say("acme", status.Major)
		w.pass(2 * time.Second)
		w.want("a:9093", "resolved DownstatusVendorDegraded acme", "firing DownstatusVendorDown acme")
		if end := w.manager.last().all[0]; end.Annotations["note"] == "" || end.Annotations["resolved_at"] != "" {
			t.Errorf("an alert that another one follows ends with %v", end.Annotations)
		}

		w.say("acme", status.None)
		w.pass(2 * time.Second)
		w.want("a:9093", "resolved DownstatusVendorDown acme")
		end := w.manager.last().all[0]
		if end.Annotations["resolved_at"] == "" || end.EndsAt.Before(end.StartsAt) || end.EndsAt.After(time.Now()) {
			t.Errorf("ends with %+v", end)
		}
		w.pass(6 * time.Minute)
		if got := strings.Count(strings.Join(w.manager.taken("a:9093"), "\n"), "resolved DownstatusVendorDown"); got != 4 && got != 5 {
			t.Errorf("the end was told %d times more, want it for 5 minutes", got)
		}
		w.pass(5 * time.Minute)
		w.want("a:9093")
		if rows, err := w.store.Alerts(t.Context()); err != nil || len(rows) > 0 {
			t.Errorf("%v still stored, %v", rows, err)
		}
		w.wantMetric(`downstatus_bridge_queue_length{peer="a:9093"} 0`)
	})
}

// TestReopened begins anew: with the start of the record Alertmanager would not
// wait for a group to fill.
func TestReopened(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, "")
		defer func() { w.stop() }()
		w.say("acme", status.Major)
		w.pass(2 * time.Second)
		w.say("acme", status.None)
		w.pass(2 * time.Minute)
		w.manager.taken("a:9093")
		began := time.Now()
		w.say("acme", status.Major)
		w.pass(2 * time.Second)
		w.want("a:9093", "firing DownstatusVendorDown acme")
		if at := w.manager.last().all[0].StartsAt; at.Before(began) {
			t.Errorf("starts at %s, reopened at %s", at, began)
		}
		w.pass(2 * time.Minute)
		w.want("a:9093", "firing DownstatusVendorDown acme", "firing DownstatusVendorDown acme")
	})
}

// TestRestart neither resolves nor repeats; what ended meanwhile is resolved.
func TestRestart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, "")
		defer func() { w.stop() }()
		w.say("acme", status.Major)
		w.say("bank", status.Minor)
		w.pass(2 * time.Second)
		before := w.manager.last().all
		w.pass(20 * time.Second)
		w.want("a:9093", "firing DownstatusVendorDown acme", "firing DownstatusVendorDegraded bank")
		w.stop()
		time.Sleep(time.Minute)
		w.start()
		w.pass(2 * time.Second)
		w.want("a:9093", "firing DownstatusVendorDown acme", "firing DownstatusVendorDegraded bank")
		for i, a := range w.manager.last().all {
			if diff := cmp.Diff(before[i].Labels, a.Labels); diff != "" || !a.StartsAt.Equal(before[i].StartsAt) {
				t.Errorf("starts at %s, before the restart at %s; labels (-before +after):\n%s", a.StartsAt, before[i].StartsAt, diff)
			}
		}
		w.say("acme", status.None)
		w.pass(2 * time.Second)
		w.want("a:9093", "resolved DownstatusVendorDown acme")

		w.stop() // the end is still to be told
		w.start()
		w.pass(2 * time.Second)
		w.want("a:9093", "resolved DownstatusVendorDown acme", "firing DownstatusVendorDegraded bank")
		w.say("bank", status.None)
		w.pass(2 * time.Second)
		w.want("a:9093", "resolved DownstatusVendorDegraded bank")
	})
}

// TestLabelsOfARestart: an alert whose labels the configuration has changed
// meanwhile is resolved as it was fired.
func TestLabelsOfARestart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, "")
		defer func() { w.stop() }()
		w.say("acme", status.Major)
		w.pass(2 * time.Second)
		w.want("a:9093", "firing DownstatusVendorDown acme")
		w.stop()
		w.configure(strings.ReplaceAll(services, "team: web", "team: core") + "}")
		w.start()
		w.pass(2 * time.Second)
		all := w.manager.last().all
		if len(all) != 2 || all[0].Labels["team"] != "core" || all[1].Labels["team"] != "web" || all[1].EndsAt.After(time.Now()) {
			t.Errorf("sent %+v", all)
		}
	})
}

func TestHeldAndUnwatched(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, "")
		defer func() { w.stop() }()
		const brief = "global: {hold_open_for: 20m}"
		w.configure(brief + services + "}")
		w.board.Configure(w.plan, time.Now())
		w.say("acme", status.Major)
		w.pass(2 * time.Second)
		for range 16 { // stale
			w.read("acme", sources.Reading{}, errors.New("no answer"))
			w.pass(time.Minute)
		}
		w.want("a:9093", slices.Repeat([]string{"firing DownstatusVendorDown acme"}, 17)...)
		if !w.board.Snapshot().Service("acme").Stale {
			t.Error("the status is not held")
		}
		w.pass(10 * time.Minute) // beyond hold_open_for
		if now := w.board.Snapshot().Service("acme").Status; now != status.Unknown {
			t.Errorf("status %s", now)
		}
		for _, line := range w.manager.taken("a:9093") {
			if line != "firing DownstatusVendorDown acme" {
				t.Fatalf("sent %s, but nobody saw a recovery", line)
			}
		}
		w.configure(brief + strings.ReplaceAll(services, "slug: acme,", "slug: other,") + "}")
		w.board.Configure(w.plan, time.Now())
		w.pass(2 * time.Second)
		w.want("a:9093", "resolved DownstatusVendorDown acme")
		if end := w.manager.last().all[0].Annotations; !strings.Contains(end["note"], "no longer watched") || end["resolved_at"] != "" {
			t.Errorf("ends with %v", end)
		}
	})
}

func TestSelection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for more, want := range map[string]string{
			"":                                          "bank acme",
			", min_status: down":                        "acme",
			", match: {category: [finance]}":            "bank",
			`, match: {slug: ["ac*"]}`:                  "acme",
			`, match: {labels: {team: web}}`:            "acme",
			`, match: {labels: {team: db}}`:             "",
			`, match: {slug: [bank]}, min_status: down`: "",
		} {
			w := newWorld(t, more)
			w.say("acme", status.Major)
			w.say("bank", status.Minor)
			w.pass(2 * time.Second)
			var got []string
			for _, line := range w.manager.taken("a:9093") {
				got = append(got, line[strings.LastIndex(line, " ")+1:])
			}
			w.stop()
			for _, slug := range []string{"acme", "bank"} {
				if strings.Contains(want, slug) != strings.Contains(strings.Join(got, " "), slug) {
					t.Errorf("%q: sent about %v, want %q", more, got, want)
				}
			}
		}
	})
}

// TestOutageLong is a second alert, after an hour.
func TestOutageLong(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, "")
		defer func() { w.stop() }()
		w.age = 57 * time.Minute
		w.say("acme", status.Major)
		w.pass(2 * time.Minute)
		if got := strings.Join(w.manager.taken("a:9093"), " "); strings.Contains(got, outageLong) {
			t.Error("59 minutes are long")
		}
		w.pass(2 * time.Minute)
		if got := strings.Join(w.manager.taken("a:9093"), " "); !strings.Contains(got, "firing "+outageLong) {
			t.Errorf("61 minutes: %s", got)
		}
		w.say("acme", status.None)
		w.pass(2 * time.Second)
		w.want("a:9093", "resolved DownstatusOutageLong acme", "resolved DownstatusVendorDown acme")
	})
}

// TestFollower posts nothing, and goes on where the leader ended.
func TestFollower(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, "")
		defer func() { w.stop() }()
		w.leads.Store(false)
		w.say("acme", status.Major)
		w.pass(5 * time.Minute)
		w.want("a:9093")
		w.leads.Store(true)
		w.pass(2 * time.Second)
		w.want("a:9093", "firing DownstatusVendorDown acme")
		w.leads.Store(false)
		w.say("acme", status.None)
		w.pass(2 * time.Minute)
		w.want("a:9093")
		w.leads.Store(true)
		w.pass(2 * time.Second)
		w.want("a:9093", "resolved DownstatusVendorDown acme")
	})
}

// TestReconfigured: a peer that joins is told all, one that leaves nothing.
func TestReconfigured(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, "")
		defer func() { w.stop() }()
		w.say("acme", status.Major)
		w.pass(2 * time.Second)
		w.want("b:9093", "firing DownstatusVendorDown acme")
		w.configure(strings.ReplaceAll(services, `"b:9093"`, `"c:9093"`) + "}")
		w.reconfigure()
		w.pass(2 * time.Second)
		w.want("c:9093", "firing DownstatusVendorDown acme")
		w.pass(2 * time.Minute)
		w.want("b:9093")
		w.wantMetric(`downstatus_bridge_alerts_failed_total{peer="c:9093",reason="refused"} 0`)

		w.cfg.Alertmanager = nil
		w.reconfigure()
		w.pass(2 * time.Second)
		w.manager.taken("c:9093")
		w.pass(2 * time.Minute)
		w.want("c:9093")
		if n := len(w.metrics()); n != 0 {
			t.Errorf("%d series of peers that are gone", n)
		}
	})
}

func (w *world) metrics() []string {
	var out []string
	all, err := w.registry.Gather()
	if err != nil {
		w.t.Fatal(err)
	}
	for _, f := range all {
		for range f.GetMetric() {
			out = append(out, f.GetName())
		}
	}
	return out
}

// TestPeers: one refuses connections, one hangs, one refuses an alert, one is
// well; none holds up another.
func TestPeers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, "")
		defer func() { w.stop() }()
		w.manager.answer("a:9093", func(ctx context.Context, _ []payload) (int, error) {
			<-ctx.Done()
			return 0, ctx.Err()
		})
		w.say("acme", status.Major)
		w.say("bank", status.Minor)
		w.pass(2 * time.Second)
		w.want("b:9093", "firing DownstatusVendorDown acme", "firing DownstatusVendorDegraded bank")
		w.pass(10 * time.Second)
		w.wantMetric(`downstatus_bridge_alerts_failed_total{peer="a:9093",reason="timeout"} 2`)
		w.wantMetric(`downstatus_bridge_alerts_sent_total{peer="b:9093"} 2`)

		var refusing atomic.Int32
		w.manager.answer("a:9093", func(context.Context, []payload) (int, error) {
			refusing.Add(1)
			return 0, errors.New("connection refused")
		})
		w.say("acme", status.None) // while it is away
		w.pass(3 * time.Minute)
		if n := refusing.Load(); n < 10 || n > 30 {
			t.Errorf("asked %d times in 3 minutes", n)
		}
		w.manager.taken("b:9093")
		w.manager.answer("a:9093", nil)
		w.pass(15 * time.Second)
		w.wantDistinct("a:9093", "resolved DownstatusVendorDown acme", "firing DownstatusVendorDegraded bank") // the minute may have turned too
		if n := strings.Count(w.log.String(), "alerts cannot be sent"); n != 1 {
			t.Errorf("said %d times that a peer fails:\n%s", n, &w.log)
		}
		if !strings.Contains(w.log.String(), "takes alerts again") {
			t.Errorf("not said that the peer is back:\n%s", &w.log)
		}
	})
}

func TestRefusedAlert(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, "")
		defer func() { w.stop() }()
		w.manager.answer("a:9093", func(_ context.Context, all []payload) (int, error) {
			for _, a := range all {
				if a.Labels["slug"] == "acme" {
					return 400, nil
				}
			}
			return 200, nil
		})
		w.say("acme", status.Major)
		w.say("bank", status.Major)
		w.pass(2 * time.Second)
		if diff := cmp.Diff([]int{2, 1, 1}, w.manager.sizes("a:9093")); diff != "" {
			t.Errorf("sizes of requests (-want +got):\n%s", diff)
		}
		w.want("a:9093", "firing DownstatusVendorDown bank")
		w.wantMetric(`downstatus_bridge_alerts_failed_total{peer="a:9093",reason="refused"} 1`)
		w.wantMetric(`downstatus_bridge_alerts_sent_total{peer="a:9093"} 1`)
		w.pass(time.Minute) // the next round, in which the suspect spoils no batch
		if diff := cmp.Diff([]int{1, 1}, w.manager.sizes("a:9093")); diff != "" {
			t.Errorf("sizes of requests (-want +got):\n%s", diff)
		}
		w.want("a:9093", "firing DownstatusVendorDown bank")
		if n := strings.Count(w.log.String(), "refuses an alert"); n != 1 {
			t.Errorf("said %d times:\n%s", n, &w.log)
		}
	})
}
