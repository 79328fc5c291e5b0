package exec

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/types"
)

// Op is an operator of a graph. It belongs to the goroutine of Run. Every operator embeds a node, which holds its name,
// its counters and where its output goes.
type Op interface {
	// Push takes a change of input port (0, or 0 and 1 of operators with two inputs).
	Push(st *run, port int, b *types.Batch) error
	// Finish is told that all inputs are complete for this step; st.wmEnd is set. What it emits reaches the operators behind
	// before their own Finish.
	Finish(st *run) error
	base() *node
}

// Stateful is an operator with state. The tags of its chunks are its own.
type Stateful interface {
	Op
	// SaveDelta gives what changed since the last SaveDelta or SaveAll.
	SaveDelta() ([]Chunk, error)
	// SaveAll gives the whole state, and makes the next delta start here.
	SaveAll() ([]Chunk, error)
	// Load takes one chunk, in the order in which they were saved.
	Load(c Chunk) error
	// Loaded is called after the last chunk.
	Loaded() error
	// Size is the number of rows and about the number of bytes of the state.
	Size() (rows, bytes int64)
}

// closer is an operator whose result changes by the watermark alone.
type closer interface {
	// nextClose is the earliest watermark that would change the result.
	nextClose() (ts int64, ok bool)
}

// satisfied is an operator that needs no more input.
type satisfied interface{ satisfied() bool }

// node is the part that all operators have in common.
type node struct {
	name  string
	outs  []edge
	stats counters
}

type edge struct {
	op   Op
	port int
}

type counters struct {
	in, out, nanos atomic.Int64
	reads, writes  atomic.Int64 // rows of state, in chunks
	dropped        map[string]*atomic.Int64
}

func (n *node) base() *node { return n }

// emit hands a change on to all that read this operator.
func (n *node) emit(st *run, b *types.Batch) error {
	if b == nil || b.N == 0 {
		return nil
	}
	n.stats.out.Add(int64(b.N))
	return n.pass(st, b)
}

// pass is emit of rows that count as the operator's output already.
func (n *node) pass(st *run, b *types.Batch) error {
	if b == nil {
		return nil
	}
	for _, e := range n.outs {
		next := e.op.base()
		next.stats.in.Add(int64(b.N))
		outer := st.within(0)
		t0 := time.Now()
		if err := e.op.Push(st, e.port, b); err != nil {
			return err
		}
		next.spent(st, t0, outer)
	}
	return nil
}

// within begins a call of an operator, whose own time is what it takes without the operators behind it, and gives the time that those of the call
// around took so far.
func (st *run) within(d time.Duration) (outer time.Duration) {
	outer, st.behind = st.behind, d
	return outer
}

// spent counts n's own time since t0 and ends what within began.
func (n *node) spent(st *run, t0 time.Time, outer time.Duration) {
	d := time.Since(t0)
	n.stats.nanos.Add(int64(d - st.behind))
	st.behind = outer + d
}

// drop counts rows that the operator dropped and hands them to Step.Dropped; rows may be nil, n is how many they are.
func (n *node) drop(st *run, reason string, count int, rows *types.Batch) {
	n.stats.dropped[reason].Add(int64(count))
	if st.Dropped != nil && rows != nil {
		st.Dropped(n.name, reason, rows)
	}
}

// run is one step under way.
type run struct {
	*Step
	ctx     context.Context
	ec      *expr.Ctx // of the goroutine of Run
	wmEnd   int64
	batch   bool // Mode Batch: one step, nothing is late
	workers int
	newCtx  func() *expr.Ctx // a context for another goroutine
	budget  *budget

	behind time.Duration // what the operators behind the one that is called took

	spillDir string // "": nothing may be spilled
	spills   *spills
}

// late says whether a closing time is over already at the start of the step.
func (st *run) late(ts int64) bool { return !st.batch && ts <= st.WMStart }

func newNode(name string) *node {
	n := &node{name: name}
	n.stats.dropped = map[string]*atomic.Int64{}
	for _, r := range []string{"late", "filtered", "expired"} {
		n.stats.dropped[r] = new(atomic.Int64)
	}
	return n
}

// sink is the end of a graph: it hands the result to Run's caller.
type sink struct {
	*node
	out func(*types.Batch) error
}

func (s *sink) Push(_ *run, _ int, b *types.Batch) error { return s.out(b) }
func (s *sink) Finish(*run) error                        { return nil }

// wants says whether anything behind the operator still needs rows.
func wants(o Op) bool {
	if s, ok := o.(satisfied); ok && s.satisfied() {
		return false
	}
	outs := o.base().outs
	for _, e := range outs {
		if wants(e.op) {
			return true
		}
	}
	return len(outs) == 0
}
