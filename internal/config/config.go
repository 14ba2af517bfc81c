// Package config reads the configuration: YAML in, a Plan out, and every fault
// named with its line.
package config

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"time"

	promconfig "github.com/prometheus/common/config"
	"go.yaml.in/yaml/v3"

	"github.com/downstatus/downstatus_exporter/internal/catalog"
)

// Config is a configuration as it is written, checked in form. Plan makes it
// ready to run.
type Config struct {
	// Alertmanager configures the bridge; nil: off.
	Alertmanager *Alertmanager

	global    global
	feeds     []feed
	services  []service // in the order of the files
	catalog   catalog.Catalog
	include   []pattern // globs over catalog slugs
	exclude   []pattern
	retention time.Duration
	dsn       string // of the shared store, or empty

	sensitivity string // of the report detector: a word of detect.ForSensitivity

	warnings  Problems
	documents []*document // the file itself, then its service files
}

// global holds the defaults of all sources.
type global struct {
	origin
	pollInterval  time.Duration
	pollTimeout   time.Duration
	staleAfter    time.Duration
	holdOpenFor   time.Duration
	bodyLimit     int64
	maxComponents int
	http          *promconfig.HTTPClientConfig
}

// feed is one user-report feed as it is written.
type feed struct {
	origin
	name, engine, url string
	services          string // all or configured
	pollInterval      time.Duration
	http              *promconfig.HTTPClientConfig // nil: the global one
	options           []option
}

// pattern is a glob over the slugs of the catalog.
type pattern struct {
	origin
	glob string
}

// The feed that is read where the configuration names none, and its address.
const (
	defaultFeed    = "downstatus"
	defaultFeedURL = "https://isitdownstatus.com"
)

// builtIn is the configuration of a run without a file.
func builtIn() string {
	var b strings.Builder
	b.WriteString(`feeds: [{name: downstatus, type: downstatus, url: "` + defaultFeedURL + `", services: all}]` + "\nservices:\n")
	for _, e := range catalog.Builtin().All() {
		if e.WellKnown {
			b.WriteString("  - slug: " + e.Slug + "\n")
		}
	}
	return b.String()
}

// Default is the built-in configuration: the public user-report feed with all
// its services, and the catalog's well-known services.
func Default() *Config {
	cfg, problems := read("built-in configuration", []byte(builtIn()))
	if len(problems) > 0 {
		panic(problems) // a fault of the program, not of its user
	}
	return cfg
}

// Load reads a configuration file. The error is a Problems with all faults.
func Load(path string) (*Config, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, Problems{{File: path, Text: err.Error()}}
	}
	return Parse(path, data)
}

// Parse reads a configuration from memory; name is the file it came from, to
// which paths are relative. The error is a Problems with all faults, those
// that Plan would report included.
func Parse(name string, data []byte) (*Config, error) {
	cfg, problems := read(name, data)
	if _, more := cfg.plan(); len(more) > 0 {
		problems = append(problems, more...)
	}
	if len(problems) > 0 {
		return nil, problems.sorted()
	}
	return cfg, nil
}

// read decodes a configuration as far as that is possible without the engines.
func read(name string, data []byte) (*Config, Problems) {
	var problems Problems
	cfg := &Config{
		catalog:     catalog.Builtin(),
		retention:   90 * 24 * time.Hour,
		sensitivity: "default",
		global: global{
			pollInterval: time.Minute, pollTimeout: 10 * time.Second,
			staleAfter: 15 * time.Minute, holdOpenFor: 24 * time.Hour,
			bodyLimit: 8 << 20, maxComponents: 200, http: &promconfig.DefaultHTTPClientConfig,
		},
	}
	d := cfg.document(name, data, &problems)
	cfg.feeds = []feed{{origin: d.origin(d.root), name: defaultFeed, engine: defaultFeed, services: "configured"}}
	if d.root != nil {
		cfg.decode(d)
	}
	return cfg, problems
}

// document parses one more file of the configuration.
func (c *Config) document(name string, data []byte, problems *Problems) *document {
	d := &document{file: name, problems: problems, warnings: &c.warnings, secrets: map[*yaml.Node]bool{}}
	d.parse(data)
	c.documents = append(c.documents, d)
	return d
}

