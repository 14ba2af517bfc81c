// Package collector turns a board snapshot into the metrics of the exporter.
//
// One list of families is shown in two ways: as a prometheus.Collector, for
// tests, lint and embedding, and as an http.Handler that serves text made once
// per change of the board. A test holds both to the same bytes.
package collector

import (
	"time"

	"github.com/downstatus/downstatus_exporter/internal/board"
	"github.com/prometheus/client_golang/prometheus"
)

// Options are what the metrics need besides the snapshot. The zero value works.
type Options struct {
	BoardURL func(slug string) string // address of our own page of a service; nil: the label stays empty
	Now      func() time.Time         // nil: time.Now
	OnError  func(error)              // is told what a scrape had to leave out; nil: nobody is
}

func (o Options) withDefaults() Options {
	if o.BoardURL == nil {
		o.BoardURL = func(string) string { return "" }
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.OnError == nil {
		o.OnError = func(error) {}
	}
	return o
}

// Collector shows the current snapshot of a board as const metrics.
type Collector struct {
	snapshot func() *board.Snapshot
	opts     Options
}

// New makes a Collector. Scrapes of large boards are much cheaper through
// NewHandler.
func New(r *board.Reader, opts Options) *Collector {
	return &Collector{snapshot: r.Snapshot, opts: opts.withDefaults()}
}

// Describe implements prometheus.Collector.
func (c *Collector) Describe(ch chan<- *prometheus.Desc) {
	s := c.snapshot()
	for i := range families {
		ch <- families[i].desc(s)
	}
}

// Collect implements prometheus.Collector. The user labels of a reload appear
// at once: a registry knows a family by its name alone.
func (c *Collector) Collect(ch chan<- prometheus.Metric) {
	v := view{Snapshot: c.snapshot(), now: c.opts.Now(), boardURL: c.opts.BoardURL}
	for i := range families {
		f := &families[i]
		desc, t := f.desc(v.Snapshot), f.table(v)
		for row := range t.len() {
			ch <- prometheus.MustNewConstMetric(desc, f.Type.value(), t.values[row], t.row(row)...)
		}
	}
}

func (f *Family) desc(s *board.Snapshot) *prometheus.Desc {
	return prometheus.NewDesc(f.Name, f.Help, f.labelNames(s), nil)
}

func (t Type) value() prometheus.ValueType {
	if t == Counter {
		return prometheus.CounterValue
	}
	return prometheus.GaugeValue
}
