package expr

import (
	"fmt"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/types"
)

// Type is the column's type.
func (c *Column) Type() types.Type { return c.Typ }

// Eval gives the batch's column itself.
func (c *Column) Eval(_ *Ctx, b *types.Batch) (Vec, error) { return Vec{Arr: b.Cols[c.Idx]}, nil }

func (c *Column) String() string {
	if c.Name == "" {
		return fmt.Sprintf("$col%d", c.Idx)
	}
	return quoteIdents(c.Name)
}

// Children is nil.
func (c *Column) Children() []Expr { return nil }

// WithChildren gives c.
func (c *Column) WithChildren([]Expr) Expr { return c }

// Type is the parameter's type.
func (p *Param) Type() types.Type { return p.Typ }

// Eval gives the parameter's value.
func (p *Param) Eval(ctx *Ctx, _ *types.Batch) (Vec, error) {
	if p.N < 1 || p.N > len(ctx.Params) {
		return Vec{}, sqlerr.New(sqlerr.UndefinedParameter, "there is no parameter $%d", p.N)
	}
	v := ctx.Params[p.N-1]
	v.Const = true
	return v, nil
}

func (p *Param) String() string { return fmt.Sprintf("$%d", p.N) }

// Children is nil.
func (p *Param) Children() []Expr { return nil }

// WithChildren gives p.
func (p *Param) WithChildren([]Expr) Expr { return p }

// Type is the type of the sub-select's column, or boolean.
func (s *Subquery) Type() types.Type { return s.Typ }

// Eval runs the sub-select by Ctx.Subquery and gives its one value: NULL where it has no row.
func (s *Subquery) Eval(ctx *Ctx, _ *types.Batch) (Vec, error) {
	if ctx.Subquery == nil {
		return Vec{}, sqlerr.New(sqlerr.FeatureNotSupported, "a subquery is not supported here")
	}
	b, err := ctx.Subquery(s)
	if err != nil {
		return Vec{}, err
	}
	switch s.Kind {
	case "exists":
		return boolConst(b.N > 0), nil
	case "array":
		if s.Typ.IsArray() && arrow.TypeEqual(b.Cols[0].DataType(), s.Typ.Arrow()) {
			return nestColumn(b.Cols[0], s.Typ, cannotAccumulate)
		}
		offs := []int32{0, int32(b.N)}
		return Vec{Arr: newList(s.Typ.Arrow(), offs, b.Cols[0], nil), Const: true}, nil
	}
	switch b.N {
	case 0:
		return nullVec(s.Typ), nil
	case 1:
		return Vec{Arr: b.Cols[0], Const: true}, nil
	}
	return Vec{}, sqlerr.New(sqlerr.CardinalityViolation, "more than one row returned by a subquery used as an expression")
}

func (s *Subquery) String() string {
	if s.Kind == "exists" {
		return "EXISTS(SubPlan)"
	}
	return "(SubPlan)"
}

// Children is nil: the sub-select's plan is the executor's.
func (s *Subquery) Children() []Expr { return nil }

// WithChildren gives s.
func (s *Subquery) WithChildren([]Expr) Expr { return s }
