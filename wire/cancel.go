package wire

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"time"

	"github.com/streamsqld/streamsqld/internal/sqlerr"
)

// cutOff is how long a session that is told to end may take to send what it has.
const cutOff = 2 * time.Second

// newSecret makes a cancel key: four bytes, and 32 from protocol 3.2 on.
func newSecret(version uint32) []byte {
	k := make([]byte, 4)
	if version >= version32 {
		k = make([]byte, 32)
	}
	rand.Read(k)
	return k
}

// cancel is what a CancelRequest does: a wrong key does nothing, as in PostgreSQL.
func (s *Server) cancel(pid uint32, secret []byte) {
	s.mu.Lock()
	c := s.conns[pid]
	s.mu.Unlock()
	if c != nil && len(c.secret) > 0 && subtle.ConstantTimeCompare(c.secret, secret) == 1 {
		c.interrupt(sqlerr.New(sqlerr.QueryCanceled, "canceling statement due to user request"))
	}
}

// begin gives the context of one call of the session; end must be called after it.
func (c *conn) begin() (ctx context.Context, end func()) {
	ctx, cancel := context.WithCancelCause(context.Background())
	c.cmu.Lock()
	c.cancel = cancel
	c.cmu.Unlock()
	return ctx, func() {
		c.cmu.Lock()
		c.cancel = nil
		c.cmu.Unlock()
		cancel(nil)
	}
}

// interrupt cancels the call that runs now, if one does. Any goroutine.
func (c *conn) interrupt(cause *sqlerr.Error) {
	c.cmu.Lock()
	defer c.cmu.Unlock()
	if c.cancel != nil {
		c.cancel(cause)
		if c.copying {
			c.raw.SetReadDeadline(past) // wakes the reader of COPY data
		}
	}
}

// terminate cancels what runs and ends the session with 57P01; a client that takes no bytes is cut off. Any goroutine.
func (c *conn) terminate() {
	c.retire()
	c.interrupt(errShutdown())
	time.AfterFunc(cutOff, func() { c.raw.Close() })
}

// retire has the session end with 57P01 as soon as it waits for its client. Any goroutine; it does not wait.
func (c *conn) retire() {
	c.dying.Store(true)
	go c.endWhenIdle()
}

func (c *conn) endWhenIdle() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.werr == nil {
		c.sendError(errShutdown(), severityFatal, "")
		c.flush()
		c.werr = errDone
	}
	c.raw.Close()
}

// wake tells an idle client what the session has for it. Any goroutine.
func (c *conn) wake() {
	go func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		if c.idle && !c.dying.Load() {
			c.sendUpdates()
			c.flush()
		}
	}()
}
