package exec

import (
	"time"

	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/types"
)

// A stage is a stateless operator: a function from a batch to a batch. Stages next to a scan run on many goroutines at once, each
// with its own stageCtx; elsewhere they run as mapOp.
type stage interface {
	// apply gives the stage's output for b, nil for none.
	apply(sc *stageCtx, b *types.Batch) (*types.Batch, error)
	base() *node
}

// stageCtx is what a goroutine gives to stages.
type stageCtx struct {
	ec    *expr.Ctx
	batch bool
	keep  bool          // keep dropped rows
	drops []droppedRows // filled by stages, delivered by the graph in order
}

type droppedRows struct {
	op     *node
	reason string
	rows   *types.Batch
}

// drop counts rows as dropped and keeps them where that was asked for; rows gives them.
func (sc *stageCtx) drop(n *node, reason string, count int, rows func() *types.Batch) {
	n.stats.dropped[reason].Add(int64(count))
	if sc.keep {
		sc.drops = append(sc.drops, droppedRows{n, reason, rows()})
	}
}

// pipe applies stages one after the other; nil: nothing is left of b.
func pipe(stages []stage, sc *stageCtx, b *types.Batch) (*types.Batch, error) {
	for _, s := range stages {
		n := s.base()
		t0 := time.Now()
		n.stats.in.Add(int64(b.N))
		out, err := s.apply(sc, b)
		n.stats.nanos.Add(int64(time.Since(t0)))
		if err != nil || out == nil || out.N == 0 {
			return nil, err
		}
		n.stats.out.Add(int64(out.N))
		b = out
	}
	return b, nil
}

// mapOp runs a stage that is not next to a scan.
type mapOp struct {
	stage
	sc   stageCtx
	free bool // its rows may be taken in any order: nothing that it calls has effects
}

// Push runs the stage.
func (m *mapOp) Push(st *run, _ int, b *types.Batch) error {
	m.sc.ec, m.sc.batch, m.sc.keep = st.ec, st.batch, st.Dropped != nil
	out, err := m.apply(&m.sc, b)
	if err != nil {
		return err
	}
	deliver(st, &m.sc)
	return m.base().emit(st, out)
}

// Finish has nothing to do.
func (m *mapOp) Finish(*run) error { return nil }

// deliver hands the kept dropped rows to the step's callback.
func deliver(st *run, sc *stageCtx) {
	for _, d := range sc.drops {
		if st.Dropped != nil {
			st.Dropped(d.op.name, d.reason, d.rows)
		}
	}
	sc.drops = sc.drops[:0]
}

// spreads says whether rows may be taken side by side.
func (m *mapOp) spreads(*run) bool { return m.free }

func (m *mapOp) worker(st *run, n *node) Op {
	return &stageWorker{node: n, of: m.stage, sc: stageCtx{batch: st.batch, keep: st.Dropped != nil}}
}

// stageWorker runs a stage on a goroutine.
type stageWorker struct {
	*node
	of stage
	sc stageCtx
}

// Push runs the stage.
func (w *stageWorker) Push(st *run, _ int, b *types.Batch) error {
	w.sc.ec = st.ec
	out, err := w.of.apply(&w.sc, b)
	if err != nil {
		return err
	}
	return w.emit(st, out)
}

// Finish has nothing to do.
func (w *stageWorker) Finish(*run) error { return nil }
