package replay

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"time"
)

// vendor is a status page that shows what an archive tells of, as it would
// have stood at one moment.
type vendor struct {
	archive
	url    string
	now    time.Time
	posted bool // an incident is seen from its first update on, not from its start

	broken  bool // answers with 500
	mute    bool // … to incidents.json
	history int  // times that incidents.json was asked
}

func newVendor(t *testing.T, a archive) *vendor {
	v := &vendor{archive: a}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /api/v2/summary.json", func(w http.ResponseWriter, r *http.Request) { v.answer(w, r, v.broken, v.summary()) })
	mux.HandleFunc("GET /api/v2/incidents.json", func(w http.ResponseWriter, r *http.Request) {
		v.history++
		v.answer(w, r, v.broken || v.mute, v.newest())
	})
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	v.url = server.URL
	return v
}

func (v *vendor) answer(w http.ResponseWriter, r *http.Request, broken bool, doc any) {
	if broken {
		http.Error(w, "out of order", http.StatusInternalServerError)
		return
	}
	body, err := json.Marshal(doc)
	if err != nil {
		panic(err)
	}
	tag := fmt.Sprintf(`W/"%x"`, sha256.Sum256(body))
	w.Header().Set("ETag", tag)
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	if r.Header.Get("If-None-Match") == tag {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	w.Write(body)
}

// shown is when an incident appears.
func (v *vendor) shown(in *incident) time.Time {
	if v.posted {
		return in.posted
	}
	return in.start
}

// listed are the incidents that have appeared; open ones are not over.
func (v *vendor) listed(open bool) []*incident {
	return slices.DeleteFunc(slices.Clone(v.incidents), func(in *incident) bool {
		return v.shown(in).After(v.now) || open && !in.end.After(v.now)
	})
}

// page is the envelope. Its date is that of the last edit, as on real pages.
func (v *vendor) page() map[string]any {
	return map[string]any{"id": "vendor", "name": "Vendor", "url": v.url}
}

func (v *vendor) summary() any {
	word := "none"
	open := []any{}
	components := v.components()
	for _, in := range v.listed(true) {
		word = worse(word, in.Impact)
		open = append(open, v.tell(in))
		if in.counts() {
			v.touch(in, components)
		}
	}
	list := []any{}
	for _, id := range slices.Sorted(maps.Keys(components)) {
		list = append(list, components[id])
	}
	return map[string]any{
		"page": v.page(), "status": map[string]any{"indicator": word, "description": "as it stands"},
		"components": list, "incidents": open, "scheduled_maintenances": []any{},
	}
}

func worse(a, b string) string {
	rank := []string{"none", "minor", "major", "critical"}
	if slices.Index(rank, b) > slices.Index(rank, a) {
		return b
	}
	return a
}

// newest are the incidents that incidents.json holds.
func (v *vendor) newest() any {
	list := v.listed(false)
	slices.SortStableFunc(list, func(a, b *incident) int { return v.shown(b).Compare(v.shown(a)) })
	out := []any{}
	for _, in := range list[:min(len(list), 50)] {
		out = append(out, v.tell(in))
	}
	return map[string]any{"page": v.page(), "incidents": out}
}

// tell is an incident as it stands: with the updates made so far, and without
// an end before that has come.
func (v *vendor) tell(in *incident) any {
	out := map[string]any{}
	for key, value := range in.raw {
		out[key] = value
	}
	updates := []json.RawMessage{}
	state := ""
	for _, u := range in.Updates { // newest first
		if u.first().After(v.now) {
			continue
		}
		updates = append(updates, u.raw)
		if state == "" && (!over(u.Status) || !in.end.After(v.now)) {
			state = u.Status
		}
	}
	out["incident_updates"] = updates
	switch {
	case in.end.After(v.now):
		delete(out, "resolved_at")
		if state == "" {
			state = "investigating"
		}
	case !over(state):
		state = "resolved" // by the end that it gives, whatever its updates say
	}
	out["status"] = state
	return out
}

func over(state string) bool { return state == "resolved" || state == "postmortem" }

// components are those that any incident names, all well.
func (v *vendor) components() map[string]map[string]any {
	out := map[string]map[string]any{"whole": {"id": "whole", "name": "The whole", "status": "operational"}}
	for _, in := range v.incidents {
		for _, u := range in.Updates {
			for _, a := range u.Affected {
				if a.Code != "" {
					out[a.Code] = map[string]any{"id": a.Code, "name": a.Name, "status": "operational"}
				}
			}
		}
	}
	return out
}

// touch brings the components of an open incident to where its newest update
// left them.
func (v *vendor) touch(in *incident, components map[string]map[string]any) {
	for _, u := range slices.Backward(in.Updates) {
		if u.first().After(v.now) {
			continue
		}
		for _, a := range u.Affected {
			if c := components[a.Code]; c != nil && a.NewStatus != "" {
				c["status"] = a.NewStatus
			}
		}
	}
}
