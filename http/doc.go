// Package http is the server's HTTP side: /healthz, /readyz and Prometheus' /metrics, and a mux to which the handlers of other
// parts (ingest, the web page) are added.
package http
