package engine

import (
	"context"
	"slices"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/sql"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/types"
)

// upsert takes whole rows in with ON CONFLICT; it gives the rows that were inserted or updated, as they are now.
func (in *inserter) upsert(ctx context.Context, full *types.Batch, c *sql.Conflict) (*types.Batch, error) {
	if err := noDeferrable(in.rel, c); err != nil && full.N > 0 {
		return nil, err
	}
	if len(in.keys) == 0 {
		return full, in.add(full)
	}
	var done []*types.Batch
	probes := make([]*probe, len(in.keys))
	for i, k := range in.keys {
		var err error
		if probes[i], err = k.probe(full); err != nil {
			return nil, err
		}
	}
	mine := map[*types.Batch]map[int]bool{} // rows that this statement made
	for i := 0; i < full.N; i++ {
		old, row, exists, err := in.conflict(c, probes, i)
		if err != nil {
			return nil, err
		}
		switch {
		case !exists:
			one := full.Slice(i, i+1)
			for n, k := range in.keys {
				k.set(probes[n], i, true)
			}
			mark(mine, full, i)
			in.s.tx.write(in.rel).add(one)
			if in.refs != nil {
				in.refs.came = append(in.refs.came, one)
			}
			done = append(done, one)
		case c.Nothing:
		default:
			if mine[old][row] {
				return nil, sqlerr.New(sqlerr.CardinalityViolation, "ON CONFLICT DO UPDATE command cannot affect row a second time").
					WithHint("Ensure that no rows proposed for insertion within the same command have duplicate constrained values.")
			}
			now, err := in.conflictUpdate(ctx, old.Slice(row, row+1), full.Slice(i, i+1), c)
			if err != nil {
				return nil, err
			}
			if now != nil {
				mark(mine, now, 0)
				done = append(done, now)
			}
		}
	}
	if len(done) == 0 {
		return emptyBatch(in.rel.Types()), nil
	}
	return types.ConcatBatches(done)
}

// conflict looks for the row that stands in the way of row i by a key of ON CONFLICT's target; by another key it is 23505.
func (in *inserter) conflict(c *sql.Conflict, probes []*probe, i int) (old *types.Batch, row int, exists bool, err error) {
	var other error
	for n, k := range in.keys {
		b, r, found, err := k.find(probes[n], i)
		switch {
		case err != nil:
			return nil, 0, false, err
		case !found:
		case c.Keys == nil || slices.Contains(c.Keys, k.key.Name):
			return b, r, true, nil
		case other == nil:
			other = errDuplicate(in.rel, k.key, k.ts, probes[n].key, i)
		}
	}
	return nil, 0, false, other
}

func mark(m map[*types.Batch]map[int]bool, b *types.Batch, i int) {
	if m[b] == nil {
		m[b] = map[int]bool{}
	}
	m[b][i] = true
}

// conflictUpdate is DO UPDATE of one row; nil where its WHERE is not true.
func (in *inserter) conflictUpdate(ctx context.Context, old, excluded *types.Batch, c *sql.Conflict) (*types.Batch, error) {
	both := &types.Batch{N: 1, Cols: append(append([]arrow.Array{}, old.Cols...), excluded.Cols...)}
	values, err := in.conflictValues(ctx, both, c)
	if err != nil || values == nil {
		return nil, err
	}
	now := &types.Batch{N: 1, Cols: append([]arrow.Array{}, old.Cols...)}
	for i, set := range c.Sets {
		now.Cols[set.Col] = values[i]
	}
	if err := in.row.Generate(in.ctx, now); err != nil {
		return nil, err
	}
	if err := in.row.Check(in.ctx, now); err != nil {
		return nil, err
	}
	if err := in.remove(&types.Batch{N: 1, Cols: old.Cols}, now); err != nil {
		return nil, err
	}
	return now, in.add(now)
}

// conflictValues gives the values that DO UPDATE sets; nil where its WHERE is not true.
func (in *inserter) conflictValues(ctx context.Context, both *types.Batch, c *sql.Conflict) ([]arrow.Array, error) {
	isTrue := func(x arrow.Array) bool { return !x.IsNull(0) && x.(*array.Boolean).Value(0) }
	if c.Plan != nil {
		in.s.changes.given[c.Given] = []*types.Batch{both}
		rows, err := in.s.rowsOf(ctx, c.Plan, in.ctx.Params)
		if err != nil {
			return nil, err
		}
		all, err := types.ConcatBatches(rows)
		if err != nil || c.Where != nil && !isTrue(all.Cols[len(c.Sets)]) {
			return nil, err
		}
		return all.Cols, nil
	}
	if c.Where != nil {
		ok, err := expr.EvalArray(in.ctx, c.Where, both)
		if err != nil || !isTrue(ok) {
			return nil, err
		}
	}
	values := make([]arrow.Array, len(c.Sets))
	for i, set := range c.Sets {
		var err error
		if values[i], err = expr.EvalArray(in.ctx, set.X, both); err != nil {
			return nil, err
		}
	}
	return values, nil
}

