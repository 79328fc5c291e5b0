package sql

import (
	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"

	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/types"
)

func firstNull(a arrow.Array) int {
	for i := range a.Len() {
		if a.IsNull(i) {
			return i
		}
	}
	return -1
}

// firstFalse is the first row where a boolean is false, -1: none.
func firstFalse(v expr.Vec, n int) int {
	a := v.Arr.(*array.Boolean)
	for i := range n {
		if k := v.Idx(i); !a.IsNull(k) && !a.Value(k) {
			return i
		}
	}
	return -1
}

// rowText prints a row as PostgreSQL's errors do: (1, abc, null); a long value is cut.
func (r *Row) rowText(ctx *expr.Ctx, b *types.Batch, row int) string {
	const longest = 64
	out := []byte{'('}
	for i, c := range r.Rel.Columns {
		if c.Dropped {
			continue
		}
		if len(out) > 1 {
			out = append(out, ", "...)
		}
		if b.Cols[i].IsNull(row) {
			out = append(out, "null"...)
			continue
		}
		text := types.AppendText(nil, b.Cols[i], row, c.Type, ctx.Format)
		if len(text) > longest {
			text = append(text[:longest], "..."...)
		}
		out = append(out, text...)
	}
	return string(append(out, ')'))
}
