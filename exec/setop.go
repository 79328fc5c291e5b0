package exec

import (
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/types"
)

// unionAll hands on what comes on either port.
type unionAll struct{ *node }

func (u *unionAll) Push(st *run, _ int, b *types.Batch) error { return u.emit(st, b) }
func (u *unionAll) Finish(*run) error                         { return nil }

// setOp is INTERSECT and EXCEPT [ALL]: it counts each row on both sides, and gives the change of what follows from the counts.
type setOp struct {
	*node
	rowPager
	weight func(l, r int64) int64 // of the result, from the weights of both sides
	types  []types.Type
	depth  int          // how often the rows were spilled before
	parts  [2]*spillSet // by side: rows that are not in memory; nil: all are
}

func (b *builder) setOp(n *plan.SetOp) (Op, error) {
	l, err := b.build(n.L)
	if err != nil {
		return nil, err
	}
	r, err := b.build(n.R)
	if err != nil {
		return nil, err
	}
	ts := n.Schema().Types()
	switch {
	case n.Op == "union" && n.All:
		return b.link(&unionAll{b.node("union_all", n)}, l, r), nil
	case n.Op == "union":
		changing := b.changes.of(n.L) || b.changes.of(n.R)
		d := newDistinct(b.node("union", n), ts, changing, b.cfg)
		d.set.names = n.Schema()
		return b.link(d, l, r), nil
	}
	saving := b.cfg.Mode != plan.Batch && !b.cfg.Ephemeral
	s := &setOp{node: b.node(n.Op, n), rowPager: rowPager{newRowSet(newKeyTable(ts), 2, saving)}, weight: setWeight(n.Op, n.All), types: ts}
	s.set.names = n.Schema()
	return b.link(s, l, r), nil
}

// setWeight is the law of an operation.
func setWeight(op string, all bool) func(l, r int64) int64 {
	switch {
	case op == "intersect" && all:
		return func(l, r int64) int64 { return max(0, min(l, r)) }
	case op == "intersect":
		return func(l, r int64) int64 { return int64(btoi(l > 0 && r > 0)) }
	case all:
		return func(l, r int64) int64 { return max(0, max(0, l)-max(0, r)) }
	}
	return func(l, r int64) int64 { return int64(btoi(l > 0 && r <= 0)) }
}

// Push counts rows. Where rows may have to be read those of several calls are taken together.
func (s *setOp) Push(st *run, port int, b *types.Batch) error {
	held, ready := s.set.page.hold(port, b)
	switch {
	case !held:
		return s.push(st, port, b)
	case ready:
		return s.drain(st)
	}
	return nil
}

func (s *setOp) drain(st *run) error {
	return s.set.page.drain(func(port int, b *types.Batch) error { return s.push(st, port, b) })
}

func (s *setOp) push(st *run, port int, b *types.Batch) error {
	if s.parts[0] != nil {
		var err error
		if b, err = s.spillNew(st, port, b); err != nil || b.N == 0 {
			return err
		}
	}
	s.set.add(port, b.Cols, b)
	return s.check(st)
}

// Finish gives the change of the result.
func (s *setOp) Finish(st *run) error {
	if err := s.drain(st); err != nil {
		return err
	}
	var ids []uint32
	var w []int64
	for i, e := range s.set.touched {
		d := s.weight(s.set.w[0][e], s.set.w[1][e]) - s.weight(s.set.before[0][i], s.set.before[1][i])
		if d != 0 {
			ids, w = append(ids, e), append(w, d)
		}
	}
	out := s.set.result(ids, w)
	if st.batch {
		out = expandWeights(out)
	}
	if err := s.emitSlices(st, out); err != nil {
		return err
	}
	s.set.sweep()
	return s.finishSpilled(st)
}

// SaveDelta gives the rows that changed.
func (s *setOp) SaveDelta() ([]Chunk, error) {
	if s.set.page != nil {
		return nil, s.set.savePages(s.name)
	}
	return s.set.saveDelta(s.name), nil
}

// SaveAll gives all rows.
func (s *setOp) SaveAll() ([]Chunk, error) {
	if s.set.page != nil {
		return nil, s.set.savePages(s.name)
	}
	return s.set.saveAll(s.name), nil
}

// Load takes a chunk.
func (s *setOp) Load(c Chunk) error {
	s.set.load(c.Batch)
	return nil
}

// Loaded notes what is new to the Cold.
func (s *setOp) Loaded() error {
	s.set.unsaved()
	return nil
}

func (s *setOp) stateCols() plan.Schema                        { return s.set.stateCols() }
func (s *setOp) stateRows(emit func(*types.Batch) error) error { return s.set.stateRows(emit) }

// Size is the number of different rows and about their bytes.
func (s *setOp) Size() (rows, bytes int64) { return s.set.size() }
