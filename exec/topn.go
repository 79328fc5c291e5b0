package exec

import (
	"slices"

	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/types"
)

// topN is ORDER BY ... LIMIT in a continuous query: it keeps all rows in order (over append-only input only those that can still be
// among the first) and gives the changes of the first ones. Rows with equal keys are ordered by all their columns.
type topN struct {
	*node
	plan     *plan.Limit
	keys     []plan.SortKey
	extra    []expr.Expr // keys that are not columns; they are stored behind the row
	cols     []int       // where each key lies in the set
	width    int         // columns of a row
	changing bool
	set      *rowSet
	sorted   []uint32         // all rows, in order
	top      map[uint32]int64 // what was handed on
	known    bool
	count    int64
	skip     int64
}

func (b *builder) topN(n *plan.Limit, s *plan.Sort) (Op, error) {
	below := n.In
	t := &topN{plan: n, top: map[uint32]int64{}}
	if s != nil {
		below, t.keys = s.In, s.Keys
	}
	in, err := b.build(below)
	if err != nil {
		return nil, err
	}
	ts := below.Schema().Types()
	t.node, t.width, t.changing = b.node("top_n", n), len(ts), b.changes.of(below)
	for _, k := range t.keys {
		if c, ok := k.X.(*expr.Column); ok {
			t.cols = append(t.cols, c.Idx)
			continue
		}
		t.cols = append(t.cols, len(ts))
		t.extra, ts = append(t.extra, k.X), append(ts, k.X.Type())
	}
	t.set = newRowSet(newKeyTable(ts).exact(), 1, !b.cfg.Ephemeral)
	return b.link(t, in), nil
}

// start evaluates the bounds and finds what was handed on before.
func (t *topN) start(st *run) error {
	if t.known {
		return nil
	}
	t.known = true
	var err error
	if t.count, t.skip, err = bounds(st, t.plan); err == nil {
		t.top, _ = t.first()
	}
	return err
}

func (t *topN) Push(st *run, _ int, b *types.Batch) error {
	if err := t.start(st); err != nil {
		return err
	}
	extra, err := evalCols(st.ec, t.extra, b)
	if err != nil {
		return err
	}
	t.set.add(0, append(slices.Clone(b.Cols), extra...), b)
	return nil
}

// compare orders rows by the keys, then by all columns.
func (t *topN) compare(a, b uint32) int {
	if d := t.compareKeys(a, b); d != 0 {
		return d
	}
	for _, c := range t.set.tab.cols[:t.width] {
		if d := c.order(a, b); d != 0 {
			return d
		}
	}
	return 0
}

func (t *topN) compareKeys(a, b uint32) int {
	for k, key := range t.keys {
		c := t.set.tab.cols[t.cols[k]]
		an, bn := c.nulls != nil && c.nulls[a], c.nulls != nil && c.nulls[b]
		if an != bn {
			if an == key.NullsFirst {
				return -1
			}
			return 1
		}
		d := c.order(a, b)
		if key.Desc {
			d = -d
		}
		if d != 0 {
			return d
		}
	}
	return 0
}

// Finish gives the difference between the first rows now and those handed on before.
func (t *topN) Finish(st *run) error {
	if err := t.start(st); err != nil {
		return err
	}
	if len(t.set.touched) == 0 {
		return nil
	}
	t.arrange()
	top, end := t.first()
	ids, w := t.difference(top)
	t.top = top
	if err := t.emit(st, t.rows(ids, w)); err != nil {
		return err
	}
	if !t.changing && end < len(t.sorted) {
		for _, e := range t.sorted[end:] {
			t.set.touch(e)
			t.set.w[0][e] = 0
		}
		t.sorted = t.sorted[:end]
	}
	t.set.sweep()
	return nil
}

// arrange brings the order up to date: rows without weight go, new ones are put in.
func (t *topN) arrange() {
	var come []uint32
	gone := false
	for i, e := range t.set.touched {
		was, is := t.set.before[0][i] != 0, t.set.w[0][e] != 0
		gone = gone || was && !is
		if is && !was {
			come = append(come, e)
		}
	}
	if gone {
		t.sorted = slices.DeleteFunc(t.sorted, func(e uint32) bool { return t.set.w[0][e] == 0 })
	}
	if len(come) == 0 {
		return
	}
	slices.SortFunc(come, t.compare)
	t.sorted = mergeSorted(t.sorted, come, t.compare)
}

// mergeSorted merges two sorted lists, into the first one's memory where it is large enough.
func mergeSorted(a, b []uint32, compare func(x, y uint32) int) []uint32 {
	at := make([]int, len(b)) // where each of b goes
	for i, e := range b {
		at[i], _ = slices.BinarySearchFunc(a, e, compare)
	}
	n := len(a)
	a = append(a, b...)
	for i := len(b) - 1; i >= 0; i-- {
		copy(a[at[i]+i+1:], a[at[i]:n])
		a[at[i]+i] = b[i]
		n = at[i]
	}
	return a
}

// first gives the rows that count with their numbers, and how many rows of the order they end at.
func (t *topN) first() (top map[uint32]int64, end int) {
	top = map[uint32]int64{}
	pos := int64(0)
	for i, e := range t.sorted {
		if t.count >= 0 && pos >= t.skip+t.count {
			tie := t.plan.WithTies && t.count > 0 && i > 0 && t.compareKeys(t.sorted[i-1], e) == 0
			if !tie {
				return top, i
			}
			top[e] = max(0, t.set.w[0][e])
			continue
		}
		w := max(0, t.set.w[0][e])
		from, to := max(pos, t.skip), pos+w
		if t.count >= 0 {
			to = min(to, t.skip+t.count)
			if t.plan.WithTies {
				to = pos + w
			}
		}
		if to > from {
			top[e] = to - from
		}
		pos += w
	}
	return top, len(t.sorted)
}

// difference lists what changed against what was handed on, in the order of the row numbers.
func (t *topN) difference(top map[uint32]int64) (ids []uint32, w []int64) {
	for e := range t.top {
		if t.top[e] != top[e] {
			ids = append(ids, e)
		}
	}
	for e := range top {
		if _, was := t.top[e]; !was && top[e] != 0 {
			ids = append(ids, e)
		}
	}
	slices.SortFunc(ids, func(a, b uint32) int {
		if d := btoi(top[a] > t.top[a]) - btoi(top[b] > t.top[b]); d != 0 {
			return d
		}
		return t.compare(a, b)
	})
	for _, e := range ids {
		w = append(w, top[e]-t.top[e])
	}
	return ids, w
}

func (t *topN) rows(ids []uint32, w []int64) *types.Batch {
	b := t.set.result(ids, w)
	b.Cols = b.Cols[:t.width:t.width]
	return b
}

// SaveDelta gives the rows that changed.
func (t *topN) SaveDelta() ([]Chunk, error) { return t.set.saveDelta(t.name), nil }

// SaveAll gives all rows.
func (t *topN) SaveAll() ([]Chunk, error) { return t.set.saveAll(t.name), nil }

// Load takes a chunk.
func (t *topN) Load(c Chunk) error {
	t.set.load(c.Batch)
	return nil
}

// Loaded brings the rows into order. What was handed on follows from it at the first Finish.
func (t *topN) Loaded() error {
	t.sorted = t.set.tab.all()
	slices.SortFunc(t.sorted, t.compare)
	return nil
}

// Size is the number of rows kept and about their bytes.
func (t *topN) Size() (rows, bytes int64) { return t.set.size() }
