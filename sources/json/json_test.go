package json

import (
	"context"
	"encoding/binary"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"github.com/downstatus/downstatus_exporter/internal/status"
	"github.com/downstatus/downstatus_exporter/sources"
	"github.com/downstatus/downstatus_exporter/sources/fetch"
	"github.com/downstatus/downstatus_exporter/sources/internal/enginetest"
)

var now = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

const page = "https://status.acme.test"

var ofComponents = map[string]string{
	"page": page, "require": ".page.id", "items": ".result[]", "key": "id", "title": "name", "group": ".category.name",
	"status": ".status.production", "where": `.name != "Hidden"`,
	"map": "Operational=none,Under Maintenance=maintenance,Service Disruption=minor,Service Outage=major,Not shown=none",
}

var ofIncidents = map[string]string{
	"page": page, "as": "incidents", "require": `.success, (.data | type == "array")`, "items": ".data[]", "key": "id", "title": "title",
	"status": "state", "started": "from", "updated": "said", "resolved": "to", "url": "link", "components": ".what", "time_format": "epoch_ms",
	"where": ".gone == null or .gone > $now", "map": "ALARM=major,closed=none,maintenance=maintenance,news=ignore",
}

// with is a set of options with others in it.
func with(options map[string]string, pairs ...string) map[string]string {
	out := maps.Clone(options)
	for i := 0; i < len(pairs); i += 2 {
		out[pairs[i]] = pairs[i+1]
	}
	return out
}

func TestGolden(t *testing.T) {
	for name, tt := range map[string]struct {
		options map[string]string
		want    string
	}{
		"components": {ofComponents, "major down calm"},
		"incidents":  {ofIncidents, "major down maintenance"},
	} {
		t.Run(name, func(t *testing.T) {
			u := enginetest.Start(t, enginetest.Load(t, name+".json"))
			s := u.Open(t, "json", tt.options)
			r := enginetest.Poll(t, s, now)
			enginetest.Golden(t, name, r)
			enginetest.Judged(t, r.Page, now, tt.want)
			enginetest.Sound(t, r)
			u.SurvivesJSON(t, s, "", now, `{"result":[],"data":[]}`, `{"page":{"id":"x"}}`, `{"page":{"id":"x"},"result":[]}`,
				`{"page":{"id":"x"},"result":{"name":"x"}}`, `{"success":false,"data":[]}`, `{"success":true,"data":{}}`, `{"success":true}`)
		})
	}
}

// decode reads a body with options and makes a page of it.
func decode(t testing.TB, body string, options map[string]string, at time.Time) (*status.Page, []status.Incident, error) {
	t.Helper()
	r, err := readRules(options)
	if err != nil {
		t.Fatal(err)
	}
	d, err := r.decode([]byte(body))
	if err != nil {
		return nil, nil, err
	}
	return r.read(t.Context(), d, at)
}

