package status

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func minutes(n int) time.Time { return noon.Add(time.Duration(n) * time.Minute) }

// users and vendor make verdicts at a minute of the hour.
func users(at int, s Status) Verdict {
	return Verdict{Now: minutes(at), Status: s, Reports: Side{Severity: s}, Official: Side{Severity: Unknown}}
}

func vendor(at int, s Status, since time.Time) Verdict {
	return Verdict{Now: minutes(at), Status: s, Official: Side{Severity: s, Since: since}, Reports: Side{Severity: Unknown}}
}

func TestOutageOpensOnTroubleOnly(t *testing.T) {
	for _, s := range []Status{Unknown, Operational} {
		if o, opened := Step(nil, users(0, s)); o != nil || opened {
			t.Errorf("%s opened %+v", s, o)
		}
	}
	for _, s := range []Status{Degraded, Down} {
		o, opened := Step(nil, users(0, s))
		if !opened || !o.Open() || o.Signal != UserReports || !o.StartedAt.Equal(noon) || !o.DetectedAt.Equal(noon) {
			t.Errorf("%s: %+v, opened %v", s, o, opened)
		}
	}
}

func TestEarliestEvidenceStartsAnOutage(t *testing.T) {
	v := vendor(0, Down, minutes(-30))
	v.Reports = Side{Severity: Degraded, Since: minutes(-40)}
	o, _ := Step(nil, v)
	if o.Signal != UserReports || !o.StartedAt.Equal(minutes(-40)) {
		t.Errorf("%s since %s, want user_reports since 40 minutes ago", o.Signal, o.StartedAt)
	}
	if d, ok := o.OfficialDelay(); !ok || d != 10*time.Minute {
		t.Errorf("official delay %s, %v", d, ok)
	}
	v.Reports = Side{Severity: Operational}
	if o, _ := Step(nil, v); o.Signal != OfficialStatusPage || !o.StartedAt.Equal(minutes(-30)) {
		t.Errorf("%s since %s, want the incident's own start", o.Signal, o.StartedAt)
	}
	if o, _ := Step(nil, vendor(0, Down, minutes(5))); !o.StartedAt.Equal(noon) {
		t.Errorf("a start in the future counts as now: %s", o.StartedAt)
	}
}

func TestStartIsFixedAfterFifteenMinutes(t *testing.T) {
	o, _ := Step(nil, users(0, Down))
	o, _ = Step(o, vendor(14, Down, minutes(-5)))
	if !o.StartedAt.Equal(minutes(-5)) || o.Signal != UserReports {
		t.Errorf("a page may back-date a young record: %s, %s", o.StartedAt, o.Signal)
	}
	o, _ = Step(o, vendor(16, Down, minutes(-60)))
	if !o.StartedAt.Equal(minutes(-5)) {
		t.Errorf("an older record moved to %s", o.StartedAt)
	}
}

func TestOutageEnds(t *testing.T) {
	began, _ := Step(nil, vendor(0, Down, minutes(-10)))
	calm := vendor(30, Operational, time.Time{})
	for _, tc := range []struct {
		name  string
		ended time.Time
		want  time.Time
	}{
		{"with the first good reading", time.Time{}, minutes(30)},
		{"when the page says", minutes(20), minutes(20)},
		{"never before its start", minutes(-60), minutes(-10)},
		{"never in the future", minutes(90), minutes(30)},
	} {
		v := calm
		v.Official.Ended = tc.ended
		o, opened := Step(began, v)
		if opened || o.Open() || !o.ResolvedAt.Equal(tc.want) {
			t.Errorf("%s: resolved %s, want %s", tc.name, o.ResolvedAt, tc.want)
		}
		if d := o.Duration(minutes(99)); d != tc.want.Sub(minutes(-10)) {
			t.Errorf("%s: duration %s", tc.name, d)
		}
	}
	if !began.Open() {
		t.Error("Step changed the record it was given")
	}
}

func TestOutageEndsWithItsLastSignal(t *testing.T) {
	v := vendor(0, Down, time.Time{})
	v.Reports.Severity = Down
	o, _ := Step(nil, v)
	still := vendor(10, Degraded, time.Time{})
	still.Reports = Side{Severity: Operational}
	o, _ = Step(o, still)
	if !o.Open() || !o.ReportsEndedAt.Equal(minutes(10)) {
		t.Fatalf("%+v", o)
	}
	calm := vendor(20, Operational, time.Time{})
	calm.Reports = Side{Severity: Operational}
	calm.Official.Ended = minutes(15)
	if o, _ = Step(o, calm); !o.ResolvedAt.Equal(minutes(15)) {
		t.Errorf("resolved %s, want the later of both ends", o.ResolvedAt)
	}
}

func TestUnknownChangesNothing(t *testing.T) {
	o, _ := Step(nil, users(0, Down))
	v := users(600, Unknown)
	next, opened := Step(o, v)
	if diff := cmp.Diff(o, next); diff != "" || opened {
		t.Errorf("(-before +after):\n%s", diff)
	}
}

