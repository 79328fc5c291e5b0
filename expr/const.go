package expr

import (
	"strings"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/types"
)

// Type is the constant's type.
func (c *Const) Type() types.Type { return c.Typ }

// Eval gives the constant vector.
func (c *Const) Eval(*Ctx, *types.Batch) (Vec, error) { return Vec{Arr: c.Arr, Const: true}, nil }

// String prints as PostgreSQL's deparse does: numbers bare, other types as 'text'::type.
func (c *Const) String() string {
	if c.Arr.IsNull(0) {
		if c.Typ.Is(types.Unknown) {
			return "NULL"
		}
		return "NULL::" + c.Typ.String()
	}
	text := string(types.AppendText(nil, c.Arr, 0, c.Typ, types.UTCFormat(0)))
	switch c.Typ.Base() {
	case types.Bool:
		if text == "t" {
			return "true"
		}
		return "false"
	case types.Int4, types.Int8, types.Int2, types.Numeric, types.Float8:
		if strings.Trim(text, "0123456789.") == "" {
			return text
		}
	case types.Unknown:
		return quoteLit(text)
	}
	return quoteLit(text) + "::" + c.Typ.String()
}

// Children is nil.
func (c *Const) Children() []Expr { return nil }

// WithChildren gives c.
func (c *Const) WithChildren([]Expr) Expr { return c }

// IsNull says whether the constant is NULL.
func (c *Const) IsNull() bool { return c.Arr.IsNull(0) }

// Text is the value of a constant laid out as String; "" for NULL.
func (c *Const) Text() string {
	if c.IsNull() {
		return ""
	}
	s := stringsOf(Vec{Arr: c.Arr, Const: true})
	return s.at(0)
}

// ConstOf is the constant of type t written as text; it fails with 22P02 and the like as the type's input does. The typmod of
// t is applied (as by an explicit cast).
func ConstOf(t types.Type, text string, f *types.Format) (*Const, error) {
	b := types.NewBuilder(t)
	if err := types.ParseText(b, text, t.Base(), f); err != nil {
		return nil, err
	}
	c := &Const{Arr: b.NewArray(), Typ: t}
	if t.Mod < 0 {
		return c, nil
	}
	v, err := castKernel(t.Base(), t, true)(&Ctx{Format: f}, 1, []Vec{{Arr: c.Arr, Const: true}})
	c.Arr = v.Arr
	return c, err
}

// ConstNull is the NULL of type t.
func ConstNull(t types.Type) *Const { return &Const{Arr: types.Nulls(t, 1), Typ: t} }

// ConstBool, ConstInt4, ConstInt8 and ConstText are constants of Go values.
func ConstBool(v bool) *Const { return &Const{Arr: boolConst(v).Arr, Typ: types.Bool} }

// ConstInt4 is an integer constant.
func ConstInt4(v int32) *Const {
	return &Const{Arr: newFixed(types.Int4.Arrow(), []int32{v}, nil), Typ: types.Int4}
}

// ConstInt8 is a bigint constant.
func ConstInt8(v int64) *Const {
	return &Const{Arr: newFixed(types.Int8.Arrow(), []int64{v}, nil), Typ: types.Int8}
}

// ConstText is a text constant.
func ConstText(s string) *Const { return &Const{Arr: oneString(types.Text, s), Typ: types.Text} }

// ConstUnknown is a string literal whose type is not settled yet.
func ConstUnknown(s string) *Const {
	return &Const{Arr: oneString(types.Unknown, s), Typ: types.Unknown}
}

func oneString(t types.Type, s string) arrow.Array {
	return newBinary(t.Arrow(), []int32{0, int32(len(s))}, []byte(s), nil)
}

func boolConst(v bool) Vec {
	b := newBits(1)
	b[0] = b2u(v)
	return Vec{Arr: newBool(1, b, nil), Const: true}
}

// EvalArray evaluates e and expands a constant result to b.N rows.
func EvalArray(ctx *Ctx, e Expr, b *types.Batch) (arrow.Array, error) {
	v, err := e.Eval(ctx, b)
	if err != nil {
		return nil, err
	}
	return expand(v, b.N), nil
}

// EvalConst evaluates an expression without columns and gives its one row.
func EvalConst(ctx *Ctx, e Expr) (*Const, error) {
	v, err := e.Eval(ctx, &types.Batch{N: 1})
	if err != nil {
		return nil, err
	}
	return &Const{Arr: v.Arr, Typ: e.Type()}, nil
}

func quoteLit(s string) string {
	q := "'" + strings.ReplaceAll(s, "'", "''") + "'"
	if strings.Contains(s, `\`) {
		q = "E" + strings.ReplaceAll(q, `\`, `\\`)
	}
	return q
}

// errPos gives err the position pos where it has none.
func errPos(err error, pos int) error { return sqlerr.AtDefault(err, pos) }
