package bridge

import "github.com/prometheus/client_golang/prometheus"

// metrics are the bridge's own, by peer.
type metrics struct {
	sent, dropped *prometheus.CounterVec
	failed        *prometheus.CounterVec
	queue         *prometheus.GaugeVec
}

func newMetrics(r prometheus.Registerer) *metrics {
	m := &metrics{
		sent: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "downstatus_bridge_alerts_sent_total",
			Help: "Alerts that an Alertmanager took, each time that one was sent.",
		}, []string{"peer"}),
		failed: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "downstatus_bridge_alerts_failed_total",
			Help: "Alerts that an attempt did not deliver. Those refused are left out, all others are tried again.",
		}, []string{"peer", "reason"}),
		dropped: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "downstatus_bridge_alerts_dropped_total",
			Help: "Alerts that found no room in the queue.",
		}, []string{"peer"}),
		queue: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "downstatus_bridge_queue_length",
			Help: "Alerts that wait to be sent.",
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
	for _, r := range Reasons {
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
