package status

import (
	"testing"
	"time"
)

// TestGrid is the decision table: the worse of what users and the page say.
func TestGrid(t *testing.T) {
	indicators := [...]Indicator{IndicatorUnknown, None, Minor, Major, Critical}
	for users, row := range map[Status][len(indicators)]Status{
		Unknown:     {Unknown, Operational, Degraded, Down, Down},
		Operational: {Operational, Operational, Degraded, Down, Down},
		Degraded:    {Degraded, Degraded, Degraded, Down, Down},
		Down:        {Down, Down, Down, Down, Down},
	} {
		for i, want := range row {
			c := Combine([]Input{
				{Signal: UserReports, Severity: users, Fresh: users != Unknown},
				{Signal: OfficialStatusPage, Severity: indicators[i].Severity(), Fresh: indicators[i] != IndicatorUnknown},
			}, false, time.Hour, noon)
			if c.Status != want {
				t.Errorf("users %s, page %s: %s, want %s", users, indicators[i], c.Status, want)
			}
		}
	}
}

// TestMissingData is the rule that missing data clears nothing.
func TestMissingData(t *testing.T) {
	stale := func(s Signal, sev Status, age time.Duration) Input {
		return Input{Signal: s, Severity: sev, LastGood: noon.Add(-age)}
	}
	fresh := func(s Signal, sev Status) Input { return Input{Signal: s, Severity: sev, Fresh: true, LastGood: noon} }
	for _, tc := range []struct {
		name   string
		inputs []Input
		open   bool
		want   Status
		held   bool
	}{
		{"nothing at all", nil, false, Unknown, false},
		{"a stale calm is unknown", []Input{stale(OfficialStatusPage, Operational, time.Hour)}, false, Unknown, false},
		{"stale trouble without an outage is unknown", []Input{stale(OfficialStatusPage, Down, time.Hour)}, false, Unknown, false},
		{"stale trouble is held while an outage is open", []Input{stale(OfficialStatusPage, Down, time.Hour)}, true, Down, true},
		{"… not beyond hold_open_for", []Input{stale(OfficialStatusPage, Down, 25*time.Hour)}, true, Unknown, false},
		{
			"calm elsewhere does not clear what is missing",
			[]Input{stale(OfficialStatusPage, Down, time.Hour), fresh(UserReports, Operational)}, true, Down, true,
		},
		{
			"… nor after the hold",
			[]Input{stale(OfficialStatusPage, Down, 25*time.Hour), fresh(UserReports, Operational)}, true, Unknown, false,
		},
		{
			"fresh trouble is not held",
			[]Input{stale(OfficialStatusPage, Down, time.Hour), fresh(UserReports, Down)}, true, Down, false,
		},
		{
			"the held part may be the worse",
			[]Input{stale(OfficialStatusPage, Down, time.Hour), fresh(UserReports, Degraded)}, true, Down, true,
		},
		{"a good reading decides", []Input{fresh(OfficialStatusPage, Operational)}, true, Operational, false},
		{
			"several feeds: the worst of the fresh ones",
			[]Input{fresh(UserReports, Operational), fresh(UserReports, Degraded)}, false, Degraded, false,
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c := Combine(tc.inputs, tc.open, 24*time.Hour, noon)
			if c.Status != tc.want || c.Held != tc.held {
				t.Errorf("%s, held %v; want %s, %v", c.Status, c.Held, tc.want, tc.held)
			}
		})
	}
}

func TestSignalsAloneShowNoHeldStatus(t *testing.T) {
	c := Combine([]Input{{Signal: OfficialStatusPage, Severity: Down, LastGood: noon.Add(-time.Hour)}}, true, 24*time.Hour, noon)
	if c.OfficialIs != Unknown || c.OfficialUp || c.Official.Severity != Down {
		t.Errorf("%+v: the signal is unknown, only the combination holds", c)
	}
}

// TestJudgeFeed is contract section 3, "reports severity".
func TestJudgeFeed(t *testing.T) {
	row := func(s Status, has bool, official Indicator) FeedService {
		return FeedService{Status: s, HasStatus: true, HasOfficial: has, Official: official}
	}
	for _, tc := range []struct {
		name    string
		row     FeedService
		relayed bool
		want    Status
	}{
		{"as it stands", row(Down, false, IndicatorUnknown), true, Down},
		{"explained by its own indicator", row(Down, true, Major), true, Operational},
		{"explained by more than enough", row(Degraded, true, Critical), true, Operational},
		{"not explained: users say more", row(Down, true, Minor), true, Down},
		{"not explained: the page is silent", row(Degraded, true, None), true, Degraded},
		{"explained, but the evidence counts nowhere else", row(Down, true, Major), false, Down},
		{"calm stays calm", row(Operational, true, Major), true, Operational},
		{"unknown stays unknown", row(Unknown, true, Major), true, Unknown},
		{"a feed without a status says nothing yet", FeedService{Status: Operational}, true, Unknown},
	} {
		if got := JudgeFeed(tc.row, tc.relayed).Severity; got != tc.want {
			t.Errorf("%s: %s, want %s", tc.name, got, tc.want)
		}
	}
}
