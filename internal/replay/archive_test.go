package replay

import (
	"cmp"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/downstatus/downstatus_exporter/internal/status"
)

// incident is one of an archive, as its page would have told it over time.
type incident struct {
	ID      string
	Impact  string
	Updates []update

	start, end time.Time // the earliest time that it gives, and resolved_at
	posted     time.Time // its first update: nobody could see it before
	raw        map[string]json.RawMessage
}

type update struct {
	Status    string
	CreatedAt time.Time  `json:"created_at"`
	DisplayAt *time.Time `json:"display_at"`
	Affected  []affected `json:"affected_components"`

	raw json.RawMessage
}

type affected struct {
	Code      string
	Name      string
	NewStatus string `json:"new_status"`
}

// first is the earlier of an update's two times.
func (u update) first() time.Time {
	if u.DisplayAt == nil {
		return u.CreatedAt
	}
	return status.Earliest(u.CreatedAt, *u.DisplayAt)
}

func (in *incident) UnmarshalJSON(b []byte) error {
	var wire struct {
		ID, Impact string
		Updates    []json.RawMessage `json:"incident_updates"`
		CreatedAt  time.Time         `json:"created_at"`
		StartedAt  time.Time         `json:"started_at"`
		ResolvedAt time.Time         `json:"resolved_at"`
	}
	if err := json.Unmarshal(b, &wire); err != nil {
		return err
	}
	*in = incident{ID: wire.ID, Impact: wire.Impact, end: cut(wire.ResolvedAt)}
	in.start = status.Earliest(wire.StartedAt, wire.CreatedAt)
	for _, raw := range wire.Updates {
		u := update{raw: raw}
		if err := json.Unmarshal(raw, &u); err != nil {
			return err
		}
		in.start = status.Earliest(in.start, u.first())
		in.posted = status.Earliest(in.posted, u.CreatedAt)
		in.Updates = append(in.Updates, u)
	}
	in.start = cut(in.start)
	in.posted = status.Latest(in.posted, in.start)
	return json.Unmarshal(b, &in.raw)
}

// cut is a time as the program keeps it.
func cut(t time.Time) time.Time { return t.UTC().Truncate(time.Millisecond) }

// counts reports whether an incident is trouble.
func (in *incident) counts() bool { return in.Impact != "none" && in.Impact != "maintenance" }

// archive is the history of one page, oldest incident first.
type archive struct {
	name      string
	engine    string
	incidents []*incident
}

// archives are those of testdata, and the real ones where they are at hand.
func archives(t *testing.T) []archive {
	files, err := filepath.Glob("testdata/*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("no archive in testdata (%v)", err)
	}
	if testing.Short() {
		return []archive{read(t, files[0])}
	}
	for _, pattern := range []string{"statuspage/*-incidents-20*.json", "incidentio/*-incidents-20*.json", "statuspage/codametrix-incidents.json"} {
		found, err := filepath.Glob("../../../shared/payloads/" + pattern)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, found...)
	}
	if len(files) == 1 {
		t.Run("real ones", func(t *testing.T) { t.Skip("../shared is absent: only the archive of testdata is replayed") })
	}
	var all []archive
	for _, file := range files {
		all = append(all, read(t, file))
	}
	return all
}

func read(t *testing.T, file string) archive {
	body, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var doc struct{ Incidents []*incident }
	if err := json.Unmarshal(body, &doc); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	a := archive{name: filepath.Base(file), engine: "statuspage", incidents: doc.Incidents}
	if filepath.Base(filepath.Dir(file)) == "incidentio" {
		a.engine = "incidentio"
	}
	slices.SortStableFunc(a.incidents, func(x, y *incident) int {
		return cmp.Or(x.start.Compare(y.start), x.end.Compare(y.end))
	})
	return a
}

// span is an outage as tests compare it.
type span struct{ From, To time.Time }

// groups are the outages of which an archive tells: incidents with impact that
// overlap, or lie at most 15 minutes apart, are one.
func groups(incidents []*incident) []span {
	var out []span
	for _, in := range incidents {
		last := len(out) - 1
		switch {
		case !in.counts():
		case last >= 0 && !in.start.After(out[last].To.Add(15*time.Minute)):
			out[last].To = status.Latest(out[last].To, in.end)
		default:
			out = append(out, span{in.start, status.Latest(in.end, in.start)})
		}
	}
	return out
}

// until is what of an archive has begun at a moment.
func (a archive) until(t time.Time) archive {
	a.incidents = slices.DeleteFunc(slices.Clone(a.incidents), func(in *incident) bool { return in.start.After(t) })
	return a
}

func (a archive) first() time.Time { return a.incidents[0].start }

// last is when everything is over, post-mortems included.
func (a archive) last() time.Time {
	var end time.Time
	for _, in := range a.incidents {
		end = status.Latest(end, in.end)
		for _, u := range in.Updates {
			end = status.Latest(end, u.CreatedAt)
		}
	}
	return cut(end)
}

// knownAtFirst is the start of an outage by what was posted within a quarter of
// an hour of its first word.
func (a archive) knownAtFirst(s span) time.Time {
	var first, start time.Time
	inside := func(in *incident) bool { return in.counts() && !in.start.Before(s.From) && !in.end.After(s.To) }
	for _, in := range a.incidents {
		if inside(in) {
			first = status.Earliest(first, in.posted)
		}
	}
	for _, in := range a.incidents {
		if inside(in) && !in.posted.After(first.Add(15*time.Minute)) {
			start = status.Earliest(start, in.start)
		}
	}
	return start
}
