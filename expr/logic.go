package expr

import (
	"strings"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/streamsqld/streamsqld/types"
)

// Type is boolean.
func (*And) Type() types.Type { return types.Bool }

// Type is boolean.
func (*Or) Type() types.Type { return types.Bool }

// Type is boolean.
func (*Not) Type() types.Type { return types.Bool }

// Eval keeps two bitmaps, of the rows where all operands so far are true and of those where one is false.
func (e *And) Eval(ctx *Ctx, b *types.Batch) (Vec, error) { return evalAndOr(ctx, b, e.Args, true) }

// Eval keeps two bitmaps, of the rows where one operand is true and of those where all so far are false.
func (e *Or) Eval(ctx *Ctx, b *types.Batch) (Vec, error) { return evalAndOr(ctx, b, e.Args, false) }

// evalAndOr computes AND (and) or OR of three-valued operands; OR is AND with the two bitmaps changing places. An operand that
// can fail is computed only for the rows that the operands before it left open.
func evalAndOr(ctx *Ctx, b *types.Batch, args []Expr, and bool) (Vec, error) {
	n := b.N
	t, f := allBits(n), newBits(n) // of AND: rows not yet less than true; rows settled
	for i, a := range args {
		var vt, vf []byte
		if i > 0 && CanFail(a) {
			open := copyBits(f, 0, n)
			notBits(open, n)
			rows := rowsOf(open, nil)
			if len(rows) == 0 {
				break
			}
			if len(rows) < n {
				v, err := a.Eval(ctx, Gather(b, rows, a))
				if err != nil {
					return Vec{}, err
				}
				vt, vf = scatterTruth(v, rows, n)
			}
		}
		if vt == nil {
			v, err := a.Eval(ctx, b)
			if err != nil {
				return Vec{}, err
			}
			if v.Const && !v.Arr.IsNull(0) && constBool(v) != and && n > 0 {
				return boolConst(!and), nil
			}
			vt, vf = truth(v, n)
		}
		if !and {
			vt, vf = vf, vt
		}
		andInto(t, vt)
		orInto(f, vf)
	}
	if !and {
		t, f = f, t
	}
	return boolVec(n, t, f), nil
}

// scatterTruth puts a boolean computed for some rows back to their places among n.
func scatterTruth(v Vec, rows []int32, n int) (t, f []byte) {
	st, sf := truth(v, len(rows))
	t, f = newBits(n), newBits(n)
	for k, r := range rows {
		if bitSet(st, k) {
			setBit(t, int(r))
		} else if bitSet(sf, k) {
			setBit(f, int(r))
		}
	}
	return t, f
}

// Eval swaps true and false.
func (e *Not) Eval(ctx *Ctx, b *types.Batch) (Vec, error) {
	v, err := e.X.Eval(ctx, b)
	if err != nil {
		return Vec{}, err
	}
	n := b.N
	if v.Const {
		n = 1
	}
	t, f := truth(v, n)
	r := boolVec(n, f, t)
	r.Const = v.Const
	return r, nil
}

func (e *And) String() string { return joinWith(e.Args, " AND ") }
func (e *Or) String() string  { return joinWith(e.Args, " OR ") }
func (e *Not) String() string { return "(NOT " + e.X.String() + ")" }

func joinWith(args []Expr, op string) string {
	s := make([]string, len(args))
	for i, a := range args {
		s[i] = a.String()
	}
	return "(" + strings.Join(s, op) + ")"
}

// Children are the operands.
func (e *And) Children() []Expr { return e.Args }

// Children are the operands.
func (e *Or) Children() []Expr { return e.Args }

// Children is the operand.
func (e *Not) Children() []Expr { return []Expr{e.X} }

// WithChildren is the AND of other operands.
func (e *And) WithChildren(x []Expr) Expr { return &And{Args: x} }

// WithChildren is the OR of other operands.
func (e *Or) WithChildren(x []Expr) Expr { return &Or{Args: x} }

// WithChildren is the NOT of another operand.
func (e *Not) WithChildren(x []Expr) Expr { return &Not{X: x[0]} }

// Gather is the batch of the given rows of b with the columns that the expressions need; the others are nil.
func Gather(b *types.Batch, rows []int32, es ...Expr) *types.Batch {
	g := &types.Batch{N: len(rows), Cols: make([]arrow.Array, len(b.Cols))}
	for _, e := range es {
		Walk(e, func(x Expr) bool {
			if c, ok := x.(*Column); ok && g.Cols[c.Idx] == nil {
				g.Cols[c.Idx] = types.Take(b.Cols[c.Idx], rows)
			}
			return true
		})
	}
	return g
}
