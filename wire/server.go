package wire

import (
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"net"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/streamsqld/streamsqld/engine"
	"github.com/streamsqld/streamsqld/internal/sqlerr"
)

// Config is what a Server needs. Only Engine must be set.
type Config struct {
	Engine   engine.Server
	Auth     Authenticator         // nil: Trust
	TLS      *tls.Config           // nil: SSLRequest is answered N
	MaxConns int                   // sessions at a time; 0: 100. Further ones get 53300.
	Log      *slog.Logger          // nil: slog.Default
	Registry prometheus.Registerer // nil: no metrics

	// LoginTimeout bounds the time from accept to the end of authentication; 0: one minute.
	LoginTimeout time.Duration
	// WatchAfter is how long a statement runs before the server looks whether its client has gone; 0: 100 ms.
	WatchAfter time.Duration
}

// Server accepts connections and runs a session for each.
type Server struct {
	cfg     Config
	log     *slog.Logger
	metrics *metrics

	mu        sync.Mutex
	listeners map[net.Listener]struct{}
	sockets   map[net.Conn]struct{} // all, also those that have not logged in
	conns     map[uint32]*conn      // sessions by pid
	lastPID   uint32
	down      bool
	wg        sync.WaitGroup // one for each connection
}

// ErrServerClosed is what Serve returns after Shutdown.
var ErrServerClosed = errors.New("wire: server closed")

// NewServer makes a server; Serve starts it.
func NewServer(cfg Config) *Server {
	if cfg.Auth == nil {
		cfg.Auth = Trust{}
	}
	if cfg.MaxConns == 0 {
		cfg.MaxConns = 100
	}
	if cfg.Log == nil {
		cfg.Log = slog.Default()
	}
	if cfg.LoginTimeout == 0 {
		cfg.LoginTimeout = time.Minute
	}
	if cfg.WatchAfter == 0 {
		cfg.WatchAfter = 100 * time.Millisecond
	}
	return &Server{
		cfg: cfg, log: cfg.Log, metrics: newMetrics(cfg.Registry),
		listeners: map[net.Listener]struct{}{}, sockets: map[net.Conn]struct{}{}, conns: map[uint32]*conn{},
		lastPID: 1000,
	}
}

// Serve accepts connections on l until Shutdown, whose ErrServerClosed it returns, or until l fails for good. It may
// run for several listeners at a time.
func (s *Server) Serve(l net.Listener) error {
	s.mu.Lock()
	if s.down {
		s.mu.Unlock()
		l.Close()
		return ErrServerClosed
	}
	s.listeners[l] = struct{}{}
	s.mu.Unlock()
	wait := 5 * time.Millisecond
	for {
		nc, err := l.Accept()
		if err != nil {
			if s.isDown() {
				return ErrServerClosed
			}
			if errors.Is(err, net.ErrClosed) {
				return err
			}
			s.log.Warn("accept failed", "error", err)
			time.Sleep(wait) // out of file descriptors, mostly: let others end
			wait = min(2*wait, time.Second)
			continue
		}
		wait = 5 * time.Millisecond
		s.serve(nc)
	}
}

// serve runs one connection in a goroutine of its own.
func (s *Server) serve(nc net.Conn) {
	s.mu.Lock()
	if s.down {
		s.mu.Unlock()
		nc.Close()
		return
	}
	s.sockets[nc] = struct{}{}
	s.wg.Add(1)
	s.mu.Unlock()
	go func() {
		defer s.wg.Done()
		newConn(s, nc).run()
		nc.Close()
		s.mu.Lock()
		delete(s.sockets, nc)
		s.mu.Unlock()
	}()
}

func (s *Server) isDown() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.down
}

// Connections is the number of sessions now.
func (s *Server) Connections() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.conns)
}

// register gives c its process number and cancel key; 53300 where there are too many sessions, 57P03 in a shutdown.
func (s *Server) register(c *conn) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.down {
		return sqlerr.New(sqlerr.CannotConnectNow, "the database system is shutting down")
	}
	if len(s.conns) >= s.cfg.MaxConns {
		return sqlerr.New(sqlerr.TooManyConnections, "sorry, too many clients already").
			WithHint("The server takes %d connections at a time.", s.cfg.MaxConns)
	}
	for {
		s.lastPID = s.lastPID&0x3fffffff + 1
		if s.conns[s.lastPID] == nil {
			break
		}
	}
	c.pid = s.lastPID
	s.conns[c.pid] = c
	s.metrics.connections.Set(float64(len(s.conns)))
	s.metrics.logins.Inc()
	return nil
}

func (s *Server) unregister(c *conn) {
	s.mu.Lock()
	delete(s.conns, c.pid)
	s.metrics.connections.Set(float64(len(s.conns)))
	s.mu.Unlock()
}

// Shutdown stops the server: no new connections, idle sessions end with 57P01 at once, running ones as soon as their
// statement is done. When ctx ends, statements that still run are cancelled with 57P01, and two seconds later the sockets are closed.
// It returns when all is over; the error is ctx's where statements had to be cancelled.
func (s *Server) Shutdown(ctx context.Context) error {
	s.mu.Lock()
	s.down = true
	for l := range s.listeners {
		l.Close()
	}
	conns := s.all()
	s.mu.Unlock()
	for _, c := range conns {
		c.retire()
	}
	done := make(chan struct{})
	go func() { s.wg.Wait(); close(done) }()
	s.closeSockets(func(nc net.Conn) bool { return !isConn(conns, nc) })
	select {
	case <-done:
		return nil
	case <-ctx.Done():
	}
	for _, c := range conns {
		c.interrupt(errShutdown())
	}
	select {
	case <-done:
	case <-time.After(cutOff):
		s.closeSockets(func(net.Conn) bool { return true })
		<-done
	}
	return ctx.Err()
}

// all lists the sessions; the caller holds mu.
func (s *Server) all() []*conn {
	out := make([]*conn, 0, len(s.conns))
	for _, c := range s.conns {
		out = append(out, c)
	}
	return out
}

func (s *Server) closeSockets(which func(net.Conn) bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for nc := range s.sockets {
		if which(nc) {
			nc.Close()
		}
	}
}

func isConn(conns []*conn, nc net.Conn) bool {
	for _, c := range conns {
		if c.raw == nc {
			return true
		}
	}
	return false
}

func errShutdown() *sqlerr.Error {
	return sqlerr.New(sqlerr.AdminShutdown, "terminating connection due to administrator command")
}
