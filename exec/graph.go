package exec

import (
	"context"
	"runtime"
	"time"

	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/types"
)

// Graph is a query's operators with their state. It belongs to one goroutine.
type Graph struct {
	cfg      Config
	scans    []*scanOp
	starters []starter
	recs     []*recursive
	ops      []Op // topological order: inputs first; the sink is the last
	sink     *sink
	subs     []*subplan
	phases   []phase // batch
	pagers   []pager // what Page made keep its state elsewhere
	clock    bool    // it has windows over the processing time
	made     map[plan.Node][]*node
}

// phase is a part of a batch query that is done before the rest: the scans and operators up to these numbers. then is called when it is.
type phase struct {
	scans, ops int
	then       func(*run) error
}

// Scans are the inputs, in the order in which Run wants them: those of the query, then those of its sub-selects.
func (g *Graph) Scans() []*plan.Scan {
	out := make([]*plan.Scan, 0, len(g.scans))
	for _, s := range g.scans {
		out = append(out, s.plan)
	}
	for _, s := range g.subs {
		out = append(out, s.graph.Scans()...)
	}
	for _, r := range g.recs {
		out = append(out, r.scans()...)
	}
	return out
}

// WatermarkColumn is the column of the scan's output that carries event time, -1: none.
func (g *Graph) WatermarkColumn(scan int) int {
	if scan >= len(g.scans) {
		return -1
	}
	return g.scans[scan].wmCol
}

func (g *Graph) newCtx(st *Step) *expr.Ctx {
	c := &expr.Ctx{}
	if g.cfg.NewCtx != nil {
		c = g.cfg.NewCtx()
	}
	if c.Now == 0 || g.cfg.Mode != plan.Batch {
		c.Now = st.Now
	}
	if len(g.subs) > 0 {
		c.Subquery = g.subquery
	}
	return c
}

// Run does one step: it reads the inputs, lets the changes flow through the operators, and hands what changed in the result to out, in pieces. wmEnd is the
// watermark at the end of the step. After an error the graph must be thrown away.
func (g *Graph) Run(ctx context.Context, st *Step, in []Input, out func(*types.Batch) error) (wmEnd int64, err error) {
	if len(in) != len(g.Scans()) {
		return 0, sqlerr.New(sqlerr.InternalError, "%d inputs for %d scans", len(in), len(g.Scans()))
	}
	if err := g.runSubs(ctx, st, in[len(g.scans):]); err != nil {
		return 0, err
	}
	r := &run{Step: st, ctx: ctx, ec: g.newCtx(st), wmEnd: st.WMStart, batch: g.cfg.Mode == plan.Batch, workers: g.cfg.Parallelism,
		newCtx: func() *expr.Ctx { return g.newCtx(st) }}
	if g.clock { // windows of processing time close by the clock; nothing is late
		s := *st
		s.WMStart = NoWatermark
		r.Step = &s
	}
	r.budget = &budget{limit: g.cfg.WorkMem}
	if r.batch && g.cfg.WorkMem > 0 {
		r.spillDir, r.spills = g.cfg.SpillDir, &spills{dir: g.cfg.SpillDir}
		defer r.spills.close()
	}
	if r.workers <= 0 {
		r.workers = runtime.GOMAXPROCS(0)
	}
	g.sink.out = out
	for _, v := range g.starters {
		if err := v.start(r); err != nil {
			return 0, err
		}
	}
	for i, s := range g.scans {
		s.sorted = in[i].Sorted
		if s.versions != nil {
			since, some := st.Since[i]
			s.versions.begin(r, since, some)
		}
	}
	var seen []Seen
	scans, ops := 0, 0
	for _, p := range g.phases {
		s, err := g.readAll(r, in, scans, p.scans)
		if err != nil {
			return 0, err
		}
		if err := finish(r, g.ops[ops:p.ops]); err != nil {
			return 0, err
		}
		if err := p.then(r); err != nil {
			return 0, err
		}
		seen, scans, ops = append(seen, s...), p.scans, p.ops
	}
	s, err := g.readAll(r, in, scans, len(g.scans))
	if err != nil {
		return 0, err
	}
	if wmEnd = st.WMStart; st.Advance != nil {
		wmEnd = max(st.WMStart, st.Advance(append(seen, s...)))
	}
	if r.wmEnd = wmEnd; g.clock {
		r.wmEnd = st.Now
	}
	return wmEnd, finish(r, g.ops[ops:])
}

