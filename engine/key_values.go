package engine

import (
	"strings"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/sql"
	"github.com/streamsqld/streamsqld/sql/parser"
	"github.com/streamsqld/streamsqld/state"
	"github.com/streamsqld/streamsqld/types"
)

// sideKey says how the keys of a unique constraint or index are made of rows.
func (e *Engine) sideKey(rel *catalog.Relation, u catalog.Unique) (*state.SideKey, error) {
	if u.Def.Plain() {
		return &state.SideKey{Cols: u.Cols, Ts: columnTypes(rel, u.Cols)}, nil
	}
	format := types.UTCFormat(0)
	env := &sql.Env{Catalog: e.cat, SearchPath: []string{rel.Schema, "public"}, Format: format, Routines: e.routines}
	bound, err := sql.BindUnique(rel, &u, env)
	if err != nil {
		return nil, err
	}
	k := &state.SideKey{Name: keyText(rel, u.Def.Keys) + " WHERE " + u.Def.Where}
	for _, x := range bound.Keys {
		k.Ts = append(k.Ts, x.Type())
	}
	k.Of = func(b *types.Batch) ([]arrow.Array, error) {
		return indexValues(&expr.Ctx{Format: format, Catalog: e.lookups}, bound, b)
	}
	return k, nil
}

func columnTypes(rel *catalog.Relation, cols []int) []types.Type {
	ts := make([]types.Type, len(cols))
	for i, c := range cols {
		ts[i] = rel.Columns[c].Type
	}
	return ts
}

// indexValues computes the keys of b's rows. Those of a row that the index leaves out are NULL; nothing else is computed for it.
func indexValues(ctx *expr.Ctx, x *sql.IndexKeys, b *types.Batch) ([]arrow.Array, error) {
	var take []int32 // of row i: its place among the rows that are in the index
	in := b
	if x.Where != nil {
		v, err := expr.EvalArray(ctx, x.Where, b)
		if err != nil {
			return nil, err
		}
		ok := v.(*array.Boolean)
		var rows []int32
		take = make([]int32, b.N)
		for i := range b.N {
			take[i] = -1
			if ok.IsValid(i) && ok.Value(i) {
				take[i] = int32(len(rows))
				rows = append(rows, int32(i))
			}
		}
		in = types.TakeBatch(b, rows)
	}
	out := make([]arrow.Array, len(x.Keys))
	for i, k := range x.Keys {
		var err error
		if out[i], err = expr.EvalArray(ctx, k, in); err != nil {
			return nil, err
		}
		if take != nil {
			out[i] = types.Take(out[i], take)
		}
	}
	return out, nil
}

// keyText is the list of an index's keys as the catalog shows them.
func keyText(rel *catalog.Relation, keys []catalog.IndexKey) string {
	var parts []string
	for _, k := range keys {
		if k.Col >= 0 {
			parts = append(parts, parser.QuoteIdent(rel.Columns[k.Col].Name))
		} else {
			parts = append(parts, k.Shown)
		}
	}
	return strings.Join(parts, ", ")
}

// keyDetail is (names)=(values) of key i for a message.
func keyDetail(rel *catalog.Relation, u catalog.Unique, ts []types.Type, key []arrow.Array, i int) string {
	names := ""
	if u.Def.Plain() {
		names = columnNames(rel, u.Cols)
	} else {
		names = keyText(rel, u.Def.Keys)
	}
	f := types.UTCFormat(0)
	var values []string
	for n, a := range key {
		if a.IsNull(i) {
			values = append(values, "null")
		} else {
			values = append(values, string(types.AppendText(nil, a, i, ts[n], f)))
		}
	}
	return "(" + names + ")=(" + strings.Join(values, ", ") + ")"
}
