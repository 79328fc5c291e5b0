package main

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"github.com/streamsqld/streamsqld/http"
	"github.com/streamsqld/streamsqld/wire"
)

type serveCmd struct {
	Listen           string `help:"Address of the PostgreSQL protocol." default:"127.0.0.1:5466" placeholder:"HOST:PORT"`
	HTTP             string `name:"http" help:"Address of HTTP: /healthz, /readyz, /metrics. Empty: none." default:"127.0.0.1:8082" placeholder:"HOST:PORT"`
	DataDir          string `help:"Directory of everything that the server keeps." default:"./streamsqld-data" placeholder:"DIR"`
	Auth             string `help:"Who may log in: trust (everyone, whatever name) or scram (users and passwords of --users)." enum:"trust,scram" default:"trust"`
	Users            string `help:"File with a line name:password for each user; the password plain or as a SCRAM-SHA-256 verifier." placeholder:"FILE"`
	AllowRemoteTrust bool   `help:"Serve addresses outside loopback although --auth trust asks nobody for a password."`
	TLSCert          string `name:"tls-cert" help:"Certificate of the server (PEM); with it clients may use TLS." placeholder:"FILE"`
	TLSKey           string `name:"tls-key" help:"Key of --tls-cert (PEM)." placeholder:"FILE"`
	MaxConnections   int    `help:"How many sessions there may be at a time." default:"100"`
	Demo             bool   `help:"Create a demo stream with a windowed view, and show its live windows here."`
}

// drain is how long a stopping server waits for statements that run.
const drain = 5 * time.Second

// Run serves until SIGTERM or SIGINT.
func (c *serveCmd) Run(log *slog.Logger) error {
	auth, err := c.authenticator()
	if err != nil {
		return err
	}
	if err := wire.CheckListen(c.Listen, auth, c.AllowRemoteTrust); err != nil {
		return err
	}
	tlsConfig, err := c.tls()
	if err != nil {
		return err
	}
	l, err := listen("--listen", c.Listen)
	if err != nil {
		return err
	}
	defer l.Close()
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, syscall.SIGTERM, os.Interrupt)
	demoCtx, stopDemo := context.WithCancel(context.Background())
	defer stopDemo()
	n, err := openNode(context.Background(), c.DataDir, log)
	if err != nil {
		return err
	}
	reg := newRegistry(n.engine.Manager())
	pg := wire.NewServer(wire.Config{Engine: n.engine, Auth: auth, TLS: tlsConfig, MaxConns: c.MaxConnections, Log: log, Registry: reg})
	failed := make(chan error, 3)
	go func() { failed <- fmt.Errorf("PostgreSQL protocol: %w", pg.Serve(l)) }()
	web, err := c.serveHTTP(reg, log, failed)
	if err == nil {
		log.Info("ready", "listen", l.Addr().String(), "http", c.HTTP, "data_dir", c.DataDir)
		trim()
		serving.Store(true)
		err = c.wait(demoCtx, n, l, signals, failed)
	}
	log.Info("stopping")
	go func() {
		<-signals
		log.Warn("second signal: exit at once")
		os.Exit(1)
	}()
	stopDemo()
	down, done := context.WithTimeout(context.Background(), drain)
	defer done()
	if web != nil {
		web.Shutdown(down)
	}
	n.engine.StopLive()
	if e := pg.Shutdown(down); e != nil {
		log.Warn("statements were cancelled", "error", e)
	}
	return errors.Join(err, n.close())
}

// listen listens on the address that a flag gives.
func listen(flag, addr string) (net.Listener, error) {
	l, err := net.Listen("tcp", addr)
	if errors.Is(err, syscall.EADDRINUSE) {
		return nil, fmt.Errorf("%s %s: another program listens there; give another address with %s", flag, addr, flag)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", flag, err)
	}
	return l, nil
}

// wait returns at the first signal, or when a listener fails. With --demo it shows the demo meanwhile.
func (c *serveCmd) wait(ctx context.Context, n *node, l net.Listener, signals chan os.Signal, failed chan error) error {
	if c.Demo {
		go func() {
			if err := demo(ctx, n, l.Addr(), os.Stdout); err != nil && ctx.Err() == nil {
				failed <- fmt.Errorf("demo: %w", err)
			}
		}()
	}
	select {
	case <-signals:
		return nil
	case err := <-failed:
		return err
	}
}

// serveHTTP starts the HTTP server; nil where there is none.
func (c *serveCmd) serveHTTP(reg *prometheus.Registry, log *slog.Logger, failed chan error) (*http.Server, error) {
	if c.HTTP == "" {
		return nil, nil
	}
	l, err := listen("--http", c.HTTP)
	if err != nil {
		return nil, err
	}
	s := http.New(http.Config{Registry: reg, Log: log})
	go func() {
		if err := s.Serve(l); err != nil {
			failed <- fmt.Errorf("HTTP: %w", err)
		}
	}()
	return s, nil
}

func (c *serveCmd) tls() (*tls.Config, error) {
	if c.TLSCert == "" && c.TLSKey == "" {
		return nil, nil
	}
	cert, err := tls.LoadX509KeyPair(c.TLSCert, c.TLSKey)
	if err != nil {
		return nil, fmt.Errorf("--tls-cert, --tls-key: %w", err)
	}
	return &tls.Config{Certificates: []tls.Certificate{cert}, MinVersion: tls.VersionTLS12}, nil
}

func (c *serveCmd) authenticator() (wire.Authenticator, error) {
	if c.Auth == "trust" {
		return wire.Trust{}, nil
	}
	if c.Users == "" {
		return nil, errors.New("--auth scram needs --users FILE, with a line name:password for each user")
	}
	f, err := os.Open(c.Users)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	passwords := map[string]string{}
	for sc, line := bufio.NewScanner(f), 1; sc.Scan(); line++ {
		text := strings.TrimSpace(sc.Text())
		if text == "" || text[0] == '#' {
			continue
		}
		name, password, ok := strings.Cut(text, ":")
		if !ok || name == "" || password == "" {
			return nil, fmt.Errorf("%s:%d: want name:password", c.Users, line)
		}
		passwords[name] = password
	}
	return wire.NewUsers(passwords)
}

// newRegistry is what /metrics shows: the process, Go, and the queries.
func newRegistry(m queryInfos) *prometheus.Registry {
	reg := prometheus.NewRegistry()
	reg.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}), queryMetrics{m})
	return reg
}
