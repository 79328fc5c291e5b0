package wire

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"runtime/debug"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5/pgproto3"

	"github.com/streamsqld/streamsqld/engine"
	"github.com/streamsqld/streamsqld/internal/sqlerr"
)

const (
	flushAt  = 64 << 10
	keepBuf  = 128 << 10 // a larger buffer is given back when the client is idle
	readSize = 16 << 10
)

// conn is one client's connection. Its goroutine holds mu except while it waits for a message, so that whoever has mu may
// write.
type conn struct {
	srv  *Server
	raw  net.Conn      // the socket
	nc   net.Conn      // raw, or TLS over it
	br   *bufio.Reader // over nc; the watcher peeks into it
	be   *pgproto3.Backend
	sess engine.Session

	pid    uint32
	secret []byte
	dying  atomic.Bool // the session ends as soon as it is idle

	mu   sync.Mutex
	idle bool   // ReadyForQuery was the last message
	out  []byte // what is not yet written
	werr error  // first error of writing; nothing is written after it

	skip    bool              // an extended message failed: ignore all until Sync
	stmts   map[string]string // text of each prepared statement, for positions
	portals map[string]string // text of each portal's statement
	watch   *watcher
	w       writer

	cmu     sync.Mutex
	cancel  context.CancelCauseFunc // of the call that runs; nil: none does
	copying bool                    // it reads COPY data
}

func newConn(s *Server, nc net.Conn) *conn {
	c := &conn{srv: s, raw: nc, nc: nc, br: bufio.NewReaderSize(nc, readSize), stmts: map[string]string{}, portals: map[string]string{}}
	c.watch = newWatcher(c)
	c.w.c = c
	return c
}

// run serves the connection to its end.
func (c *conn) run() {
	c.mu.Lock()
	defer c.mu.Unlock()
	log := c.srv.log.With("remote", c.raw.RemoteAddr().String())
	defer func() {
		if r := recover(); r != nil {
			log.Error("panic in connection", "panic", r, "stack", string(debug.Stack()))
		}
	}()
	err := c.startup()
	if c.pid != 0 {
		defer c.srv.unregister(c)
	}
	if c.sess != nil {
		defer c.guard(func() error { c.sess.Close(); return nil })
	}
	if err == nil {
		err = c.loop()
	}
	if err == nil || errors.Is(err, errDone) || c.werr != nil || c.dying.Load() {
		return
	}
	log.Info("connection ended", "error", err)
	c.sendError(err, severityFatal, "")
	c.flush()
}

// loop takes messages until the client leaves (nil) or breaks the protocol.
func (c *conn) loop() error {
	for {
		msg, err := c.receive()
		if err != nil {
			if isGone(err) {
				return nil
			}
			return err
		}
		c.idle = false
		if _, ok := msg.(*pgproto3.Terminate); ok {
			return nil
		}
		if err := c.handle(msg); err != nil {
			return err
		}
		if c.werr != nil {
			return c.werr
		}
	}
}

// receive waits for the client's next message. Errors: 25P03 where a transaction block has waited too long, 08P01, and those of a client that is gone.
func (c *conn) receive() (pgproto3.FrontendMessage, error) {
	limit := time.Duration(0)
	if c.idle {
		limit = c.sess.IdleLimit()
	}
	if limit > 0 {
		c.raw.SetReadDeadline(time.Now().Add(limit))
	}
	c.mu.Unlock()
	msg, err := c.be.Receive()
	c.mu.Lock()
	switch {
	case limit > 0 && errors.Is(err, os.ErrDeadlineExceeded):
		return nil, sqlerr.New(sqlerr.IdleInTransactionTimeout, "terminating connection due to idle-in-transaction timeout")
	case limit > 0:
		c.raw.SetReadDeadline(noDeadline)
	}
	if err != nil && !isGone(err) {
		err = sqlerr.New(sqlerr.ProtocolViolation, "invalid frontend message: %s", err.Error())
	}
	return msg, err
}

func isGone(err error) bool {
	var ne net.Error
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, net.ErrClosed) || errors.As(err, &ne)
}

