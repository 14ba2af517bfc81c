package config

import (
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/downstatus/downstatus_exporter/sources"
	"github.com/prometheus/common/model"
)

// Shortest poll intervals: of hosts of other people, and of one's own.
const (
	publicFloor = 30 * time.Second
	localFloor  = 10 * time.Second
)

// target has an engine check its configuration. Credentials in addresses would
// end up in names and logs: they have a place of their own.
func (p *planner) target(engine sources.Engine, cfg sources.Config, at place) (sources.Target, bool) {
	target, err := engine.Target(cfg)
	switch {
	case err != nil:
		p.problems.add(at, "%v", err)
	case target.Page.User != nil || target.Document.User != nil:
		p.problems.add(at, "url: credentials belong into http_config.basic_auth, not into the address")
	default:
		return target, true
	}
	return sources.Target{}, false
}

// interval is how often to poll: as asked, but no more often than the host
// bears. One's own hosts bear what one asks them for.
func (p *planner) interval(own time.Duration, at place, engine sources.Engine, target sources.Target) time.Duration {
	asked, floor := own, publicFloor
	if own == 0 {
		asked, at = p.global.pollInterval, p.global.at("poll_interval")
	}
	local := isLocal(target.Document.Hostname())
	if local {
		floor = localFloor
	}
	if asked < floor {
		p.found.add(at, "poll_interval: %s is below the floor of %s: raised", model.Duration(asked), model.Duration(floor))
	}
	if local {
		return max(asked, floor)
	}
	if own > 0 && max(own, floor) < engine.MinInterval {
		p.found.add(at, "poll_interval: %s is below the %s that engine %s allows: raised", model.Duration(own), model.Duration(engine.MinInterval), engine.Name)
	}
	return max(asked, floor, engine.MinInterval, sameURLInterval(engine))
}

// sameURLInterval keeps polls of one document clear of what its operator
// forbids, so that none has to wait for its turn: a request may arrive sooner
// after the last than it was sent.
func sameURLInterval(engine sources.Engine) time.Duration {
	if engine.Budget.SameURL == 0 {
		return 0
	}
	return engine.Budget.SameURL + time.Second
}

// isLocal reports whether a host is this machine, or one of a test.
func isLocal(host string) bool {
	host = strings.TrimSuffix(strings.ToLower(host), ".")
	if ip, err := netip.ParseAddr(host); err == nil {
		return ip.Unmap().IsLoopback()
	}
	return host == "localhost" || strings.HasSuffix(host, ".localhost") || strings.HasSuffix(host, ".test")
}

// source adds a source, or joins it with an equal one, and returns its key.
func (p *planner) source(s Source) string {
	s.Timeout, s.BodyLimit, s.HTTPKey = p.global.pollTimeout, p.global.bodyLimit, httpKey(s.HTTP)
	s.Key = sourceKey(s)
	document := s.Engine.Name + " " + s.Target.Document.String() + " " + s.HTTPKey
	main, known := p.documents[document]
	if !known {
		p.documents[document], main = s.Key, s.Key
	}
	if polled := p.sources[main]; polled != nil {
		polled.Interval = min(polled.Interval, s.Interval)
		polled.Typed = polled.Typed || s.Typed
	}
	if p.sources[s.Key] != nil {
		return s.Key
	}
	if main != s.Key {
		s.Of = main
	}
	p.sources[s.Key] = &s
	p.order = append(p.order, s.Key)
	return s.Key
}

// sourceKey tells sources apart. Options are a part of it: with the same
// document they may still choose what of it counts.
func sourceKey(s Source) string {
	key := s.Engine.Name + " " + s.Target.Document.String()
	for _, name := range sortedKeys(s.Target.Options) {
		key += fmt.Sprintf(" %s=%q", name, s.Target.Options[name])
	}
	return key + " " + s.HTTPKey
}

// named lists the sources by name. Those alike are numbered in the order of
// the slugs that ask for them; one that is polled with another follows it under
// its name.
func (p *planner) named() []Source {
	taken, names := map[string]bool{}, map[string]string{}
	out := make([]Source, 0, len(p.order))
	for _, key := range p.order {
		s := *p.sources[key]
		if s.Of != "" {
			continue
		}
		base := s.Name
		for i := 2; taken[s.Name]; i++ {
			s.Name = fmt.Sprintf("%s#%d", base, i)
		}
		taken[s.Name] = true
		out = append(out, s)
		names[key] = s.Name
	}
	for _, key := range p.order {
		if s := *p.sources[key]; s.Of != "" {
			s.Name = names[s.Of]
			out = append(out, s)
		}
	}
	slices.SortStableFunc(out, func(a, b Source) int { return strings.Compare(a.Name, b.Name) })
	return out
}

// hostPort is what a firewall has to let through.
func hostPort(u *url.URL) string {
	port := u.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[u.Scheme]
	}
	return net.JoinHostPort(u.Hostname(), port)
}
