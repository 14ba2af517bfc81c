package collector

import (
	"fmt"
	"time"

	"github.com/downstatus/downstatus_exporter/internal/board"
	"github.com/downstatus/downstatus_exporter/internal/status"
)

var testNow = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

func ago(d time.Duration) time.Time { return testNow.Add(-d) }

func testOptions() Options {
	return Options{
		BoardURL: func(slug string) string { return "https://board.test/status/" + slug },
		Now:      func() time.Time { return testNow },
	}
}

// fixture is a board that has something to show in every family. The status
// seconds stand at the longest time Go knows: only a board can set them.
func fixture() *board.Snapshot {
	return &board.Snapshot{
		Generation: 1, Components: 1, Polls: 1, At: testNow,
		Labels:   []string{"region_name", "team"},
		Services: []*board.Service{acme(), bolt(), cedar(), delta()},
		Sources:  sources(),
	}
}

// acme is down by both signals, with incidents, maintenance and components.
func acme() *board.Service {
	return &board.Service{
		Slug: "acme", Name: `Acme "Cloud"`, Category: "cloud", OfficialURL: "https://status.acme.test",
		Labels: map[string]string{"team": "platform", "region_name": "north"}, Configured: true,
		Status: status.Down, HasOfficial: true, OfficialUp: true, HasReports: true, ReportsUp: true,
		ReportsSev: status.Degraded,
		Reports:    []board.FeedReports{{Feed: "downstatus", Reports1h: 42, Reports24h: 1234567, Has1h: true, Has24h: true}},
		Official: status.Official{
			Indicator: status.Major, Severity: status.Down, Maintenance: true,
			Window: &status.Window{Start: ago(time.Hour), End: testNow.Add(time.Hour)},
			Incidents: []status.Incident{
				{ID: "i1", Impact: status.Critical, URL: "https://status.acme.test/i1"},
				{ID: "i2", Impact: status.Major, URL: "https://status.acme.test/i2"},
				{ID: "i1", Impact: status.Minor, URL: "https://status.acme.test/again"},
				{ID: "i3", Impact: status.Minor},
				{ID: "i4", Impact: status.IndicatorUnknown},
				{ID: "i5", Impact: status.None},
				{ID: "i6", Impact: status.None},
			},
		},
		Components: []status.Component{
			{ID: "c1", Name: "API", Group: "Core", Rank: status.Major},
			{ID: "c2", Name: "Console", Rank: status.None, Maintenance: true},
			{ID: "c3", Name: "API", Group: "Core", Rank: status.Minor},
			{ID: "c4", Name: "a \"quoted\"\\\nline", Rank: status.IndicatorUnknown},
			{ID: "c5", Name: "not \xff UTF-8", Rank: status.None},
			{ID: "c2", Name: "Console", Rank: status.Minor},
		},
		Dropped: 3,
		Outage: &status.Outage{
			Signal: status.UserReports, StartedAt: ago(90 * time.Second), PeakReports: 57,
		},
		OutageCount:   map[status.Signal]uint64{status.UserReports: 3, status.OfficialStatusPage: 1},
		Disagreements: 2,
		Moving:        &board.Moving{LastSuccess: ago(7*time.Second + 250*time.Millisecond)},
	}
}

// bolt is known from reports alone, and has recovered.
func bolt() *board.Service {
	return &board.Service{
		Slug: "bolt", Name: "Bolt", Category: "payments",
		Status: status.Operational, HasReports: true, ReportsUp: true, ReportsSev: status.Operational,
		Reports:     []board.FeedReports{{Feed: "downstatus", Has1h: true, Has24h: true}, {Feed: "second", Reports24h: 3, Has1h: true, Has24h: true}},
		LastOutage:  &status.Outage{StartedAt: ago(3 * time.Hour), ResolvedAt: ago(2 * time.Hour)},
		LastDelay:   -90 * time.Second,
		HasDelay:    true,
		OutageCount: map[status.Signal]uint64{},
		Moving:      &board.Moving{LastSuccess: ago(30 * time.Second)},
	}
}

// cedar has never been read.
func cedar() *board.Service {
	return &board.Service{
		Slug: "cedar", Name: "Cedar", Category: "ci", OfficialURL: "https://status.cedar.test", Configured: true,
		Status: status.Unknown, HasOfficial: true,
		Official:    status.Official{Indicator: status.IndicatorUnknown, Severity: status.Unknown},
		OutageCount: map[status.Signal]uint64{},
		Moving:      &board.Moving{},
	}
}

// delta shows a held status.
func delta() *board.Service {
	return &board.Service{
		Slug: "delta", Name: "Delta", Category: "ci", Configured: true,
		Status: status.Degraded, Stale: true, HasOfficial: true,
		Official: status.Official{Indicator: status.IndicatorUnknown, Severity: status.Unknown},
		Outage:   &status.Outage{Signal: status.OfficialStatusPage, StartedAt: ago(time.Hour)},
		Moving:   &board.Moving{LastSuccess: ago(40 * time.Minute)},
	}
}

func sources() []*board.Source {
	return []*board.Source{
		{
			Name: "feed/downstatus", Engine: "downstatus", Host: "isitdownstatus.test", Up: true, Polled: true,
			Moving: &board.SourceMoving{LastSuccess: ago(7 * time.Second), Polls: 100, Failures: 1},
		},
		{
			Name: "page/status.acme.test", Engine: "statuspage", Host: "status.acme.test", Up: true, Polled: true,
			UnknownWords: map[string]uint64{"impact": 1, "component": 4}, EngineChanges: 1,
			Moving: &board.SourceMoving{LastSuccess: ago(8 * time.Second), Polls: 50},
		},
		{Name: "page/status.cedar.test", Engine: "instatus", Host: "status.cedar.test", Moving: &board.SourceMoving{}},
	}
}

// large is a board of services with the given number of components each. One
// in 50 has an outage.
func large(services, components int) *board.Snapshot {
	s := &board.Snapshot{Generation: 1, Components: 1, At: testNow}
	for i := range services {
		v := acme()
		v.Slug = fmt.Sprintf("service-%03d", i)
		v.Name = fmt.Sprintf("Service %03d", i)
		v.OfficialURL = fmt.Sprintf("https://status.service-%03d.test", i)
		if i%50 != 0 {
			v.Outage = nil
		}
		v.Components = make([]status.Component, components)
		for c := range v.Components {
			v.Components[c] = status.Component{
				ID: fmt.Sprintf("%08x%04x", i*7919+c*104729, c), Name: fmt.Sprintf("Region %02d API %d", c%30, c),
				Group: fmt.Sprintf("Group %d", c%12), Rank: status.Indicator(c % 50 / 49),
			}
		}
		s.Services = append(s.Services, v)
		s.Sources = append(s.Sources, &board.Source{
			Name: "page/" + v.OfficialURL[8:], Engine: "statuspage", Host: v.OfficialURL[8:], Up: true,
			Moving: &board.SourceMoving{LastSuccess: ago(time.Duration(i) * time.Second), Polls: uint64(i)},
		})
	}
	return s
}
