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
func (in *inserter) upsert(full *types.Batch, c *sql.Conflict) (*types.Batch, error) {
	if len(in.keys) == 0 {
		return full, in.add(full)
	}
	var done []*types.Batch
	probes := make([]*probe, len(in.keys))
	for i, k := range in.keys {
		probes[i] = k.probe(full)
	}
	mine := map[*types.Batch]map[int]bool{} // rows that this statement made
	for i := 0; i < full.N; i++ {
		old, row, exists, err := in.conflict(c, probes, full, i)
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
			now, err := in.conflictUpdate(old.Slice(row, row+1), full.Slice(i, i+1), c)
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
func (in *inserter) conflict(c *sql.Conflict, probes []*probe, full *types.Batch, i int) (old *types.Batch, row int, exists bool, err error) {
	var other error
	for n, k := range in.keys {
		b, r, found := k.find(probes[n], i)
		switch {
		case !found:
		case c.Target == nil || sameSet(c.Target, k.key.Cols):
			return b, r, true, nil
		case other == nil:
			other = errDuplicate(in.rel, k.key, full, i)
		}
	}
	return nil, 0, false, other
}

// sameSet says whether two lists have the same columns; a is ascending.
func sameSet(a, b []int) bool {
	b = slices.Clone(b)
	slices.Sort(b)
	return slices.Equal(a, b)
}

func mark(m map[*types.Batch]map[int]bool, b *types.Batch, i int) {
	if m[b] == nil {
		m[b] = map[int]bool{}
	}
	m[b][i] = true
}

// conflictUpdate is DO UPDATE of one row; nil where its WHERE is not true.
func (in *inserter) conflictUpdate(old, excluded *types.Batch, c *sql.Conflict) (*types.Batch, error) {
	both := &types.Batch{N: 1, Cols: append(append([]arrow.Array{}, old.Cols...), excluded.Cols...)}
	if c.Where != nil {
		ok, err := expr.EvalArray(in.ctx, c.Where, both)
		if err != nil {
			return nil, err
		}
		if ok.IsNull(0) || !ok.(*array.Boolean).Value(0) {
			return nil, nil
		}
	}
	now := &types.Batch{N: 1, Cols: append([]arrow.Array{}, old.Cols...)}
	for _, set := range c.Sets {
		v, err := expr.EvalArray(in.ctx, set.X, both)
		if err != nil {
			return nil, err
		}
		now.Cols[set.Col] = v
	}
	if err := in.row.Generate(in.ctx, now); err != nil {
		return nil, err
	}
	if err := in.row.Check(in.ctx, now); err != nil {
		return nil, err
	}
	in.remove(&types.Batch{N: 1, Cols: old.Cols})
	return now, in.add(now)
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

// lockTable makes implicit transactions over one table wait for each other, so that none of them fails with 40001. A transaction block takes no lock:
// the first committer wins.
func (s *session) lockTable(rel *catalog.Relation) {
	tx := s.begin()
	if tx.block || s.inQuery || rel.Kind != catalog.Table || tx.locked == rel.OID {
		return
	}
	mu := s.eng.tableLock(rel.OID)
	mu.Lock()
	tx.locked = rel.OID
	tx.locks = append(tx.locks, mu.Unlock)
	delete(tx.versions, rel.OID)
}
