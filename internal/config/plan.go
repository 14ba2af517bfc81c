package config

import (
	"slices"
	"time"

	"github.com/downstatus/downstatus_exporter/internal/detect"
	"github.com/downstatus/downstatus_exporter/internal/status"
	"github.com/downstatus/downstatus_exporter/sources"
	promconfig "github.com/prometheus/common/config"
)

// Plan is a configuration made ready to run: which sources to poll, and which
// services to make of their readings. It is the only thing that the rest of
// the program sees of the configuration.
type Plan struct {
	Services []Service // by slug
	Sources  []Source  // by name
	Labels   []string  // names of all user labels, sorted

	StaleAfter    time.Duration
	HoldOpenFor   time.Duration
	MaxComponents int
	Retention     time.Duration
	DSN           string        // of the shared store, a secret; empty: the embedded one
	Detection     detect.Config // knobs of the report detector

	Alertmanager *Alertmanager // the bridge; nil: off

	Warnings []Problem // nothing that stops a run
}

// Service is one service to watch.
type Service struct {
	Slug        string
	Name        string
	Category    string
	OfficialURL string            // the vendor's page as a person opens it, or empty
	Labels      map[string]string // all names of Plan.Labels, empty where not set
	Scope       status.Scope
	Official    string            // key of its official source, or empty
	Feeds       map[string]string // slug in each feed, by the feed's source key
}

// Source is one upstream to poll. Services share it when engine, document and
// HTTP settings are equal (see Of).
type Source struct {
	Key       string // stable over restarts and reloads: engine, document and a hash of the HTTP settings
	Name      string // the label: feed/NAME or page/HOST[/PATH][#VALUE]
	Engine    sources.Engine
	Target    sources.Target
	Interval  time.Duration
	Timeout   time.Duration
	BodyLimit int64
	HTTP      promconfig.HTTPClientConfig
	HTTPKey   string // hash of HTTP: sources with equal ones share a client
	Typed     bool   // a person wrote the address: its host may be private

	// Of is the key of the source that this one shares its polls with: their
	// engine, document and HTTP settings are equal, only what the options make
	// of the document differs. They are one source to the outside. Empty for
	// one that is polled by itself.
	Of string

	// All is true for a feed whose every service is shown, also those that
	// the configuration does not name.
	All bool
}

// Polled are the sources that are polled by themselves.
func (p *Plan) Polled() []Source {
	return slices.DeleteFunc(slices.Clone(p.Sources), func(s Source) bool { return s.Of != "" })
}

// Problem is one fault of a configuration: what, where, and what would be
// right.
type Problem struct {
	File string
	Line int // 0: the file as a whole
	Text string
}
