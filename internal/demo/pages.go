package demo

import (
	"fmt"
	"hash/crc32"
	"strings"
)

// parts are the components of every simulated page.
var parts = [...]string{"API", "Web application", "Login", "Notifications"}

// componentWord is the state of the first component while the page has a
// given indicator.
var componentWord = map[string]string{
	"": "operational", "minor": "degraded_performance", "major": "partial_outage", "critical": "major_outage",
}

// id is made up in the length of the engine's own: twelve letters, or the
// twenty-six of incident.io.
func id(v service, part string) string {
	n := fmt.Sprintf("%08x", crc32.ChecksumIEEE([]byte(v.slug+part)))
	if v.engine == "incidentio" {
		return "01" + strings.ToUpper(strings.Repeat(n, 3))
	}
	return "sim0" + n
}

// summary answers as Statuspage and incident.io do.
func summary(m moment, v service) any {
	a := v.now(m.elapsed)
	indicator, description := "none", "All Systems Operational"
	if a.official != "" {
		indicator, description = a.official, "Simulated trouble"
	}
	windows := maintenances(m, v)
	components := []object{}
	for i, part := range parts {
		word := "operational"
		if i == 0 {
			word = componentWord[a.official]
			if len(windows) > 0 {
				word = "under_maintenance"
			}
		}
		components = append(components, component(v, part, word, m))
	}
	if len(windows) > 0 {
		indicator, description = "maintenance", "Service Under Maintenance"
	}
	open := []object{}
	if in, over := incident(m, v); in != nil && !over {
		open = append(open, in)
	}
	return object{
		"page": page(m, v), "status": object{"indicator": indicator, "description": description},
		"components": components, "incidents": open, "scheduled_maintenances": windows,
	}
}

func page(m moment, v service) object {
	return object{"id": id(v, "page"), "name": v.name + " (simulated)", "url": "https://simulated.example/" + v.slug, "updated_at": m.time(0)}
}

func component(v service, part, word string, m moment) object {
	return object{
		"id": id(v, part), "name": part, "status": word, "created_at": m.time(0), "updated_at": m.time(0), "page_id": id(v, "page"),
		"group": false, "group_id": nil, "only_show_if_degraded": false,
	}
}

// incident is the page's statement, from the moment the page admits it; over
// tells whether the story has passed its end.
func incident(m moment, v service) (in object, over bool) {
	from, to, ok := v.stretch(pageAdmits)
	if !ok || m.elapsed < from {
		return nil, false
	}
	a := v.now(min(m.elapsed, to-1))
	stage, resolved := a.stage, any(nil)
	if over = m.elapsed >= to; over {
		stage, resolved = "resolved", m.time(to)
	}
	name := "Elevated errors at " + v.name
	return object{
		"id": fmt.Sprintf("%s%d", id(v, "incident"), m.round), "name": name, "status": stage, "impact": a.official,
		"created_at": m.time(from), "started_at": m.time(from), "updated_at": m.time(a.from), "resolved_at": resolved,
		"shortlink": "https://simulated.example/" + v.slug + "/incident",
		"incident_updates": []object{{
			"id": "u1", "status": stage, "body": "This is a simulation.", "created_at": m.time(a.from), "display_at": m.time(a.from),
		}},
		"components": []object{component(v, parts[0], componentWord[a.official], m)},
	}, over
}

func incidents(m moment, v service) any {
	all := []object{}
	if in, _ := incident(m, v); in != nil {
		all = append(all, in)
	}
	for i, t := range v.past {
		all = append(all, pastIncident(m, v, i, t))
	}
	return object{"page": page(m, v), "incidents": all}
}

func pastIncident(m moment, v service, number int, t trouble) object {
	from, to := m.first.Add(-t.ago), m.first.Add(t.lasted-t.ago)
	return object{
		"id": id(v, fmt.Sprintf("past %d", number)), "name": "Degraded performance of " + v.name, "status": "resolved", "impact": t.impact,
		"created_at": stamp(from), "started_at": stamp(from), "updated_at": stamp(to), "resolved_at": stamp(to),
		"shortlink": "https://simulated.example/" + v.slug + "/past", "incident_updates": []object{},
		"components": []object{component(v, parts[0], "operational", m)},
	}
}

func maintenances(m moment, v service) []object {
	from, to := v.maintenance[0], v.maintenance[1]
	if m.elapsed < from || m.elapsed >= to {
		return []object{}
	}
	return []object{{
		"id": id(v, "maintenance"), "name": "Database upgrade", "status": "in_progress", "impact": "maintenance",
		"scheduled_for": m.time(from), "scheduled_until": m.time(to), "created_at": m.time(0), "updated_at": m.time(from),
		"components": []object{component(v, parts[0], "under_maintenance", m)},
	}}
}

// statusioCode are status.io's codes for a component.
var statusioCode = map[string]int{"": 100, "minor": 300, "major": 400, "critical": 500}

// statusio answers as status.io's public API does.
func statusio(m moment, v service) any {
	a := v.now(m.elapsed)
	components := []object{}
	for i, part := range parts {
		code := 100
		if i == 0 {
			code = statusioCode[a.official]
		}
		components = append(components, object{
			"id": id(v, part), "name": part, "status": "simulated", "status_code": code, "updated": m.time(a.from),
			"containers": []object{{"id": id(v, "eu"), "name": "Europe", "status": "simulated", "status_code": code, "updated": m.time(a.from)}},
		})
	}
	open := []object{}
	if in, over := incident(m, v); in != nil && !over {
		open = append(open, object{
			"_id": in["id"], "name": in["name"], "datetime_open": in["created_at"],
			"messages": []object{{"details": "This is a simulation.", "state": 200, "status": statusioCode[a.official], "datetime": in["updated_at"]}},
		})
	}
	return object{"result": object{
		"status_overall": object{"updated": m.time(a.from), "status": "simulated", "status_code": statusioCode[a.official]},
		"status":         components, "incidents": open, "maintenance": object{"active": []object{}, "upcoming": []object{}},
	}}
}

// zendeskActive answers as Zendesk's status API does.
func zendeskActive(m moment, v service) any {
	in, over := zendesk(m, v)
	if in == nil || over {
		return object{"data": []object{}, "included": []object{}}
	}
	return object{"data": []object{in}, "included": zendeskServices(m, v)}
}

func zendeskMaintenance(moment, service) any {
	return object{"data": []object{}, "included": []object{}}
}

func zendeskIncident(m moment, v service) any {
	in, _ := zendesk(m, v)
	return object{"data": in, "included": zendeskServices(m, v)}
}

func zendesk(m moment, v service) (object, bool) {
	in, over := incident(m, v)
	if in == nil {
		return nil, false
	}
	return object{"id": "247", "type": "incident", "attributes": object{
		"title": in["name"], "impact": in["impact"], "status": in["status"], "outage": false, "degradation": true,
		"started_at": in["started_at"], "resolved_at": in["resolved_at"], "postmortem": "",
	}}, over
}

func zendeskServices(m moment, v service) []object {
	in, _ := incident(m, v)
	if in == nil {
		return []object{}
	}
	return []object{
		{"id": "2", "type": "service", "attributes": object{"name": "Ticketing", "slug": "support-ticketing"}},
		{"id": "5052", "type": "incident_service", "attributes": object{
			"incident_id": "247", "service_id": "2", "outage": false, "degradation": true, "started_at": in["started_at"], "resolved_at": in["resolved_at"],
		}},
	}
}
