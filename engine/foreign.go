package engine

import (
	"context"
	"slices"
	"strings"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/sql"
	"github.com/streamsqld/streamsqld/sql/parser"
	"github.com/streamsqld/streamsqld/types"
)

// foreignChecks collects what a statement did to a table that has foreign keys or is referred to by some, and checks them at its end.
type foreignChecks struct {
	s          *session
	rel        *catalog.Relation
	referrers  []referrer
	came, gone []*types.Batch
	pairs      bool // an UPDATE: the rows of came stand in the places of those of gone
	lock       bool // rows that are referred to are locked
	late       bool // a deferred check: the rows that came may be gone again
}

// referrer is a foreign key of another table (or the same one).
type referrer struct {
	rel *catalog.Relation
	key catalog.ForeignKey
}

// referrers lists the foreign keys that refer to rel.
func (s *session) referrers(rel *catalog.Relation) []referrer {
	var out []referrer
	for _, r := range s.cat().Relations() {
		for _, f := range r.Foreign {
			if f.Table == rel.OID {
				out = append(out, referrer{r, f})
			}
		}
	}
	return out
}

// foreignChecks is nil where there is nothing to check.
func (s *session) foreignChecks(rel *catalog.Relation) *foreignChecks {
	f := &foreignChecks{s: s, rel: rel, referrers: s.referrers(rel), lock: true}
	if rel.Kind != catalog.Table || len(rel.Foreign) == 0 && len(f.referrers) == 0 && !slices.ContainsFunc(rel.Uniques, isDeferrable) {
		return nil
	}
	return f
}

// finish checks the rows that came against the tables that they refer to, and does what ON DELETE and ON UPDATE say for the keys that are gone.
func (f *foreignChecks) finish(ctx context.Context) error {
	if f == nil {
		return nil
	}
	came, gone := f.came, f.gone
	f.came, f.gone = nil, nil
	tx := f.s.begin()
	for _, u := range f.rel.Uniques {
		switch {
		case !u.Deferrable || len(came) == 0:
		case tx.defers(f.rel, u.Name, true, u.Deferred):
			tx.deferred = append(tx.deferred, deferredCheck{rel: f.rel.OID, key: u.Name, came: came})
		default:
			if err := f.s.onlyOnce(f.rel, u, came); err != nil {
				return err
			}
		}
	}
	for _, k := range f.rel.Foreign {
		if tx.defers(f.rel, k.Name, k.Deferrable, k.Deferred) {
			tx.deferred = append(tx.deferred, deferredCheck{rel: f.rel.OID, key: k.Name, came: came})
			continue
		}
		if err := f.present(k, f.changed(came, gone, k.Cols)); err != nil {
			return err
		}
	}
	for _, r := range f.referrers {
		if tx.defers(r.rel, r.key.Name, r.key.Deferrable, r.key.Deferred) && r.noAction(f.pairs) {
			tx.deferred = append(tx.deferred, deferredCheck{rel: r.rel.OID, key: r.key.Name, gone: gone})
			continue
		}
		for i, b := range gone {
			var now *types.Batch
			if f.pairs {
				now = came[i]
			}
			if err := f.released(ctx, r, b, now); err != nil {
				return err
			}
		}
	}
	return nil
}

// present looks for the rows that new rows refer to.
func (f *foreignChecks) present(k catalog.ForeignKey, came []*types.Batch) error {
	to := f.s.cat().ByOID(k.Table)
	if to == nil || len(came) == 0 {
		return nil
	}
	idx, err := f.s.keyIndex(to, keyOn(to, k.RefCols))
	if err != nil {
		return err
	}
	for _, b := range came {
		key, err := castKey(f.s.exprCtx(nil), f.rel, to, k, b)
		if err != nil {
			return err
		}
		p := idx.probeKey(b, key)
		var there []int32
		for i := 0; i < b.N; i++ {
			if p.null(i) {
				if k.Full && !p.allNull(i) {
					e := sqlerr.New(sqlerr.ForeignKeyViolation, "insert or update on table %q violates foreign key constraint %q", f.rel.Name, k.Name)
					e.Schema, e.Table, e.Constraint = f.rel.Schema, f.rel.Name, k.Name
					return e.WithDetail("MATCH FULL does not allow mixing of null and nonnull key values.")
				}
				continue
			}
			_, _, ok, err := idx.find(p, i)
			if err != nil {
				return err
			}
			if ok {
				there = append(there, int32(i))
				continue
			}
			left := !f.late
			if f.late {
				if left, err = f.stands(k, b, i); err != nil {
					return err
				}
			}
			if left {
				e := sqlerr.New(sqlerr.ForeignKeyViolation, "insert or update on table %q violates foreign key constraint %q", f.rel.Name, k.Name)
				e.Schema, e.Table, e.Constraint = f.rel.Schema, f.rel.Name, k.Name
				return e.WithDetail("Key (%s)=(%s) is not present in table %q.", columnNames(f.rel, k.Cols), rowText(f.rel, b, i, k.Cols), to.Name)
			}
		}
		if f.lock && slices.Equal(k.RefCols, to.Primary) {
			if err := f.s.lockKeys(to, key, there, k.RefCols); err != nil {
				return err
			}
		}
	}
	return nil
}

