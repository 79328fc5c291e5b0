package wire

import (
	"context"
	"encoding/binary"
	"errors"
	"io"
	"os"
	"time"

	"github.com/jackc/pgx/v5/pgproto3"

	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/types"
)

var noDeadline time.Time

// copyBatch sends each row of b as a CopyData message of its own, as drivers expect.
func (w *writer) copyBatch(b *types.Batch) error {
	if err := w.copy.Bind(b); err != nil {
		return err
	}
	c := w.c
	buf := c.out
	for i := range b.N {
		at := len(buf)
		buf = append(buf, 'd', 0, 0, 0, 0)
		var err error
		if buf, err = w.copy.AppendRow(buf, i); err != nil {
			c.out = buf[:at]
			return err
		}
		binary.BigEndian.PutUint32(buf[at+1:], uint32(len(buf)-at-1))
		if len(buf) >= flushAt {
			c.out = buf
			if err := c.flush(); err != nil {
				return err
			}
			buf = c.out
		}
	}
	c.out = buf
	return c.werr
}

// copyReader reads the data of COPY FROM STDIN out of CopyData messages.
type copyReader struct {
	c    *conn
	ctx  context.Context
	data []byte // rest of the message, in the receive buffer
	done bool   // CopyDone came
	err  error
}

// Read gives data as it comes; io.EOF after CopyDone.
func (r *copyReader) Read(p []byte) (int, error) {
	for len(r.data) == 0 {
		if r.err == nil {
			r.err = r.next()
		}
		if r.err != nil {
			return 0, r.err
		}
	}
	n := copy(p, r.data)
	r.data = r.data[n:]
	return n, nil
}

// next receives a message. Flush and Sync are ignored, as in PostgreSQL.
func (r *copyReader) next() error {
	if r.ctx.Err() != nil {
		return context.Cause(r.ctx)
	}
	msg, err := r.c.be.Receive()
	if err != nil {
		if errors.Is(err, os.ErrDeadlineExceeded) && r.ctx.Err() != nil {
			return context.Cause(r.ctx)
		}
		r.c.werr = errors.Join(r.c.werr, err)
		return sqlerr.Wrap(err, sqlerr.QueryCanceled, "COPY from stdin failed: the client has gone")
	}
	switch m := msg.(type) {
	case *pgproto3.CopyData:
		r.data = m.Data
	case *pgproto3.CopyDone:
		r.done = true
		return io.EOF
	case *pgproto3.CopyFail:
		return sqlerr.New(sqlerr.QueryCanceled, "COPY from stdin failed: %s", m.Message)
	case *pgproto3.Flush, *pgproto3.Sync:
	case *pgproto3.Terminate:
		r.c.werr = errors.Join(r.c.werr, errDone)
		return sqlerr.New(sqlerr.QueryCanceled, "COPY from stdin failed: the client has gone")
	default:
		return sqlerr.New(sqlerr.ProtocolViolation, "unexpected message %s during COPY from stdin", messageName(msg))
	}
	return nil
}
