package bridge

import "github.com/prometheus/client_golang/prometheus"

// metrics are the bridge's own, by peer.
type metrics struct {
	sent, dropped *prometheus.CounterVec
	failed        *prometheus.CounterVec
	queue         *prometheus.GaugeVec
}

func newMetrics(r prometheus.Registerer) *metrics {
	counter := func(name, help string, labels ...string) *prometheus.CounterVec {
		return prometheus.NewCounterVec(prometheus.CounterOpts{Namespace: "downstatus", Subsystem: "bridge", Name: name, Help: help}, labels)
	}
	m := &metrics{
		sent:    counter("alerts_sent_total", "Alerts that an Alertmanager accepted, each time that one was sent.", "peer"),
		failed:  counter("alerts_failed_total", "Alerts that an attempt did not deliver. Those refused are left out, all others are tried again.", "peer", "reason"),
		dropped: counter("alerts_dropped_total", "Alerts that found no room in the queue.", "peer"),
		queue: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Namespace: "downstatus", Subsystem: "bridge", Name: "queue_length", Help: "Alerts that wait to be sent.",
		}, []string{"peer"}),
	}
	r.MustRegister(m.sent, m.failed, m.dropped, m.queue)
	return m
}

// begin shows a peer from the start, at 0.
func (m *metrics) begin(peer string) {
	m.sent.WithLabelValues(peer)
	m.dropped.WithLabelValues(peer)
	m.queue.WithLabelValues(peer).Set(0)
	for _, r := range reasons {
		m.failed.WithLabelValues(peer, string(r))
	}
}

func (m *metrics) end(peer string) {
	of := prometheus.Labels{"peer": peer}
	m.sent.DeletePartialMatch(of)
	m.dropped.DeletePartialMatch(of)
	m.queue.DeletePartialMatch(of)
	m.failed.DeletePartialMatch(of)
}
