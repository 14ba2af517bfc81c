package config

import (
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/downstatus/downstatus_exporter/internal/catalog"
	"github.com/downstatus/downstatus_exporter/internal/status"
	promconfig "github.com/prometheus/common/config"
	"github.com/prometheus/common/model"
	"go.yaml.in/yaml/v3"
)

// service is one service as it is written.
type service struct {
	origin
	slug, name, category string
	catalog              string // entry whose page it reads; empty: that of its slug
	scope                status.Scope
	labels               map[string]string
	feeds                map[string]string // slug by feed name
	official             official
}

// official is what is written about a service's official source.
type official struct {
	engine, url  string
	pollInterval time.Duration
	http         *promconfig.HTTPClientConfig // nil: the global one
	options      []option
}

// option is one setting under official.options.
type option struct {
	origin
	name  string
	value string // lists joined by commas
	list  bool
}

var slugPattern = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]*$`)

// service reads one item of a list of services.
func (c *Config) service(d *document, n *yaml.Node) {
	s := service{origin: d.origin(n)}
	before := len(*d.problems)
	d.object(n, "a service", fields{
		"slug":     text(&s.slug),
		"name":     text(&s.name),
		"category": oneOf(&s.category, catalog.Categories[:]...),
		"catalog":  text(&s.catalog),
		"components": object(fields{
			"include": list(&s.scope.Include), "exclude": list(&s.scope.Exclude),
		}),
		"labels":   labels(&s.labels),
		"feeds":    table(&s.feeds),
		"official": s.official.field(),
	})
	if n.Kind != yaml.MappingNode {
		return
	}
	switch {
	case s.slug == "" && len(*d.problems) == before:
		d.errorf(n, "a service needs a slug")
	case s.slug == "":
	case !slugPattern.MatchString(s.slug):
		d.problems.add(s.at("slug"), "slug: %q is not a slug: want lower-case letters, digits and dashes", s.slug)
	default:
		c.services = append(c.services, s)
	}
}

// field reads the section; engines judge their own part of it later.
func (o *official) field() field {
	return object(fields{
		"engine":        text(&o.engine),
		"url":           text(&o.url),
		"poll_interval": duration(&o.pollInterval),
		"http_config":   httpConfig(&o.http),
		"options":       options(&o.options),
	})
}

// options reads the options of an engine, whichever it is: single values or
// lists of them.
func options(p *[]option) field {
	return func(d *document, key string, n *yaml.Node) { readOptions(p, d, key, n) }
}

func readOptions(p *[]option, d *document, key string, n *yaml.Node) {
	if n.Kind != yaml.MappingNode {
		d.errorf(n, "%s: want a mapping of keys to values, got %s", key, kindOf(n))
		return
	}
	for k, v := range pairs(n) {
		values := make([]string, 1)
		switch {
		case isNull(v):
			continue
		case v.Kind == yaml.SequenceNode:
			values = nil
			list(&values)(d, k.Value, v)
		default:
			text(&values[0])(d, k.Value, v)
		}
		*p = append(*p, option{
			origin: d.origin(k), name: k.Value,
			value: strings.Join(values, ","), list: v.Kind == yaml.SequenceNode,
		})
	}
}

// reserved are the label names that our own metrics, Prometheus and the shipped
// rules use.
var reserved = strings.Fields(`
	slug name category board_url official_url status indicator signal feed window impact
	source engine host reason incident_id url component component_id group field op peer
	job instance namespace pod service container endpoint severity alertname depends_on kind`)

// labels reads user labels.
func labels(p *map[string]string) field {
	return func(d *document, key string, n *yaml.Node) {
		table(p)(d, key, n)
		for k := range pairs(n) {
			switch {
			case !model.LegacyValidation.IsValidLabelName(k.Value):
				d.errorf(k, "labels: %q is not a label name: want letters, digits and underscores, no digit first", k.Value)
			case strings.HasPrefix(k.Value, "__"), slices.Contains(reserved, k.Value):
				d.errorf(k, "labels: %q is reserved: take another name, such as %q", k.Value, "team_"+strings.Trim(k.Value, "_"))
			}
		}
	}
}