func good(t testing.TB, body string, options map[string]string) *status.Page {
	t.Helper()
	p, _, err := decode(t, body, options, now)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// TestMeanings reads each meaning that a word can have.
func TestMeanings(t *testing.T) {
	words := "w0=none,w1=minor,w2=major,w3=critical,wm=maintenance,wi=ignore,wu=unknown"
	for word, want := range map[string]string{
		"w0": "none operational calm", "W 0": "none operational calm", "w_1": "minor degraded calm", "w-2": "major down calm",
		"w3": "critical down calm", "wm": "none unknown maintenance", "wu": "unknown unknown calm", "odd": "unknown unknown calm", "": "unknown unknown calm",
	} {
		p := good(t, `{"c":[{"n":"x","s":"`+word+`"}]}`, map[string]string{"items": ".c[]", "title": "n", "status": "s", "map": words})
		if word == "wm" { // planned work is no trouble
			want = "none operational maintenance"
		}
		enginetest.Judged(t, p, now, want)
		if odd := word == "odd" || word == ""; odd != slices.Equal(p.UnknownWords, []string{"status"}) {
			t.Errorf("%q: unknown words %v", word, p.UnknownWords)
		}
		q := good(t, `{"c":[{"n":"x","s":"`+word+`"}]}`, map[string]string{"as": "incidents", "require": ".c", "items": ".c[]", "title": "n", "status": "s", "map": words})
		impact := status.IndicatorUnknown
		if len(q.Incidents) > 0 {
			impact = q.Incidents[0].Impact
		}
		byWord := map[string]status.Indicator{"w0": status.IndicatorUnknown, "W 0": status.IndicatorUnknown, "w-2": status.Major, "w3": status.Critical, "wm": status.IndicatorUnknown}
		if want, listed := byWord[word]; listed && impact != want || !listed && impact != status.Minor {
			t.Errorf("%q: incidents %+v", word, q.Incidents)
		}
	}
	if _, _, err := decode(t, `{"c":[{"n":"x","s":"wi"}]}`, map[string]string{"items": ".c[]", "title": "n", "status": "s", "map": words}, now); fetch.ReasonOf(err) != fetch.Shape {
		t.Errorf("all of nothing: %v", err)
	}
}

func TestDefault(t *testing.T) {
	for word, want := range map[string]string{"unknown": "unknown unknown calm", "minor": "minor degraded calm", "critical": "critical down calm"} {
		options := map[string]string{"items": ".c[]", "title": "n", "status": "s", "map": "up=none", "default": word}
		p := good(t, `{"c":[{"n":"x","s":"odd"}]}`, options)
		enginetest.Judged(t, p, now, want)
		if (len(p.UnknownWords) > 0) != (word == "unknown") {
			t.Errorf("%s: unknown words %v", word, p.UnknownWords)
		}
	}
}

func TestRollUp(t *testing.T) {
	body := func(words ...string) string {
		var rows []string
		for i, w := range words {
			rows = append(rows, fmt.Sprintf(`{"n":"c%d","s":%q}`, i, w))
		}
		return `{"c":[` + strings.Join(rows, ",") + `]}`
	}
	one := body("up", "up", "down", "up", "up")
	for _, tt := range []struct{ rollUp, body, want string }{
		{"", one, "minor degraded calm"}, // one bad part of five is one step
		{"worst", one, "major down calm"},
		{"2", one, "none degraded calm"}, // the word is none, the part is bad all the same
		{"2", body("up", "down", "down", "up", "up"), "major down calm"},
		{"2", body("up", "down", "slow", "up", "up"), "minor down calm"},
		{"first", one, "none degraded calm"},
		{"first", body("down", "up", "up"), "major down calm"},
		{"first", body("work", "up", "up"), "none operational maintenance"},
		{"worst", body("up", "odd"), "unknown unknown calm"},
		{"worst", body("slow", "odd"), "minor degraded calm"},
		{"first", body("odd", "up"), "unknown unknown calm"},
		{"worst", body("work", "up", "up"), "none operational calm"},
		{"", body("odd", "odd"), "unknown unknown calm"},
	} {
		options := map[string]string{"items": ".c[]", "title": "n", "status": "s", "map": "up=none,slow=minor,down=major,work=maintenance", "roll_up": tt.rollUp}
		t.Run(tt.rollUp+" "+tt.body, func(t *testing.T) { enginetest.Judged(t, good(t, tt.body, options), now, tt.want) })
	}
}

func TestTimes(t *testing.T) {
	noon := now.Format("15:04:05")
	for _, tt := range []struct{ format, zone, value, want string }{
		{"", "", `"2026-11-22T13:00:00+01:00"`, noon},
		{"rfc3339", "", `"2026-11-22T12:00:00.123456Z"`, noon},
		{"", "", `1795348800`, noon},
		{"", "", `"1795348800"`, "bad"},
		{"epoch_s", "", `1795348800`, noon},
		{"epoch_s", "", `"1795348800"`, noon},
		{"epoch_s", "", `1795348800000`, noon}, // documents mix units
		{"epoch_ms", "", `1795348800000.0`, noon},
		{"epoch_ms", "", `0`, ""},
		{"epoch_ms", "", `"0"`, ""},
		{"epoch_s", "", `-5`, "bad"},
		{"epoch_s", "", `1e300`, "bad"},
		{"epoch_s", "", `"now"`, "bad"},
		{"", "", `null`, ""},
		{"", "", `""`, ""},
		{"", "", `{}`, "bad"},
		{"", "", `"11/22/2026"`, "bad"},
		{"2006-01-02 15:04", "UTC", `"2026-11-22 12:00"`, noon},
		{"2006-01-02 15:04", "America/Los_Angeles", `" 2026-11-22  04:00 "`, noon},
		{"Monday, January 2, 2006 3 :04 PM", "America/Los_Angeles", `"Sunday, November 22, 2026  4 :00 AM"`, noon},
		{"Monday, January 2, 2006  3 :04 PM", "America/Los_Angeles", `"Wednesday, July 1, 2026 11 :00 PM"`, "06:00:00"},
		{"2006-01-02 15:04 MST", "", `"2026-11-22 04:00 PST"`, noon},
		{"2006-01-02 15:04 MST", "", `"2026-11-22 12:00 UTC"`, noon},
		{"2006-01-02 15:04 MST", "", `"2026-11-22 12:00 WAT"`, "bad"},
		{"2006-01-02 15:04 -0700", "", `"2026-11-22 13:00 +0100"`, noon},
		{"20060102", "UTC", `20261122`, "00:00:00"},
	} {
		options := map[string]string{"as": "incidents", "require": ".", "items": ".[]", "title": `"x"`, "started": "t", "time_format": tt.format, "zone": tt.zone}
		p, _, err := decode(t, `[{"t":`+tt.value+`}]`, options, now.AddDate(1, 0, 0))
		if err != nil {
			t.Errorf("%+v: %v", tt, err)
			continue
		}
		got := ""
		if at := p.Incidents[0].Started; !at.IsZero() {
			got = at.Format(time.TimeOnly)
		}
		if slices.Contains(p.UnknownWords, "started") {
			got = "bad"
		}
		if got != tt.want {
			t.Errorf("%+v: %s", tt, got)
		}
	}
}

// TestClock: time alone begins and ends what is listed.
func TestClock(t *testing.T) {
	u := enginetest.Start(t, enginetest.Load(t, "incidents.json"))
	s := u.Open(t, "json", ofIncidents)
	var got []string
	for _, after := range []time.Duration{-10 * time.Minute, 0, 2 * time.Hour, 24 * time.Hour} {
		r := enginetest.Poll(t, s, now.Add(after))
		line := after.String() + ":"
		for _, in := range r.Page.Incidents {
			line += " " + in.ID
		}
		for _, w := range r.Page.Windows {
			line += fmt.Sprintf(" %s %t", w.ID, w.UnderWay(now.Add(after)))
		}
		for _, in := range r.Ended {
			line += " ended " + in.ID
		}
		got = append(got, line)
	}
	want := []string{"-10m0s: a f i d true ended b ended c", "0s: a f d true", "2h0m0s: a f", "24h0m0s: a f g"}
	if !slices.Equal(got, want) {
		t.Errorf("%q\nwant %q", got, want)
	}
}

// TestEnded: what was open and is over is handed on once.
func TestEnded(t *testing.T) {
	const body = `{"success":true,"data":[{"id":"a","title":"A","state":%q,"from":1795341600000,"to":%s}]}`
	u := enginetest.Start(t, fmt.Sprintf(body, "ALARM", "null"))
	s := u.Open(t, "json", ofIncidents)
	enginetest.Poll(t, s, now)
	u.Body = fmt.Sprintf(body, "closed", "1795345200000")
	r := enginetest.Poll(t, s, now)
	if len(r.Ended) != 1 || r.Ended[0].Resolved.Sub(r.Ended[0].Started) != time.Hour || len(r.Page.Incidents) != 0 {
		t.Errorf("%+v", r)
	}
	if again := enginetest.Poll(t, s, now); again.Ended != nil || again.Page != r.Page {
		t.Errorf("%+v", again)
	}
}

func TestScope(t *testing.T) {
	p := good(t, enginetest.Load(t, "incidents.json"), ofIncidents)
	enginetest.Judged(t, p, now, "major down maintenance", "disks")
	enginetest.Judged(t, p, now, "minor degraded calm", "Tapes") // over there; f names nothing
	q := good(t, enginetest.Load(t, "components.json"), ofComponents)
	enginetest.Judged(t, q, now, "major down calm", "Checkout")
	enginetest.Judged(t, q, now, "unknown unknown calm", "api - Refunds")
	enginetest.Judged(t, q, now, "none operational maintenance", "Orders")
}

// TestEncodings: BOM, UTF-16, a call around it, any media type.
func TestEncodings(t *testing.T) {
	body := enginetest.Load(t, "components.json")
	wide := binary.BigEndian.AppendUint16(nil, 0xfeff)
	for _, r := range utf16.Encode([]rune(body)) {
		wide = binary.BigEndian.AppendUint16(wide, r)
	}
	for name, tt := range map[string][2]string{
		"bom": {"\xef\xbb\xbf" + body, "application/json"}, "utf-16": {string(wide), "application/json;charset=utf-16"},
		"call": {"getJSON(" + body + ");", "text/html; charset=utf-8"}, "text": {body, "text/plain"},
	} {
		u := enginetest.Start(t, tt[0])
		u.Media = tt[1]
		if p := enginetest.Poll(t, u.Open(t, "json", ofComponents), now).Page; len(p.Components) != 4 {
			t.Errorf("%s: %+v", name, p)
		}
	}
}

func TestQuery(t *testing.T) {
	e, _ := sources.Lookup("json")
	target, err := e.Target(sources.Config{URL: "https://api.acme.test/v1/health?product=a", Options: ofComponents})
	if err != nil || target.Document.RawQuery != "product=a" || target.Name() != "status.acme.test" {
		t.Errorf("%+v, %v", target, err)
	}
}

func TestOptions(t *testing.T) {
	for _, pair := range [][]string{
		{"as", "things"}, {"items", ""}, {"items", ".["}, {"items", "$now"}, {"require", "input"}, {"where", "$then"}, {"key", ".["},
		{"map", ""}, {"map", "up"}, {"map", "up=fine"}, {"default", "none"}, {"default", "ignore"}, {"default", "maintenance"},
		{"roll_up", "best"}, {"roll_up", "0"}, {"time_format", "soon"}, {"time_format", "2006-01-02 15:04"}, {"zone", "Mars"}, {"zone", "Local"},
		{"started", "x"}, {"components", "x"}, {"page", "ftp://x"}, {"status", ""}, {"title", "", "key", ""},
		{"as", "incidents", "group", "", "require", ""}, {"as", "incidents"}, {"as", "incidents", "group", "", "roll_up", "worst"},
	} {
		if _, err := target(sources.Config{URL: "https://acme.test/x.json", Options: with(ofComponents, pair...)}); err == nil {
			t.Errorf("%q: no error", pair)
		}
	}
	e, _ := sources.Lookup("json")
	for _, o := range e.Options {
		if o.Help == "" || strings.Contains(o.Help, "|") {
			t.Errorf("%s: help %q", o.Name, o.Help)
		}
	}
}

// TestItemsFail: what a program cannot reach is another document; what of an
// item it cannot reach is not given.
func TestItemsFail(t *testing.T) {
	for _, body := range []string{`{"page":{"id":1},"result":null}`, `{"page":{"id":1},"result":7}`, `{"page":{"id":1},"result":[null]}`, `{"page":{"id":null},"result":[]}`} {
		if p, _, err := decode(t, body, ofComponents, now); err == nil || fetch.ReasonOf(err) != fetch.Shape {
			t.Errorf("%s: %+v, %v", body, p, err)
		}
	}
	p := good(t, `{"page":{"id":1},"result":[{"name":"x","status":7,"category":[]}]}`, ofComponents)
	want := status.Component{ID: "x", Name: "x", Rank: status.IndicatorUnknown}
	if len(p.Components) != 1 || p.Components[0] != want {
		t.Errorf("%+v", p.Components)
	}
	if _, _, err := decode(t, `{"page":{"id":1},"result":[{"name":"x"}]}`, with(ofComponents, "where", ".name.first"), now); fetch.ReasonOf(err) != fetch.Shape {
		t.Errorf("where fails: %v", err)
	}
}

// TestHang: a document cannot make a program run for ever. The limit stands
// for what the poll has left.
func TestHang(t *testing.T) {
	r, err := readRules(with(ofComponents, "where", "def f: f; f"))
	if err != nil {
		t.Fatal(err)
	}
	d, err := r.decode([]byte(enginetest.Load(t, "components.json")))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if _, _, err := r.read(ctx, d, now); err == nil || fetch.ReasonOf(err) != fetch.Shape {
		t.Errorf("%v", err)
	}
}

func FuzzDecode(f *testing.F) {
	enginetest.FuzzBodies(f, "components.json", "incidents.json")
	f.Add([]byte(`f({"success":1,"data":[{"id":[],"from":-1,"to":1e99,"what":[[{"id":null}]]}]})`))
	f.Fuzz(func(t *testing.T, body []byte) {
		for _, options := range []map[string]string{ofComponents, ofIncidents, with(ofComponents, "roll_up", "worst", "require", "")} {
			p, over, err := decode(t, string(body), options, now)
			if (p == nil) == (err == nil) {
				t.Fatalf("page %v with error %v", p, err)
			}
			if err != nil {
				continue
			}
			if len(p.Components) == 0 && !p.OnlyTroubles {
				t.Error("calm of nothing")
			}
			enginetest.Sound(t, sources.Reading{Page: p, Ended: over})
		}
	})
}
