package exec

import (
	"fmt"
	"hash/fnv"
	"slices"

	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/sql/plan"
)

// Build makes the operators of a plan. What it cannot run is error 0A000 at the clause.
func Build(root plan.Node, cfg Config) (*Graph, error) {
	subs, err := collectSubs(root, cfg)
	if err != nil {
		return nil, err
	}
	b := &builder{cfg: cfg, graph: &Graph{cfg: cfg, subs: subs, made: map[plan.Node][]*node{}}, uses: map[plan.Node]int{}, ops: map[plan.Node]Op{}, names: map[string]int{}}
	b.changes.mode, b.changes.known = cfg.Mode, map[plan.Node]bool{}
	b.count(root)
	top, err := b.build(root)
	if err != nil {
		return nil, err
	}
	b.graph.sink = &sink{node: newNode("result")}
	b.link(b.graph.sink, top)
	return b.graph, nil
}

type builder struct {
	cfg     Config
	graph   *Graph
	uses    map[plan.Node]int
	ops     map[plan.Node]Op
	names   map[string]int
	changes changes
}

// count counts how many operators read each node.
func (b *builder) count(n plan.Node) {
	if b.uses[n]++; b.uses[n] > 1 {
		return
	}
	for _, in := range n.Inputs() {
		b.count(in)
	}
}

// node names an operator by its kind and its own definition, so that the name stays when the plan around it changes.
func (b *builder) node(kind string, n plan.Node) *node {
	h := fnv.New32a()
	h.Write([]byte(n.Explain()))
	name := fmt.Sprintf("%s-%08x", kind, h.Sum32())
	b.names[name]++
	if k := b.names[name]; k > 1 {
		name = fmt.Sprintf("%s-%d", name, k)
	}
	out := newNode(name)
	b.graph.made[n] = append(b.graph.made[n], out)
	return out
}

// link adds an operator that reads these inputs, in the order of its ports.
func (b *builder) link(o Op, ins ...Op) Op {
	for port, in := range ins {
		in.base().outs = append(in.base().outs, edge{o, port})
	}
	b.graph.ops = append(b.graph.ops, o)
	return o
}

func (b *builder) build(n plan.Node) (Op, error) {
	if o, ok := b.ops[n]; ok {
		return o, nil
	}
	o, err := b.make(n)
	if err != nil {
		return nil, sqlerr.AtDefault(err, n.Offset())
	}
	b.ops[n] = o
	return o, nil
}

func (b *builder) make(n plan.Node) (Op, error) {
	switch n.(type) {
	case *plan.Join, *plan.Over, *plan.Distinct, *plan.TableFunc, *plan.Limit:
		if err := b.refuseVarying(n); err != nil {
			return nil, err
		}
	}
	switch n := n.(type) {
	case *plan.Scan:
		return b.scan(n)
	case *plan.Values:
		v := &valuesOp{node: b.node("values", n), plan: n}
		b.graph.starters = append(b.graph.starters, v)
		return b.link(v), nil
	case *plan.Recursive:
		return b.recursive(n)
	case *plan.WorkTable:
		return b.workTable(n), nil
	case *plan.Filter:
		if o, err := b.clockFilter(n); o != nil || err != nil {
			return o, err
		}
		if b.holds(n.In, n.Cond) {
			return b.held(b.node("held_filter", n), n.In, true, []expr.Expr{n.Cond})
		}
		return b.stage(n, n.In, &filter{b.node("filter", n), n.Cond})
	case *plan.Project:
		if b.holds(n.In, n.Items...) {
			return b.held(b.node("held", n), n.In, false, n.Items)
		}
		return b.stage(n, n.In, &project{b.node("project", n), n.Items})
	case *plan.TableFunc:
		return b.stage(n, n.In, &tableFunc{b.node("table_func", n), n})
	case *plan.TimeWindow:
		b.graph.clock = b.graph.clock || n.TimeIsProc && b.cfg.Mode != plan.Batch
		if n.Func == "session" {
			return b.session(n)
		}
		return b.stage(n, n.In, &timeWindow{b.node("time_window", n), n})
	case *plan.Aggregate:
		return b.aggregate(b.belowAggregate(n))
	case *plan.Sort:
		return b.sort(n, nil)
	case *plan.Limit:
		return b.limit(n)
	case *plan.LockRows:
		in, err := b.build(n.In)
		if err != nil {
			return nil, err
		}
		return b.link(&lockRows{node: b.node("lock_rows", n), plan: n}, in), nil
	case *plan.Distinct:
		return b.distinct(n)
	case *plan.SetOp:
		return b.setOp(n)
	case *plan.Join:
		return b.join(n)
	case *plan.Match:
		return b.match(n)
	case *plan.Over:
		return b.over(n)
	}
	return nil, unsupported(n, fmt.Sprintf("operator %T", n))
}

