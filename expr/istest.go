package expr

import (
	"strings"

	"github.com/streamsqld/streamsqld/types"
)

// Type is boolean.
func (*IsTest) Type() types.Type { return types.Bool }

// Type is boolean.
func (*IsDistinct) Type() types.Type { return types.Bool }

// Eval reads the validity bitmap for IS NULL, and the truth of a boolean for the others. It is never NULL.
func (e *IsTest) Eval(ctx *Ctx, b *types.Batch) (Vec, error) {
	v, err := e.X.Eval(ctx, b)
	if err != nil {
		return Vec{}, err
	}
	n := b.N
	if v.Const {
		n = 1
	}
	var bits []byte
	switch e.Test {
	case "null":
		if e.X.Type().IsRow() {
			return Vec{Arr: newBool(n, rowNulls(v, n, e.Not), nil), Const: v.Const}, nil
		}
		bits = nullBits(v, n)
	case "unknown":
		bits = nullBits(v, n)
	case "true":
		bits, _ = truth(v, n)
	default:
		_, bits = truth(v, n)
	}
	if e.Not {
		notBits(bits, n)
	}
	return Vec{Arr: newBool(n, bits, nil), Const: v.Const}, nil
}

// nullBits is the bitmap of the rows that are NULL.
func nullBits(v Vec, n int) []byte {
	if v.Const {
		if v.Arr.IsNull(0) {
			return allBits(n)
		}
		return newBits(n)
	}
	bits := validBits(v.Arr)
	if bits == nil {
		return newBits(n)
	}
	notBits(bits, n)
	return bits
}

// Eval compares where both sides are known, and looks at the bitmaps elsewhere. It is never NULL.
func (e *IsDistinct) Eval(ctx *Ctx, b *types.Batch) (Vec, error) {
	l, err := e.L.Eval(ctx, b)
	if err != nil {
		return Vec{}, err
	}
	r, err := e.R.Eval(ctx, b)
	if err != nil {
		return Vec{}, err
	}
	n := b.N
	isConst := l.Const && r.Const
	if isConst {
		n = 1
	}
	var same []byte
	if l.Const && l.Arr.IsNull(0) || r.Const && r.Arr.IsNull(0) {
		same = newBits(n)
	} else {
		eq, err := compareKernel(e.L.Type(), opEQ)(ctx, n, []Vec{l, r})
		if err != nil {
			return Vec{}, err
		}
		eq.Const = false
		same, _ = truth(eq, n)
	}
	both := nullBits(l, n)
	andInto(both, nullBits(r, n))
	orInto(same, both)
	if !e.Not {
		notBits(same, n)
	}
	return Vec{Arr: newBool(n, same, nil), Const: isConst}, nil
}

func (e *IsTest) String() string {
	not := ""
	if e.Not {
		not = "NOT "
	}
	return "(" + e.X.String() + " IS " + not + strings.ToUpper(e.Test) + ")"
}

func (e *IsDistinct) String() string {
	op := " IS DISTINCT FROM "
	if e.Not {
		op = " IS NOT DISTINCT FROM "
	}
	return "(" + e.L.String() + op + e.R.String() + ")"
}

// Children is the operand.
func (e *IsTest) Children() []Expr { return []Expr{e.X} }

// WithChildren is the test of another operand.
func (e *IsTest) WithChildren(x []Expr) Expr { return &IsTest{X: x[0], Test: e.Test, Not: e.Not} }

// Children are both sides.
func (e *IsDistinct) Children() []Expr { return []Expr{e.L, e.R} }

// WithChildren is the comparison of other sides.
func (e *IsDistinct) WithChildren(x []Expr) Expr { return &IsDistinct{L: x[0], R: x[1], Not: e.Not} }
