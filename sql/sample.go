package sql

import (
	"strings"

	"github.com/apache/arrow/go/v17/arrow/array"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/types"
)

const invalidSample = "2202H"

// sampled binds a table with TABLESAMPLE: each row is kept with the given chance, for SYSTEM as for BERNOULLI.
func (b *binder) sampled(t *ast.Table) (*fromItem, error) {
	pos := t.Sample.Pos.Offset()
	plain := *t
	plain.Sample = nil
	it, err := b.table(&plain)
	if err != nil {
		return nil, err
	}
	rel := it.srcs[0].rel
	method := strings.ToLower(t.Sample.Method)
	switch {
	case rel == nil || rel.Kind != catalog.Table && rel.Kind != catalog.MatView && rel.Kind != catalog.Stream:
		return nil, sqlerr.New(sqlerr.WrongObjectType, "TABLESAMPLE clause can only be applied to tables and materialized views").At(t.Offset())
	case method != "bernoulli" && method != "system":
		return nil, sqlerr.New(sqlerr.UndefinedObject, "tablesample method %s does not exist", method).At(pos)
	case b.env.Continuous:
		return nil, notYet(pos, "TABLESAMPLE is not supported in a continuous query")
	case t.Sample.Seed != nil:
		return nil, notYet(loc(t.Sample.Seed), "REPEATABLE is not supported")
	}
	x, err := b.scalar(t.Sample.Arg, &scope{}, "TABLESAMPLE")
	if err == nil {
		x, err = b.cast(x, types.Float4, 'a', loc(t.Sample.Arg))
	}
	if err == nil {
		x, err = b.cast(x, types.Float8, 'i', loc(t.Sample.Arg))
	}
	if err != nil {
		return nil, err
	}
	at := loc(t.Sample.Arg)
	percent, err := expr.Fold(&expr.Ctx{Format: b.env.Format}, x)
	if err != nil {
		return nil, err
	}
	if c, ok := percent.(*expr.Const); ok {
		if c.IsNull() {
			return nil, sqlerr.New(invalidSample, "TABLESAMPLE parameter cannot be null").At(at)
		}
		if p := c.Arr.(*array.Float64).Value(0); !(p >= 0 && p <= 100) {
			return nil, sqlerr.New(invalidSample, "sample percentage must be between 0 and 100")
		}
	}
	chance, err := b.callWith(&ast.Call{Pos: t.Sample.Pos, Name: []string{"random"}}, callee{name: "random"}, nil, nil)
	if err == nil {
		chance, err = b.op("*", chance, expr.ConstInt8(100), pos, pos, pos)
	}
	if err == nil {
		chance, err = b.op("<", chance, percent, pos, pos, pos)
	}
	if err != nil {
		return nil, err
	}
	it.node = &plan.Filter{In: it.node, Cond: chance, Pos: pos}
	return it, nil
}
