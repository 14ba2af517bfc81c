package app

import (
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/collectors/version"

	"github.com/downstatus/downstatus_exporter/internal/config"
	"github.com/downstatus/downstatus_exporter/internal/poll"
	"github.com/downstatus/downstatus_exporter/sources/fetch"
)

// metrics are the exporter's own, which do not grow with services or sources.
type metrics struct {
	registry *prometheus.Registry

	failures    *prometheus.CounterVec
	duration    *prometheus.HistogramVec
	storeUp     prometheus.Gauge
	storeOK     atomic.Bool // the last write succeeded
	storeErrors *prometheus.CounterVec
	reloadOK    prometheus.Gauge
	reloadTime  prometheus.Gauge
}

func newMetrics() *metrics {
	m := &metrics{
		registry: prometheus.NewRegistry(),
		failures: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "downstatus_poll_failures_total",
			Help: "Polls that failed, by engine and reason.",
		}, []string{"engine", "reason"}),
		duration: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name:                           "downstatus_poll_duration_seconds",
			Help:                           "How long polls took, failed ones included, by engine.",
			Buckets:                        []float64{.05, .1, .25, .5, 1, 2.5, 5, 10, 30},
			NativeHistogramBucketFactor:    1.1,
			NativeHistogramMaxBucketNumber: 100,
		}, []string{"engine"}),
		storeUp: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "downstatus_store_up",
			Help: "1 if the store could be used when it was last needed.",
		}),
		storeErrors: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "downstatus_store_errors_total",
			Help: "Failed operations on the store.",
		}, []string{"op"}),
		reloadOK: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "downstatus_config_last_reload_successful",
			Help: "1 if the last attempt to load the configuration succeeded.",
		}),
		reloadTime: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "downstatus_config_last_reload_success_timestamp_seconds",
			Help: "When the configuration was last loaded successfully.",
		}),
	}
	m.registry.MustRegister(
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
		version.NewCollector("downstatus_exporter"),
		m.failures, m.duration, m.storeUp, m.storeErrors, m.reloadOK, m.reloadTime,
	)
	for _, op := range [...]string{"save", "prune", "load", "lease"} {
		m.storeErrors.WithLabelValues(op)
	}
	return m
}

// used takes the outcome of an operation on the store.
func (m *metrics) used(op string, err error) {
	if err != nil {
		m.storeErrors.WithLabelValues(op).Inc()
	}
	m.storeIs(err == nil)
}

func (m *metrics) storeIs(up bool) {
	m.storeOK.Store(up)
	m.storeUp.Set(0)
	if up {
		m.storeUp.Set(1)
	}
}

// reloaded notes a plan that came into force. Engines in use show their
// failures from the start, at 0.
func (m *metrics) reloaded(plan *config.Plan, now time.Time) {
	m.reloadOK.Set(1)
	m.reloadTime.Set(float64(now.UnixMilli()) / 1000)
	for _, s := range plan.Sources {
		for _, r := range fetch.Reasons {
			m.failures.WithLabelValues(s.Engine.Name, string(r))
		}
		m.duration.WithLabelValues(s.Engine.Name)
	}
}

func (m *metrics) polled(o poll.Outcome) {
	m.duration.WithLabelValues(o.Engine).Observe(o.End.Sub(o.Start).Seconds())
	if o.Err != nil {
		m.failures.WithLabelValues(o.Engine, string(fetch.ReasonOf(o.Err))).Inc()
	}
}
