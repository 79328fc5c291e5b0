package engine

import (
	"context"
	"slices"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/sql"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/types"
)

// changing is a statement that changes rows, while it runs: its own change and those of its WITH clause. They all see the transaction as it was
// before the statement; foreign keys are checked at its end.
type changing struct {
	s     *session
	outer *changing // of the statement for which the server runs this one
	args  []expr.Vec
	with  []*sql.With
	done  map[*sql.With]bool
	given map[*catalog.Relation][]*types.Batch
	seen  map[uint32]*seenRows // with WITH: a row is changed once in the statement
	refs  []*foreignChecks
	sees  map[uint32]int // how many batches of the transaction's writes to a table are seen; nil: all
}

// change begins a statement that changes rows; end ends it.
func (s *session) change(args []expr.Vec, with []*sql.With) *changing {
	c := &changing{s: s, outer: s.changes, args: args, with: with, done: map[*sql.With]bool{}, given: map[*catalog.Relation][]*types.Batch{}}
	s.changes = c
	if len(with) > 0 {
		c.seen = map[uint32]*seenRows{}
		c.snapshot()
	}
	return c
}

// snapshot hides what the transaction writes from now on.
func (c *changing) snapshot() {
	if c.sees != nil {
		return
	}
	c.sees = map[uint32]int{}
	for oid, w := range c.s.begin().writes {
		c.sees[oid] = len(w.batches)
	}
}

func (c *changing) end() { c.s.changes = c.outer }

// visible gives the transaction's writes to a table that the statement at hand sees.
func (s *session) visible(w *write) *write {
	if w == nil || s.changes == nil || s.changes.sees == nil {
		return w
	}
	return &write{rel: w.rel, batches: w.batches[:min(len(w.batches), s.changes.sees[w.rel.OID])]}
}

// main runs the statement's own change, the items of WITH that it reads before it and the others after it, the last one first as PostgreSQL does.
func (c *changing) main(ctx context.Context, x sql.Change) (*dmlResult, error) {
	h := x.Common()
	if in, ok := x.(*sql.Insert); ok && in.Conflict != nil && in.Conflict.Plan != nil || h.Returning != nil && h.Returning.Plan != nil {
		c.snapshot()
	}
	d, err := c.run(ctx, x)
	if err != nil {
		return nil, err
	}
	if h.Returning != nil {
		if d.returned, err = c.returning(ctx, h.Returning, d.out); err != nil {
			return nil, err
		}
	}
	if err := c.rest(ctx); err != nil {
		return nil, err
	}
	return d, c.finish(ctx)
}

// rest runs the items of WITH that have not run.
func (c *changing) rest(ctx context.Context) error {
	for _, w := range slices.Backward(c.with) {
		if err := c.item(ctx, w); err != nil {
			return err
		}
	}
	return nil
}

// item runs an item of WITH, once.
func (c *changing) item(ctx context.Context, w *sql.With) error {
	if c.done[w] {
		return nil
	}
	c.done[w] = true
	d, err := c.run(ctx, w.Change)
	if err != nil || w.Rows == nil {
		return err
	}
	c.given[w.Rows], err = c.returning(ctx, w.Change.Common().Returning, d.out)
	return err
}

// run runs one change, and before it what it reads.
func (c *changing) run(ctx context.Context, x sql.Change) (*dmlResult, error) {
	for _, w := range x.Common().Reads {
		if err := c.item(ctx, w); err != nil {
			return nil, err
		}
	}
	switch x := x.(type) {
	case *sql.Insert:
		if err := checkWritable(x.Rel, "insert into", -1); err != nil {
			return nil, err
		}
		return c.insertRows(ctx, x)
	case *sql.Update:
		return c.updateRows(ctx, x)
	case *sql.Delete:
		return c.deleteRows(ctx, x)
	case *sql.Merge:
		return c.mergeRows(ctx, x)
	}
	return nil, sqlerr.New(sqlerr.InternalError, "%T changes no rows", x)
}

// finish checks the foreign keys, over all that the statement did.
func (c *changing) finish(ctx context.Context) error {
	c.sees = nil
	for _, f := range c.refs {
		if err := f.finish(ctx); err != nil {
			return err
		}
	}
	return nil
}

// returning gives the rows of a RETURNING list.
func (c *changing) returning(ctx context.Context, r *sql.Returning, rows []*types.Batch) ([]*types.Batch, error) {
	if r.Plan != nil {
		c.given[r.Given] = rows
		return c.s.rowsOf(ctx, r.Plan, c.args)
	}
	ec := c.s.exprCtx(c.args)
	var out []*types.Batch
	for _, b := range rows {
		n := &types.Batch{N: b.N}
		for _, x := range r.Items {
			col, err := expr.EvalArray(ec, x, b)
			if err != nil {
				return nil, err
			}
			n.Cols = append(n.Cols, col)
		}
		out = append(out, n)
	}
	return out, nil
}

// changed lists the tables that a statement changes.
func changed(x sql.Change, with []*sql.With) []*catalog.Relation {
	var out []*catalog.Relation
	add := func(x sql.Change) {
		switch x := x.(type) {
		case *sql.Insert:
			out = append(out, x.Rel)
		case *sql.Update:
			out = append(out, x.Rel)
		case *sql.Delete:
			out = append(out, x.Rel)
		case *sql.Merge:
			out = append(out, x.Rel)
		}
	}
	add(x)
	for _, w := range with {
		add(w.Change)
	}
	return out
}

// openChangingQuery runs a SELECT whose WITH clause changes rows.
func (s *session) openChangingQuery(ctx context.Context, p *prepared, args []expr.Vec) (*rowSource, error) {
	rows, _, err := s.collectChanging(ctx, p.query, p.with, args)
	if err != nil {
		return nil, err
	}
	if err := s.autocommit(ctx); err != nil {
		return nil, err
	}
	return fixedRows(resultColumns(p.query), rows...), nil
}

// collectChanging gives all rows of a query whose WITH clause changes rows.
func (s *session) collectChanging(ctx context.Context, q *plan.Query, with []*sql.With, args []expr.Vec) ([]*types.Batch, int64, error) {
	if len(with) == 0 {
		return s.collect(ctx, q, args)
	}
	s.lockTables(changed(nil, with)...)
	c := s.change(args, with)
	defer c.end()
	if err := c.rest(ctx); err != nil {
		return nil, 0, err
	}
	rows, n, err := s.collect(ctx, q, args)
	if err != nil {
		return nil, 0, err
	}
	return rows, n, c.finish(ctx)
}
