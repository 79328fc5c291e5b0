package wire

import "github.com/prometheus/client_golang/prometheus"

// metrics are what the protocol server counts.
type metrics struct {
	connections prometheus.Gauge
	logins      prometheus.Counter
	rows        prometheus.Counter
	bytes       prometheus.Counter
	errors      *prometheus.CounterVec
}

// newMetrics makes the counters and registers them with r where there is one.
func newMetrics(r prometheus.Registerer) *metrics {
	m := &metrics{
		connections: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "streamsqld_connections", Help: "Sessions of the Postgres protocol now."}),
		logins: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "streamsqld_logins_total", Help: "Sessions opened."}),
		rows: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "streamsqld_sent_rows_total", Help: "Rows sent to clients."}),
		bytes: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "streamsqld_sent_bytes_total", Help: "Bytes sent to clients."}),
		errors: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "streamsqld_errors_total", Help: "Errors sent to clients, by SQLSTATE."}, []string{"sqlstate"}),
	}
	if r != nil {
		r.MustRegister(m.connections, m.logins, m.rows, m.bytes, m.errors)
	}
	return m
}