// keyOn is the unique key of rel over these columns, in their order.
func keyOn(rel *catalog.Relation, cols []int) catalog.Unique {
	for _, u := range keysOf(rel) {
		if slices.Equal(u.Cols, cols) {
			return u
		}
	}
	return catalog.Unique{Cols: cols}
}

// castKey gives the referring columns in the types of those referred to.
func castKey(ec *expr.Ctx, rel, to *catalog.Relation, k catalog.ForeignKey, b *types.Batch) ([]arrow.Array, error) {
	var out []arrow.Array
	for i, c := range k.Cols {
		from, want := rel.Columns[c].Type, to.Columns[k.RefCols[i]].Type
		if from.Is(want.Base()) {
			out = append(out, b.Cols[c])
			continue
		}
		x, err := expr.NewCast(&expr.Column{Idx: c, Name: rel.Columns[c].Name, Typ: from}, want.Base(), 'e', -1)
		if err != nil {
			return nil, err
		}
		a, err := expr.EvalArray(ec, x, b)
		if err != nil {
			return nil, err
		}
		out = append(out, a)
	}
	return out, nil
}

// keysAtOnce is how many keys one statement looks for.
const keysAtOnce = 1000

// released handles the keys of rows that went, where no other row has them now; now are the rows in their places, nil: none.
func (f *foreignChecks) released(ctx context.Context, r referrer, gone, now *types.Batch) error {
	idx, err := f.s.keyIndex(f.rel, keyOn(f.rel, r.key.RefCols))
	if err != nil {
		return err
	}
	free, err := freeKeys(idx, gone)
	if err != nil {
		return err
	}
	action := r.key.OnDelete
	if now != nil {
		action = r.key.OnUpdate
	}
	if action == "restrict" && now != nil { // even where another row has the key now
		free = changedRows(now, gone, r.key.RefCols, columnTypes(f.rel, r.key.RefCols))
	}
	for part := range slices.Chunk(free, keysAtOnce) {
		if now != nil && action == "cascade" {
			for _, i := range part {
				if err := f.s.runInner(ctx, "UPDATE "+quoteName(r.rel, parser.QuoteIdent)+" SET "+f.assign(r, now, int(i))+" WHERE "+f.condition(r, gone, []int32{i})); err != nil {
					return err
				}
			}
			continue
		}
		if err := f.act(ctx, r, action, gone, part); err != nil {
			return err
		}
	}
	return nil
}

// act runs the action of a foreign key for keys that are gone.
func (f *foreignChecks) act(ctx context.Context, r referrer, action string, gone *types.Batch, rows []int32) error {
	name, cond := quoteName(r.rel, parser.QuoteIdent), f.condition(r, gone, rows)
	switch action {
	case "cascade":
		return f.s.runInner(ctx, "DELETE FROM "+name+" WHERE "+cond)
	case "set null", "set default":
		value := strings.TrimPrefix(action, "set ")
		var sets []string
		for _, c := range r.key.Cols {
			sets = append(sets, parser.QuoteIdent(r.rel.Columns[c].Name)+" = "+value)
		}
		return f.s.runInner(ctx, "UPDATE "+name+" SET "+strings.Join(sets, ", ")+" WHERE "+cond)
	}
	if some, err := f.refer(ctx, "DELETE FROM "+name+" WHERE "+cond); err != nil || !some {
		return err
	}
	for _, i := range rows {
		bound, err := f.s.bindInner("DELETE FROM " + name + " WHERE " + f.condition(r, gone, []int32{i}))
		if err != nil {
			return err
		}
		left, err := f.s.rowsOf(ctx, bound.(*sql.Delete).Source, nil)
		if err != nil {
			return err
		}
		for _, b := range left {
			if b.N == 0 {
				continue
			}
			e := sqlerr.New(sqlerr.ForeignKeyViolation, "update or delete on table %q violates foreign key constraint %q on table %q", f.rel.Name, r.key.Name, r.rel.Name)
			e.Schema, e.Table, e.Constraint = r.rel.Schema, r.rel.Name, r.key.Name
			return e.WithDetail("Key (%s)=(%s) is still referenced from table %q.", columnNames(f.rel, r.key.RefCols), rowText(f.rel, gone, int(i), r.key.RefCols), r.rel.Name)
		}
	}
	return nil
}

// refer says whether a DELETE would find rows.
func (f *foreignChecks) refer(ctx context.Context, text string) (bool, error) {
	bound, err := f.s.bindInner(text)
	if err != nil {
		return false, err
	}
	rows, err := f.s.rowsOf(ctx, bound.(*sql.Delete).Source, nil)
	return slices.ContainsFunc(rows, func(b *types.Batch) bool { return b.N > 0 }), err
}

// bindInner binds an UPDATE or DELETE that the server runs for itself.
func (s *session) bindInner(text string) (sql.Change, error) {
	stmts, err := parser.Parse(text)
	if err != nil {
		return nil, err
	}
	return sql.BindChange(stmts[0].Stmt, s.env(nil))
}

// runInner runs an UPDATE or DELETE for the server itself, within the transaction.
func (s *session) runInner(ctx context.Context, text string) error {
	bound, err := s.bindInner(text)
	if err == nil {
		c := s.change(nil, nil)
		_, err = c.main(ctx, bound)
		c.end()
	}
	if err != nil {
		e := *sqlerr.From(err)
		e.Pos = 0
		return &e
	}
	return nil
}
