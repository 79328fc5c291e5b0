package wire

import (
	"context"
	"io"

	"github.com/jackc/pgx/v5/pgproto3"

	"github.com/streamsqld/streamsqld/engine"
	"github.com/streamsqld/streamsqld/internal/copyfmt"
	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/types"
)

// writer is the engine.ResultWriter of a connection, reset for each Query and Execute.
type writer struct {
	c      *conn
	ctx    context.Context
	simple bool
	text   string // what the positions of notices point into
	rows   rowEncoder
	copy   *copyfmt.Encoder // of the COPY TO STDOUT that runs
	in     *copyReader      // of the COPY FROM STDIN that runs
}

func (w *writer) reset(simple bool, text string) {
	w.simple, w.text, w.copy, w.in = simple, text, nil, nil
	w.rows.reset()
}

// end follows every call, also one that failed: nothing of it is kept.
func (w *writer) end() {
	w.endCopyIn()
	w.ctx, w.text, w.copy = nil, "", nil
	w.rows.reset()
}

func (w *writer) Columns(cols []engine.Column, f *types.Format) error {
	w.rows.begin(cols, f)
	if w.simple {
		w.c.send(rowDescription(cols))
	}
	return w.c.werr
}

func (w *writer) Batch(b *types.Batch) error {
	w.c.srv.metrics.rows.Add(float64(b.N))
	if w.copy != nil {
		return w.copyBatch(b)
	}
	return w.rows.write(w.c, b)
}

func (w *writer) Flush() error { return w.c.flush() }

func (w *writer) CopyIn(f copyfmt.Format, columns int) (io.Reader, error) {
	c := w.c
	c.watch.stop()
	c.send(&pgproto3.CopyInResponse{OverallFormat: byte(f.Code()), ColumnFormatCodes: copyCodes(f, columns)})
	if err := c.flush(); err != nil {
		return nil, err
	}
	c.cmu.Lock()
	c.copying = true
	c.cmu.Unlock()
	w.in = &copyReader{c: c, ctx: w.ctx}
	return w.in, w.ctx.Err()
}

// endCopyIn ends the reading of COPY data; what the client still sends of it is ignored by the main loop.
func (w *writer) endCopyIn() {
	if w.in == nil {
		return
	}
	w.in = nil
	w.c.cmu.Lock()
	w.c.copying = false
	w.c.cmu.Unlock()
	w.c.raw.SetReadDeadline(noDeadline)
}

func copyCodes(f copyfmt.Format, columns int) []uint16 {
	codes := make([]uint16, columns)
	for i := range codes {
		codes[i] = uint16(f.Code())
	}
	return codes
}

func (w *writer) CopyOut(cols []engine.Column, o *copyfmt.Options, f *types.Format) error {
	names, typs := make([]string, len(cols)), make([]types.Type, len(cols))
	for i, col := range cols {
		names[i], typs[i] = col.Name, col.Type
	}
	w.copy = copyfmt.NewEncoder(typs, o, f)
	w.c.send(&pgproto3.CopyOutResponse{OverallFormat: byte(o.Format.Code()), ColumnFormatCodes: copyCodes(o.Format, len(cols))})
	if o.Header {
		w.c.send(&pgproto3.CopyData{Data: w.copy.AppendHeader(nil, names)})
	}
	return w.c.werr
}

func (w *writer) Notice(n engine.Notice) error {
	w.c.sendNotice(n, w.text)
	return w.c.werr
}

func (w *writer) Complete(tag string) error {
	if w.copy != nil {
		if tail := w.copy.AppendEnd(nil); len(tail) > 0 {
			w.c.send(&pgproto3.CopyData{Data: tail})
		}
		w.copy = nil
		w.c.send(&pgproto3.CopyDone{})
	}
	if w.in != nil {
		if !w.in.done {
			return sqlerr.New(sqlerr.InternalError, "COPY data was not read to its end")
		}
		w.endCopyIn()
		w.c.watch.start()
	}
	w.rows.reset()
	w.c.send(&pgproto3.CommandComplete{CommandTag: []byte(tag)})
	return w.c.werr
}

func (w *writer) Suspended() error {
	w.c.send(&pgproto3.PortalSuspended{})
	return w.c.werr
}

func (w *writer) Empty() error {
	w.c.send(&pgproto3.EmptyQueryResponse{})
	return w.c.werr
}
