package format

import (
	"bytes"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/types"
)

var newline = []byte{'\n'}

// rows is the batch that a decoder fills.
type rows struct {
	cols  []*column
	cap   int
	n     int   // rows begun and ended
	put   int   // columns filled in this row
	holes []int // bad rows among the n
	onBad func(raw []byte, reason string, offset int) error
	open  bool
}

func newRows(c Config) rows {
	r := rows{onBad: c.OnBad}
	for _, w := range c.Want {
		r.cols = append(r.cols, newColumn(c.Cols[w]))
	}
	return r
}

// begin makes room for the row that comes; rest is what the chunk still has.
func (r *rows) begin(rest []byte) {
	if !r.open {
		r.cap = batchRows
		if len(rest) < 4<<20 {
			r.cap = min(batchRows, bytes.Count(rest, newline)+1)
		}
		for _, c := range r.cols {
			c.reset(r.cap)
		}
		r.open, r.n, r.holes = true, 0, r.holes[:0]
	}
	r.put = 0
}

// end closes a row: columns that it did not fill are null.
func (r *rows) end() error {
	if r.put != len(r.cols) {
		for _, c := range r.cols {
			if c.last != r.n {
				c.setNull(r.n, r.cap)
				if c.def.NotNull && c.def.Default == "" && c.def.Generated == "" {
					r.fill()
					return sqlerr.New(sqlerr.NotNullViolation, "null value in column %q violates not-null constraint", c.def.Name)
				}
			}
		}
	}
	r.n++
	return nil
}

// fill puts nulls where the row has no value, so that the columns stay of one length.
func (r *rows) fill() {
	for _, c := range r.cols {
		switch {
		case c.last != r.n || c.kind == kindOther && c.build.Len() == r.n:
			c.setNull(r.n, r.cap)
		case c.kind == kindText:
			c.offs[r.n+1] = int32(len(c.data))
		}
	}
}

// bad reports the row that was begun and leaves it as a hole.
func (r *rows) bad(raw []byte, err error, offset int) error {
	r.fill()
	r.holes = append(r.holes, r.n)
	r.n++
	return r.onBad(raw, sqlerr.From(err).Message, offset)
}

// flush hands on the rows so far.
func (r *rows) flush(emit func(*types.Batch) error) error {
	if !r.open || r.n == 0 {
		return nil
	}
	r.open = false
	b := &types.Batch{N: r.n, Cols: make([]arrow.Array, len(r.cols))}
	for i, c := range r.cols {
		b.Cols[i] = c.finish(r.n)
	}
	if len(r.holes) > 0 {
		sel := make([]int32, 0, r.n)
		h := 0
		for i := range r.n {
			if h < len(r.holes) && r.holes[h] == i {
				h++
				continue
			}
			sel = append(sel, int32(i))
		}
		if len(sel) == 0 {
			return nil
		}
		b = types.Filter(b, sel)
	}
	return emit(b)
}
