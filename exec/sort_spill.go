package exec

import (
	"container/heap"
	"slices"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/types"
)

// spillBatch is how many rows a merge holds of each run.
const spillBatch = 1 << 12

// spill sorts what is held and writes it to a file.
func (s *sorter) spill(st *run) error {
	b, rows, err := s.order(st)
	if err != nil {
		return err
	}
	f := st.spillFile()
	for from := 0; from < len(rows); from += spillBatch {
		if err := f.write(types.TakeBatch(b, rows[from:min(from+spillBatch, len(rows))])); err != nil {
			return err
		}
	}
	s.runs = append(s.runs, f)
	freed := s.bytes
	s.held, s.rows, s.bytes = nil, 0, 0
	return st.budget.take(-freed)
}

// merge hands on the rows of all runs in order; of equal ones those that came first.
func (s *sorter) merge(st *run) error {
	m, err := s.merged(st)
	for err == nil && wants(s) {
		var b *types.Batch
		if b, err = m.next(st, outBatch); err != nil || b == nil {
			return err
		}
		err = s.emit(st, b)
	}
	return err
}

// mergeRuns is how many runs are merged at once: a batch of each is in memory.
const mergeRuns = 64

// merged begins to merge the runs. Many are merged to longer ones first.
func (s *sorter) merged(st *run) (*merger, error) {
	for len(s.runs) > mergeRuns {
		var longer []*spillFile
		for runs := range slices.Chunk(s.runs, mergeRuns) {
			m, err := s.mergerOf(st, runs)
			if err != nil {
				return nil, err
			}
			f := st.spillFile()
			for {
				b, err := m.next(st, spillBatch)
				if err != nil {
					return nil, err
				}
				if b == nil {
					break
				}
				if err := f.write(b); err != nil {
					return nil, err
				}
			}
			longer = append(longer, f)
		}
		s.runs = longer
	}
	return s.mergerOf(st, s.runs)
}

func (s *sorter) mergerOf(st *run, runs []*spillFile) (*merger, error) {
	m := &merger{keys: s.keys(), types: s.types}
	m.order = newRowOrder(m.keys)
	for i, f := range runs {
		c := &runCursor{num: i, file: f}
		if err := c.load(st, m.keys); err != nil {
			return nil, err
		}
		if c.b != nil {
			m.runs = append(m.runs, c)
		}
	}
	heap.Init(m)
	return m, nil
}

// next gives up to n rows of all runs in order; nil: there are none.
func (m *merger) next(st *run, n int) (*types.Batch, error) {
	if err := st.ctx.Err(); err != nil {
		return nil, err
	}
	var out []pickRow
	for len(m.runs) > 0 && len(out) < n {
		c := m.runs[0]
		out = append(out, pickRow{c.b, int32(c.row)})
		if c.row++; c.row == c.b.N {
			if err := c.load(st, m.keys); err != nil {
				return nil, err
			}
		}
		if c.b == nil {
			heap.Pop(m)
		} else {
			heap.Fix(m, 0)
		}
	}
	if len(out) == 0 {
		return nil, nil
	}
	return picked(out, m.types)
}

// pickRow is a row of a batch.
type pickRow struct {
	b   *types.Batch
	row int32
}

// picked gathers rows of several batches.
func picked(ps []pickRow, ts []types.Type) (*types.Batch, error) {
	at := map[*types.Batch]int32{}
	var all []*types.Batch
	n := int32(0)
	idx := make([]int32, len(ps))
	for i, p := range ps {
		first, ok := at[p.b]
		if !ok {
			first, at[p.b] = n, n
			all = append(all, p.b)
			n += int32(p.b.N)
		}
		idx[i] = first + p.row
	}
	b, err := concat(all, ts)
	if err != nil {
		return nil, err
	}
	return types.TakeBatch(b, idx), nil
}

// runCursor stands on a row of a run.
type runCursor struct {
	num  int
	file *spillFile
	b    *types.Batch // nil: at the end
	cols []arrow.Array
	own  []uint64 // the numbers of its first key; empty: it has none
	row  int
}

func (c *runCursor) load(st *run, keys []plan.SortKey) error {
	var err error
	if c.b, err = c.file.read(); err != nil || c.b == nil {
		return err
	}
	c.row = 0
	if c.cols, err = evalCols(st.ec, keyExprs(keys), c.b); err != nil || len(keys) == 0 {
		return err
	}
	c.own = scratch(c.own, c.b.N)
	if _, ok := prefixes(c.own, c.cols[0], &keys[0]); !ok {
		c.own = nil
	}
	return nil
}

// merger is a heap of runs by the rows that they stand on.
type merger struct {
	keys  []plan.SortKey
	types []types.Type
	order *rowOrder
	runs  []*runCursor
}

func (m *merger) Len() int { return len(m.runs) }

func (m *merger) Less(i, j int) bool {
	a, b := m.runs[i], m.runs[j]
	if a.own != nil && b.own != nil && a.own[a.row] != b.own[b.row] {
		return a.own[a.row] < b.own[b.row]
	}
	if d := m.order.compare(a.cols, a.row, b.cols, b.row); d != 0 {
		return d < 0
	}
	return a.num < b.num
}

func (m *merger) Swap(i, j int) { m.runs[i], m.runs[j] = m.runs[j], m.runs[i] }

func (m *merger) Push(x any) { m.runs = append(m.runs, x.(*runCursor)) }

func (m *merger) Pop() any {
	last := m.runs[len(m.runs)-1]
	m.runs = m.runs[:len(m.runs)-1]
	return last
}