// decode reads every section. Service files come last: their problems and slugs
// follow those of the file that names them.
func (c *Config) decode(d *document) {
	var serviceFiles []string
	d.object(d.root, "the configuration", fields{
		"global": c.globalField(),
		"feeds": func(d *document, key string, n *yaml.Node) {
			c.feeds = nil
			each(c.feed)(d, key, n)
		},
		"services":      each(c.service),
		"service_files": list(&serviceFiles),
		"catalog": object(fields{
			"include": patterns(&c.include), "exclude": patterns(&c.exclude), "file": c.catalogFile,
		}),
		"detection": object(fields{
			"sensitivity": oneOf(&c.sensitivity, "sensitive", "default", "quiet", "bursty"),
		}),
		"alertmanager": c.alertmanager,
		"history":      c.history,
	})
	for _, glob := range serviceFiles {
		c.serviceFiles(d, glob)
	}
}

// globalField reads the defaults of all sources.
func (c *Config) globalField() field {
	g := &c.global
	read := object(fields{
		"poll_interval":              duration(&g.pollInterval),
		"poll_timeout":               duration(&g.pollTimeout),
		"stale_after":                duration(&g.staleAfter),
		"hold_open_for":              duration(&g.holdOpenFor),
		"body_size_limit":            size(&g.bodyLimit),
		"max_components_per_service": count(&g.maxComponents, 0),
		"http_config":                httpConfig(&g.http),
	})
	return func(d *document, key string, n *yaml.Node) {
		g.origin = d.origin(n)
		read(d, key, n)
	}
}

// feed reads one user-report feed.
func (c *Config) feed(d *document, n *yaml.Node) {
	f := feed{origin: d.origin(n), engine: defaultFeed, services: "configured"}
	d.object(n, "a feed", fields{
		"name":          text(&f.name),
		"type":          text(&f.engine),
		"url":           text(&f.url),
		"services":      oneOf(&f.services, "all", "configured"),
		"poll_interval": duration(&f.pollInterval),
		"http_config":   httpConfig(&f.http),
		"options":       options(&f.options),
	})
	if n.Kind == yaml.MappingNode {
		c.feeds = append(c.feeds, f)
	}
}

// serviceFiles reads the files that a glob names, each once.
func (c *Config) serviceFiles(d *document, glob string) {
	at := d.origin(d.root).at("service_files")
	names, err := filepath.Glob(d.path(glob))
	switch {
	case err != nil:
		d.problems.add(at, "service_files: %q is not a glob: %v", glob, err)
	case len(names) == 0 && !strings.ContainsAny(glob, "*?["):
		d.problems.add(at, "service_files: there is no file %s", d.path(glob))
	case len(names) == 0:
		d.warnings.add(at, "service_files: no file matches %s", d.path(glob))
	}
	for _, name := range names {
		c.serviceFile(name, at, d.problems)
	}
}

// serviceFile reads one file. at is where the main file names it.
func (c *Config) serviceFile(name string, at place, problems *Problems) {
	for _, known := range c.documents {
		if known.file == name {
			return
		}
	}
	data, err := readRegular(name)
	if err != nil {
		problems.add(at, "service_files: %v", err)
		return
	}
	if d := c.document(name, data, problems); d.root != nil {
		each(c.service)(d, "a service file", d.root)
	}
}

// catalogFile lays the rows of a file over the built-in catalog.
func (c *Config) catalogFile(d *document, key string, n *yaml.Node) {
	var name string
	text(&name)(d, key, n)
	data, err := readRegular(d.path(name))
	if err != nil {
		d.errorf(n, "catalog.file: %v", err)
		return
	}
	own, err := catalog.Read(bytes.NewReader(data))
	if err != nil {
		d.errorf(n, "catalog.file: %s: %v", d.path(name), err)
		return
	}
	c.catalog = c.catalog.With(own)
}

// HTTP is how sources are asked that have no settings of their own: the
// settings, the timeout of a request, and the limit of a body in bytes.
func (c *Config) HTTP() (settings promconfig.HTTPClientConfig, timeout time.Duration, bodyLimit int64) {
	return *c.global.http, c.global.pollTimeout, c.global.bodyLimit
}

// DSN is the postgres:// address of the shared store; empty: the embedded one.
// It is a secret.
func (c *Config) DSN() string { return c.dsn }

// Catalog is the catalog in force: the built-in one under the file's own rows.
func (c *Config) Catalog() catalog.Catalog { return c.catalog }

// patterns reads a list of globs with their lines.
func patterns(p *[]pattern) field {
	return each(func(d *document, n *yaml.Node) {
		var glob string
		text(&glob)(d, "glob", n)
		*p = append(*p, pattern{origin: d.origin(n), glob: glob})
	})
}

// secret reads a scalar that must never be shown.
func secret(p *string) field {
	return func(d *document, key string, n *yaml.Node) {
		d.secrets[n] = true
		text(p)(d, key, n)
	}
}
