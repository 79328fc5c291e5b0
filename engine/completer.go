package engine

import (
	"slices"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/sql"
	"github.com/streamsqld/streamsqld/stream"
	"github.com/streamsqld/streamsqld/types"
)

// completer computes the generated columns and the defaults of a stream with a connector; it implements stream.Completer. A value that the
// connector's data lack, or that is NULL in it, gets the column's default.
type completer struct {
	eng *Engine
	rel *catalog.Relation
	def []expr.Expr // by column: its default; nil: none
	gen []expr.Expr // by column: its generation expression over all columns; nil: not generated
}

func (e *Engine) completer(rel *catalog.Relation) (stream.Completer, error) {
	env := e.continuousEnv(e.cat, []string{catalog.Public})
	row, err := sql.BindRow(rel, nil, env)
	if err != nil {
		return nil, err
	}
	c := &completer{eng: e, rel: rel, def: make([]expr.Expr, len(rel.Columns)), gen: make([]expr.Expr, len(rel.Columns))}
	some := false
	for i := range rel.Columns {
		if rel.Columns[i].Default != "" {
			c.def[i], some = row.Fill[i], true
		}
	}
	for _, g := range row.Generated {
		c.gen[g.Col], some = g.X, true
	}
	if !some {
		return nil, nil
	}
	return c, nil
}

// Needs implements stream.Completer.
func (c *completer) Needs(cols []int) []int {
	var out []int
	add := func(i int) {
		if !slices.Contains(out, i) {
			out = append(out, i)
		}
	}
	for _, i := range cols {
		if c.gen[i] == nil {
			add(i)
			continue
		}
		for _, k := range expr.Columns(c.gen[i]) {
			add(k)
		}
	}
	slices.Sort(out)
	return out
}

// Complete implements stream.Completer.
func (c *completer) Complete(cols []int, b *types.Batch) (*types.Batch, error) {
	now := c.eng.clock().UnixMicro()
	ctx := &expr.Ctx{Now: now, Format: types.UTCFormat(now), Catalog: c.eng.lookups}
	full := &types.Batch{N: b.N, Cols: make([]arrow.Array, len(c.rel.Columns))}
	for k, i := range c.Needs(cols) {
		full.Cols[i] = b.Cols[k]
		if c.def[i] == nil || b.Cols[k].NullN() == 0 {
			continue
		}
		col := &expr.Column{Idx: i, Name: c.rel.Columns[i].Name, Typ: c.rel.Columns[i].Type}
		v, err := expr.EvalArray(ctx, &expr.Coalesce{Args: []expr.Expr{col, c.def[i]}, Typ: col.Typ}, full)
		if err != nil {
			return nil, err
		}
		full.Cols[i] = v
	}
	out := &types.Batch{N: b.N, Cols: make([]arrow.Array, len(cols))}
	for k, i := range cols {
		if c.gen[i] == nil {
			out.Cols[k] = full.Cols[i]
			continue
		}
		v, err := expr.EvalArray(ctx, c.gen[i], full)
		if err != nil {
			return nil, err
		}
		out.Cols[k] = v
	}
	return out, nil
}

// Text implements stream.Completer: the values, separated by commas.
func (c *completer) Text(b *types.Batch, row int) string {
	var out []byte
	for i, a := range b.Cols {
		if i > 0 {
			out = append(out, ',')
		}
		out = append(out, a.ValueStr(row)...)
	}
	return string(out)
}
