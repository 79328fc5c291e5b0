package engine

import (
	"context"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/state"
	"github.com/streamsqld/streamsqld/types"
)

// lookup reads the rows of one key from the table's index, where the scan's filter asks for one. The filter still runs over what comes. ok is false
// where the table has to be read as a whole.
func (r *queryRun) lookup(t *state.Table, scan *plan.Scan, version int64) (splits []types.Split, ok bool, err error) {
	values := keyValues(scan, keyOf(scan.Rel))
	if values == nil {
		return nil, false, nil
	}
	key := make([]arrow.Array, len(values))
	ec := r.sess.exprCtx(r.args)
	ec.Now = r.now
	for i, x := range values {
		if key[i], err = expr.EvalArray(ec, x, &types.Batch{N: 1}); err != nil {
			return nil, false, err
		}
		if key[i].IsNull(0) {
			return nil, true, nil
		}
	}
	release, err := t.Pin(version)
	if err != nil {
		return nil, false, err
	}
	defer release()
	var found []*types.Batch
	t.LookupEach(key, 0, version, func(b *types.Batch, row int) bool {
		found = append(found, b.Project(scan.Cols).Slice(row, row+1))
		return true
	})
	if len(found) == 0 {
		return nil, true, nil
	}
	return []types.Split{{Read: func(_ context.Context, emit func(*types.Batch) error) error {
		for _, b := range found {
			if err := emit(b); err != nil {
				return err
			}
		}
		return nil
	}}}, true, nil
}

// keyOf are the columns by which the table of a relation finds its rows; nil: it has no key.
func keyOf(rel *catalog.Relation) []int {
	switch rel.Kind {
	case catalog.Table:
		return rel.Primary
	case catalog.MatView:
		return rel.Key
	}
	return nil
}

// keyValues are what the scan's filter says the key columns are equal to, in the key's order; nil: it does not give all of them.
func keyValues(scan *plan.Scan, key []int) []expr.Expr {
	if scan.Filter == nil || len(key) == 0 {
		return nil
	}
	out := make([]expr.Expr, len(key))
	var walk func(x expr.Expr)
	walk = func(x expr.Expr) {
		switch x := x.(type) {
		case *expr.And:
			for _, a := range x.Args {
				walk(a)
			}
		case *expr.Call:
			if x.Fn.Name != "=" || len(x.Args) != 2 {
				return
			}
			for i, a := range x.Args {
				col, v := baseColumn(a), x.Args[1-i]
				if col < 0 || expr.MaxVolatility(v) == expr.Volatile || len(expr.Columns(v)) > 0 || hasSubquery(v) {
					continue
				}
				for k, kc := range key {
					if scan.Cols[col] == kc && out[k] == nil && v.Type().Base() == a.Type().Base() && equalBytes[v.Type().OID] {
						out[k] = v
					}
				}
			}
		}
	}
	walk(scan.Filter)
	for _, x := range out {
		if x == nil {
			return nil
		}
	}
	return out
}

// equalBytes are the types, by OID, of which two equal values lie in the index as the same bytes.
var equalBytes = map[uint32]bool{
	types.Bool.OID: true, types.Int2.OID: true, types.Int4.OID: true, types.Int8.OID: true, types.OID.OID: true, types.Numeric.OID: true, types.Text.OID: true,
	types.Varchar.OID: true, types.Bytea.OID: true, types.UUID.OID: true, types.Date.OID: true, types.Time.OID: true, types.Timestamp.OID: true, types.TimestampTZ.OID: true,
}

func hasSubquery(x expr.Expr) (found bool) {
	expr.Walk(x, func(e expr.Expr) bool {
		_, is := e.(*expr.Subquery)
		found = found || is
		return !found
	})
	return found
}

// baseColumn is the column that x is, perhaps as text of a varchar; -1: it is none.
func baseColumn(x expr.Expr) int {
	if c, ok := x.(*expr.Cast); ok && c.Typ.Base() == types.Text && c.X.Type().Base() == types.Varchar {
		x = c.X
	}
	if c, ok := x.(*expr.Column); ok {
		return c.Idx
	}
	return -1
}
