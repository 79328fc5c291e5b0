package nexmark

import (
	"github.com/apache/arrow/go/v17/arrow"

	"github.com/streamsqld/streamsqld/types"
)

// columns are the fields of a table for some rows; only those that are wanted have room.
type columns struct {
	want []bool
	ints [][]int64
	text []textColumn
}

// textColumn is a text column; an empty text is null.
type textColumn struct {
	offs  []int32
	data  []byte
	valid []byte
	nulls int
}

func newColumns(t *table, want []bool, n int, last *columns) *columns {
	c := &columns{want: want, ints: make([][]int64, len(want)), text: make([]textColumn, len(want))}
	for f, w := range want {
		switch {
		case !w:
		case t.cols[f].Type.Is(types.Text):
			size := 0
			if last != nil {
				size = len(last.text[f].data) + len(last.text[f].data)/16
			}
			c.text[f] = textColumn{offs: append(make([]int32, 0, n+1), 0), data: make([]byte, 0, size)}
		default:
			c.ints[f] = make([]int64, n)
		}
	}
	return c
}

// end closes row i, whose bytes were appended to data.
func (t *textColumn) end(i int) {
	n := int32(len(t.data))
	if n == t.offs[i] {
		if t.valid == nil {
			t.valid = make([]byte, cap(t.offs)/8+1)
			for k := range t.valid {
				t.valid[k] = 0xff
			}
		}
		t.valid[i/8] &^= 1 << (i % 8)
		t.nulls++
	}
	t.offs = append(t.offs, n)
}

func (t *textColumn) put(i int, s string) {
	t.data = append(t.data, s...)
	t.end(i)
}

// array gives field f as a column of type typ.
func (c *columns) array(f int, typ types.Type) arrow.Array {
	if c.ints[f] != nil {
		return types.NewFixed(typ.Arrow(), c.ints[f], nil, 0)
	}
	t := &c.text[f]
	return types.BytesArray(typ.Arrow(), t.offs, t.data, t.valid, t.nulls)
}
