package engine

import (
	"slices"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/sql"
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
// columns, where equal rows are changed as often as they are there.
type seenRows struct {
	rel  *catalog.Relation
	ts   []types.Type
	seen map[uint64][]keyRow
}

func newSeenRows(rel *catalog.Relation) *seenRows {
	s := &seenRows{rel: rel, seen: map[uint64][]keyRow{}}
	for _, c := range rel.Primary {
		s.ts = append(s.ts, rel.Columns[c].Type)
	}
	return s
}

// first keeps the rows of b (and of other, in step) that were not seen before.
func (s *seenRows) first(b, other *types.Batch) (*types.Batch, *types.Batch) {
	if len(s.rel.Primary) == 0 {
		return b, other
	}
	p := &probe{batch: b, key: b.Project(s.rel.Primary).Cols, hash: make([]uint64, b.N)}
	types.HashCols(p.key, s.ts, b.N, p.hash)
	keep := make([]int32, 0, b.N)
rows:
	for i := 0; i < b.N; i++ {
		for _, r := range s.seen[p.hash[i]] {
			if types.RowsEqual(r.key, r.row, p.key, i, s.ts) {
				continue rows
			}
		}
		s.seen[p.hash[i]] = append(s.seen[p.hash[i]], keyRow{p, i, true})
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
