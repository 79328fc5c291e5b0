package wire

import (
	"encoding/binary"

	"github.com/streamsqld/streamsqld/engine"
	"github.com/streamsqld/streamsqld/internal/colenc"
	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/types"
)

// rowEncoder writes rows as DataRow messages into a connection's buffer.
type rowEncoder struct {
	open bool // a result set has begun
	cols []colenc.Column
}

func (e *rowEncoder) reset() { e.open = false; clear(e.cols); e.cols = e.cols[:0] }

func (e *rowEncoder) begin(cols []engine.Column, f *types.Format) {
	e.reset()
	e.open = true
	for _, col := range cols {
		e.cols = append(e.cols, colenc.New(col.Type, col.Format, f))
	}
}

// bind makes the columns of b the ones that append reads.
func (e *rowEncoder) bind(b *types.Batch) error {
	if !e.open || len(b.Cols) != len(e.cols) {
		return sqlerr.New(sqlerr.InternalError, "a batch of %d columns for a result of %d", len(b.Cols), len(e.cols))
	}
	for k := range e.cols {
		if err := e.cols[k].Bind(b.Cols[k]); err != nil {
			return err
		}
	}
	return nil
}

// write sends all rows of b, flushing c as its buffer fills.
func (e *rowEncoder) write(c *conn, b *types.Batch) error {
	if err := e.bind(b); err != nil {
		return err
	}
	for i := 0; i < b.N; {
		var err error
		if c.out, i, err = e.append(c.out, i, b.N); err != nil {
			return err
		}
		if len(c.out) >= flushAt {
			if err := c.flush(); err != nil {
				return err
			}
		}
	}
	return c.werr
}

// append appends rows from i on until dst holds flushAt bytes or the batch of n rows ends; next is the first row not
// written. On an error dst holds whole rows only.
func (e *rowEncoder) append(dst []byte, i, n int) (out []byte, next int, err error) {
	for ; i < n && len(dst) < flushAt; i++ {
		row := len(dst)
		dst = append(dst, 'D', 0, 0, 0, 0, byte(len(e.cols)>>8), byte(len(e.cols)))
		for k := range e.cols {
			col := &e.cols[k]
			if col.IsNull(i) {
				dst = append(dst, 0xff, 0xff, 0xff, 0xff)
				continue
			}
			at := len(dst)
			dst = append(dst, 0, 0, 0, 0)
			if dst, err = col.Append(dst, i); err != nil {
				return dst[:row], i, err
			}
			binary.BigEndian.PutUint32(dst[at:], uint32(len(dst)-at-4))
		}
		binary.BigEndian.PutUint32(dst[row+1:], uint32(len(dst)-row-1))
	}
	return dst, i, nil
}
