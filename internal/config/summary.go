package config

import (
	"fmt"
	"slices"
	"strings"

	"github.com/prometheus/common/model"
)

// Series that one exporter, source, engine, service or signal shows. A service
// has info, status (4), severity, stale, last success, seconds by status (4),
// outages by signal (2), disagreements and dropped series, and while there is
// something to tell: maintenance and its times (3), an outage (3) and the last
// one (2).
const (
	seriesOfExporter = 70
	seriesOfSource   = 6  // info, up, last success, polls, failures, engine changes
	seriesOfEngine   = 30 // failures by reason (16), a histogram
	seriesOfService  = 24
	seriesOfOfficial = 11 // severity, indicator (5), signal up, incidents by impact (4)
	seriesOfReports  = 2  // severity, signal up
	seriesOfFeed     = 2  // reports in two windows
	seriesOfPeer     = 12 // of the bridge: sent, dropped, queue, failures by reason (9)
)

// Summary describes a plan to the person who wrote the configuration.
func Summary(p *Plan) string {
	var out strings.Builder
	feeds, all, polled := 0, false, p.Polled()
	for _, s := range polled {
		if s.Engine.Feed {
			feeds++
		}
		all = all || s.All
	}
	fmt.Fprintf(&out, "services: %d\n", len(p.Services))
	fmt.Fprintf(&out, "sources: %d (feeds %d, status pages %d)\n", len(polled), feeds, len(polled)-feeds)
	for _, s := range polled {
		fmt.Fprintf(&out, "  %s (%s, every %s)\n", s.Name, s.Engine.Name, model.Duration(s.Interval))
	}
	if a := p.Alertmanager; a != nil {
		fmt.Fprintf(&out, "Alertmanagers: %d named%s\n", len(a.Static), a.found())
	}
	out.WriteString("hosts to allow:\n")
	for _, host := range hosts(p) {
		fmt.Fprintf(&out, "  %s\n", host)
	}
	base, components := expectedSeries(p)
	fmt.Fprintf(&out, "expected series: about %d, and up to %d of components\n", base, components)
	if all {
		fmt.Fprintf(&out, "  and about %d for each further service that a feed lists\n", seriesOfService+seriesOfReports+seriesOfFeed)
	}
	if len(p.Warnings) > 0 {
		out.WriteString("warnings:\n")
	}
	for _, w := range p.Warnings {
		fmt.Fprintf(&out, "  %s\n", w)
	}
	return out.String()
}

// found says what more discovery may bring.
func (a *Alertmanager) found() string {
	if len(a.DNS)+len(a.Files) == 0 {
		return ""
	}
	return ", and those found by DNS or files"
}

// hosts lists what the exporter connects to, as HOST:PORT, as far as it is
// known.
func hosts(p *Plan) []string {
	var out []string
	if p.Alertmanager != nil {
		out = append(out, p.Alertmanager.Static...)
	}
	for _, s := range p.Sources {
		out = append(out, hostPort(s.Target.Document))
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// expectedSeries estimates the size of /metrics: exporter + sources + engines +
// services + signals + user labels' info, which adds none. Components come on
// top, up to the cap for each service with a page.
func expectedSeries(p *Plan) (base, components int) {
	engines := map[string]bool{}
	for _, s := range p.Sources {
		engines[s.Engine.Name] = true
	}
	base = seriesOfExporter + seriesOfSource*len(p.Sources) + seriesOfEngine*len(engines) + seriesOfService*len(p.Services)
	if p.Alertmanager != nil {
		base += seriesOfPeer * len(p.Alertmanager.Static)
	}
	for _, s := range p.Services {
		if s.Official != "" {
			base += seriesOfOfficial
			components += p.MaxComponents
		}
		if len(s.Feeds) > 0 {
			base += seriesOfReports + seriesOfFeed*len(s.Feeds)
		}
	}
	return base, components
}
