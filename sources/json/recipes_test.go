package json

import (
	"strings"
	"testing"
	"time"

	"github.com/downstatus/downstatus_exporter/internal/catalog"
	"github.com/downstatus/downstatus_exporter/sources"
	"github.com/downstatus/downstatus_exporter/sources/internal/enginetest"
)

// recipe is the recipe of a service, checked as the configuration would.
func recipe(t *testing.T, slug string) map[string]string {
	t.Helper()
	r, ok := catalog.RecipeFor(slug)
	if !ok || r.Engine != "json" {
		t.Fatalf("%s: %+v, %t", slug, r, ok)
	}
	e, _ := sources.Lookup(r.Engine)
	for name := range r.Options {
		if _, known := e.Option(name); !known {
			t.Errorf("%s: option %s is not known", slug, name)
		}
	}
	if _, err := e.Target(sources.Config{URL: r.URL, Options: r.Options}); err != nil {
		t.Errorf("%s: %v", slug, err)
	}
	return r.Options
}

// TestRecipes reads each vendor's document in its documented shape.
func TestRecipes(t *testing.T) {
	const (
		adobe = `{"incidentEvent":{"incidents":{%s},"messages":{}},"maintenanceEvent":{"maintenance":{%s}}}`
		event = `"7":{"id":"7","products":{"10":{"id":"10","name":"Paint","startedOn":"1795341600","endedOn":%s,"history":{"1795341600":{"status":"Opened","severity":"Minor"},"1795345200":{"status":"%s","severity":"%s"}}}}}`
		work  = `"8":{"id":"8","status":"%s","scheduledDate":%s,"products":{"11":{"id":"11","name":"Sign","history":{}}}}`
		steam = `{"result":{"services":{"SessionsLogon":"%s","SteamCommunity":"%s","IEconItems":"offline","Leaderboards":"idle"},"matchmaking":{"scheduler":"%s"}}}`
		oci   = `{"realm":"OC1","regionHealthReports":[{"regionId":"r1","regionName":"North (Acme)","regionCanonicalName":"north-1","serviceHealthReports":[{"serviceName":"Compute","serviceCanonicalName":"compute","serviceStatus":"%s"},{"serviceName":"Storage","serviceStatus":"NormalPerformance"},{"serviceName":"Mail","serviceStatus":"Informational"}]}]}`
		ali   = `{"code":"200","success":true,"data":[{"id":5,"title":"%s","eventType":"%s","startTime":1795341600000,"endTime":%s,"products":["Disks"],"regions":[{"id":"n","name":"North"}]}]}`
		nin   = `{"lang":"en_US","categories":[],"operational_statuses":[%s],"temporary_maintenances":[%s]}`
		entry = `{"platform":["Switch"],"software_title":"Play","begin":"Sunday, November 22, 2026  %s","end":"%s","utc_del_time":"%s"}`
		pay   = `{"result":[{"category":{"name":"product"},"name":"Checkout","status":{"production":"%s","sandbox":"Service Outage"}},{"category":{"name":"api"},"name":"Only a sandbox","status":{"sandbox":"Operational"}}]}`
	)
	fill := func(form string, values ...string) string {
		for _, v := range values {
			form = strings.Replace(form, "%s", v, 1)
		}
		return form
	}
	for _, tt := range []struct{ slug, name, body, want string }{
		{"paypal", "calm", fill(pay, "Operational"), "none operational calm"},
		{"paypal", "notice", fill(pay, "informational"), "none operational calm"},
		{"paypal", "outage", fill(pay, "service_outage"), "major down calm"},
		{"paypal", "disruption", fill(pay, "Service Disruption"), "minor degraded calm"},
		{"paypal", "planned work", fill(pay, "UNDER_MAINTENANCE"), "none operational maintenance"},
		{"paypal", "odd", fill(pay, "Meh"), "unknown unknown calm"},
		{"nintendo", "calm", fill(nin, "", ""), "none operational calm"},
		{"nintendo", "open", fill(nin, fill(entry, "1 :00 AM", "", ""), ""), "major down calm"},
		{"nintendo-network", "under way", fill(nin, fill(entry, "1 :00 AM", "Sunday, November 22, 2026 11 :00 AM", ""), ""), "major down calm"},
		{"nintendo-account", "over", fill(nin, fill(entry, "1 :00 AM", "Sunday, November 22, 2026  3 :00 AM", ""), ""), "none operational calm"},
		{"nintendo", "out of date", fill(nin, fill(entry, "1 :00 AM", "", "2026-11-22 11:00:00"), ""), "none operational calm"},
		{"nintendo", "work under way", fill(nin, "", fill(entry, "1 :00 AM", "Sunday, November 22, 2026 11 :00 AM", "")), "none operational maintenance"},
		{"nintendo", "work to come", fill(nin, "", fill(entry, "5 :00 AM", "Sunday, November 22, 2026 11 :00 AM", "")), "none operational calm"},
		{"alibaba-cloud", "calm", `{"code":"200","success":true,"data":[]}`, "none operational calm"},
		{"alibaba-cloud", "alarm", fill(ali, "Network access is slow", "ALARM", "null"), "minor degraded calm"},
		{"alibaba-cloud", "outage", fill(ali, "Outage of Disks", "ALARM", "null"), "major down calm"},
		{"alibaba-cloud", "recovered", fill(ali, " [Incident (Recovered)] Outage of Disks", "ALARM", "null"), "none operational calm"},
		{"alibaba-cloud", "over", fill(ali, "Disks fail", "ALARM", "1795345200000"), "none operational calm"},
		{"alibaba-cloud", "planned work", fill(ali, "Disks", "MAINTENANCE", "null"), "none operational maintenance"},
		{"alibaba-cloud", "odd", fill(ali, "Disks", "HM", "null"), "minor degraded calm"},
		{"oracle-cloud", "calm", fill(oci, "NormalPerformance"), "none operational calm"},
		{"oracle-cloud", "one of three", fill(oci, "ServiceDown"), "minor degraded calm"},
		{"oracle-cloud", "odd", fill(oci, "Meh"), "none operational calm"}, // two others are known to be well
		{"adobe", "calm", fill(adobe, "", ""), "none operational calm"},
		{"adobe", "open", fill(adobe, fill(event, "0", "Updated", "Major"), ""), "major down calm"},
		{"adobe", "potential", fill(adobe, fill(event, "null", "Discovery", "potential"), ""), "minor degraded calm"},
		{"adobe", "odd", fill(adobe, fill(event, "0", "Updated", "Meh"), ""), "minor degraded calm"},
		{"adobe", "over", fill(adobe, fill(event, `"1795345200"`, "Closed", "Major"), ""), "none operational calm"},
		{"adobe", "dismissed", fill(adobe, fill(event, "0", "Dismissed", "Major"), ""), "none operational calm"},
		{"adobe", "work under way", fill(adobe, "", fill(work, "Started", "1795341600")), "none operational maintenance"},
		{"adobe", "work to come", fill(adobe, "", fill(work, "Scheduled", "1795352400")), "none operational calm"},
		{"adobe", "work that never began", fill(adobe, "", fill(work, "Scheduled", "1795341600")), "none operational calm"},
		{"adobe", "work done", fill(adobe, "", fill(work, "Completed", "1795341600")), "none operational calm"},
		{"steam", "calm", fill(steam, "normal", "normal", "normal"), "none operational calm"},
		{"steam", "slow", fill(steam, "surge", "normal", "normal"), "minor degraded calm"},
		{"steam", "down", fill(steam, "normal", "normal", "offline"), "major down calm"},
		{"steam", "idle", fill(steam, "idle", "normal", "normal"), "unknown unknown calm"},
	} {
		t.Run(tt.slug+" "+tt.name, func(t *testing.T) {
			u := enginetest.Start(t, tt.body)
			r := enginetest.Poll(t, u.Open(t, "json", recipe(t, tt.slug)), now)
			enginetest.Judged(t, r.Page, now, tt.want)
			enginetest.Sound(t, r)
			if odd := tt.name == "odd"; odd != (len(r.Page.UnknownWords) > 0) {
				t.Errorf("unknown words %v", r.Page.UnknownWords)
			}
		})
	}
	for _, tt := range [][2]string{
		{"paypal", `{"result":[]}`}, {"paypal", `{"result":{}}`},
		{"nintendo", `{"operational_statuses":[]}`}, {"nintendo", `{"operational_statuses":null,"temporary_maintenances":[]}`},
		{"alibaba-cloud", `{"code":"500","success":false,"data":[]}`}, {"alibaba-cloud", `{"success":true,"data":null}`},
		{"oracle-cloud", `{"regionHealthReports":[]}`}, {"oracle-cloud", `{"page":{},"status":{"indicator":"none"}}`},
		{"adobe", `{"incidentEvent":{"incidents":{}}}`}, {"adobe", `{"incidentEvent":{},"maintenanceEvent":{}}`},
		{"steam", `{"result":{}}`},
	} {
		u := enginetest.Start(t, tt[1])
		enginetest.PollFails(t, u.Open(t, "json", recipe(t, tt[0])), now, "shape")
	}
}

// TestRecorded reads the vendor's own document, during planned work, between
// that and the next, and long after.
func TestRecorded(t *testing.T) {
	u := enginetest.Start(t, enginetest.Recorded(t, "nintendo/status-en_US-2021-02.json"))
	for at, want := range map[time.Time]string{
		time.Date(2018, 1, 22, 10, 30, 0, 0, time.UTC): "major down calm",
		time.Date(2021, 2, 24, 14, 57, 0, 0, time.UTC): "none operational maintenance",
		time.Date(2021, 2, 24, 16, 0, 0, 0, time.UTC):  "none operational calm",
		time.Date(2021, 2, 25, 5, 0, 0, 0, time.UTC):   "none operational maintenance",
		now: "none operational calm",
	} {
		r := enginetest.Poll(t, u.Open(t, "json", recipe(t, "nintendo")), at)
		enginetest.Judged(t, r.Page, at, want)
		if len(r.Page.UnknownWords) > 0 {
			t.Errorf("%v: unknown words %v", at, r.Page.UnknownWords)
		}
	}
}
