package betterstack

import (
	"github.com/downstatus/downstatus_exporter/internal/status"
	"github.com/downstatus/downstatus_exporter/sources/internal/pages"
)

// aggregates are the words of the whole page.
var aggregates = map[string]status.Word{
	"operational": {Published: true, Rank: status.None},
	"degraded":    {Published: true, Rank: status.Minor},
	"downtime":    {Published: true, Rank: status.Major}, // critical where nothing is left standing
	"maintenance": {Published: true, Rank: status.None, Maintenance: true},
}

// conditions are the words of resources. What is not monitored is known to be
// unknown.
var conditions = map[string]pages.Condition{
	"operational":   {Rank: status.None},
	"degraded":      {Rank: status.Minor},
	"downtime":      {Rank: status.Major},
	"maintenance":   {Rank: status.None, Maintenance: true},
	"not_monitored": {Rank: status.IndicatorUnknown},
}

// affected are the words of a resource within a report.
var affected = map[string]status.Indicator{
	"resolved":      status.None,
	"operational":   status.None,
	"degraded":      status.Minor,
	"downtime":      status.Major,
	"maintenance":   status.None,
	"not_monitored": status.IndicatorUnknown,
}

// verdict is what the word of a report says of it.
type verdict struct {
	rank        status.Indicator
	maintenance bool
	over        bool
}

// verdicts are the words of reports. The documentation lists operational where
// pages say resolved.
var verdicts = map[string]verdict{
	"resolved":    {rank: status.IndicatorUnknown, over: true},
	"operational": {rank: status.IndicatorUnknown, over: true},
	"degraded":    {rank: status.Minor},
	"downtime":    {rank: status.Major},
	"maintenance": {rank: status.None, maintenance: true},
}

// planned tells the types of reports apart: true is maintenance.
var planned = map[string]bool{
	"manual":      false,
	"automatic":   false,
	"maintenance": true,
}
