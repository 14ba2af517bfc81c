package azure

import (
	"strings"

	"github.com/downstatus/downstatus_exporter/sources/internal/cloud"
)

// regionNames are the regions of the public cloud, as Microsoft's list had
// them in 2026, with those that the feed has named in the past. The feed does
// not tell regions from services. One that is missing here is taken for a
// service; the option finds it all the same.
const regionNames = `
	Australia Central, Australia Central 2, Australia East, Australia Southeast,
	Austria East, Belgium Central, Brazil South, Brazil Southeast,
	Canada Central, Canada East, Central India, Central US, Chile Central,
	East Asia, East US, East US 2,
	France Central, France South, Germany North, Germany West Central,
	Indonesia Central, Israel Central, Italy North,
	Japan East, Japan West, Jio India Central, Jio India West,
	Korea Central, Korea South, Malaysia West, Mexico Central,
	New Zealand North, North Central US, North Europe, Norway East, Norway West,
	Poland Central, Qatar Central, South Africa North, South Africa West,
	South Central US, South India, Southeast Asia, Spain Central,
	Sweden Central, Sweden South, Switzerland North, Switzerland West,
	UAE Central, UAE North, UK South, UK West,
	West Central US, West Europe, West India, West US, West US 2, West US 3`

// isRegion has the programmatic names: without blanks, in lower case.
var isRegion = func() map[string]bool {
	out := map[string]bool{}
	for name := range strings.SplitSeq(regionNames, ",") {
		out[strings.ToLower(strings.Join(strings.Fields(name), ""))] = true
	}
	return out
}()

// everywhere is true for the categories of what is bound to no region.
func everywhere(l cloud.Label) bool {
	switch strings.ToLower(l.Name) {
	case "public non-regional", "non-regional", "global":
		return true
	}
	return false
}

// broad is true for what is bound to no region, and for half of them.
func broad(regions []cloud.Label) bool {
	for _, r := range regions {
		if everywhere(r) {
			return true
		}
	}
	return cloud.Half(len(regions), len(isRegion))
}
