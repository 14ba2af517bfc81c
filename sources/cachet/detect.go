package cachet

import "github.com/downstatus/downstatus_exporter/sources"

func init() {
	var probes []sources.Probe
	for i, e := range editions {
		probes = append(probes, sources.Probe{Path: "/" + e.api + "/status", Order: 5 + i, Match: e.matches})
	}
	sources.RegisterDetection("cachet", sources.Detection{Ends: inAPI, Probes: probes})
}

// matches demands a word of the version's own table: data.status alone is
// nothing special.
func (e *edition) matches(body []byte) bool {
	sys, err := decodeSystem(body)
	if err != nil {
		return false
	}
	_, ok := e.words[sys.Word]
	return ok
}
