package sql

import (
	"slices"
	"strings"

	"github.com/apache/arrow/go/v17/arrow/array"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/types"
)

const (
	invalidSample = "2202H"
	invalidRepeat = "2202G"
)

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
	chance, err := b.chance(t.Sample, it)
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

// chance is a number from 0 to below 1 for each row: of REPEATABLE the same one for the same seed and place in the table, else a random one.
func (b *binder) chance(t *ast.Sample, it *fromItem) (expr.Expr, error) {
	pos := t.Pos.Offset()
	call := func(name string, args []expr.Expr, at []int) (expr.Expr, error) {
		return b.callWith(&ast.Call{Pos: t.Pos, Name: []string{name}}, callee{name: name}, args, at)
	}
	if t.Seed == nil {
		return call("random", nil, nil)
	}
	at := loc(t.Seed)
	seed, err := b.scalar(t.Seed, &scope{}, "TABLESAMPLE")
	if err == nil {
		seed, err = b.cast(seed, types.Float8, 'a', at)
	}
	if err != nil {
		return nil, err
	}
	if seed, err = expr.Fold(&expr.Ctx{Format: b.env.Format}, seed); err != nil {
		return nil, err
	}
	if c, ok := seed.(*expr.Const); ok && c.IsNull() {
		return nil, sqlerr.New(invalidRepeat, "TABLESAMPLE REPEATABLE parameter cannot be null")
	}
	cols := it.node.Schema()
	number := plan.Col{Name: "row_number", Type: types.Int8, Hidden: true}
	it.node = &plan.Over{In: it.node, Cols: append(slices.Clone(cols), number), Funcs: []plan.OverCall{{Name: "row_number", Typ: types.Int8}}, Pos: pos}
	row := &expr.Column{Idx: len(cols), Name: number.Name, Typ: types.Int8}
	return call("streamsql_sample", []expr.Expr{row, seed}, []int{pos, at})
}