func TestReopening(t *testing.T) {
	o, _ := Step(nil, users(0, Down))
	ended, _ := Step(o, users(10, Operational))
	again, opened := Step(ended, users(25, Degraded))
	if opened || !again.Open() || again.Reopened != 1 || !again.StartedAt.Equal(noon) {
		t.Errorf("within 15 minutes: %+v, opened %v", again, opened)
	}
	later, opened := Step(ended, users(26, Degraded))
	if !opened || !later.StartedAt.Equal(minutes(26)) {
		t.Errorf("after 15 minutes: %+v, opened %v", later, opened)
	}
	imported := *ended
	imported.Imported = true
	again, opened = Step(&imported, users(12, Degraded))
	if !opened || again.Imported || !again.StartedAt.Equal(noon) || !again.DetectedAt.Equal(minutes(12)) {
		t.Errorf("a record from a page's history goes on, and counts from then on: %+v, opened %v", again, opened)
	}
	late, opened := Step(ended, vendor(60, Down, minutes(24)))
	if opened || !late.StartedAt.Equal(noon) {
		t.Errorf("told late of trouble that began within 15 minutes: %+v, opened %v", late, opened)
	}
}

func TestRecordsDoNotOverlap(t *testing.T) {
	o, _ := Step(nil, users(0, Down))
	ended, _ := Step(o, users(10, Operational))
	next, opened := Step(ended, vendor(60, Down, minutes(55)))
	if !opened || !next.StartedAt.Equal(minutes(55)) {
		t.Errorf("starts %s, opened %v", next.StartedAt, opened)
	}
	next, _ = Step(next, vendor(61, Down, minutes(5)))
	if !next.StartedAt.Equal(minutes(10)) {
		t.Errorf("moved into the record before: starts %s", next.StartedAt)
	}
}

func TestRecordFollowsItsOutage(t *testing.T) {
	v := users(0, Degraded)
	v.Reports1h = 40
	o, _ := Step(nil, v)
	v = vendor(20, Down, minutes(18))
	v.Reports = Side{Severity: Down}
	v.Reports1h, v.Description, v.IncidentURL, v.Evidence = 90, "Database", "https://status.example/1", []string{"1"}
	o, _ = Step(o, v)
	v.Reports1h, v.Description, v.Evidence = 10, "", []string{"1", "2"}
	o, _ = Step(o, v)
	want := &Outage{
		Signal: UserReports, StartedAt: noon, DetectedAt: noon, ReportsStartedAt: noon, OfficialStartedAt: minutes(18),
		Worst: Down, PeakReports: 90, Description: "Database", IncidentURL: "https://status.example/1", Evidence: []string{"1", "2"},
	}
	if diff := cmp.Diff(want, o); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestUnwatch(t *testing.T) {
	o, _ := Step(nil, users(0, Down))
	got := Unwatch(o, minutes(5))
	if got.Open() || !got.Unwatched || !got.ResolvedAt.Equal(minutes(5)) || !o.Open() {
		t.Errorf("%+v", got)
	}
}

func TestParts(t *testing.T) {
	seen := vendor(0, Down, minutes(-10))
	o, _ := Step(nil, seen)
	v := vendor(200, Down, minutes(100))
	v.Official.Ended = minutes(50)
	if !v.Parts(o) {
		t.Error("what ended long before is not what is there now")
	}
	if c := v.Calm(); c.Status != Operational || c.Official.Ended != v.Official.Ended || v.Status != Down {
		t.Errorf("calm: %+v, of %+v", c, v)
	}
	both := *o
	both.ReportsStartedAt = noon
	ended := both
	ended.ReportsEndedAt = minutes(20)
	closed := *o
	closed.ResolvedAt = minutes(50)
	for _, tc := range []struct {
		name   string
		last   *Outage
		change func(*Verdict)
		want   bool
	}{
		{"no record", nil, func(*Verdict) {}, false},
		{"an ended record", &closed, func(*Verdict) {}, false},
		{"it goes on within 15 minutes", o, func(v *Verdict) { v.Official.Since = minutes(65) }, false},
		{"it goes on after them", o, func(v *Verdict) { v.Official.Since = minutes(66) }, true},
		{"no end is told", o, func(v *Verdict) { v.Official.Ended = time.Time{} }, false},
		{"no start is told", o, func(v *Verdict) { v.Official.Since = time.Time{} }, false},
		{"it is over", o, func(v *Verdict) { v.Official.Severity = Operational }, false},
		{"users are in trouble", o, func(v *Verdict) { v.Reports.Severity = Down }, false},
		{"users were, and nothing else is known", &both, func(*Verdict) {}, false},
		{"users were", &ended, func(*Verdict) {}, true},
	} {
		v := v
		tc.change(&v)
		if got := v.Parts(tc.last); got != tc.want {
			t.Errorf("%s: %v", tc.name, got)
		}
	}
}

// A clock that goes back does not make a record young again.
func TestStartIsFixedWhateverTheClock(t *testing.T) {
	o, _ := Step(nil, users(0, Down))
	o, _ = Step(o, users(60, Down))
	if o, _ = Step(o, users(-120, Down)); !o.StartedAt.Equal(noon) {
		t.Errorf("moved to %s", o.StartedAt)
	}
}
