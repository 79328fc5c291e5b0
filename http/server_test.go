package http

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

func TestServer(t *testing.T) {
	reg := prometheus.NewRegistry()
	c := prometheus.NewCounter(prometheus.CounterOpts{Name: "things_total", Help: "Things."})
	reg.MustRegister(c)
	c.Add(3)
	ready := errors.New("recovering")
	s := New(Config{Registry: reg, Ready: func() error { return ready }})
	s.Handle("POST /ingest/{name}", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, "into ", r.PathValue("name"))
	}))
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- s.Serve(l) }()
	do := func(method, path string) string {
		t.Helper()
		req, _ := http.NewRequest(method, "http://"+l.Addr().String()+path, nil)
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		b, _ := io.ReadAll(resp.Body)
		return fmt.Sprint(resp.StatusCode, " ", string(b))
	}
	if got := do("GET", "/healthz"); got != "200 ok\n" {
		t.Error(got)
	}
	if got := do("GET", "/readyz"); got != "503 not ready: recovering\n" {
		t.Error(got)
	}
	ready = nil
	if got := do("GET", "/readyz"); got != "200 ready\n" {
		t.Error(got)
	}
	if got := do("GET", "/metrics"); !strings.Contains(got, "things_total 3") {
		t.Error(got)
	}
	if got := do("POST", "/ingest/bids"); got != "200 into bids" {
		t.Error(got)
	}
	if got := do("GET", "/nosuch"); !strings.HasPrefix(got, "404 ") {
		t.Error(got)
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	if err := s.Shutdown(ctx); err != nil {
		t.Error(err)
	}
	if err := <-served; err != nil {
		t.Error(err)
	}
}