// finish tells operators that their inputs are complete.
func finish(r *run, ops []Op) error {
	for _, o := range ops {
		if err := r.ctx.Err(); err != nil {
			return err
		}
		outer := r.within(0)
		t0 := time.Now()
		if err := o.Finish(r); err != nil {
			return err
		}
		o.base().spent(r, t0, outer)
	}
	return nil
}

// SaveDelta gives what changed in the operators' state since the last SaveDelta or SaveAll.
func (g *Graph) SaveDelta() ([]Chunk, error) { return g.save(Stateful.SaveDelta) }

// SaveAll gives the whole state, in chunks of some MB.
func (g *Graph) SaveAll() ([]Chunk, error) { return g.save(Stateful.SaveAll) }

func (g *Graph) save(f func(Stateful) ([]Chunk, error)) ([]Chunk, error) {
	var out []Chunk
	for _, o := range g.ops {
		s, ok := o.(Stateful)
		if !ok {
			continue
		}
		cs, err := f(s)
		if err != nil {
			return nil, err
		}
		for _, c := range cs {
			s.base().stats.writes.Add(int64(c.Batch.N))
		}
		out = append(out, cs...)
	}
	return out, nil
}

// Load fills a fresh graph with state: the chunks of a SaveAll, then those of the deltas after it, in order.
func (g *Graph) Load(chunks []Chunk) error {
	byName := map[string]Stateful{}
	for _, o := range g.ops {
		if s, ok := o.(Stateful); ok {
			byName[o.base().name] = s
		}
	}
	for _, c := range chunks {
		s := byName[c.Op]
		if s == nil {
			return sqlerr.New(sqlerr.DataCorrupted, "the stored state belongs to another query: there is no operator %s", c.Op)
		}
		s.base().stats.reads.Add(int64(c.Batch.N))
		if err := s.Load(c); err != nil {
			return err
		}
	}
	for _, o := range g.ops {
		if s, ok := o.(Stateful); ok {
			if err := s.Loaded(); err != nil {
				return err
			}
		}
	}
	return nil
}

// Stats gives the operators' counters, scans and the stages next to them included.
func (g *Graph) Stats() []OpStats {
	var out []OpStats
	for _, o := range g.ops {
		if o == Op(g.sink) {
			continue
		}
		s := o.base().snapshot()
		if st, ok := o.(Stateful); ok {
			s.StateRows, s.StateBytes = st.Size()
			s.MemoryRows, s.MemoryBytes = s.StateRows, s.StateBytes
		}
		if p := pagerOf(o); p != nil {
			p.paging(&s)
		}
		out = append(out, s)
		if sc, ok := o.(*scanOp); ok {
			for _, stg := range sc.stages {
				out = append(out, stg.base().snapshot())
			}
		}
	}
	for _, s := range g.subs {
		out = append(out, s.graph.Stats()...)
	}
	return out
}

func (n *node) snapshot() OpStats {
	s := OpStats{Op: n.name, RowsIn: n.stats.in.Load(), RowsOut: n.stats.out.Load(), Nanos: n.stats.nanos.Load(),
		Reads: n.stats.reads.Load(), Writes: n.stats.writes.Load()}
	s.Dropped = map[string]int64{}
	for reason, c := range n.stats.dropped {
		if x := c.Load(); x > 0 {
			s.Dropped[reason] = x
		}
	}
	return s
}

// NextClose is the earliest time at which the watermark would change the result; ok is false where there is none.
func (g *Graph) NextClose() (ts int64, ok bool) {
	for _, o := range g.ops {
		c, is := o.(closer)
		if !is {
			continue
		}
		if t, has := c.nextClose(); has && (!ok || t < ts) {
			ts, ok = t, true
		}
	}
	return ts, ok
}

var _ Runner = (*Graph)(nil)