// seenRows keeps a row that a join gives several times from being changed more than once. Rows are told apart by the primary key; without one by all
// columns, where equal rows are changed as often as they are in the table.
type seenRows struct {
	cols []int
	ts   []types.Type
	rows map[uint64][]*seenRow // nil: every row comes once
	bag  bool                  // rows are known before, with how many there are
}

type seenRow struct {
	keyRow
	left int // how many of them may still be changed
}

// seenRows prepares for the rows that source gives.
func (s *session) seenRows(ctx context.Context, rel *catalog.Relation, source plan.Node, args []expr.Vec) (*seenRows, error) {
	target, joined := targetOf(source)
	if !joined {
		return &seenRows{}, nil
	}
	return s.newSeenRows(ctx, rel, target, args)
}

func (s *session) newSeenRows(ctx context.Context, rel *catalog.Relation, target plan.Node, args []expr.Vec) (*seenRows, error) {
	out := &seenRows{cols: rel.Primary, rows: map[uint64][]*seenRow{}}
	if out.bag = len(rel.Primary) == 0; out.bag {
		for i := range rel.Columns {
			out.cols = append(out.cols, i)
		}
	}
	for _, c := range out.cols {
		out.ts = append(out.ts, rel.Columns[c].Type)
	}
	if !out.bag {
		return out, nil
	}
	all, err := s.rowsOf(ctx, target, args)
	for _, b := range all {
		p := out.probe(b)
		for i := range b.N {
			if r := out.find(p, i); r != nil {
				r.left++
			} else {
				out.rows[p.hash[i]] = append(out.rows[p.hash[i]], &seenRow{keyRow{p, i, true}, 1})
			}
		}
	}
	return out, err
}

// targetOf finds the scan of the changed table, and whether something is joined to it.
func targetOf(n plan.Node) (scan plan.Node, joined bool) {
	for len(n.Inputs()) > 0 {
		if _, is := n.(*plan.Join); is {
			joined = true
		}
		n = n.Inputs()[0]
	}
	return n, joined
}

func (s *seenRows) probe(b *types.Batch) *probe {
	p := &probe{batch: b, key: b.Project(s.cols).Cols, hash: make([]uint64, b.N)}
	types.HashCols(p.key, s.ts, b.N, p.hash)
	return p
}

func (s *seenRows) find(p *probe, row int) *seenRow {
	for _, r := range s.rows[p.hash[row]] {
		if types.RowsEqual(r.key, r.row, p.key, row, s.ts) {
			return r
		}
	}
	return nil
}

// first keeps the rows of b (and of other, in step) that may still be changed.
func (s *seenRows) first(b, other *types.Batch) (*types.Batch, *types.Batch) {
	if s.rows == nil {
		return b, other
	}
	p := s.probe(b)
	keep := make([]int32, 0, b.N)
	for i := range b.N {
		r := s.find(p, i)
		switch {
		case r == nil && !s.bag:
			s.rows[p.hash[i]] = append(s.rows[p.hash[i]], &seenRow{keyRow: keyRow{p, i, true}})
		case r != nil && r.left > 0:
			r.left--
		default:
			continue
		}
		keep = append(keep, int32(i))
	}
	if len(keep) == b.N {
		return b, other
	}
	if other != nil {
		other = types.TakeBatch(other, keep)
	}
	return types.TakeBatch(b, keep), other
}

// seenRows prepares for the rows that source gives, or for all changes of the statement to the table.
func (c *changing) seenRows(ctx context.Context, rel *catalog.Relation, source plan.Node) (*seenRows, error) {
	if c.seen == nil {
		return c.s.seenRows(ctx, rel, source, c.args)
	}
	if s := c.seen[rel.OID]; s != nil {
		return s, nil
	}
	target, _ := targetOf(source)
	s, err := c.s.newSeenRows(ctx, rel, target, c.args)
	c.seen[rel.OID] = s
	return s, err
}

// lockTables makes implicit transactions over one table wait for each other, so that none of them fails with 40001. A transaction block takes no lock:
// the first committer wins.
func (s *session) lockTables(rels ...*catalog.Relation) {
	tx := s.begin()
	if tx.block || s.inQuery {
		return
	}
	rels = slices.Clone(rels)
	slices.SortFunc(rels, func(a, b *catalog.Relation) int { return int(int64(a.OID) - int64(b.OID)) })
	for _, rel := range rels {
		if rel.Kind != catalog.Table || slices.Contains(tx.locked, rel.OID) {
			continue
		}
		mu := s.eng.tableLock(rel.OID)
		mu.Lock()
		tx.locked = append(tx.locked, rel.OID)
		tx.locks = append(tx.locks, mu.Unlock)
		delete(tx.versions, rel.OID)
	}
}