// handle does one message. An error ends the connection.
func (c *conn) handle(msg pgproto3.FrontendMessage) error {
	if _, ok := msg.(*pgproto3.Sync); ok {
		c.sync()
		return nil
	}
	if c.skip {
		return nil
	}
	switch m := msg.(type) {
	case *pgproto3.Query:
		c.query(m.String)
	case *pgproto3.Parse:
		c.parse(m)
	case *pgproto3.Bind:
		c.bind(m)
	case *pgproto3.Describe:
		c.describe(m)
	case *pgproto3.Execute:
		c.execute(m)
	case *pgproto3.Close:
		c.close(m)
	case *pgproto3.Flush:
		c.flush()
	case *pgproto3.FunctionCall:
		c.fail(sqlerr.New(sqlerr.FeatureNotSupported, "function calls by the fastpath protocol are not supported"), "")
		c.ready()
	case *pgproto3.CopyData, *pgproto3.CopyDone, *pgproto3.CopyFail:
		// What a client still sends after its COPY has failed.
	default:
		return sqlerr.New(sqlerr.ProtocolViolation, "unexpected message %s", messageName(msg))
	}
	return nil
}

// messageName is the name that the protocol's documentation gives a message.
func messageName(msg pgproto3.FrontendMessage) string {
	return strings.TrimPrefix(fmt.Sprintf("%T", msg), "*pgproto3.")
}

// call runs one call of the session: cancellable, its client watched, a panic turned into XX000.
func (c *conn) call(f func(ctx context.Context) error) error {
	ctx, end := c.begin()
	c.watch.start()
	err := c.guard(func() error { return f(ctx) })
	c.watch.stop()
	end()
	if err != nil {
		err = causeOf(ctx, err)
	}
	return err
}

// guard turns a panic of f into an XX000 and logs it with its stack.
func (c *conn) guard(f func() error) (err error) {
	defer func() {
		if r := recover(); r != nil {
			c.srv.log.Error("panic in session", "pid", c.pid, "panic", fmt.Sprint(r), "stack", string(debug.Stack()))
			err = sqlerr.New(sqlerr.InternalError, "internal error: %v", r).
				WithHint("This is a bug in streamsqld; the server's log has its stack.")
		}
	}()
	return f()
}

// fail sends an error of a statement with the given text and tells the session. The 57P01 of a session that is being
// ended is its last message.
func (c *conn) fail(err error, text string) {
	if c.dying.Load() && sqlerr.From(err).Code == sqlerr.AdminShutdown {
		c.sendError(err, severityFatal, text)
		c.flush()
		c.werr = errDone
		return
	}
	c.sendError(err, severityError, text)
	if c.sess != nil {
		c.guard(func() error { c.sess.Failed(); return nil })
	}
}

// ready ends a run of messages: what came up, ReadyForQuery, and all of it sent.
func (c *conn) ready() {
	c.sendUpdates()
	status := c.sess.TxStatus()
	if status == 'I' {
		clear(c.portals)
	}
	c.send(&pgproto3.ReadyForQuery{TxStatus: status})
	c.flush()
	if cap(c.out) > keepBuf {
		c.out = nil
	}
	c.idle = true
}

// sendUpdates puts changed parameters, notices and notifications into the buffer.
func (c *conn) sendUpdates() {
	u := c.sess.Updates()
	for _, n := range u.Notices {
		c.sendNotice(n, "")
	}
	for _, p := range u.Params {
		c.send(&pgproto3.ParameterStatus{Name: p.Name, Value: p.Value})
	}
	for _, n := range u.Notifications {
		c.send(&pgproto3.NotificationResponse{PID: n.PID, Channel: n.Channel, Payload: n.Payload})
	}
}

// send puts a message into the buffer.
func (c *conn) send(m pgproto3.BackendMessage) {
	out, err := m.Encode(c.out)
	if err != nil {
		c.werr = errors.Join(c.werr, err)
		return
	}
	c.out = out
	if len(c.out) >= flushAt {
		c.flush()
	}
}

// flush writes the buffer to the client.
func (c *conn) flush() error {
	if c.werr == nil && len(c.out) > 0 {
		c.srv.metrics.bytes.Add(float64(len(c.out)))
		_, c.werr = c.nc.Write(c.out)
	}
	c.out = c.out[:0]
	return c.werr
}
