package engine

import (
	"context"
	"slices"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/sql"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/state"
	"github.com/streamsqld/streamsqld/types"
)

// readOrdered reads the rows of a range of an ordered index, in its order.
func (r *queryRun) readOrdered(t *state.Table, scan *plan.Scan, version int64) ([]types.Split, error) {
	l := scan.Lookup
	ec := r.sess.exprCtx(r.args)
	ec.Now = r.now
	null := false
	value := func(x expr.Expr) (arrow.Array, error) {
		if x == nil {
			return nil, nil
		}
		a, err := expr.EvalArray(ec, x, &types.Batch{N: 1})
		null = null || err == nil && a.IsNull(0)
		return a, err
	}
	q := &state.OrderQuery{Cols: l.Ordered, LowOut: l.LowOut, HighOut: l.HighOut, Desc: l.Desc}
	for _, x := range l.Values {
		a, err := value(x)
		if err != nil {
			return nil, err
		}
		q.Equal = append(q.Equal, a)
	}
	var err error
	if q.Low, err = value(l.Low); err != nil {
		return nil, err
	}
	if q.High, err = value(l.High); err != nil || null {
		return nil, err // nothing is equal to NULL, greater or less
	}
	release, err := t.Pin(version)
	if err != nil {
		return nil, err
	}
	r.releases = append(r.releases, release)
	return []types.Split{{Read: func(ctx context.Context, emit func(*types.Batch) error) error {
		return t.ReadOrdered(ctx, q, version, scan.Cols, emit)
	}}}, nil
}

// lookupKeys asks an index over expressions or a part of the rows.
func (r *queryRun) lookupKeys(t *state.Table, scan *plan.Scan, key []arrow.Array, version int64, take func(*types.Batch, int) bool) error {
	u := keyedIndex(scan.Rel, scan.Lookup.Index)
	if u == nil {
		return sqlerr.New(sqlerr.InternalError, "index %q is gone", scan.Lookup.Index)
	}
	of, err := r.sess.eng.sideKey(scan.Rel, *u)
	if err != nil {
		return err
	}
	return t.LookupKey(of, key, 0, version, take)
}

// keyedIndex finds an index over expressions or a part of the rows; nil: there is none of that name.
func keyedIndex(rel *catalog.Relation, name string) *catalog.Unique {
	if i := slices.IndexFunc(rel.Uniques, func(u catalog.Unique) bool { return u.Name == name }); i >= 0 {
		return &rel.Uniques[i]
	}
	if i := slices.IndexFunc(rel.Indexes, func(x catalog.Index) bool { return x.Name == name }); i >= 0 {
		x := &rel.Indexes[i]
		return &catalog.Unique{Name: x.Name, Cols: x.Cols, Def: x.Def}
	}
	return nil
}

// IndexKeys implements optimizer.Indexes: the indexes over expressions or a part of the rows, bound.
func (l liveStats) IndexKeys(rel *catalog.Relation) map[string]*sql.IndexKeys {
	var out map[string]*sql.IndexKeys
	add := func(u catalog.Unique) {
		if u.Def.Plain() {
			return
		}
		env := &sql.Env{Catalog: l.eng.cat, SearchPath: []string{rel.Schema, "public"}, Format: types.UTCFormat(0), Routines: l.eng.routines}
		if k, err := sql.BindUnique(rel, &u, env); err == nil { // what cannot be bound any more is not used
			if out == nil {
				out = map[string]*sql.IndexKeys{}
			}
			out[u.Name] = k
		}
	}
	for _, u := range rel.Uniques {
		add(u)
	}
	for _, x := range rel.Indexes {
		add(catalog.Unique{Name: x.Name, Cols: x.Cols, Def: x.Def})
	}
	return out
}
