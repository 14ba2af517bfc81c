package demo

import (
	"fmt"
	"net/http"
	"time"
)

type object = map[string]any

// services answers as the DownStatus v1 API does.
func services(m moment, r *http.Request) any {
	rows := []object{}
	for _, v := range cast {
		if c := r.URL.Query().Get("category"); c != "" && c != v.category {
			continue
		}
		a := v.now(m.elapsed)
		status := a.users
		if status == "" {
			status = "operational"
		}
		rows = append(rows, object{
			"slug": v.slug, "name": v.name + " (simulated)", "category": v.category, "status": status, "official_indicator": nil,
			"report_count_1h": a.reports, "report_count_24h": v.busy + a.reports,
			"status_page_url": "https://simulated.example/status/" + v.slug,
		})
	}
	return object{"ok": true, "meta": object{"total": len(rows), "updated_at": stamp(m.now)}, "data": rows}
}

// outages answers as the DownStatus v1 API does.
func outages(m moment, r *http.Request) any {
	rows := []object{}
	want := r.URL.Query().Get("status")
	for _, v := range cast {
		if want != "ongoing" {
			rows = append(rows, pastOutages(m, v)...)
		}
		from, to, ok := v.stretch(usersComplain)
		if !ok || m.elapsed < from {
			continue
		}
		status := "ongoing"
		var resolved, minutes any
		if m.elapsed >= to {
			status, resolved, minutes = "resolved", m.time(to), int((to-from)/time.Minute)
		}
		if want != "" && want != status {
			continue
		}
		rows = append(rows, object{
			"id": fmt.Sprintf("sim-%s-%d", v.slug, m.round), "service": object{"slug": v.slug, "name": v.name, "category": v.category},
			"started_at": m.time(from), "resolved_at": resolved, "duration_minutes": minutes, "status": status,
			"peak_reports": v.peak(), "description": "Users report problems with " + v.name, "source": "user_reports",
		})
	}
	return object{"ok": true, "meta": object{"total": len(rows), "updated_at": stamp(m.now)}, "data": rows}
}

// pastOutages are those that only users have told of.
func pastOutages(m moment, v service) []object {
	var rows []object
	for i, t := range v.past {
		if t.impact != "" {
			continue
		}
		from := m.first.Add(-t.ago)
		rows = append(rows, object{
			"id": fmt.Sprintf("sim-%s-past-%d", v.slug, i), "service": object{"slug": v.slug, "name": v.name, "category": v.category},
			"started_at": stamp(from), "resolved_at": stamp(from.Add(t.lasted)), "duration_minutes": int(t.lasted / time.Minute), "status": "resolved",
			"peak_reports": t.reports, "description": "Users report problems with " + v.name, "source": "user_reports",
		})
	}
	return rows
}