func unsupported(n plan.Node, what string) error {
	return sqlerr.New(sqlerr.FeatureNotSupported, "%s are not supported here", what).At(n.Offset())
}

func (b *builder) scan(n *plan.Scan) (Op, error) {
	s := &scanOp{node: b.node("scan", n), plan: n, wmCol: watermarkColumn(n), types: n.Schema().Types()}
	if n.Filter != nil {
		s.filtered = true
		s.stages = append(s.stages, &filter{b.node("scan_filter", n), n.Filter})
		if b.cfg.Mode == plan.Batch {
			s.skips = columnTests(n.Filter)
		}
	}
	b.graph.scans = append(b.graph.scans, s)
	return b.link(s), nil
}

// stage adds a stateless operator: to the scan below it where nothing else reads that, so that it runs on the splits in parallel.
func (b *builder) stage(n, in plan.Node, s stage) (Op, error) {
	below, err := b.build(in)
	if err != nil {
		return nil, err
	}
	if sc, ok := below.(*scanOp); ok && b.uses[in] == 1 {
		sc.stages = append(sc.stages, s)
		sc.types = n.Schema().Types()
		return sc, nil
	}
	if _, ok := n.(*plan.Project); ok {
		b.readsOf(n, in, below)
	}
	return b.link(&mapOp{stage: s, free: !volatile(n)}, below), nil
}

// readsOf tells a join of a batch query which of its columns n, which computes others from them, reads.
func (b *builder) readsOf(n, in plan.Node, below Op) {
	j, ok := below.(*join)
	if !ok || b.cfg.Mode != plan.Batch || b.uses[in] != 1 {
		return
	}
	j.read = make([]bool, len(in.Schema()))
	for _, x := range n.Exprs() {
		if x == nil {
			continue
		}
		for _, c := range expr.Columns(x) {
			j.read[c] = true
		}
	}
}

// volatile says whether something in the node's expressions gives another result each time, or has effects.
func volatile(n plan.Node) bool {
	return slices.ContainsFunc(n.Exprs(), func(x expr.Expr) bool { return x != nil && expr.MaxVolatility(x) == expr.Volatile })
}

// aggregate makes a grouping; over a hopping window by panes where that can be done.
func (b *builder) aggregate(n *plan.Aggregate) (Op, error) {
	if h := planHop(overWindow(n, b.uses), b.changes.of(n.In)); h != nil && b.uses[h.win] == 1 {
		in, err := b.stage(h.win, h.win.In, &timeWindow{b.node("time_window", h.win), h.panes()})
		if err != nil {
			return nil, err
		}
		node := b.node("aggregate", n)
		if n.OnClose && b.cfg.Mode != plan.Batch {
			return b.link(newHopClose(node, h, b.cfg), in), nil
		}
		return b.link(&hopMerge{aggregate: newAggregate(node, h.agg, b.cfg, false), hop: h, cfg: b.cfg}, in), nil
	}
	if s := planSession(n, &b.changes); s != nil && b.uses[n.In] == 1 {
		return b.sessionAggregate(s)
	}
	in, err := b.build(n.In)
	if err != nil {
		return nil, err
	}
	b.readsOf(n, n.In, in)
	a := newAggregate(b.node("aggregate", n), n, b.cfg, b.changes.of(n.In))
	a.spill, a.mayPart, a.mayShard = a.batch, a.batch, len(n.Group) > 0 && n.Sets == nil
	return b.link(a, in), nil
}
