package expr

import (
	"cmp"

	"github.com/streamsqld/streamsqld/types"
)

// FilterRows gives the rows of b, among sel (ascending; nil: all), for which the predicate e is true. The operands of an AND cut
// the selection one after the other; a comparison of a column with a constant reads the column's values directly, without a
// boolean column. The result may share sel's memory.
func FilterRows(ctx *Ctx, e Expr, b *types.Batch, sel []int32) ([]int32, error) {
	switch e := e.(type) {
	case *And:
		for _, a := range e.Args {
			var err error
			if sel, err = FilterRows(ctx, a, b, sel); err != nil || len(sel) == 0 {
				return sel, err
			}
		}
		return sel, nil
	case *Call:
		if sel != nil {
			if out, ok, err := filterCompare(ctx, e, b, sel); ok || err != nil {
				return out, err
			}
		}
	}
	if sel == nil || len(sel) == b.N {
		return filterAll(ctx, e, b)
	}
	v, whole, err := evalRows(ctx, e, b, sel)
	if err != nil {
		return nil, err
	}
	hit, _ := splitRows(v, sel, whole, b.N)
	return hit, nil
}

// filterAll evaluates e over the whole batch; the comparison kernels' bitmaps are quick enough for all rows.
func filterAll(ctx *Ctx, e Expr, b *types.Batch) ([]int32, error) {
	v, err := e.Eval(ctx, b)
	if err != nil {
		return nil, err
	}
	if v.Const {
		if v.Arr.IsNull(0) || !constBool(v) {
			return []int32{}, nil
		}
		return allRows(b.N), nil
	}
	t, _ := truth(v, b.N)
	return rowsOf(t, make([]int32, 0, countBits(t))), nil
}

// filterCompare is the quick way for column op constant over a selection; ok is false where e is something else.
func filterCompare(ctx *Ctx, e *Call, b *types.Batch, sel []int32) (out []int32, ok bool, err error) {
	op, isCmp := cmpOpOf(e.Fn)
	if !isCmp {
		return nil, false, nil
	}
	col, isCol := e.Args[0].(*Column)
	c, isConst := e.Args[1].(*Const)
	if !isCol || !isConst || c.IsNull() || b.Cols[col.Idx].NullN() > 0 {
		return nil, false, nil
	}
	arr := b.Cols[col.Idx]
	switch col.Typ.Base() {
	case types.Int4, types.Date:
		return filterInts(op, values[int32](arr), values[int32](c.Arr)[0], sel), true, nil
	case types.Int8, types.Timestamp, types.TimestampTZ:
		return filterInts(op, values[int64](arr), values[int64](c.Arr)[0], sel), true, nil
	case types.Text, types.Varchar:
		if op != opEQ && op != opNE {
			return nil, false, nil
		}
		s, want := stringsOf(Vec{Arr: arr}), c.Text()
		out = make([]int32, 0, len(sel))
		for _, r := range sel {
			if (s.at(int(r)) == want) == (op == opEQ) {
				out = append(out, r)
			}
		}
		return out, true, nil
	}
	return nil, false, nil
}

func cmpOpOf(f *Func) (cmpOp, bool) {
	for op, name := range cmpNames {
		if f.Name == name && len(f.Args) == 2 {
			return cmpOp(op), true
		}
	}
	return 0, false
}

// filterInts keeps the rows of sel whose value compares as asked, without a branch per row.
func filterInts[T cmp.Ordered](op cmpOp, v []T, c T, sel []int32) []int32 {
	out := make([]int32, len(sel))
	k := 0
	switch op {
	case opEQ:
		for _, r := range sel {
			out[k] = r
			k += int(b2u(v[r] == c))
		}
	case opNE:
		for _, r := range sel {
			out[k] = r
			k += int(b2u(v[r] != c))
		}
	case opLT:
		for _, r := range sel {
			out[k] = r
			k += int(b2u(v[r] < c))
		}
	case opLE:
		for _, r := range sel {
			out[k] = r
			k += int(b2u(v[r] <= c))
		}
	case opGT:
		for _, r := range sel {
			out[k] = r
			k += int(b2u(v[r] > c))
		}
	default:
		for _, r := range sel {
			out[k] = r
			k += int(b2u(v[r] >= c))
		}
	}
	return out[:k]
}
