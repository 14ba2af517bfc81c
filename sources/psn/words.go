package psn

import (
	"github.com/downstatus/downstatus_exporter/internal/status"
	"github.com/downstatus/downstatus_exporter/sources"
	"github.com/downstatus/downstatus_exporter/sources/internal/vendors"
)

// kind is what an entry is.
type kind struct {
	rank        status.Indicator
	maintenance bool
	nothing     bool // the entry tells that all is well
}

// kinds are the words of statusType.
var kinds = map[string]kind{
	"outage":      {rank: status.Major},
	"degraded":    {rank: status.Minor},
	"maintenance": {maintenance: true},
	"ok":          {nothing: true},
}

// kindOf looks a word up. One that is not known counts as trouble.
func kindOf(word sources.Str) (k kind, known bool) {
	if k, known = kinds[vendors.Fold(word)]; !known {
		k.rank = status.Minor
	}
	return k, known
}
