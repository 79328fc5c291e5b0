package engine

import (
	"context"
	"fmt"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/sql"
	"github.com/streamsqld/streamsqld/sql/parser"
	"github.com/streamsqld/streamsqld/state"
	"github.com/streamsqld/streamsqld/types"
)

// rewrite puts n, which has more columns than rel or another primary key, in place of rel: the committed rows are written under a new storage number at
// once, where nobody reads them before n stands in the catalog; the transaction's own changes of the table are carried over. A commit to the old rows
// meanwhile makes this one fail with 40001.
func (s *session) rewrite(ctx context.Context, rel, n *catalog.Relation, what string) error {
	return s.rewriteWith(ctx, rel, n, what, -1, nil)
}

// rewriteWith is rewrite where column col of the new rows is converted from the old ones; -1: none.
func (s *session) rewriteWith(ctx context.Context, rel, n *catalog.Relation, what string, col int, convert expr.Expr) error {
	s.lockTables(rel)
	if err := s.catchUp(ctx, rel); err != nil {
		return err
	}
	tx := s.begin()
	old, err := s.eng.mgr.Table(rel)
	if err != nil {
		return err
	}
	version := s.eng.pin(tx, rel, old)
	in, err := s.extender(rel, n, col, convert)
	if err != nil {
		return err
	}
	rows, err := in.committed(ctx, old, version)
	if err != nil {
		return err
	}
	pending, had := tx.writes[rel.OID]
	next := &write{rel: n}
	if had {
		for _, b := range pending.batches {
			if b, err = in.extend(b); err != nil {
				return err
			}
			next.add(b)
		}
	}
	if n.Storage, err = s.newOID(); err != nil {
		return err
	}
	fresh, err := s.store(n, rows, version, old.At(version))
	if err != nil {
		return err
	}
	if err := s.reshape(rel, n, what); err != nil {
		return err
	}
	tx.versions[rel.OID] = fresh.Version()
	if had {
		tx.writes[rel.OID] = next
	}
	tx.undo = append(tx.undo, func() {
		tx.versions[rel.OID] = version
		if had {
			tx.writes[rel.OID] = pending
		}
		b := s.eng.store.NewBatch()
		if s.eng.mgr.DropState(b, n.Storage) == nil {
			s.eng.logIf(b.Commit(false), "remove the rows of", n)
		}
	})
	tx.after = append(tx.after, func() { s.eng.watches.changed(rel.OID) })
	tx.catalog = append(tx.catalog, func(b *state.Batch) error {
		if old.Version() != version {
			return errSerialization()
		}
		return s.eng.mgr.DropState(b, rel.Stored())
	})
	return nil
}

// store writes rows under the storage number of n, as those of a version and its clock.
func (s *session) store(n *catalog.Relation, rows []*types.Batch, version, at int64) (*state.Table, error) {
	t, err := s.eng.mgr.Table(n)
	if err != nil || version == 0 {
		return t, err
	}
	var all *types.Batch
	if len(rows) > 0 {
		if all, err = types.ConcatBatches(rows); err != nil {
			return nil, err
		}
	}
	b := s.eng.store.NewBatch()
	if err := t.ApplyDelta(b, version, state.Delta{Changes: all, Watermark: state.NoWatermark, At: at}); err != nil {
		b.Close()
		return nil, err
	}
	return t, b.Commit(true)
}

// extender gives rows of a table the columns that were added, or converts one.
type extender struct {
	in        *inserter
	width     int
	converted int // -1: none
}

func (s *session) extender(rel, n *catalog.Relation, converted int, convert expr.Expr) (*extender, error) {
	given := make([]int, len(rel.Columns))
	for i := range given {
		given[i] = i
	}
	row, err := sql.BindRow(n, given, s.env(nil))
	if err != nil {
		return nil, err
	}
	if converted >= 0 {
		row.Fill[converted] = convert
	}
	return &extender{&inserter{s: s, rel: n, row: row, ctx: s.exprCtx(nil)}, len(given), converted}, nil
}

func (x *extender) extend(b *types.Batch) (*types.Batch, error) {
	if len(x.in.rel.Columns) == x.width && x.converted < 0 {
		return b, nil
	}
	out, err := x.in.complete(b)
	if err != nil {
		if e := sqlerr.From(err); e.Code == sqlerr.NotNullViolation {
			e.Message, e.Detail = fmt.Sprintf("column %q of relation %q contains null values", e.Column, e.Table), ""
		}
		return nil, err
	}
	out.W = b.W
	old := append([]arrow.Array{}, b.Cols...)
	if x.converted >= 0 {
		old[x.converted] = out.Cols[x.converted]
	}
	out.Cols = append(old, out.Cols[x.width:]...)
	return out, nil
}

// committed reads the rows of a version and extends them.
func (x *extender) committed(ctx context.Context, t *state.Table, version int64) ([]*types.Batch, error) {
	splits, release, err := t.Snapshot(version, nil)
	if err != nil {
		return nil, err
	}
	defer release()
	var out []*types.Batch
	for _, sp := range splits {
		err := sp.Read(ctx, func(b *types.Batch) error {
			b, err := x.extend(b)
			out = append(out, b)
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

// viewHolds says whether the query of a view can still be bound.
func (s *session) viewHolds(v *catalog.Relation) error {
	q, err := parser.ParseQuery(v.SQL)
	if err != nil {
		return err
	}
	bound, err := sql.BindQuery(q, v.SQL, s.storedEnv(v))
	if err != nil {
		return err
	}
	cols := resultColumns(bound)
	if len(cols) != len(v.Columns) {
		return errDependent(v, v, "change")
	}
	return nil
}
