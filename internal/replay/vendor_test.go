package replay

import (
	"cmp"
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
	names  map[string]string // of the components that any incident names, by id
	now    time.Time
	posted bool // an incident is seen from its first update on, not from its start

	changes []time.Time // when the page may look another way, in order

	broken bool // answers with 500
}

func newVendor(t *testing.T, a archive) *vendor {
	v := &vendor{archive: a, names: map[string]string{"whole": "The whole"}}
	for _, in := range a.incidents {
		for _, u := range in.Updates {
			for _, c := range u.Affected {
				if c.Code != "" {
					v.names[c.Code] = c.Name
				}
			}
		}
	}
	v.changes = changes(a)
	mux := http.NewServeMux()
	mux.HandleFunc("GET /api/v2/summary.json", func(w http.ResponseWriter, r *http.Request) { v.answer(w, r, v.summary()) })
	mux.HandleFunc("GET /api/v2/incidents.json", func(w http.ResponseWriter, r *http.Request) { v.answer(w, r, v.newest()) })
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	v.url = server.URL
	return v
}

func changes(a archive) []time.Time {
	var out []time.Time
	for _, in := range a.incidents {
		out = append(out, in.start, in.posted, in.end)
		for _, u := range in.Updates {
			out = append(out, u.CreatedAt, u.first())
		}
	}
	slices.SortFunc(out, time.Time.Compare)
	return out
}

func (v *vendor) answer(w http.ResponseWriter, r *http.Request, doc any) {
	if v.broken {
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

// page is the envelope.
func (v *vendor) page() map[string]any {
	return map[string]any{"id": "vendor", "name": "Vendor", "url": v.url}
}

func (v *vendor) summary() any {
	word := "none"
	open := []any{}
	states := map[string]string{}
	for _, in := range v.listed(true) {
		word = worse(word, in.Impact)
		open = append(open, v.tell(in))
		if in.counts() {
			v.touch(in, states)
		}
	}
	components := []any{}
	for _, id := range slices.Sorted(maps.Keys(v.names)) {
		components = append(components, map[string]any{"id": id, "name": v.names[id], "status": cmp.Or(states[id], "operational")})
	}
	return map[string]any{
		"page": v.page(), "status": map[string]any{"indicator": word, "description": "as it stands"},
		"components": components, "incidents": open, "scheduled_maintenances": []any{},
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
	for key, raw := range in.raw {
		out[key] = raw
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

// touch notes where the newest updates of an open incident left its components.
func (v *vendor) touch(in *incident, states map[string]string) {
	for _, u := range slices.Backward(in.Updates) {
		if u.first().After(v.now) {
			continue
		}
		for _, a := range u.Affected {
			states[a.Code] = a.NewStatus
		}
	}
}
