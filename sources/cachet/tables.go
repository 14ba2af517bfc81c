package cachet

import (
	"github.com/downstatus/downstatus_exporter/internal/status"
	"github.com/downstatus/downstatus_exporter/sources/internal/pages"
)

// code is a word or a number of Cachet's tables.
type code string

// stage is how far an incident has come.
type stage struct {
	pages.Stage
	planned bool
}

// edition is a version of Cachet: the same number does not mean the same in
// both.
type edition struct {
	name            string
	api             string // path of the API below the page
	groups          string // path of the component groups below the API
	embed           string // query for the components of an entry
	newest          string // query for schedules, the newest first
	words           map[code]status.Word
	maintenanceWord bool
	components      map[code]pages.Condition
	incidents       map[code]stage
}

var editions = [...]*edition{version2, version3}

var version2 = &edition{
	name:   "Cachet 2",
	api:    "api/v1",
	groups: "components/groups",
	words: map[code]status.Word{
		"success": {Published: true, Rank: status.None},
		"info":    {Published: true, Rank: status.Minor},    // anything between the two
		"danger":  {Published: true, Rank: status.Critical}, // half of the components in major outage, or as set
	},
	components: map[code]pages.Condition{
		"0": {Rank: status.IndicatorUnknown}, // Unknown
		"1": {Rank: status.None},             // Operational
		"2": {Rank: status.Minor},            // Performance Issues
		"3": {Rank: status.Major},            // Partial Outage
		"4": {Rank: status.Critical},         // Major Outage
	},
	incidents: map[code]stage{
		"0": {planned: true},                        // Scheduled, up to version 2.3
		"1": {},                                     // Investigating
		"2": {},                                     // Identified
		"3": {Stage: pages.Stage{Monitoring: true}}, // Watching
		"4": {Stage: pages.Stage{Over: true}},       // Fixed
	},
}

// partialOutage is what version 3 says of everything between operational and a
// major outage, slow components included: see derive.
const partialOutage code = "partial_outage"

var version3 = &edition{
	name:            "Cachet 3",
	api:             "api",
	groups:          "component-groups",
	embed:           "include=components",
	newest:          "sort=-id",
	maintenanceWord: true,
	words: map[code]status.Word{
		"operational":       {Published: true, Rank: status.None},
		partialOutage:       {Published: true, Rank: status.Major},
		"major_outage":      {Published: true, Rank: status.Critical},
		"under_maintenance": {Published: true, Rank: status.None, Maintenance: true},
	},
	components: map[code]pages.Condition{
		"1": {Rank: status.None},                    // Operational
		"2": {Rank: status.Minor},                   // Performance Issues
		"3": {Rank: status.Major},                   // Partial Outage
		"4": {Rank: status.Critical},                // Major Outage
		"5": {Rank: status.IndicatorUnknown},        // Unknown
		"6": {Rank: status.None, Maintenance: true}, // Under Maintenance
	},
	incidents: map[code]stage{
		"0": {},                                     // Unknown
		"1": {},                                     // Investigating
		"2": {},                                     // Identified
		"3": {Stage: pages.Stage{Monitoring: true}}, // Watching
		"4": {Stage: pages.Stage{Over: true}},       // Fixed
	},
}

// schedules are the states of a maintenance, in both versions.
var schedules = map[code]status.WindowState{
	"0": status.Scheduled,
	"1": status.InProgress,
	"2": status.Completed,
}
