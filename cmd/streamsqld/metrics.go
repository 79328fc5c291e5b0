package main

import (
	"github.com/prometheus/client_golang/prometheus"

	"github.com/streamsqld/streamsqld/exec"
	"github.com/streamsqld/streamsqld/stream"
)

// queryInfos is what the metrics read: the stream.Manager.
type queryInfos interface{ Infos() []stream.Info }

// queryMetrics collects the figures of the continuous queries when they are asked for.
type queryMetrics struct{ m queryInfos }

type queryMetric struct {
	desc  *prometheus.Desc
	kind  prometheus.ValueType
	value func(i *stream.Info) float64
}

func newQueryMetric(name, help string, kind prometheus.ValueType, value func(i *stream.Info) float64) queryMetric {
	return queryMetric{prometheus.NewDesc("streamsqld_query_"+name, help, []string{"query", "kind"}, nil), kind, value}
}

var queryMetricList = []queryMetric{
	newQueryMetric("running", "1 while the query runs, 0 when it is paused, stopped or failed.", prometheus.GaugeValue, func(i *stream.Info) float64 { return one(i.Status == stream.Running) }),
	newQueryMetric("failed", "1 when the query has failed.", prometheus.GaugeValue, func(i *stream.Info) float64 { return one(i.Status == stream.Failed) }),
	newQueryMetric("batch_id", "The last trigger that was committed.", prometheus.GaugeValue, func(i *stream.Info) float64 { return float64(i.Step) }),
	newQueryMetric("rows_in_total", "Rows read.", prometheus.CounterValue, func(i *stream.Info) float64 { return float64(i.RowsIn) }),
	newQueryMetric("rows_out_total", "Rows of the result handed on.", prometheus.CounterValue, func(i *stream.Info) float64 { return float64(i.RowsOut) }),
	newQueryMetric("late_rows_total", "Rows that came too late.", prometheus.CounterValue, func(i *stream.Info) float64 { return float64(i.Late) }),
	newQueryMetric("bad_rows_total", "Rows that did not parse.", prometheus.CounterValue, func(i *stream.Info) float64 { return float64(i.BadRows) }),
	newQueryMetric("state_rows", "Rows of state.", prometheus.GaugeValue, func(i *stream.Info) float64 { return float64(i.StateRows) }),
	newQueryMetric("state_bytes", "Bytes of state.", prometheus.GaugeValue, func(i *stream.Info) float64 { return float64(i.StateBytes) }),
}

var queryWatermark = prometheus.NewDesc("streamsqld_query_watermark_seconds", "The watermark, in seconds since 1970; missing before the first.", []string{"query", "kind"}, nil)

func one(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

// Describe implements prometheus.Collector.
func (queryMetrics) Describe(ch chan<- *prometheus.Desc) {
	for _, m := range queryMetricList {
		ch <- m.desc
	}
	ch <- queryWatermark
}

// Collect implements prometheus.Collector.
func (q queryMetrics) Collect(ch chan<- prometheus.Metric) {
	for _, i := range q.m.Infos() {
		name, kind := i.Rel.FullName(), string(i.Rel.Kind)
		for _, m := range queryMetricList {
			ch <- prometheus.MustNewConstMetric(m.desc, m.kind, m.value(&i), name, kind)
		}
		if i.Watermark != exec.NoWatermark {
			ch <- prometheus.MustNewConstMetric(queryWatermark, prometheus.GaugeValue, float64(i.Watermark)/1e6, name, kind)
		}
	}
}
