package config

import (
	"fmt"
	"net"
	"slices"
	"strings"
	"time"

	"github.com/downstatus/downstatus_exporter/internal/catalog"
	"github.com/downstatus/downstatus_exporter/internal/status"
	promconfig "github.com/prometheus/common/config"
	"go.yaml.in/yaml/v3"
)

// Alertmanager says where the bridge sends alerts and which.
type Alertmanager struct {
	Static     []string // host:port
	DNS        []DNSDiscovery
	Files      []FileDiscovery
	Scheme     string // http or https
	PathPrefix string
	HTTP       promconfig.HTTPClientConfig // its own: nothing of the global one

	MinStatus status.Status // Degraded or Down: what is worth an alert
	Match     Match
	matchAt   place
}

// DNSDiscovery finds peers by name.
type DNSDiscovery struct {
	Names           []string
	Type            string // SRV, A, AAAA or MX
	Port            int    // for all but SRV
	RefreshInterval time.Duration
}

// FileDiscovery finds peers in files, as Prometheus' file_sd writes them.
type FileDiscovery struct {
	Files           []string // globs, made absolute or relative to the working directory
	RefreshInterval time.Duration
}

// Match picks services; an empty part picks all.
type Match struct {
	Categories []string
	Slugs      []string          // globs
	Labels     map[string]string // all of them
}

// alertmanager reads the bridge. An empty section is none.
func (c *Config) alertmanager(d *document, key string, n *yaml.Node) {
	if n.Kind == yaml.MappingNode && len(n.Content) == 0 {
		return
	}
	a := &Alertmanager{Scheme: "http", MinStatus: status.Degraded, HTTP: promconfig.DefaultHTTPClientConfig}
	http, minStatus := &a.HTTP, a.MinStatus.String()
	object(fields{
		"static_configs":  each(a.static),
		"dns_sd_configs":  each(a.dns),
		"file_sd_configs": each(a.file),
		"scheme":          oneOf(&a.Scheme, "http", "https"),
		"path_prefix":     text(&a.PathPrefix),
		"http_config":     httpConfig(&http),
		"min_status":      oneOf(&minStatus, "degraded", "down"),
		"match": object(fields{
			"category": each(a.matchCategory), "slug": list(&a.Match.Slugs), "labels": table(&a.Match.Labels),
		}),
	})(d, key, n)
	a.HTTP = *http
	a.MinStatus, _ = status.ParseStatus(minStatus)
	if n.Kind == yaml.MappingNode && !anyOf(n, "static_configs", "dns_sd_configs", "file_sd_configs") {
		d.errorf(n, "alertmanager: names no Alertmanager: want static_configs, dns_sd_configs or file_sd_configs")
	}
	a.matchAt = d.origin(n).at("match")
	c.Alertmanager = a
}

// uselessMatch warns of what no service has: a mistyped word would silence
// alerts. Of services that only a feed lists, the slugs are not known.
func (p *planner) uselessMatch(services []Service) {
	a := p.Alertmanager
	if a == nil {
		return
	}
	for _, name := range sortedKeys(a.Match.Labels) {
		value := a.Match.Labels[name]
		if !slices.ContainsFunc(services, func(s Service) bool { return s.Labels[name] == value }) {
			p.found.add(a.matchAt, "match.labels: no service has %s: %q: no alerts are sent", name, value)
		}
	}
	if slices.ContainsFunc(p.feeds, func(f feed) bool { return f.services == "all" }) {
		return
	}
	for _, glob := range a.Match.Slugs {
		if !slices.ContainsFunc(services, func(s Service) bool { return status.Glob(glob, s.Slug) }) {
			p.found.add(a.matchAt, "match.slug: %q matches no service", glob)
		}
	}
}

// anyOf reports whether a mapping has one of the keys.
func anyOf(n *yaml.Node, keys ...string) bool {
	for _, key := range keys {
		if child(n, key) != nil {
			return true
		}
	}
	return false
}

// static reads one group of fixed peers.
func (a *Alertmanager) static(d *document, n *yaml.Node) {
	d.object(n, "static_configs", fields{"targets": each(func(d *document, n *yaml.Node) {
		var target string
		text(&target)(d, "targets", n)
		if err := CheckTarget(target); err != nil {
			d.errorf(n, "targets: %v", err)
			return
		}
		a.Static = append(a.Static, target)
	})})
}

// CheckTarget is nil for HOST:PORT, as static_configs and discovered files have
// it.
func CheckTarget(target string) error {
	host, port, err := net.SplitHostPort(target)
	if err != nil || host == "" || port == "" || strings.ContainsAny(target, "/@?# ") {
		if i := strings.LastIndex(target, "@"); i >= 0 {
			target = hidden + target[i:]
		}
		return fmt.Errorf("%q is not HOST:PORT: want something like 127.0.0.1:9093", target)
	}
	return nil
}

// dns reads one DNS discovery. SRV records carry the port; the others need one.
func (a *Alertmanager) dns(d *document, n *yaml.Node) {
	dns := DNSDiscovery{Type: "SRV", RefreshInterval: 30 * time.Second}
	before := len(*d.problems)
	d.object(n, "dns_sd_configs", fields{
		"names":            list(&dns.Names),
		"type":             oneOf(&dns.Type, "SRV", "A", "AAAA", "MX"),
		"port":             count(&dns.Port, 1),
		"refresh_interval": duration(&dns.RefreshInterval),
	})
	switch {
	case len(*d.problems) > before:
	case len(dns.Names) == 0:
		d.errorf(n, "dns_sd_configs: names are missing")
	case dns.Type != "SRV" && dns.Port == 0:
		d.errorf(n, "dns_sd_configs: type %s needs a port", dns.Type)
	}
	a.DNS = append(a.DNS, dns)
}

// file reads one file discovery. The files may come later: they are watched.
func (a *Alertmanager) file(d *document, n *yaml.Node) {
	var file FileDiscovery
	file.RefreshInterval = 5 * time.Minute
	before := len(*d.problems)
	d.object(n, "file_sd_configs", fields{
		"files":            list(&file.Files),
		"refresh_interval": duration(&file.RefreshInterval),
	})
	if len(file.Files) == 0 && len(*d.problems) == before {
		d.errorf(n, "file_sd_configs: files are missing")
	}
	for i, name := range file.Files {
		file.Files[i] = d.path(name)
	}
	a.Files = append(a.Files, file)
}

// matchCategory reads one category, which must exist: a mistyped one would
// silence alerts.
func (a *Alertmanager) matchCategory(d *document, n *yaml.Node) {
	var category string
	oneOf(&category, catalog.Categories[:]...)(d, "match.category", n)
	a.Match.Categories = append(a.Match.Categories, category)
}
