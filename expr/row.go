package expr

import (
	"strconv"
	"sync"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"

	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/types"
)

// rowFunc makes a value of a row type of its fields.
var rowFunc = &Func{Name: "row", CalledOnNull: true, Vol: Immutable, Safe: true, Doc: "a row",
	Bind: func(ts []types.Type, ret types.Type) Kernel { return makeRow(ts) }}

// NewRow is the row of xs, of a row type t with as many fields; with orNull it is NULL where all of them are.
func NewRow(xs []Expr, t types.Type, orNull bool, pos int) Expr {
	var row Expr = &Call{Fn: rowFunc, Args: xs, Typ: t, Pos: pos}
	if !orNull {
		return row
	}
	null := &And{}
	for _, x := range xs {
		null.Args = append(null.Args, &IsTest{X: x, Test: "null"})
	}
	return &Case{Whens: []When{{Cond: null, Then: ConstNull(t)}}, Else: row, Typ: t}
}

// RowItems are the fields of a row that NewRow made; ok is false for other expressions.
func RowItems(x Expr) (items []Expr, ok bool) {
	c, ok := x.(*Call)
	if !ok || c.Fn != rowFunc {
		return nil, false
	}
	return c.Args, true
}

func makeRow(ts []types.Type) Kernel {
	return func(_ *Ctx, n int, vs []Vec) (Vec, error) {
		cols, at := make([]arrow.Array, len(vs)), make([]int, len(vs))
		for k, v := range vs {
			cols[k] = v.Arr
		}
		a, err := appendRows(types.Record, n, nil, func(dst []byte, i int) ([]byte, error) {
			for k, v := range vs {
				at[k] = v.Idx(i)
			}
			return types.AppendRecord(dst, cols, at, ts)
		})
		return Vec{Arr: a}, err
	}
}

var fieldFuncs sync.Map // number to *Func

// NewField is field i of x, a value of a row type whose field i has type t.
func NewField(x Expr, i int, t types.Type, pos int) Expr {
	if items, ok := RowItems(x); ok {
		return items[i]
	}
	f, ok := fieldFuncs.Load(i)
	if !ok {
		f, _ = fieldFuncs.LoadOrStore(i, &Func{Name: "field_" + strconv.Itoa(i+1), Vol: Immutable, Safe: true, Doc: "a field of a row",
			Bind: func(_ []types.Type, ret types.Type) Kernel { return fieldKernel(i, ret) }})
	}
	return &Call{Fn: f.(*Func), Args: []Expr{x}, Typ: t, Pos: pos}
}

func fieldKernel(i int, t types.Type) Kernel {
	return func(_ *Ctx, n int, vs []Vec) (Vec, error) {
		b := types.NewBuilder(t)
		b.Reserve(n)
		a := vs[0].Arr.(*array.Binary)
		for r := range n {
			if vs[0].IsNull(r) {
				b.AppendNull()
			} else if err := types.AppendField(b, types.RecordFieldAt(a.Value(vs[0].Idx(r)), i), t); err != nil {
				return Vec{}, err
			}
		}
		return Vec{Arr: b.NewArray()}, nil
	}
}

// rowNulls sets the bits of the rows that IS NULL (notNull: IS NOT NULL) holds for: all fields are NULL, or none is.
func rowNulls(v Vec, n int, notNull bool) []byte {
	bits := newBits(n)
	for i := range n {
		null := 0
		var fields []types.RecordField
		if !v.IsNull(i) {
			fields = types.RecordFields(v.Arr.(*array.Binary).Value(v.Idx(i)))
			for _, f := range fields {
				if f.Data == nil {
					null++
				}
			}
		} else if notNull {
			continue
		}
		if notNull && null == 0 || !notNull && null == len(fields) {
			setBit(bits, i)
		}
	}
	return bits
}

// compareRows is the kernel of a comparison of two rows. What PostgreSQL cannot compare is 42804 when it runs.
func compareRows(ts []types.Type, op cmpOp) Kernel {
	l, r := ts[0].Fields(), ts[1].Fields()
	fail := func(err error) Kernel { return func(*Ctx, int, []Vec) (Vec, error) { return Vec{}, err } }
	if l != nil && r != nil {
		for i := range min(len(l), len(r)) {
			if !l[i].Type.Is(r[i].Type) {
				return fail(sqlerr.New(sqlerr.DatatypeMismatch, "cannot compare dissimilar column types %s and %s at record column %d",
					l[i].Type.Base(), r[i].Type.Base(), i+1))
			}
		}
		if len(l) != len(r) {
			return fail(sqlerr.New(sqlerr.DatatypeMismatch, "cannot compare record types with different numbers of columns"))
		}
	}
	return cmpAny(types.Record, op)
}

// castRow converts the fields of a record to those of a composite type.
func castRow(from, to types.Type, explicit bool) Kernel {
	have, want := from.Fields(), to.Fields()
	if len(have) < len(want) { // the fields are not known before the rows come
		return castIO(from, to)
	}
	casts := make([]Kernel, len(want))
	for i := range want {
		casts[i] = castKernel(have[i].Type, want[i].Type, explicit)
	}
	return func(ctx *Ctx, n int, vs []Vec) (Vec, error) {
		cols, ts := make([]Vec, len(want)), make([]types.Type, len(want))
		for i := range want {
			v, err := fieldKernel(i, have[i].Type)(ctx, n, vs)
			if err != nil {
				return v, err
			}
			if cols[i], err = casts[i](ctx, n, []Vec{v}); err != nil {
				return v, err
			}
			ts[i] = want[i].Type
		}
		out, err := makeRow(ts)(ctx, n, cols)
		if err != nil {
			return out, err
		}
		bin := out.Arr.(*array.Binary)
		valid := andValid(n, vs...)
		a, err := appendRows(to, n, valid, func(dst []byte, i int) ([]byte, error) { return append(dst, bin.Value(i)...), nil })
		return Vec{Arr: a}, err
	}
}

// rowCastError says why a record cannot become a composite type; nil: it can.
func rowCastError(from, to types.Type) error {
	have, want := from.Fields(), to.Fields()
	e := sqlerr.New(sqlerr.CannotCoerce, "cannot cast type %s to %s", from.Base(), to.Base())
	switch {
	case have == nil && want != nil:
		return sqlerr.New(sqlerr.FeatureNotSupported, "a record whose columns are not known cannot be cast to %s", to.Base())
	case len(have) < len(want):
		return e.WithDetail("Input has too few columns.")
	case len(have) > len(want):
		return e.WithDetail("Input has too many columns.")
	}
	for i := range want {
		if !CanCast(have[i].Type, want[i].Type, 'e') {
			return e.WithDetail("Cannot cast type %s to %s in column %d.", have[i].Type.Base(), want[i].Type.Base(), i+1)
		}
	}
	return nil
}
