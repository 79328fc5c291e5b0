package expr

import (
	"strings"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/streamsqld/streamsqld/types"
)

// Type is the common type of the arms.
func (e *Case) Type() types.Type { return e.Typ }

// Type is the common type of the arguments.
func (e *Coalesce) Type() types.Type { return e.Typ }

// pieces collects a result whose rows come from several columns; it is put together at the end by one gather.
type pieces struct {
	arrs []arrow.Array
	base int32
	idx  []int32 // of each row of the result its row in the pieces one after the other, -1: NULL
}

// newPieces is a result of n rows, all NULL so far.
func newPieces(n int) *pieces {
	p := &pieces{idx: make([]int32, n)}
	for i := range p.idx {
		p.idx[i] = -1
	}
	return p
}

// add takes a piece: row rows[k] of the result (rows nil: row k) is row k of v, or, where whole, row rows[k] of v.
func (p *pieces) add(v Vec, rows []int32, whole bool) {
	for k, r := range rows {
		switch {
		case v.Const:
			p.idx[r] = p.base
		case whole:
			p.idx[r] = p.base + r
		default:
			p.idx[r] = p.base + int32(k)
		}
	}
	p.arrs = append(p.arrs, v.Arr)
	p.base += int32(v.Arr.Len())
}

// finish puts the result, of type t, together.
func (p *pieces) finish(t types.Type) (arrow.Array, error) {
	if len(p.arrs) == 0 {
		return types.Nulls(t, len(p.idx)), nil
	}
	all, err := types.Concat(p.arrs)
	if err != nil {
		return nil, err
	}
	return types.Take(all, p.idx), nil
}

// evalRows evaluates e for some rows of b: over the gathered rows where e can fail or few are left, else over the whole batch.
// whole says that the result has all rows of b.
func evalRows(ctx *Ctx, e Expr, b *types.Batch, rows []int32) (v Vec, whole bool, err error) {
	if len(rows) == b.N || !CanFail(e) && len(rows)*4 > b.N {
		v, err = e.Eval(ctx, b)
		return v, true, err
	}
	v, err = e.Eval(ctx, Gather(b, rows, e))
	return v, false, err
}

// Eval goes through the arms with the rows that are still open.
func (e *Case) Eval(ctx *Ctx, b *types.Batch) (Vec, error) {
	if b.N == 0 {
		return Vec{Arr: types.Nulls(e.Typ, 0)}, nil
	}
	p := newPieces(b.N)
	open := allRows(b.N)
	for _, w := range e.Whens {
		if len(open) == 0 {
			break
		}
		v, whole, err := evalRows(ctx, w.Cond, b, open)
		if err != nil {
			return Vec{}, err
		}
		hit, rest := splitRows(v, open, whole, b.N)
		open = rest
		if len(hit) == 0 {
			continue
		}
		if v, whole, err = evalRows(ctx, w.Then, b, hit); err != nil {
			return Vec{}, err
		}
		if v.Const && len(hit) == b.N {
			return v, nil
		}
		p.add(v, hit, whole)
	}
	if e.Else != nil && len(open) > 0 {
		v, whole, err := evalRows(ctx, e.Else, b, open)
		if err != nil {
			return Vec{}, err
		}
		if len(open) == b.N {
			return v, nil
		}
		p.add(v, open, whole)
	}
	a, err := p.finish(e.Typ)
	return Vec{Arr: a}, err
}

func allRows(n int) []int32 {
	rows := make([]int32, n)
	for i := range rows {
		rows[i] = int32(i)
	}
	return rows
}

// splitRows parts rows by whether cond, computed for them (or for all n rows, where whole), is true.
func splitRows(cond Vec, rows []int32, whole bool, n int) (hit, rest []int32) {
	if cond.Const {
		if !cond.Arr.IsNull(0) && constBool(cond) {
			return rows, nil
		}
		return nil, rows
	}
	if !whole {
		n = len(rows)
	}
	t, _ := truth(cond, n)
	for k, r := range rows {
		i := k
		if whole {
			i = int(r)
		}
		if bitSet(t, i) {
			hit = append(hit, r)
		} else {
			rest = append(rest, r)
		}
	}
	return hit, rest
}

// Eval goes through the arguments with the rows that are still NULL.
func (e *Coalesce) Eval(ctx *Ctx, b *types.Batch) (Vec, error) {
	if b.N == 0 {
		return Vec{Arr: types.Nulls(e.Typ, 0)}, nil
	}
	p := newPieces(b.N)
	open := allRows(b.N)
	for _, a := range e.Args {
		v, whole, err := evalRows(ctx, a, b, open)
		if err != nil {
			return Vec{}, err
		}
		if len(open) == b.N && (v.Const && !v.Arr.IsNull(0) || !v.Const && v.Arr.NullN() == 0) {
			return v, nil
		}
		var hit, rest []int32
		for k, r := range open {
			i := k
			if whole {
				i = int(r)
			}
			if v.IsNull(i) {
				rest = append(rest, r)
			} else {
				hit = append(hit, r)
			}
		}
		if len(hit) > 0 {
			if !v.Const && !whole && len(hit) < len(open) {
				v = Vec{Arr: types.Take(v.Arr, positions(v, len(open)))}
			}
			p.add(v, hit, whole)
		}
		if open = rest; len(open) == 0 {
			break
		}
	}
	a, err := p.finish(e.Typ)
	return Vec{Arr: a}, err
}

// positions lists the rows of v, of n, that are not NULL.
func positions(v Vec, n int) []int32 {
	var out []int32
	for i := range n {
		if !v.IsNull(i) {
			out = append(out, int32(i))
		}
	}
	return out
}

func (e *Case) String() string {
	var b strings.Builder
	b.WriteString("CASE")
	for _, w := range e.Whens {
		b.WriteString(" WHEN " + w.Cond.String() + " THEN " + w.Then.String())
	}
	if e.Else != nil {
		b.WriteString(" ELSE " + e.Else.String())
	} else {
		b.WriteString(" ELSE NULL::" + e.Typ.String())
	}
	b.WriteString(" END")
	return b.String()
}

// Children are the conditions and results in turn, then the ELSE if there is one.
func (e *Case) Children() []Expr {
	var out []Expr
	for _, w := range e.Whens {
		out = append(out, w.Cond, w.Then)
	}
	if e.Else != nil {
		out = append(out, e.Else)
	}
	return out
}

// WithChildren is the CASE over other operands, in the order of Children.
func (e *Case) WithChildren(x []Expr) Expr {
	c := &Case{Typ: e.Typ}
	for i := range e.Whens {
		c.Whens = append(c.Whens, When{Cond: x[2*i], Then: x[2*i+1]})
	}
	if e.Else != nil {
		c.Else = x[len(x)-1]
	}
	return c
}

func (e *Coalesce) String() string { return "COALESCE(" + join(e.Args) + ")" }

// Children are the arguments.
func (e *Coalesce) Children() []Expr { return e.Args }

// WithChildren is the COALESCE of other arguments.
func (e *Coalesce) WithChildren(x []Expr) Expr { return &Coalesce{Args: x, Typ: e.Typ} }
