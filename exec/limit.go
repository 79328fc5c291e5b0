package exec

import (
	"math"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/types"
)

// limitOp hands on the rows from skip to skip+count in the order in which they come, over input without weights. When it has them all nothing
// more is read. In a continuous query over append-only input its state is the number of rows seen.
type limitOp struct {
	*node
	plan  *plan.Limit
	keys  []plan.SortKey // of the Sort below, for WITH TIES
	known bool
	count int64 // -1: no bound
	skip  int64
	seen  int64
	done  bool
	last  []arrow.Array // keys of the last row that counts
	order *rowOrder
	saved int64
}

func (b *builder) limit(n *plan.Limit) (Op, error) {
	l := &limitOp{node: b.node("limit", n), plan: n, count: -1}
	s, sorted := n.In.(*plan.Sort)
	if b.cfg.Mode != plan.Batch && (sorted || b.changes.of(n.In)) {
		return b.topN(n, s)
	}
	var in Op
	var err error
	if sorted {
		l.keys = s.Keys
	}
	if locks, ok := n.In.(*plan.LockRows); ok {
		l.keys = locks.Ties
	}
	if sorted && b.uses[s] == 1 {
		in, err = b.sort(s, l)
	} else {
		in, err = b.build(n.In)
	}
	if err != nil {
		return nil, err
	}
	return b.link(l, in), nil
}

// start evaluates the bounds.
func (l *limitOp) start(st *run) error {
	if l.known {
		return nil
	}
	l.known = true
	var err error
	l.count, l.skip, err = bounds(st, l.plan)
	l.done = l.count == 0
	return err
}

// bounds evaluates LIMIT (-1: none) and OFFSET.
func bounds(st *run, p *plan.Limit) (count, skip int64, err error) {
	count, err = bound(st, p.Count, -1, sqlerr.InvalidRowCountInLimit, "LIMIT must not be negative")
	if err != nil {
		return 0, 0, err
	}
	skip, err = bound(st, p.Skip, 0, sqlerr.InvalidRowCountInOffset, "OFFSET must not be negative")
	return count, min(skip, math.MaxInt64/4), err
}

func bound(st *run, x expr.Expr, none int64, code, msg string) (int64, error) {
	if x == nil {
		return none, nil
	}
	v, err := x.Eval(st.ec, &types.Batch{N: 1})
	if err != nil || v.Arr.IsNull(0) {
		return none, err
	}
	n := types.Int64s(v.Arr)[0]
	if n < 0 {
		return 0, sqlerr.New(code, "%s", msg)
	}
	return min(n, math.MaxInt64/4), nil
}

func (l *limitOp) satisfied() bool { return l.done }

func (l *limitOp) Push(st *run, _ int, b *types.Batch) error {
	if err := l.start(st); err != nil || l.done {
		return err
	}
	b, err := appendOnly(b)
	if err != nil {
		return err
	}
	from := max(0, l.skip-l.seen)
	to := int64(b.N)
	if l.count >= 0 {
		to = min(to, l.skip+l.count-l.seen)
	}
	l.seen += int64(b.N)

	if to > from && from < int64(b.N) {
		part := b.Slice(int(from), int(to))
		if err := l.emit(st, part); err != nil {
			return err
		}
	}
	if l.count < 0 || l.seen < l.skip+l.count {
		return nil
	}
	if !l.plan.WithTies {
		l.done = true
		return nil
	}
	return l.ties(st, b, int(max(0, to)))
}

// ties hands on rows from the given one on while their keys equal those of the last row that counts.
func (l *limitOp) ties(st *run, b *types.Batch, from int) error {
	cols, err := evalCols(st.ec, keyExprs(l.keys), b)
	if err != nil {
		return err
	}
	if l.last == nil {
		l.order = newRowOrder(l.keys)
		l.last = takeCols(cols, []int32{int32(from - 1)})
	}
	end := from
	for end < b.N && l.order.compare(cols, end, l.last, 0) == 0 {
		end++
	}
	l.done = end < b.N
	return l.emit(st, b.Slice(from, end))
}

func (l *limitOp) Finish(st *run) error { return l.start(st) }

// SaveDelta gives the number of rows seen, when it changed.
func (l *limitOp) SaveDelta() ([]Chunk, error) {
	if l.seen == l.saved {
		return nil, nil
	}
	return l.SaveAll()
}

// SaveAll gives the number of rows seen.
func (l *limitOp) SaveAll() ([]Chunk, error) {
	l.saved = l.seen
	return []Chunk{{l.name, "seen", &types.Batch{N: 1, Cols: []arrow.Array{types.Int64Array([]int64{l.seen}, nil, 0)}}}}, nil
}

// Load takes the number of rows seen.
func (l *limitOp) Load(c Chunk) error {
	l.seen = types.Int64s(c.Batch.Cols[0])[0]
	l.saved = l.seen
	return nil
}

// Loaded has nothing to do.
func (l *limitOp) Loaded() error { return nil }

// Size is nothing worth counting.
func (l *limitOp) Size() (rows, bytes int64) { return 0, 0 }
